"""What a suite of scenarios covers of the rules, what it leaves out, and the shortest scenario for each hole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.policy.policy import Reading, Transition
from simsync.progress import Progress, StoppedAt, known, silent
from simsync.questions.coverage.declared_goals import declared, declared_by, option, other_options
from simsync.questions.coverage.goals import (
    CRITERIA,
    Criterion,
    Goal,
    Trail,
    declared_pairs,
    pair,
    reached,
)
from simsync.questions.coverage.item_graph import ItemGraph, status_pairs
from simsync.questions.coverage.step_goals import StepGoals
from simsync.scenarios.simulate import ScenarioResult
from simsync.statespace.abstraction import with_texts
from simsync.statespace.combinations import Variants
from simsync.statespace.comparing import first_difference
from simsync.statespace.member import Member
from simsync.statespace.observations import Observations
from simsync.statespace.product_search import Sides
from simsync.statespace.space import Space
from simsync.statespace.walking import space_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Something that no scenario covers, with the shortest scenario that does."""

    goal: Goal
    way: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """Something that no run with one item covers, and why; it is in no total."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One criterion: what is covered, what is not, and what cannot be."""

    criterion: Criterion
    covered: frozenset[Goal]
    missing: tuple[Hole, ...]
    unreachable: tuple[Unreachable, ...]

    @property
    def total(self) -> int:
        """How many goals there are that a run can reach."""
        return len(self.covered) + len(self.missing)

    @property
    def percent(self) -> float:
        """The share that is covered; all of nothing is covered."""
        return 100 * len(self.covered) / self.total if self.total else 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What some runs cover: in total, and file by file. ``uses``: how many scenarios cover each goal.

    ``answers`` is in how many scenarios nothing is expected, ``untested`` how many goals only these cover.

    ``failed`` are runs that are not counted. If it was ``stopped``, only what is covered is known, of criteria that can
    be counted without walking through everything.
    """

    model: Model
    tallies: Mapping[Criterion, Tally]
    files: Mapping[str, Mapping[Criterion, frozenset[Goal]]]
    uses: Mapping[Goal, int]
    scenarios: int
    steps: int
    answers: int
    untested: Mapping[Criterion, int]
    failed: tuple[ScenarioResult, ...] = ()
    stopped: StoppedAt | None = None


class CoveredByRun(NamedTuple):
    """What a run covers; pairs and cells may be none that the model has. ``steps`` is how many there are.

    ``answers``: nothing is expected in it.
    """

    file: str
    steps: int
    goals: frozenset[Goal]
    answers: bool

    @classmethod
    def of(cls, model: Model, result: ScenarioResult) -> CoveredByRun:
        """What one covers."""
        return cls(result.scenario.file, len(result.steps), frozenset(covered_by(model, result)), result.answered)


def measure(
    model: Model,
    results: Iterable[ScenarioResult],
    criteria: Collection[Criterion] = CRITERIA,
    progress: Progress = silent,
) -> Coverage:
    """What some runs cover of the rules as a model reads them, and the shortest scenario for each hole; see below."""
    return measured(model, (CoveredByRun.of(model, result) for result in results), criteria, progress)


def measured(
    model: Model,
    runs: Iterable[CoveredByRun],
    criteria: Collection[Criterion] = CRITERIA,
    progress: Progress = silent,
    stopped: StoppedAt | None = None,
) -> Coverage:
    """What some runs cover of the rules as a model reads them, and the shortest scenario for each hole.

    Holes are not looked for where it was ``stopped`` before, or is interrupted meanwhile. A row or a transition counts
    under whatever readings a run uses it. A cell counts as decided by rules that the model has too, and an option if
    the step would have come out otherwise under another option.
    """
    files: dict[str, set[Goal]] = {}
    uses: Counter[Goal] = Counter()
    tested: set[Goal] = set()
    scenarios = steps = answers = 0
    for run in runs:
        answers += run.answers
        tested.update(() if run.answers else run.goals)
        files.setdefault(run.file, set()).update(run.goals)
        uses.update(run.goals)
        scenarios, steps = scenarios + 1, steps + run.steps
    universe = _Universe(model, uses, progress)
    found: list[Tally] = []
    if stopped is None:
        found, stopped = known(universe.tallies(criteria))
    tallies = {tally.criterion: tally for tally in (found if stopped is None else universe.covered_only(criteria))}
    counted = {criterion: tally.covered for criterion, tally in tallies.items()}
    return Coverage(
        model=model,
        tallies=tallies,
        files={file: {c: goals & found for c, goals in counted.items()} for file, found in files.items()},
        uses=uses,
        scenarios=scenarios,
        steps=steps,
        answers=answers,
        untested={criterion: len(found - tested) for criterion, found in counted.items()},
        stopped=stopped,
    )


def covered_by(model: Model, result: ScenarioResult) -> Iterator[Goal]:
    """Everything that a run covers; pairs and cells may be none that the model has."""
    trail = Trail()
    for one in result.steps:
        outcome = one.outcome
        same = _decided_alike(model, outcome)
        yield from (goal for goal in reached(outcome) if same or goal.criterion is not Criterion.CELLS)
        yield from trail.pairs(outcome)
        readings = outcome.model.readings
        yield from (option(name, readings[name]) for name in readings_behind(outcome))


def _decided_alike(model: Model, outcome: Outcome) -> bool:
    """Whether all that decided a step is in force in a model too."""
    if outcome.model is model:
        return True
    machines = {t.id for spec in (model.status_spec, model.link_spec) for t in spec.transitions}
    return all(hit.row in model.tables[hit.table].table.rows for hit in outcome.hits) and all(
        fired.transition.id in machines for fired in outcome.fired
    )


def space_under(models: Iterable[Model], progress: Progress = silent) -> Space:
    """The state space of some models of one policy."""
    first, *others = models
    return space_of(first, Variants(first.policy, [model.readings for model in (first, *others)]), progress)


def to_give(model: Model, other: Model) -> dict[str, str]:
    """The readings that a scenario gives to be run as under another model: those that are no default, here or there."""
    defaults = model.factory.defaults
    return {n: o for n, o in other.readings.items() if o != defaults[n] or model.readings[n] != defaults[n]}


class _Universe:
    """All that can be covered, looked for only as far as it is not covered already."""

    def __init__(self, model: Model, covered: Iterable[Goal], progress: Progress) -> None:
        self.model, self.covered, self.progress = model, frozenset(covered), progress

    @cached_property
    def graph(self) -> ItemGraph:
        """Everything that can happen to an item as the rules are read."""
        return self._graph_of(self.model, tuple(Criterion))

    @cached_property
    def space(self) -> Space:
        """Everything that can happen to an item under each of the readings that are chosen."""
        return space_under(self._choices(), self.progress)

    @cached_property
    def sides(self) -> Sides:
        """What can be seen of it on either of two sides."""
        return Sides(Observations(self.space))

    def tallies(self, criteria: Collection[Criterion]) -> Iterator[Tally]:
        """The goals of some criteria, covered or not."""
        declared = {criterion: tuple(dict.fromkeys(self._declared(criterion))) for criterion in criteria}
        ways = self._ways([goal for goals in declared.values() for goal in goals if goal not in self.covered])
        for criterion, goals in declared.items():
            yield self._tally(criterion, goals, ways)

    def covered_only(self, criteria: Collection[Criterion]) -> Iterator[Tally]:
        """The goals of some criteria that are covered; of cells, it takes a walk to know which there are."""
        for criterion in criteria:
            if criterion is not Criterion.CELLS:
                covered = self.covered.intersection(declared(self.model, criterion))
                yield Tally(criterion=criterion, covered=covered, missing=(), unreachable=())

    def _tally(self, criterion: Criterion, declared: Sequence[Goal], ways: Mapping[Goal, Trace]) -> Tally:
        covered = frozenset(goal for goal in declared if goal in self.covered)
        left = [goal for goal in declared if goal not in covered]
        unreachable = [Unreachable(name=str(g.key), why=self._why(g)) for g in left if g not in ways]
        if criterion is Criterion.CELLS:
            unreachable += self._never_together()
        return Tally(
            criterion=criterion,
            covered=covered,
            missing=tuple(Hole(goal=goal, way=ways[goal]) for goal in left if goal in ways),
            unreachable=tuple(unreachable),
        )

    def _declared(self, criterion: Criterion) -> Iterator[Goal]:
        if criterion is Criterion.CELLS:
            yield from (goal for goal in self.graph.first if goal.criterion is criterion)
        else:
            yield from declared(self.model, criterion)

    def _choices(self) -> Iterator[Model]:
        """The readings as they are, then each other option with all else as it is."""
        yield self.model
        yield from other_options(self.model)

    def _ways(self, left: Sequence[Goal]) -> dict[Goal, Trace]:
        """The shortest way to each goal that a run can reach."""
        apart = (Criterion.PAIRS, Criterion.READINGS)
        by_step = [goal for goal in left if goal.criterion not in apart]
        ways: dict[Goal, Trace] = {}
        if by_step:
            ways |= {g: self._way(self.model, *self.graph.way(g)) for g in by_step if g in self.graph.first}
            for other in list(self._choices())[1:]:
                has = declared_by(other)
                if wanted := [goal for goal in by_step if goal not in ways and has(goal)]:
                    ways |= self._under(other, wanted)
        if pairs := {goal for goal in left if goal.criterion is Criterion.PAIRS}:
            ways |= self._pairs(pairs)
        return ways | self._options([goal for goal in left if goal.criterion is Criterion.READINGS])

    def _under(self, other: Model, wanted: Sequence[Goal]) -> dict[Goal, Trace]:
        """The goals but cells that an item comes to under other readings, walking on until all are found."""
        sought = set(wanted)
        member, ways = Member(self.space, other), dict[Goal, Trace]()
        goals = StepGoals(self.space, [criterion for criterion in Criterion if criterion is not Criterion.CELLS])
        for visit in map(member.visit, goals.alike(member)[0].tolist()):
            for goal in sought.intersection(goals.of(visit)):
                status, events = member.path(visit.state)
                ways[goal] = self._way(other, status, [*events, self.space.events[visit.event]])
                sought.discard(goal)
            if not sought:
                break
        return ways

    def _pairs(self, left: Collection[Goal]) -> dict[Goal, Trace]:
        """The shortest ways to pairs: the status's on its machine alone, a link's among all that an item can do."""
        ways: dict[Goal, Trace] = {}
        walked: set[tuple[Transition, ...]] = set()
        for one in self._choices():
            for goal, events in status_pairs(one).items():
                if goal in left and goal not in ways:
                    ways[goal] = self._way(one, *events)
            has = {pair(*two) for two in declared_pairs(one.link_spec)}
            wanted = [goal for goal in left if goal in has and goal not in ways]
            if wanted and one.link_spec.transitions not in walked:
                walked.add(one.link_spec.transitions)
                found = (self.graph if one is self.model else self._graph_of(one, [Criterion.PAIRS])).pairs()
                ways |= {goal: self._way(one, *found[goal]) for goal in wanted if goal in found}
        return ways

    def _graph_of(self, one: Model, criteria: Collection[Criterion]) -> ItemGraph:
        return ItemGraph(Member(self.space, one), StepGoals(self.space, criteria), progress=self.progress)

    def _options(self, left: Sequence[Goal]) -> dict[Goal, Trace]:
        ways = {}
        for number, reading in enumerate(self.model.policy.readings.values()):
            self.progress("readings whose options are told apart", number, len(self.model.policy.readings))
            for name in reading.options:
                if (goal := option(reading.name, name)) in left and (way := self._told_apart(reading, name)):
                    ways[goal] = way
        return ways

    def _told_apart(self, reading: Reading, name: str) -> Trace | None:
        """The shortest scenario that tells an option from any other, run under it."""
        here = self.model.under({reading.name: name})
        others = (self.model.under({reading.name: other}) for other in reading.options if other != name)
        differences = (first_difference(here, other, self.sides) for other in others)
        found = [difference for difference in differences if difference is not None]
        if not found:
            return None
        shortest = min(found, key=lambda difference: len(difference.events))
        return self._way(here, shortest.status, shortest.events)

    def _way(self, model: Model, status: str, events: Sequence[Event]) -> Trace:
        return Trace(status=status, readings=to_give(self.model, model), events=with_texts(model, events))

    def _why(self, goal: Goal) -> str:
        if goal.criterion is Criterion.STATEMENTS:
            policy = self.model.policy
            resting = {source for row in policy.rows for source in row.sources}
            for machine in policy.declared:
                resting.update(source for t in policy.transitions(machine) for source in t.sources)
            if goal.key not in resting:
                return "no row and no transition rests on it"
            return self.model.words.say("whatever rests on it decides nothing that {a_item} can come to")
        if goal.criterion is Criterion.READINGS:
            return f"no scenario with one {self.model.words.item} tells it from the other options"
        return self.model.words.say(WHY[goal.criterion])

    def _never_together(self) -> Iterator[Unreachable]:
        """The phases and links that no item is in at the same time: no cell of theirs can be reached."""
        links = self.space.item_links()
        why = f"no {self.model.words.item} is ever in this phase and link"
        met = {(self.model.phase(self.space.statuses[s]), links[i]) for s, i in self.graph.states}
        for phase in self.model.status_spec.phases:
            for link in self.model.link_spec.states:
                if (phase, link) not in met:
                    yield Unreachable(name=f"phase {phase}, link {link}", why=why)


WHY = {
    Criterion.STATEMENTS: "no row and no transition that rests on it decides anything",
    Criterion.RULES: "no {item} comes to a situation that it decides, "
    "as the rules are read or with any one other option",
    Criterion.STATES: "nothing comes to it, as the rules are read or with any one other option",
    Criterion.TRANSITIONS: "nothing fires it from there, as the rules are read or with any one other option",
    Criterion.PAIRS: "nothing takes the two one after the other, as the rules are read or with an option that adds one",
}
"""Why no run covers a goal of a criterion."""
