"""Small changes to rows, transitions and statements in a machine file; all else, comments too, stays as it is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from simsync.inline_yaml import inline_yaml
from simsync.policy.loading.gather import descend
from simsync.policy.loading.nodes import BREAK, MappingNode, Node, Problems, ScalarNode, SequenceNode, compose

Parts = Mapping[str, Any]
"""A row's parts: each a value, a list of values, or a mapping of those."""

CITED = ("statements", "gaps", "pages")
"""What may be cited, each as its file calls the list."""

LAST = "is the last row where it stands; it cannot be taken away here"

_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")


class EditError(Exception):
    """Why a change cannot be made without touching what is not meant, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEdit:
    """What becomes of a row, transition or statement: its parts that change, by their keys, or its removal."""

    id: str
    parts: Parts = field(default_factory=dict)
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """A row to be added to a table or machine, behind the row of that id or, where it is None, before all others.

    What is cited is added likewise; of another list's, it comes behind all of its own.
    """

    table: str
    after: str | None
    parts: Parts


class RowsFile:
    """A machine file's text and where its rows stand in it."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        try:
            self.text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise EditError(f"{path} is not UTF-8 text; save it as UTF-8") from None
        self.bom = data.startswith(b"\xef\xbb\xbf")
        documents = list(compose(data, Problems(path, data)))
        if len(documents) != 1:
            raise EditError(f"{path} is not well-formed YAML")
        (self._root,) = documents
        self._starts = [0, *(line.end() for line in BREAK.finditer(self.text))]
        self._rows: dict[str, tuple[MappingNode, SequenceNode]] = {}
        self._tables: dict[str, SequenceNode] = {}
        for rows, table in self._lists():
            for row in rows.value:
                self._rows[_scalar(row, "id")] = row, rows
            if table:
                self._tables[table] = rows
        self._sections = {part: node for part in CITED for node in descend(self._root, part)}
        self._texts = {
            str(key.value): (key, node, section)
            for section in self._sections.values()
            if isinstance(section, MappingNode)
            for key, node in section.value
        }
        self._edits: list[tuple[int, int, str]] = []

    def _lists(self) -> Iterator[tuple[SequenceNode, str]]:
        """Every list of rows, with its table's name where it is a table's own."""
        for table in descend(self._root, "tables", "*"):
            for rows in descend(table, "rows"):
                assert isinstance(rows, SequenceNode)
                yield rows, _scalar(table, "table")
        for rows in descend(self._root, "transitions"):
            assert isinstance(rows, SequenceNode)
            yield rows, _scalar(self._root, "machine")
        for part in ("replace", "add", "transitions"):
            for rows in descend(self._root, "readings", "*", "options", "*", part, "*"):
                assert isinstance(rows, SequenceNode)
                yield rows, ""

    def __contains__(self, row: str) -> bool:
        return row in self._rows or row in self._texts

    def edit(self, change: RowEdit) -> None:
        """Note a change of a row; raises :class:`EditError` where it cannot be made."""
        if change.id in self._texts:
            key, node, section = self._texts[change.id]
            if change.removed:
                self._no_comment(self._at(key.start_mark), self._span(node)[1], change.id)
                self._remove(key, node, section, change.id)
            else:
                self._say(key, node, change)
            return
        row, rows = self._rows[change.id]
        if change.removed:
            start = row.start_mark if rows.flow_style else None
            self._no_comment(self._at(start) if start else self._dash(row), self._span(row)[1], change.id)
            if len(rows.value) - self._gone(rows) < 2:
                raise EditError(f"'{change.id}' {LAST}")
            self._edits.append(self._cut(row, rows))
            return
        for key, value in change.parts.items():
            self._set(row, key, value, change.id)

    def _remove(self, key: Node, node: Node, section: MappingNode, name: str) -> None:
        """Note that a statement, gap or page goes."""
        spans = {one.value: (self._at(one.start_mark), self._span(its)[1]) for one, its in section.value}
        if section.flow_style:
            raise EditError(f"'{name}' stands in a line with others; take it away in {self.path} by hand")
        cuts = {span: (self._line_start(span[0]), self._line_end(span[1]), "") for span in spans.values()}
        if sum(cut in self._edits for cut in cuts.values()) + 1 == len(cuts):
            raise EditError(f"'{name}' {LAST}")
        self._edits.append(cuts[spans[key.value]])

    def _say(self, key: Node, node: Node, change: RowEdit) -> None:
        """Note a change of a statement, gap or page."""
        for name, value in change.parts.items():
            if isinstance(node, MappingNode):
                self._set(node, name, value, change.id)
            else:
                inside = self._at(key.start_mark), self._span(node)[1]
                self._replace(key, node, inline_yaml(value), inside, change.id)

    def _gone(self, rows: SequenceNode) -> int:
        spans = {self._cut(row, rows)[:2] for row in rows.value}
        return sum(text == "" and (start, end) in spans for start, end, text in self._edits)

    def _set(self, row: MappingNode, key: str, value: Any, name: str) -> None:
        """Change one part of a row; of a mapping whose keys stay, only the values that differ."""
        found, node = next((pair for pair in row.value if pair[0].value == key), (None, None))
        inside = self._span(row)
        if found is None or node is None:
            self._append(row, f"{key}: {inline_yaml(value)}")
            return
        if isinstance(value, Mapping) and isinstance(node, MappingNode):
            old = {inner.value: (inner, its) for inner, its in node.value}
            if old.keys() == value.keys():
                for inner_key, inner in value.items():
                    if inline_yaml(inner) != inline_yaml(plain(old[inner_key][1])):
                        self._replace(*old[inner_key], inline_yaml(inner), inside, name)
                return
        self._replace(found, node, inline_yaml(value), inside, name)

    def _append(self, row: MappingNode, text: str) -> None:
        """Note what a row is to say besides, behind all else."""
        last = self._span(row.value[-1][1])[1]
        if row.flow_style:
            self._edits.append((last, last, f", {text}"))
            return
        start = self._at(row.value[0][0].start_mark)
        newline = "\r\n" if "\r\n" in self.text else "\n"
        self._edits.append((last, last, f"{newline}{' ' * (start - self._line_start(start))}{text}"))

    def _replace(self, key: Node, node: Node, text: str, inside: tuple[int, int], name: str) -> None:
        start, end = self._span(node)
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            raise EditError(f"'{name}' has a text in lines of its own; change it in {self.path} by hand")
        if isinstance(node, MappingNode | SequenceNode) and not node.flow_style:
            # what stood in lines of its own comes to stand behind its key
            start, text = self.text.index(":", self._at(key.end_mark)) + 1, f" {text}"
        if not inside[0] <= start <= end <= inside[1] or self.text[start] in "*&":
            raise EditError(f"'{name}' is written with an alias; change it in {self.path} by hand")
        if not isinstance(node, ScalarNode):
            self._no_comment(start, end, name)
        self._edits.append((start, end, text))

    def add(self, new: NewRow) -> None:
        """Note a row to be added, or a statement, gap or page, whose list is the table."""
        if new.table in CITED:
            self._cite(new)
            return
        if new.table not in self._tables:
            raise EditError(f"{self.path} has no list that '{new.parts['id']}' could be added to; begin one by hand")
        rows = self._tables[new.table]
        text = inline_yaml(new.parts)
        if rows.flow_style:
            place = self._span(self._rows[new.after][0])[1] if new.after else self._at(rows.start_mark) + 1
            self._edits.append((place, place, f", {text}" if new.after else f"{text}, "))
            return
        dash = self._dash(rows.value[0])
        indent = self.text[self._line_start(dash) : dash]
        if new.after and new.after in self._rows and self._rows[new.after][1] is rows:
            place = self._line_end(self._span(self._rows[new.after][0])[1])
        else:
            place = self._line_start(dash)
        newline = "\r\n" if "\r\n" in self.text else "\n"
        before = "" if self.text[:place].endswith(("\n", "\r")) else newline
        self._edits.append((place, place, f"{before}{indent}- {text}{newline}"))

    def _cite(self, new: NewRow) -> None:
        """Note a statement, gap or page to be added."""
        name, section = inline_yaml(new.parts["id"]), self._sections.get(new.table)
        said = {key: value for key, value in new.parts.items() if key != "id"}
        text = f"{name}: {inline_yaml(said if new.table == CITED[0] else new.parts['text'])}"
        if not isinstance(section, MappingNode) or section.flow_style:
            raise EditError(f"{self.path} has no lines of {new.table} that {name} could be added to; add it by hand")
        behind = self._texts.get(new.after or "")
        key = section.value[0][0]
        start = self._at(key.start_mark)
        place = self._line_start(start)
        if behind is not None and behind[2] is section:
            place = self._line_end(self._span(behind[1])[1])
        elif new.after is not None:
            place = self._line_end(self._span(section.value[-1][1])[1])
        newline = "\r\n" if "\r\n" in self.text else "\n"
        before = "" if self.text[:place].endswith(("\n", "\r")) else newline
        indent = self.text[self._line_start(start) : start]
        self._edits.append((place, place, f"{before}{indent}{text}{newline}"))

    def _cut(self, row: MappingNode, rows: SequenceNode) -> tuple[int, int, str]:
        """What to take out so that a row is gone: its lines, or in a list inside a line, the comma with it."""
        start, end = self._span(row)
        if not rows.flow_style:
            return self._line_start(self._dash(row)), self._line_end(end), ""
        number = rows.value.index(row)
        if number + 1 < len(rows.value):
            return start, self._span(rows.value[number + 1])[0], ""
        return self._span(rows.value[number - 1])[1] if number else start, end, ""

    def _dash(self, row: MappingNode) -> int:
        """Where the dash before a row in lines of its own stands."""
        start = self._line_start(self._at(row.start_mark))
        while not self.text[start:].lstrip(" ").startswith("-"):
            start = self._line_start(start - 1)
        return self.text.index("-", start)

    def _no_comment(self, start: int, end: int, name: str) -> None:
        """Raise EditError where a comment stands between two places; what is in quotes is none."""
        if "#" in _QUOTED.sub("", self.text[start:end]):
            raise EditError(f"'{name}' has a comment inside what changes; change it in {self.path} by hand")

    def edited(self) -> bytes:
        """The text with every change made."""
        text = self.text
        cuts = sorted({edit for edit in self._edits if not edit[2]})
        for one, two in itertools.pairwise(cuts):
            if two[0] < one[1]:  # neighbours that both go, with the comma between them
                self._edits = [edit for edit in self._edits if edit not in (one, two)]
                self._edits.append((one[0], max(one[1], two[1]), ""))
                return self.edited()
        numbered = ((start, end, number, new) for number, (start, end, new) in enumerate(self._edits))
        for start, end, _, new in sorted(numbered, reverse=True):  # from behind, so that places stay what they are
            text = text[:start] + new + text[end:]
        return (b"\xef\xbb\xbf" if self.bom else b"") + text.encode()

    def places(self) -> Iterator[tuple[str, str, str, tuple[int, int, int, int]]]:
        """Where each row's parts stand: its id, the part, the key within, and from which line and column to which."""
        for name, (row, _) in self._rows.items():
            for key, node in row.value:
                pairs = node.value if isinstance(node, MappingNode) else []
                for inner_key, inner in pairs:
                    yield name, key.value, inner_key.value, _extent(inner_key, inner)
                yield name, key.value, "", _extent(key, node)
            yield name, "", "", _extent(row, row)

    def _at(self, mark: Any) -> int:
        return int(self._starts[mark.line] + mark.column)

    def _span(self, node: Node) -> tuple[int, int]:
        """From where to where a node stands; of one in lines of its own, up to the end of what it says."""
        start = self._at(node.start_mark)
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            return start, self._block_end(start, self._at(node.end_mark))
        if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
            return start, self._at(node.end_mark)
        last = node.value[-1]
        return start, self._span(last[1] if isinstance(node, MappingNode) else last)[1]

    def _block_end(self, start: int, end: int) -> int:
        """Where a text in lines of its own ends: with the last line that is indented as its first is."""
        header, *lines = _lines(self.text[start:end])
        indent = next((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), 0)
        place = last = start + len(header)
        for line in lines:
            if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
                break
            place += len(line)
            last = place if line.strip() else last
        return start + len(self.text[start:last].rstrip())

    def _line_start(self, place: int) -> int:
        return max(start for start in self._starts if start <= place)

    def _line_end(self, place: int) -> int:
        """Where the next line starts."""
        return min((start for start in self._starts if start > place), default=len(self.text))


def _lines(text: str) -> list[str]:
    """The lines of a text, each with its break."""
    ends = [found.end() for found in BREAK.finditer(text)]
    return [text[start:end] for start, end in itertools.pairwise([0, *ends, len(text)])]


def _extent(first: Node, last: Node) -> tuple[int, int, int, int]:
    start, end = first.start_mark, last.end_mark
    return start.line + 1, start.column + 1, end.line + 1, end.column + 1


def _scalar(node: Node, key: str) -> str:
    return next((str(found.value) for found in descend(node, key) if isinstance(found, ScalarNode)), "")


def plain(node: Node) -> Any:
    """What a node says: texts, flags, lists and mappings of these."""
    from simsync.policy.loading.shapes import written

    if isinstance(node, SequenceNode):
        return [plain(inner) for inner in node.value]
    if isinstance(node, MappingNode):
        return {str(key.value): plain(inner) for key, inner in node.value}
    value = written(node) if isinstance(node, ScalarNode) else None
    return value if value is not None else ""
