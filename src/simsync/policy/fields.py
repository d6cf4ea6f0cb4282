"""A field of an item, and how it is carried from one ticket to the other."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from simsync.policy.source import NOWHERE, Span

if TYPE_CHECKING:
    from simsync.policy.policy import Value

ValueMap = tuple[tuple["Value", "Value"], ...]
"""What values become; a value that is not among them is not carried."""


class Carried(StrEnum):
    """When a field is carried: always, only as the item comes to a ticket, or again where that ticket has none."""

    ALWAYS = "always"
    ONCE = "once"
    WHERE_EMPTY = "where empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a field is carried: from whose ticket, when, and as what; ``maps`` by the partner whose values they are.

    Values of a partner without a map are carried as they are.
    """

    by: tuple[str, ...]
    when: Carried = Carried.ALWAYS
    maps: tuple[tuple[str, ValueMap], ...] = ()

    def value_map(self, by: str) -> dict[Value, Value] | None:
        """What the values on a partner's ticket become on the other one; None where they stay as they are."""
        return next((dict(pairs) for partner, pairs in self.maps if partner == by), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of an item. ``values`` is empty for free text; ``delivered`` is None where it is never carried."""

    name: str
    values: tuple[Value, ...]
    default: Value
    delivered: Delivery | None
    set_by: tuple[str, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False)

    @property
    def mirrored(self) -> bool:
        """Whether it is carried in both directions, always, and as it is."""
        how = self.delivered
        return how is not None and len(how.by) > 1 and how.when is Carried.ALWAYS and not how.maps

    @property
    def looks(self) -> bool:
        """Whether its values decide if it is carried: its own, or those that the other ticket has."""
        how = self.delivered
        return how is not None and (how.when is Carried.WHERE_EMPTY or bool(how.maps))

    @property
    def compared(self) -> bool:
        """Whether it counts once both tickets have the item: what is carried once does not."""
        return self.delivered is not None and self.delivered.when is not Carried.ONCE

    def carried(self, by: str, value: Value, there: Value | None) -> Value | None:
        """What a partner's value becomes on the other ticket, which has ``there``; None if that is left alone.

        ``there`` is None where the other ticket does not have the item yet.
        """
        how = self.delivered
        if how is None or by not in how.by:
            return None
        if there is not None and (
            how.when is Carried.ONCE or (how.when is Carried.WHERE_EMPTY and there != self.default)
        ):
            return None
        become = how.value_map(by) if how.maps else None
        return value if become is None else become.get(value)

    def alike(self, by: str, value: Value, other: str, there: Value) -> bool:
        """Whether two tickets say the same.

        They do if what is carried in a direction is there already, or if nothing is carried in either.
        """
        if self.mirrored:
            return value == there
        forth, back = self.carried(by, value, there), self.carried(other, there, value)
        return forth == there or back == value or (forth is None and back is None)
