"""Runs drawn: what a sequence diagram says, in every notation, and paths that change colours only."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from conftest import ROOT, Run
from odd import ODD_RUN
from simsync.app import load_model, run_scenarios_at
from simsync.drawing.dot import graph_dot
from simsync.drawing.extract import link_graph, product_graph, status_graphs
from simsync.drawing.files import run_drawings
from simsync.drawing.mermaid import sequence_mermaid
from simsync.drawing.plantuml import sequence_plantuml
from simsync.drawing.render import Job, rasterized, rendered, renderer
from simsync.drawing.runs import paths_of, sequence_of
from simsync.drawing.sequence import LaneSide, Mark
from simsync.drawing.sequence_svg import sequence_svg
from simsync.drawing.style import FADED, PASSED
from simsync.engine.model import Model
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import ScenarioResult, run_scenario


@pytest.fixture
def odd(model: Model, loader: ScenarioLoader) -> ScenarioResult:
    (scenario,) = loader.load_bytes(ODD_RUN.encode(), "odd.yaml").scenarios
    return run_scenario(model, scenario)


def texts(svg: str) -> str:
    return " ".join("".join(node.itertext()) for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"))


def test_what_a_sequence_says(model: Model, odd: ScenarioResult) -> None:
    sequence = sequence_of(model, odd)
    assert list(sequence.items) == ["A1", "T1", "等待"]
    resumed = sequence.beats[3]
    assert resumed.to == frozenset(LaneSide)
    assert resumed.status == ("In Progress", "synchronization: active")
    assert resumed.ref == "lead-rejects"
    assert [says.split()[:2] for says in resumed.says[LaneSide.FIRST]] == [["+", "T1"], ["+", "等待"]]
    assert sequence.beats[4].links["A1"].mark is Mark.CUT
    assert not sequence.beats[4].to
    assert sequence.beats[5].refused.startswith("'accept' is for the service partner")
    assert not sequence.beats[5].failures
    assert sequence.beats[6].failures == ("expected not refused",)
    assert sequence.failed
    assert sequence.beats[7].links["T1"].mark is Mark.GONE
    assert sequence.beats[8].links["等待"].mark is Mark.STOPPED


def test_an_svg_shows_it_all(model: Model, odd: ScenarioResult) -> None:
    svg = sequence_svg(sequence_of(model, odd))
    said = texts(svg)
    for text in ('All signs: <b>&amp; "quotes"; 等待批准 #1', "reject completion", "because lead-rejects", "severed"):
        assert text in said
    assert '"a;b <i> & "c" \\ {x} [y] |"' in said
    assert "two\\nlines" in said
    root = ET.fromstring(svg)
    shapes = [node.get("class", "") for node in root.iter()]
    assert shapes.count("box no") == 3  # two that were refused, and the legend's
    assert shapes.count("box bad") == 2  # one that was not meant to be, and the legend's
    assert shapes.count("go") == 3 + 1  # what crossed over, and the legend's
    assert shapes.count("cut") == 3  # the severed link, the deleted item, and the legend's
    assert model.policy.digest in said
    width = float(root.get("width", "0"))
    assert all(float(node.get("x", "0")) < width for node in root.iter())


def test_the_texts_say_the_same(model: Model, odd: ScenarioResult) -> None:
    sequence = sequence_of(model, odd)
    mermaid, plantuml = sequence_mermaid(sequence), sequence_plantuml(sequence)
    assert mermaid.count("rect rgb") == 3
    assert len(re.findall(r"^  destroy ", mermaid, re.M)) == 3
    assert len(re.findall(r"^destroy ", plantuml, re.M)) == 3
    assert plantuml.count(">x a") == 2
    assert "等待" in mermaid
    assert "等待" in plantuml
    assert not re.search(r"<i>|[{}\[\]|]", mermaid)
    assert "<U+003C>i<U+003E>" in plantuml


def test_a_run_is_drawn_into_files(cli: Run, tmp_path: Path, model: Model) -> None:
    code, out, err = cli("draw", "scenarios/severing.yaml:9", "--all", "--out", tmp_path / "a" / "b")
    assert (code, err) == (0, "")
    names = {path.name for path in (tmp_path / "a" / "b").iterdir()}
    graphs = {
        f"severing-3{g}.{e}" for g in ("-outsource_status", "-sync_link") for e in ("dot", "svg", "png", "mmd", "puml")
    }
    assert names == graphs | {f"severing-3.{e}" for e in ("svg", "png", "mmd", "puml")}
    assert out.splitlines() == [str(tmp_path / "a" / "b" / "severing-3.svg"), f"14 files in {tmp_path / 'a' / 'b'}"]
    for path in (tmp_path / "a" / "b").glob("*.svg"):
        assert model.policy.digest in path.read_text()
        ET.parse(path)
    for path in (tmp_path / "a" / "b").glob("*.png"):
        assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.thorough
def test_every_scenario_of_a_file_is_drawn(cli: Run, tmp_path: Path, model: Model) -> None:
    assert cli("draw", "scenarios/severing.yaml", "--all", "--out", tmp_path)[0] == 0
    results = run_scenarios_at(str(ROOT / "scenarios" / "severing.yaml"), model)
    assert len(list(tmp_path.glob("*.png"))) == 3 * len(results)


def test_files_of_one_name_are_told_apart(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("draw", "scenarios/charges.yaml:4", "scenarios/readings/charges.yaml:4", "--out", tmp_path)
    assert code == 0
    assert [Path(line).name for line in out.splitlines()[:2]] == ["scenarios-charges-4.svg", "readings-charges-4.svg"]
    assert len(list(tmp_path.iterdir())) == 2


def test_one_scenario_is_one_picture_with_who_is_told_what_mattered_and_who_sees_what(cli: Run, tmp_path: Path) -> None:
    place = "docs/examples/questions/3-dispatcher.yaml:1"
    assert cli("draw", place, "--out", tmp_path) == (0, f"{tmp_path}/3-dispatcher-1.svg\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["3-dispatcher-1.svg"]
    shown = " ".join(ET.parse(tmp_path / "3-dispatcher-1.svg").getroot().itertext())
    for said in ("told: primary contact, assigned", "time_entry_notice=on_arrival", "who sees what at the end"):
        assert said in " ".join(shown.split())
    assert cli("draw", "scenarios/severing.yaml:9", "--out", tmp_path, "--reading", "emails_on_sync=yes")[0] == 0


def test_readings_from_elsewhere_are_told(cli: Run, tmp_path: Path) -> None:
    assert cli("draw", "scenarios/severing.yaml:3", "--out", tmp_path, "--reading", "resume=discard")[0] == 0
    assert "given In Progress, read as resume=discard" in (tmp_path / "severing-3.svg").read_text()


def test_what_synced_against_expectation_is_drawn_as_both(model: Model, loader: ScenarioLoader) -> None:
    text = "scenario: x\nsteps:\n  - lead: create note N1\n    expect: {synced: false}\n"
    (scenario,) = loader.load_bytes(text.encode(), "x.yaml").scenarios
    sequence = sequence_of(model, run_scenario(model, scenario))
    assert "a->>b: 3" in sequence_mermaid(sequence)
    assert "failed#58; synced is true" in sequence_mermaid(sequence)
    assert "a -> b : 3" in sequence_plantuml(sequence)
    assert "failed: synced is true" in sequence_plantuml(sequence)
    assert 'class="tip"' in sequence_svg(sequence)
    assert "expected false" in texts(sequence_svg(sequence))


def test_bad_places_and_directories(cli: Run, tmp_path: Path) -> None:
    assert cli("draw")[0] == 2
    code, _, err = cli("draw", "scenarios/none.yaml:4", "--out", tmp_path)
    assert (code, "not-found" in err) == (2, True)
    code, _, err = cli("draw", "scenarios/severing.yaml:9999", "--out", tmp_path)
    assert (code, "scenarios/severing.yaml has lines 1 to" in err) == (2, True)
    code, _, err = cli("draw", "scenarios/severing.yaml:3", "--out", "/proc/nowhere")
    assert (code, "unwritable" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_without_resvg_there_is_no_png_and_it_is_said(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    monkeypatch.setattr("simsync.drawing.render.renderer", lambda: None)
    code, _, err = cli("draw", "scenarios/severing.yaml:3", "--all", "--out", tmp_path)
    assert code == 0
    assert "unlike SVG, needs simsync's extra 'render'" in err
    assert "no `dot` on PATH" in err
    assert not list(tmp_path.glob("*.png"))
    assert (tmp_path / "severing-3.svg").exists()


def positions(svg: bytes) -> list[str]:
    """Everything in a picture that says where something is."""
    root = ET.fromstring(svg)
    where = ("points", "d", "x", "y", "cx", "cy", "rx", "ry", "width", "height", "viewBox", "transform")
    return [f"{name}={node.get(name)}" for node in root.iter() for name in where if node.get(name)]


@pytest.mark.parametrize("place", ["suspension.yaml:19", "severing.yaml:3"])
def test_a_path_changes_colours_only(model: Model, place: str) -> None:
    (result,) = run_scenarios_at(str(ROOT / "scenarios" / place), model)
    command = renderer()
    assert command
    for graph, path in zip((*status_graphs(model), link_graph(model)), paths_of(model, result), strict=True):
        plain, along = (Job("g", graph_dot(graph, p), graph.arrows) for p in (None, path))
        before, after = (pictures["svg"] for pictures in rendered(command, [plain, along], ["svg"]))
        # the legend gets a few words more, at its end
        assert positions(before) == positions(after)
        assert before != after
        assert after.count(f'fill="{PASSED}"'.encode()) >= len(path.nodes)
        assert FADED.encode() in after
        colourless = [re.sub(rb'#[0-9a-f]{6}|"(black|white)"', b"", svg) for svg in (before, after)]
        assert colourless[0].count(b"<text") + 1 >= colourless[1].count(b"<text")


def test_which_path_a_run_takes(model: Model, odd: ScenarioResult) -> None:
    status, link = paths_of(model, odd)
    assert status.nodes == {"Waiting Approval", "In Progress", "Complete"}
    assert ("Waiting Approval", "In Progress", "lead-rejects") in status.taken
    assert {"local", "held", "linked", "severed", "deleted", "ended"} == set(link.nodes)
    graph = link_graph(model.under(odd.readings))
    taken = {(e.source, e.target, line.ref) for e in graph.edges for line in e.lines if link.took(e, line)}
    assert taken == {
        ("local", "held", "own-create-held"),
        ("held", "linked", "resume-delivers"),
        ("linked", "severed", "other-delete"),
        ("linked", "deleted", "own-delete"),
        ("linked", "ended", "completion-ends"),
    }


@pytest.mark.thorough
def test_every_shipped_scenario_can_be_drawn(model: Model) -> None:
    for result in run_scenarios_at(str(ROOT / "scenarios"), model):
        sequence, *graphs = run_drawings(model, [result])
        ET.fromstring(sequence.texts["svg"])
        assert all(graph.texts["dot"].count(FADED) for graph in graphs)


def test_a_png_has_its_letters_without_any_font_on_the_machine(model: Model, odd: ScenarioResult) -> None:
    svg = sequence_svg(sequence_of(model, odd))
    blank = re.sub(r"<text.*?</text>", "", svg)
    with_text, without = rasterized(svg, 1e6), rasterized(blank, 1e6)
    assert with_text
    assert without
    assert len(with_text) > 2 * len(without)


def test_a_drawing_that_is_too_large_for_a_png_is_an_svg_still(cli: Run, tmp_path: Path) -> None:
    steps = "".join(f"  - lead: create note N{n}\n" for n in range(230))
    (tmp_path / "s.yaml").write_text(f"scenario: x\nsteps:\n{steps}")
    code, out, err = cli("draw", tmp_path / "s.yaml", "--all", "--out", tmp_path / "d")
    assert code == 0
    assert "13 files" in out
    assert "no PNG of some sequence diagrams" in err
    assert {path.suffix for path in (tmp_path / "d").glob("s-1.*")} == {".svg", ".mmd", ".puml"}


def test_what_plantuml_would_take_for_a_format(model: Model, loader: ScenarioLoader) -> None:
    text = 'scenario: " /\' b -- c -- // i // "\nsteps:\n  - lead: create note N1\n'
    (scenario,) = loader.load_bytes(text.encode(), "x.yaml").scenarios
    plantuml = sequence_plantuml(sequence_of(model, run_scenario(model, scenario)))
    assert "b <U+002D><U+002D> c" in plantuml
    assert "<U+002F><U+002F> i" in plantuml


def test_of_several_status_machines_a_link_is_drawn_in_the_phases_that_these_declare() -> None:
    graph = product_graph(load_model(ROOT / "tests/policies/bridge"))
    assert list(graph.groups) == ["on", "off"]
    zendesk = product_graph(load_model(ROOT / "examples/policies/zendesk/machines"))
    assert list(zendesk.groups) == ["alone", "shared", "orphaned"]
    assert len(zendesk.nodes) == 5
