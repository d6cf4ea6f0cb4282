"""Production logs: JSON Lines or CSV, one event a line, read as a stream."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, BinaryIO

from simsync.core.actions import Grammar
from simsync.core.facts import CHANGES, CREATE
from simsync.core.model import Model
from simsync.errors import Code, SimsyncError, not_among
from simsync.loading.shapes import BAD, Choice, Key, MapOf, Record, Text
from simsync.loading.system_files import check_distinct, document, mapping_shape, names_of
from simsync.model.log import COLUMNS, Logged, LogNames, Unreadable
from simsync.model.policy import Value
from simsync.model.world import Event

LONGEST = 1_000_000
"""Bytes of a line."""
NO = ("false", "no", "0", "")
"""What a cell says that is not so; anything else is."""
SEPARATOR = ";"
"""Between several recipients in a cell."""
TOO_LONG = "\0"
"""Stands for a line of CSV that is not kept."""


def load_log_names(path: str, model: Model) -> LogNames:
    """What a mapping file says of a log. Raises :class:`SimsyncError` with every problem of the file."""
    policy = model.policy
    shape = mapping_shape(policy)
    statuses = Choice("a status", policy.status.states, policy.status.aliases)
    columns = MapOf("the columns", Text(empty=False), (*COLUMNS, *policy.vocabulary.fields))
    keys = {**shape.keys, "columns": Key(columns), "begins in": Key(statuses)}
    node, problems = document(path)
    if node is None:
        problems.place(1, 1, Code.SYNTAX, "the file says nothing; it needs keys such as 'columns' or 'actions'")
        raise SimsyncError(problems.found)
    got = Record("a mapping file", keys).read(node, problems)
    if got is not BAD:
        check_distinct(got, problems)
    if problems:
        raise SimsyncError(problems.found)
    return LogNames(columns=dict(got.get("columns", {})), begins=got.get("begins in"), names=names_of(got, policy))


class _BadLine(Exception):  # noqa: N818 - told as an Unreadable
    pass


class LogReader:
    """Reads lines of one log in a policy's names."""

    def __init__(self, model: Model, names: LogNames) -> None:
        self._model = model
        self._columns = {column: names.columns.get(column, column) for column in COLUMNS}
        theirs = names.names
        words = model.vocabulary
        self._fields = {n: names.columns.get(n, theirs.fields.get(n, n)) for n in words.fields}
        self._partners = _turned(theirs.partners, words.partners)
        self._kinds = _turned(theirs.kinds, words.kinds)
        self._actions = _turned(theirs.actions, (*CHANGES, *Grammar(model.workshop).triggers))
        spec = model.policy.status
        self._statuses = {**spec.aliases, **_turned(theirs.statuses, spec.states)}
        self._recipients = _turned(theirs.recipients, words.recipients)
        self._values = {
            name: {_text(theirs.values.get(name, {}).get(value, value)): value for value in field.values}
            for name, field in words.fields.items()
        }

    def json_lines(self, stream: BinaryIO) -> Iterator[Logged | Unreadable]:
        """Each line of JSON."""
        for number, line in _lines(stream):
            if line is None:
                yield Unreadable(line=number, why=f"it has more than {LONGEST:,} bytes")
            elif line.strip():
                yield self._guarded(number, partial(self._from_json, line))

    def _from_json(self, line: bytes) -> Mapping[str, Any]:
        try:
            said = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise _BadLine(f"this is no JSON: {error}"[:200]) from None
        if not isinstance(said, dict):
            raise _BadLine("a JSON object is wanted")
        fields = said.get("fields", {})
        if not isinstance(fields, dict):
            raise _BadLine('"fields" is an object')
        known = set(self._fields.values())
        unknown = next((name for name in fields if name not in known), None)
        if unknown is not None:
            raise _BadLine(not_among("a field", unknown, self._fields.values()))
        return {**said, **fields}

    def csv_lines(self, stream: BinaryIO) -> Iterator[Logged | Unreadable]:
        """Each record of a CSV file with a header; its number is that of its first line."""
        reader = csv.reader(_decoded(stream), strict=True)
        header: list[str] | None = None
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Unreadable(line=number, why=f"this is no CSV: {error}")
                continue
            if header is None:
                header = [cell.strip().removeprefix("\ufeff") for cell in cells]
                if self._columns["ticket"] not in header:
                    yield Unreadable(line=number, why=not_among("in the header", self._columns["ticket"], header))
                    return
            elif cells:
                yield self._guarded(number, partial(self._from_cells, header, cells))

    @staticmethod
    def _from_cells(header: list[str], cells: list[str]) -> Mapping[str, Any]:
        if cells == [TOO_LONG]:
            raise _BadLine(f"it has more than {LONGEST:,} bytes")
        if len(cells) != len(header):
            raise _BadLine(f"it has {len(cells)} cells; the header has {len(header)}")
        if any("\udc80" <= c <= "\udcff" for cell in cells for c in cell):
            raise _BadLine("it is not UTF-8 text")
        return {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}

    def _guarded(self, number: int, read: Callable[[], Mapping[str, Any]]) -> Logged | Unreadable:
        try:
            return self._logged(number, read())
        except _BadLine as bad:
            return Unreadable(line=number, why=str(bad))

    def _logged(self, number: int, said: Mapping[str, Any]) -> Logged:
        ticket = said.get(self._columns["ticket"])
        if not isinstance(ticket, (str, int)) or isinstance(ticket, bool) or ticket == "":
            raise _BadLine(f"'{self._columns['ticket']}' is wanted: the ticket's id")
        if any("\ud800" <= c <= "\udfff" for c in str(ticket)):
            raise _BadLine(f"'{self._columns['ticket']}' is no text: it has half of a surrogate pair")
        return Logged(
            line=number,
            ticket=str(ticket),
            event=self._event(said),
            before=self._named(said, "before", self._statuses, "a status", needed=False),
            refused=self._refused(said),
            status=self._named(said, "status", self._statuses, "a status", needed=False),
            notified=self._notified(said),
            tickets=self._tickets(said),
        )

    def _event(self, said: Mapping[str, Any]) -> Event:
        actor = self._named(said, "actor", self._partners, "a partner")
        action = self._named(said, "action", self._actions, "an action")
        assert actor is not None
        assert action is not None
        if action not in CHANGES:
            return Event(actor=actor, action=action)
        item = said.get(self._columns["item"])
        if not isinstance(item, (str, int)) or isinstance(item, bool) or item == "":
            raise _BadLine(f"'{self._columns['item']}' is wanted: the id of what was changed")
        kind = self._named(said, "kind", self._kinds, "a kind", needed=action == CREATE)
        fields = {n: self._value(n, said[column]) for n, column in self._fields.items() if column in said}
        if action == CREATE:
            return Event(actor=actor, action=action, item=str(item), kind=kind, fields=fields)
        return Event(actor=actor, action=action, item=str(item), fields=fields if action == CHANGES[1] else {})

    def _named(
        self, said: Mapping[str, Any], column: str, names: Mapping[str, str], what: str, *, needed: bool = True
    ) -> str | None:
        value = said.get(self._columns[column])
        if value is None:
            if needed:
                raise _BadLine(f"'{self._columns[column]}' is wanted: {what}")
            return None
        if str(value) not in names:
            raise _BadLine(not_among(what, str(value), names))
        return names[str(value)]

    def _value(self, name: str, value: Any) -> Value:
        known = self._values[name]
        if not known:
            return value if isinstance(value, str) else json.dumps(value)
        text = _text(value)
        if text not in known:
            raise _BadLine(not_among(f"a value of '{self._fields[name]}'", text, known))
        return known[text]

    def _refused(self, said: Mapping[str, Any]) -> bool | None:
        value = said.get(self._columns["refused"])
        if value is None or isinstance(value, bool):
            return value
        return str(value).strip().lower() not in NO

    def _notified(self, said: Mapping[str, Any]) -> tuple[str, ...] | None:
        value = said.get(self._columns["notified"])
        if value is None:
            return None
        names = value if isinstance(value, list) else [one.strip() for one in str(value).split(SEPARATOR)]
        return tuple(self._recipients.get(str(one), str(one)) for one in names if one != "")

    def _tickets(self, said: Mapping[str, Any]) -> Mapping[str, Mapping[str, Mapping[str, object]]] | None:
        value = said.get(self._columns["tickets"])
        if value is None:
            return None
        if not isinstance(value, dict) or not all(
            isinstance(shown, dict) and all(isinstance(view, dict) for view in shown.values())
            for shown in value.values()
        ):
            raise _BadLine("'tickets' is an object with an object for each partner, and in it one for each item")
        unknown = next((partner for partner in value if partner not in self._partners), None)
        if unknown is not None:
            raise _BadLine(not_among("a partner", unknown, self._partners))
        return {self._partners[partner]: shown for partner, shown in value.items()}


def _turned(names: Mapping[str, str], known: Any) -> dict[str, str]:
    return {names.get(ours, ours): ours for ours in known}


def _text(value: Any) -> str:
    """A value as a cell says it; true and false in any case."""
    text = str(value)
    return text.lower() if isinstance(value, bool) or text.lower() in ("true", "false") else text


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number; None for one that is too long, which is skipped without being kept."""
    number, skipping = 0, False
    while line := stream.readline(LONGEST + 1):
        ended = line.endswith(b"\n")
        if skipping:
            skipping = not ended
            continue
        number += 1
        if len(line) > LONGEST:
            skipping = not ended
            yield number, None
        else:
            yield number, line


def _decoded(stream: BinaryIO) -> Iterator[str]:
    """Lines for the CSV reader; what is no UTF-8 is kept as such, to be told where it stands."""
    for _, line in _lines(stream):
        yield TOO_LONG if line is None else line.decode("utf-8", "surrogateescape")
