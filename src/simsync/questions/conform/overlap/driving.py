"""A system driven through rounds, and every world followed in which it may be."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from simsync.engine.model import Model
from simsync.engine.overlap import Reply, is_unsent, round_outcomes
from simsync.engine.view import entry_on
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.questions.conform.driven import Exchanges, Fault, joined
from simsync.questions.conform.lockstep import traced
from simsync.questions.conform.overlap.explained_orders import Explaining, RoundMismatch, answered_alike, mismatch_of
from simsync.questions.conform.overlap.rounds import (
    ActAnswer,
    Acts,
    AnswerSpan,
    Disruption,
    RoundsDrive,
    RoundSeen,
    events_of,
)
from simsync.questions.conform.systems.protocol import NoWayThere, SystemFault
from simsync.questions.conform.systems.sut import System

TRACED = 15
"""Exchanges that are kept up to where something differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsDriven:
    """What came of a ``drive``, which has what was done: its last round is where it ended, if not at its end.

    ``seen`` are the ``rounds`` that were judged; ``overlapping`` of them were of several actions. ``worlds`` is in how
    many worlds at most the system may have been after a round. ``disrupted``: how often it was disrupted, ``struck``:
    how often it says that this had an effect. ``undecided``: the rules do not say what comes of the last round.
    ``unreached``: a system that is never reset could not come to where it begins. So many ``requests`` were made.
    """

    drive: RoundsDrive
    seen: tuple[RoundSeen, ...] = ()
    overlapping: int = 0
    worlds: int = 1
    disrupted: int = 0
    struck: int = 0
    mismatch: RoundMismatch | None = None
    fault: Fault | None = None
    undecided: bool = False
    unreached: str | None = None
    requests: int = field(default=0, compare=False)
    exchanges: Exchanges = field(default=(), compare=False)

    @property
    def rounds(self) -> int:
        """How many rounds were judged."""
        return len(self.seen)

    @property
    def overlapped(self) -> bool:
        """Whether anything overlapped, or was disrupted."""
        return self.drive.overlapped


def drive_rounds(
    system: System, explaining: Explaining, drive: RoundsDrive, *, parallel: bool, careful: bool = False
) -> RoundsDriven:
    """Do the rounds of a drive, each followed by a settle; it ends where no order explains what was seen.

    ``parallel``: the actors' actions are sent at once, each actor's on a connection of its own. ``careful``: a system
    that cannot say when it rests is looked at after each round for as long as after the last one.
    """
    asked = system.requests
    driven = _Driving(system, explaining, drive, parallel=parallel, careful=careful).driven()
    return replace(driven, requests=system.requests - asked)


class _Driving:
    def __init__(
        self, system: System, explaining: Explaining, drive: RoundsDrive, *, parallel: bool, careful: bool
    ) -> None:
        self._system, self._explaining, self._drive = system, explaining, drive
        self._parallel, self._careful = parallel, careful
        self._worlds = [World(drive.status)]
        self._done: list[Acts] = []
        self._spans: list[AnswerSpan] = []
        self._start = 0.0
        self._found = RoundsDriven(drive=replace(drive, rounds=()))

    def driven(self) -> RoundsDriven:
        """All that came of it; what was seen before a fault is kept beside it."""
        try:
            self._system.begin(self._drive.status)
        except NoWayThere as nowhere:
            return replace(self._found, unreached=nowhere.message)
        except SystemFault as fault:
            return replace(self._found, fault=traced(self._system, fault, begun=False))
        try:
            for number, acts in enumerate(self._drive.rounds, 1):
                if not self._explained(acts, last=self._careful or number == len(self._drive.rounds)):
                    break
        except SystemFault as fault:
            self._found = replace(self._found, fault=traced(self._system, fault))
        exchanges = tuple((one.request, one.answer) for one in [*self._system.trace][-TRACED:])
        return replace(self._found, drive=replace(self._drive, rounds=tuple(self._done)), exchanges=exchanges)

    def _explained(self, acts: Acts, *, last: bool) -> bool:
        """Do one round; gives whether some order explains it."""
        acts = self._sendable(acts)
        if not acts:
            return True
        self._done.append(acts)
        answers, explaining = self._sent(acts), self._explaining
        candidates = explaining.candidates(self._worlds, [*zip(events_of(acts), answers, strict=True)])
        shown = self._system.observe_until(
            lambda shown: bool(explaining.fitting(candidates, shown)), last=last, early=len(candidates) > 1
        )
        if any(one.undecided for one in candidates):
            self._found = replace(self._found, undecided=True)
            return False
        seen = RoundSeen(acts=acts, answers=tuple(answers), shown=shown, spans=tuple(self._spans))
        self._found = replace(
            self._found,
            seen=(*self._found.seen, seen),
            overlapping=self._found.overlapping + (len(events_of(acts)) > 1),
        )
        fitting = explaining.fitting(candidates, shown)
        if fitting:
            self._worlds = [*dict.fromkeys(one.after for one in fitting)]
            self._found = replace(self._found, worlds=max(self._found.worlds, len(self._worlds)))
            return True
        # an answer does not become another one later
        later = joined(shown, self._system.observe()) if answered_alike(candidates) else None
        mismatch = mismatch_of(explaining, self._worlds, candidates, seen, later)
        self._found = replace(self._found, mismatch=mismatch)
        return False

    def _sendable(self, acts: Acts) -> Acts:
        """A round without what is on an item that has not arrived where the actor is."""
        model, events = self._explaining.model, events_of(acts)
        late = {
            event
            for position, event in enumerate(events)
            if any(is_under_way(model, world, events, position) for world in self._worlds)
        }
        return tuple(act for act in acts if isinstance(act, Disruption) or act not in late)

    def _sent(self, acts: Acts) -> list[ActAnswer]:
        """Send a round; gives the answers to its actions."""
        self._start, self._spans = time.monotonic(), []
        answers: list[ActAnswer] = []
        together: list[Event] = []
        disrupted = False
        for act in acts:
            if isinstance(act, Event):
                together.append(act)
                continue
            answers += self._answers(together, disrupted=disrupted)
            together, disrupted = [], True
            self._disrupt(act)
        return answers + self._answers(together, disrupted=disrupted)

    def _disrupt(self, act: Disruption) -> None:
        struck = self._system.disrupt(act.what)
        self._found = replace(self._found, disrupted=self._found.disrupted + 1, struck=self._found.struck + struck)

    def _answers(self, events: list[Event], *, disrupted: bool) -> list[ActAnswer]:
        """The answers to some actions; an error is one where the system is disrupted."""
        if self._parallel and len(events) > 1 and not disrupted:
            together = self._system.act_together(events)
            self._spans += (AnswerSpan(one.sent - self._start, one.came - self._start) for one in together)
            return [_answer(one.refused) for one in together]
        act = self._system.act_or_error if disrupted else self._system.act
        answers = []
        for event in events:
            sent = time.monotonic() - self._start
            answers.append(_answer(act(event)))
            self._spans.append(AnswerSpan(sent, time.monotonic() - self._start))
        return answers


def _answer(refused: str | bool | None) -> ActAnswer:
    if refused is False:
        return ActAnswer.UNKNOWN
    return ActAnswer.DONE if refused is None else ActAnswer.REFUSED


def is_under_way(model: Model, world: World, events: Sequence[Event], position: int) -> bool:
    """Whether an action is on an item that arrives where the actor is in this round, and may not have done so yet.

    The round makes it, or delivers it.
    """
    events = tuple(events)
    if is_unsent(model, world, events, position):
        return True
    event = events[position]
    item = None if event.item is None or event.action == CREATE else world.items.get(event.item)
    if item is None or event.actor not in model.vocabulary.partners or entry_on(item, event.actor) is not None:
        return False
    return any(one.answers[position] is Reply.DONE for one in round_outcomes(model, world, events))
