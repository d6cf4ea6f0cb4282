"""Scenario files that simsync writes, over none but its own."""

from __future__ import annotations

import os
from collections.abc import Mapping

from simsync.files import write_together
from simsync.generated_marker import marked, refuse_foreign
from simsync.scenarios.loading import SUFFIXES


def write_sealed(folder: str, command: str, bodies: Mapping[str, str]) -> list[str]:
    """Write files into a directory, over none but simsync's own; gives the paths.

    Raises :class:`SimsyncError` where a file of someone else is in the way; then nothing is written.
    """
    contents = {os.path.join(folder, name): marked(command, body) for name, body in bodies.items()}
    refuse_foreign(contents)
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
