"""Production logs: JSON Lines or CSV, one event a line, read as a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from simsync.core.actions import Grammar
from simsync.core.facts import CHANGES, CREATE
from simsync.core.model import Model
from simsync.errors import not_among
from simsync.loading.log_lines import BadLine, CsvRecords, NotALog, Said, json_records
from simsync.model.log import COLUMNS, Logged, LogNames, Unreadable
from simsync.model.mapping import Scalar, in_a_cell
from simsync.model.policy import Value
from simsync.model.world import Event

NO = ("false", "no", "0", "")
"""What a cell says that is not so; anything else is."""
SEPARATOR = ";"
"""Between several recipients in a cell."""


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
            name: _turned(theirs.values.get(name, {}), field.values) for name, field in words.fields.items()
        }
        self._shown = {show.name: theirs.shown.get(show.name, show.name) for show in words.shows}
        self._shown_values = {
            show.name: _turned(
                theirs.values.get(show.name, theirs.values.get(show.field, {})), words.fields[show.field].values
            )
            for show in words.shows
        }

    def read(self, stream: BinaryIO, *, is_csv: bool) -> Iterator[Logged | Unreadable]:
        """Each event of JSON Lines, or of CSV with a header, with the number of its (first) line."""
        try:
            records = CsvRecords(stream, self._columns["ticket"], self._says) if is_csv else json_records(stream)
            for number, record in records:
                yield self._read(number, record, is_csv=is_csv)
        except NotALog as bad:
            yield Unreadable(line=1, why=str(bad))

    def _read(self, number: int, record: Said | BadLine, *, is_csv: bool) -> Logged | Unreadable:
        try:
            if isinstance(record, BadLine):
                raise record
            return self._logged(number, record if is_csv else self._flat(record))
        except BadLine as bad:
            return Unreadable(line=number, column=bad.column, why=str(bad))

    def _says(self, record: Said) -> bool:
        """Whether cells say an event."""
        try:
            self._logged(0, record)
        except BadLine:
            return False
        return True

    def _flat(self, said: Said) -> Said:
        """An object with its ``fields`` beside the rest, as CSV has them."""
        fields = said.get("fields")
        if fields is None:
            return said
        if not isinstance(fields, dict):
            raise BadLine('"fields" is an object')
        known = set(self._fields.values())
        unknown = next((name for name in fields if name not in known), None)
        if unknown is not None:
            raise BadLine(not_among("a field", unknown, self._fields.values()))
        twice = next((name for name in fields if name in said), None)
        if twice is not None:
            raise BadLine(f"'{twice}' stands beside 'fields' and in it")
        return {**said, **fields}

    def _logged(self, number: int, said: Mapping[str, Any]) -> Logged:
        ticket = said.get(self._columns["ticket"])
        if not _is_id(ticket):
            raise BadLine(f"'{self._columns['ticket']}' is wanted: the ticket's id")
        if any("\ud800" <= c <= "\udfff" for c in str(ticket)):
            raise BadLine(f"'{self._columns['ticket']}' is no text: it has half of a surrogate pair")
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
        if not _is_id(item):
            raise BadLine(f"'{self._columns['item']}' is wanted: the id of what was changed")
        kind = self._named(said, "kind", self._kinds, "a kind", needed=action == CREATE)
        fields = {n: self._value(n, said[column]) for n, column in self._fields.items() if said.get(column) is not None}
        if action == CREATE:
            return Event(actor=actor, action=action, item=str(item), kind=kind, fields=fields)
        return Event(actor=actor, action=action, item=str(item), fields=fields if action == CHANGES[1] else {})

    def _named(
        self, said: Mapping[str, Any], column: str, names: Mapping[str, str], what: str, *, needed: bool = True
    ) -> str | None:
        value = said.get(self._columns[column])
        if value is None:
            if needed:
                raise BadLine(f"'{self._columns[column]}' is wanted: {what}")
            return None
        if isinstance(value, (dict, list)):
            raise BadLine(f"'{self._columns[column]}' is {what} by its name")
        text = in_a_cell(value)
        if text not in names:
            raise BadLine(not_among(what, text, names))
        return names[text]

    def _value(self, name: str, value: Any) -> Value:
        known: dict[str, Value] = self._values[name]
        if not known:
            return value if isinstance(value, str) else json.dumps(value)
        text = json.dumps(value) if isinstance(value, (dict, list)) else in_a_cell(value)
        if text not in known:
            raise BadLine(not_among(f"a value of '{self._fields[name]}'", text, known))
        return known[text]

    def _refused(self, said: Mapping[str, Any]) -> bool | None:
        value = said.get(self._columns["refused"])
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (dict, list)):
            raise BadLine(f"'{self._columns['refused']}' is true, false, or the reason")
        return str(value).strip().lower() not in NO

    def _notified(self, said: Mapping[str, Any]) -> tuple[str, ...] | None:
        value = said.get(self._columns["notified"])
        if value is None:
            return None
        names = value if isinstance(value, list) else [one.strip() for one in in_a_cell(value).split(SEPARATOR)]
        if isinstance(value, dict) or any(isinstance(one, (dict, list)) or one is None for one in names):
            raise BadLine(f"'{self._columns['notified']}' is a list of names")
        return tuple(self._recipients.get(in_a_cell(one), in_a_cell(one)) for one in names if one != "")

    def _tickets(self, said: Mapping[str, Any]) -> Mapping[str, Mapping[str, Mapping[str, object]]] | None:
        value = said.get(self._columns["tickets"])
        if value is None:
            return None
        if not isinstance(value, dict) or not all(
            isinstance(shown, dict) and all(isinstance(view, dict) for view in shown.values())
            for shown in value.values()
        ):
            raise BadLine("'tickets' is an object with an object for each partner, and in it one for each item")
        unknown = next((partner for partner in value if partner not in self._partners), None)
        if unknown is not None:
            raise BadLine(not_among("a partner", unknown, self._partners))
        return {
            self._partners[partner]: {item: self._view(view) for item, view in shown.items()}
            for partner, shown in value.items()
        }

    def _view(self, view: Mapping[str, object]) -> Mapping[str, object]:
        """What a ticket shows of an item, in our names; a value that is none of ours stays as it is."""
        ours: dict[str, object] = {}
        if "kind" in view:
            ours["kind"] = _read(self._kinds, view["kind"])
        for name, theirs in self._shown.items():
            if theirs in view:
                ours[name] = _read(self._shown_values[name], view[theirs])
        return ours


def _turned(names: Mapping[Any, Scalar], known: Iterable[Any]) -> dict[str, Any]:
    """What each of our names is called, to ours."""
    return {in_a_cell(names.get(ours, ours)): ours for ours in known}


def _read(names: Mapping[str, Any], value: object) -> object:
    return value if isinstance(value, (dict, list)) else names.get(in_a_cell(value), value)


def _is_id(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
