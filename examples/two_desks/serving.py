"""The adapter's command line: start the system, answer requests on standard input or by HTTP, end it."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from examples.two_desks.faults import FAULTS
from examples.two_desks.lifecycle import ROLES
from examples.two_desks.protocol import Adapter
from examples.two_desks.running import TwoDesks

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = ("create", "edit", "delete")


def parser(description: str) -> argparse.ArgumentParser:
    """The options that the system has however it is started."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--fault", choices=sorted(FAULTS), metavar="NAME", help="switch on a fault, see faults.py")
    options.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the desks' files here, not in a temporary place"
    )
    return options


def ended(signal_number: int, _frame: FrameType | None) -> None:
    """End on a signal as on an error, so that no child is left."""
    sys.exit(128 + signal_number)


def system_of(options: argparse.Namespace) -> TwoDesks:
    """Start the system under these options; SystemExit with a sentence where that cannot be."""
    for needed in ("starlette", "uvicorn"):
        if find_spec(needed) is None:
            sys.exit(f"two_desks: {needed} is not installed; pip install '.[examples]' in {ROOT} brings it")
    directory: Path | None = options.data
    if directory is not None:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            sys.exit(f"two_desks: {directory} cannot be used for the desks' files: {problem.strerror}")
    return TwoDesks(data=directory, fault=options.fault)


def serve_lines(adapter: Adapter) -> None:
    """Answer each line of standard input with a line, in their order, until it ends.

    Each desk has a thread for the acts on it, so that both are asked at once where lines for both have come.
    """
    said: list[Future[None]] = []
    with ExitStack() as threads:
        speaker = threads.enter_context(ThreadPoolExecutor(1))
        desks = {role: threads.enter_context(ThreadPoolExecutor(1)) for role in ROLES}
        for line in filter(bytes.strip, sys.stdin.buffer):
            role = adapter.desk_of(line)
            if role is not None:
                answer = desks[role].submit(adapter.answer, line)
                said.append(speaker.submit(say, answer.result))
                continue
            while said:
                said.pop(0).result()
            say(partial(adapter.answer, line))
        for one in said:
            one.result()


def say(answer: Callable[[], str]) -> None:
    """Write an answer once it is there."""
    sys.stdout.write(answer() + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run the adapter until its input ends or it is told to stop."""
    options_ = parser("Two ticket desks as a system under test, by JSON Lines or HTTP.")
    options_.add_argument(
        "--http", type=int, metavar="PORT", help="answer POSTs on this port (0: any) instead of lines"
    )
    options_.add_argument(
        "--crash-at", choices=ACTIONS, metavar="ACTION", help=f"crash the desk at each {', '.join(ACTIONS)}"
    )
    options_.add_argument(
        "--disruptible", action="store_true", help="say in which ways it can be disrupted, so that it is"
    )
    options_.add_argument(
        "--parallel", action="store_true", help="say that both desks may be asked at once, so that they are"
    )
    options = options_.parse_args(arguments)
    signal.signal(signal.SIGTERM, ended)
    with system_of(options) as system:
        try:
            system.wait()
            adapter = Adapter(system, options.crash_at, disruptible=options.disruptible, parallel=options.parallel)
            if options.http is None:
                serve_lines(adapter)
            else:
                from examples.two_desks.http_adapter import serve_http  # its imports cost as much as a desk's start

                serve_http(adapter, options.http)
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
    return 0
