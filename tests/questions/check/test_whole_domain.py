"""The finite domain of a table has everything that comes about, and is described by few conjunctions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT
from sampling import few
from simsync.app import load_model
from simsync.engine.facts import Facts, holds
from simsync.policy.policy import Decides
from simsync.questions.check.cubes import boxes
from simsync.questions.check.static_completeness import StaticCompleteness
from simsync.statespace.grid import Domain, Grid, facts_of, matched, once_a_step
from simsync.statespace.reachability import Reached

BOTH = pytest.mark.parametrize("which", few(["atelier", "reached"], 2))


@pytest.fixture(scope="module")
def atelier() -> Reached:
    return Reached(load_model(ROOT / "tests" / "policies" / "atelier"))


CELLS = st.sets(st.tuples(*[st.sampled_from(["x", "y", "z"])] * 3), min_size=1, max_size=20)


@given(CELLS, CELLS)
def test_boxes_take_in_all_cells_and_none_of_the_others(some: set[tuple[str, ...]], more: set[tuple[str, ...]]) -> None:
    facts = ("a", "b", "c")
    cells, others = sorted(some - more), sorted(more)
    made = list(boxes(facts, cells, others))
    assert sorted(cell for box in made for cell in box.cells) == cells
    for box in made:
        for cell in box.cells:
            assert holds(box.when, dict(zip(facts, cell, strict=True)))
        for other in others:
            assert not holds(box.when, dict(zip(facts, other, strict=True)))
        for n in range(len(box.when)):  # none of its conditions can be spared
            shorter = box.when[:n] + box.when[n + 1 :]
            assert any(holds(shorter, dict(zip(facts, other, strict=True))) for other in others)


def test_a_box_does_not_speak_of_facts_without_a_value() -> None:
    (box,) = boxes(("a", "b"), [(None, "x")], [("y", "z")])
    assert box.when == (("b", ("x",)),)
    (box,) = boxes(("a", "b"), [(None, "x")], [("y", "x"), ("y", "z")])
    assert box.cells == ((None, "x"),)


def test_a_grid_knows_where_conjunctions_hold() -> None:
    grid = Grid(("a", "b"), [("x", True), ("x", False), ("y", True), ("x", True)])
    assert len(grid.cells) == 3
    where = grid.where((("a", ("x",)), ("b", (True,))))
    assert [*grid.members(where)] == [("x", True)]
    assert [*grid.members(grid.where(()))] == [*grid.cells]
    assert grid.set_of([("x", True), ("nothing", True)]) == where
    once, twice = matched(grid, [(("a", ("x",)),), (("b", (True,)),)])
    assert ([*grid.members(once)], [*grid.members(twice)]) == ([*grid.cells], [("x", True)])


@BOTH
def test_the_domain_has_everything_that_comes_about(which: str, request: pytest.FixtureRequest) -> None:
    reached: Reached = request.getfixturevalue(which)
    domain, policy = Domain(reached.model), reached.model.policy
    for table in policy.tables.values():
        facts = facts_of(policy, table)
        grid = domain.grid(facts, acts=table.decides is Decides.PERMISSION, step=once_a_step(table))
        known = reached.cells([table], facts)
        assert known
        assert {*known} <= {*grid.cells}


@BOTH
def test_the_domain_has_nothing_that_contradicts_itself(which: str, request: pytest.FixtureRequest) -> None:
    reached: Reached = request.getfixturevalue(which)
    words, phases = reached.model.vocabulary, reached.model.status_spec.phases
    names = ("actor", "owner", "by", "change", "copy", "original", "shown", "link", "phase", "next phase", "ticket")
    grid = Domain(reached.model).grid(names)
    for cell in grid.cells:
        facts = dict(zip(names, cell, strict=True))
        acts = facts["change"] != "none"
        assert (facts["by"] is None, facts["shown"] is None) == (not acts, not acts)
        assert not acts or facts["phase"] == facts["next phase"]
        assert not acts or (facts["by"] == "owner") == (facts["actor"] == facts["owner"])
        assert facts["ticket"] == ("present" if facts["actor"] in phases[str(facts["phase"])].tickets else "absent")
        if facts["change"] == "create":
            fresh = (facts["by"], facts["copy"], facts["original"], facts["shown"], facts["link"])
            assert fresh == ("owner", "absent", "present", False, reached.model.link_spec.initial)
        if facts["by"] == "other":
            assert facts["shown"] == (facts["copy"] == "present")
    late = Domain(reached.model).grid(("copy", "arrives", "synced"))
    assert {*late.cells} == {
        ("absent", False, False),
        ("absent", True, True),
        ("present", False, False),
        ("present", False, True),
    }
    fields = tuple(field.name for field in words.fields.values() if field.values)
    for kind, *values in Domain(reached.model).grid(("kind", *fields)).cells:
        for name, value in zip(fields, values, strict=True):
            assert (value is None) == (name not in words.kinds[str(kind)].fields)


@BOTH
def test_every_hole_and_clash_of_the_domain_is_told_with_a_true_reason(
    which: str, request: pytest.FixtureRequest
) -> None:
    """Row by row and cell by cell: what is left open is told, and is told only where nothing comes to it."""
    reached: Reached = request.getfixturevalue(which)
    policy, factory = reached.model.policy, reached.model.factory
    told = [
        finding
        for finding in StaticCompleteness(reached).findings()
        if finding.code.startswith(("undecided", "ambiguous"))
    ]
    for table in policy.tables.values():
        facts = facts_of(policy, table)
        grid = Domain(reached.model).grid(facts, acts=table.decides is Decides.PERMISSION, step=once_a_step(table))
        known = reached.cells([table], facts)
        rows = factory.table(table.name, reached.model.readings).table.rows
        wrong: dict[str, list[Facts]] = {"undecided-impossible": [], "ambiguous-impossible": []}
        for cell in grid.cells:
            values = dict(zip(facts, cell, strict=True))
            number = sum(holds(row.when, values) for row in rows)
            if holds(table.scope, values) and number != 1:
                assert not known.get(cell, 0) & reached.combinations.under(reached.model.readings)
                wrong["ambiguous-impossible" if number else "undecided-impossible"].append(values)
        for code, cells in wrong.items():
            own = [finding for finding in told if (finding.code, finding.table) == (code, table.name)]
            for values in cells:
                assert any(holds(finding.when, values) for finding in own)
            for finding in own:
                assert finding.reason is not None
                for cell, combos in known.items():
                    if holds(finding.when, dict(zip(facts, cell, strict=True))):
                        assert ", read as " in finding.reason
                        assert combos != reached.combinations.everything
