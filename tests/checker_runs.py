"""Exported models given to the checkers that they are for, by the very commands at the top of the file."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from simsync.questions.export.listing import Listing
from simsync.questions.export.murphi import murphi
from simsync.questions.export.promela import promela

TOOLS = {"promela": "spin", "murphi": "rumur"}
WRITERS = {"promela": promela, "murphi": murphi}
FILES = {"promela": "model.pml", "murphi": "model.m"}
COUNTS = {
    "promela": r"(\d+) states, stored\n(?s:.*?)(\d+) transitions \(= stored\+matched\)",
    "murphi": r"(\d+) states, (\d+) rules fired",
}


class Ran(NamedTuple):
    """What a checker counted and said; ``text`` is the exported file."""

    states: int
    transitions: int
    said: str
    text: str


def need(form: str) -> None:
    """Skip the test where the checker is missing, unless it must not be."""
    missing = [name for name in (TOOLS[form], "gcc") if shutil.which(name) is None]
    if missing and os.environ.get("SIMSYNC_CHECKERS") == "required":
        pytest.fail(f"{missing[0]} is not installed (make checkers)")
    if missing:
        pytest.skip(f"{missing[0]} is not installed (make checkers)")


def check(form: str, listing: Listing, folder: Path) -> Ran:
    """Write the model and run the commands that stand at its top."""
    need(form)
    text = WRITERS[form](listing, FILES[form])
    (folder / FILES[form]).write_text(text)
    commands = re.findall(r"^(?:--| \*)     (\S.*)$", text.split("Check it again:")[1], re.M)
    *made, run = commands[:3]
    for command in made:
        done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    said = subprocess.run(run, shell=True, cwd=folder, capture_output=True, text=True).stdout
    counted = re.search(COUNTS[form], said)
    assert counted is not None, said
    return Ran(int(counted[1]), int(counted[2]), said, text)
