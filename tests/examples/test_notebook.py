"""The example notebook runs from first to last, and shows what is stored in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT

PATH = ROOT / "examples" / "notebook" / "first_look.ipynb"
DRAWING = "image/svg+xml"


def shown(cell: dict[str, Any]) -> list[tuple[str, str]]:
    """What a cell shows, in the order of kinds; of a drawing only that there is one: its size is its renderer's."""
    found: list[tuple[str, str]] = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {"text/plain": output.get("text", "")})
        drawn = DRAWING in data
        found += [(DRAWING, "")] if drawn else [(kind, "".join(text)) for kind, text in sorted(data.items())]
    return found


@pytest.mark.thorough
def test_it_runs_and_shows_what_is_stored(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed (pip install -e '.[test]')")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(PATH, as_version=4)
    stored = json.loads(PATH.read_text())["cells"]
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell, before in zip(notebook.cells, stored, strict=True):
        stale = f"{cell.source}\nthe notebook is stale; run: jupyter execute --inplace {PATH.relative_to(ROOT)}"
        assert shown(cell) == shown(before), stale


def test_what_is_stored_draws_itself() -> None:
    cells = json.loads(PATH.read_text())["cells"]
    kinds = [kind for cell in cells for kind, _ in shown(cell)]
    assert kinds.count(DRAWING) == 4
    assert kinds.count("text/html") == 3
    assert "Traceback" not in PATH.read_text()


def test_what_is_stored_names_no_place_of_whoever_ran_it() -> None:
    outputs = json.dumps([cell.get("outputs", []) for cell in json.loads(PATH.read_text())["cells"]])
    assert "scenarios/severing.yaml" in outputs
    assert not re.findall(r"[\"'>( ]/\w+/\w+", outputs)
