"""A scenario as parsed: what is given, the steps, and what is expected of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from simsync.engine.overlap import OverlappingTrace
from simsync.engine.trace import Trace
from simsync.engine.world import Event

NO_FILE = "--do"
"""What stands for the file of a scenario that is in none."""


class Check(NamedTuple):
    """One expectation.

    ``at`` is its path as reported (``lead.text``), ``aspect`` what is looked at: ``refused``, ``synced``,
    ``status``, ``notified``, ``rule``, ``link``, ``outcomes`` (of a round), or a partner (then ``key`` names what its
    ticket shows, None for the item's absence). ``item`` is the item meant, None for the step itself.
    """

    at: str
    line: int
    aspect: str
    expected: object
    item: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the event, the line it starts on, and its expectations."""

    event: Event
    line: int
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """A round of overlapping actions: which steps of the scenario, and what is expected whatever their order.

    ``first`` is the position of the first of them among all steps.
    """

    first: int
    count: int
    line: int
    checks: tuple[Check, ...] = ()

    @property
    def steps(self) -> slice:
        """Where its steps are among all steps."""
        return slice(self.first, self.first + self.count)


class ScenarioStage(NamedTuple):
    """One step, or the steps of one round, after which all settles."""

    steps: tuple[Step, ...]
    together: Together | None

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.together.line if self.together else self.steps[0].line


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One document of a scenario file. ``readings`` are those given, not the defaults.

    ``steps`` has the actions of rounds too, in the order in which they are written, and ``rounds`` says which of them
    overlap. ``question``: it was asked on the command line, so that a refusal in it is an answer.
    """

    file: str
    line: int
    name: str
    about: str
    sources: tuple[str, ...]
    status: str
    readings: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...]
    finally_: tuple[Check, ...] = ()
    rounds: tuple[Together, ...] = ()
    question: bool = False

    @property
    def place(self) -> str:
        """What the number of a step is: the line of a file, or which step it is where there is no file."""
        return "step" if self.file == NO_FILE else "line"

    @property
    def takes_refusals(self) -> bool:
        """Whether a refusal is an answer like others: in a question in which nothing is expected."""
        return self.question and not self.expectations

    @property
    def trace(self) -> Trace:
        """What is done in it, without what is expected; the actions of a round one after the other, as written."""
        return Trace(status=self.status, readings=self.readings, events=tuple(step.event for step in self.steps))

    @property
    def overlapping(self) -> OverlappingTrace:
        """What is done in it, round by round; a plain step is a round of one action."""
        rounds = tuple(tuple(step.event for step in stage.steps) for stage in self.stages())
        return OverlappingTrace(status=self.status, readings=self.readings, rounds=rounds)

    def stages(self) -> Iterator[ScenarioStage]:
        """Its steps and rounds, one after the other."""
        rounds = {one.first: one for one in self.rounds}
        number = 0
        while number < len(self.steps):
            together = rounds.get(number)
            steps = self.steps[together.steps] if together else self.steps[number : number + 1]
            yield ScenarioStage(steps, together)
            number += len(steps)

    @property
    def expectations(self) -> int:
        """How many things are expected, of all steps and rounds, and at the end."""
        of_steps = sum(len(step.checks) for step in self.steps)
        return len(self.finally_) + of_steps + sum(len(one.checks) for one in self.rounds)
