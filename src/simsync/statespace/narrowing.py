"""What of an item's fields is walked through, where all that they can say together would be too much.

At first nothing is lost: of what is only carried and compared three values stand for all, and one field for those that
go as it does. Then an item is looked at with only so many of the fields that are only carried and compared in use.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.engine.watched import tested_fields
from simsync.policy.fields import Field
from simsync.policy.policy import Value

ENOUGH = 3
"""Values that stand for all of a field that is carried as it is and only compared: one for each of two tickets, and
what they had (data independence: Wolper, 1986)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What is left out: nothing, where nothing is said.

    ``alike`` are fields for which another one of their kind stands; ``values`` what others are set to, where that is
    not everything. ``single`` are those that are only carried and compared, of which an item has at most ``together``
    in use at once, if there is such a bound.
    """

    alike: frozenset[str] = frozenset()
    values: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    single: tuple[str, ...] = ()
    together: int | None = None

    def allows(self, fields: Collection[str]) -> bool:
        """Whether some fields may be in use at once."""
        return self.together is None or sum(name in self.single for name in fields) <= self.together

    def said(self, model: Model) -> str:
        """What was left out, in words; empty where that makes no difference."""
        if self.together is None:
            return ""
        many = "one" if self.together == 1 else "two"
        return (
            f"of the fields that are only carried and compared ({', '.join(self.single)}), {many} at a time had other "
            f"values than {model.words.item.a} begins with"
        )


def narrowings(
    model: Model, watched: Collection[str], compared: Collection[str], asked: Collection[str]
) -> Iterator[Narrowing]:
    """What can be left out, the least first.

    ``watched`` are the fields that are told apart, ``compared`` free texts among them, ``asked`` those whose values a
    caller asks about.
    """
    yield Narrowing()
    if not model.tracks:
        return
    words = model.vocabulary
    tested = tested_fields(model.policy) | frozenset(asked)
    single = [field for name, field in words.fields.items() if name in {*watched, *compared} and name not in tested]
    alike = frozenset(one.name for one in single if one.values and one.mirrored and _stood_for(model, one, compared))
    kept = [one for one in single if one.name not in alike]
    values = [(one.name, _enough(one)) for one in kept if one.values and one.delivered and not one.delivered.maps]
    if alike or any(len(some) < len(words.fields[name].values) for name, some in values):
        yield Narrowing(alike=alike, values=tuple(values))
    for together in range(min(2, len(kept) - 1), 0, -1):
        single_names = tuple(one.name for one in kept)
        yield Narrowing(alike=alike, values=tuple(values), single=single_names, together=together)


def _stood_for(model: Model, field: Field, compared: Collection[str]) -> bool:
    """Whether each kind with a field has a text that is told apart and set by the same actions."""
    words = model.vocabulary
    texts = {name for name in compared if {*words.fields[name].set_by} == {*field.set_by}}
    return all(not texts.isdisjoint(kind.fields) for kind in words.kinds.values() if field.name in kind.fields)


def _enough(field: Field) -> tuple[Value, ...]:
    others = [value for value in field.values if value != field.default]
    return (field.default, *others)[:ENOUGH]


def unused(model: Model, field: Field, first: Value) -> frozenset[Value]:
    """The values of a field that no edit gave it: what it begins with, its default, and what these become."""
    found = [first, field.default]
    for value in found:  # grows while we walk
        for partner in model.vocabulary.partners:
            become = field.carried(partner, value, None)
            if become is not None and become not in found:
                found.append(become)
    return frozenset(found)


def left_out(model: Model) -> str:
    """What was left out so far of what can happen under the rules, in words; empty where that was nothing."""
    return "; ".join(model.factory.left_out)
