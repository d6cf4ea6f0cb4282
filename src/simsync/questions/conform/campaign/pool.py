"""Several instances of a system, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import TypeVar

from simsync.engine.model import Model
from simsync.questions.conform.campaign.elsewhere import Driver, Heard, SystemParts
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.lockstep import drive_through
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.sut import System
from simsync.workers.workers import Where, Workers, in_order, in_threads

A = TypeVar("A")
T = TypeVar("T")


class Pool:
    """Instances of one system; results come in the order of what was asked, whoever did it."""

    def __init__(self, make: Callable[[int], System], jobs: int) -> None:
        self.systems = [make(number) for number in range(jobs)]
        for place, system in enumerate(self.systems):
            system.place = place

    @property
    def first(self) -> System:
        """The instance that is asked what the system can do."""
        return self.systems[0]

    @property
    def heard(self) -> list[Heard]:
        """What each instance let hear besides its answers."""
        return [Heard.of(system) for system in self.systems]

    def driven(self, model: Model, drives: Iterable[Drive]) -> Iterator[Driven]:
        """What comes of each drive, in order."""
        return self.each(drives, lambda system, drive: drive_through(system, model, drive))

    def each(self, tasks: Iterable[A], do: Callable[[System, A], T]) -> Iterator[T]:
        """Do something with an instance and each task; results in order."""
        with in_threads(self.systems) as doing:
            try:
                yield from in_order(doing, do, tasks)
            except KeyboardInterrupt:
                if len(self.systems) > 1:  # threads that wait for an answer end only with the system
                    for system in self.systems:
                        system.kill()
                raise

    def close(self) -> None:
        """Let go of all of them."""
        for system in self.systems:
            system.close()


class ClusterPool(Pool):
    """An instance here, to be asked and for what is done again, and those that the workers of a cluster have.

    Each worker starts an instance of its own; where there are services, each has one worker at a time.
    """

    def __init__(self, parts: SystemParts, cluster: str) -> None:
        super().__init__(parts.made, 1)
        self._services = 0 if parts.starts else len(parts.connect)
        self._workers: Workers[Driver] = Workers(Where(cluster=cluster), Driver, parts)
        self._places: dict[str, int] = {}
        self._heard: dict[int, Heard] = {}

    @property
    def heard(self) -> list[Heard]:
        """What each instance let hear besides its answers."""
        return [*super().heard, *self._heard.values()]

    def driven(self, model: Model, drives: Iterable[Drive]) -> Iterator[Driven]:
        """What comes of each drive, in order."""
        numbers = cycle(range(self._services or 1))
        tasks = ((number, model.readings, drive) for number, drive in zip(numbers, drives, strict=False))
        for done in self._workers.each(Driver.driven, tasks, self._services or None, finish=True):
            place = self._places.setdefault(done.who, len(self._places) + 1)
            self._heard[place] = done.heard
            driven = done.driven(model)
            instance = driven.instance and replace(driven.instance, place=place)
            yield replace(driven, instance=instance)

    def close(self) -> None:
        """Let go of all of them."""
        self._workers.__exit__(None)
        super().close()
