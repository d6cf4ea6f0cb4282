"""Mermaid texts, read by mermaid itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_page import MODULES, chromium
from conftest import ROOT
from odd import ODD_LABELS, ODD_RUN, odd_graph
from simsync.app import run_scenarios_at
from simsync.drawing.extract import link_graph
from simsync.drawing.graph import Actor, Edge, LabelLine, Node
from simsync.drawing.mermaid import graph_mermaid, sequence_mermaid
from simsync.drawing.runs import paths_of, sequence_of
from simsync.engine.model import Model
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def mermaid() -> Iterator[Page]:
    with chromium() as browser:
        page = browser.new_page()
        page.add_script_tag(path=MODULES / "mermaid" / "dist" / "mermaid.min.js")
        page.evaluate("mermaid.initialize({startOnLoad: false})")
        yield page


def drawn(page: Page, text: str) -> str:
    """What a picture shows, in words; fails where mermaid does not understand the text."""
    svg = page.evaluate("async text => (await mermaid.render('picture', text)).svg", text)
    page.set_content(f"<body>{svg}")
    page.add_script_tag(path=MODULES / "mermaid" / "dist" / "mermaid.min.js")
    assert page.locator("svg").count() == 1
    return str(page.evaluate("document.querySelector('svg').textContent"))


@pytest.mark.parametrize("path", sorted((ROOT / "diagrams").glob("*.mmd")), ids=lambda path: path.stem)
def test_mermaid_draws_the_committed_diagrams(mermaid: Page, path: Path) -> None:
    text = path.read_text()
    shown = drawn(mermaid, text)
    for label in re.findall(r'^ *state "(.*)" as', text, re.M):
        assert re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label) in shown
    edges = len(re.findall(r"^ +\S+ --> ", text, re.M))
    assert mermaid.locator("svg path.transition").count() == edges + 1  # the note has one too


def test_mermaid_shows_every_odd_label(mermaid: Page) -> None:
    shown = " ".join(drawn(mermaid, graph_mermaid(odd_graph())).split())
    for label in ODD_LABELS:
        assert " ".join(label.split()) in shown


@pytest.mark.thorough
def test_mermaid_draws_odd_and_shipped_runs(mermaid: Page, model: Model, loader: ScenarioLoader) -> None:
    (odd,) = loader.load_bytes(ODD_RUN.encode(), "odd.yaml").scenarios
    shown = drawn(mermaid, sequence_mermaid(sequence_of(model, run_scenario(model, odd))))
    for text in ('<b>&amp; "quotes"; 等待批准 #1', '"a;b <i> & "c" \\ {x} [y] |"', "severed", "reject completion"):
        assert text in shown
    for name in ("severing", "suspension", "completion"):
        for result in run_scenarios_at(str(ROOT / "scenarios" / f"{name}.yaml"), model):
            assert drawn(mermaid, sequence_mermaid(sequence_of(model, result)))


@pytest.mark.thorough
def test_mermaid_draws_a_path(mermaid: Page, model: Model) -> None:
    (result,) = run_scenarios_at(str(ROOT / "scenarios" / "severing.yaml:3"), model)
    _, path = paths_of(model, result)
    drawn(mermaid, graph_mermaid(link_graph(model), path))
    assert mermaid.locator("svg .passed").count() >= len(path.nodes)


@pytest.mark.thorough
def test_mermaid_draws_two_hundred_states(mermaid: Page) -> None:
    nodes = tuple(Node(f"s{n}", f"State {n}", "") for n in range(200))
    edges = tuple(Edge(f"s{n}", f"s{n + 1}", (LabelLine("go", Actor.SYSTEM),)) for n in range(199))
    graph = replace(odd_graph(), nodes=nodes, edges=edges, groups={"": ""})
    assert "State 199" in drawn(mermaid, graph_mermaid(graph))
