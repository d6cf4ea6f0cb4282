"""Golden texts of diagrams: what is in tests/golden/ is what is drawn; `make golden` draws it anew.

The shipped rules' own are in diagrams/, drawn by `simsync diagrams`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from simsync.app import load_model, load_scenarios
from simsync.drawing.dot import graph_dot
from simsync.drawing.files import drawings, run_drawings
from simsync.drawing.graph import RunPath as Way
from simsync.drawing.mermaid import graph_mermaid
from simsync.drawing.plantuml import graph_plantuml
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario

HERE = Path(__file__).parents[1]
GOLDEN = HERE / "golden"


def made() -> dict[str, str]:
    """Every golden text by the name of its file: odd names and signs, a second policy, runs of both policies."""
    from odd import ODD_LABELS as ODD
    from odd import ODD_RUN as ODD_SCENARIO
    from odd import odd_graph

    graph = odd_graph()
    way = Way({ODD[0], ODD[1]}, {(ODD[0], ODD[1], "")})
    texts: dict[str, str] = {}
    for name, path in (("odd", None), ("odd-path", way)):
        for ending, draw in (("dot", graph_dot), ("mmd", graph_mermaid), ("puml", graph_plantuml)):
            texts[f"{name}.{ending}"] = draw(graph, path)
    shipped, second = load_model(HERE.parent / "machines"), load_model(HERE / "policies" / "atelier")
    (odd,) = ScenarioLoader(shipped.factory).load_bytes(ODD_SCENARIO.encode(), "odd-run.yaml").scenarios
    (first, *_) = load_scenarios(HERE / "policies" / "atelier_scenarios", model=second)
    first = replace(first, file=str(Path(first.file).relative_to(HERE)))
    drawn = [
        *drawings(second),
        *run_drawings(shipped, [run_scenario(shipped, odd)]),
        *run_drawings(second, [run_scenario(second, first)]),
    ]
    for drawing in drawn:
        for ending, text in drawing.texts.items():
            texts[f"{drawing.name}.{ending}"] = text
    return texts


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    return made()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*")), ids=lambda path: path.name)
def test_it_is_drawn_as_it_was(path: Path, fresh: dict[str, str]) -> None:
    assert path.read_text(encoding="utf-8") == fresh.get(path.name), "if it is meant to differ, run: make golden"


def test_they_are_the_same_wherever_the_project_lies(fresh: dict[str, str]) -> None:
    assert not [name for name, text in fresh.items() if str(HERE.parent) in text or HERE.parent.name + "/tests" in text]


def test_none_is_missing(fresh: dict[str, str]) -> None:
    assert {path.name for path in GOLDEN.glob("*")} == fresh.keys(), "run: make golden"


if __name__ == "__main__":
    for path in GOLDEN.glob("*"):
        path.unlink()
    for name, text in made().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
