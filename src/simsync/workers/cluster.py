"""Workers of a Dask cluster: of one that is there, or of one that is started here."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import pickle
import platform
import re
import signal
import threading
import time
import uuid
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from simsync.errors import Code, SimsyncError, usage_error
from simsync.extras import lacking
from simsync.progress import tell
from simsync.version import __version__

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

T = TypeVar("T")
R = TypeVar("R")
LOCAL = re.compile(r"local:([1-9]\d{0,2})")
OPTION = "--cluster"
PATIENCE = 5
"""Seconds to wait for a scheduler to answer, and then for its first worker."""
ALONE = 600
"""Seconds to wait for workers to come back when none is left."""
STATES_KEPT = 2
"""States that a worker keeps: a cluster outlives those who use it."""
SETTINGS = {
    "distributed.admin.large-graph-warning-threshold": "1TiB",
    "distributed.worker.daemon": True,
    "distributed.deploy.lost-worker-timeout": "1h",  # on a busy machine it takes long until another one is there
    "distributed.nanny.pre-spawn-environ.PYTHONWARNINGS": "ignore",
}


class Software(NamedTuple):
    """What must be the same here and at every worker, so that results are. ``code`` is a digest of simsync's source."""

    python: str
    simsync: str
    code: str


class ClusterWorkers:
    """Workers of a Dask cluster, each of which prepares the state when its first task comes.

    What the state is made of goes to the scheduler once, and from there or from each other to the workers. Dask has
    the tasks of a worker that ended done by others.
    """

    patience: float | None = PATIENCE

    def __init__(self, address: str, prepare: Callable[..., Any], given: tuple[Any, ...]) -> None:
        """Raises :class:`SimsyncError` where there is no such cluster, or it is not like this simsync."""
        self._address, self._name = address, uuid.uuid4().hex
        self._client: Any = None
        self._own: Any = None  # the cluster that was started here
        self._alone: float | None = None  # since when there is no worker
        try:
            self._client = self._connected()
            self.count = self._checked()
            tell(self._seen())
            blob = pickle.dumps((prepare, given))
            self._given = self._client.submit(_same, blob, key=f"simsync-{self._name}", pure=False)
            self._executor = self._client.get_executor(pure=False)
        except BaseException:
            self.close(at_once=True)
            raise

    def submit(self, do: Callable[[Any, T], R], task: T) -> Future[R]:
        """Have a worker do a task."""
        future: Future[R] = self._executor.submit(_done, self._given, self._name, do, task)
        return future

    def renew(self) -> None:
        """Dask does so by itself."""

    def told(self, error: Exception) -> SimsyncError | None:
        """What to say of a trouble of the cluster, None for another one."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            return _trouble(f"workers of {self._address} ended, again and again, before their task did")
        if self._client.status != "running" or isinstance(error, CancelledError):
            return _trouble(f"the scheduler at {self._address} went away before all was done")
        if isinstance(error, TimeoutError) and self._left_alone():
            return _trouble(f"all workers of {self._address} are gone, and none has come back in {ALONE} s")
        return None

    def _left_alone(self) -> bool:
        """Whether there has been no worker for long."""
        try:
            is_alone = not self._client.nthreads()
        except OSError:  # the scheduler does not answer: its own end is told otherwise
            return False
        now = time.monotonic()
        self._alone = (now if self._alone is None else self._alone) if is_alone else None
        return self._alone is not None and now - self._alone > ALONE

    def close(self, *, at_once: bool) -> None:
        """Leave the cluster, and end it if it was started here."""
        if self._client is not None:
            with suppress(Exception):  # what workers keep is let go of as far as they can be asked
                self._client.run(_forget, self._name)
        for one in (self._client, self._own):
            with suppress(TimeoutError):  # who does not end in time is left to itself
                if one is not None:
                    one.close()

    def _connected(self) -> Client:
        try:
            import dask
            import distributed
        except ImportError as error:
            raise _trouble(lacking("a cluster", "cluster")) from error
        _quiet()
        dask.config.set(SETTINGS)
        local = LOCAL.fullmatch(self._address)
        if local is not None:
            self._own = _started(int(local[1]))
            return distributed.Client(self._own, set_as_default=False)
        try:
            asyncio.run(_asked(self._address))
            return distributed.Client(self._address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise _trouble(f"no Dask scheduler answers at '{self._address}': {_sentence(error)}") from error

    def _seen(self) -> str:
        """How many workers there are, and where Dask shows what they do, or why it does not."""
        said = f"{self._address}: {self.count} worker{'s' * (self.count > 1)}"
        if not self._client.run_on_scheduler(has_bokeh):
            here = "" if self._own is not None else " beside its scheduler"
            return f"{said}; Dask shows what they do where bokeh is installed{here}: pip install bokeh"
        link = self._client.dashboard_link
        return f"{said}; what they do is shown at {link}" if _answers(link) else said

    def _checked(self) -> int:
        """How many tasks the workers do at once. Raises :class:`SimsyncError` where there is none, or one is unlike."""
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise _trouble(f"the cluster at {self._address} has no worker") from error
        try:
            found: dict[str, Software] = self._client.run(software)
            found |= {"scheduler": self._client.run_on_scheduler(software)}
        except Exception as error:
            raise _trouble(f"the cluster at {self._address} cannot run this simsync: {_sentence(error)}") from error
        here = software()
        for name, there in found.items():
            if there != here:
                raise _trouble(f"{name} of the cluster has {_told(there)}, and here is {_told(here)}")
        return len(found) - 1


def _quiet() -> None:
    """Let nothing be heard of Dask but what simsync says."""
    warnings.filterwarnings("ignore", module=r"distributed\b")
    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


async def _asked(address: str) -> None:
    """Ask a scheduler who it is; a client that gets no answer would not end in order."""
    from distributed import rpc

    async with rpc(address) as scheduler:
        await asyncio.wait_for(scheduler.identity(), PATIENCE)


def _started(count: int) -> LocalCluster:
    """A cluster of this machine."""
    from distributed import LocalCluster

    with _ctrl_c_blocked():
        return LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0" if has_bokeh() else None,
            worker_dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )


@contextmanager
def _ctrl_c_blocked() -> Iterator[None]:
    """Threads that begin here never hear Ctrl-C, nor do the processes that they start: this one answers it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would unblock it again when it is needed
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def software() -> Software:
    """What this process runs."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for source in sorted(root.rglob("*.py")):
        digest.update(source.read_bytes())
    return Software(platform.python_version(), __version__, digest.hexdigest()[:12])


def has_bokeh() -> bool:
    """Whether this process has what Dask's pages are drawn with."""
    return find_spec("bokeh") is not None


def _answers(link: str) -> bool:
    """Whether there is a page."""
    from urllib.request import urlopen

    try:
        with urlopen(link, timeout=PATIENCE) as page:
            return bool(page.status == 200)
    except (OSError, ValueError):
        return False


def _told(one: Software) -> str:
    return f"Python {one.python} and simsync {one.simsync} ({one.code})"


def _sentence(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing came in {PATIENCE} s"
    return " ".join(str(error).split()) or type(error).__name__


def _trouble(message: str) -> SimsyncError:
    return usage_error(OPTION, message, code=Code.USAGE)


_states: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()
"""A state is not made for several threads at once: of those of a worker, one works."""


def _same(given: bytes) -> bytes:
    return given


def _forget(name: str) -> None:
    """Let go of a state at once, also in the middle of a task."""
    state = _states.pop(name, None)
    if hasattr(state, "close"):
        state.close()


def _done(given: bytes, name: str, do: Callable[[Any, T], R], task: T) -> R:
    with _lock:
        if name not in _states:
            while len(_states) >= STATES_KEPT:
                _forget(next(iter(_states)))
            prepare, parts = pickle.loads(given)
            _states[name] = prepare(*parts)
        return do(_states[name], task)
