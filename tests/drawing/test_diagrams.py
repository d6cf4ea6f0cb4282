"""Diagrams: drawn from the model, the same every time, and true to whatever names a policy has."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT, Run
from odd import ODD_LABELS, luminance, odd_graph
from simsync.app import load_model
from simsync.drawing import extract
from simsync.drawing.dot import graph_dot
from simsync.drawing.files import checked, drawings
from simsync.drawing.graph import Actor, Edge, Graph, LabelLine, Node
from simsync.drawing.graph import RunPath as Way
from simsync.drawing.mermaid import graph_mermaid
from simsync.drawing.plantuml import graph_plantuml
from simsync.drawing.render import Job, RenderError, rendered, renderer
from simsync.drawing.style import COLOURS, GROUNDS
from simsync.engine.model import Model


def pictured(graph: Graph) -> ET.Element:
    command = renderer()
    assert command, "graphviz-pure is among what the tests install"
    return ET.fromstring(as_svg(command, graph))


def as_svg(command: str, graph: Graph, path: Way | None = None) -> bytes:
    return rendered(command, [Job(graph.name, graph_dot(graph, path), graph.arrows)], ["svg"])[0]["svg"]


def texts(svg: ET.Element) -> str:
    return "\n".join("".join(node.itertext()) for node in svg.iter("{http://www.w3.org/2000/svg}text"))


def test_the_committed_diagrams_are_those_of_the_rules(model: Model) -> None:
    found = checked(drawings(model), str(ROOT / "diagrams"), pictures=True)
    assert (found.stale, found.missing) == ((), ()), "run: simsync diagrams"
    wanted = {f"{d.name}.{ending}" for d in drawings(model) for ending in (*d.texts, "svg", "png")}
    assert {path.name for path in (ROOT / "diagrams").iterdir()} == {*wanted, "README.md"}
    page = (ROOT / "diagrams" / "README.md").read_text()
    assert sorted(re.findall(r"\]\((\w+\.svg)\)", page)) == sorted(n for n in wanted if n.endswith(".svg"))


def test_a_change_of_one_row_makes_them_stale_until_drawn_again(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    rules = tmp_path / "machines" / "sync_rules.yaml"
    rules.write_text(rules.read_text().replace("{id: other-edit, when", "{id: other-change, when"))
    options = ["--machines", tmp_path / "machines", "--out", tmp_path / "drawn"]
    shutil.copytree(ROOT / "diagrams", tmp_path / "drawn")
    code, out, _ = cli("diagrams", "--check", *options)
    changed = [line.removeprefix(f"changed: {tmp_path}/drawn/") for line in out.splitlines()]
    assert code == 1
    assert changed == [
        "sync_link (.dot, .mmd, .puml, .svg, .png)",
        "product (.dot, .mmd, .puml, .svg, .png)",
        "table_others_change (.dot, .svg, .png)",
        "3 changed; draw anew with simsync diagrams, and delete what is left over",
    ]
    assert cli("diagrams", *options)[0] == 0
    assert cli("diagrams", "--check", *options)[0] == 0


def test_left_overs_and_pictures_of_other_rules_are_stale(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "diagrams", tmp_path / "d")
    (tmp_path / "d" / "copy.svg").write_text("<svg/>")
    (tmp_path / "d" / "notes.dot").write_text("digraph { mine }")
    shutil.copy(tmp_path / "d" / "sync_link.mmd", tmp_path / "d" / "old_link.mmd")
    (tmp_path / "d" / "table_copy.png").unlink()
    picture = tmp_path / "d" / "product.svg"
    (digest,) = (one.digest for one in drawings(load_model(ROOT / "machines")) if one.name == "product")
    picture.write_text(picture.read_text().replace(digest, "0" * 16))
    code, out, _ = cli("diagrams", "--check", "--out", tmp_path / "d")
    assert code == 1
    assert out.splitlines() == [
        f"changed: {tmp_path}/d/product (.svg)",
        f"left over: {tmp_path}/d/old_link.mmd",
        f"not made: {tmp_path}/d/table_copy.png",
        "1 changed, 1 left over, 1 not made; draw anew with simsync diagrams, and delete what is left over",
    ]


def test_what_was_never_made_is_not_stale(cli: Run, tmp_path: Path) -> None:
    made = tmp_path / "made"
    said = "no diagram was made yet; simsync diagrams makes them\n"
    assert cli("diagrams", "--check", "--out", made) == (0, said, "")
    made.mkdir()
    shutil.copy(ROOT / "diagrams" / "product.mmd", made)
    code, out, _ = cli("diagrams", "--check", "--out", made)
    *each, last = out.splitlines()
    assert code == 0
    assert {line.partition(": ")[0] for line in each} == {"not made"}
    assert last == f"{len(each)} not made; every diagram that was made is that of the rules"


def test_a_full_disk_leaves_the_old_files_whole(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "diagrams", tmp_path / "d")
    before = {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("simsync.files.os.replace", full)
    code, _, err = cli("diagrams", "--out", tmp_path / "d")
    assert (code, "No space left" in err) == (2, True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()} == before


def test_a_comment_changes_no_digest(tmp_path: Path, model: Model) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    path = tmp_path / "machines" / "sync_link.yaml"
    path.write_text("# another comment\n" + path.read_text())
    assert load_model(tmp_path / "machines").policy.digest == model.policy.digest


def test_what_the_status_diagram_shows(model: Model) -> None:
    graph = extract.status_graphs(model)[0]
    assert [n.id for n in graph.nodes if n.final] == ["Complete"]
    assert [n.id for n in graph.nodes if n.initial] == ["Unsent"]
    edges = {(e.source, e.target): e for e in graph.edges}
    assert len(edges) == len(graph.edges)
    both = edges["Waiting Approval", "Complete"]
    assert [(line.text, line.optional) for line in both.lines] == [
        ("lead: approve completion", False),
        ("lead: complete (if lead_completes=any_time)", True),
    ]
    assert edges["Assigned", "Accepted"].actor is Actor.SECOND
    assert edges["Accepted", "Waiting Approval"].optional


def test_the_link_diagram_shows_only_what_can_happen(model: Model) -> None:
    edges = {(e.source, e.target): {line.text for line in e.lines} for e in extract.link_graph(model).edges}
    assert edges["local", "linked"] == {"share: own-create", "share: own-edit", "share: acceptance-copies"}
    assert edges["linked", "linked"] == {"share: own-edit"}
    assert edges["held", "linked"] == {"share: resume-delivers", "release if copy present: own-edit-released"}
    assert not [source for source, _ in edges if source in ("severed", "ended", "deleted")]
    withdrawn = extract.link_graph(model.under({"made_internal": "withdraw"}))
    assert ("linked", "local") in {(e.source, e.target) for e in withdrawn.edges}


def test_the_product_view_holds_links_to_the_phases_they_occur_in(model: Model) -> None:
    nodes = {node.id for node in extract.product_graph(model).nodes}
    assert "suspended/held" in nodes
    assert not nodes & {"active/held", "ended/held", "none/linked", "active/ended", "none/severed"}


def test_every_label_survives_in_a_picture() -> None:
    seen = texts(pictured(odd_graph()))
    for label in [*ODD_LABELS, "group <&>", "<title> & more", "<one>", '"two"']:
        for part in label.split("\n"):
            assert part in seen, part


def test_every_label_survives_in_the_other_notations() -> None:
    mermaid, plantuml = graph_mermaid(odd_graph()), graph_plantuml(odd_graph())
    assert 'state "q#34;uote" as n0' in mermaid
    assert 'state "#60;b#62;#38;amp#59;#60;/b#62;" as n1' in mermaid
    assert 'state "等待批准" as n3' in mermaid
    assert 'state "line#10;break" as n4' in mermaid
    assert "等待批准" in plantuml
    assert '"q<U+0022>uote"' in plantuml
    assert "line<U+000A>break" in plantuml
    for text in (mermaid, plantuml):
        assert all(line.count('"') in (0, 2) for line in text.splitlines())


def test_a_machine_of_two_hundred_states_is_drawn() -> None:
    nodes = tuple(Node(f"s{n}", f"State {n}", "") for n in range(200))
    edges = tuple(Edge(f"s{n}", f"s{(n * 7 + 1) % 200}", (LabelLine("go", Actor.SYSTEM),)) for n in range(200))
    graph = replace(odd_graph(), nodes=nodes, edges=edges, groups={"": ""})
    assert "State 199" in texts(pictured(graph))


def fake_dot(folder: Path, script: str) -> str:
    path = folder / "dot"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo 'Error: trouble' >&2; exit 0", "Error: trouble"),
        ("exit 3", "exit status 3"),
        ("echo '<svg class=\"edge\"/>'", "drew 1 of 29 edges"),
        ("true", "wrote no svg of outsource_status"),
    ],
)
def test_a_renderer_that_fails_or_leaves_something_out_is_caught(
    tmp_path: Path, model: Model, script: str, sentence: str
) -> None:
    graph = extract.status_graphs(model)[0]
    with pytest.raises(RenderError, match=sentence):
        as_svg(fake_dot(tmp_path, script), graph)


def test_a_failing_renderer_leaves_the_old_files_whole(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    fake_dot(tmp_path / "bin", "exit 1")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sync_link.dot").write_text("mine")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    code, _, err = cli("diagrams", "--out", tmp_path / "out")
    assert code == 2
    assert "failed: exit status 1" in err
    assert [p.read_text() for p in (tmp_path / "out").iterdir()] == ["mine"]


def test_without_a_renderer_the_texts_are_written_and_it_is_said(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simsync.drawing.render.renderer", lambda: None)
    code, _, err = cli("diagrams", "--out", tmp_path / "out")
    assert code == 0
    assert "there is no `dot` on PATH; one without Graphviz needs simsync's extra 'render'" in err
    assert {p.suffix for p in (tmp_path / "out").iterdir()} == {".dot", ".mmd", ".puml"}
    code, _, err = cli("diagrams", "--out", "/proc/nowhere")
    assert code == 2
    assert "unwritable" in err


@pytest.mark.parametrize("ground", ["#ffffff", *GROUNDS])
@pytest.mark.parametrize("colour", COLOURS.values())
def test_labels_stand_out_from_every_ground(colour: str, ground: str) -> None:
    dark, light = sorted((luminance(colour), luminance(ground)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_pictures_are_the_same_however_the_renderer_orders_its_clusters(tmp_path: Path, model: Model) -> None:
    one, two = ('<g id="clust1" class="cluster">a</g>', '<g id="clust2" class="cluster">b</g>')
    edges = '<g class="edge"/>' * 29
    graph = extract.status_graphs(model)[0]
    pictures = []
    for clusters in ((one, two), (two, one)):
        body = "\\n".join(("<svg>", *clusters, edges, "</svg>"))
        pictures.append(as_svg(fake_dot(tmp_path, f"printf '%b\\n' '{body}'"), graph))
    assert pictures[0] == pictures[1]
    assert pictures[0].index(b">a<") < pictures[0].index(b">b<")


def test_letters_are_drawn_where_nobody_has_the_font(cli: Run, tmp_path: Path) -> None:
    assert cli("diagrams", "--machines", ROOT / "tests" / "policies" / "atelier", "--out", tmp_path)[0] == 0
    pictures = [*tmp_path.glob("*.svg"), *(ROOT / "diagrams").glob("*.svg")]
    families = {found for one in pictures for found in re.findall('font-family="([^"]*)"', one.read_text())}
    assert families == {"Arial, Helvetica, Liberation Sans, sans-serif"}


def test_a_picture_of_someone_else_is_not_overwritten(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "product.svg").write_text("my own work")
    code, _, err = cli("diagrams", "--out", tmp_path)
    assert (code, "was not written by simsync" in err) == (2, True)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("product.svg", "my own work")]


def test_a_renderer_that_hangs_is_ended(tmp_path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsync.drawing.render.LONGEST", 0.5)
    script = fake_dot(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 1000")
    with pytest.raises(RenderError, match=r"dot is not done with outsource_status after 0.5 seconds"):
        as_svg(script, extract.status_graphs(model)[0])
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_what_only_draws_is_loaded_only_to_draw() -> None:
    script = "import simsync.cli, sys; simsync.cli.main(['run', 'scenarios/severing.yaml']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"graphviz", "rich", "jinja2", "numpy", "openpyxl", "resvg_py"} & loaded == set()


def test_very_long_texts_are_shortened(model: Model) -> None:
    graph = replace(extract.status_graphs(model)[0], title="\u7b49" * 20_000)
    command = renderer()
    assert command
    assert "\u2026" in texts(ET.fromstring(as_svg(command, graph)))
