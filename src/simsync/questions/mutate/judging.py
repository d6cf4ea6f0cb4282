"""Which mutants of the rules a suite of scenarios kills, which survive it, and which nobody could ever tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.mutation.mutants import Mutant
from simsync.questions.coverage.coverage import to_give
from simsync.questions.mutate.altered import Unmutated
from simsync.questions.mutate.side_by_side import Apart, first_differences
from simsync.questions.mutate.visited import Visited
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult, run_scenario
from simsync.scenarios.verdicts import Failure

HIDDEN = ("link", "rule", "synced")
"""What a scenario may expect that nobody can see on the tickets."""


class MutantStatus(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A mutant's fate: the position of the first scenario that fails under it, or the shortest that would.

    ``equivalent`` is proven: for one item, under every combination of readings.
    """

    mutant: Mutant
    fate: MutantStatus
    killer: int | None = None
    way: Trace | None = None


class SuiteUnderTest:
    """A suite of scenarios to run under mutants of a model; all of them pass under the model itself.

    ``runs`` counts the scenarios that were run again.
    """

    def __init__(self, model: Model, scenarios: Sequence[Scenario]) -> None:
        self.model, self.scenarios = model, scenarios
        self.runs = 0
        self._visited = Visited(model, [run_scenario(model, scenario) for scenario in scenarios])

    def killer(self, mutant: Mutant) -> Killer:
        """The first scenario that fails under a mutant, the shortest first; only those it can reach are run."""
        reached = self._visited.by(mutant)
        other = self._under(mutant) if reached else self.model
        hidden: int | None = None
        for number in sorted(reached, key=lambda n: (len(self.scenarios[n].steps), n)):
            self.runs += 1
            result = run_scenario(other, self.scenarios[number])
            if fails_visibly(result):
                return Killer(number, visible=True)
            if hidden is None and not result.passed:
                hidden = number
        return Killer(hidden, visible=False)

    def kills(self, mutant: Mutant) -> dict[int, int]:
        """All scenarios that fail visibly under a mutant, each with the number of steps to the first such failure."""
        reached = self._visited.by(mutant)
        other = self._under(mutant) if reached else self.model
        steps = ((number, _first_visible(run_scenario(other, self.scenarios[number]))) for number in reached)
        return {number: count for number, count in steps if count is not None}

    def _under(self, mutant: Mutant) -> Model:
        return self.model.factory.variant(mutant.policy).model(self.model.readings)


class Killer(NamedTuple):
    """The position of a scenario that fails under a mutant, None if none does, and whether anybody could see it."""

    scenario: int | None
    visible: bool


def told_apart(rules: Unmutated, mutants: Sequence[Mutant]) -> list[Trace | None]:
    """For each mutant the shortest scenario that tells it from the rules, under any of their readings.

    It gives what readings it needs to be run under the model that it is compared with. None if there is none.
    """
    return [apart and _way(rules.model, apart) for apart in first_differences(rules, mutants)]


def _way(model: Model, apart: Apart) -> Trace:
    readings = to_give(model, model.under(apart.readings))
    return Trace(status=apart.difference.status, readings=readings, events=apart.difference.events)


def judged(mutant: Mutant, killer: Killer, way: Trace | None) -> Judgement:
    """The fate of a mutant, given who kills it and, unless anybody could see that, what tells it from the rules."""
    if killer.visible:
        return Judgement(mutant=mutant, fate=MutantStatus.KILLED, killer=killer.scenario)
    if way is None:
        return Judgement(mutant=mutant, fate=MutantStatus.EQUIVALENT)
    if killer.scenario is not None:
        return Judgement(mutant=mutant, fate=MutantStatus.KILLED, killer=killer.scenario)
    return Judgement(mutant=mutant, fate=MutantStatus.SURVIVED, way=way)


def fails_visibly(result: ScenarioResult) -> bool:
    """Whether a run fails in something that can be seen on the tickets, in the status, or in who may do what."""
    return _first_visible(result) is not None


def _first_visible(result: ScenarioResult) -> int | None:
    """The number of steps of a run up to the first that fails visibly; None if none does."""
    return next((n for n, one in enumerate(result.steps, 1) if any(map(_visible, one.failures))), None)


def _visible(failure: Failure) -> bool:
    """Not a link, a rule, that something was synced, or that what is refused is refused for another reason."""
    what = failure.at.rpartition(".")[2]
    if what == "refused":
        return failure.actual is None or failure.expected is None
    return what not in HIDDEN
