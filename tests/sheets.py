"""What tests of tables as sheets share: cells out of a policy and back into it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.questions.table.blocks import blocks
from simsync.questions.table.files import csv_text
from simsync.questions.table.importing import Import

Grid = list[list[str]]


def exported(machines: Path, *names: str, reading: str = "") -> Grid:
    chosen = dict([reading.split("=")]) if reading else {}
    return list(csv.reader(io.StringIO(csv_text(blocks(load_model(machines, chosen), names)))))


def saved(grid: Grid, path: Path, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(grid)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def imported(machines: Path, grid: Grid) -> list[str]:
    done = Import(load_model(machines), machines, str(saved(grid, machines.parent / "sheet.csv")))
    done.write()
    return done.changes


def faults(machines: Path, grid: Grid) -> list[str]:
    before = {path.name: path.read_bytes() for path in machines.iterdir()}
    with pytest.raises(SimsyncError) as raised:
        imported(machines, grid)
    assert {path.name: path.read_bytes() for path in machines.iterdir()} == before
    return [str(found).replace(str(machines.parent), "") for found in raised.value.diagnostics]


def comments(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if "#" in line]


def line_of(grid: Grid, row: str) -> list[str]:
    return next(line for line in grid if line and line[0] == row)
