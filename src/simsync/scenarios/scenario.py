"""A scenario as parsed: what is given, the steps, and what is expected of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from simsync.engine.trace import Trace
from simsync.engine.world import Event


class Check(NamedTuple):
    """One expectation.

    ``at`` is its path as reported (``lead.text``), ``aspect`` what is looked at: ``refused``, ``synced``,
    ``status``, ``notified``, ``rule``, ``link``, or a partner (then ``key`` names what its ticket shows, None
    for the item's absence). ``item`` is the item meant, None for the step itself.
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
class Scenario:
    """One document of a scenario file. ``readings`` are those given, not the defaults."""

    file: str
    line: int
    name: str
    about: str
    sources: tuple[str, ...]
    status: str
    readings: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...]
    finally_: tuple[Check, ...] = ()

    @property
    def trace(self) -> Trace:
        """What is done in it, without what is expected."""
        return Trace(status=self.status, readings=self.readings, events=tuple(step.event for step in self.steps))

    @property
    def expectations(self) -> int:
        """How many things are expected, of all steps and at the end."""
        return len(self.finally_) + sum(len(step.checks) for step in self.steps)
