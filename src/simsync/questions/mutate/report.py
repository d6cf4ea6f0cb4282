"""How a suite fared against mutants of the rules: as text, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from simsync.engine.model import Model
from simsync.mutation.mutants import OPERATORS, Operator
from simsync.progress import StoppedAt
from simsync.questions.mutate.judging import Judgement, MutantStatus
from simsync.questions.mutate.ranking import Survivor, defending, explained, ranked, seen_end
from simsync.report.difference import told
from simsync.report.made_titles import titles_in_words
from simsync.report.phrases import as_delivered, counted
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.writing import as_yaml, document
from simsync.statespace.consequences import acts_alone
from simsync.statespace.narrowing import left_out
from simsync.version import __version__

Tally = tuple[int, int]
MOST = 10
"""How many survivors that matter most programs are told."""


class Unjudged(NamedTuple):
    """Where the judging was stopped: how many mutants were not judged, and how many of them no scenario notices.

    Of the latter it was not looked at whether anybody could tell them from the rules.
    """

    stopped: StoppedAt
    mutants: int
    unnoticed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What is told of a suite; tallies are how many mutants were killed, and of how many.

    Where some are ``unjudged``, they say little: what is killed is known first.
    """

    model: Model
    scenarios: Sequence[Scenario]
    judgements: Sequence[Judgement]
    total: Tally
    operators: Mapping[Operator, Tally]
    statements: Mapping[str, Tally]
    unjudged: Unjudged | None = None

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
    if answers := sum(not one.expectations for one in score.scenarios):
        only = "a mutant is noticed there only if it refuses an action, or leaves one undecided"
        yield f"    {answers:,} of these expect nothing: {only}"
    if equal or score.unjudged is None:
        item = score.model.words.item.a
        yield f"{equal:,} more do not count: nobody could tell them from the rules, whatever happens to {item}"
    if said := left_out(score.model):
        yield f"    as far as was looked at: {said}"
    if alone := acts_alone(score.model):
        acting = score.model.words.partner.many
        yield f"    as far as {acting} act; what the product does by itself was not followed for that: {alone}"
    if told := as_delivered(score.model.policy):
        yield f"    {told}"
    if score.unjudged is not None:
        yield from _unjudged(score.unjudged)
    else:
        yield f"score {_percent(score.total)}"
        yield ""
        yield from _by_rule(score)
    if score.survivors and shown != 0:
        yield ""
        yield from _survivors(score, shown)


def _unjudged(left: Unjudged) -> Iterator[str]:
    """What is still open, in place of a score."""
    yield f"no score: {counted(left.mutants, 'mutant')} {'is' if left.mutants == 1 else 'are'} not judged yet"
    if left.unnoticed:
        yield (
            f"    {left.unnoticed:,} of them no scenario notices; whether anybody could tell them from the rules was"
            " not looked at"
        )


def _by_rule(score: Score) -> Iterator[str]:
    """The score by operator and by statement."""
    for operator, tally in score.operators.items():
        if tally[1]:
            yield _line(operator, tally, score.model.words.say(OPERATORS[operator]))
    if score.statements:
        yield ""
    texts = score.model.policy.citations.statements
    yield from (_line(name, tally, texts[name]) for name, tally in score.statements.items())


def _survivors(score: Score, shown: int) -> Iterator[str]:
    """Those that matter most, each as a sentence and a scenario to add."""
    count, model = len(score.survivors), score.model
    told_of = list(islice(ranked(model, score.survivors), shown))
    rules = len({one.mutant.rule for one in score.survivors})
    yield f"survivors in {counted(rules, 'rule')}: what no scenario defends"
    if count > 1:
        yield from (f"    {line}" for line in explained(model, told_of))
    titles = titles_in_words(model, (one.way for one in told_of))
    for number, (one, title) in enumerate(zip(told_of, titles, strict=True), 1):
        yield from _survivor(number, one, title)
    if count > len(told_of):
        yield f"  ... and {count - len(told_of):,} more: --survivors all lists them, --write DIR writes scenarios"


def _line(name: str, tally: Tally, about: str) -> str:
    killed, total = tally
    return f"  {name:<16}{_percent(tally):>7}{killed:>7,} of {total:>5,}  {about}"


def _survivor(number: int, one: Survivor, title: str) -> Iterator[str]:
    mutant = one.judgement.mutant
    cited = f" ({' '.join(mutant.sources)})" if mutant.sources else ""
    rules, seen = _endings(one)
    yield f"  {number}. nobody would notice if {mutant.what}{cited}"
    yield f"      the rules: {rules}"
    yield f"      the mutant: {seen}"
    yield "      a scenario to add"
    yield from (f"        {line}" for line in as_yaml(defending(one, title)).splitlines())


def _endings(one: Survivor) -> tuple[str, str]:
    """What can be seen at the end of a survivor's scenario, under the rules and under the mutant."""
    return "; ".join(told(one.rules, one.mutant)), "; ".join(told(one.mutant, one.rules))


def as_json(score: Score) -> dict[str, Any]:
    """Everything for programs."""
    fates = [one.fate for one in score.judgements]
    titles = titles_in_words(score.model, (one.way for one in score.survivors if one.way is not None))
    return {
        "simsync": __version__,
        "model": score.model.policy.digest,
        "readings": score.model.readings,
        "scenarios": len(score.scenarios),
        "score": None if score.unjudged else share(score.total),
        **({"unjudged": score.unjudged.mutants, "unnoticed": score.unjudged.unnoticed} if score.unjudged else {}),
        "mutants": len(fates),
        **{str(fate): fates.count(fate) for fate in MutantStatus},
        **_tallies(score),
        "survivors": [
            _survivor_json(score.model, one, title) for one, title in zip(score.survivors, titles, strict=True)
        ],
        "matter_most": [one.judgement.mutant.id for one in islice(ranked(score.model, score.survivors), MOST)],
        "judged": [_judged_json(score.scenarios, one) for one in score.judgements],
    }


def _tallies(score: Score) -> dict[str, Any]:
    """The score by operator and by statement; none where some are not judged."""
    if score.unjudged is not None:
        return {}
    return {
        "operators": {str(operator): _tally_json(tally) for operator, tally in score.operators.items()},
        "statements": {name: _tally_json(tally) for name, tally in score.statements.items()},
    }


def _tally_json(tally: Tally) -> dict[str, Any]:
    killed, total = tally
    return {"killed": killed, "total": total, "score": share(tally)}


def _survivor_json(model: Model, one: Judgement, title: str) -> dict[str, Any]:
    mutant, way = one.mutant, one.way
    assert way is not None
    rules, seen = _endings(seen_end(model, one))
    return {
        "id": mutant.id,
        "operator": str(mutant.operator),
        "rule": mutant.rule,
        "where": mutant.where,
        "what": mutant.what,
        "sources": list(mutant.sources),
        "scenario": document(title, way),
        "rules": rules,
        "mutant": seen,
    }


def _judged_json(scenarios: Sequence[Scenario], one: Judgement) -> dict[str, Any]:
    told_of = {"id": one.mutant.id, "operator": str(one.mutant.operator), "fate": str(one.fate)}
    if one.killer is not None:
        killer = scenarios[one.killer]
        told_of["killer"] = f"{killer.file}:{killer.line}"
    return told_of
