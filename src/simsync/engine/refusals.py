"""Why an action is refused, and what would have been allowed instead, as a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from simsync.engine.deciding import decide
from simsync.engine.facts import Situation
from simsync.engine.model import Model
from simsync.engine.view import entry_on
from simsync.engine.world import Event, World
from simsync.errors import listed
from simsync.policy.facts import CREATE, of_presence
from simsync.policy.policy import Transition


def refused_status_action(model: Model, world: World, event: Event) -> str:
    """A status action that the status machine does not have here. Remembered per model."""
    key = (world.status, event.actor, event.action)
    found = model.refusals.get(key)
    if found is None:
        found = model.refusals[key] = _refused_status_action(model, *key)
    return found


def _refused_status_action(model: Model, status: str, actor: str, action: str) -> str:
    own = [t for machine in model.status_machines for t in machine.transitions if t.trigger == action]
    wanting = [
        t for t in model.status_spec.transitions if t.trigger == action and status in t.source and actor in t.actors
    ]
    if own and all(actor not in t.actors for t in own):
        why = f"'{action}' is for {_whom(model, own)}"
    elif wanting:
        needs = dict.fromkeys(_needs(transition) for transition in wanting)
        why = f"'{action}' is possible in {status} with {' or '.join(needs)} only"
    elif own:
        states = listed(dict.fromkeys(state for t in own for state in t.source))
        why = f"'{action}' is possible in {states} only"
    else:
        why = f"under these readings nobody can '{action}'"
    return f"{why}; the {model.words.status} is {status}, {_possible(model, status)}"


def _needs(transition: Transition) -> str:
    """What tickets must show for a transition, in words."""
    tested = ((fact, values) for fact, values in transition.when if of_presence(fact))
    return " and ".join(f"{fact}: {listed(str(value).lower() for value in values)}" for fact, values in tested)


def _whom(model: Model, transitions: Iterable[Transition]) -> str:
    """Those whom some transitions are for, in words."""
    whom = dict.fromkeys(who for t in transitions for who in t.actors)
    return listed(f"the {who} {model.words.partner}" if who in model.vocabulary.partners else who for who in whom)


def _possible(model: Model, status: str) -> str:
    able = (t for t in model.status_spec.transitions if status in t.source)
    moves = dict.fromkeys(f"{who}: {t.trigger}" for t in able for who in t.actors)
    return f"where these are possible: {listed(moves)}" if moves else "which nothing leaves"


def refused_change(model: Model, world: World, event: Event, situation: Situation | None, why: str) -> str:
    """A change of an item that the permission table refuses; `the actor's {ticket}` is called by its name."""
    words = model.words
    whose = f"the {event.actor} {words.partner}'s {words.ticket}"
    named = why.replace(f"the actor's {words.ticket}", whose)
    statuses = [] if situation is None else _statuses_allowing(model, world.status, situation)
    if statuses:
        return f"{named}; the {words.status} is {world.status}, and this would be allowed in {listed(statuses)}"
    if situation is not None and (situation.shown or situation.change == CREATE or not situation.ticket):
        return f"{named}; the {words.status} is {world.status}"
    names = [name for name, item in world.items.items() if entry_on(item, event.actor) is not None]
    who = "it" if named != why else whose
    return f"{named}; {who} shows {listed(names) or f'no {words.item}'}"


def _statuses_allowing(model: Model, status: str, situation: Situation) -> list[str]:
    if situation.shown is False and situation.change != CREATE:
        return []
    spec = model.status_spec
    here, found = spec.parts(status), dict[str, None]()
    for name in spec.states:
        others = [f"{key}: {state}" for key, state in spec.parts(name).items() if state != here[key]]
        if len(others) <= 1 and _allowed_in(model, name, situation):  # of several machines one is elsewhere
            found[others[0] if others else name] = None
    return [*found]


def _allowed_in(model: Model, status: str, situation: Situation) -> bool:
    """Whether the rules decide the same change in another status, and do not refuse it."""
    phase = model.phase(status)
    ticket = situation.actor in model.status_spec.phases[phase].tickets
    decision = decide(model, situation._replace(phase=phase, next_phase=phase, ticket=ticket))
    return decision.refused is None and not decision.defects
