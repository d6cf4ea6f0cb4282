"""What a system is driven through: rounds of actions with no settling between, and disruptions among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from simsync.engine.world import Event
from simsync.questions.conform.driven import Observed


@dataclass(frozen=True, slots=True)
class Disruption:
    """The system is disrupted in one of the ways that it names."""

    what: str

    def __str__(self) -> str:
        return self.what


Act = Event | Disruption
Acts = tuple[Act, ...]
"""A round: what is done until all settles, in the order of sending; a single action is a plain step."""


def events_of(acts: Acts) -> tuple[Event, ...]:
    """The actions of a round."""
    return tuple(act for act in acts if isinstance(act, Event))


def disruptions_of(acts: Acts) -> tuple[str, ...]:
    """The disruptions of a round."""
    return tuple(act.what for act in acts if isinstance(act, Disruption))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsDrive:
    """The status to begin in with empty tickets, and the rounds; ``source``: where it comes from."""

    status: str
    rounds: tuple[Acts, ...]
    source: str = ""

    @property
    def overlapped(self) -> bool:
        """Whether anything overlaps in it, or is disrupted."""
        return any(len(acts) > 1 or disruptions_of(acts) for acts in self.rounds)


class ActAnswer(StrEnum):
    """What came back to an action. ``UNKNOWN``: an error under a disruption; nobody can say whether it was done."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown whether done"


Answered = list[tuple[Event, ActAnswer]]
"""Actions, each with its answer."""


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """When an action was sent, and when it was answered, in seconds since its round began."""

    sent: float
    answered: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundSeen:
    """What was seen of a round: the answers to its actions, and what was shown once all had settled.

    ``spans``: when each action was sent and answered.
    """

    acts: Acts
    answers: tuple[ActAnswer, ...]
    shown: Observed
    spans: tuple[AnswerSpan, ...] = field(default=(), compare=False)

    @property
    def answered(self) -> Answered:
        """Each action with its answer."""
        return [*zip(events_of(self.acts), self.answers, strict=True)]
