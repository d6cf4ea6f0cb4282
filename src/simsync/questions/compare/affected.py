"""What a change of the rules affects: rows and transitions before and after, what they cite, and scenarios."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.policy.policy import MachineSpec, Row, Table, Transition
from simsync.progress import Progress, StoppedAt, known, silent, told
from simsync.questions.compare.renamed import Rename
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult, StepResult, run_scenario
from simsync.statespace.differences import DifferenceKind, Side, only_one_knows, seen, shared_notices

Rule = Row | Transition
R = TypeVar("R", Row, Transition)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExchange:
    """Rules of one table or machine that differ: ``left`` gives way to ``right``, either of which can be empty."""

    where: str
    left: tuple[Rule, ...]
    right: tuple[Rule, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Everything that these rules cite."""
        return tuple(dict.fromkeys(source for rule in (*self.left, *self.right) for source in rule.sources))


def exchanges(left: Model, right: Model) -> list[RuleExchange]:
    """The rows and transitions that differ, table by table, then machine by machine; each with what takes its place."""
    partners = _replaced(left) | _replaced(right)
    found: list[RuleExchange] = []
    for name in dict.fromkeys((*left.tables, *right.tables)):
        here, there = (m.tables[name].table.rows if name in m.tables else () for m in (left, right))
        found += _exchanged(name, here, there, partners, _row)
    for one, other in ((left.status_spec, right.status_spec), (left.link_spec, right.link_spec)):
        found += _exchanged(one.name, one.transitions, other.transitions, partners, _transition)
    return found


def restated(left: Model, right: Model) -> list[str]:
    """What else of the declarations differs than rows and transitions: heads of tables, states, words, readings."""
    found = []
    for name in dict.fromkeys((*left.tables, *right.tables)):
        here, there = (m.tables[name].table if name in m.tables else None for m in (left, right))
        if here is None or there is None or _head(here) != _head(there):
            found.append(f"table '{name}'")
    for one, other in ((left.status_spec, right.status_spec), (left.link_spec, right.link_spec)):
        found += [f"state '{name}'" for name in _states_apart(one, other)]
        found += [f"phase '{n}'" for n in {**one.phases, **other.phases} if one.phases.get(n) != other.phases.get(n)]
    words = left.vocabulary, right.vocabulary
    declared: list[tuple[str, Mapping[str, object], Mapping[str, object]]] = [
        ("kind", words[0].kinds, words[1].kinds),
        ("field", words[0].fields, words[1].fields),
        ("memory", words[0].history, words[1].history),
        ("reading", left.policy.readings, right.policy.readings),
    ]
    for what, ours, theirs in declared:
        found += [f"{what} '{name}'" for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return found + ([f"what {words[0].words.ticket.a} shows"] if words[0].shows != words[1].shows else [])


def _head(table: Table) -> tuple[object, ...]:
    return table.decides, table.once, table.gives, table.scope


def _states_apart(one: MachineSpec, other: MachineSpec) -> Iterator[str]:
    for name in {**one.states, **other.states}:
        here, there = one.states.get(name), other.states.get(name)
        if here is None or there is None or (here.phase, here.final) != (there.phase, there.final):
            yield name


def _row(row: Row) -> object:
    return row.when, row.then, row.sources


def _transition(transition: Transition) -> object:
    t = transition
    return t.trigger, t.source, t.dest, t.actors, t.when, t.sources


def _replaced(model: Model) -> set[tuple[str, str]]:
    """Pairs of ids: a row, and one that takes its place under the option in force."""
    chosen = (model.policy.readings[name].options[option] for name, option in model.readings.items())
    return {(old, row.id) for option in chosen for old, rows in option.replace.items() for row in rows}


def _exchanged(
    where: str, left: Iterable[R], right: Iterable[R], partners: set[tuple[str, str]], says: Callable[[R], object]
) -> Iterator[RuleExchange]:
    one, other = {rule.id: rule for rule in left}, {rule.id: rule for rule in right}
    gone = [rule for name, rule in one.items() if name not in other]
    come = [rule for name, rule in other.items() if name not in one]
    for name, rule in one.items():
        if name in other:
            if says(rule) != says(other[name]):
                yield RuleExchange(where=where, left=(rule,), right=(other[name],))
            continue
        for_it = [new for new in come if {(name, new.id), (new.id, name)} & partners]
        earlier = [old for old in gone if any({(old.id, new.id), (new.id, old.id)} & partners for new in for_it)]
        if len(earlier) > 1:  # several gave way to the same
            if earlier[0] is rule:
                yield RuleExchange(where=where, left=tuple(earlier), right=tuple(for_it))
        else:
            yield RuleExchange(where=where, left=(rule,), right=tuple(for_it))
    alone = [new for new in come if not any({(old.id, new.id), (new.id, old.id)} & partners for old in gone)]
    yield from (RuleExchange(where=where, left=(), right=(new,)) for new in alone)


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedScenario:
    """A scenario that comes out otherwise: its runs on both sides, and the number of the first step that does.

    ``visible``: something can be seen to be otherwise; else only an expectation of a link or a rule is not met.
    """

    left: ScenarioResult
    right: ScenarioResult
    step: int
    visible: bool

    @property
    def steps(self) -> tuple[StepResult, StepResult]:
        """That step on both sides."""
        return self.left.steps[self.step], self.right.steps[self.step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The scenarios that come out otherwise, of how many; ``alone``: those that only ``left`` or ``right`` can read."""

    turned: tuple[AffectedScenario, ...]
    compared: int
    alone: tuple[tuple[Scenario, str], ...] = ()


def turns(
    left: tuple[Model, Iterable[Scenario]], right: tuple[Model, Iterable[Scenario]], progress: Progress = silent
) -> tuple[Turns, StoppedAt | None]:
    """Which scenarios pass on one side only, or show something else, each side running them as it reads them.

    The readings that a scenario gives for itself win over the side's. Where it was interrupted, only some were run.
    """
    one, other = (_by_place(scenarios) for _, scenarios in (left, right))
    both = [place for place in one if place in other]
    run = (_turn(left[0], one[place], right[0], other[place]) for place in both)
    found, stopped = known(told(run, progress, "scenarios run on both sides", len(both)))
    alone = [(s, "left") for place, s in one.items() if place not in other]
    alone += [(s, "right") for place, s in other.items() if place not in one]
    turned = tuple(turn for turn in found if turn is not None)
    return Turns(turned=turned, compared=len(found), alone=tuple(alone)), stopped


def _by_place(scenarios: Iterable[Scenario]) -> Mapping[tuple[str, int], Scenario]:
    return {(scenario.file, scenario.line): scenario for scenario in scenarios}


def _turn(left: Model, here: Scenario, right: Model, there: Scenario) -> AffectedScenario | None:
    runs = run_scenario(left, here), run_scenario(right, there)
    pairs = list(zip(runs[0].steps, runs[1].steps, strict=True))
    visible = (n for n, (one, other) in enumerate(pairs) if seen(one.outcome) != seen(other.outcome))
    missed = (n for n, (one, other) in enumerate(pairs) if _missed(one) != _missed(other))
    if (step := next(visible, None)) is not None:
        return AffectedScenario(left=runs[0], right=runs[1], step=step, visible=True)
    step = next(missed, None)
    return None if step is None else AffectedScenario(left=runs[0], right=runs[1], step=step, visible=False)


def _missed(result: StepResult) -> list[tuple[int, str]]:
    return [(failure.line, failure.at) for failure in result.failures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two versions of the rules compared: where they differ, what was walked to know that, and what is affected.

    ``differences`` has one for each kind if ``every`` kind was looked for, else at most the shortest of all. ``pairs``
    and ``steps`` are how many pairs of places were come to and how many steps tried on both sides. What is ``renamed``
    has the right's names on both sides. If it was ``stopped``, there may be more differences, and more scenarios.
    """

    left: Side
    right: Side
    every: bool
    differences: tuple[tuple[DifferenceKind, Trace], ...]
    pairs: int
    steps: int
    exchanges: tuple[RuleExchange, ...]
    restated: tuple[str, ...]
    turns: Turns
    renamed: tuple[Rename, ...] = ()
    stopped: StoppedAt | None = None

    @property
    def differ(self) -> bool:
        """Whether anybody could tell the two apart, be it that one has a word that the other does not know."""
        return bool(self.differences) or any(self.unshared)

    @property
    def unshared(self) -> tuple[list[str], list[str]]:
        """The words that only the left knows, and those that only the right does."""
        return only_one_knows(self.left.model, self.right.model)

    @property
    def shared_notices(self) -> list[str]:
        """The tables for which what happens to one item is not all that happens to several."""
        return list(dict.fromkeys(name for side in (self.left, self.right) for name in shared_notices(side.model)))

    @property
    def sources(self) -> dict[str, str]:
        """What the exchanged rules cite, with its text, in the order of the source page."""
        cited = {source for exchange in self.exchanges for source in exchange.sources}
        found = {}
        for model in (self.left.model, self.right.model):
            found.update({name: model.policy.citations.text(name) for name in model.policy.citations if name in cited})
        return found
