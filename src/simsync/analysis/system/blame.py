"""Which rules a system breaks that does something else than the model at the end of a drive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simsync.core.decision import decide
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import situation_of, target
from simsync.model.decision import Decision, Hit
from simsync.model.policy import Decides
from simsync.model.world import Event

APPEARANCE = "appearance"
"""Something of an item that is there on both sides differs, or the item is there on one side only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """How a system differs at a step: ``aspects`` as in a divergence; ``items`` with the names of what they show."""

    aspects: tuple[str, ...]
    items: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row or transition with what it cites, and the status in which it was looked at."""

    id: str
    sources: tuple[str, ...]
    status: str


def blamed(outcomes: Sequence[Outcome], unlike: Unlike) -> list[Rule]:
    """The rules that decide what differs after the last step, the nearest first.

    Those of the step itself, then, where an item behaves so because of what came before, what last moved its link.
    """
    last = outcomes[-1]
    found = list(_of_step(last, unlike))
    for name in unlike.items:
        found += _before(outcomes[:-1], name)
    return _once(found) or _once(_deciding(last))


def suspects(outcomes: Sequence[Outcome], unlike: Unlike) -> list[Rule]:
    """Every rule that had a say in what differs, those blamed first."""
    found = blamed(outcomes, unlike)
    for outcome in reversed(outcomes):
        found += _deciding(outcome)
        for name in unlike.items:
            found += (_rule(hit, outcome) for hit in _decision(outcome, name).hits)
        found += _transitions(outcome)
    return _once(found)


def _once(rules: Iterable[Rule]) -> list[Rule]:
    found: dict[str, Rule] = {}
    for rule in rules:
        found.setdefault(rule.id, rule)
    return list(found.values())


def _of_step(outcome: Outcome, unlike: Unlike) -> Iterator[Rule]:
    if "refused" in unlike.aspects:
        yield from _permitting(outcome)
        return
    if "status" in unlike.aspects:
        yield from _transitions(outcome)
    for name, shown in unlike.items.items():
        yield from _of_item(outcome, name, shown)
    if "notified" in unlike.aspects:
        yield from (_rule(hit, outcome) for hit in _telling(outcome, bool(unlike.items)))


def _of_item(outcome: Outcome, name: str, shown: frozenset[str]) -> Iterator[Rule]:
    hits = _decision(outcome, name).hits
    role = {hit: _role(outcome.model, hit) for hit in hits}
    forms = [hit for hit in hits if role[hit] is Decides.COPY]
    changes = [hit for hit in hits if role[hit] is Decides.CHANGE]
    facts = [hit for hit in hits if role[hit] is Decides.FACT]
    words = outcome.model.vocabulary
    free = {show.name for show in words.shows if not words.fields[show.field].values}
    about_looks = bool(forms and shown) and APPEARANCE not in shown and not shown & free
    order = forms if about_looks else [*changes, *facts]
    yield from (_rule(hit, outcome) for hit in order)


def _telling(outcome: Outcome, items_too: bool) -> list[Hit]:
    """The rows that say who is told: those of the items first, since whoever acts is told of each."""
    told = [hit for hit in outcome.hits if _role(outcome.model, hit) is Decides.NOTIFICATION]
    named = [hit for hit in told if hit.row.then.notify]
    return [*named, *(hit for hit in told if hit not in named)] if not items_too else told


def _permitting(outcome: Outcome) -> Iterator[Rule]:
    if outcome.event.item is None:
        yield from _transitions(outcome)
    for hit in outcome.hits:
        if _role(outcome.model, hit) is Decides.PERMISSION:
            yield _rule(hit, outcome)


def _transitions(outcome: Outcome) -> Iterator[Rule]:
    """The transition taken; where none is, those that the action has elsewhere."""
    if outcome.event.item is not None:
        return
    spec, status = outcome.model.status_spec, outcome.before.status
    taken = outcome.moved.transition.id if outcome.moved else None
    for transition in spec.transitions:
        if transition.trigger == outcome.event.action and taken in (None, transition.id):
            yield Rule(id=transition.id, sources=transition.sources, status=status)


def _before(outcomes: Sequence[Outcome], name: str) -> Iterator[Rule]:
    """What last decided about an item and moved its link, and what it rests on."""
    for outcome in reversed(outcomes):
        before, after = outcome.links.get(name, (None, None))
        if after is not None and (before != after or before is None):
            hits = _decision(outcome, name).hits
            yield from (_rule(hit, outcome) for hit in hits if _role(outcome.model, hit) is Decides.CHANGE)
            return


def _decision(outcome: Outcome, name: str) -> Decision:
    """What the tables said of an item in a step; nothing where it was not concerned."""
    model, event = outcome.model, outcome.event
    if event.item is not None:
        found = target(model, outcome.before, event) if event.item == name else None
        return decide(model, found[1]) if found else Decision()
    item = outcome.before.items.get(name)
    if item is None or outcome.moved is None:
        return Decision()
    phase, next_phase = model.phase(outcome.before.status), model.phase(outcome.after.status)
    return decide(model, situation_of(model, item, Event(actor=event.actor, action=event.action), phase, next_phase))


def _deciding(outcome: Outcome) -> Iterator[Rule]:
    yield from _transitions(outcome)
    yield from (_rule(hit, outcome) for hit in outcome.hits)


def _role(model: Model, hit: Hit) -> Decides:
    return model.tables[hit.table].table.decides


def _rule(hit: Hit, outcome: Outcome) -> Rule:
    return Rule(id=hit.row.id, sources=hit.row.sources, status=outcome.before.status)
