"""How a suite fared against mutants of the rules: as text, and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from simsync.engine.model import Model
from simsync.engine.trace import Trace, simulate
from simsync.mutation.mutants import OPERATORS, Mutant, Operator
from simsync.questions.mutate.judging import Judgement, MutantStatus
from simsync.report.difference import told
from simsync.report.phrases import as_delivered, counted
from simsync.report.scenario_text import way_text
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.writing import document
from simsync.statespace.consequences import acts_alone
from simsync.statespace.narrowing import left_out
from simsync.version import __version__

Tally = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What is told of a suite; tallies are how many mutants were killed, and of how many."""

    model: Model
    scenarios: Sequence[Scenario]
    judgements: Sequence[Judgement]
    total: Tally
    operators: Mapping[Operator, Tally]
    statements: Mapping[str, Tally]

    @property
    def survivors(self) -> list[Judgement]:
        """The mutants that survived."""
        return [one for one in self.judgements if one.fate is MutantStatus.SURVIVED]


def share(tally: Tally) -> float | None:
    """The share of killed mutants in percent, never rounded up to the whole; None where there are none."""
    killed, total = tally
    return int(1000 * killed / total) / 10 if total else None


def _percent(tally: Tally) -> str:
    found = share(tally)
    return "-" if found is None else f"{found:.1f}%"


def as_text(score: Score, shown: int) -> Iterator[str]:
    """The score, by operator and by statement, then the survivors, as many as are ``shown``."""
    fates = [one.fate for one in score.judgements]
    equal = fates.count(MutantStatus.EQUIVALENT)
    yield (
        f"{counted(len(fates), 'mutant')} of the rules against {counted(len(score.scenarios), 'scenario')}: "
        f"{fates.count(MutantStatus.KILLED):,} killed, {fates.count(MutantStatus.SURVIVED):,} survived"
    )
    item = score.model.words.item.a
    yield f"{equal:,} more do not count: nobody could tell them from the rules, whatever happens to {item}"
    if said := left_out(score.model):
        yield f"    as far as was looked at: {said}"
    if alone := acts_alone(score.model):
        acting = score.model.words.partner.many
        yield f"    as far as {acting} act; what the product does by itself was not followed for that: {alone}"
    if told := as_delivered(score.model.policy):
        yield f"    {told}"
    yield f"score {_percent(score.total)}"
    yield ""
    for operator, tally in score.operators.items():
        if tally[1]:
            yield _line(operator, tally, score.model.words.say(OPERATORS[operator]))
    if score.statements:
        yield ""
    texts = score.model.policy.citations.statements
    yield from (_line(name, tally, texts[name]) for name, tally in score.statements.items())
    survivors = _by_turns(score.survivors)
    if survivors and shown != 0:
        yield ""
        rules = len({one.mutant.rule for one in survivors})
        yield f"survivors in {counted(rules, 'rule')}: what no scenario defends, each with the shortest that would"
        for one in survivors[:shown]:
            yield from _survivor(score.model, one)
        if len(survivors) > shown:
            yield f"  ... and {len(survivors) - shown:,} more: --survivors all lists them, --write DIR writes scenarios"


def title_of(mutant: Mutant) -> str:
    """What a scenario is called that is there for a mutant, be it the first of several."""
    return f"Fails if {mutant.what}"


def _by_turns(survivors: Iterable[Judgement]) -> list[Judgement]:
    """One of every rule, then a second one of every rule, and so on.

    First come changes of what a rule does, since these are easiest to understand, and those with shorter scenarios.
    """
    by_rule: dict[str, list[Judgement]] = {}
    for one in survivors:
        by_rule.setdefault(one.mutant.rule, []).append(one)
    turns = zip_longest(*(sorted(each, key=_hardness) for each in by_rule.values()))
    return [one for turn in turns for one in turn if one is not None]


def _hardness(one: Judgement) -> tuple[bool, int]:
    what_it_does = one.mutant.operator in (Operator.REMOVED, Operator.OUTCOME, Operator.TRANSITION)
    return not what_it_does, len(one.way.events) if one.way else 0


def _line(name: str, tally: Tally, about: str) -> str:
    killed, total = tally
    return f"  {name:<16}{_percent(tally):>7}{killed:>7,} of {total:>5,}  {about}"


def _survivor(model: Model, one: Judgement) -> Iterator[str]:
    assert one.way is not None
    cited = f" ({' '.join(one.mutant.sources)})" if one.mutant.sources else ""
    yield f"  nobody would notice if {one.mutant.what}{cited}"
    yield f"      {way_text(model, one.way)}"
    rules, mutant = _endings(model, one)
    yield f"      the rules: {rules}"
    yield f"      the mutant: {mutant}"


def _endings(model: Model, one: Judgement) -> tuple[str, str]:
    """What can be seen at the end of a survivor's scenario, under the rules and under the mutant."""
    assert one.way is not None
    difference = Trace(status=one.way.status, events=one.way.events)
    models = (model, model.factory.variant(one.mutant.policy).model(model.readings))
    ours, theirs = (simulate(m.under(one.way.readings), difference)[-1] for m in models)
    return "; ".join(told(ours, theirs)), "; ".join(told(theirs, ours))


def as_json(score: Score) -> dict[str, Any]:
    """Everything for programs."""
    fates = [one.fate for one in score.judgements]
    return {
        "simsync": __version__,
        "model": score.model.policy.digest,
        "readings": score.model.readings,
        "scenarios": len(score.scenarios),
        "score": share(score.total),
        "mutants": len(fates),
        **{str(fate): fates.count(fate) for fate in MutantStatus},
        "operators": {str(operator): _tally_json(tally) for operator, tally in score.operators.items()},
        "statements": {name: _tally_json(tally) for name, tally in score.statements.items()},
        "survivors": [
            _survivor_json(score.model, one) for one in score.judgements if one.fate is MutantStatus.SURVIVED
        ],
        "judged": [_judged_json(score.scenarios, one) for one in score.judgements],
    }


def _tally_json(tally: Tally) -> dict[str, Any]:
    killed, total = tally
    return {"killed": killed, "total": total, "score": share(tally)}


def _survivor_json(model: Model, one: Judgement) -> dict[str, Any]:
    mutant, way = one.mutant, one.way
    assert way is not None
    rules, seen = _endings(model, one)
    return {
        "id": mutant.id,
        "operator": str(mutant.operator),
        "rule": mutant.rule,
        "where": mutant.where,
        "what": mutant.what,
        "sources": list(mutant.sources),
        "scenario": document(title_of(mutant), way),
        "rules": rules,
        "mutant": seen,
    }


def _judged_json(scenarios: Sequence[Scenario], one: Judgement) -> dict[str, Any]:
    told_of = {"id": one.mutant.id, "operator": str(one.mutant.operator), "fate": str(one.fate)}
    if one.killer is not None:
        killer = scenarios[one.killer]
        told_of["killer"] = f"{killer.file}:{killer.line}"
    return told_of
