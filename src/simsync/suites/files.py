"""Scenario files that simsync writes, over none but its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from simsync.errors import Code, usage_error
from simsync.files import write_together
from simsync.loading.scenarios import SUFFIXES
from simsync.seal import is_ours, sealed


def write_sealed(folder: str, command: str, bodies: Mapping[str, str]) -> list[str]:
    """Write files into a directory, over none but simsync's own; gives the paths.

    Raises :class:`SimsyncError` where a file of someone else is in the way; then nothing is written.
    """
    contents = {os.path.join(folder, name): sealed(command, body) for name, body in bodies.items()}
    refuse_foreign(path for path in contents if os.path.lexists(path))
    os.makedirs(folder, exist_ok=True)
    write_together(contents)
    return list(contents)


def write_alone(folder: str, command: str, bodies: Mapping[str, str]) -> str:
    """Write into a directory in which all scenario files are as simsync wrote them; gives the first path.

    Raises :class:`SimsyncError` where a scenario file of someone else is there; then nothing is written.
    """
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else ()
    refuse_foreign(os.path.join(folder, name) for name in names if name.endswith(SUFFIXES))
    return write_sealed(folder, command, bodies)[0]


def refuse_foreign(paths: Iterable[str]) -> None:
    """Raise SimsyncError where a file is not, or not any more, as simsync wrote it."""
    for path in paths:
        if not os.path.isfile(path) or not is_ours(path):
            message = "this was not written by simsync, or was changed since; move it away, or name another directory"
            raise usage_error(path, message, code=Code.NOT_EMPTY)
