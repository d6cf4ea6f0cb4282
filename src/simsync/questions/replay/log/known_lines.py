"""Lines of JSON that say what earlier lines said, but for ids, free texts and times: read without looking up each word.

What their words mean was found out once, by the reader that reads any line. Whatever is unusual is left to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from simsync.engine.world import Event
from simsync.policy.facts import CREATE
from simsync.questions.replay.log.columns import Logged, Moment
from simsync.strict_json import DEEPEST, loads

if TYPE_CHECKING:
    from simsync.questions.replay.log.reading import LogReader

MOST_KNOWN = 50_000
"""Meanings that are kept in mind; where there are more, lines are hardly alike."""
LONGEST_NUMBER = 1000
made = tuple.__new__
"""Makes a named tuple in half the time of its own name, where there are millions of them."""
UNKNOWN = (ValueError, TypeError, AttributeError, LookupError, StopIteration, RecursionError)
"""What is raised where a line is none that is known."""
ENDS = ("\n", "", "\r\n")
NO = ("false", "f", "no", "n", "0", "none", "null", "-", "")
"""What a text says that is not so; anything else is."""
PLAIN, WORDY = frozenset((str, bool)), frozenset((str, bool, dict, list, type(None)))
"""Types of values of which none is a number, that may equal a truth."""
APART = ("ticket", "item", "copy", "time", "refused", "notified", "tickets")
"""Columns whose values are no word of a policy by themselves."""


class OpaqueNumber:
    """A number as a line has it; it equals nothing, so that nobody takes 1 for true."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST_NUMBER:
            raise ValueError
        self.text = text


def _no_number(_: str) -> Any:
    raise ValueError


Common = tuple[Any, ...]
"""What lines say in common: see :func:`in_common`."""


def in_common(logged: Logged, free: Collection[str]) -> Common:
    """What a line says but for ids, times, what tickets show, and the texts of ``free`` fields."""
    event = logged.event
    fields = tuple((name, None if name in free else value) for name, value in event.fields.items())
    done = (event.actor, event.action, event.kind, event.item is not None, fields)
    return (*done, logged.before, logged.refused, logged.status, logged.notified)


class Meaning:
    """What lines say in common, with the names of the fields that have a free text. ``key`` tells it from others.

    ``name`` does so in every process. ``notified`` is in order, None where it is not said.
    """

    def __init__(self, common: Common, free: Collection[str]) -> None:
        self.common, self.key = common, hash(common)
        self.name = blake2b(repr(common).encode("utf-8", "surrogatepass"), digest_size=16).digest()
        actor, action, kind, of_item, fields, before, refused, status, told = common
        self.actor: str = actor
        self.action: str = action
        self.kind: str | None = kind
        self.of_item: bool = of_item
        self.before: str | None = before
        self.status: str | None = status
        self.told: tuple[str, ...] | None = told
        self.is_refused: bool | None = refused
        self.creates = self.action == CREATE
        self._fields = dict(fields)
        self.texts = tuple(name for name in self._fields if name in free)
        self.refused = bool(refused)
        self.says_status = self.before is not None or self.status is not None
        self.notified = None if self.told is None else sorted(self.told)

    def event(self, item: str | None, texts: Sequence[str]) -> Event:
        """What was done, with an item and texts."""
        fields = {**self._fields, **dict(zip(self.texts, texts, strict=True))}
        return Event(actor=self.actor, action=self.action, item=item, kind=self.kind, fields=fields)


class KnownLine(NamedTuple):
    """A line with a meaning that is known, and what it has besides. ``tickets`` are as it says them."""

    line: int
    ticket: str
    meaning: Meaning
    item: str | None
    texts: tuple[str, ...]
    time: Moment | None
    tickets: dict[str, Any] | None

    @property
    def actor(self) -> str:
        """Who did it."""
        return self.meaning.actor


class _Shape:
    """The keys of a line, and where among them is what; those of ``fields`` are ``inner``."""

    def __init__(self, reader: LogReader, keys: tuple[str, ...], inner: tuple[str, ...]) -> None:
        there = {ours: theirs for ours, theirs in reader.columns.items() if theirs in keys}
        fields = {name: theirs for name, theirs in reader.fields.items() if theirs in (inner or keys)}
        texts = [theirs for name, theirs in fields.items() if name in reader.free]
        self.text_of = _getter(texts)
        self.words_of = _getter([theirs for ours, theirs in there.items() if ours not in APART])
        self.values_of = _getter([theirs for theirs in fields.values() if theirs not in texts])
        self.ticket = there[APART[0]]
        self.item, self.copy, self.time, self.refused, self.notified, self.tickets = map(there.get, APART[1:])
        self.keys = len(keys) + len(inner)


def _getter(names: list[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return (lambda said: (said[names[0]],)) if names else (lambda _: ())


class KnownLines:
    """Reads lines whose meaning is known, for a reader of any line."""

    def __init__(self, reader: LogReader) -> None:
        self._reader = reader
        self._shapes: dict[tuple[tuple[str, ...], tuple[str, ...]], _Shape | None] = {}
        self._meanings: dict[tuple[Any, ...], Meaning] = {}
        self._partners = frozenset(theirs for theirs, ours in reader.desks.items() if theirs == ours)
        self._views: dict[tuple[str, ...], int] = {}  # how many colons each has, with that before it
        self._same: dict[Common, Meaning] = {}
        self._has_numbers = False
        decoder: Any = json.JSONDecoder(parse_int=self._number, parse_float=self._number, parse_constant=_no_number)
        self._scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once  # `decode` looks for blanks, twice

    def _number(self, text: str) -> OpaqueNumber:
        self._has_numbers = True
        return OpaqueNumber(text)

    def read(self, number: int, raw: bytes) -> KnownLine | None:
        """A line of JSON; None where it is to be read by looking at it."""
        try:
            text = raw.decode()
            self._has_numbers = False
            said, end = self._scan(text, 0)
            if text[end:] not in ENDS:
                return None
            line, colons = self._line(number, said, text)
            if self._has_numbers and not _are_plain(line.tickets):
                return None
            if text.count("[") > DEEPEST:
                return None
            if colons and (text.count("{") > DEEPEST or "\\u" in text or text.count(":") != _colons(said)):
                loads(raw, halves=True)  # raises ValueError where a key stands twice in one object
            return line
        except UNKNOWN:
            return None

    def read_said(self, number: int, said: Mapping[str, Any]) -> KnownLine | None:
        """The same of a line that is no JSON."""
        try:
            line, _ = self._line(number, said, "")
            return line if _is_wordy(said) and _are_plain(line.tickets) else None
        except UNKNOWN:
            return None

    def _line(self, number: int, said: Mapping[str, Any], text: str) -> tuple[KnownLine, int]:
        """A line, and how many colons of its text are none of its keys."""
        inner = said.get("fields")
        shape = self._shapes[tuple(said), () if inner is None else tuple(inner)]
        if shape is None:
            raise LookupError
        meaning = self._meanings[_key(shape, said, inner)]
        texts = shape.text_of(said if inner is None else inner)
        for one in texts:
            if type(one) is not str:
                raise TypeError
        time, colons = None, text.count(":") - shape.keys
        if shape.time is not None and (when := said[shape.time]) not in (None, ""):
            if type(when) is str:
                time = self._reader.clock.read(when)
                if "\\" not in text:
                    colons -= when.count(":")
            else:
                time = self._reader.clock.read(_counted(when))
        item = _id(said[shape.item]) if shape.item is not None and meaning.of_item else None
        tickets = said[shape.tickets] if shape.tickets is not None else None
        if tickets is not None:
            known, partners = self._views, self._partners
            for partner, views in tickets.items():
                if partner not in partners:
                    raise KeyError
                colons -= 1
                for view in views.values():
                    colons -= known[tuple(view)]
        ticket = _id(said[shape.ticket])
        return made(KnownLine, (number, ticket, meaning, item, texts if meaning.texts else (), time, tickets)), colons

    def is_new(self, said: Mapping[str, Any]) -> bool:
        """Whether lines like this one may be known from now on, and are not yet."""
        try:
            inner = said.get("fields")
            shape = self._shapes.get((tuple(said), () if inner is None else tuple(inner)), self)
            if shape is None or len(self._meanings) >= MOST_KNOWN:
                return False
            return not isinstance(shape, _Shape) or _key(shape, said, inner) not in self._meanings
        except UNKNOWN:
            return False

    def learn(self, record: bytes | Mapping[str, Any], logged: Logged) -> None:
        """Know from now on what lines mean that are like one; ``logged`` is what it says."""
        if len(self._meanings) >= MOST_KNOWN or logged.copy is not None or logged.statuses:
            return
        if not isinstance(record, bytes) and not _is_wordy(record):
            return
        try:
            said = self._scan(record.decode(), 0)[0] if isinstance(record, bytes) else record
            inner = said.get("fields")
            keys = (tuple(said), () if inner is None else tuple(inner))
            if keys not in self._shapes:
                self._shapes[keys] = self._shape(said, *keys)
            shape = self._shapes[keys]
            if shape is not None and all(type(text) is str for text in shape.text_of(said if inner is None else inner)):
                self._meanings[_key(shape, said, inner)] = self.meaning(in_common(logged, self._reader.free))
                tickets = None if shape.tickets is None else said[shape.tickets]
                for views in (tickets or {}).values():
                    self._views.update((tuple(view), 1 + len(view)) for view in views.values())
        except UNKNOWN:
            return

    def meaning(self, common: Common) -> Meaning:
        """The one meaning of lines that have something in common."""
        found = self._same.get(common)
        if found is None:
            found = self._same[common] = Meaning(common, self._reader.free)
        return found

    def _shape(self, said: Mapping[str, Any], keys: tuple[str, ...], inner: tuple[str, ...]) -> _Shape | None:
        reader = self._reader
        mixed = bool(inner) and not reader.fields.keys().isdisjoint(keys)
        if mixed or not reader.is_settled(said) or not reader.status_columns.isdisjoint(keys):
            return None
        return _Shape(reader, keys, inner)


def _key(shape: _Shape, said: Mapping[str, Any], inner: dict[str, Any] | None) -> tuple[Any, ...]:
    """By what a meaning is found: all words that are no id, text or time. Raises TypeError where one is no word."""
    if shape.copy is not None and said[shape.copy] not in (None, ""):
        raise TypeError
    if inner is not None and type(inner) is not dict:
        raise TypeError
    refused = said[shape.refused] if shape.refused is not None else None
    if refused is not None and type(refused) is not bool:
        if type(refused) is not str:
            raise TypeError
        refused = refused.strip().lower() not in NO
    told = said[shape.notified] if shape.notified is not None else None
    if type(told) is list:
        told = tuple(told)
    return (shape, shape.words_of(said), shape.values_of(said if inner is None else inner), refused, told)


def _is_wordy(said: Mapping[str, Any]) -> bool:
    """Whether a line that is no JSON has no numbers, of which some equal True or False, but for its time."""
    inner = said.get("fields")
    return WORDY.issuperset(map(type, said.values())) and (
        not isinstance(inner, dict) or WORDY.issuperset(map(type, inner.values()))
    )


def _are_plain(tickets: dict[str, Any] | None) -> bool:
    """Whether all that some tickets show of items are texts and truths."""
    return all(
        PLAIN.issuperset(map(type, view.values())) for views in (tickets or {}).values() for view in views.values()
    )


def _colons(value: Any) -> int:
    """How many colons there are in some JSON, in texts and after keys; fewer where a key is said twice."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, dict):
        return len(value) + sum(map(_colons, value)) + sum(map(_colons, value.values()))
    return sum(map(_colons, value)) if isinstance(value, list) else 0


def _id(said: Any) -> str:
    """What an id says; raises ValueError for what needs a closer look."""
    text: str = (said if type(said) is str else str(int(said.text))).strip()
    if not text or not (text.isascii() or text.isprintable()):
        raise ValueError
    return text


def _counted(said: Any) -> int | float:
    """What a number says; raises AttributeError for anything else."""
    text: str = said.text
    return int(text) if text.lstrip("-").isdigit() else float(text)
