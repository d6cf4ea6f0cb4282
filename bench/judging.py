"""How good sequences are: after how many steps they have covered every pair of transitions, and killed which mutants.

All are judged alike. A sequence is written as a scenario with everything expected that comes of each step under the
rules; a mutant is killed at the first step at which an expectation fails that anybody could check on the tickets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.questions.coverage.goals import Goal, Trail
from simsync.questions.mutate.judge import judges, kills_of
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml, expecting
from simsync.workers.workers import Where, cores

FIRST_BATCH = 250


@dataclass(kw_only=True)
class Judged:
    """``pairs`` and ``kills``: of each pair and mutant, the number of steps to it."""

    steps: int = 0
    pairs: dict[Goal, int] = field(default_factory=dict)
    kills: dict[int, int] = field(default_factory=dict)

    def killed_by(self, steps: int) -> int:
        """How many mutants are killed after so many steps."""
        return sum(at <= steps for at in self.kills.values())


def until(found: Iterable[int], of: int) -> int | None:
    """Steps until as many things were found, each after so many; None if they were not."""
    steps = sorted(found)
    return steps[of - 1] if len(steps) >= of else None


def loaded(model: Model, text: str) -> tuple[Scenario, ...]:
    """The scenarios of a text, which is as simsync writes it."""
    file = ScenarioLoader(model.factory).load_bytes(text.encode(), "made.yaml")
    assert not file.diagnostics, file.diagnostics
    return file.scenarios


def written(model: Model, ways: Sequence[Trace]) -> tuple[Scenario, ...]:
    """Sequences as scenarios that expect everything."""
    return loaded(model, as_yaml(*(expecting(model, way, str(number)) for number, way in enumerate(ways))))


def judge(model: Model, scenarios: Iterable[Scenario], mutants: Iterable[int]) -> Judged:
    """Judge scenarios in their order, all of which pass, by some of the mutants of a model."""
    found, alive = Judged(), list(mutants)
    for batch in _batches(scenarios):
        begins = _run(model, batch, found)
        with collector_paused(), judges(model, batch, Where(cores())) as team:
            for number, killers in kills_of(team, alive, lambda *_: None):
                if killers:
                    found.kills[number] = min(begins[scenario] + steps for scenario, steps in killers.items())
        alive = [number for number in alive if number not in found.kills]
    return found


def _run(model: Model, batch: Sequence[Scenario], found: Judged) -> list[int]:
    """Note the pairs; gives for each scenario how many steps there were before it."""
    begins = []
    for scenario in batch:
        begins.append(found.steps)
        trail, result = Trail(), run_scenario(model, scenario)
        assert result.passed, scenario
        for one in result.steps:
            found.steps += 1
            for pair in trail.pairs(one.outcome):
                found.pairs.setdefault(pair, found.steps)
    return begins


def _batches(scenarios: Iterable[Scenario]) -> Iterator[tuple[Scenario, ...]]:
    """Larger and larger ones: most mutants are killed early, and need not be run again."""
    batch: list[Scenario] = []
    steps, wanted = 0, FIRST_BATCH
    for scenario in scenarios:
        batch.append(scenario)
        steps += len(scenario.steps)
        if steps >= wanted:
            yield tuple(batch)
            batch, steps, wanted = [], 0, wanted * 2
    if batch:
        yield tuple(batch)
