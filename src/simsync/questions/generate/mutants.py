"""The use case behind `simsync generate --cover mutants`: a suite under which no mutant of the rules survives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.mutation.mutants import Mutant, mutants
from simsync.progress import Progress
from simsync.questions.coverage.goals import Criterion
from simsync.questions.generate.covering import generate
from simsync.questions.generate.selection import few_steps
from simsync.questions.mutate.judge import judges, kills_of, ways_of
from simsync.report.made_titles import title_in_words, told_apart
from simsync.report.phrases import counted
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.writing import as_yaml, expecting
from simsync.workers.workers import Where

NAME = "mutants"
"""What the criterion is called."""
TOLD = 12
"""How many of the faults that a scenario is there for are told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A scenario, and the mutants that it alone kills or kills first."""

    way: Trace
    mutants: tuple[Mutant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationSuite:
    """A suite. ``killed``: how many mutants it kills; ``equivalent``: how many nobody could tell from the rules.

    ``bound``: no suite that kills them for anybody to see has fewer steps.
    """

    model: Model
    traps: tuple[Trap, ...]
    killed: int
    equivalent: int
    bound: int

    @property
    def steps(self) -> int:
        """How many steps the suite has."""
        return sum(len(trap.way.events) for trap in self.traps)


def mutation_suite(model: Model, seed: int, where: Where, progress: Progress) -> MutationSuite:
    """A suite of scenarios with one item that kills every mutant which can be told from the rules, in few steps.

    Each is the beginning of a shortest way to tell a mutant from the rules, or of a walk through pairs of transitions.
    The same seed gives the same suite, whoever the workers are.
    """
    made = mutants(model)
    with collector_paused(), judges(model, (), where) as team:
        found = dict(ways_of(team, range(len(made)), progress))
        ways = {number: way for number in sorted(found) if (way := found[number]) is not None}
        stories = generate(model, Criterion.PAIRS, seed, progress).stories
    walks = (story.trace for story in stories)
    candidates = list({repr(way): way for way in (*ways.values(), *walks)}.values())
    with collector_paused(), judges(model, _loaded(model, candidates), where) as team:
        killers = dict(kills_of(team, list(ways), progress))
    kills: list[dict[int, int]] = [{} for _ in candidates]
    for number in ways:
        for candidate, steps in killers[number].items():
            kills[candidate][number] = steps
    return MutationSuite(
        model=model,
        traps=tuple(_traps(made, candidates, kills, few_steps(kills, seed))),
        killed=len(ways),
        equivalent=len(made) - len(ways),
        bound=_bound({number: (made[number], way) for number, way in ways.items()}.values()),
    )


def _loaded(model: Model, ways: Sequence[Trace]) -> tuple[Scenario, ...]:
    text = as_yaml(*(expecting(model, way, str(number)) for number, way in enumerate(ways)))
    return ScenarioLoader(model.factory).load_bytes(text.encode(), NAME).scenarios


def _traps(
    made: Sequence[Mutant], candidates: Sequence[Trace], kills: Sequence[Mapping[int, int]], chosen: Mapping[int, int]
) -> Iterable[Trap]:
    """The scenarios chosen, those with most kills first, each with what no earlier one kills."""
    killed = {c: {m for m, took in kills[c].items() if took <= steps} for c, steps in chosen.items()}
    seen: set[int] = set()
    for candidate in sorted(chosen, key=lambda c: (-len(killed[c]), c)):
        way = candidates[candidate]
        new = sorted(killed[candidate] - seen)
        seen.update(new)
        yield Trap(
            way=replace(way, events=way.events[: chosen[candidate]]), mutants=tuple(made[number] for number in new)
        )


def _bound(told_apart: Iterable[tuple[Mutant, Trace]]) -> int:
    """Fewer steps cannot do: mutants of two options of a reading are killed by two scenarios, each of some length.

    As the rules are read the way to a difference need not be the shortest of all; it counts for one step.
    """
    longest: dict[str | None, int] = {}
    for mutant, way in told_apart:
        steps = len(way.events) if way.readings else 1
        longest[mutant.reading] = max(longest.get(mutant.reading, 0), steps)
    options: dict[str, int] = {}
    for option, steps in longest.items():
        if option is not None:
            reading = option.partition("=")[0]
            options[reading] = options.get(reading, 0) + steps
    return max([*longest.values(), *options.values()], default=0)


def killing_text(made: MutationSuite) -> str:
    """A suite as a file says it: each scenario with the faults that it is there for, and all that is expected."""
    head = f"# {NAME}: faults in the rules that anybody could see.\n# {summary(made)}\n\n"
    named = sorted(
        ((title_in_words(made.model, trap.way), trap) for trap in made.traps),
        key=lambda one: (one[0], repr(one[1].way)),
    )
    titles = told_apart(title for title, _ in named)
    return head + as_yaml(
        *(expecting(made.model, trap.way, title, _about(trap)) for title, (_, trap) in zip(titles, named, strict=True))
    )


def summary(made: MutationSuite) -> str:
    """What a suite comes to, and how few steps would do at best."""
    scenarios, steps = counted(len(made.traps), "scenario"), counted(made.steps, "step")
    return (
        f"All {made.killed:,} mutants of the rules that anybody could tell from them, by {scenarios} with {steps}; "
        f"fewer than {made.bound:,} cannot do. {made.equivalent:,} more mutants are equal to the rules."
    )


def _about(trap: Trap) -> str:
    told = [mutant.what for mutant in trap.mutants]
    more = f"; and for {len(told) - TOLD} more such faults" if len(told) > TOLD else ""
    return f"It fails if {'; if '.join(told[:TOLD])}{more}."
