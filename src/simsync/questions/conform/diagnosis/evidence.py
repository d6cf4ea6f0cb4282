"""Everything that was observed in a campaign, to hold other rules against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, takewhile
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import World
from simsync.policy.policy import Policy
from simsync.questions.conform.diagnosis.behaviour import Behaviour
from simsync.questions.conform.driven import Divergence, Driven, Seen
from simsync.questions.conform.lockstep import aspects_of, differs_still, expected_of
from simsync.questions.conform.systems.protocol import NOTIFIED
from simsync.questions.conform.systems.sut import System


class Agreement(NamedTuple):
    """Whether other rules account for what was as expected in a run, as far as they say anything, and for all of it."""

    so_far: bool
    wholly: bool


class Evidence:
    """The runs of a system, held to a model; those that diverged are ``diverging``."""

    def __init__(self, system: System, model: Model, driven: Iterable[Driven]) -> None:
        self.system = system
        self.model = model
        runs = sorted((one for one in driven if one.fault is None), key=lambda one: one.steps)
        self.diverging = [one for one in runs if one.divergence is not None]
        self._conforming = [one for one in runs if one.divergence is None]
        self._filed: dict[str, dict[int, None]] = {}
        for number, one in enumerate(self._conforming):
            for what in _rests_on(one):
                self._filed.setdefault(what, {})[number] = None
        self.longest_passed = max((len(text) for one in self._conforming for text in _texts(one)), default=0)
        self._unseen = frozenset(_deciding_unseen(model.policy))
        self._refuting: dict[int, None] = {}

    def explained(self, behaviour: Behaviour, touches: frozenset[str] | None) -> tuple[Driven, ...] | None:
        """The diverging runs that a behaviour accounts for; None where something that was observed contradicts it.

        ``touches``: rows, transitions, triggers and statuses; a run without any of these goes as it does now. None:
        every run may be touched.
        """
        for number in self._touched(touches):
            if not self.agrees(behaviour, self._conforming[number]).so_far:
                self._refuting = {number: None, **self._refuting}
                return None
        found = []
        for driven in self.diverging:
            if touches is None or touches & self._unseen or touches & _rests_on(driven):
                agrees = self.agrees(behaviour, driven)
                if (not agrees.so_far and not driven.passed) or (
                    behaviour.twists and not agrees.wholly and self._becomes_a_third(driven, behaviour)
                ):
                    return None
                if agrees.wholly:
                    found.append(driven)
        return tuple(found)

    def _touched(self, touches: frozenset[str] | None) -> Iterator[int]:
        """The conforming runs that a change can touch: first those that spoke against others, then the shortest."""
        if touches is None or touches & self._unseen:
            touched = dict.fromkeys(range(len(self._conforming)))
        else:
            touched = {number: None for what in touches for number in self._filed.get(what, ())}
        first = [number for number in self._refuting if number in touched]
        yield from first
        yield from sorted(touched.keys() - first)

    def agrees(self, behaviour: Behaviour, driven: Driven, *, told: bool = True) -> Agreement:
        """How far a behaviour accounts for what was seen in a run. Where its rules have a hole, they say nothing.

        What was seen on looking on after a divergence is part of it, as far as it is about what differed. ``told``
        False: who was notified at the divergence is not.
        """
        judged, found = driven.drive.trace.events[: driven.steps], driven.divergence
        known = None if found is None else found.outcomes
        made = () if found is None or found.later is None else found.later.changes
        mine = World(driven.drive.trace.status)
        its_outcomes = behaviour.outcomes(driven.drive.trace.status, (*judged, *made))
        for number, its in enumerate(its_outcomes):
            if its.defects:
                return Agreement(so_far=True, wholly=False)
            if found is not None and number == found.at:
                aspects = aspects_of(self.system, self._shown(behaviour, its), found.actual)
                unlike = [aspect for aspect in aspects if told or aspect != NOTIFIED]
                afterwards = not unlike and self._afterwards(behaviour, its, its_outcomes, found)
                return Agreement(so_far=True, wholly=afterwards)
            ours = known[number] if known else step(self.model, mine, judged[number])
            if not self._alike(ours, its, behaviour):
                return Agreement(so_far=False, wholly=False)
            mine = ours.after
        return Agreement(so_far=True, wholly=driven.divergence is None)

    def _afterwards(self, behaviour: Behaviour, its: Outcome, after: Iterator[Outcome], found: Divergence) -> bool:
        """Whether a behaviour accounts for what was seen of what differed, after a settle and after each change.

        Who was notified of a change is not: a change has nothing to do with what differed.
        """
        seen = found.later.seen if found.later is not None else ()
        decided = takewhile(lambda one: not one.defects, chain([its], after))
        for number, (outcome, shown) in enumerate(zip(decided, seen, strict=False)):
            wanted = self._shown(behaviour, outcome).shown
            told = shown.notified if number else wanted.notified and ()
            if differs_still(self.system, found.unlike, replace(wanted, notified=told), shown):
                return False
        return True

    def _becomes_a_third(self, driven: Driven, behaviour: Behaviour) -> bool:
        """Whether a value that differs in the end is neither what the rules nor what the behaviour makes of it."""
        divergence = driven.divergence
        assert divergence is not None
        (*_, last) = behaviour.outcomes(driven.drive.trace.status, driven.drive.trace.events[: driven.steps])
        sides = [seen.shown.tickets for seen in (divergence.expected, self._shown(behaviour, last), divergence.actual)]
        for (partner, name), shown in divergence.unlike.items.items():
            for key in shown:
                values = [side.get(partner, {}).get(name, {}).get(key) for side in sides]
                if None not in values and len(set(map(repr, values))) == len(values):
                    return True
        return False

    def _shown(self, behaviour: Behaviour, outcome: Outcome) -> Seen:
        return behaviour.shown(expected_of(self.system, outcome))

    def _alike(self, ours: Outcome, its: Outcome, behaviour: Behaviour) -> bool:
        """Whether what came about looks the same as what would, as far as the system shows it."""
        refused, its_refused = ours.refused is None, its.refused is None
        same = (ours.after, ours.notified, refused) == (its.after, its.notified, its_refused)
        if same and not behaviour.twists:
            return True
        return not aspects_of(self.system, expected_of(self.system, ours), self._shown(behaviour, its))


def _texts(driven: Driven) -> Iterator[str]:
    """The texts that were said in a run."""
    return (text for event in driven.drive.trace.events for text in event.fields.values() if isinstance(text, str))


def _rests_on(driven: Driven) -> frozenset[str]:
    """The rules that a run rests on, what was done in it, and where it began."""
    return driven.rules | {event.action for event in driven.drive.trace.events} | {driven.drive.trace.status}


def _deciding_unseen(policy: Policy) -> Iterator[str]:
    """Rows that give a fact which something other than a row tests: they matter in steps that do not name them."""
    conditions = [memory.when for memory in policy.vocabulary.history.values()]
    conditions += (transition.when for transition in policy.transitions(policy.link))
    conditions += (table.scope for table in policy.tables.values())
    tested = {fact for when in conditions for fact, _ in when}
    yield from (row.id for row in policy.rows if row.then.fact in tested)
