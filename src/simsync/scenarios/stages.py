"""A scenario with overlapping actions, run: every order is followed, and equal worlds are one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from simsync.engine.model import Model
from simsync.engine.overlap import Fork, Reply, RoundOutcome, forks_of
from simsync.engine.world import World
from simsync.scenarios.scenario import Check, Scenario, ScenarioStage, Together
from simsync.scenarios.verdicts import Failure, judge, judge_all

MOST_WORLDS = 500
"""Worlds in which a run goes on at most."""

OUTCOMES = "outcomes"


@dataclass(frozen=True, slots=True)
class StageResult:
    """A step or a round in every world that the run can be in, and the expectations that do not hold in all of them.

    ``told`` says of each fork the orders that it takes, where others come to something else.
    """

    stage: ScenarioStage
    forks: tuple[Fork, ...]
    told: tuple[str, ...]
    failures: tuple[Failure, ...]

    @property
    def outcomes(self) -> int:
        """How many different outcomes the orders give, where the run can be in several worlds the most in one."""
        return max(_by_world(self.forks, len).values())


def run_stages(model: Model, scenario: Scenario) -> Iterator[StageResult]:
    """Each step and round of a scenario, in every world; what `finally` expects is judged on the last."""
    worlds: Sequence[World] = [World(scenario.status)]
    told = [""]
    stages = [*scenario.stages()]
    for number, stage in enumerate(stages):
        forks, worlds = forks_of(model, worlds, tuple(step.event for step in stage.steps))
        ways = _told(forks, told)
        finally_ = scenario.finally_ if number == len(stages) - 1 else ()
        failures = _failures(model, stage, forks, ways, finally_)
        if len(worlds) > MOST_WORLDS:
            found = f"{len(worlds):,}, of which the others are not followed"
            failures.append(Failure(stage.line, "worlds", f"at most {MOST_WORLDS:,}", found))
            kept = [(fork, told) for fork, told in zip(forks, ways, strict=True) if fork.after < MOST_WORLDS]
            forks, ways = tuple(fork for fork, _ in kept), [told for _, told in kept]
            worlds = worlds[:MOST_WORLDS]
        failures = [one for one in failures if one.at != "refused" or not scenario.takes_refusals]
        yield StageResult(stage, forks, tuple(ways), tuple(failures))
        told = _told_after(forks, ways)


def words_of(outcome: RoundOutcome) -> str:
    """The first of the orders that come to an outcome, in words."""
    done = (outcome.events[position] for position in outcome.order)
    return ", then ".join(f"{event.actor}: {event}" for event in done)


def _told(forks: Sequence[Fork], before: Sequence[str]) -> list[str]:
    """Of each fork the orders up to it, as far as they matter."""
    parts = _by_world(forks, len)
    here = [words_of(fork.outcome) if parts[fork.before] > 1 else "" for fork in forks]
    return ["; ".join(filter(None, (before[fork.before], own))) for fork, own in zip(forks, here, strict=True)]


def _told_after(forks: Sequence[Fork], ways: Sequence[str]) -> list[str]:
    """Of each world after a stage the orders that lead to it; of one world alone none need be told."""
    first: dict[int, str] = {}
    for fork, told in zip(forks, ways, strict=False):
        first.setdefault(fork.after, told)
    return [first[world] for world in sorted(first)] if len(first) > 1 else [""]


def _by_world(forks: Iterable[Fork], of: Callable[[list[Fork]], int]) -> dict[int, int]:
    found: dict[int, list[Fork]] = {}
    for fork in forks:
        found.setdefault(fork.before, []).append(fork)
    return {world: of(some) for world, some in found.items()}


def _failures(
    model: Model, stage: ScenarioStage, forks: Sequence[Fork], ways: Sequence[str], finally_: tuple[Check, ...]
) -> list[Failure]:
    """What fails in any fork; where it does not fail in all of them, with the order in which it does."""
    found: list[list[Failure]] = []
    for fork in forks:
        if stage.together is None:
            one = [*judge(model, stage.steps[0], fork.outcome.outcomes[0])]
        else:
            one = [*_of_round(model, stage, stage.together, fork.outcome)]
        found.append([*one, *judge_all(model, finally_, fork.outcome)])
    failures = _in_orders(found, ways)
    if stage.together is not None:
        failures += _never_done(stage, stage.together, forks)
        failures += _miscounted(stage.together, forks)
    return sorted(failures, key=lambda failure: failure.line)


def _in_orders(found: Sequence[Sequence[Failure]], ways: Sequence[str]) -> list[Failure]:
    """Each failure once: those of all forks as they are, the others with the first order in which they come."""
    alike: dict[str, tuple[Failure, int, str]] = {}
    for failures, told in zip(found, ways, strict=True):
        for failure in failures:
            first, count, order = alike.setdefault(repr(failure), (failure, 0, told))
            alike[repr(failure)] = first, count + 1, order
    return [one if count == len(found) else replace(one, order=order) for one, count, order in alike.values()]


def _of_round(model: Model, stage: ScenarioStage, together: Together, outcome: RoundOutcome) -> Iterator[Failure]:
    """What fails in some orders of a round; a refusal is an answer like others there."""
    for position, step in enumerate(stage.steps):
        done = outcome.of(position)
        if done is not None:
            yield from (Failure(step.line, f"rules.{d.kind}", d.expected, d.message) for d in done.defects)
            yield from judge_all(model, step.checks, done)
    yield from judge_all(model, tuple(check for check in together.checks if check.aspect != OUTCOMES), outcome)


def _never_done(stage: ScenarioStage, together: Together, forks: Sequence[Fork]) -> Iterator[Failure]:
    """The actions that every order refuses, though nobody expected a refusal."""
    if _expects_refusal(together.checks):
        return
    for position, step in enumerate(stage.steps):
        refused = all(fork.outcome.answers[position] is Reply.REFUSED for fork in forks)
        done = forks[0].outcome.of(position)
        if refused and done is not None and not _expects_refusal(step.checks):
            yield Failure(step.line, "refused", None, done.refused)


def _expects_refusal(checks: Iterable[Check]) -> bool:
    return any(check.aspect == "refused" and check.expected is not False for check in checks)


def _miscounted(together: Together, forks: Sequence[Fork]) -> Iterator[Failure]:
    for check in together.checks:
        if check.aspect == OUTCOMES:
            counts = sorted({*_by_world(forks, len).values()})
            if counts != [check.expected]:
                yield Failure(check.line, check.at, check.expected, counts[0] if len(counts) == 1 else counts)
