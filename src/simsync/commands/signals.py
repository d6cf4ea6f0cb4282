"""Signals that have something end with a report; a second one ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from simsync.questions.conform.campaign.stopping import Stop

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def heard(ask: Callable[[str], None]) -> Iterator[None]:
    """The first signal asks for an end, by its name, in place of ending anything.

    Whoever handled signals before does so again afterwards, and from the second signal on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return
    before = {number: signal.getsignal(number) for number in ENDING}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    def ended(number: int, _frame: FrameType | None) -> None:
        restore()
        name = signal.Signals(number).name
        click.echo(f"{name}: what is known is reported; once more ends it without", err=True)
        ask(name)

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, ended)
    try:
        yield
    finally:
        restore()


@contextmanager
def stopped_by_signals(seconds: float | None = None, requests: int | None = None) -> Iterator[Stop]:
    """What the first signal stops, or the time when so many seconds are over; for so many requests an hour at most."""
    stop = Stop(seconds, requests)
    with heard(lambda name: stop.ask(f"interrupted by {name}, and not carried through")):
        yield stop
