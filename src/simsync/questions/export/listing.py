"""What every export lists: names, claims, and one item's behaviour, numbered as in the transition table."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simsync.engine.facts import Facts, holds
from simsync.engine.model import Model
from simsync.engine.state_facts import state_facts
from simsync.engine.world import Event
from simsync.errors import listed
from simsync.inline_yaml import inline_yaml
from simsync.policy.policy import Claim, Property, When
from simsync.statespace.abstraction import NAME, Abstraction, AbstractItem, AbstractState
from simsync.statespace.transition_table import REFUSED, UNDECIDED, Flags, Ints, TransitionTable
from simsync.version import __version__

OPEN = -1
"""Instead of an item state after: the rules leave the step open. 0, the item that is not there, means a refusal."""

WIDTH = 116


class ExpectedCounts(NamedTuple):
    """What a checker has to come to."""

    states: int
    transitions: int


class StatusMove(NamedTuple):
    """A status action in one status: ``move`` is what the items see of it."""

    label: str
    status: int
    next_status: int
    move: int


class EffectTable(NamedTuple):
    """What one event makes of item states, by phase, or one move: only entries that are not 0."""

    label: str
    entries: tuple[tuple[int, dict[int, int]], ...]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A transition table, how many items there are, of which kinds, and the size that comes of it, where known."""

    table: TransitionTable
    items: int
    kinds: tuple[str, ...]
    size: ExpectedCounts | None = None

    @property
    def model(self) -> Model:
        """The model whose table it is."""
        return self.table.model

    @property
    def complete(self) -> bool:
        """Whether there are items of every kind."""
        return len(self.kinds) == len(self.model.vocabulary.kinds)

    @cached_property
    def statuses(self) -> tuple[str, ...]:
        """The statuses as identifiers."""
        return _identifiers("S", self.table.statuses)

    @cached_property
    def phases(self) -> tuple[str, ...]:
        """The phases as identifiers."""
        return _identifiers("P", self.table.phases)

    @cached_property
    def events(self) -> tuple[str, ...]:
        """What each event is."""
        return tuple(_event(event) for event in self.table.events)

    @cached_property
    def states(self) -> tuple[str, ...]:
        """What each item state is."""
        return tuple(_shape(shape) for shape in self.table.item_states)

    @cached_property
    def actions(self) -> tuple[StatusMove, ...]:
        """Every status action that is not refused."""
        t = self.table
        return tuple(
            StatusMove(
                printable(f"{_event(t.actions[b])} ({t.statuses[s]} to {t.statuses[t.status[s, b]]})"),
                int(s),
                int(t.status[s, b]),
                int(t.move[s, b]),
            )
            for s, b in np.argwhere(t.status != REFUSED)
        )

    def steps(self) -> Iterator[EffectTable]:
        """What each event makes of an item, by phase."""
        for a, label in enumerate(self.events):
            yield EffectTable(label, _by_row(_shifted(self.table.next[:, :, a])))

    def broken_steps(self) -> Iterator[EffectTable]:
        """The number of the breach by an event, by phase."""
        for a, label in enumerate(self.events):
            yield EffectTable(label, _by_row(self.table.broken[:, :, a]))

    def moves(self) -> EffectTable:
        """What each move makes of an item."""
        return EffectTable("", _by_row(_shifted(self.table.moved)))

    def broken_moves(self) -> EffectTable:
        """The number of the breach by a move."""
        return EffectTable("", _by_row(self.table.broken_move))

    @property
    def never(self) -> tuple[Property, ...]:
        """The claims about steps, by their numbers."""
        return tuple(self.model.never)

    def claims(self, claim: Claim) -> tuple[Property, ...]:
        """What is claimed of states under these readings."""
        return tuple(
            one for one in self.model.policy.properties if one.claim is claim and one.claimed(self.model.readings)
        )

    def where(self, what: When) -> Flags:
        """Where a condition on one item at rest holds, [S, I], also where no item can come to."""
        found = np.zeros((len(self.statuses), len(self.states)), np.bool_)
        for where, facts in self._facts.items():
            found[where] = holds(what, facts)
        return found

    @cached_property
    def _facts(self) -> dict[tuple[int, int], Facts]:
        abstraction, facts = Abstraction(self.table.engine), {}
        for s, status in enumerate(self.table.statuses):
            for i, shape in enumerate(self.table.item_states):
                item = abstraction.world(AbstractState(status, shape)).items.get(NAME)
                facts[s, i] = state_facts(self.model, status, item)
        return facts

    def header(self, tool: str, run: Iterable[str], told: str, checked: Sequence[Property]) -> Iterator[str]:
        """What the file is, how to run it, what the tool tells of its size, and which claims it checks."""
        readings = ", ".join(f"{name}={option}" for name, option in self.model.readings.items()) or "none"
        yield f"A synchronization policy for {tool}, written by simsync {__version__} from its tables."
        yield ""
        yield f"model:     {self.model.policy.digest}"
        yield from _wrapped("readings:  ", readings)
        yield from _wrapped(
            f"{self.model.words.item.many + ':':<11}",
            f"{self.items}, each of kind {listed(map(inline_yaml, self.kinds))}",
        )
        if self.size is not None:
            yield f"expected:  {self.size.states} states, {self.size.transitions} transitions"
        else:
            yield f"expected:  what simsync explore --items {self.items} --no-symmetry counts"
        if not self.complete:
            yield from _wrapped("", "Other kinds are left out, so these are not the counts of the whole policy.")
        yield ""
        yield "Check it again:"
        yield from (f"    {line}" for line in run)
        yield from _wrapped("", told)
        yield ""
        yield from _wrapped(
            "",
            self.model.words.say(
                "A state is the {status} and the state of each {item}. It begins in any {status}, with no {item} "
                "created yet. A transition is a step that is not refused, also one that changes nothing: an event of "
                "one {item}, or {a_status} action, which moves all {items} at once. Which steps would break a claim "
                "about steps is marked in the tables; what is checked is that none of them is ever taken."
            ),
        )
        made = [one for one in self.model.policy.properties if one in self.never or one.claimed(self.model.readings)]
        for title, names in (
            ("Checked:   ", [one.name for one in checked]),
            ("Left to simsync explore: ", [one.name for one in made if one not in checked]),
        ):
            if names:
                yield ""
                yield from _wrapped(title, ", ".join(names))


def printable(text: str) -> str:
    """A text that can stand in a comment or between quotation marks of any of the languages.

    >>> printable('a "b" */ c')
    "a 'b' * / c"
    """
    plain = text.replace('"', "'").replace("*/", "* /").encode("ascii", "backslashreplace").decode()
    return plain.replace("\\", "/")


def pairs(entries: Mapping[int, int], form: str, indent: str) -> str:
    """The entries, each by the form, in lines that are not too long."""
    text = ", ".join(form.format(key, value) for key, value in entries.items())
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False).strip()


def _wrapped(before: str, text: str) -> list[str]:
    indent = " " * min(len(before), 11)
    return textwrap.wrap(printable(before + text), WIDTH - 3, subsequent_indent=indent, break_on_hyphens=False)


def _identifiers(prefix: str, names: Sequence[str]) -> tuple[str, ...]:
    plain = [re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") for name in names]
    if len({name.lower() for name in plain}) < len(plain):
        return tuple(f"{prefix}{number}_{name}" for number, name in enumerate(plain))
    return tuple(f"{prefix}_{name}" for name in plain)


def _event(event: Event) -> str:
    words = " ".join(word for word in (event.action, event.kind) if word)
    return printable(f"{event.actor}: {words}" + (f" {inline_yaml(event.fields)}" if event.fields else ""))


def _shape(shape: AbstractItem | None) -> str:
    if shape is None:
        return "not created yet"
    told = [f"{shape.kind} of {shape.owner} {inline_yaml(dict(shape.values)) if shape.values else ''}".strip()]
    told.append(f"link {shape.link}")
    if not shape.present:
        told.append("deleted by its owner")
    if shape.copy is not None:
        kind, values = shape.copy
        same = " with the same text" if shape.same and shape.present else ""
        told.append(f"copy {kind} {inline_yaml(dict(values)) if values else ''}".strip() + same)
    return printable(", ".join((*told, *sorted(shape.history))))


def _shifted(after: Ints) -> Ints:
    """The states after, 0 where there is no step."""
    return np.where(after == UNDECIDED, OPEN, np.maximum(after, 0)).astype(np.int32)


def _by_row(array: Ints) -> tuple[tuple[int, dict[int, int]], ...]:
    rows = ((r, {int(i): int(row[i]) for i in np.flatnonzero(row)}) for r, row in enumerate(array))
    return tuple((r, entries) for r, entries in rows if entries)
