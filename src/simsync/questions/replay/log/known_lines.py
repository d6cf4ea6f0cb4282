"""Lines of JSON that say what earlier lines said, but for ids, free texts and times: read without looking up each word.

What their words mean was found out once, by the reader that reads any line. Whatever is unusual is left to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from simsync.engine.world import Event
from simsync.policy.facts import CREATE
from simsync.questions.replay.log.columns import Logged, Moment
from simsync.strict_json import loads

if TYPE_CHECKING:
    from simsync.questions.replay.log.reading import LogReader

MOST_KNOWN = 50_000
"""Meanings that are kept in mind; where there are more, lines are hardly alike."""
LONGEST_NUMBER = 1000
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


_decoder: Any = json.JSONDecoder(parse_int=OpaqueNumber, parse_float=OpaqueNumber, parse_constant=_no_number)
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once  # `decode` looks for blanks around, twice


def in_common(logged: Logged, free: Collection[str]) -> tuple[Hashable, ...]:
    """What a line says but for ids, times, what tickets show, and the texts of ``free`` fields."""
    event = logged.event
    fields = tuple((name, None if name in free else value) for name, value in event.fields.items())
    done = (event.actor, event.action, event.kind, event.item is not None, fields)
    return (*done, logged.before, logged.refused, logged.status, logged.notified)


class Meaning:
    """What lines say in common, with the names of the fields that have a free text. ``key`` tells it from others.

    ``notified`` is in order, None where it is not said.
    """

    def __init__(self, logged: Logged, free: Collection[str], key: int) -> None:
        event = logged.event
        self.actor, self.action, self.kind = event.actor, event.action, event.kind
        self.of_item, self.creates = event.item is not None, event.action == CREATE
        self._fields = dict(event.fields)
        self.texts = tuple(name for name in event.fields if name in free)
        self.before, self.status, self.refused = logged.before, logged.status, bool(logged.refused)
        self.says_status = logged.before is not None or logged.status is not None
        self.notified = None if logged.notified is None else sorted(logged.notified)
        self.key = key

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
    raw: bytes

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
        self._views: dict[tuple[str, ...], int] = {}
        self._same: dict[tuple[Hashable, ...], Meaning] = {}

    def read(self, number: int, raw: bytes) -> KnownLine | None:
        """A line; None where it is to be read by looking at it."""
        try:
            text = raw.decode()
            said, end = _scan(text, 0)
            if text[end:] not in ("\n", "", "\r\n"):
                return None
            inner = said.get("fields")
            shape = self._shapes[tuple(said), () if inner is None else tuple(inner)]
            meaning = None if shape is None else self._meanings[_key(shape, said, inner)]
            return None if shape is None or meaning is None else self._line(number, raw, text, said, shape, meaning)
        except (ValueError, TypeError, AttributeError, LookupError, StopIteration, RecursionError):
            return None

    def _line(
        self, number: int, raw: bytes, text: str, said: dict[str, Any], shape: _Shape, meaning: Meaning
    ) -> KnownLine:
        inner = said.get("fields")
        texts = shape.text_of(said if inner is None else inner)
        for one in texts:
            if type(one) is not str:
                raise TypeError
        time, colons = None, text.count(":") - shape.keys
        if shape.time is not None and (when := said[shape.time]) not in (None, ""):
            if type(when) is str:
                time = self._reader.clock.read(when)
                colons -= when.count(":") if "\\" not in text else 0
            else:
                time = self._reader.clock.read(_number(when))
        item = _id(said[shape.item]) if meaning.of_item and shape.item is not None else None
        tickets = said[shape.tickets] if shape.tickets is not None else None
        if tickets is not None:
            colons -= self._keys(tickets)
        if colons:  # a text has some, or a key stands twice in one object, and then this raises ValueError
            loads(raw, halves=True)
        return KnownLine(number, _id(said[shape.ticket]), meaning, item, texts, time, tickets, raw)

    def _keys(self, tickets: dict[str, Any]) -> int:
        """How many keys there are in what tickets show; raises LookupError where some are not known."""
        found = len(tickets)
        for partner, views in tickets.items():
            if partner not in self._partners:
                raise KeyError
            for view in views.values():
                found += 1 + self._views[tuple(view.keys())]
        return found

    def learn(self, raw: bytes, logged: Logged) -> None:
        """Know from now on what lines mean that are like one; ``logged`` is what it says."""
        if len(self._meanings) >= MOST_KNOWN or logged.copy is not None or logged.statuses:
            return
        try:
            said, _ = _scan(raw.decode(), 0)
            inner = said.get("fields")
            keys = (tuple(said), () if inner is None else tuple(inner))
            if keys not in self._shapes:
                self._shapes[keys] = self._shape(said, *keys)
            shape = self._shapes[keys]
            if shape is not None:
                common = in_common(logged, self._reader.free)
                meaning = self._same.setdefault(common, Meaning(logged, self._reader.free, hash(common)))
                self._meanings[_key(shape, said, inner)] = meaning
                for views in (said.get(shape.tickets) or {}).values():
                    self._views.update((tuple(view.keys()), len(view)) for view in views.values())
        except (ValueError, TypeError, StopIteration, RecursionError):
            return

    def _shape(self, said: dict[str, Any], keys: tuple[str, ...], inner: tuple[str, ...]) -> _Shape | None:
        reader = self._reader
        mixed = bool(inner) and not reader.fields.keys().isdisjoint(keys)
        if mixed or not reader.is_settled(said) or not reader.status_columns.isdisjoint(keys):
            return None
        return _Shape(reader, keys, inner)


def _key(shape: _Shape, said: dict[str, Any], inner: dict[str, Any] | None) -> tuple[Any, ...]:
    """By what a meaning is found: all words that are no id, text or time. Raises TypeError where one is no word."""
    if shape.copy is not None and said[shape.copy] not in (None, ""):
        raise TypeError
    if inner is not None and type(inner) is not dict:
        raise TypeError
    refused = said[shape.refused] if shape.refused is not None else None
    if refused is not None and type(refused) is not bool:
        raise TypeError
    told = said[shape.notified] if shape.notified is not None else None
    if type(told) is list:
        told = tuple(told)
    return (shape, shape.words_of(said), shape.values_of(said if inner is None else inner), refused, told)


def _number(said: Any) -> int | float:
    """What a number says; raises AttributeError for anything else."""
    text: str = said.text
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _id(said: Any) -> str:
    """What an id says; raises ValueError for what needs a closer look."""
    text = said if type(said) is str else str(int(said.text))
    stripped = text.strip()
    if not stripped or not (stripped.isascii() or stripped.isprintable()):
        raise ValueError
    return stripped
