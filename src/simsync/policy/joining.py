"""Several status machines as one: its state is the state of each of them, a transition moves all that an action moves.

What the rules say of items needs not know that there are several: phases tell what is known of each. How one ticket's
status follows the other's is worked out here, once for each state, action and choice of readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import NamedTuple

from simsync.policy.facts import (
    HERE,
    NEXT,
    PHASE,
    STATUS,
    THERE,
    names_of,
    of_machine,
    presence_domain,
    testable_readings,
)
from simsync.policy.options import allows, exchange, in_force, touches
from simsync.policy.policy import (
    ALONE,
    Decides,
    MachineSpec,
    Phase,
    Policy,
    Row,
    State,
    Table,
    Transition,
    Value,
    When,
)
from simsync.policy.source import Span

EACH = "each ticket"
"""Of a machine that both tickets have, each in a state of its own."""

AND = " + "
"""Between the ids of transitions that one action takes at once."""

MOST = 3_000
"""States of all machines together at most."""

NAME = "status"
"""What all of them together are called."""

Known = Mapping[str, Value]
"""What is known of each machine: facts with their values."""
At = tuple[str, ...]
"""The state of each machine."""


class Part(NamedTuple):
    """One of several status machines: its key, what it is, and whose ticket's it is, None if it is shared."""

    key: str
    spec: MachineSpec
    ticket: str | None


class JoinProblem(NamedTuple):
    """What is wrong where machines come together, and where that is to be mended."""

    span: Span
    message: str


def parts_of(machines: Iterable[MachineSpec], partners: Sequence[str]) -> tuple[Part, ...]:
    """The machines, one for each ticket that has it: those that are shared first, then by partner."""
    found = [Part(m.name, m, None) for m in machines if m.of is None]
    for partner in partners:
        found += [Part(partner, m, partner) for m in machines if m.of in (partner, EACH)]
    return tuple(found)


def joined(policy: Policy) -> tuple[Policy, list[JoinProblem]]:
    """The policy with its status machines as one, and what is wrong with that; as it is, if it has no several."""
    if not policy.machines:
        return policy, []
    return _Joining(policy).joined()


def fired_in(policy: Policy, transition: Transition, status: str) -> list[tuple[str, str]]:
    """The declared transitions that one of all machines stands for in a status, by id, each with what it leaves."""
    if not policy.machines:
        return [(transition.id, status)]
    own = {t.id: t for machine in policy.machines for t in policy.transitions(machine)}
    each = [(name, state) for name in transition.declared for state in policy.status.parts(status).values()]
    return [(name, state) for name, state in each if state in own[name].source]


def too_many(machines: Iterable[MachineSpec], partners: Sequence[str]) -> int:
    """How many states all machines have together, if that is more than can be; else 0."""
    states = prod(len(part.spec.states) for part in parts_of(machines, partners))
    return states if states > MOST else 0


@dataclass(frozen=True, slots=True)
class _Turn:
    """What an action does under some readings: the transitions, where they and what follows lead, and by which rows."""

    fired: tuple[Transition, ...]
    dest: At
    rows: tuple[Row, ...]
    followers: tuple[str, ...]


class _Joining:
    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.partners = tuple(policy.vocabulary.partners)
        self.parts = parts_of(policy.machines, self.partners)
        self.keys = tuple(part.key for part in self.parts)
        self.open: dict[str, tuple[Value, ...]] = {**testable_readings(policy), **presence_domain(names_of(policy))}
        self.tables = [table for table in policy.tables.values() if table.decides is Decides.STATUS]
        self.problems: dict[JoinProblem, None] = {}
        self._own = {table.name for table in self.tables}
        self._moving = {part.spec.name: self._transitions(part.spec) for part in self.parts}
        self._phased = tuple(part for part in self.parts if part.spec.phases)
        self._watched = self._tested()
        self._following = [r.name for r in policy.readings.values() if any(touches(r, t) for t in self.tables)]
        tested = {fact for row in policy.rows if row.table in self._own for fact, _ in row.when}
        self._following += [name for name in self.open if name in tested and name not in self._following]

    def joined(self) -> tuple[Policy, list[JoinProblem]]:
        states = [*product(*(part.spec.states for part in self.parts))]
        phases = {phase.name: phase for phase in map(self._phase, states)}
        spec = MachineSpec(
            name=NAME,
            about=" ".join(m.about for m in self.policy.machines if m.about),
            initial=self._name(tuple(part.spec.initial for part in self.parts)),
            states={self._name(at): self._state(at) for at in states},
            transitions=tuple(t for action in self._actions() for at in states for t in self._joint(action, at)),
            ways=self._ways(states),
            phases=phases,
            aliases={},
            begin=self._name(tuple(part.spec.begin for part in self.parts)),
            span=self.policy.machines[0].span,
        )
        return replace(self.policy, status=spec), [*self.problems]

    def _name(self, at: At) -> str:
        return ", ".join(f"{key}: {state}" for key, state in zip(self.keys, at, strict=True))

    def _transitions(self, spec: MachineSpec) -> list[Transition]:
        """The transitions of a machine, those of options with their option as a condition."""
        found = []
        for transition in self.policy.transitions(spec):
            if transition.reading is not None:
                name, _, option = transition.reading.partition("=")
                transition = replace(transition, when=(*transition.when, (name, (option,))))
            found.append(transition)
        return found

    # ---- states and phases

    def _tested(self) -> frozenset[str]:
        """The statuses that anything tests of a step, but for how statuses follow, which is worked out here."""
        policy = self.policy
        whens: list[When] = [row.when for row in policy.rows if row.table not in self._own]
        whens += [table.scope for table in policy.tables.values() if table.name not in self._own]
        whens += [memory.when for memory in policy.vocabulary.history.values()]
        whens += [claim.what for claim in policy.properties]
        whens += [t.when for t in policy.transitions(policy.link)]
        facts = {fact.removeprefix(NEXT) for when in whens for fact, _ in when if of_machine(fact)}
        both = {f"{partner}.{STATUS}" for partner in self.partners}
        return frozenset(facts | (both if facts & {f"{HERE}.{STATUS}", f"{THERE}.{STATUS}"} else set()))

    def _known(self, at: At) -> dict[str, Value]:
        """All that is known of each machine."""
        found: dict[str, Value] = {}
        for part, state in zip(self.parts, at, strict=True):
            found[f"{part.key}.{STATUS}"] = state
            phase = part.spec.states[state].phase
            if phase is not None and part.spec.phases:
                found[f"{part.key}.{PHASE}"] = phase
        return found

    def _phase(self, at: At) -> Phase:
        known = self._known(at)
        facts = {f: v for f, v in known.items() if f.endswith(f".{PHASE}") or f in self._watched}
        each = [part.spec.phases[str(known[f"{part.key}.{PHASE}"])] for part in self._phased]
        having = [p for p in self.partners if all(p in one.tickets for one in each)]
        gone = tuple(p for p in self.partners if any(p in one.takes_away for one in each))
        alone = len(self._phased) == 1
        said = [str(v) if alone and f.endswith(f".{PHASE}") else f"{f}: {v}" for f, v in facts.items()]
        return Phase(
            name=", ".join(said) or ALONE,
            about=" ".join(one.about for one in each if one.about),
            tickets=tuple(having),
            sources=tuple(dict.fromkeys(source for one in each for source in one.sources)),
            takes_away=gone,
            facts=tuple(facts.items()),
        )

    def _state(self, at: At) -> State:
        each = [part.spec.states[state] for part, state in zip(self.parts, at, strict=True)]
        return State(
            name=self._name(at),
            about=" ".join(one.about for one in each if one.about),
            final=all(one.final for one in each),
            phase=self._phase(at).name,
            sources=tuple(dict.fromkeys(source for one in each for source in one.sources)),
            parts=tuple(zip(self.keys, at, strict=True)),
            span=each[0].span,
        )

    # ---- transitions

    def _actions(self) -> list[tuple[str, str]]:
        """Every action: who does it, and its trigger."""
        every = (t for part in self.parts for t in self._moving[part.spec.name])
        return [*dict.fromkeys((actor, t.trigger) for t in every for actor in t.actors)]

    def _joint(self, action: tuple[str, str], at: At) -> Iterator[Transition]:
        """What an action does in a state, a transition for each choice of readings that makes a difference."""
        actor, trigger = action
        able = {part.key: self._able(part, action, at) for part in self.parts}
        yield from self._each(actor, trigger, at, {key: some for key, some in able.items() if some})

    def _ways(self, states: Sequence[At]) -> dict[tuple[str, str, str, str], tuple[Transition, ...]]:
        """Where a consequence leads in each state, with all that follows."""
        rows = (row for row in self.policy.rows if row.table not in self._own)
        moves = dict.fromkeys(move for row in rows for move in row.then.move)
        actors = (*self.partners, *self.policy.vocabulary.actors)
        named = {self._name(at): at for at in states}
        found = {}
        for at, actor, (whose, state) in product(states, actors, moves):
            key = self._key(whose, actor)
            ways = self._leading(key, state, at, actor) if key in self.keys else []
            if ways and at[self.keys.index(key)] != state:
                each = self._each(actor, ways[0].trigger, at, {key: ways})
                own = [replace(t, followers=self._others(at, named[t.dest], actor)) for t in each]
                found[self._name(at), actor, whose, state] = tuple(own)
        return found

    def _others(self, at: At, dest: At, actor: str) -> tuple[str, ...]:
        """The partners other than who acts whose status is another one than it was."""
        moved = (key for key, one, two in zip(self.keys, at, dest, strict=True) if one != two)
        return tuple(key for key in moved if key in self.partners and key != actor)

    def _each(self, actor: str, trigger: str, at: At, able: Mapping[str, list[Transition]]) -> Iterator[Transition]:
        """What transitions do in a state, one for each choice of readings that makes a difference."""
        if not able:
            return
        concerned = [fact for some in able.values() for t in some for fact, _ in t.when if fact in self.open]
        names = [*dict.fromkeys((*concerned, *self._following))]
        turns = {
            chosen: self._turn(actor, at, able, dict(zip(names, chosen, strict=True)))
            for chosen in product(*(self._values(name) for name in names))
        }
        for chosen, turn in _that_matter(names, turns):
            if turn is not None:
                yield Transition(
                    id=AND.join(t.id for t in turn.fired),
                    ids=tuple(t.id for t in turn.fired),
                    trigger=trigger,
                    source=(self._name(at),),
                    dest=self._name(turn.dest),
                    actors=(actor,),
                    when=tuple((name, (option,)) for name, option in chosen),
                    sources=tuple(dict.fromkeys(source for t in turn.fired for source in t.sources)),
                    followed=turn.rows,
                    followers=turn.followers,
                    span=turn.fired[0].span,
                )

    def _values(self, name: str) -> tuple[Value, ...]:
        """What is open of a reading, or of whether a ticket shows any item of a kind."""
        return tuple(self.policy.readings[name].options) if name in self.policy.readings else self.open[name]

    def _able(self, part: Part, action: tuple[str, str], at: At) -> list[Transition]:
        """The transitions of a machine that an action can take, as far as the states of the machines tell."""
        actor, trigger = action
        if part.spec.of == EACH and actor in self.partners and actor != part.ticket:
            return []
        state, known = at[self.keys.index(part.key)], self._sided(self._known(at), actor)
        return [
            t
            for t in self._moving[part.spec.name]
            if t.trigger == trigger and actor in t.actors and state in t.source and _holds(t.when, known)
        ]

    def _turn(
        self, actor: str, at: At, able: Mapping[str, list[Transition]], chosen: Mapping[str, Value]
    ) -> _Turn | None:
        """What an action does under some readings; None if it is refused."""
        fired = {
            key: found
            for key, some in able.items()
            if (found := next((t for t in some if allows(t.when, chosen)), None)) is not None
        }
        if not fired:
            return None
        dest = tuple(fired[k].dest if k in fired else state for k, state in zip(self.keys, at, strict=True))
        rows, after = self._followed(actor, at, dest, tuple(fired), chosen)
        followers = (key for key, one, two in zip(self.keys, dest, after, strict=True) if one != two)
        theirs = tuple(key for key in followers if key in self.partners)
        return _Turn(tuple(fired.values()), after, rows, theirs)

    # ---- how statuses follow

    def _followed(
        self, actor: str, at: At, dest: At, moved: tuple[str, ...], chosen: Mapping[str, Value]
    ) -> tuple[tuple[Row, ...], At]:
        """The rows that say what follows of machines that moved, and where all machines are then."""
        known = self._sided(self._known(at), actor)
        known |= {f"{NEXT}{fact}": value for fact, value in self._sided(self._known(dest), actor).items()}
        rows: list[Row] = []
        after = dest
        for key, table in product(moved, self.tables):
            facts: dict[str, Value] = {"actor": actor, "moved": key, **known}
            if not _holds(table.scope, facts, missing=False):
                continue
            readings = self.policy.readings
            options = [readings[name].options[str(value)] for name, value in chosen.items() if name in readings]
            there = in_force(exchange(table, options), chosen).rows
            fit = [row for row in there if _holds(row.when, facts, missing=False, left=self.open)]
            if len(fit) != 1:
                self._undecided(table, fit, facts, chosen)
                continue
            rows.append(fit[0])
            for whose, state in fit[0].then.move:
                after = self._led(self._key(whose, actor), state, after, actor, chosen)
        return tuple(rows), after

    def _key(self, whose: str, actor: str) -> str:
        first, second = self.partners
        other = second if actor == first else first
        return {HERE: actor, THERE: other}.get(whose, whose)

    def _led(self, key: str, state: str, at: At, actor: str, chosen: Mapping[str, Value]) -> At:
        """Where machines are once one of them went to a state, if a transition leads there; else as they were."""
        if key not in self.keys:
            return at
        ways = (t for t in self._leading(key, state, at, actor) if allows(t.when, chosen))
        number = self.keys.index(key)
        return (*at[:number], state, *at[number + 1 :]) if next(ways, None) is not None else at

    def _leading(self, key: str, state: str, at: At, actor: str) -> list[Transition]:
        """The transitions of a machine to a state, as far as the states of the machines tell."""
        number, known = self.keys.index(key), self._sided(self._known(at), actor)
        every = self._moving[self.parts[number].spec.name]
        return [t for t in every if t.dest == state and at[number] in t.source and _holds(t.when, known)]

    def _undecided(self, table: Table, rows: Sequence[Row], facts: Known, chosen: Mapping[str, Value]) -> None:
        tested = dict.fromkeys(fact for row in table.rows for fact, _ in row.when)
        situation = "; ".join(f"{f}: {facts[f]}" for f in tested if f in facts) or "any status"
        which = " and ".join(f"'{row.id}'" for row in rows) or "no row"
        under = f" under {', '.join(f'{name}={option}' for name, option in chosen.items())}" if chosen else ""
        message = f"table '{table.name}' needs one row for {situation}, and has {which}{under}"
        self.problems.setdefault(JoinProblem(table.span, message))

    def _sided(self, known: Known, actor: str) -> dict[str, Value]:
        """What is known, also by the ticket of who acts and the other one."""
        found = dict(known)
        if actor in self.partners:
            for side in (HERE, THERE):
                key = self._key(side, actor)
                found |= {f"{side}.{w}": known[f"{key}.{w}"] for w in (STATUS, PHASE) if f"{key}.{w}" in known}
        return found


def _holds(when: When, known: Known, *, missing: bool = True, left: Iterable[str] = ()) -> bool:
    """Whether a condition holds, as far as it tests what is known; what is not known counts as ``missing``."""
    return all(known[fact] in values if fact in known else missing or fact in left for fact, values in when)


Chosen = tuple[Value, ...]


def _that_matter(
    names: Sequence[str], turns: Mapping[Chosen, _Turn | None]
) -> Iterator[tuple[tuple[tuple[str, Value], ...], _Turn | None]]:
    """What an action does by the options of those readings that make a difference, each of them once."""
    kept = list(range(len(names)))
    for number in range(len(names)):
        groups: dict[Chosen, set[_Turn | None]] = {}
        for chosen, turn in turns.items():
            rest = tuple(chosen[n] for n in kept if n != number)
            groups.setdefault(rest, set()).add(turn)
        if all(len(some) == 1 for some in groups.values()):
            kept.remove(number)
    seen: dict[Chosen, _Turn | None] = {}
    for chosen, turn in turns.items():
        seen.setdefault(tuple(chosen[n] for n in kept), turn)
    for chosen, turn in seen.items():
        yield tuple((names[n], option) for n, option in zip(kept, chosen, strict=True)), turn
