"""The ways to a system under test: a program, a service, a Python object."""

from __future__ import annotations

from functools import partial

from simsync.questions.conform.systems.pipe import PipeConnection, words_of
from simsync.questions.conform.systems.python import PythonConnection, factory_at
from simsync.questions.conform.systems.sut import Connect
from simsync.questions.conform.systems.web import WebConnection, check_address


def by_command(command: str) -> Connect:
    """A program that speaks JSON Lines; raises :class:`SimsyncError` for a command that cannot be read."""
    return partial(PipeConnection, words_of(command))


def by_http(url: str) -> Connect:
    """A service that answers to POST; raises :class:`SimsyncError` for what is no address."""
    check_address(url)
    return partial(WebConnection, url)


def by_python(place: str) -> Connect:
    """What ``package.module:factory`` makes; raises :class:`SimsyncError` where there is no such factory."""
    return partial(PythonConnection, factory_at(place))
