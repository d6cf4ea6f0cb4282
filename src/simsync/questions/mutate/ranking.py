"""Which survivors matter most: what users would suffer from first, one of each rule before a second of any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import zip_longest

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import ticket
from simsync.mutation.mutants import Operator
from simsync.questions.mutate.judging import HIDDEN, Judgement
from simsync.scenarios.writing import Document, document, expected


class Harm(IntEnum):
    """What users would see of a fault, the worst first."""

    SHOWN = 0
    LOST = 1
    ALLOWED = 2
    TOLD = 3
    CONTRADICTS = 4


HARMS: Mapping[Harm, str] = {
    Harm.SHOWN: "{a_ticket} shows what it must not",
    Harm.LOST: "{a_ticket} lacks what it must show, or shows it otherwise",
    Harm.ALLOWED: "somebody may do what is refused, or the other way round, or the {status} is another",
    Harm.TOLD: "others are told",
    Harm.CONTRADICTS: "the rules say nothing, or two things at once",
}
"""What each is in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A survivor with what can be seen at the end of its scenario, under the rules and under the mutant."""

    judgement: Judgement
    way: Trace
    rules: Outcome
    mutant: Outcome

    @property
    def harm(self) -> Harm:
        """What users would see."""
        ours, theirs = self.rules, self.mutant
        if theirs.defects or ours.defects:
            return Harm.CONTRADICTS
        if (ours.refused is None) != (theirs.refused is None) or ours.after.status != theirs.after.status:
            return Harm.ALLOWED
        words = ours.model.vocabulary
        screens = [(ticket(words, ours.after, p), ticket(words, theirs.after, p)) for p in words.partners]
        if any(theirs_there.keys() - ours_there.keys() for ours_there, theirs_there in screens):
            return Harm.SHOWN
        return Harm.TOLD if all(one == other for one, other in screens) else Harm.LOST

    @property
    def rank(self) -> tuple[bool, Harm, int]:
        """What comes first: what is wrong as the rules are read, the worse, the shorter way."""
        return bool(self.way.readings), self.harm, len(self.way.events)


def ranked(model: Model, survivors: Iterable[Judgement]) -> Iterator[Survivor]:
    """Those that matter most first. One of every rule, then a second one of every rule, and so on.

    Of one rule first come changes of what it does, since these are easiest to understand, and those with shorter
    scenarios.
    """
    by_rule: dict[str, list[Judgement]] = {}
    for one in survivors:
        by_rule.setdefault(one.mutant.rule, []).append(one)
    for turn in zip_longest(*(sorted(each, key=_hardness) for each in by_rule.values())):
        yield from _spread(sorted((seen_end(model, one) for one in turn if one is not None), key=lambda one: one.rank))


def _spread(survivors: Sequence[Survivor]) -> list[Survivor]:
    """Of those that are equally bad, one of every table and machine before a second one of any."""
    counted: Counter[tuple[bool, Harm, str]] = Counter()
    turns: list[tuple[bool, Harm, int]] = []
    for one in survivors:
        read, harm, _ = one.rank
        counted[where := (read, harm, one.judgement.mutant.where)] += 1
        turns.append((read, harm, counted[where]))
    order = sorted(range(len(survivors)), key=turns.__getitem__)
    return [survivors[number] for number in order]


def _hardness(one: Judgement) -> tuple[bool, int]:
    what_it_does = one.mutant.operator in (Operator.REMOVED, Operator.OUTCOME, Operator.TRANSITION)
    return not what_it_does, len(one.way.events) if one.way else 0


def seen_end(model: Model, one: Judgement) -> Survivor:
    """A survivor with the last step of its scenario, as the rules and as the mutant have it."""
    assert one.way is not None
    difference = Trace(status=one.way.status, events=one.way.events)
    models = (model, model.factory.variant(one.mutant.policy).model(model.readings))
    ours, theirs = (simulate(m.under(one.way.readings), difference)[-1] for m in models)
    return Survivor(judgement=one, way=one.way, rules=ours, mutant=theirs)


def defending(one: Survivor, title: str) -> Document:
    """A scenario to add: it expects of its last step what the mutant would not give."""
    made = document(title, one.way)
    ours, theirs = expected(one.rules), {} if one.mutant.defects else expected(one.mutant)
    apart = _apart(ours, theirs) or _visible(ours)
    if one.mutant.defects:  # it fails anyway; that nobody is told is not what matters
        apart = {key: value for key, value in apart.items() if value != []} or apart
    made["steps"][-1]["expect"] = apart
    return made


def _apart(ours: Document, theirs: Document) -> Document:
    """What is expected otherwise on the other side, as far as it can be seen."""
    found: Document = {}
    for key, value in _visible(ours).items():
        other = theirs.get(key)
        if isinstance(value, dict) and isinstance(other, dict):
            if inner := _apart(value, other):
                found[key] = inner
        elif value != other:
            found[key] = value
    return found


def _visible(expectations: Document) -> Document:
    return {key: value for key, value in expectations.items() if key not in HIDDEN}


def explained(model: Model, shown: Sequence[Survivor]) -> Iterator[str]:
    """How they are ranked, in lines."""
    harms = (model.words.say(HARMS[harm]) for harm in Harm if any(one.harm is harm for one in shown))
    yield "one of each rule before a second of any; as the rules are read here before other readings"
    yield f"the worst first: {'; then '.join(harms)}"
