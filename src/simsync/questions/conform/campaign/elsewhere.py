"""A system driven by workers elsewhere: what they need for it, what they give back."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.questions.conform.campaign.packing import packed, unpacked
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.lockstep import drive_through
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.mapping import Names
from simsync.questions.conform.systems.protocol import AnswerLimits
from simsync.questions.conform.systems.settling import Settling
from simsync.questions.conform.systems.sut import Connect, System


class Heard(NamedTuple):
    """What an instance let hear besides its answers: see :class:`System`."""

    quiet: float | None
    unsettled: str | None
    failed_at_reset: tuple[str, ...]
    latest: float

    @classmethod
    def of(cls, system: System) -> Heard:
        """What one let hear so far."""
        return cls(system.quiet, system.unsettled, tuple(system.failed_at_reset), system.latest)

    def told_again(self, system: System) -> None:
        """Let an instance begin with what another one let hear before it."""
        system.unsettled, system.latest = self.unsettled, self.latest
        system.failed_at_reset = [*self.failed_at_reset]
        if self.quiet is not None:
            system.settles = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemParts:
    """What instances of a system are made of. ``connect`` has the way to each.

    ``starts``: it starts an instance, and so is the way to any number; otherwise it leads to one that is there.
    """

    connect: Sequence[Connect]
    starts: bool
    model: Model
    names: Names
    limits: AnswerLimits
    settling: Settling

    def made(self, number: int) -> System:
        """An instance."""
        return System(self.connect[number], self.model, self.names, self.limits, self.settling)


class DrivenElsewhere(NamedTuple):
    """What came of a drive, ``who`` drove, and what the instance let hear until then."""

    who: str
    heard: Heard
    blob: bytes

    def driven(self, model: Model) -> Driven:
        """What came of it, under the model here."""
        driven: Driven = unpacked(self.blob, model)
        return driven


class Driver:
    """What a worker keeps: its instances of a system."""

    def __init__(self, parts: SystemParts) -> None:
        self._parts = parts
        self._systems: dict[int, System] = {}

    def driven(self, task: tuple[int, Mapping[str, str], Drive]) -> DrivenElsewhere:
        """What comes of a drive, by the instance of a number, under some readings."""
        number, readings, drive = task
        model = self._parts.model.under(readings)
        if number not in self._systems:
            self._systems[number] = self._parts.made(number)
        system = self._systems[number]
        with collector_paused():
            driven = drive_through(system, model, drive)
        who = f"{socket.gethostname()} {os.getpid()} {number}"
        return DrivenElsewhere(who, Heard.of(system), packed(driven, model))

    def close(self) -> None:
        """End the instances."""
        for system in self._systems.values():
            system.kill()
            system.close()
