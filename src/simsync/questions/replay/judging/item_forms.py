"""Items without their free texts, and what actions make of them: asked of the engine once for each form.

Rules look at free texts through whether they are the same alone, and at those that they name themselves. So an item
with its texts taken out, and which of them are the same, is all that a step on it hangs on: what the engine makes of
such an item with any texts, it makes of it with all others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.view import View, shown
from simsync.engine.world import Entry, Event, Item, World
from simsync.policy.policy import Value
from simsync.questions.replay.log.known_lines import Meaning

ITEM = "item"
"""What the item is called that the engine is asked about."""
MOST_FORMS = 20_000
MOST_TRANSITIONS = 200_000

ONE = (0,)
Texts = tuple[str, ...]
Places = tuple[tuple[str, int], ...]
"""Which keys of a view have which text."""
Alike = tuple[int | str, ...]
"""Of some texts: the first that is the same, by its place; a text that rules name is told as it is."""


class Form:
    """An item with blanks for its texts. ``views`` are what the tickets show of it, and where its texts are there.

    ``is_said``: a log says all of that in the same words.
    """

    def __init__(self, item: Item, views: Sequence[tuple[View, Places] | None], is_said: bool) -> None:
        self.item, self.is_said = item, is_said
        self._views = tuple(views)

    def views(self, texts: Texts) -> tuple[View | None, ...]:
        """What each partner's ticket shows of the item with some texts."""
        found: list[View | None] = []
        for one in self._views:
            if one is None:
                found.append(None)
                continue
            view, places = one
            if places:
                view = dict(view)
                for key, at in places:
                    view[key] = texts[at]
            found.append(view)
        return tuple(found)


class ItemTransition:
    """What becomes of a form, None where there is no item; ``flow`` says of each of its texts where it comes from.

    ``is_same``: the item stays as it is. ``count`` is how many lines it was good for.
    """

    __slots__ = ("count", "flow", "form", "is_same", "kind", "rules")

    def __init__(
        self, form: Form | None, flow: tuple[int, ...], is_same: bool, rules: tuple[str, ...], kind: str | None
    ) -> None:
        self.form, self.flow, self.is_same, self.rules, self.kind = form, flow, is_same, rules, kind
        self.count = 0


class Instead(Enum):
    """Why there is no transition: the step sees more than the item, or it is not what a line says."""

    STEP = "step"
    LOOK = "look"


class Forms:
    """Makes forms of items, and remembers what the engine makes of forms.

    ``makes_sense`` looks at actions first; ``is_said`` tells whether a log has the same words for a view.
    """

    def __init__(
        self, model: Model, makes_sense: Callable[[World, Event], bool], is_said: Callable[[View], bool]
    ) -> None:
        self._model, self._is_said = model, is_said
        self._makes_sense = makes_sense
        self._fields = frozenset(name for name, field in model.vocabulary.fields.items() if not field.values)
        self._forms: dict[Hashable, Form] = {}
        self.made: list[ItemTransition] = []
        self._transitions: dict[tuple[Meaning, str, Form | None, Alike], ItemTransition | Instead] = {}

    @cached_property
    def _named(self) -> frozenset[str]:
        """The texts that rules name."""
        return frozenset(("", *_texts_of(_rules(self._model), set())))

    @cached_property
    def _mark(self) -> str:
        """What blanks begin with, and no text that rules name has."""
        mark = "\ue000"
        while any(mark in text for text in self._named):
            mark += "\ue000"
        return mark

    def of(self, item: Item) -> tuple[Form, Texts]:
        """The form of an item, and its texts."""
        places: dict[str, int] = {}
        blank = dataclasses.replace(
            item,
            name=ITEM,
            original=self._entry(item.original, places),
            copy=None if item.copy is None else self._entry(item.copy, places),
            agreed=None if item.agreed is None else tuple(self._values(one, places) for one in item.agreed),  # type: ignore[arg-type] # two
        )
        key = _hashable(blank)
        form = self._forms.get(key)
        if form is None:
            views = [self._view(blank, partner) for partner in self._model.vocabulary.partners]
            form = Form(blank, views, all(self._is_said(one[0]) for one in views if one is not None))
            if len(self._forms) < MOST_FORMS:
                self._forms[key] = form
        return form, tuple(places)

    def _entry(self, entry: Entry, places: dict[str, int]) -> Entry:
        return Entry(entry.kind, self._values(entry.fields, places))

    def _values(self, values: Mapping[str, Value], places: dict[str, int]) -> dict[str, Value]:
        return {
            name: f"{self._mark}{places.setdefault(value, len(places))}"
            if name in self._fields and isinstance(value, str) and value not in self._named
            else value
            for name, value in values.items()
        }

    def _view(self, blank: Item, partner: str) -> tuple[View, Places] | None:
        view = shown(self._model.vocabulary, blank, partner)
        if view is None:
            return None
        return view, tuple((key, at) for key, value in view.items() if (at := self._place(value)) is not None)

    def _place(self, value: Value) -> int | None:
        is_blank = isinstance(value, str) and value.startswith(self._mark)
        return int(str(value).removeprefix(self._mark)) if is_blank else None

    def item(self, name: str, form: Form, texts: Sequence[str]) -> Item:
        """An item of a form."""

        def filled(values: Mapping[str, Value]) -> dict[str, Value]:
            places = {key: self._place(value) for key, value in values.items()}
            return {key: values[key] if at is None else texts[at] for key, at in places.items()}

        blank = form.item
        return dataclasses.replace(
            blank,
            name=name,
            original=Entry(blank.original.kind, filled(blank.original.fields)),
            copy=None if blank.copy is None else Entry(blank.copy.kind, filled(blank.copy.fields)),
            agreed=None if blank.agreed is None else (filled(blank.agreed[0]), filled(blank.agreed[1])),
        )

    def transition(self, meaning: Meaning, status: str, form: Form | None, texts: Texts) -> ItemTransition | Instead:
        """What a step makes of a form, or of none; ``texts`` are those of the item, and those that are written."""
        key = (meaning, status, form, self.alike(texts))
        found = self._transitions.get(key)
        if found is None:
            found = self._asked(*key)
            if len(self._transitions) < MOST_TRANSITIONS:
                self._transitions[key] = found
        return found

    def alike(self, texts: Texts) -> Alike:
        """All that rules can tell of some texts."""
        places: Alike = tuple(map(texts.index, texts)) if len(texts) > 1 else ONE[: len(texts)]
        if self._named.isdisjoint(texts):
            return places
        return tuple(text if text in self._named else at for text, at in zip(texts, places, strict=True))

    def stand_ins(self, alike: Alike) -> list[str]:
        """Texts that stand for all others that are so alike."""
        return [one if isinstance(one, str) else f"any{self._mark}{one}" for one in alike]

    def _asked(self, meaning: Meaning, status: str, form: Form | None, alike: Alike) -> ItemTransition | Instead:
        """What the engine says, of an item alone and with texts that stand for all others."""
        model, texts = self._model, self.stand_ins(alike)
        count = len(texts) - len(meaning.texts)
        if model.factory.present:
            return Instead.STEP
        items = {} if form is None else {ITEM: self.item(ITEM, form, texts[:count])}
        world, event = World(status, items), meaning.event(ITEM, texts[count:])
        is_absent = form is None and not meaning.creates  # its creation was refused: to do more with it is no misuse
        if not is_absent and not self._makes_sense(world, event):
            return Instead.LOOK
        outcome = step(model, world, event)
        if sees_more(outcome) or outcome.after.status != status or not outcome.after.items.keys() <= {ITEM}:
            return Instead.STEP
        if not agrees(meaning, outcome):
            return Instead.LOOK
        item = outcome.after.items.get(ITEM)
        after, left = (None, ()) if item is None else self.of(item)
        flow = tuple(map(texts.index, left))  # rules make no texts, they carry them
        if after is not None and not after.is_said:
            return Instead.LOOK
        same = after is form and flow == tuple(range(count))
        return self._counted(ItemTransition(after, flow, same, outcome.rules, meaning.kind))

    def _counted(self, made: ItemTransition) -> ItemTransition:
        self.made.append(made)
        return made


def agrees(meaning: Meaning, outcome: Outcome) -> bool:
    """Whether the rules do what a line says, as far as it does not say what tickets show."""
    return (
        not outcome.defects
        and meaning.refused is (outcome.refused is not None)
        and meaning.status in (None, outcome.after.status)
        and (meaning.notified is None or meaning.notified == sorted(outcome.notified))
    )


def sees_more(outcome: Outcome) -> bool:
    """Whether a step on an item brought something about besides."""
    thens = [hit.row.then for hit in outcome.hits]
    return any(then.create is not None or then.move or then.again for then in thens)


def _hashable(item: Item) -> Hashable:
    agreed = None if item.agreed is None else tuple(tuple(one.items()) for one in item.agreed)
    entries = tuple(one and (one.kind, tuple(one.fields.items())) for one in (item.original, item.copy))
    return (item.owner, item.present, item.link, item.history, item.last, agreed, entries)


def _rules(model: Model) -> tuple[object, ...]:
    tables = (lookup.table for lookup in model.tables.values())
    return (model.vocabulary, model.status_spec, model.link_spec, model.policy.properties, *tables)


def _texts_of(value: object, seen: set[int]) -> Iterator[str]:
    """All texts in a declaration."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in (*value.keys(), *value.values()):
            yield from _texts_of(one, seen)
    elif isinstance(value, Collection):
        for one in value:
            yield from _texts_of(one, seen)
    elif dataclasses.is_dataclass(value) and id(value) not in seen:
        seen.add(id(value))
        for field in dataclasses.fields(value):
            yield from _texts_of(getattr(value, field.name), seen)
