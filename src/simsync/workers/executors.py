"""Executors of this machine: this process itself, threads of it, and processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from simsync.errors import Code, SimsyncError, usage_error

T = TypeVar("T")
R = TypeVar("R")


class TaskExecutor(Protocol):
    """An executor whose workers have a state, which every task is given.

    ``patience``: so many seconds lie between two looks at how the workers are, while a result is waited for. None: a
    task always comes to an end, and no look is needed.
    """

    patience: float | None

    @property
    def count(self) -> int:
        """How many tasks are done at once."""
        ...

    def submit(self, do: Callable[[Any, T], R], task: T) -> Future[R]:
        """Have a task done. Raises BrokenExecutor, or its future does, where its worker was lost."""
        ...

    def renew(self) -> None:
        """Have other workers in place of those that were lost."""
        ...

    def told(self, error: Exception) -> SimsyncError | None:
        """What to say of a trouble with the workers, None for one of the task."""
        ...

    def close(self, *, at_once: bool) -> None:
        """Let go of the workers; ``at_once`` waits for nothing that they are at."""
        ...


class InlineExecutor:
    """Tasks are done in this process, when they are given."""

    count = 1
    patience: float | None = None

    def __init__(self, state: Any) -> None:
        self._state = state

    def submit(self, do: Callable[[Any, T], R], task: T) -> Future[R]:
        """What comes of a task at once."""
        done: Future[R] = Future()
        done.set_result(do(self._state, task))
        return done

    def renew(self) -> None:
        """Nothing is ever lost."""

    def told(self, error: Exception) -> SimsyncError | None:
        """Every trouble is the task's."""

    def close(self, *, at_once: bool) -> None:
        """There is nothing to let go of."""


class ThreadWorkers:
    """Threads of this process, which take turns with some states: each is one task's at a time."""

    patience: float | None = None

    def __init__(self, states: Sequence[Any]) -> None:
        self.count = len(states)
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for state in states:
            self._idle.put(state)
        self._executor = ThreadPoolExecutor(len(states))

    def submit(self, do: Callable[[Any, T], R], task: T) -> Future[R]:
        """Have a thread do a task."""
        return self._executor.submit(self._done, do, task)

    def _done(self, do: Callable[[Any, T], R], task: T) -> R:
        state = self._idle.get()
        try:
            return do(state, task)
        finally:
            self._idle.put(state)

    def renew(self) -> None:
        """No thread is ever lost."""

    def told(self, error: Exception) -> SimsyncError | None:
        """Every trouble is the task's."""

    def close(self, *, at_once: bool) -> None:
        """Wait for what the threads are at; nothing new is begun."""
        self._executor.shutdown(cancel_futures=True)


_states: dict[int, Any] = {}
"""What this process keeps between tasks, by the number of the executor that gives them."""
_numbers = count()


class ProcessWorkers:
    """Processes of this machine.

    A fork is quicker, where it is safe: the state is made once, before they part. Elsewhere each process makes it.
    """

    patience: float | None = None

    def __init__(
        self,
        jobs: int,
        prepare: Callable[..., Any],
        given: tuple[Any, ...],
        shared: Callable[[Any], object] | None,
    ) -> None:
        self.count = jobs
        self._number = next(_numbers)
        self._prepare, self._given, self._shared = prepare, given, shared
        self._executor: ProcessPoolExecutor = self._begun()

    def submit(self, do: Callable[[Any, T], R], task: T) -> Future[R]:
        """Have a process do a task; it may be begun for that."""
        with _interruptions_wait():
            return self._executor.submit(_done, self._number, do, task)

    def renew(self) -> None:
        """Have new processes; the others end with the one that was lost."""
        self._executor.shutdown()
        self._executor = self._begun()

    def told(self, error: Exception) -> SimsyncError | None:
        """What to say of processes that are lost again and again."""
        if not isinstance(error, BrokenExecutor):
            return None
        message = "processes ended, again and again, before their task did; is there memory enough for so many?"
        return usage_error("--jobs", message, code=Code.TOO_LARGE)

    def close(self, *, at_once: bool) -> None:
        """End the processes."""
        if at_once:  # nobody waits for what they are at
            for process in list((self._executor._processes or {}).values()):
                process.kill()
        self._executor.shutdown(cancel_futures=True)
        _states.pop(self._number, None)

    def _begun(self) -> ProcessPoolExecutor:
        forks = sys.platform == "linux" and threading.active_count() == 1
        if forks and self._number not in _states:
            state = _states[self._number] = self._prepare(*self._given)
            if self._shared is not None:
                self._shared(state)
        context = multiprocessing.get_context("fork" if forks else "spawn")
        return ProcessPoolExecutor(self.count, context, _begin, (self._number, self._prepare, self._given))


@contextmanager
def _interruptions_wait() -> Iterator[None]:
    """Have Ctrl-C wait, also in processes that begin meanwhile: each would be interrupted before it can ignore that."""
    if not hasattr(signal, "pthread_sigmask"):  # where there are no masks
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(number: int, prepare: Callable[..., Any], given: tuple[Any, ...]) -> None:
    """Prepare a process for tasks; it may have its parent's state."""
    _follow_parent()
    if number not in _states:
        _states[number] = prepare(*given)


def _done(number: int, do: Callable[[Any, T], R], task: T) -> R:
    return do(_states[number], task)


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
