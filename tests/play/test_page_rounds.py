"""Rounds of overlapping actions in the page: its engine comes to what simsync's comes to, and what it saves passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from page_walks import POLICIES, Walker, as_data, asked_in_node, told, told_items
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model, ModelFactory
from simsync.engine.overlap import Fork, OverlappingTrace, Round, RoundOutcome, round_outcomes, simulate_rounds
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE
from simsync.scenarios.simulate import run_scenario

Told = dict[str, Any]


class RoundWalker(Walker):
    """Makes random walks of rounds; each goes on from what one of the orders comes to."""

    def rounds(self, count: int) -> tuple[OverlappingTrace, list[tuple[tuple[RoundOutcome, ...], int]]]:
        """A walk of so many rounds, some of them plain steps: all that each comes to, and which one is gone on from."""
        begun = self.walk(0)
        model, world = self.factory.model(begun.readings), World(begun.status)
        rounds, found = list[Round](), list[tuple[tuple[RoundOutcome, ...], int]]()
        for number in range(count):
            rounds.append(self._round(model, world, number))
            outcomes = round_outcomes(model, world, rounds[-1])
            found.append((outcomes, self.random.randrange(len(outcomes))))
            world = outcomes[found[-1][1]].after
        return OverlappingTrace(status=begun.status, readings=begun.readings, rounds=tuple(rounds)), found

    def _round(self, model: Model, world: World, number: int) -> Round:
        size = self.random.choice((1, 2, 2, 2, 3, 4, 5))
        events = [self.event(model, world, f"N{number}.{one}") for one in range(size)]
        made = [event.item for event in events[:-1] if event.action == CREATE]
        if (
            made and self.random.random() < 0.5
        ):  # on what this round makes: by its maker, or by who cannot know of it yet
            actor = self.random.choice([*self.words.partners])
            events[-1] = Event(actor=actor, action=DELETE, item=self.random.choice(made))
        return tuple(events)


def told_round(outcome: RoundOutcome, model: Model) -> Told:
    """What some orders of a round come to, as the program in Node tells it."""
    return {
        "answers": [str(answer) for answer in outcome.answers],
        "order": list(outcome.order),
        "orders": outcome.orders,
        "refused": outcome.refused,
        "synced": outcome.synced,
        "notified": list(outcome.notified),
        "status": outcome.after.status,
        "items": told_items(model, outcome.after),
        "steps": [told(one) for one in outcome.outcomes],
    }


def compared(factory: ModelFactory, seed: int, walks: int, rounds: int) -> list[tuple[OverlappingTrace, Told]]:
    """Walks with what the page saves of them; what its engine says of each round was held against simsync's."""
    walker = RoundWalker(factory, seed)
    made = [walker.rounds(rounds) for _ in range(walks)]
    asked = []
    for trace, found in made:
        stages = [
            {"events": [as_data(event) for event in events], "order": list(outcomes[taken].order)}
            for events, (outcomes, taken) in zip(trace.rounds, found, strict=True)
        ]
        asked.append({"status": trace.status, "readings": dict(trace.readings), "stages": stages})
    saved = []
    for (trace, found), walk, theirs in zip(made, asked, asked_in_node(factory, asked), strict=True):
        model = factory.model(trace.readings)
        for (outcomes, taken), round_told in zip(found, theirs["rounds"], strict=True):
            assert round_told["outcomes"] == [told_round(one, model) for one in outcomes]
            assert round_told["taken"] == [taken]
        assert theirs["saved"]["opened"] == [trace.status, dict(trace.readings), walk["stages"]]
        saved.append((trace, theirs["saved"]))
    return saved


@pytest.mark.parametrize("name", POLICIES)
def test_random_rounds_come_to_what_they_come_to_in_the_engine(name: str) -> None:
    assert len(compared(load_model(POLICIES[name]).factory, 1, 2, 6)) == 2


@pytest.mark.thorough
@pytest.mark.parametrize("name", POLICIES)
def test_hundreds_of_random_rounds_do(name: str) -> None:
    assert len(compared(load_model(POLICIES[name]).factory, 2, 20, 12)) == 20


@pytest.mark.thorough
@pytest.mark.parametrize("name", POLICIES)
def test_what_is_saved_is_a_scenario_that_passes_in_every_order(name: str, tmp_path: Path) -> None:
    """Whatever a round comes to in all orders is expected of it, and the page reads what it saved."""
    model = load_model(POLICIES[name])
    for trace, saved in compared(model.factory, 3, 12, 4):
        (tmp_path / "s.yaml").write_text(saved["text"], encoding="utf-8")
        (scenario,) = load_scenarios(tmp_path / "s.yaml", model=model)
        assert scenario.overlapping == trace
        assert [[as_data(e) for e in one] for one in trace.rounds] == [one["events"] for one in saved["read"][2]]
        every = [*simulate_rounds(model, trace)]
        forks = [found for found, events in zip(every, trace.rounds, strict=True) if len(events) > 1]
        for together, found in zip(scenario.rounds, forks, strict=True):
            expected = {check.at: check.expected for check in together.checks}
            in_all = common(model.under(trace.readings), found)
            assert {key: expected.get(key) for key in in_all} == in_all
        failed = any(one.failures for one in run_scenario(model, scenario).steps)
        broken = any(one.defects for found in every for fork in found for one in fork.outcome.outcomes)
        assert failed == bool(saved["doubts"]) or broken


def common(model: Model, forks: Sequence[Fork]) -> Told:
    """What is the same of a round in all that its orders come to: the count, who was told, what the tickets show."""
    found: Told = {}
    counts = {*Counter(fork.before for fork in forks).values()}
    if len(counts) == 1:
        found["outcomes"] = counts.pop()
    if len({fork.outcome.notified for fork in forks}) == 1:
        found["notified"] = list(forks[0].outcome.notified)
    seen = [
        {
            f"items.{name}.{partner}.{key}": value
            for name, item in told_items(model, fork.outcome.after).items()
            for partner, view in item["views"].items()
            for key, value in (view or {}).items()
        }
        for fork in forks
    ]
    return found | {key: value for key, value in seen[0].items() if all(one.get(key) == value for one in seen)}
