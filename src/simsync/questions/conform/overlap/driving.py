"""A system driven through rounds, and every world followed in which it may be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from simsync.engine.overlap import is_unsent
from simsync.engine.world import Event, World
from simsync.questions.conform.driven import Exchanges, Fault, joined
from simsync.questions.conform.lockstep import traced
from simsync.questions.conform.overlap.orders import Explaining, Nature, RoundMismatch, mismatch_of
from simsync.questions.conform.overlap.rounds import (
    ActAnswer,
    Acts,
    Disruption,
    RoundsDrive,
    RoundSeen,
    disruptions_of,
    events_of,
)
from simsync.questions.conform.systems.protocol import SystemFault
from simsync.questions.conform.systems.sut import System

TRACED = 15
"""Exchanges that are kept up to where something differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsDriven:
    """What came of a drive: how many ``rounds`` were judged, and why it ended, if not at its end.

    ``overlapping`` of the rounds were of several actions. ``worlds`` is in how many worlds at most the system may have
    been after a round. ``disrupted``: how often it was disrupted, ``struck``: how often it says that this had an
    effect. ``undecided``: the rules do not say what comes of the round after the last one.
    """

    drive: RoundsDrive
    rounds: int = 0
    overlapping: int = 0
    worlds: int = 1
    disrupted: int = 0
    struck: int = 0
    mismatch: RoundMismatch | None = None
    fault: Fault | None = None
    undecided: bool = False
    exchanges: Exchanges = field(default=(), compare=False)

    @property
    def overlapped(self) -> bool:
        """Whether anything overlapped, or was disrupted, in the rounds that were judged."""
        return any(len(acts) > 1 or disruptions_of(acts) for acts in self.drive.rounds[: self.rounds])


def drive_rounds(system: System, explaining: Explaining, drive: RoundsDrive, *, parallel: bool) -> RoundsDriven:
    """Do the rounds of a drive, each followed by a settle; it ends where no order explains what was seen.

    ``parallel``: the actors' actions are sent at once, each actor's on a connection of its own.
    """
    return _Driving(system, explaining, drive, parallel=parallel).driven()


class _Driving:
    def __init__(self, system: System, explaining: Explaining, drive: RoundsDrive, *, parallel: bool) -> None:
        self._system, self._explaining, self._drive, self._parallel = system, explaining, drive, parallel
        self._worlds = [World(drive.status)]
        self._found = RoundsDriven(drive=drive)

    def driven(self) -> RoundsDriven:
        """All that came of it; what was seen before a fault is kept beside it."""
        try:
            self._system.begin(self._drive.status)
        except SystemFault as fault:
            return replace(self._found, fault=traced(self._system, fault, begun=False))
        try:
            for acts in self._drive.rounds:
                if not self._explained(acts):
                    break
        except SystemFault as fault:
            self._found = replace(self._found, fault=traced(self._system, fault))
        last = [*self._system.trace][-TRACED:]
        return replace(self._found, exchanges=tuple((one.request, one.answer) for one in last))

    def _explained(self, acts: Acts) -> bool:
        """Do one round; gives whether some order explains it."""
        acts = self._sendable(acts)
        if not acts:
            return True
        answers, explaining = self._sent(acts), self._explaining
        events = events_of(acts)
        candidates = explaining.candidates(self._worlds, [*zip(events, answers, strict=True)])
        shown = self._system.observe_until(lambda shown: bool(explaining.fitting(candidates, shown)))
        seen = RoundSeen(acts=acts, answers=tuple(answers), shown=shown)
        if any(one.undecided for one in candidates):
            self._found = replace(self._found, undecided=True)
            return False
        self._found = replace(
            self._found,
            rounds=self._found.rounds + 1,
            overlapping=self._found.overlapping + (len(events) > 1),
        )
        fitting = explaining.fitting(candidates, shown)
        if fitting:
            self._worlds = [*dict.fromkeys(one.after for one in fitting)]
            self._found = replace(self._found, worlds=max(self._found.worlds, len(self._worlds)))
            return True
        mismatch = mismatch_of(explaining, self._worlds, seen, None)
        if mismatch.nature is not Nature.UNWINNABLE:
            mismatch = mismatch_of(explaining, self._worlds, seen, joined(shown, self._system.observe()))
        self._found = replace(self._found, mismatch=mismatch)
        return False

    def _sendable(self, acts: Acts) -> Acts:
        """A round without what is on an item that it makes, and that has not arrived where the actor is."""
        model, events = self._explaining.model, events_of(acts)
        late = {
            event
            for position, event in enumerate(events)
            if any(is_unsent(model, world, events, position) for world in self._worlds)
        }
        return tuple(act for act in acts if isinstance(act, Disruption) or act not in late)

    def _sent(self, acts: Acts) -> list[ActAnswer]:
        """Send a round; gives the answers to its actions."""
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
            return [_answer(one) for one in self._system.act_together(events)]
        act = self._system.act_or_error if disrupted else self._system.act
        return [_answer(act(event)) for event in events]


def _answer(refused: str | bool | None) -> ActAnswer:
    if refused is False:
        return ActAnswer.UNKNOWN
    return ActAnswer.DONE if refused is None else ActAnswer.REFUSED
