"""One step: `step(model, world, event) -> Outcome`, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial, reduce

from simsync.engine.compared import Compared, acted_copy, agreed_after, changed_last, compared
from simsync.engine.consequences import Consequence, consequences, name_of
from simsync.engine.deciding import announce, decide, decide_created
from simsync.engine.decision import Decision, Defect, Fired, Hit
from simsync.engine.facts import Facts, Situation, machine_facts
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.refusals import refused_change, refused_status_action
from simsync.engine.view import entry_on
from simsync.engine.world import Entry, Event, Item, World
from simsync.policy.facts import CHANGES, CREATE, EDIT, NO_CHANGE
from simsync.policy.policy import Effect, Then, Value


def step(model: Model, world: World, event: Event) -> Outcome:
    """What the event does in the world under the model's rules.

    The event must make sense there: creating a new name, or changing one that the world has; see
    :func:`simsync.step` for a checked way in.
    """
    act = _change_status if event.item is None else _change_item
    return act(model, world, event)


def _change_item(model: Model, world: World, event: Event) -> Outcome:
    unchanged = partial(Outcome, model=model, event=event, before=world, after=world)
    found = target(model, world, event)
    if found is None:
        reason = refused_change(model, world, event, None, f"the {model.words.item} was never created")
        return unchanged(refused=reason)
    item, situation = found
    phase = situation.phase
    decision = decide(model, situation)
    if decision.refused is not None:
        reason = refused_change(model, world, event, situation, decision.refused)
        return unchanged(refused=reason, hits=decision.hits)
    notified, hits, defects = announce(
        model, event.actor, event.action, phase, phase, decision.synced, model.present(world, event.actor)
    )
    if decision.defects or defects:
        return unchanged(hits=decision.hits, defects=(*decision.defects, *defects))
    done = Outcome(
        model=model,
        event=event,
        before=world,
        after=World(
            world.status, {**world.items, item.name: _apply(model, item, world.items.get(item.name), event, decision)}
        ),
        synced=decision.synced,
        notified=(*notified, *decision.notified),
        hits=(*decision.hits, *hits),
        fired=(decision.fired.of(item.name),) if decision.fired else (),
    )
    return _with_consequences(done, {item.name: decision})


def _showed(world: World, event: Event) -> bool:
    before = world.items.get(event.item or "")
    return before is not None and entry_on(before, event.actor) is not None


def target(model: Model, world: World, event: Event) -> tuple[Item, Situation] | None:
    """The item of a change, its owner's change made already, and the situation that the tables are asked about.

    None if the item was never created.
    """
    item = _changed(model, world, event)
    if item is None:
        return None
    phase = model.phase(world.status)
    return item, situation_of(
        model, item, event, phase, phase, _showed(world, event), model.present(world, event.actor)
    )


def _change_status(model: Model, world: World, event: Event) -> Outcome:
    unchanged = partial(Outcome, model=model, event=event, before=world, after=world)
    moved = model.move(world.status, event.actor, event.action, model.present(world, event.actor))
    if moved is None:
        return unchanged(refused=refused_status_action(model, world, event))
    passed = _pass_on(model, world, event, moved.dest, followers=bool(moved.transition.followers))
    if passed.defects:
        return unchanged(hits=tuple(passed.hits), defects=tuple(passed.defects))
    followed = (Hit(row.table, row, ()) for row in moved.transition.followed)
    done = Outcome(
        model=model,
        event=event,
        before=world,
        after=World(moved.dest, passed.items),
        synced=passed.synced or bool(moved.transition.followers),
        notified=tuple(passed.notified),
        hits=(*passed.hits, *followed),
        fired=(moved, *passed.fired),
        moved=moved,
        row_of={name: one.hits[0].row.id for name, one in passed.decisions.items() if one.hits},
    )
    return _with_consequences(done, passed.decisions)


@dataclass(slots=True)
class _Passed:
    """What becomes of some items as the status passes from one state to another, or stays."""

    items: dict[str, Item]
    decisions: dict[str, Decision] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    fired: list[Fired] = field(default_factory=list)
    notified: list[str] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    synced: bool = False


def _pass_on(
    model: Model, world: World, event: Event, status: str, *, but: str | None = None, followers: bool = False
) -> _Passed:
    """Decide every item of a world, ``but`` one, as the status passes from the world's to another one.

    ``followers``: whether the other ticket's status follows with it.
    """
    phase, next_phase, present = model.phase(world.status), model.phase(status), model.present(world, event.actor)
    passed, told = _Passed(dict(world.items)), list[str]()
    for name, item in world.items.items():
        if name == but:
            continue
        situation = situation_of(model, item, event, phase, next_phase, present=present)
        decision = passed.decisions[name] = decide(model, situation)
        passed.items[name] = without_gone(model, _apply(model, item, item, event, decision), next_phase)
        passed.synced = passed.synced or decision.synced
        passed.hits += decision.hits
        passed.fired += (decision.fired.of(name),) if decision.fired else ()
        told += decision.notified
        passed.defects += decision.defects
    synced = passed.synced or followers
    notified, hits, defects = announce(model, event.actor, NO_CHANGE, phase, next_phase, synced, present)
    passed.notified += (*notified, *told)
    passed.hits += hits
    passed.defects += defects
    return passed


def _with_consequences(done: Outcome, decisions: Mapping[str, Decision]) -> Outcome:
    """A step with all that it brings about: first the status moves, then items are decided, then items are made."""
    model, event = done.model, done.event
    if not model.item_consequences and not model.step_consequences:
        return done
    phases = model.phase(done.before.status), model.phase(done.after.status)
    of_the_step: Facts = {
        "actor": event.actor,
        "change": event.action if event.action in CHANGES else NO_CHANGE,
        "phase": phases[0],
        "next phase": phases[1],
        "synced": done.synced,
        **machine_facts(model.vocabulary, model.status_spec.phases, event.actor, *phases),
        **dict(model.present(done.before, event.actor)),
    }
    found, defects = consequences(model, decisions, of_the_step)
    if not found and not defects:
        return done
    outcome = replace(done, hits=(*done.hits, *(one.hit for one in found)), defects=tuple(defects))
    for bring_about in (_move, _decide_again, _create):
        outcome = reduce(bring_about, found, outcome)
    return replace(outcome, after=outcome.before, synced=False, notified=()) if outcome.defects else outcome


def _move(outcome: Outcome, cause: Consequence) -> Outcome:
    """The status moved, as far as a transition leads there from where it is, and with it all items."""
    for whose, state in cause.hit.row.then.move:
        world = outcome.after
        present = outcome.model.present(world, outcome.event.actor)
        fired = outcome.model.way(world.status, outcome.event.actor, whose, state, present)
        if fired is None:
            continue
        followers = bool(fired.transition.followers)
        event = Event(actor=outcome.event.actor, action=fired.transition.trigger)
        passed = _pass_on(outcome.model, world, event, fired.dest, followers=followers)
        passed.synced = passed.synced or followers
        passed.hits += [Hit(row.table, row, ()) for row in fired.transition.followed]
        passed.fired.insert(0, fired)
        outcome = _joined(outcome, World(fired.dest, passed.items), passed)
    return outcome


def _decide_again(outcome: Outcome, cause: Consequence) -> Outcome:
    """The items decided but for the one that the step is about."""
    if not cause.hit.row.then.again:
        return outcome
    model, world = outcome.model, outcome.after
    event = Event(actor=outcome.event.actor, action=NO_CHANGE)
    passed = _pass_on(model, world, event, world.status, but=outcome.event.item)
    return _joined(outcome, World(world.status, passed.items), passed)


def _joined(outcome: Outcome, after: World, passed: _Passed) -> Outcome:
    """An outcome with what became of the items besides."""
    return replace(
        outcome,
        after=after,
        synced=outcome.synced or passed.synced,
        notified=(*outcome.notified, *passed.notified),
        hits=(*outcome.hits, *passed.hits),
        fired=(*outcome.fired, *passed.fired),
        defects=(*outcome.defects, *passed.defects),
    )


def _create(outcome: Outcome, cause: Consequence) -> Outcome:
    """The item of the product's own that a row makes."""
    model, world = outcome.model, outcome.after
    if cause.hit.row.then.create is None:
        return outcome
    item, decision = product_item(model, world, cause)
    return replace(
        outcome,
        after=World(world.status, {**world.items, item.name: item}),
        synced=outcome.synced or decision.synced,
        notified=(*outcome.notified, *decision.notified),
        hits=(*outcome.hits, *decision.hits[1:]),
        fired=(*outcome.fired, *((decision.fired.of(item.name),) if decision.fired else ())),
        defects=(*outcome.defects, *decision.defects),
    )


def product_item(model: Model, world: World, cause: Consequence) -> tuple[Item, Decision]:
    """An item of the product's own that a row makes in a world, and what was decided of it."""
    made = cause.hit.row.then.create
    assert made is not None
    name, phase, present = name_of(cause, world.items), model.phase(world.status), model.present(world, made.owner)
    event = Event(actor=made.owner, action=CREATE, item=name, kind=made.kind, fields=dict(made.fields))
    item = _changed(model, world, event)
    assert item is not None
    decision = decide_created(model, situation_of(model, item, event, phase, phase, False, present), cause.hit)
    return _apply(model, item, None, event, decision), decision


def without_gone(model: Model, item: Item, phase: str) -> Item:
    """An item without what was on tickets that a phase takes away."""
    gone = model.gone(phase)
    if not gone:
        return item
    other = model.vocabulary.other(item.owner)
    present, copy = item.present and item.owner not in gone, None if other in gone else item.copy
    return replace(item, present=present, copy=copy)


def _changed(model: Model, world: World, event: Event) -> Item | None:
    """The item as the event leaves its owner's values: a new one, or an existing one with the owner's change made."""
    if event.action == CREATE:
        assert event.kind is not None
        fields = model.vocabulary.fields
        values = {f: event.fields.get(f, fields[f].default) for f in model.vocabulary.kinds[event.kind].fields}
        original = Entry(event.kind, values)
        return Item(event.item or "", event.actor, original, True, None, model.link_spec.initial)
    item = world.items.get(event.item or "")
    if item is None or item.owner != event.actor or not item.present:
        return item
    if event.action == EDIT:
        original = Entry(item.original.kind, {**item.original.fields, **event.fields})
        return _with(item, original, True)
    return _with(item, item.original, False)


def _with(item: Item, original: Entry, present: bool) -> Item:
    """An item with another original: in one call, because a cold run spends its time here."""
    return Item(item.name, item.owner, original, present, item.copy, item.link, item.history, item.agreed, item.last)


def situation_of(
    model: Model,
    item: Item,
    event: Event,
    phase: str,
    next_phase: str,
    showed: bool | None = None,
    present: Compared = (),
) -> Situation:
    """The situation of an item at an event, its owner's change made already.

    ``showed``: whether the actor's ticket showed it before; None for a status action. ``present``: what is known of
    whether tickets show any item of a kind.
    """
    change = event.action if event.action in CHANGES else NO_CHANGE
    owns = item.owner == event.actor
    return Situation(
        actor=event.actor,
        change=change,
        by=None if change == NO_CHANGE else "owner" if owns else "other",
        owner=item.owner,
        kind=item.original.kind,
        values=tuple([item.original.fields.get(name) if watched else None for name, watched in model.enumerated]),
        phase=phase,
        next_phase=next_phase,
        link=item.link,
        copied=item.copy is not None,
        present=item.present,
        ticket=event.actor in model.status_spec.phases[phase].tickets,
        shown=showed,
        history=item.history,
        compared=(*compared(model.compared, model.vocabulary, item, event), *present) if model.compared else present,
    )


def _apply(model: Model, item: Item, before: Item | None, event: Event, decision: Decision) -> Item:
    """The item after the decision; ``item`` has its owner's change already, ``before`` is without it."""
    original, present, copy = item.original, item.present, acted_copy(item, event)
    effect = decision.then.effect if decision.then else Effect.NONE
    if effect is Effect.DELIVER:
        copy = _delivered(model, item.owner, original, copy, decision.copy)
    elif effect is Effect.REMOVE:
        copy = None
    elif effect is Effect.TAKE and copy is not None:
        original, present = _taken(model, model.vocabulary.other(item.owner), original, copy), True
    elif effect is Effect.REMOVE_ORIGINAL:
        present = False
    elif effect is Effect.REVERT and before is not None:
        original, present, copy = before.original, before.present, before.copy
    elif effect is Effect.REVERT:
        present = False  # what is created and reverted is gone
    assert decision.link is not None
    after = Item(item.name, item.owner, original, present, copy, decision.link, decision.history)
    return _tracked(model, item, before, event, effect, after) if model.tracks else after


def _tracked(model: Model, item: Item, before: Item | None, event: Event, effect: Effect, after: Item) -> Item:
    """The item after the step with what both agree on, and who changed it since."""
    agreed = agreed_after(model.vocabulary, effect, item, after.original, after.copy)
    if agreed is not None:
        return replace(after, agreed=agreed, last=None)
    last = item.last if effect is Effect.REVERT else changed_last(model.vocabulary, item, before, event)
    return replace(after, agreed=item.agreed, last=last)


def _taken(model: Model, by: str, original: Entry, copy: Entry) -> Entry:
    """The original once it took over what the copy says, as far as that is carried."""
    fields, told = model.vocabulary.fields, dict[str, Value]()
    for name, there in original.fields.items():
        if name in copy.fields:
            carried = fields[name].carried(by, copy.fields[name], there)
            told[name] = there if carried is None else carried
    return Entry(original.kind, {**original.fields, **told})


def _delivered(model: Model, by: str, original: Entry, copy: Entry | None, form: Then | None) -> Entry:
    """The copy after a delivery of the original's present values; a new copy takes the given form."""
    fields = model.vocabulary.fields
    kind = copy.kind if copy else form.kind if form and form.kind else original.kind
    known: dict[str, Value] = {}
    for name in model.vocabulary.kinds[kind].fields:
        field = fields[name]
        there = copy.fields[name] if copy is not None else None
        carried = field.carried(by, original.fields[name], there) if name in original.fields else None
        if carried is not None:
            known[name] = carried
        elif there is not None:
            known[name] = there
        else:
            known[name] = dict(form.fields if form else ()).get(name, field.default)
    return Entry(kind, known)
