"""Which rounds a system is driven through."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.questions.conform.overlap.disrupting import Disrupting
from simsync.questions.conform.overlap.kinds import KindsOfRounds
from simsync.questions.conform.overlap.rounds import Act, Acts, RoundsDrive
from simsync.questions.conform.overlap.situations import (
    ITEM,
    Allows,
    SettledSituation,
    choices,
    cuts_while_busy,
    situations,
)
from simsync.questions.conform.sequences.drives import ways_from_the_first
from simsync.scenarios.scenario import Scenario
from simsync.statespace.abstraction import statuses

MOST_DRIVES = 1_200
"""Drives of a campaign for which no other number is asked, half of them pairs."""
FEWER_DRIVES = 300
"""The same where the system cannot say when it rests, and each round takes a while."""
FIRST, FURTHER = "two actions of a new kind", "two actions"
AGAIN = 0.6
"""How often the second action of a batch is on the item of the first."""
TWICE = 2
"""How often a link is cut in each way while another action waits."""
MOVED_FIRST = 0.5
"""How often the status moves before the owner edits: what waits until it moves is then as the round left it."""
WALK = 5
"""Rounds of a random drive."""
LARGEST = 4
"""Actions of a round of a random drive at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlapping:
    """What is wanted: so many ``drives`` at most, by a ``seed``; ``both``: each pair in both orders of sending.

    ``disruptions`` are the ways in which the system says that it can be disrupted.
    """

    drives: int = MOST_DRIVES
    seed: int = 0
    both: bool = True
    disruptions: tuple[str, ...] = ()


class RoundsPlan:
    """The drives, made as they are asked for; the same seed gives the same ones.

    ``jumps``: whether the system can begin in any status; else it is driven there from the first.
    """

    def __init__(self, model: Model, wanted: Overlapping, allows: Allows, *, jumps: bool) -> None:
        self.model, self.wanted, self._allows = model, wanted, allows
        self._chance = random.Random(wanted.seed)
        self._ways: Mapping[str, tuple[Event, ...]] = {} if jumps else ways_from_the_first(model)
        starts = statuses(model) if jumps else [one for one in statuses(model) if one in self._ways]
        self.situations = situations(model, starts, allows)
        self._kinds = KindsOfRounds(model, self.situations, allows, self._chance)
        self._disrupting = Disrupting(model, self.situations, allows, self._chance, wanted.disruptions)

    def of_scenario(self, scenario: Scenario) -> RoundsDrive:
        """What is done in a scenario, round by round."""
        rounds = scenario.overlapping.rounds
        before = [(event,) for event in self._ways.get(scenario.status, ())]
        status = self.model.status_spec.initial if self._ways else scenario.status
        return RoundsDrive(status=status, rounds=(*before, *rounds), source=f"{scenario.file}:{scenario.line}")

    def drives(self) -> Iterator[RoundsDrive]:
        """Half of them two actions of each kind from settled situations; new items in pairs; batches; random rounds."""
        pairs = self.wanted.drives // 2
        batches = self.wanted.drives // 4
        yield from islice(self._of_each_kind(), pairs)
        mixed = zip_longest(self._twins(), self._busy(), self._in_turns(self._batches))
        yield from islice((one for two in mixed for one in two if one is not None), batches)
        yield from islice(self._walks(), self.wanted.drives - pairs - batches)

    def disrupted(self) -> Iterator[RoundsDrive]:
        """Disruptions before, after and between actions, and by themselves."""
        yield from (self._drive(*one) for one in islice(self._disrupting.rounds(), self.wanted.drives))

    @property
    def combinations(self) -> int:
        """How many there are of a kind of action, a disruption, and whether it comes before or after."""
        return self._disrupting.combinations

    def all(self) -> Iterator[RoundsDrive]:
        """Rounds without disruptions, and as many with them, in turns."""
        mixed = zip_longest(self.drives(), self.disrupted())
        yield from (one for two in mixed for one in two if one is not None)

    def _in_turns(self, make: Callable[[SettledSituation], Iterator[RoundsDrive]]) -> Iterator[RoundsDrive]:
        """One of each situation, then a second of each, and so on."""
        waiting = deque[Iterator[RoundsDrive]]()
        begun = (make(situation) for situation in self.situations)
        while (one := next(begun, None)) is not None or waiting:
            turn = waiting.popleft() if one is None else one
            if (drive := next(turn, None)) is not None:
                yield drive
                waiting.append(turn)

    def _drive(self, situation: SettledSituation, rounds: Sequence[Acts], source: str) -> RoundsDrive:
        before = [(event,) for event in situation.events]
        status = situation.status
        if self._ways:
            before = [*((event,) for event in self._ways[status]), *before]
            status = self.model.status_spec.initial
        return RoundsDrive(
            status=status, rounds=(*before, *rounds, *self._probes(situation.world, rounds)), source=source
        )

    def _of_each_kind(self) -> Iterator[RoundsDrive]:
        """Two rounds of one action of each side, and then one of two actions of one side, as long as there are any."""
        kinds, both = self._kinds, self.wanted.both
        sides = kinds.in_turns(kinds.of_each_side(), both=both)
        one_side = kinds.in_turns(kinds.of_one_side(), both=False)
        while some := [*islice(sides, 2), *islice(one_side, 1)]:
            yield from (self._drive(one.situation, [one.acts], FIRST if one.first else FURTHER) for one in some)

    def _twins(self) -> Iterator[RoundsDrive]:
        """Two new items of each kind by each actor, in each status that they can be made in."""
        for situation in (one for one in self.situations if not one.world.items):
            for actor in self.model.vocabulary.acting:
                first, second = (choices(self.model, situation.world, actor, salt) for salt in (51, 52))
                for one, two in zip(first, second, strict=True):
                    if one.action == CREATE and self._allows(situation.world, one):
                        other = Event(actor=actor, action=CREATE, item="N2", kind=two.kind, fields=two.fields)
                        if self._kinds.both_done(situation.world, (one, other)):
                            yield self._drive(situation, [(one, other)], "two new items of a kind")

    def _busy(self) -> Iterator[RoundsDrive]:
        """A link cut while another action of the same actor waits, one of each kind, and then a second of each."""
        kinds = cuts_while_busy(self.model, self.situations, self._allows)
        for _ in range(TWICE):
            for situation, first, second in map(self._chance.choice, kinds):
                yield self._drive(situation, [(first, second)], "a link cut while another action waits")

    def _batches(self, situation: SettledSituation) -> Iterator[RoundsDrive]:
        """Two actions of one actor and one of another, in any order of sending, also such as are refused."""
        acting = self.model.vocabulary.acting
        for _ in range(self.wanted.drives):
            one, other = self._chance.sample(acting, 2) if len(acting) > 1 else (acting[0], acting[0])
            first = self._chance.choice(self._kinds.tried(situation.world, one, 21))
            after = step(self.model, situation.world, first).after
            further = self._kinds.tried(after, one, 22)
            same = [event for event in further if event.item is not None and event.item == first.item]
            second = self._chance.choice(same if same and self._chance.random() < AGAIN else further)
            theirs = self._chance.choice(self._kinds.tried(situation.world, other, 23))
            if theirs.action == CREATE and theirs.item in (first.item, second.item):
                theirs = Event(actor=other, action=CREATE, item="N9", kind=theirs.kind, fields=theirs.fields)
            acts: list[Event] = [first, second]
            acts.insert(self._chance.randrange(3), theirs)
            yield self._drive(situation, [tuple(acts)], "a batch of one side and an action of the other")

    def _walks(self) -> Iterator[RoundsDrive]:
        """Random rounds of one to four actions, one after the other."""
        number = 0
        while True:
            number += 1
            situation = self._chance.choice(self.situations)
            world, rounds, names = situation.world, list[Acts](), 20
            for place in range(WALK):
                acts: list[Event] = []
                reached = dict.fromkeys(self.model.vocabulary.acting, world)
                for n in range(self._chance.randint(1, LARGEST)):
                    actor = self._chance.choice([*reached])
                    found = self._kinds.tried(reached[actor], actor, 100 * place + n)
                    if not found:
                        continue
                    event = self._chance.choice(found)
                    if event.action == CREATE:
                        names += 1
                        event = Event(
                            actor=actor, action=CREATE, item=f"N{names}", kind=event.kind, fields=event.fields
                        )
                    acts.append(event)
                    reached[actor] = step(self.model, reached[actor], event).after
                for event in acts:
                    world = step(self.model, world, event).after
                rounds.append(tuple(acts))
            kept = [acts for acts in rounds if acts]
            yield self._drive(situation, kept, f"random rounds {number} of seed {self.wanted.seed}")

    def _probes(self, world: World, rounds: Sequence[Acts]) -> list[Acts]:
        """Settled steps that show what a right picture hides: the owner edits and deletes, the status moves."""
        done: Iterator[Act] = chain.from_iterable(rounds)
        for act in done:
            if isinstance(act, Event):
                world = step(self.model, world, act).after
        item = world.items.get(ITEM) or next(iter(world.items.values()), None)
        found: list[Event] = []
        if item is not None and item.present:
            mine = [e for e in choices(self.model, world, item.owner, 41) if e.item == item.name]
            found += [e for e in mine if e.action == EDIT][:1]
        moves = [t for t in self.model.status_spec.transitions if world.status in t.source and t.actors]
        if moves:
            move = self._chance.choice(moves)
            first = self._chance.random() < MOVED_FIRST
            found.insert(0 if first else len(found), Event(actor=move.actors[0], action=move.trigger))
        if item is not None and item.present:
            found.append(Event(actor=item.owner, action=DELETE, item=item.name))
        return [(event,) for event in found if self._allows(world, event)]
