"""What scenarios cover, painted on machines and tables: what is a hole, what is out of reach, how often the rest is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import ROOT, Run
from odd import luminance
from sampling import few
from simsync.app import load_model, load_scenarios
from simsync.drawing.graph import Graph, Standing, Usage
from simsync.drawing.style import PAINTS, QUIET
from simsync.engine.model import Model
from simsync.questions.coverage.coverage import Coverage, measure
from simsync.questions.coverage.coverage_diagrams import painted
from simsync.questions.coverage.goals import PAINTABLE, Criterion, Goal
from simsync.questions.coverage.usage_overlay import Brush, painted_machines
from simsync.scenarios.simulate import ScenarioResult, run_scenario

ATELIER = ROOT / "tests" / "policies" / "atelier"
MIRRORS = ROOT / "tests" / "policies" / "atelier_scenarios"
LIFECYCLE = ROOT / "scenarios" / "lifecycle.yaml"


def runs(model: Model, *paths: Path) -> list[ScenarioResult]:
    return [run_scenario(model, one) for one in load_scenarios(*paths, model=model)]


@pytest.fixture(scope="module")
def lifecycle() -> Coverage:
    model = load_model(ROOT / "machines")
    return measure(model, runs(model, LIFECYCLE), list(PAINTABLE))


@pytest.fixture
def unreachable(tmp_path: Path) -> Path:
    """The atelier's rules with a row that no item comes to."""
    rules = tmp_path / "machines"
    rules.mkdir()
    for file in ATELIER.iterdir():
        (rules / file.name).write_bytes(file.read_bytes())
    tables = rules / "sync_rules.yaml"
    line = "  - {id: cuts, when: {change: [edit, delete], by: other, link: mirrored}"
    row = "  - {id: never, when: {change: none, by: other}, then: {effect: none}, sources: [A4]}\n"
    tables.write_text(tables.read_text().replace(line, row + line))
    return rules


def stands(graph: Graph) -> dict[str, dict[Standing, set[str]]]:
    """By criterion, the names of what stands how."""
    found: dict[str, dict[Standing, set[str]]] = {}
    for node in graph.nodes:
        assert node.use is not None
        found.setdefault("states", {}).setdefault(node.use.standing, set()).add(node.id)
    for edge in graph.edges:
        for line in edge.lines:
            assert line.use is not None
            name = f"{line.ref} from {edge.source}"
            found.setdefault("transitions", {}).setdefault(line.use.standing, set()).add(name)
    return found


@pytest.fixture
def quote() -> Coverage:
    """The small policy, of which one scenario leaves much out."""
    model = load_model(ATELIER)
    return measure(model, runs(model, MIRRORS)[1:2], list(PAINTABLE))


@pytest.mark.parametrize("which", few(["quote", "lifecycle"], 2))
def test_holes_are_those_that_coverage_tells(which: str, request: pytest.FixtureRequest) -> None:
    coverage: Coverage = request.getfixturevalue(which)
    both = [stands(graph) for graph in painted_machines(coverage)]
    for criterion in ("states", "transitions"):
        tally = coverage.tallies[Criterion(criterion)]
        assert tally.missing or which == "lifecycle"
        holes = set().union(*(one[criterion].get(Standing.HOLE, set()) for one in both))
        covered = set().union(*(one[criterion].get(Standing.COVERED, set()) for one in both))
        assert holes == {str(hole.goal.key).rpartition(": ")[2] for hole in tally.missing}
        assert covered == {str(goal.key).rpartition(": ")[2] for goal in tally.covered}


@pytest.mark.thorough
def test_what_the_life_cycle_leaves_out_is_a_hole(lifecycle: Coverage) -> None:
    status, link = painted_machines(lifecycle)
    assert stands(status)["transitions"][Standing.HOLE] == {
        "service-submits-unstarted from Accepted",
        "lead-completes-submitted from Waiting Approval",
        "lead-outsources-again from Complete",
    }
    assert [one.split(";")[0] for one in (status.paint[Standing.COVERED], link.paint[Standing.COVERED])] == [
        "covered: 8 of 8 states, 12 of 15 transitions",
        "covered: 3 of 6 states, 2 of 18 transitions",
    ]


@pytest.mark.thorough
def test_scenarios_are_counted_once_each(lifecycle: Coverage) -> None:
    results = runs(lifecycle.model, LIFECYCLE)
    completed = sum(any(one.outcome.after.status == "Complete" for one in result.steps) for result in results)
    status, _ = painted_machines(lifecycle)
    (complete,) = (node for node in status.nodes if node.id == "Complete")
    assert complete.use == Usage(Standing.COVERED, completed)
    assert str(Usage(Standing.COVERED, 1234)) == "\u00d71,234"


@pytest.mark.thorough
def test_every_notation_shows_the_holes(lifecycle: Coverage) -> None:
    drawn = {one.name: one.texts for one in painted(lifecycle)}
    hole, quiet = PAINTS[Standing.HOLE], PAINTS[Standing.COVERED]
    texts = drawn["sync_link"]
    found = re.findall(rf'label=<(\w+)<.*style="rounded,filled,{hole.dash}", color="{hole.ink}"', texts["dot"])
    assert found == ["linked", "severed", "deleted"]
    halves = (
        f'color="{hole.ink}", style={hole.dash}, penwidth={hole.width}'  # an arrow comes to its label and leaves it
    )
    assert texts["dot"].count(halves) == 2 * 14
    assert texts["dot"].count(f'color="{quiet.ink}", style=solid') == 2 * 2
    assert "<B>link-severs \u00d70</B>" in texts["dot"]
    holes = re.findall(r"class (n\d+) u1", texts["mmd"])
    names = [name for one in holes for name in re.findall(rf'"(\w+)<br/>never used" as {one}\n', texts["mmd"])]
    assert names == found
    assert f"classDef u1 fill:{hole.ground},stroke:{hole.ink},stroke-width:{hole.width}px,stroke-dash" in texts["mmd"]
    assert re.findall(rf'state "(\w+)\\nnever used" as n\d {hole.ground};line:\w+;line.dashed', texts["puml"]) == found
    assert texts["puml"].count("dashed,thickness=3") == 14


@pytest.mark.thorough
def test_a_table_has_the_rows_of_other_readings_too(lifecycle: Coverage) -> None:
    table = {one.name: one.texts["dot"] for one in painted(lifecycle)}["table_own_change"]
    hole = PAINTS[Standing.HOLE]
    assert (
        f'BGCOLOR="{hole.ground}"><FONT COLOR="{hole.ink}"><B>own-edit-withdraws (if made_internal=withdraw)<' in table
    )
    assert '<B>own-create-held</B></TD><TD ALIGN="LEFT">suspended' in table
    assert "covered: 1 of 25 rows" in table
    rows = [re.findall(r"<TR>", one.texts["dot"]) for one in painted(lifecycle) if one.name.startswith("table_")]
    assert sum(map(len, rows)) >= lifecycle.tallies[Criterion.RULES].total


def test_a_row_that_another_option_has_replaced_is_there_too() -> None:
    model = load_model(ATELIER, {"quotes": "kept"})
    coverage = measure(model, runs(model, MIRRORS), list(PAINTABLE))
    (table,) = (one.texts["dot"] for one in painted(coverage) if ">quote-kept<" in one.texts["dot"])
    assert "quote (if read otherwise)<" in table


@pytest.mark.thorough
def test_where_nothing_is_missing_no_hole_is_painted(cli: Run, tmp_path: Path) -> None:
    code, out, err = cli("coverage", "--criteria", "rules", "--holes", "0", "--diagrams", tmp_path)
    assert (code, "files in" in err) == (0, True)
    assert [line.split()[0] for line in out.splitlines() if "100.0%" in line] == ["rules", "states", "transitions"]
    texts = [path.read_text() for path in tmp_path.glob("*.dot")]
    assert len(texts) == 13
    assert not any("never used" in text or "\u00d70" in text or PAINTS[Standing.HOLE].ink in text for text in texts)


def test_what_is_out_of_reach_is_grey_with_the_reason(unreachable: Path) -> None:
    model = load_model(unreachable)
    coverage = measure(model, runs(model, MIRRORS), list(PAINTABLE))
    assert Brush(coverage).use(Goal(Criterion.RULES, "never")) == Usage(Standing.BEYOND)
    (table,) = (one.texts["dot"] for one in painted(coverage) if ">never<" in one.texts["dot"])
    assert f'<FONT COLOR="{PAINTS[Standing.BEYOND].ink}">never</FONT>' in table
    assert "out of reach, and in no total: no item comes to a situation that it decides" in table


@pytest.mark.thorough
def test_a_file_of_someone_else_stays(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "table_sends.dot").write_text("digraph mine {}\n")
    code, _, err = cli("coverage", "--criteria", "rules", "--diagrams", tmp_path)
    assert (code, "was not written by simsync" in err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["table_sends.dot"]


def test_a_directory_that_is_not_there_is_told_before_anything_is_drawn(cli: Run, tmp_path: Path) -> None:
    code, out, err = cli("coverage", tmp_path / "nowhere", "--diagrams", tmp_path / "out")
    assert (code, out, "nowhere" in err) == (2, "", True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("standing", Standing)
def test_paint_stands_out_from_every_ground(standing: Standing) -> None:
    for ground in ("#ffffff", QUIET, PAINTS[standing].ground):
        dark, light = sorted((luminance(PAINTS[standing].ink), luminance(ground)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5
    assert len({(looks.dash, looks.width) for looks in PAINTS.values()}) == len(Standing), "told apart by form alone"


@pytest.mark.thorough
def test_the_rulebook_marks_what_its_scenarios_leave_out(cli: Run, tmp_path: Path) -> None:
    book = tmp_path / "book.html"
    assert cli("rulebook", LIFECYCLE, "--out", book)[0] == 0
    text = book.read_text()
    assert "They cover 11 of 14 states, 14 of 33 transitions, 7 of 93 rows" in text
    assert re.search(r'class="node hole">\s*<a [^>]*href="#state-sync_link-severed"', text)
    assert len(re.findall('class="node hole"', text)) == 3
    assert 'data-title="linked \u2192 severed (never used)"' in text
    assert 'aria-label="from Accepted to In Progress: lead' not in text
    row = text[text.index('id="rule-own-edit"') :].partition("</tr>")[0]
    assert '<span class="unused">never used</span>' in row
    assert "scenario" not in row.partition('data-label="used in"')[2]
    holds = text[text.index('id="rule-link-holds"') :].partition("</tr>")[0]
    assert re.findall(r'class="unused">([^<]*)<', holds) == ["from linked: never used", "from held: never used"]
    assert "1 scenario" in holds
    severed = text[text.index('id="state-sync_link-severed"') :].partition("</div>")[0]
    assert '<dd><span class="unused">never used</span>' in severed


def test_the_rulebook_tells_why_something_is_out_of_reach(cli: Run, tmp_path: Path, unreachable: Path) -> None:
    book = tmp_path / "book.html"
    assert cli("rulebook", MIRRORS, "--machines", unreachable, "--out", book)[0] == 0
    row = book.read_text().partition('id="rule-never"')[2].partition("</tr>")[0]
    assert '<span class="none">out of reach: no item comes to a situation that it decides' in row


@pytest.mark.thorough
def test_a_rulebook_of_scenarios_that_use_everything_marks_nothing(cli: Run, tmp_path: Path) -> None:
    book = tmp_path / "book.html"
    assert cli("rulebook", "--out", book)[0] == 0
    text = book.read_text()
    assert "They cover 14 of 14 states, 33 of 33 transitions, 93 of 93 rows" in text
    assert not re.search(r'class="(unused|(node|edge) (hole|beyond))"|never used', text)
