"""Item states and events as columns of integers, and what an action and the rules make of an item."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from simsync.engine.world import Event
from simsync.policy import facts
from simsync.policy.facts import CREATE, DELETE
from simsync.policy.fields import Carried
from simsync.policy.policy import Effect, Policy, Row, Value
from simsync.statespace.abstraction import Abstraction, AbstractItem, Fields
from simsync.statespace.carriage import Carriage
from simsync.statespace.columns import Columns, Flags, Ints

OWNER, KIND, PRESENT, COPY, SAME, LINK, HISTORY, AGREED, LAST, VALUES = range(10)
"""The columns of an item state; from VALUES on come those of the fields: original, copy, both when agreed."""

EFFECTS = tuple(Effect)
LASTS = (None, facts.OWNER, facts.OTHER)
"""Who changed an item since both agreed, by code."""
BY_OWNER, BY_OTHER = 1, 2
DELIVER, REMOVE, TAKE, REMOVE_ORIGINAL, REVERT, AGREE = map(
    EFFECTS.index, (Effect.DELIVER, Effect.REMOVE, Effect.TAKE, Effect.REMOVE_ORIGINAL, Effect.REVERT, Effect.AGREE)
)


class Events(NamedTuple):
    """Events on an item, [n] each: the actor's code, whether it creates or deletes, the kind's code.

    ``sets[n, F]``: the code of the value that a field is set to, 0 where it is not; ``texts``: the texts that are
    carried either way and are set, as the bits of an integer. ``carries``, ``begins``: whether any text is set that is
    carried from the actor's ticket always, and that is carried once.
    """

    actor: Ints
    creates: Flags
    deletes: Flags
    kind: Ints
    sets: Ints
    texts: Ints
    carries: Flags
    begins: Flags

    def take(self, which: Ints) -> Events:
        """Some of them, by number."""
        return Events._make(column[which] for column in self)


class Done(NamedTuple):
    """Items as an action leaves them before the rules decide, ``items[n, W]``, and as they were; the rest flags [n].

    ``own``: the owner acts; ``copied``, ``showed``: there was a copy before, and the actor's ticket showed the item;
    ``told``: a carried text is no more the same on both tickets; ``carries``: a delivery carries what was done.
    """

    items: Ints
    before: Ints
    own: Flags
    copied: Flags
    showed: Flags
    told: Flags
    carries: Flags


class Decided(NamedTuple):
    """What the rules make of items, [n] each.

    The effect by its number in `EFFECTS`; the number of the row that gives a new copy its form, -1 for none; the code
    of the link after; the memories after, as the bits of an integer. Whether the ticket of the owner, and of the other
    partner, is taken away.
    """

    effect: Ints
    form: Ints
    link: Ints
    history: Ints
    gone: Flags
    others_gone: Flags


class Items:
    """Item states of one policy as rows of integers [n, W].

    The codes of owner, kind, link, and of the copy's kind (0: no copy); 1 or 0 for whether the original is present and
    the texts are the same; the memories as the bits of an integer; where rules test it, 1 if both ever agreed, and the
    code of who changed the item since. Then the code of each field that is told apart: of the original, of the copy,
    and of both when they last agreed; 0 where it has none. An item that was not created yet is a row of zeros.
    """

    def __init__(self, policy: Policy, abstraction: Abstraction, columns: Columns, rows: Sequence[Row]) -> None:
        words, tracks = policy.vocabulary, abstraction.model.tracks
        self.columns = columns
        self.memories = tuple(words.history)
        self.fields = tuple(name for name in words.fields if name not in abstraction.texts)
        self.original = slice(VALUES, VALUES + len(self.fields))
        self.copy = slice(self.original.stop, self.original.stop + len(self.fields))
        self.agreed = slice(self.copy.stop, self.copy.stop + len(self.fields) * tracks)
        self.answered = slice(self.agreed.stop, self.agreed.stop + len(self.fields) * tracks)
        self.width = self.answered.stop
        self._tracks = tracks
        self._asks_what_is_carried = facts.CARRIES in abstraction.model.compared
        self._values = {name: (None, *abstraction.told[name]) for name in self.fields}
        self._codes = {name: {value: code for code, value in enumerate(v)} for name, v in self._values.items()}
        texts = [field for name, field in words.fields.items() if name in abstraction.texts]
        self._deliveries = {field.name: field.delivered for field in texts if field.delivered}
        self._carried = tuple(name for name in words.fields if name in abstraction.carried)
        self._kinds = columns.values[columns.at["kind"]]
        self._fields_of = [words.kinds[str(kind)].fields if kind is not None else () for kind in self._kinds]
        self._has = self._matrix([[name in fields for name in self.fields] for fields in self._fields_of]).astype(bool)
        self._texts_of = np.array([self._bits(fields) for fields in self._fields_of], np.int32)
        told = [words.fields[name] for name in self.fields]
        self._compared = np.array([field.compared for field in told], np.bool_)
        self._carriage = Carriage(words, told, self._values)
        self._others = np.array([0, *(columns.code("owner", words.other(p)) for p in words.partners)], np.int32)
        self._default = np.array([self._code(name, words.fields[name].default) for name in self.fields], np.int32)
        self._initial = columns.code("link", policy.link.initial)
        self._narrow(abstraction)
        forms = [dict(row.then.fields) for row in rows]
        given = [[self._code(n, form.get(n, words.fields[n].default)) for n in self.fields] for form in forms]
        self._forms = self._matrix([*given, list(self._default)])
        self._form_kind = np.array([*(columns.code("kind", row.then.kind) for row in rows), 0], np.int32)

    def _narrow(self, abstraction: Abstraction) -> None:
        """Note which fields are bounded in how many are in use at once, and which of their codes count as in use."""
        narrow = abstraction.narrowing
        self._together = narrow.together
        self._single = np.array([name in narrow.single for name in self.fields], np.bool_)
        self._use = [
            np.array([value is not None and value not in abstraction.unused(name) for value in self._values[name]])
            for name in self.fields
            if self._together is not None
        ]

    def allowed(self, items: Ints, sets: Ints, creates: Flags) -> Flags:
        """Where an item, [n, W], has no more fields in use at once than are looked at, with what an event sets."""
        if self._together is None:
            return np.ones(len(items), np.bool_)
        parts = [part for part in (self.original, self.copy, self.agreed, self.answered) if part.stop > part.start]
        use = np.zeros((len(items), len(self.fields)), np.bool_)
        for number, used in enumerate(self._use):
            for part in parts:
                use[:, number] |= used[items[:, part][:, number]]
        use |= (sets > 0) & ~creates[:, None]
        found: Flags = (use & self._single).sum(axis=1) <= self._together
        return found

    def _matrix(self, rows: Sequence[Sequence[object]]) -> Ints:
        """Rows with a column for each field that is told apart, be there any or not."""
        return np.array(rows, np.int32).reshape(len(rows), len(self.fields))

    def _code(self, field: str, value: Value | None) -> int:
        """The code of a value of a field; 0 for none."""
        return self._codes[field].get(value, 0)

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
            sets=self._matrix([[self._code(name, event.fields.get(name)) for name in self.fields] for event in events]),
            texts=np.array([self._bits(event.fields) for event in events], np.int32),
            carries=np.array([self._sets_text(event, Carried.ALWAYS) for event in events], np.bool_),
            begins=np.array([self._sets_text(event, Carried.ONCE) for event in events], np.bool_),
        )

    def _sets_text(self, event: Event, when: Carried) -> bool:
        """Whether an event sets a text that is carried like this from the actor's ticket."""
        deliveries = (self._deliveries[name] for name in event.fields if name in self._deliveries)
        return any(how.when is when and event.actor in how.by for how in deliveries)

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
        if self._tracks:
            acts = mine | theirs | events.creates
            after[:, LAST] = np.where(
                acts & self._changed(items, after), np.where(own, BY_OWNER, BY_OTHER), after[:, LAST]
            )
        return Done(after, items, own, copied, there & ~events.creates, told, self._carries(after, own, events))

    def _carries(self, items: Ints, own: Flags, events: Events) -> Flags:
        """Where a delivery from the actor's ticket carries what an event does, if rules test it."""
        if not self._asks_what_is_carried:
            return np.zeros(len(items), np.bool_)
        there = np.where(own, items[:, COPY], items[:, KIND] * items[:, PRESENT])
        values = np.where(own[:, None], items[:, self.copy], items[:, self.original])
        values = np.where(there[:, None] > 0, np.where(values > 0, values, self._default), 0)
        sets = self._carriage.carried(events.actor, events.sets, values)
        texts = events.carries | (events.begins & (there == 0))
        found: Flags = events.creates | events.deletes | texts | (sets > 0).any(axis=1)
        return found

    def _created(self, events: Events) -> Ints:
        """The items that events create."""
        items = np.zeros((len(events.actor), self.width), np.int32)
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
        takes = (decided.effect == TAKE) & (after[:, COPY] > 0)
        both = self._has[after[:, KIND]] & self._has[after[:, COPY]]
        told = self._carriage.carried(self._others[after[:, OWNER]], after[:, self.copy], after[:, self.original])
        told = np.where(takes[:, None] & both, told, 0)
        after[:, self.original] = np.where(told > 0, told, after[:, self.original])
        after[takes, PRESENT] = 1
        after[decided.effect == REMOVE_ORIGINAL, PRESENT] = 0
        apart = self._texts_of[after[:, KIND]] & self._texts_of[after[:, COPY]] > 0
        alike = delivers | takes | (~done.told & (~apart | (after[:, SAME] > 0)))
        if self._tracks:
            self._agree(after, decided.effect, delivers | takes)
        after[:, SAME] = (after[:, PRESENT] == 0) | ((after[:, COPY] > 0) & alike)
        reverts = decided.effect == REVERT
        created = done.before[:, OWNER] == 0
        after[reverts & ~created] = done.before[reverts & ~created]
        after[reverts & created, PRESENT] = 0
        after[reverts & created, SAME] = 1
        after[reverts & created, LAST] = 0
        after[:, LINK], after[:, HISTORY] = decided.link, decided.history
        self._take_away(after, decided)
        return after

    def _take_away(self, after: Ints, decided: Decided) -> None:
        """Clear the tickets that are gone."""
        after[decided.gone, PRESENT] = 0
        after[decided.others_gone, COPY] = 0
        after[decided.others_gone, self.copy] = 0
        touched = decided.gone | decided.others_gone
        after[touched, SAME] = (after[touched, PRESENT] == 0) | (
            (after[touched, COPY] > 0) & (after[touched, SAME] > 0)
        )

    def _changed(self, before: Ints, after: Ints) -> Flags:
        """Where an action changed what is compared of an item, or whether it is there."""
        there, carried = [PRESENT, COPY], self._compared
        changed: Flags = (before[:, there] != after[:, there]).any(axis=1)
        for part in (self.original, self.copy):
            changed |= ((before[:, part] != after[:, part]) & carried).any(axis=1)
        return changed

    def _agree(self, after: Ints, effect: Ints, carries: Flags) -> None:
        """Note what both agree on."""
        agree = (carries & (after[:, COPY] > 0)) | ((effect == AGREE) & self.alike(after))
        after[agree, AGREED], after[agree, LAST] = 1, 0
        said = self._compared & self._has[after[:, KIND]]
        both = said & self._has[after[:, COPY]]
        for part, agreed, there in ((self.original, self.agreed, said), (self.copy, self.answered, both)):
            after[:, agreed] = np.where(agree[:, None], np.where(there, after[:, part], 0), after[:, agreed])

    def alike(self, items: Ints) -> Flags:
        """Where both tickets have an item and say the same of it, in what is compared."""
        there = (items[:, PRESENT] > 0) & (items[:, COPY] > 0) & (items[:, SAME] > 0)
        owner, original, copy = items[:, OWNER], items[:, self.original], items[:, self.copy]
        forth = self._carriage.carried(owner, original, copy)
        back = self._carriage.carried(self._others[owner], copy, original)
        alike = (forth == copy) | (back == original) | ((forth == 0) & (back == 0))
        alike |= ~self._compared | (original == 0) | (copy == 0)
        found: Flags = there & alike.all(axis=1)
        return found

    def changed(self, items: Ints) -> tuple[Flags, Flags]:
        """Where the original and where the copy differs from what it said when both last agreed, if ever."""
        new = items[:, AGREED] == 0
        original = (items[:, PRESENT] > 0) & (new | self._differ(items, self.original, self.agreed))
        return original, (items[:, COPY] > 0) & (new | self._differ(items, self.copy, self.answered))

    def shown(self, items: Ints, name: str) -> tuple[Ints, Ints]:
        """The codes of a field, or of the kind, on the owner's ticket and on the other one; 0 where it is not there."""
        present, copied = items[:, PRESENT] > 0, items[:, COPY] > 0
        if name == "kind":
            return np.where(present, items[:, KIND], 0), items[:, COPY]
        at = self.fields.index(name)
        original, copy = items[:, self.original][:, at], items[:, self.copy][:, at]
        return np.where(present, original, 0), np.where(copied, copy, 0)

    def _differ(self, items: Ints, part: slice, other: slice) -> Flags:
        """Where two parts differ in what is compared, and both have."""
        ours, theirs = items[:, part], items[:, other]
        differ: Flags = (self._compared & (ours > 0) & (theirs > 0) & (ours != theirs)).any(axis=1)
        return differ

    def _delivery(self, items: Ints, form: Ints) -> tuple[Ints, Ints]:
        """The kind and the values of the copies after a delivery of the original's present values."""
        copied = items[:, COPY] > 0
        kind = np.where(self._form_kind[form] > 0, self._form_kind[form], items[:, KIND])
        kind = np.where(copied, items[:, COPY], kind)
        kept = np.where(copied[:, None], items[:, self.copy], self._forms[form])
        there = np.where(copied[:, None], items[:, self.copy], 0)
        carried = self._carriage.carried(items[:, OWNER], items[:, self.original], there)
        carried = np.where(self._has[items[:, KIND]], carried, 0)
        values = np.where(carried > 0, carried, kept)
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
            agreed=self._agreed(row) if row[AGREED] else None,
            last=LASTS[row[LAST]],
        )

    def _agreed(self, row: Sequence[int]) -> tuple[Fields, Fields]:
        """What original and copy said when both last agreed."""
        return self._told(0, row[self.agreed]), self._told(0, row[self.answered])

    def row(self, item: AbstractItem | None) -> Ints:
        """The row of integers that stands for an item state, [W]."""
        row = np.zeros(self.width, np.int32)
        if item is None:
            return row
        code, copy = self.columns.code, item.copy or ("", ())
        row[OWNER], row[KIND], row[LINK] = (
            code("owner", item.owner),
            code("kind", item.kind),
            code("link", item.link),
        )
        row[PRESENT], row[COPY], row[SAME] = item.present, code("kind", copy[0]), item.same
        row[LINK] = code("link", item.link)
        row[HISTORY] = sum(1 << n for n, name in enumerate(self.memories) if name in item.history)
        row[AGREED], row[LAST] = item.agreed is not None, LASTS.index(item.last)
        agreed, answered = item.agreed or ((), ())
        parts = (self.original, self.copy, self.agreed, self.answered)
        for part, values in zip(parts, (item.values, copy[1], agreed, answered), strict=True):
            row[part] = [self._code(name, dict(values).get(name)) for name in self.fields][: part.stop - part.start]
        return row

    def _told(self, kind: int, codes: Sequence[int]) -> Fields:
        """The fields of an entry with their values: those of its kind, then what an action set besides."""
        code_of = dict(zip(self.fields, codes, strict=True))
        found: list[tuple[str, Value]] = []
        for name in dict.fromkeys((*self._fields_of[kind], *self.fields)):
            value = self._values[name][code_of[name]] if name in code_of else None
            if value is not None:
                found.append((name, value))
        return tuple(found)
