"""Actions and what tickets show of items as sentences, for readers who have never seen the rules or a scenario file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.policy.facts import CREATE, DELETE
from simsync.policy.policy import ALONE, Value, Vocabulary
from simsync.policy.words import Noun
from simsync.report import phrases


def act(event: Event, vocabulary: Vocabulary) -> str:
    """Who does what, as a sentence without its stop."""
    who, item = event.actor, event.item
    if item is None:
        return f"{who} does {phrases.quoted(event.action)}"
    said = list(_set(event.fields, vocabulary, new=event.action == CREATE))
    if event.action == CREATE:
        filled = f", with {_joined(said)}" if said else ""
        return f"{who} creates {Noun.of(event.kind or vocabulary.words.item.one).a}, {item}{filled}"
    if event.action == DELETE:
        return f"{who} deletes {item}"
    return f"{who} changes {item}: {_joined(said)}"


def _set(fields: Mapping[str, Value], vocabulary: Vocabulary, *, new: bool) -> Iterator[str]:
    for name, value in fields.items():
        told = f"{name.replace('_', ' ')}{'' if new else ' now'}"
        if isinstance(value, bool):
            yield f"{told} {'ticked' if value else 'not ticked'}"
        else:
            yield f"{told} {phrases.value(value) if vocabulary.fields[name].values else phrases.quoted(value)}"


def _joined(parts: list[str]) -> str:
    *rest, last = parts or [""]
    return f"{', '.join(rest)} and {last}" if rest else last


def status_lines(model: Model, status: str) -> list[str]:
    """The status, a line for each of several status machines; none where the policy has no status."""
    parts = model.status_spec.parts(status)
    if parts:
        return [f"{key}: {state}" for key, state in parts.items()]
    return [] if status == ALONE else [status]


def statuses_on(model: Model, status: str, partner: str) -> dict[str, str]:
    """What a partner's ticket says of the status: its own, or where there are several, its own and what is shared."""
    parts = model.status_spec.parts(status)
    if not parts:
        return {} if status == ALONE else {str(model.words.status): status}
    other = model.vocabulary.other(partner)
    return {str(model.words.status) if key == partner else key: state for key, state in parts.items() if key != other}


def begins(model: Model, status: str) -> str:
    """Where a scenario begins, as a sentence without its stop."""
    lines = status_lines(model, status)
    fresh = f"Begin with a fresh {model.words.ticket}"
    if not lines:
        return fresh
    return (
        f"{fresh}, brought to the {model.words.status if len(lines) == 1 else model.words.status.many} {_joined(lines)}"
    )
