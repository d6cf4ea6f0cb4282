"""From one item's situation to what happens to it: the tables asked in turn, and the link machine fired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from simsync.engine.compared import Compared
from simsync.engine.decision import Decision, Defect, Fired, Hit
from simsync.engine.decision_table import DecisionTable
from simsync.engine.facts import Facts, Situation, holds, machine_facts
from simsync.engine.model import Model
from simsync.errors import listed
from simsync.policy.facts import CREATE, DELETE, NEXT, NO_CHANGE, of_machine
from simsync.policy.policy import Effect, Then


class Inquiry:
    """The facts of one situation, what the tables asked so far have said, and which readings bear on it."""

    def __init__(self, model: Model, facts: Facts) -> None:
        self.facts = facts
        self.bearing: set[str] = set()
        self._bearings = model.factory.bearings
        self.hits: list[Hit] = []
        self.derived: dict[str, Hit] = {}
        self.defects: list[Defect] = []

    def ask(self, lookup: DecisionTable) -> Then | None:
        hit = lookup.decide(self.facts)
        self.bearing |= self._bearings[lookup.table.name].readings(self.facts)
        if isinstance(hit, Defect):
            self.defects.append(hit)
            return None
        if hit.row.then.fact is not None:
            self.derived[hit.row.then.fact] = hit
        else:
            self.hits.append(hit)
        return hit.row.then

    def ask_one(self, lookups: Sequence[DecisionTable], *, needed: bool) -> Then | None:
        """Ask the one table in whose scope the situation is."""
        asked = [lookup for lookup in lookups if lookup.applies(self.facts)]
        if len(asked) == 1:
            return self.ask(asked[0])
        if asked or needed:
            which = listed(f"'{a.table.name}'" for a in asked) or "none"
            message = f"exactly one table must decide this situation, but the scopes of {which} take it in"
            between = tuple(a.table.name for a in asked or lookups)
            self.defects.append(Defect("scope", message, "one table", which, tables=between))
        return None

    def trail(self) -> tuple[Hit, ...]:
        """The deciding rows, the change first; of the derived facts only those that a deciding row tests."""
        hits = list(self.hits)
        for hit in hits:  # grows while we walk: a derived fact may rest on another
            for fact, _ in hit.row.when:
                found = self.derived.get(fact)
                if found is not None and found not in hits:
                    hits.append(found)
        return tuple(hits)


def decide(model: Model, situation: Situation) -> Decision:
    """What the rules say of one situation. Pure; remembered, also for the models in which nothing bears on it."""
    found = model.decisions.get(situation)
    if found is None:
        memo = model.factory.decisions
        found = memo.find(situation, model.readings)
        if found is None:
            inquiry = Inquiry(model, {**situation.facts(model.vocabulary, model.status_spec.phases), **model.tested})
            found = _decide(model, situation, inquiry)
            found = replace(found, bearing=frozenset(inquiry.bearing))
            memo.keep(situation, found, model.readings, found.bearing)
        model.decisions[situation] = found
    return found


def _decide(model: Model, situation: Situation, inquiry: Inquiry) -> Decision:
    acts = situation.change != NO_CHANGE
    permission = inquiry.ask_one(model.permission, needed=True) if acts else None
    if permission is not None and permission.refuse is not None:
        return Decision(
            refused=permission.refuse,
            link=situation.link,
            hits=inquiry.trail(),
            history=situation.history,
            facts=inquiry.facts,
        )
    change = _ask_change(model, inquiry, needed=acts)
    if inquiry.defects:
        return Decision(
            link=situation.link, history=situation.history, defects=tuple(inquiry.defects[:1]), facts=inquiry.facts
        )
    return _concluded(model, situation, change, inquiry)


def _concluded(model: Model, situation: Situation, change: Then, inquiry: Inquiry) -> Decision:
    """The decision once it is known what is to be done to the item."""
    fired = _fire(model, situation, change, inquiry)
    next_link = fired.dest if fired else situation.link
    synced = crosses(situation, change.effect)
    arrives = change.effect is Effect.DELIVER and not situation.copied
    inquiry.facts |= {"arrives": arrives, "synced": synced, "next link": next_link}
    copy = inquiry.ask_one(model.copy, needed=arrives and bool(model.copy))
    notified = tuple(n for lookup in model.item_notices for n in _notify(inquiry, lookup))
    _check_properties(model, inquiry)
    return Decision(
        then=change,
        copy=copy,
        link=next_link,
        synced=synced,
        history=_remembered(model, situation, inquiry.facts, _at_the_end(model, situation, change.effect)),
        notified=notified,
        hits=inquiry.trail(),
        fired=fired,
        defects=tuple(inquiry.defects),
        facts=inquiry.facts,
    )


def decide_created(model: Model, situation: Situation, cause: Hit) -> Decision:
    """What becomes of an item that the product makes: nobody refuses it, and the row that makes it says where it is."""
    inquiry = Inquiry(model, {**situation.facts(model.vocabulary, model.status_spec.phases), **model.tested})
    inquiry.hits.append(cause)
    created = cause.row.then.create
    assert created is not None
    _derive(model, inquiry)
    effect = Effect.DELIVER if created.both else Effect.NONE
    return _concluded(model, situation, Then(effect=effect, link=created.link), inquiry)


def _derive(model: Model, inquiry: Inquiry) -> bool:
    """Learn the derived facts; whether all of them are known."""
    for lookup in model.derived:
        then = inquiry.ask(lookup)
        if then is None or then.fact is None:
            return False
        inquiry.facts[then.fact] = then.value
    return True


def _ask_change(model: Model, inquiry: Inquiry, *, needed: bool) -> Then:
    """What the change table says, once the derived facts that it may test are known; its hit comes first."""
    before = inquiry.hits.copy()
    inquiry.hits.clear()
    change: Then | None = None
    if (needed or any(lookup.applies(inquiry.facts) for lookup in model.change)) and _derive(model, inquiry):
        change = inquiry.ask_one(model.change, needed=needed)
    inquiry.hits += before
    return change or Then()


def _fire(model: Model, situation: Situation, change: Then, inquiry: Inquiry) -> Fired | None:
    if change.link is None:
        return None
    inquiry.bearing |= model.factory.readings_by_trigger.get(change.link, set())
    fired = model.link.fire(situation.link, change.link, inquiry.facts)
    if fired is None:
        hit = inquiry.hits[0]
        row, wanted = hit.row.id, f"a transition '{change.link}'"
        message = f"row '{row}' fires '{change.link}', which the link machine does not have in {situation.link}"
        inquiry.defects.append(Defect("cannot-fire", message, wanted, "none", tables=(hit.table,), rows=(row,)))
    return fired


def _notify(inquiry: Inquiry, lookup: DecisionTable) -> tuple[str, ...]:
    if not lookup.applies(inquiry.facts):
        return ()
    then = inquiry.ask(lookup)
    return then.notify if then else ()


def crosses(situation: Situation, effect: Effect) -> bool:
    """Whether an effect makes anything reach the other ticket."""
    copied, present = _as_acted(situation)
    match effect:
        case Effect.DELIVER:
            return True
        case Effect.REMOVE | Effect.TAKE:
            return copied
        case Effect.REMOVE_ORIGINAL:
            return present
        case Effect.NONE | Effect.REVERT | Effect.AGREE:
            return False


class Presence(NamedTuple):
    """Whether the other ticket has a copy, and the owner's ticket the original."""

    copied: bool
    present: bool


def _as_acted(situation: Situation) -> Presence:
    """What is there once the action was done, before the rules do anything."""
    takes_away = situation.change == DELETE and situation.by == "other"
    return Presence(situation.copied and not takes_away, situation.present)


def afterwards(situation: Situation, effect: Effect) -> Presence:
    """What is there at the end of a step with an effect."""
    copied, present = _as_acted(situation)
    match effect:
        case Effect.NONE | Effect.AGREE:
            return Presence(copied, present)
        case Effect.DELIVER:
            return Presence(True, present)
        case Effect.REMOVE:
            return Presence(False, present)
        case Effect.TAKE:
            return Presence(copied, present or copied)
        case Effect.REMOVE_ORIGINAL:
            return Presence(copied, False)
        case Effect.REVERT:
            undeleted = situation.change == DELETE and situation.by == "owner" and bool(situation.shown)
            return Presence(situation.copied, (present or undeleted) and situation.change != CREATE)


def _at_the_end(model: Model, situation: Situation, effect: Effect) -> Presence:
    """What is there at the end of a step, with the tickets that its phase takes away."""
    there, gone = afterwards(situation, effect), model.gone(situation.next_phase)
    if not gone or situation.change != NO_CHANGE:
        return there
    other = model.vocabulary.other(situation.owner)
    return Presence(there.copied and other not in gone, there.present and situation.owner not in gone)


def _remembered(model: Model, situation: Situation, facts: Facts, there: Presence) -> frozenset[str]:
    """The memories that are true at the end of the step."""
    after = {
        **facts,
        "copy": "present" if there.copied else "absent",
        "original": "present" if there.present else "deleted",
        "phase": situation.next_phase,
        "link": facts["next link"],
        **{f.removeprefix(NEXT): value for f, value in facts.items() if f.startswith(NEXT) and of_machine(f)},
    }
    return situation.history | {m.name for m in model.vocabulary.history.values() if holds(m.when, after)}


def _check_properties(model: Model, inquiry: Inquiry) -> None:
    for prop in model.never:
        if holds(prop.what, inquiry.facts):
            what = ", ".join(f"{fact}: {listed([inquiry.facts[fact]])}" for fact, _ in prop.what)
            message = f"property '{prop.name}' ({listed(prop.sources)}) must never hold, but this step has {what}"
            rows = tuple(hit.row.id for hit in inquiry.hits[:1])
            tables = tuple(hit.table for hit in inquiry.hits[:1])
            inquiry.defects.append(Defect("property", message, f"not {what}", what, tables, rows, prop.name))


def announce(
    model: Model, actor: str, change: str, phase: str, next_phase: str, synced: bool, present: Compared = ()
) -> tuple[tuple[str, ...], tuple[Hit, ...], tuple[Defect, ...]]:
    """Who is notified once for the whole step, with the deciding rows and any defects.

    ``present``: what is known of whether tickets show any item of a kind.
    """
    key = (actor, change, phase, next_phase, synced, present)
    found = model.announcements.get(key)
    if found is None:
        memo = model.factory.announcements
        found = memo.find(key, model.readings)
        if found is None:
            facts: Facts = {
                "actor": actor,
                "change": change,
                "phase": phase,
                "next phase": next_phase,
                "synced": synced,
                **machine_facts(model.vocabulary, model.status_spec.phases, actor, phase, next_phase),
                **model.tested,
                **dict(present),
            }
            inquiry = Inquiry(model, facts)
            notified = tuple(n for lookup in model.step_notices for n in _notify(inquiry, lookup))
            found = (notified, inquiry.trail(), tuple(inquiry.defects))
            memo.keep(key, found, model.readings, inquiry.bearing)
        model.announcements[key] = found
    return found
