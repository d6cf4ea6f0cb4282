"""The work of judging mutants, shared out to processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import cached_property
from typing import TypeVar

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.way import Way
from simsync.progress import Progress
from simsync.questions.mutate.judging import Killer, SuiteUnderTest, told_apart
from simsync.questions.mutate.mutants import mutants
from simsync.questions.mutate.walked import Walked
from simsync.scenarios.scenario import Scenario

CHUNK = 100
_T = TypeVar("_T")


def cores() -> int:
    """How many cores there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Team:
    """Shares the work out to processes, or does it here if there is but one."""

    def __init__(self, model: Model, scenarios: Sequence[Scenario], jobs: int) -> None:
        self._pool: ProcessPoolExecutor | None = None
        # a fork is quicker, where it is safe: what all processes need is made once, before they part
        forks = sys.platform == "linux" and threading.active_count() == 1
        if jobs == 1 or forks:
            _Worker.begin(model, scenarios)
        if jobs > 1 and forks:
            _ = _Worker.here().walked
            self._pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _follow_parent)
        elif jobs > 1:
            given = model, scenarios
            self._pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin_apart, given)

    def __enter__(self) -> Team:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool is not None:
            if kind is not None:  # nobody waits for what they are at
                for process in list((self._pool._processes or {}).values()):
                    process.kill()
            self._pool.shutdown(cancel_futures=True)
        _Worker.now = None

    def killers(self, numbers: Sequence[int], progress: Progress) -> Iterator[tuple[int, Killer]]:
        """The killer of each mutant."""
        return self._in_chunks(_killers, numbers, progress)

    def kills(self, numbers: Sequence[int], progress: Progress) -> Iterator[tuple[int, dict[int, int]]]:
        """For each mutant all scenarios that fail visibly under it, with the number of steps to the first failure."""
        return self._in_chunks(_kills, numbers, progress)

    def _in_chunks(
        self, do: Callable[[Sequence[int]], list[tuple[int, _T]]], numbers: Sequence[int], progress: Progress
    ) -> Iterator[tuple[int, _T]]:
        done = 0
        for found in self._each(do, [(numbers[start : start + CHUNK],) for start in range(0, len(numbers), CHUNK)]):
            yield from found
            done += len(found)
            progress("mutants run", done, len(numbers))

    def ways(self, numbers: Sequence[int], progress: Progress) -> Iterator[tuple[int, Way | None]]:
        """The scenario that tells each of some mutants from the rules, None if there is none."""
        for done, found in enumerate(self._each(_way, [(number,) for number in numbers]), 1):
            yield found
            progress("mutants compared with the rules", done, len(numbers))

    def _each(self, do: Callable[..., _T], tasks: Iterable[tuple[object, ...]]) -> Iterator[_T]:
        if self._pool is None:
            yield from (do(*task) for task in tasks)
            return
        futures: list[Future[_T]] = [self._pool.submit(do, *task) for task in tasks]
        yield from (future.result() for future in as_completed(futures))


class _Worker:
    """What a process keeps between tasks."""

    now: _Worker | None = None

    def __init__(self, model: Model, scenarios: Sequence[Scenario]) -> None:
        self.mutants = mutants(model)
        self.suite = SuiteUnderTest(model, scenarios)

    @cached_property
    def walked(self) -> Walked:
        """The rules walked through, once a process needs it."""
        return Walked(self.suite.model)

    @staticmethod
    def begin(model: Model, scenarios: Sequence[Scenario]) -> None:
        """Prepare this process."""
        _Worker.now = _Worker(model, scenarios)

    @classmethod
    def here(cls) -> _Worker:
        """The one of this process."""
        assert cls.now is not None
        return cls.now


def _begin_apart(model: Model, scenarios: Sequence[Scenario]) -> None:
    """Prepare a process of the pool that shares nothing with its parent."""
    _follow_parent()
    _Worker.begin(model, scenarios)


def _follow_parent() -> None:
    """Let Ctrl-C, which reaches a process of the pool too, be its parent's to answer; it ends with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Nobody gives work to a process whose parent was ended at once."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _killers(numbers: Sequence[int]) -> list[tuple[int, Killer]]:
    worker = _Worker.here()
    with collector_paused():
        return [(number, worker.suite.killer(worker.mutants[number])) for number in numbers]


def _kills(numbers: Sequence[int]) -> list[tuple[int, dict[int, int]]]:
    worker = _Worker.here()
    with collector_paused():
        return [(number, worker.suite.kills(worker.mutants[number])) for number in numbers]


def _way(number: int) -> tuple[int, Way | None]:
    worker = _Worker.here()
    with collector_paused():
        return number, told_apart(worker.walked, worker.mutants[number])
