"""What the tables say of one situation, before it is applied to a world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simsync.policy.policy import Row, Then, Transition, Value


@dataclass(frozen=True, slots=True)
class Hit:
    """A deciding row and the actual value of each fact that its table looks at there."""

    table: str
    row: Row
    actual: tuple[tuple[str, Value | None], ...]


@dataclass(frozen=True, slots=True)
class Defect:
    """A fault of the rules that a step ran into: no row or several, a trigger that cannot fire, a property broken.

    ``tables`` and ``rows`` are those that it is about, by ``kind``. *undecided*: the table without a row. *ambiguous*:
    the rows that clash. *scope*: the tables whose scopes overlap, or all miss the situation. *cannot-fire*: the row
    that fires in vain. *property*: the row that decided the step.
    """

    kind: str
    message: str
    expected: str
    actual: str
    tables: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    broken: str | None = None  # the property


@dataclass(frozen=True, slots=True)
class Fired:
    """A transition that fired, from which state to which: of the link of ``item``, or, if that is None, the status."""

    transition: Transition
    source: str
    dest: str
    item: str | None = None

    def of(self, item: str) -> Fired:
        """The same of an item's link."""
        return Fired(self.transition, self.source, self.dest, item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What happens to one item in one situation; free texts play no part in it.

    ``then`` is the deciding row's outcome (its effect), ``copy`` the form of a new copy, ``link`` the link state after.
    ``synced``: the other ticket changes; ``history``: the memories that are true afterwards; ``facts``: all that were
    known in the end; ``bearing``: the readings of which another option could have made this another decision.
    """

    refused: str | None = None
    then: Then | None = None
    copy: Then | None = None
    link: str | None = None
    synced: bool = False
    history: frozenset[str] = frozenset()
    notified: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    fired: Fired | None = None
    defects: tuple[Defect, ...] = ()
    facts: Mapping[str, Value | None] = field(default_factory=dict, compare=False, repr=False)
    bearing: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
