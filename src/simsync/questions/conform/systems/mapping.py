"""What a system under test calls things, and what it cannot do or show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simsync.policy.policy import Value

Scalar = str | bool | int | float
"""What a value can be in somebody else's JSON."""


SYSTEM = "system"
"""What an entry of a ticket bears that the product made."""
Condition = Mapping[str, Value]
"""What an item has to show, in our names; every item meets the empty one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Our names to theirs; what is not named is called the same.

    ``fields`` are set by actions, ``shown`` is what a ticket shows; ``values`` is by field, or by what is shown.
    ``cannot`` are actions that the system cannot do, ``unseen`` what it cannot show. ``ids``: it gives each new item
    an id of its own, in its answer to the creation. ``longest``: characters that a text can have, if not any number.
    ``own``: an item that no action made and that meets one of these is the product's own, and not compared.
    """

    partners: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, Scalar] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Value, Scalar]] = field(default_factory=dict)
    statuses: Mapping[str, Scalar] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    recipients: Mapping[str, Scalar] = field(default_factory=dict)
    cannot: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    ids: bool = False
    longest: int | None = None
    own: tuple[Condition, ...] = ()


SAME = Names()
"""Everything is called as the policy calls it."""


def in_a_cell(value: object) -> str:
    """A value of theirs as a cell of a table says it; true and false in any case.

    >>> in_a_cell(2), in_a_cell(True), in_a_cell("FALSE")
    ('2', 'true', 'false')
    """
    text = str(value)
    return text.lower() if isinstance(value, bool) or text.lower() in ("true", "false") else text
