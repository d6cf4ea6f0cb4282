"""Which rules a system breaks that does something else than the model at the end of a drive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simsync.engine.deciding import decide
from simsync.engine.decision import Decision, Hit
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import situation_of, target
from simsync.engine.world import Event
from simsync.policy.policy import Decides

APPEARANCE = "appearance"
"""What differs of an item that is there on one side only: whether it appears at all."""
KIND = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMismatch:
    """How a system differs at a step: ``aspects`` as in a divergence.

    ``items`` are those of each partner's ticket that differ, with the names of what they show otherwise; ``told`` are
    the recipients that were notified more or less often than they should have been, ``missed`` those less often.
    """

    aspects: tuple[str, ...]
    items: Mapping[tuple[str, str], frozenset[str]]
    told: frozenset[str] = frozenset()
    missed: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """The items that differ on any ticket."""
        return tuple(dict.fromkeys(name for _, name in self.items))


def told_otherwise(expected: Iterable[str], actual: Iterable[str]) -> frozenset[str]:
    """The recipients that one list has more often than the other."""
    one, other = Counter(expected), Counter(actual)
    return frozenset((one - other) | (other - one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row or transition with what it cites, and the status in which it was looked at."""

    id: str
    sources: tuple[str, ...]
    status: str


def blamed(outcomes: Sequence[Outcome], unlike: StepMismatch) -> list[Rule]:
    """The rules that decide what differs after the last step, the nearest first.

    What only a copy's creation decides is laid to the row that formed it, however long ago. All else is laid to the
    rules of the step itself, then, where an item behaves so because of what came before, to what last moved its link.
    """
    last = outcomes[-1]
    found = list(_of_step(outcomes, unlike))
    for name in unlike.names:
        found += _before(outcomes[:-1], name)
    return _once(found) or _once(_deciding(last))


def suspects(outcomes: Sequence[Outcome], unlike: StepMismatch) -> list[Rule]:
    """Every rule that had a say in what differs, those blamed first."""
    found = blamed(outcomes, unlike)
    for outcome in reversed(outcomes):
        found += _deciding(outcome)
        for name in unlike.names:
            found += (_rule(hit, outcome) for hit in decision_of(outcome, name).hits)
        found += _transitions(outcome)
    return _once(found)


def _once(rules: Iterable[Rule]) -> list[Rule]:
    found: dict[str, Rule] = {}
    for rule in rules:
        found.setdefault(rule.id, rule)
    return list(found.values())


def _of_step(outcomes: Sequence[Outcome], unlike: StepMismatch) -> Iterator[Rule]:
    last = outcomes[-1]
    if "refused" in unlike.aspects:
        yield from _permitting(last)
        return
    if "status" in unlike.aspects:
        yield from _standing(outcomes)
    for (partner, name), shown in unlike.items.items():
        yield from _forming(outcomes, partner, name, shown)
        yield from _moving(last, name)
    if "notified" in unlike.aspects:
        yield from _telling(last, unlike.told)


def _standing(outcomes: Sequence[Outcome]) -> Iterator[Rule]:
    """The transition that leads to the status: this step's, or of those before the last; then the status itself."""
    last = outcomes[-1]
    if last.event.item is None:
        yield from _transitions(last)
        return
    for outcome in reversed(outcomes):
        if outcome.moved is not None:
            yield from _transitions(outcome)
            break
    state = last.model.status_spec.states[last.after.status]
    yield Rule(id=state.name, sources=state.sources, status=state.name)


def _forming(outcomes: Sequence[Outcome], partner: str, name: str, shown: frozenset[str]) -> Iterator[Rule]:
    """The row that formed a copy, where nothing differs but what is settled then and left alone by later deliveries."""
    words = outcomes[-1].model.vocabulary
    settled = {KIND, *(show.name for show in words.shows if not words.fields[show.field].compared)}
    item = outcomes[-1].after.items.get(name)
    if item is None or item.owner == partner or not shown <= settled:
        return
    for outcome in reversed(outcomes):
        forms = [hit for hit in decision_of(outcome, name).hits if _role(outcome.model, hit) is Decides.COPY]
        if forms:
            yield from (_rule(hit, outcome) for hit in forms)
            return


def _moving(outcome: Outcome, name: str) -> Iterator[Rule]:
    """The rows by which a change of an item does, or does not, cross over."""
    hits = decision_of(outcome, name).hits
    for decides in (Decides.CHANGE, Decides.FACT):
        yield from (_rule(hit, outcome) for hit in hits if _role(outcome.model, hit) is decides)


def _telling(outcome: Outcome, told: frozenset[str]) -> Iterator[Rule]:
    """The rows about those who were told otherwise: that tell them here, or else somewhere; then what else decides."""
    model, status = outcome.model, outcome.before.status
    hits = [hit for hit in outcome.hits if _role(model, hit) is Decides.NOTIFICATION]
    named = [hit.row for hit in hits if told & set(hit.row.then.notify)]
    if not named:
        tables = [lookup.table for lookup in model.tables.values() if lookup.table.decides is Decides.NOTIFICATION]
        named = [row for table in tables for row in table.rows if told & set(row.then.notify)]
        named += [hit.row for hit in hits]
    yield from (Rule(id=row.id, sources=row.sources, status=status) for row in named)


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
            hits = decision_of(outcome, name).hits
            yield from (_rule(hit, outcome) for hit in hits if _role(outcome.model, hit) is Decides.CHANGE)
            return


def decision_of(outcome: Outcome, name: str) -> Decision:
    """What the tables said of an item in a step; nothing where it was not concerned."""
    model, event = outcome.model, outcome.event
    if event.item is not None:
        found = target(model, outcome.before, event) if event.item == name else None
        return decide(model, found[1]) if found else Decision()
    item = outcome.before.items.get(name)
    if item is None or outcome.moved is None:
        return Decision()
    phase, next_phase = model.phase(outcome.before.status), model.phase(outcome.after.status)
    act, present = Event(actor=event.actor, action=event.action), model.present(outcome.before, event.actor)
    return decide(model, situation_of(model, item, act, phase, next_phase, present=present))


def _deciding(outcome: Outcome) -> Iterator[Rule]:
    yield from _transitions(outcome)
    yield from (_rule(hit, outcome) for hit in outcome.hits)


def _role(model: Model, hit: Hit) -> Decides:
    return model.tables[hit.table].table.decides


def _rule(hit: Hit, outcome: Outcome) -> Rule:
    return Rule(id=hit.row.id, sources=hit.row.sources, status=outcome.before.status)
