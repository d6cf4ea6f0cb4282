"""Several instances of a system, side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from simsync.engine.model import Model
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.lockstep import drive_through
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.sut import System

T = TypeVar("T")
AHEAD = 4
"""Drives that wait for each instance, so that none is idle."""


class Pool:
    """Instances of one system; results come in the order of what was asked, whoever did it."""

    def __init__(self, make: Callable[[int], System], jobs: int) -> None:
        self.systems = [make(number) for number in range(jobs)]
        for place, system in enumerate(self.systems):
            system.place = place
        self._idle: SimpleQueue[System] = SimpleQueue()
        for system in self.systems:
            self._idle.put(system)

    @property
    def first(self) -> System:
        """The instance that is asked what the system can do."""
        return self.systems[0]

    def driven(self, model: Model, drives: Iterable[Drive]) -> Iterator[Driven]:
        """What comes of each drive, in order."""
        return self.each(drives, lambda system, drive: drive_through(system, model, drive))

    def each(self, tasks: Iterable[Drive], do: Callable[[System, Drive], T]) -> Iterator[T]:
        """Do something with an instance and each drive; results in order."""
        if len(self.systems) == 1:
            yield from (do(self.first, task) for task in tasks)
            return
        with ThreadPoolExecutor(len(self.systems)) as executor:
            waiting: deque[Future[T]] = deque()
            try:
                for task in tasks:
                    waiting.append(executor.submit(self._with_one, do, task))
                    if len(waiting) >= AHEAD * len(self.systems):
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            except KeyboardInterrupt:
                for system in self.systems:
                    system.kill()
                raise
            finally:
                executor.shutdown(wait=True, cancel_futures=True)

    def _with_one(self, do: Callable[[System, Drive], T], task: Drive) -> T:
        system = self._idle.get()
        try:
            return do(system, task)
        finally:
            self._idle.put(system)

    def close(self) -> None:
        """Let go of all of them."""
        for system in self.systems:
            system.close()
