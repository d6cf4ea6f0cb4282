"""Random walks over several items, led to what no walk has done yet."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

from simsync.engine.actions import Action, Grammar
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, Item, World
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.policy.policy import Value
from simsync.questions.conform.sequences.drives import Allows, Drive, anything
from simsync.questions.conform.sequences.hard_texts import SHORT
from simsync.statespace.abstraction import statuses

STEPS = 14
ITEMS = 4
CANDIDATES = 8
"""Events of which the most promising one is taken."""
TWINS = 0.2
"""How often a new item is made just as one that is there."""
REPEATS = 0.35
"""How often a text is one that something has or had already."""
HARD = 0.25
"""How often a new text is one that connectors break."""
TEXTS = tuple(hard.text for hard in SHORT)


def walks(
    model: Model, seed: int, count: int, allows: Allows = anything, texts: Sequence[str] = TEXTS
) -> Iterator[Drive]:
    """So many walks; the same seed gives the same ones.

    ``allows`` says what the system can do; ``texts`` are written now and then.
    """
    walker = _Walker(model, random.Random(seed), allows, texts)
    for number in range(1, count + 1):
        yield walker.walk(f"walk {number} of seed {seed}")


class _Walker:
    """Remembers what its walks have done, and prefers what was done least."""

    def __init__(self, model: Model, chance: random.Random, allows: Allows, texts: Sequence[str]) -> None:
        self.model = model
        self.chance = chance
        self.allows = allows
        self.texts = texts
        self.done: Counter[Hashable] = Counter()
        self._grammar = Grammar(model.factory)
        self._starts = statuses(model)
        self._triggers = [
            (actor, t.trigger) for t in model.policy.transitions(model.policy.status) for actor in t.actors
        ]

    def walk(self, source: str) -> Drive:
        """One walk."""
        status = min(self._starts, key=lambda one: (self.done["begun", one], self.chance.random()))
        self.done["begun", status] += 1
        world, events = World(status), list[Event]()
        last: dict[str, str] = {}
        self._texts: list[str] = []
        for number in range(STEPS):
            found = self._next(world, last, number)
            if found is None:
                break
            outcome, keys = found
            self.done.update(keys)
            events.append(outcome.event)
            self._remember(outcome, last)
            world = outcome.after
        return Drive(trace=Trace(status=status, events=tuple(events)), source=source)

    def _next(self, world: World, last: dict[str, str], number: int) -> tuple[Outcome, list[Hashable]] | None:
        best: tuple[float, Outcome, list[Hashable]] | None = None
        for _ in range(CANDIDATES):
            event = self._event(world)
            if event is None or not self.allows(world, event):
                continue
            outcome = step(self.model, world, event)
            keys = list(self._keys(outcome, last))
            worth = sum(1 / (1 + self.done[key]) ** 2 for key in keys) + 0.3 * self.chance.random()
            if outcome.moved and self._ends(outcome) and number < STEPS - 5:
                worth /= 4
            if outcome.refused is not None:
                worth /= 2
            if best is None or worth > best[0]:
                best = worth, outcome, keys
        return None if best is None else (best[1], best[2])

    def _ends(self, outcome: Outcome) -> bool:
        return self.model.status_spec.states[outcome.after.status].final

    def _remember(self, outcome: Outcome, last: dict[str, str]) -> None:
        if outcome.event.item is not None and outcome.rules:
            last[outcome.event.item] = outcome.rules[0]
        else:
            last.update(outcome.row_of)

    def _keys(self, outcome: Outcome, last: dict[str, str]) -> Iterator[Hashable]:
        """What a step covers: rows, transitions, cells of the tables, and which row follows which on an item."""
        event, before = outcome.event, outcome.before
        refused, rules = outcome.refused is not None, outcome.rules
        yield "rules", rules, refused
        if event.item is None:
            yield "status", before.status, event.actor, event.action
            for name, row in outcome.row_of.items():
                moved = before.items[name]
                yield "fate", row, moved.original.kind, moved.owner, moved.copy is not None
                yield "then", last.get(name), row
            return
        kept = before.items.get(event.item)
        item = kept or outcome.after.items.get(event.item)
        if item is not None:
            phase = self.model.phase(before.status)
            yield "cell", phase, event.actor, event.action, *self._looks(item), kept is None, tuple(event.fields)
            if not refused and rules:
                yield "then", last.get(event.item), rules[0], item.original.kind

    def _looks(self, item: Item) -> tuple[Hashable, ...]:
        fields = self.model.vocabulary.fields
        values = tuple(v for name, v in item.original.fields.items() if fields[name].values)
        return item.owner, item.original.kind, values, item.link, item.copy is not None, item.present

    def _event(self, world: World) -> Event | None:
        """Any event that makes sense."""
        kind = self.chance.random()
        if kind < 0.25 and self._triggers:
            actor, trigger = self.chance.choice(self._triggers)
            return Event(actor=actor, action=trigger)
        partners = list(self.model.vocabulary.partners)
        actor = self.chance.choice(partners)
        if (kind < 0.5 or not world.items) and len(world.items) < ITEMS:
            return self._creation(world, actor, f"N{len(world.items) + 1}")
        if not world.items:
            return None
        item = self.chance.choice(list(world.items.values()))
        if self.chance.random() < 0.3:
            return Event(actor=actor, action=DELETE, item=item.name)
        settable = self._grammar.fields(Action(EDIT, None, item.name), item.original.kind, item.owner, actor)
        if not settable:
            return None
        count = self.chance.choice([1, 1, len(settable)])
        names = self.chance.sample(settable, min(count, len(settable)))
        return Event(actor=actor, action=EDIT, item=item.name, fields={n: self._value(n) for n in sorted(names)})

    def _creation(self, world: World, actor: str, name: str) -> Event:
        mine = [item.original for item in world.items.values() if item.owner == actor]
        if mine and self.chance.random() < TWINS:
            twin = self.chance.choice(mine)
            settable = self._grammar.fields(Action(CREATE, twin.kind, name), twin.kind, actor, actor)
            fields = {n: value for n, value in twin.fields.items() if n in settable}
            return Event(actor=actor, action=CREATE, item=name, kind=twin.kind, fields=fields)
        kind = self.chance.choice(list(self.model.vocabulary.kinds))
        settable = self._grammar.fields(Action(CREATE, kind, name), kind, actor, actor)
        fields = {n: self._value(n) for n in settable if not self._leaves_out(n)}
        return Event(actor=actor, action=CREATE, item=name, kind=kind, fields=fields)

    def _leaves_out(self, name: str) -> bool:
        """Defaults are good most of the time: they are what crosses over."""
        return self.chance.random() < (0.6 if self.model.vocabulary.fields[name].values else 0.1)

    def _value(self, name: str) -> Value:
        values = self.model.vocabulary.fields[name].values
        if values:
            return self.chance.choice(values)
        if self._texts and self.chance.random() < REPEATS:
            return self.chance.choice(self._texts)
        if self.texts and self.chance.random() < HARD:
            text = self.chance.choice(self.texts)
        else:
            text = f"text {len(self._texts) + 1}"
        self._texts.append(text)
        return text
