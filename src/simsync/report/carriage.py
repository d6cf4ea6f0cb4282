"""How fields are carried, in words."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.policy.fields import Carried, Delivery, Field
from simsync.policy.policy import Vocabulary
from simsync.policy.words import Words
from simsync.report import phrases


def carriage(words: Words, vocabulary: Vocabulary, field: Field) -> str:
    """How a field is carried."""
    how = field.delivered
    if how is None:
        return "not carried"
    sides = "" if len(how.by) == len(vocabulary.partners) else f" from {phrases.values(how.by)}'s {words.ticket} only"
    when = {
        Carried.ALWAYS: "",
        Carried.ONCE: f" once, as the {words.item} comes to a {words.ticket}",
        Carried.WHERE_EMPTY: f" where the other {words.ticket} has none",
    }[how.when]
    return f"carried{sides}{when}{_becomes(how)}"


def _becomes(how: Delivery) -> str:
    told = list(_mapped(how))
    return f", {'; '.join(told)}" if told else ""


def _mapped(how: Delivery) -> Iterator[str]:
    maps = dict(how.maps)
    same = len(maps) == len(how.by) and len(set(maps.values())) == 1
    for partner, pairs in [("", next(iter(maps.values())))] if same else maps.items():
        become = ", ".join(f"{phrases.value(value)} as {phrases.value(other)}" for value, other in pairs)
        yield f"{partner}'s {become}, else nothing" if partner else f"{become}, else nothing"
