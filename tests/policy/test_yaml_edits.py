"""Rows changed in a file's text, and values in cells: nothing else is touched, and all is read back exactly."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsync.inline_yaml import inline_yaml
from simsync.policy.loading.edit import EditError, NewRow, RowEdit, RowsFile, plain
from simsync.policy.loading.nodes import Problems, compose
from simsync.questions.table.cells import CellError, cell_values, values_cell

FLOW = """\
tables: [{table: t, rows: [{id: a, when: {x: 1}}, {id: b, when: {x: 2}}, {id: c, when: {x: 3}}]}]  # end
"""


def test_rows_inside_a_line() -> None:
    file = RowsFile("f.yaml", FLOW.encode())
    file.edit(RowEdit(id="a", removed=True))
    file.edit(RowEdit(id="c", removed=True))
    file.add(NewRow(table="t", after="b", parts={"id": "d"}))
    file.add(NewRow(table="t", after="b", parts={"id": "e"}))
    assert file.edited().decode() == "tables: [{table: t, rows: [{id: b, when: {x: 2}}, {id: d}, {id: e}]}]  # end\n"
    file = RowsFile("f.yaml", FLOW.encode())
    file.add(NewRow(table="t", after=None, parts={"id": "d"}))
    assert "rows: [{id: d}, {id: a" in file.edited().decode()
    file.edit(RowEdit(id="a", removed=True))
    file.edit(RowEdit(id="b", removed=True))
    with pytest.raises(EditError, match="last row"):
        file.edit(RowEdit(id="c", removed=True))


def test_rows_in_lines_of_their_own_whatever_the_line_ends() -> None:
    text = "tables:\r\n- table: t\r\n  rows:\r\n  # first\r\n  - {id: a}  # of a\r\n  - {id: b}"
    file = RowsFile("f.yaml", b"\xef\xbb\xbf" + text.encode())
    file.add(NewRow(table="t", after="b", parts={"id": "d"}))
    file.add(NewRow(table="t", after="a", parts={"id": "c"}))
    file.add(NewRow(table="t", after=None, parts={"id": "z"}))
    lines = file.edited().decode("utf-8-sig").replace("\r\n", "\n").splitlines()
    assert lines[3:] == ["  # first", "  - {id: z}", "  - {id: a}  # of a", "  - {id: c}", "  - {id: b}", "  - {id: d}"]
    assert file.edited().startswith(b"\xef\xbb\xbf")
    assert b"{id: c}\r\n" in file.edited()


def test_an_alias_is_left_to_hands() -> None:
    text = "tables:\n- table: t\n  rows:\n  - {id: a, when: &w {x: y}}\n  - {id: b, when: *w}\n"
    file = RowsFile("f.yaml", text.encode())
    with pytest.raises(EditError, match="alias"):
        file.edit(RowEdit(id="b", parts={"when": {"x": "z", "u": "v"}}))
    with pytest.raises(EditError, match="alias"):
        file.edit(RowEdit(id="a", parts={"when": {"u": "v"}}))


VALUE = st.one_of(st.booleans(), st.text(min_size=1, max_size=12).map(str.strip).filter(bool))


@given(st.lists(VALUE, min_size=1, max_size=4))
@pytest.mark.thorough
def test_values_in_a_cell_are_read_back_exactly(values: list[str | bool]) -> None:
    cell = values_cell(values)
    assert list(cell_values(cell)) == values
    assert cell[0] not in "=+@"


@given(st.text(max_size=30))
def test_any_cell_is_read_or_has_a_sentence(text: str) -> None:
    with suppress(CellError):
        assert all(value != "" for value in cell_values(text))


@given(st.recursive(VALUE, lambda inner: st.lists(inner, max_size=3), max_leaves=4))
def test_flow_style_says_what_was_meant(value: object) -> None:
    (node,) = compose(f"a: {inline_yaml(value)}\n".encode(), Problems("f"))
    assert plain(node.value[0][1]) == value


def test_neighbours_inside_a_line_go_together() -> None:
    text = "tables: [{table: t, rows: [{id: a},\n {id: b}, {id: c}, {id: d}]}]\n"
    for gone in (("a", "b"), ("c", "d"), ("b", "c", "d"), ("a", "b", "c")):
        file = RowsFile("f.yaml", text.encode())
        for name in gone:
            file.edit(RowEdit(id=name, removed=True))
        again = RowsFile("f.yaml", file.edited())
        assert {row for row, _, _, _ in again.places()} == set("abcd") - set(gone)


def test_comments_that_are_and_are_none() -> None:
    row = "{id: a, then: {refuse: 'see #1'}, sources: [S3,#why\n S4]}"
    text = f"tables:\n- table: t\n  rows:\n  - # hand - written\n    {row}\n"
    file = RowsFile("f.yaml", text.encode())
    with pytest.raises(EditError, match="comment"):
        file.edit(RowEdit(id="a", parts={"sources": ["S3"]}))
    file.edit(RowEdit(id="a", parts={"then": {"allow": True}}))
    file.add(NewRow(table="t", after=None, parts={"id": "b"}))
    edited = file.edited().decode()
    assert "then: {allow: true}" in edited
    assert "  rows:\n  - {id: b}\n  - # hand - written\n" in edited


@pytest.mark.parametrize("text", ["a{}b", '"a"{}b', "a or{}b", 'a,{}"', "a{}or", "{}"])
def test_a_cell_of_many_blanks_is_read_in_one_go(text: str) -> None:
    many = text.format(" " * 300_000)  # looked through twice for each blank they would take hours
    try:
        few: tuple[object, ...] | None = cell_values(text.format("  "))
    except CellError:
        few = None
    if few is None:
        with pytest.raises(CellError):
            cell_values(many)
    else:
        assert [re.sub(" +", "  ", str(value)) for value in cell_values(many)] == [str(value) for value in few]
