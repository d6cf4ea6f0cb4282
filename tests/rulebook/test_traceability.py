"""Which rules rest on each statement, and which scenarios put them to use: the matrix, whole."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from simsync.rulebook.traceability import Element, Traceability, elements, exercised, trace
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import ScenarioResult, run_scenario
from systems.wire import WIRE

POLICY = WIRE.policy
TEXT = b"""
scenario: A tip whose copy is deleted
given: {status: Open}
steps:
  - stringer: create tip T1
  - desk: delete T1
---
scenario: It thaws, and cannot be opened again
given: {status: Frozen}
steps:
  - stringer: thaw
  - desk: open
---
scenario: Another tip
given: {status: Open}
steps:
  - desk: create tip T1
"""
RESTING = {
    "W1": [
        "no-ticket", "may-file", "may-change", "not-here", "story-wanted", "tip-wanted", "filed-early", "binned-early",
        "sends", "withdraws", "as-it-was", "story-as-tip", "tip-as-tip", "desk-opens", "is-wired",
    ],
    "W2": ["embargoed-unwanted", "keeps", "keeps-frozen", "thaw-drops"],
    "W3": [
        "waits", "binned-frozen", "thaw-sends", "frozen-as-it-was", "lost-frozen", "passes-frozen", "desk-freezes",
        "stringer-thaws", "is-kept",
    ],
    "W4": [
        "leaves-correction", "own-cut", "own-cut-binned", "corrects", "cuts", "is-cut-already",
        "thaw-leaves-correction", "is-cut",
    ],
    "W5": ["freeze-is-told", "nothing-told", "author-told", "author-not-told", "author-told-always"],
    "W6": ["filed-too-late", "changed-too-late", "all-cut", "was-cut", "desk-prints", "stringer-prints"],
}  # fmt: skip
USED = {
    ("may-file", "W1"): [0, 2],
    ("may-change", "W1"): [0],
    ("tip-wanted", "W1"): [0, 2],
    ("sends", "W1"): [0, 2],
    ("tip-as-tip", "W1"): [0, 2],
    ("is-wired", "W1"): [0, 2],
    ("author-told", "W5"): [0],
    ("author-not-told", "W5"): [0],
    ("cuts", "W4"): [0],
    ("is-cut", "W4"): [0],
    ("stringer-thaws", "W3"): [1],
    ("nothing-told", "W5"): [1],
}


@cache
def runs() -> list[ScenarioResult]:
    return [run_scenario(WIRE, one) for one in ScenarioLoader(WIRE.factory).load_bytes(TEXT, "x.yaml").scenarios]


@cache
def traced() -> Traceability:
    return trace(POLICY, iter(runs()))


def test_every_rule_is_an_element_with_those_of_all_readings() -> None:
    found = {one.id: one for one in elements(POLICY)}
    assert sorted(found) == sorted(name for names in RESTING.values() for name in names)
    row = next(row for row in POLICY.tables["owner's change"].rows if row.id == "waits")
    assert found["waits"] == Element(
        id="waits", home="owner's change", transition=False, sources=("W3",), reading=None, span=row.span
    )
    taken = found["stringer-prints"]
    assert (taken.home, taken.transition, taken.sources, taken.reading) == (
        "edition", True, ("W6", "Z1"), "frozen_work=passes"
    )  # fmt: skip
    assert (found["is-cut"].home, found["is-cut"].transition) == ("wiring", True)
    assert (found["lost-frozen"].home, found["lost-frozen"].reading) == ("owner's change", "frozen_work=lost")


def test_what_a_run_puts_to_use() -> None:
    for number, run in enumerate(runs()):
        assert set(exercised(run)) == {pair for pair, numbers in USED.items() if number in numbers}


def test_a_link_serves_those_statements_alone_that_the_rows_of_its_step_cite() -> None:
    cited_more = replace(
        POLICY,
        link=replace(
            POLICY.link,
            transitions=tuple(
                replace(one, sources=("W1", "W3", "W6")) if one.id == "is-wired" else one
                for one in POLICY.link.transitions
            ),
        ),
    )
    model = WIRE.factory.variant(cited_more).model({})
    found = set(exercised(run_scenario(model, runs()[2].scenario)))
    assert {pair for pair in found if pair[0] == "is-wired"} == {("is-wired", "W1")}


def test_the_matrix_is_whole() -> None:
    assert dict(traced().pairs) == USED
    assert list(traced().results) == runs()
    assert {cited: [one.id for one in traced().resting_on(cited)] for cited in RESTING} == RESTING
    assert [one.id for one in traced().resting_on("Z1")] == [
        "lost-frozen", "passes-frozen", "author-told-always", "stringer-prints"
    ]  # fmt: skip
    assert traced().resting_on("W9") == []


@pytest.mark.parametrize(("element", "used"), [("sends", [0, 2]), ("cuts", [0]), ("nothing-told", [1]), ("keeps", [])])
def test_who_uses_a_rule(element: str, used: list[int]) -> None:
    assert traced().users(element) == used


def test_which_scenarios_are_of_a_statement() -> None:
    assert {cited: traced().scenarios_of(cited) for cited in RESTING} == {
        "W1": [0, 2], "W2": [], "W3": [1], "W4": [0], "W5": [0, 1], "W6": []
    }  # fmt: skip


def test_the_lines_of_the_matrix() -> None:
    statements = {**POLICY.citations.statements, "W7": "Nobody reads it."}
    policy = replace(POLICY, citations=replace(POLICY.citations, statements=statements))
    lines = [
        (cited, element and element.id, result and result.scenario.name)
        for cited, element, result in Traceability(policy, traced().elements, runs(), traced().pairs).lines()
    ]
    wanted: list[tuple[str, str | None, str | None]] = []
    for cited, names in RESTING.items():
        for name in names:
            numbers = USED.get((name, cited), [])
            wanted += [(cited, name, runs()[number].scenario.name) for number in numbers] or [(cited, name, None)]
    assert lines == [*wanted, ("W7", None, None)]
