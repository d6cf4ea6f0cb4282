"""What the product does by itself, followed on the engine up to a bound, because the compiled space leaves it out.

A step's consequences join items: one makes another, moves the status for all, or has all decided again. So what holds
of one item need not hold of several, and verdicts say up to what they were tried.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from simsync.engine.consequences import Consequence
from simsync.engine.decision import Defect, Hit
from simsync.engine.facts import holds
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.state_facts import state_facts
from simsync.engine.step import product_item, step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.policy.policy import Claim, Property, When
from simsync.statespace.abstraction import NAME, Abstraction, statuses, way_back, with_texts
from simsync.statespace.transition_table import TransitionTable

MOST_STEPS = 6_000
"""Steps that are tried at most."""

NAMES = (NAME, "N2")
"""What partners call the items that they create: so many at most."""

MOST_ITEMS = 4
"""Items in a world from which steps are tried at most, those of the product's own among them."""


def strangers(table: TransitionTable) -> list[str]:
    """The rows that make an item such as no item that partners create can come to be, where the rows can decide.

    What goes for an item that can goes for the product's as well: its future rests on what it is like and the status.
    """
    model, engine, found = table.model, table.engine, list[str]()
    abstraction, known = Abstraction(engine), {item: i for i, item in enumerate(table.item_states)}
    for asked in (one.table for one in (*model.item_consequences, *model.step_consequences)):
        for row in (row for row in asked.rows if row.then.create):
            for s, status in enumerate(table.statuses):
                if _may_end_in(model, status, (*asked.scope, *row.when)):
                    item, _ = product_item(engine, World(status), Consequence(Hit(asked.name, row, ())))
                    i = known.get(abstraction.item(item), -1)
                    if row.id not in found and (i < 0 or not table.reached[s, i]):
                        found.append(row.id)
    return found


def _may_end_in(model: Model, status: str, when: When) -> bool:
    """Whether a step that meets a condition may end in a status, as far as the condition tells."""
    return all(model.phase(status) in values for fact, values in when if fact == "next phase")


@dataclass(frozen=True, slots=True)
class Following:
    """What was tried: how many steps in how many worlds, and whether these are all that there are within the bound.

    ``rows`` decided something, ``fired`` are transitions with the state that they leave, ``states`` those come to.
    ``faults`` are the steps that ran into a defect of the rules, ``broken`` the properties on states that were broken,
    by name; the first of each with the way to it.
    """

    steps: int
    worlds: int
    whole: bool
    rows: frozenset[str]
    fired: frozenset[tuple[str, str]]
    states: frozenset[str]
    faults: tuple[tuple[Defect, Trace], ...]
    broken: Mapping[str, Trace]

    def against(self, claim: Property) -> Trace | None:
        """The way to where a property was seen broken, on a step or in a state."""
        on_a_step = (trace for defect, trace in self.faults if defect.broken == claim.name)
        return next(on_a_step, self.broken.get(claim.name))


def follow(model: Model, most: int = MOST_STEPS) -> Following:
    """Try steps from empty tickets in every status, breadth first, with up to two items besides the product's own."""
    return _Search(model, most).followed()


State = tuple[object, ...]


class _Search:
    def __init__(self, model: Model, most: int) -> None:
        self._model, self._most = model, most
        self._abstraction = Abstraction(model)
        self._came: dict[State, tuple[State, Event] | None] = {}
        self._worlds: dict[State, World] = {}
        self._faults: dict[tuple[object, ...], tuple[Defect, Trace]] = {}
        self._rows, self._fired, self._states = set[str](), set[tuple[str, str]](), set[str]()
        self._broken: dict[str, Trace] = {}
        claims = (claim for claim in model.policy.properties if claim.claim is Claim.NO_STATE)
        self._claims = [claim for claim in claims if claim.claimed(model.readings)]

    def followed(self) -> Following:
        waiting = deque(self._arrive(World(status), None) for status in statuses(self._model))
        steps, whole = 0, True
        while waiting and steps < self._most:
            state = waiting.popleft()
            world = self._worlds[state]
            if len(world.items) > MOST_ITEMS:
                whole = False
                continue
            for event in self._events(world):
                steps += 1
                outcome = step(self._model, world, event)
                self._note(outcome, state)
                key = self._state(outcome.after)
                if key not in self._came:
                    waiting.append(self._arrive(outcome.after, (state, event)))
        return Following(
            steps=steps,
            worlds=len(self._came),
            whole=whole and not waiting,
            rows=frozenset(self._rows),
            fired=frozenset(self._fired),
            states=frozenset(self._states),
            faults=tuple(self._faults.values()),
            broken=self._broken,
        )

    def _arrive(self, world: World, before: tuple[State, Event] | None) -> State:
        state = self._state(world)
        self._came[state], self._worlds[state] = before, world
        self._states |= {world.status, *(item.link for item in world.items.values())}
        for claim in self._claims:
            if claim.name not in self._broken and self._has(world, claim):
                self._broken[claim.name] = self._way(state)
        return state

    def _has(self, world: World, claim: Property) -> bool:
        facts = (state_facts(self._model, world.status, item) for item in world.items.values())
        return any(holds(claim.what, known) for known in facts)

    def _way(self, state: State, *more: Event) -> Trace:
        first, events = way_back(self._came, state)
        return Trace(status=str(first[0]), events=with_texts(self._model, (*events, *more)))

    def _state(self, world: World) -> State:
        return world.status, *((name, self._abstraction.item(item)) for name, item in world.items.items())

    def _events(self, world: World) -> Iterator[Event]:
        """Every action that makes sense: one item is created more, under the next name."""
        fresh = next((name for name in NAMES if name not in world.items), None)
        for event in self._abstraction.events(None):
            if event.action != CREATE:
                yield event
            elif fresh is not None:
                yield replace(event, item=fresh)
        for name, item in world.items.items():
            for event in self._abstraction.changes(item.owner, item.original.kind):
                yield replace(event, item=name)

    def _note(self, outcome: Outcome, state: State) -> None:
        self._rows.update(hit.row.id for hit in outcome.hits)
        self._fired.update((fired.transition.id, fired.source) for fired in outcome.fired)
        for defect in outcome.defects:
            key = (defect.kind, defect.tables, defect.rows, defect.broken)
            if key not in self._faults:
                self._faults[key] = defect, self._way(state, outcome.event)
