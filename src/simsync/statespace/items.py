"""Item states and events as columns of integers, and what an action and the rules make of an item."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from simsync.engine.world import Event
from simsync.policy.facts import CREATE, DELETE
from simsync.policy.policy import Effect, Policy, Row, Value
from simsync.statespace.abstraction import Abstraction, AbstractItem, Fields
from simsync.statespace.columns import Columns, Flags, Ints

OWNER, KIND, PRESENT, COPY, SAME, LINK, HISTORY, VALUES = range(8)
"""The columns of an item state; from VALUES on come those of the fields, of the original and then of the copy."""

EFFECTS = tuple(Effect)
DELIVER, REMOVE = EFFECTS.index(Effect.DELIVER), EFFECTS.index(Effect.REMOVE)


class Events(NamedTuple):
    """Events on an item, [n] each: the actor's code, whether it creates or deletes, the kind's code.

    ``sets[n, F]``: the code of the value that a field is set to, 0 where it is not; ``texts``: the carried texts that
    are set, as the bits of an integer.
    """

    actor: Ints
    creates: Flags
    deletes: Flags
    kind: Ints
    sets: Ints
    texts: Ints

    def take(self, which: Ints) -> Events:
        """Some of them, by number."""
        return Events._make(column[which] for column in self)


class Done(NamedTuple):
    """Items as an action leaves them before the rules decide: ``items[n, W]``, the rest flags [n].

    ``own``: the owner acts; ``copied``, ``showed``: there was a copy before, and the actor's ticket showed the item;
    ``told``: a carried text is no more the same on both tickets.
    """

    items: Ints
    own: Flags
    copied: Flags
    showed: Flags
    told: Flags


class Decided(NamedTuple):
    """What the rules make of items, [n] each.

    The effect by its number in `EFFECTS`; the number of the row that gives a new copy its form, -1 for none; the code
    of the link after; the memories after, as the bits of an integer.
    """

    effect: Ints
    form: Ints
    link: Ints
    history: Ints


class Items:
    """Item states of one policy as rows of integers [n, W].

    The codes of owner, kind, link, and of the copy's kind (0: no copy); 1 or 0 for whether the original is present and
    the texts are the same; the memories as the bits of an integer; then the code of each field that is told apart, of
    the original and of the copy, 0 where it has none. An item that was not created yet is a row of zeros.
    """

    def __init__(self, policy: Policy, abstraction: Abstraction, columns: Columns, rows: Sequence[Row]) -> None:
        words = policy.vocabulary
        self.columns = columns
        self.memories = tuple(words.history)
        self.fields = tuple(name for name in words.fields if name not in abstraction.texts)
        self.original = slice(VALUES, VALUES + len(self.fields))
        self.copy = slice(self.original.stop, self.original.stop + len(self.fields))
        self._carried = tuple(name for name in words.fields if name in abstraction.carried)
        self._kinds = columns.values[columns.at["kind"]]
        self._fields_of = [words.kinds[str(kind)].fields if kind is not None else () for kind in self._kinds]
        self._has = self._matrix([[name in fields for name in self.fields] for fields in self._fields_of]).astype(bool)
        self._texts_of = np.array([self._bits(fields) for fields in self._fields_of], np.int32)
        self._delivered = np.array([words.fields[name].delivered for name in self.fields], np.bool_)
        self._default = np.array([columns.code(name, words.fields[name].default) for name in self.fields], np.int32)
        self._initial = columns.code("link", policy.link.initial)
        forms = [dict(row.then.fields) for row in rows]
        given = [[columns.code(n, form.get(n, words.fields[n].default)) for n in self.fields] for form in forms]
        self._forms = self._matrix([*given, list(self._default)])
        self._form_kind = np.array([*(columns.code("kind", row.then.kind) for row in rows), 0], np.int32)

    def _matrix(self, rows: Sequence[Sequence[object]]) -> Ints:
        """Rows with a column for each field that is told apart, be there any or not."""
        return np.array(rows, np.int32).reshape(len(rows), len(self.fields))

    def _bits(self, fields: Collection[str]) -> int:
        return sum(1 << n for n, name in enumerate(self._carried) if name in fields)

    def events(self, events: Sequence[Event]) -> Events:
        """Events on an item as columns."""
        code = self.columns.code
        return Events(
            actor=np.array([code("actor", event.actor) for event in events], np.int32),
            creates=np.array([event.action == CREATE for event in events], np.bool_),
            deletes=np.array([event.action == DELETE for event in events], np.bool_),
            kind=np.array([code("kind", event.kind) for event in events], np.int32),
            sets=self._matrix([[code(name, event.fields.get(name)) for name in self.fields] for event in events]),
            texts=np.array([self._bits(event.fields) for event in events], np.int32),
        )

    def known(self, items: Ints) -> Ints:
        """The items, [n, W], but for what a copy was given of a field that its kind lacks: that is no more known."""
        found = items.copy()
        found[:, self.copy] = np.where(self._has[items[:, COPY]], items[:, self.copy], 0)
        return found

    def done(self, items: Ints, events: Events) -> Done:
        """What actions make of items by themselves: the owner's of the original, the other partner's of the copy."""
        after = self.known(items)
        new = self._created(events)
        after[events.creates] = new[events.creates]
        own = after[:, OWNER] == events.actor
        copied = items[:, COPY] > 0
        there = np.where(own, items[:, PRESENT] > 0, copied)
        mine, theirs = own & there & ~events.creates, ~own & there
        for acts, part in ((mine, self.original), (theirs, self.copy)):
            after[:, part] = np.where(acts[:, None] & (events.sets > 0), events.sets, after[:, part])
        after[mine & events.deletes, PRESENT] = 0
        gone = theirs & events.deletes
        after[gone, COPY] = 0
        after[gone, self.copy] = 0
        other = np.where(own, items[:, COPY], items[:, KIND])
        told = (mine | theirs) & (events.texts & self._texts_of[other] > 0)
        return Done(after, own, copied, there & ~events.creates, told)

    def _created(self, events: Events) -> Ints:
        """The items that events create."""
        items = np.zeros((len(events.actor), self.copy.stop), np.int32)
        items[:, OWNER], items[:, KIND], items[:, PRESENT], items[:, LINK] = events.actor, events.kind, 1, self._initial
        values = np.where(events.sets > 0, events.sets, self._default)
        items[:, self.original] = np.where(self._has[events.kind], values, 0)
        return items

    def decided(self, done: Done, decided: Decided) -> Ints:
        """What the rules make of items whose action was done."""
        after = done.items.copy()
        delivers, removes = decided.effect == DELIVER, decided.effect == REMOVE
        kind, values = self._delivery(after, decided.form)
        after[:, COPY] = np.where(delivers, kind, after[:, COPY])
        after[:, self.copy] = np.where(delivers[:, None], values, after[:, self.copy])
        after[removes, COPY] = 0
        after[removes, self.copy] = 0
        apart = self._texts_of[after[:, KIND]] & self._texts_of[after[:, COPY]] > 0
        alike = delivers | (~done.told & (~apart | (after[:, SAME] > 0)))
        after[:, SAME] = (after[:, PRESENT] == 0) | ((after[:, COPY] > 0) & alike)
        after[:, LINK], after[:, HISTORY] = decided.link, decided.history
        return after

    def _delivery(self, items: Ints, form: Ints) -> tuple[Ints, Ints]:
        """The kind and the values of the copies after a delivery of the original's present values."""
        copied = items[:, COPY] > 0
        kind = np.where(self._form_kind[form] > 0, self._form_kind[form], items[:, KIND])
        kind = np.where(copied, items[:, COPY], kind)
        kept = np.where(copied[:, None], items[:, self.copy], self._forms[form])
        carried = self._delivered & self._has[items[:, KIND]]
        values = np.where(carried, items[:, self.original], kept)
        return kind, np.where(self._has[kind], values, 0)

    def abstract_item(self, row: Sequence[int]) -> AbstractItem | None:
        """The item state that a row of integers stands for; None before an item is created."""
        if not row[OWNER]:
            return None
        values, at = self.columns.values, self.columns.at
        copy = (str(self._kinds[row[COPY]]), self._told(row[COPY], row[self.copy])) if row[COPY] else None
        return AbstractItem(
            owner=str(values[at["owner"]][row[OWNER]]),
            kind=str(self._kinds[row[KIND]]),
            values=self._told(row[KIND], row[self.original]),
            present=bool(row[PRESENT]),
            copy=copy,
            same=bool(row[SAME]),
            link=str(values[at["link"]][row[LINK]]),
            history=frozenset(name for n, name in enumerate(self.memories) if row[HISTORY] >> n & 1),
        )

    def row(self, item: AbstractItem | None) -> Ints:
        """The row of integers that stands for an item state, [W]."""
        row = np.zeros(self.copy.stop, np.int32)
        if item is None:
            return row
        code, copy = self.columns.code, item.copy or ("", ())
        row[OWNER], row[KIND] = code("owner", item.owner), code("kind", item.kind)
        row[PRESENT], row[COPY], row[SAME] = item.present, code("kind", copy[0]), item.same
        row[LINK] = code("link", item.link)
        row[HISTORY] = sum(1 << n for n, name in enumerate(self.memories) if name in item.history)
        for part, values in ((self.original, item.values), (self.copy, copy[1])):
            row[part] = [code(name, dict(values).get(name)) for name in self.fields]
        return row

    def _told(self, kind: int, codes: Sequence[int]) -> Fields:
        """The fields of an entry with their values: those of its kind, then what an action set besides."""
        code_of = dict(zip(self.fields, codes, strict=True))
        found: list[tuple[str, Value]] = []
        for name in dict.fromkeys((*self._fields_of[kind], *self.fields)):
            value = self.columns.values[self.columns.at[name]][code_of[name]] if name in code_of else None
            if value is not None:
                found.append((name, value))
        return tuple(found)
