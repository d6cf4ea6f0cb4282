"""Tasks given to workers, whose results come in the order of the tasks, whoever did them and however often."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from simsync.errors import Code, usage_error
from simsync.workers.executors import InlineExecutor, ProcessWorkers, TaskExecutor, ThreadWorkers

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")
AHEAD = 4
"""Tasks that wait for each worker, so that none is idle."""
MOST_LOST = 3
"""How often in a row workers may be lost before any result comes."""


def cores() -> int:
    """How many cores there are for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunks(tasks: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Small tasks, so many at a time.

    >>> list(chunks("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (tasks[start : start + most] for start in range(0, len(tasks), most))


class Where(NamedTuple):
    """Where tasks are done: by so many processes of this machine, or by a Dask cluster.

    ``cluster`` is the address of a scheduler, or ``local:N`` for N workers that are started here.
    """

    jobs: int = 1
    cluster: str | None = None

    @property
    def is_here(self) -> bool:
        """Whether all workers are on this machine."""
        if self.cluster is None:
            return True
        from simsync.workers.cluster import LOCAL

        return LOCAL.fullmatch(self.cluster) is not None


HERE = Where()
"""In this process."""


def where(jobs: int | None, cluster: str | None, otherwise: int) -> Where:
    """What is said of workers; ``otherwise`` is the number of processes where nothing is.

    Raises :class:`SimsyncError` where both are said.
    """
    if jobs is not None and cluster is not None:
        message = "a cluster has as many workers as it has; --cluster local:N starts N of them here"
        raise usage_error("--jobs", message, code=Code.USAGE)
    return Where(jobs or otherwise, cluster)


@dataclass(slots=True)
class _Given(Generic[T, R]):
    """A task in the hands of a worker."""

    do: Callable[[Any, T], R]
    task: T
    future: Future[R]

    @property
    def is_lost(self) -> bool:
        """Whether its worker ended before it did."""
        return self.future.done() and isinstance(self.future.exception(), BrokenExecutor)


class Workers(AbstractContextManager["Workers[S]"], Generic[S]):
    """Workers that each prepare the same state once, and then do tasks.

    A task is a pure function of the state and its argument: ``do(state, task)``. What ``prepare`` makes may keep what
    it works out. A task whose worker is ended is done again by another one.

    >>> with Workers(Where(jobs=1), dict, [("a", 1)]) as workers:
    ...     list(workers.each(dict.get, ["a", "b"]))
    [1, None]
    """

    def __init__(
        self, place: Where, prepare: Callable[..., S], *given: Any, shared: Callable[[S], object] | None = None
    ) -> None:
        """``prepare(*given)`` makes the state; ``shared`` makes more of it where several workers then have it at once.

        Raises :class:`SimsyncError` for a cluster that cannot be used.
        """
        self._doing: TaskExecutor
        if place.cluster is not None:
            from simsync.workers.cluster import ClusterWorkers

            self._doing = ClusterWorkers(place.cluster, prepare, given)
        elif place.jobs > 1:
            self._doing = ProcessWorkers(place.jobs, prepare, given, shared)
        else:
            self._doing = InlineExecutor(prepare(*given))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._doing.close(at_once=kind is not None)

    @property
    def count(self) -> int:
        """How many tasks are done at once."""
        return self._doing.count

    def each(
        self, do: Callable[[S, T], R], tasks: Iterable[T], at_once: int | None = None, *, finish: bool = False
    ) -> Iterator[R]:
        """What comes of each task, in their order; few are taken before they can be done.

        ``at_once`` bounds how many are in the hands of workers. ``finish``: where nobody wants more results, those are
        waited for. Raises what a task raises, and :class:`SimsyncError` where workers are lost again and again.
        """
        return in_order(self._doing, do, tasks, at_once, finish=finish)


@contextmanager
def in_threads(states: Sequence[Any]) -> Iterator[TaskExecutor]:
    """Threads of this process that take turns with some states, to be given to :func:`in_order`; one works here.

    >>> with in_threads([1, 1]) as doing:
    ...     list(in_order(doing, lambda state, task: state + task, [1, 2]))
    [2, 3]
    """
    doing: TaskExecutor = ThreadWorkers(states) if len(states) > 1 else InlineExecutor(states[0])
    try:
        yield doing
    finally:
        doing.close(at_once=False)


def in_order(
    doing: TaskExecutor,
    do: Callable[[Any, T], R],
    tasks: Iterable[T],
    at_once: int | None = None,
    *,
    finish: bool = False,
) -> Iterator[R]:
    """As :meth:`Workers.each`, for whoever has an executor of its own."""
    most = at_once or (AHEAD * doing.count if doing.count > 1 else 1)
    waiting: deque[_Given[T, R]] = deque()
    result = partial(_result, doing, waiting)
    try:
        for task in tasks:
            waiting.append(_Given(do, task, _submitted(doing, do, task)))
            if len(waiting) >= most:
                yield result()
        while waiting:
            yield result()
    except GeneratorExit:
        if finish:
            wait([one.future for one in waiting])
        raise
    finally:
        for one in waiting:
            one.future.cancel()


def _result(doing: TaskExecutor, waiting: deque[_Given[T, R]]) -> R:
    """The result of the first task that waits; those whose worker was lost are given to others."""
    lost = 0
    while True:
        future = waiting[0].future
        try:
            result = future.result(doing.patience)
        except Exception as error:
            if isinstance(error, BrokenExecutor) and lost < MOST_LOST:
                lost += 1
                _give_again(doing, waiting)
            elif (said := doing.told(error)) is not None:
                raise said from error
            elif not isinstance(error, TimeoutError) or (future.done() and future.exception() is error):
                raise  # what the task raises
        else:
            waiting.popleft()
            return result


def _give_again(doing: TaskExecutor, waiting: Iterable[_Given[T, R]]) -> None:
    doing.renew()
    for one in waiting:
        if one.is_lost:
            one.future = _submitted(doing, one.do, one.task)


def _submitted(doing: TaskExecutor, do: Callable[[Any, T], R], task: T) -> Future[R]:
    try:
        return doing.submit(do, task)
    except BrokenExecutor as broken:
        lost: Future[R] = Future()
        lost.set_exception(broken)
        return lost
    except Exception as error:
        if (said := doing.told(error)) is not None:
            raise said from error
        raise
