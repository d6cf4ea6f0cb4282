"""What can be seen of a step, and differences in it between two models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.view import View, ticket
from simsync.policy.facts import NO_CHANGE


class Side(NamedTuple):
    """One of two versions of the rules: what its user calls it, and its model."""

    name: str
    model: Model


class StepObservation(NamedTuple):
    """What can be seen of a step; the names of links are nobody's to see. ``undecided``: the rules fail at it."""

    refused: bool
    undecided: bool
    status: str
    tickets: dict[str, dict[str, View]]
    notified: tuple[str, ...]


def seen(outcome: Outcome) -> StepObservation:
    """What can be seen of a step: whether it was refused, the status, both tickets, who was told."""
    words = outcome.model.vocabulary
    return StepObservation(
        refused=outcome.refused is not None,
        undecided=bool(outcome.defects),
        status=outcome.after.status,
        tickets={partner: ticket(words, outcome.after, partner) for partner in words.partners},
        notified=tuple(sorted(outcome.notified)),
    )


Seen = bool | str | tuple[str, ...] | View | None
"""What is seen somewhere: a flag, a status, recipients, a view, None for no such item."""


class Observable(NamedTuple):
    """One thing to look at after a step (numbered from 0): whether it is refused, the status, who is told, an item.

    ``partner`` and ``item``: what that partner's ticket shows of it; ``undecided`` is whether the rules fail there.
    """

    step: int
    what: str
    partner: str | None = None
    item: str | None = None


def what_is_seen(outcomes: Iterable[Outcome]) -> Iterator[tuple[Observable, Seen]]:
    """All that can be looked at in a run, in the order in which one would, and what is seen there."""
    for step, outcome in enumerate(outcomes):
        shown = seen(outcome)
        yield Observable(step, "undecided"), shown.undecided
        yield Observable(step, "refused"), shown.refused
        yield Observable(step, "status"), shown.status
        for partner, there in shown.tickets.items():
            for item in outcome.after.items:
                yield Observable(step, "ticket", partner, item), there.get(item)
        yield Observable(step, "notified"), shown.notified


class DifferenceKind(NamedTuple):
    """A kind of difference: what can be seen to differ, and on either side the row or transition behind it.

    ``seen`` holds ``refused``, ``undecided``, ``status``, ``notified``, and the name of each partner whose ticket
    differs. ``left`` and ``right`` are the first to decide that the other side does not have, or has otherwise.
    """

    seen: tuple[str, ...]
    left: str | None
    right: str | None


def kind_of(left: Outcome, right: Outcome) -> DifferenceKind:
    """The kind of a difference between two outcomes of the same event.

    Where only one side refuses, all else follows from that, and who may do it is what matters.
    """
    one, two = seen(left), seen(right)
    if one.refused != two.refused:
        rows, others = _permitting(left), _permitting(right)
        return DifferenceKind(("refused",), _only(rows, others), _only(others, rows))
    differing = [name for name in ("undecided", "status", "notified") if getattr(one, name) != getattr(two, name)]
    differing += [partner for partner in one.tickets if one.tickets[partner] != two.tickets[partner]]
    rows, others = _deciding(left), _deciding(right)
    return DifferenceKind(tuple(differing), _only(rows, others), _only(others, rows))


def _deciding(outcome: Outcome) -> dict[str, object]:
    """What decided, by its id: the status transition, then each row with what it says."""
    moved = {outcome.moved.transition.id: outcome.moved.dest} if outcome.moved else {}
    return {**moved, **{hit.row.id: (hit.row.when, hit.row.then) for hit in outcome.hits}}


def _permitting(outcome: Outcome) -> dict[str, object]:
    """What of that says who may do it."""
    permitting = {hit.row.id for hit in outcome.hits if hit.table in {t.table.name for t in outcome.model.permission}}
    if outcome.moved:
        permitting = {outcome.moved.transition.id}
    return {name: what for name, what in _deciding(outcome).items() if name in permitting}


def _only(rows: dict[str, object], others: dict[str, object]) -> str | None:
    """The first of the rows that the others lack, or have otherwise."""
    return next((name for name, what in rows.items() if others.get(name) != what), None)


def only_one_knows(left: Model, right: Model) -> tuple[list[str], list[str]]:
    """The words of the left that the right lacks, and the other way round: kinds, fields, status actions."""
    words = [
        {
            **{f"kind '{name}'": None for name in model.vocabulary.kinds},
            **{f"field '{name}'": None for name in model.vocabulary.fields},
            **{f"action '{trigger}'": None for trigger in model.factory.triggers},
        }
        for model in (left, right)
    ]
    return [word for word in words[0] if word not in words[1]], [word for word in words[1] if word not in words[0]]


def shared_notices(model: Model) -> list[str]:
    """The tables through which items can influence each other: they say who is told of a status action as a whole.

    Each item is decided on its own facts and the status, which no item changes. Only what is told once for a step can
    depend on several items, if it looks at whether anything crossed over.
    """
    return [
        table.name
        for table in (lookup.table for lookup in model.step_notices)
        if all(NO_CHANGE in values for fact, values in table.scope if fact == "change")
        and any(fact == "synced" for when in (table.scope, *(row.when for row in table.rows)) for fact, _ in when)
    ]
