"""Production logs: JSON Lines or CSV, one event a line, read as a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, TypeVar

from simsync.engine.actions import Grammar
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.errors import listed, not_among
from simsync.policy.facts import CHANGES, CREATE
from simsync.policy.policy import Value
from simsync.questions.conform.systems.mapping import in_a_cell
from simsync.questions.replay.log.columns import COLUMNS, Logged, LogNames, Moment, Unreadable, UnreadLine
from simsync.questions.replay.log.known_lines import NO, Common, KnownLine, KnownLines, Meaning
from simsync.questions.replay.log.lines import CALLED, CsvRecords, Record, Said, json_records, opened, parsed, seems_csv
from simsync.questions.replay.log.misspelt_keys import IGNORED, Keys
from simsync.questions.replay.log.moments import Clock, NoMomentError
from simsync.questions.replay.log.names import NAMED, turned
from simsync.questions.replay.log.parquet import is_parquet, parquet_records
from simsync.questions.replay.log.statuses_apart import StatusesApart
from simsync.questions.replay.log.text import BadLine, NotALog, TextStream
from simsync.questions.replay.log.views import ShownViews

SEPARATOR = ";"
"""Between several recipients in a cell."""
NEEDED = ("ticket", "actor", "action")
MOST_TOLD = 6
FIELDS = "fields"


L = TypeVar("L")
SettledKeys = tuple[tuple[str, ...], tuple[str, ...]]


class LogReader:
    """Reads lines of one log in a policy's names. ``unread`` are keys and columns that it does not look at.

    ``settled``: the keys of its lines are all settled, by another reader.
    """

    def __init__(self, model: Model, names: LogNames, *, settled: bool = False) -> None:
        self._model = model
        self._settled = settled
        self.is_csv = False
        self.columns = {column: names.columns.get(column, column) for column in COLUMNS}
        words, self._words = model.vocabulary, model.words
        self.fields = {n: names.columns.get(n, names.fields.get(n, n)) for n in words.fields}
        theirs = {what: names.theirs.get(what, {}) for what in NAMED}
        self._acting = turned(theirs["partners"], words.acting)
        self._kinds = turned(theirs["kinds"], words.kinds)
        self._actions = turned(theirs["actions"], (*CHANGES, *Grammar(model.factory).triggers))
        spec = model.policy.status
        self._statuses = {**spec.aliases, **turned(theirs["statuses"], spec.states)}
        self._apart = StatusesApart(model, names, self._statuses, self.columns)
        self._recipients = turned(theirs["recipients"], words.recipients)
        self._values = {name: turned(names.values.get(name, {}), field.values) for name, field in words.fields.items()}
        self.clock = Clock(names.time_format)
        self.status_columns = frozenset(names.status_columns.values())
        self.free = frozenset(name for name, field in words.fields.items() if not field.values)
        ours = (*self.columns.values(), *self.fields.values(), *names.status_columns.values())
        self._read = frozenset((*ours, *names.ignored))
        self._keys = Keys("a key of a line", (*ours, FIELDS), names.ignored)
        self.desks = self._apart.desks
        self.views = ShownViews(words, names, self._kinds, settled=settled)
        self._known = KnownLines(self)

    @property
    def unread(self) -> list[str]:
        """Keys and columns that are not looked at, in the order in which they came."""
        return [*self._keys.unread, *(f"{key} (of what tickets show)" for key in self.views.keys.unread)]

    @property
    def time(self) -> str:
        """What the log calls the time of a line."""
        return self.columns["time"]

    def read(self, stream: BinaryIO, form: str | None = None, name: str = "") -> Iterator[Logged | Unreadable]:
        """Each event with the number of its (first) line.

        ``form`` is ``jsonl``, ``csv`` or ``parquet``, None to see by the first line and the file's ``name``.
        """
        return self._each(self.read_one, stream, form, name)

    def skim(
        self, stream: BinaryIO, form: str | None = None, name: str = ""
    ) -> Iterator[Logged | Unreadable | KnownLine]:
        """As :meth:`read`, but lines that mean what earlier ones meant are not looked at word by word."""
        return self._each(self.skim_one, stream, form, name)

    def split(
        self, stream: BinaryIO, form: str | None = None, name: str = ""
    ) -> Iterator[Logged | Unreadable | KnownLine | UnreadLine]:
        """As :meth:`skim`, but lines are left to other readers where no other line matters to what they say."""
        return self._each(self.split_one, stream, form, name)

    def _each(
        self, read: Callable[[int, Record], L], stream: BinaryIO, form: str | None, name: str
    ) -> Iterator[L | Unreadable]:
        try:
            for number, record in self._records(stream, form, name):
                yield read(number, record)
        except NotALog as bad:
            for why in bad.messages:
                yield Unreadable(line=1, why=why)

    def split_one(self, number: int, record: Record) -> Logged | Unreadable | KnownLine | UnreadLine:
        """A line as it is skimmed, or left to another reader."""
        known = self.known(number, record)
        if known is not None:
            return known
        said = parsed(record)
        left = None if isinstance(said, BadLine) else self.left(number, record, said)
        return self.read_one(number, said) if left is None else left

    def left(self, number: int, record: Record, said: Said) -> Logged | Unreadable | UnreadLine | None:
        """A line left to another reader, or read if others mean the same.

        None where it has no ticket, or what it says may hang on other lines.
        """
        ticket = self._ticket(said)
        if ticket is None or not self.is_settled(said):
            return None
        if not self._known.is_new(said):
            return UnreadLine(number, ticket, said)
        return self._learnt(record, self.read_one(number, said))

    @property
    def settled(self) -> SettledKeys:
        """The keys that were met and are none of ours, of lines and of what they show of items."""
        return tuple(self._keys.unread), tuple(self.views.keys.unread)

    def settle(self, keys: SettledKeys) -> None:
        """Take keys for met."""
        self._keys.unread, self.views.keys.unread = (dict.fromkeys(some) for some in keys)

    def one(self, line: UnreadLine) -> Logged | Unreadable:
        """What a line says that was left."""
        return self.read_one(line.line, line.said)

    def _records(self, stream: BinaryIO, form: str | None, name: str) -> Iterator[tuple[int, Record]]:
        if is_parquet(form, name):
            self.is_csv = False
            yield from parquet_records(stream, name, self._check_header, self._keys.known)
            return
        text = TextStream(stream)
        self.is_csv = seems_csv(text, self.columns["ticket"], name) if form is None else form == "csv"
        needs = tuple(self.columns[column] for column in NEEDED)
        lines = opened(text)
        if self.is_csv:
            yield from CsvRecords(lines, needs, self._check_header, self._says)
        else:
            yield from json_records(lines)

    def is_settled(self, said: Said) -> bool:
        """Whether the keys of a line, and of what it shows of items, are settled."""
        tickets = said.get(self.columns["tickets"])
        shown = [one for one in tickets.values() if isinstance(one, dict)] if isinstance(tickets, dict) else []
        views = (view for one in shown for view in one.values() if isinstance(view, dict))
        return (self.is_csv or self._keys.are_settled(said)) and all(map(self.views.keys.are_settled, views))

    def _check_header(self, header: list[str]) -> None:
        """Columns of ours may stand there but once, and none may be misspelt."""
        twice = next((name for name in header if name in self._keys.known and header.count(name) > 1), None)
        if twice is not None:
            raise NotALog(f"the header has the column '{twice}' twice")
        if self.is_csv and FIELDS in header and FIELDS not in self._read:
            each = f"in CSV each field has a column of its own: {listed(self.fields.values())}"
            raise NotALog(
                f"the header has the column '{FIELDS}'; {each}; if it is something else: {IGNORED.format(FIELDS)}"
            )
        misspelt = self._keys.misspelt([name for name in header if name])
        if misspelt:
            raise NotALog(*misspelt)

    def skim_one(self, number: int, record: Record) -> Logged | Unreadable | KnownLine:
        """One line of those."""
        found: Logged | Unreadable | KnownLine | None = self.known(number, record)
        if found is None:
            found = self._learnt(record, self.read_one(number, record))
        return found

    def _learnt(self, record: Record, found: Logged | Unreadable) -> Logged | Unreadable:
        if isinstance(found, Logged) and isinstance(record, (bytes, Mapping)):
            self._known.learn(record, found)
        return found

    def known(self, number: int, record: Record) -> KnownLine | None:
        """A line that means what an earlier one meant; None for any other."""
        if isinstance(record, bytes):
            return self._known.read(number, record)
        return self._known.read_said(number, record) if isinstance(record, Mapping) else None

    def meaning(self, common: Common) -> Meaning:
        """What lines mean that have something in common."""
        return self._known.meaning(common)

    def in_full(self, line: KnownLine) -> Logged:
        """All that a line says whose meaning is known."""
        meaning = line.meaning
        return Logged(
            line=line.line,
            ticket=line.ticket,
            event=meaning.event(line.item, line.texts),
            time=line.time,
            before=meaning.before,
            refused=meaning.is_refused,
            status=meaning.status,
            notified=meaning.told,
            tickets=self._tickets({self.columns["tickets"]: line.tickets}),
        )

    def read_one(self, number: int, record: Record) -> Logged | Unreadable:
        """One line of those that are read."""
        said = parsed(record)
        if isinstance(said, BadLine):
            return Unreadable(line=number, column=said.column, why=str(said))
        try:
            if (bad := next((value for value in said.values() if isinstance(value, BadLine)), None)) is not None:
                raise bad
            if not self.is_csv and not self._settled and (misspelt := self._keys.misspelt(said)):
                raise BadLine(misspelt[0])
            return self._logged(number, said if self.is_csv else self._flat(said))
        except BadLine as bad:
            return Unreadable(line=number, column=bad.column, why=str(bad), ticket=self._ticket(said))

    def _ticket(self, said: Said) -> str | None:
        try:
            return self._id(said, "ticket", "")
        except BadLine:
            return None

    def _says(self, record: Said) -> bool:
        """Whether cells say an event."""
        try:
            self._logged(0, record)
        except BadLine:
            return False
        return True

    def _flat(self, said: Said) -> Said:
        """An object with its ``fields`` beside the rest, as CSV has them."""
        fields = said.get(FIELDS)
        if fields is None:
            return said
        if not isinstance(fields, dict):
            raise BadLine('"fields" is an object')
        known = set(self.fields.values())
        unknown = next((name for name in fields if name not in known), None)
        if unknown is not None:
            raise BadLine(not_among("a field", unknown, self.fields.values()))
        twice = next((name for name in fields if name in said), None)
        if twice is not None:
            raise BadLine(f"'{twice}' stands beside 'fields' and in it")
        return {**said, **fields}

    def _logged(self, number: int, said: Mapping[str, Any]) -> Logged:
        needs = [self.columns[column] for column in NEEDED]
        if not any(one in said for one in needs):
            raise BadLine(f"it has none of {listed(needs)}, but {listed([*said][:MOST_TOLD]) or 'nothing'}; {CALLED}")
        statuses, a_status = self._apart.after(said), self._words.status.a
        return Logged(
            line=number,
            ticket=self._id(said, "ticket", f"the {self._words.ticket}'s id"),
            event=self._event(said),
            time=self._time(said),
            copy=None if said.get(self.columns["copy"]) in (None, "") else self._id(said, "copy", "the copy's id"),
            before=self._apart.before(said) or self._named(said, "before", self._statuses, a_status, needed=False),
            refused=self._refused(said),
            status=None if statuses else self._named(said, "status", self._statuses, a_status, needed=False),
            statuses=statuses,
            notified=self._notified(said),
            tickets=self._tickets(said),
        )

    def _id(self, said: Mapping[str, Any], column: str, what: str) -> str:
        value = said.get(self.columns[column])
        text = str(value).strip() if _is_id(value) else ""
        if isinstance(value, float):
            raise BadLine(f"'{self.columns[column]}' is a decimal number; {what} is a text or a whole number")
        if not text:
            raise BadLine(f"'{self.columns[column]}' is wanted: {what}")
        if any("\ud800" <= c <= "\udfff" for c in text):
            raise BadLine(f"'{self.columns[column]}' is no text: it has half of a surrogate pair")
        return text

    def _time(self, said: Mapping[str, Any]) -> Moment | None:
        value = said.get(self.columns["time"])
        if value is None or value == "":
            return None
        try:
            return self.clock.read(value)
        except NoMomentError as problem:
            raise BadLine(f"'{self.columns['time']}': {problem}") from None

    def _event(self, said: Mapping[str, Any]) -> Event:
        actor = self._named(said, "actor", self._acting, self._words.partner.a)
        action = self._named(said, "action", self._actions, "an action")
        assert actor is not None
        assert action is not None
        if action not in CHANGES:
            return Event(actor=actor, action=action)
        if actor in self._model.vocabulary.actors:
            none = self._words.say("has no {ticket}, and so changes no {item}")
            raise BadLine(f"'{actor}' {none}")
        item = self._id(said, "item", "the id of what was changed")
        kind = self._named(said, "kind", self._kinds, "a kind", needed=action == CREATE)
        fields = {n: self._value(n, said[column]) for n, column in self.fields.items() if said.get(column) is not None}
        if action == CREATE:
            return Event(actor=actor, action=action, item=item, kind=kind, fields=fields)
        return Event(actor=actor, action=action, item=item, fields=fields if action == CHANGES[1] else {})

    def _named(
        self, said: Mapping[str, Any], column: str, names: Mapping[str, str], what: str, *, needed: bool = True
    ) -> str | None:
        value = said.get(self.columns[column])
        if value is None:
            if needed:
                raise BadLine(f"'{self.columns[column]}' is wanted: {what}")
            return None
        if isinstance(value, (dict, list)):
            each = f"one for each {self._words.partner}"
            if self._apart.of_each:
                each = f"that of each of {listed(self._apart.of_each)}"
            more = f", or an object with {each}" if column == "status" else ""
            raise BadLine(f"'{self.columns[column]}' is {what} by its name{more}")
        text = in_a_cell(value).strip()
        if not text and not needed:
            return None
        if text not in names:
            raise BadLine(not_among(what, text, names))
        return names[text]

    def _value(self, name: str, value: Any) -> Value:
        known: dict[str, Value] = self._values[name]
        if not known:
            return value if isinstance(value, str) else json.dumps(value)
        text = json.dumps(value) if isinstance(value, (dict, list)) else in_a_cell(value)
        if text not in known:
            raise BadLine(not_among(f"a value of '{self.fields[name]}'", text, known))
        return known[text]

    def _refused(self, said: Mapping[str, Any]) -> bool | None:
        value = said.get(self.columns["refused"])
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (dict, list)):
            raise BadLine(f"'{self.columns['refused']}' is true, false, or the reason")
        return str(value).strip().lower() not in NO

    def _notified(self, said: Mapping[str, Any]) -> tuple[str, ...] | None:
        value = said.get(self.columns["notified"])
        if value is None:
            return None
        names = value if isinstance(value, list) else [one.strip() for one in in_a_cell(value).split(SEPARATOR)]
        if isinstance(value, dict) or any(isinstance(one, (dict, list)) or one is None for one in names):
            raise BadLine(f"'{self.columns['notified']}' is a list of names")
        return tuple(self._recipients.get(in_a_cell(one), in_a_cell(one)) for one in names if one != "")

    def _tickets(self, said: Mapping[str, Any]) -> Mapping[str, Mapping[str, Mapping[str, object]]] | None:
        value = said.get(self.columns["tickets"])
        if value is None:
            return None
        if not isinstance(value, dict) or not all(
            isinstance(shown, dict) and all(isinstance(view, dict) for view in shown.values())
            for shown in value.values()
        ):
            each = self._words.say("an object for each {partner}, and in it one for each {item}")
            raise BadLine(f"'tickets' is an object with {each}")
        return {
            partner: {item.strip(): self.views.read(view) for item, view in shown.items()}
            for partner, shown in self._apart.by_partner(value, "tickets").items()
        }


def _is_id(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
