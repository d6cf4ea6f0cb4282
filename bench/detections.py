"""How many steps it takes to see that the two desks have a fault: `PYTHONPATH=. python bench/detections.py [FAULT]...`.

Prints JSON. A step is an action that the desks are asked for, those that only lead to a status among them. Everybody
asks the same running desks, by the same adapter, and compares the same with the same rules after each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from examples.two_desks.faults import FAULTS
from examples.two_desks.protocol import Adapter
from examples.two_desks.running import TwoDesks
from measure import ROOT
from simsync.app import load_model, load_scenarios
from simsync.engine.world import Event
from simsync.questions.conform.campaign.plan import WALKS, Plan, Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.systems.direct import by_object
from simsync.state_machine import state_machine

MODEL = load_model(ROOT / "machines")
SCENARIOS = load_scenarios(ROOT / "scenarios", model=MODEL)
SEEDS = (1,)
MOST = 1500
"""Steps after which a contestant has not found a fault."""


class Ended(KeyboardInterrupt):
    """A search is over; hypothesis lets this through as it would a Ctrl-C."""


class Counting:
    """The desks with a count of their steps, for one contestant."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self.steps = 0

    def __call__(self, request: Mapping[str, Any]) -> Any:
        """Answer a request."""
        if request["op"] == "act":
            if self.steps >= MOST:
                raise Ended
            self.steps += 1
        return json.loads(self._adapter.answer(json.dumps(request)))


def by_campaign(sources: Sources) -> Callable[[Counting], int | None]:
    """The sequences of `simsync conform`, up to the first that diverges."""

    def found(desks: Counting) -> int | None:
        pool = Pool(lambda _: by_object(desks, MODEL), 1)
        plan = Plan(MODEL, pool.first, sources)
        try:
            diverged = any(one.divergence is not None for one in pool.driven(MODEL, plan.drives()))
        except Ended:
            return None
        return desks.steps if diverged else None

    return found


def by_hypothesis(number: int) -> Callable[[Counting], int | None]:
    """hypothesis' stateful runner on the machine that simsync makes from the rules, without shrinking."""

    def found(desks: Counting) -> int | None:
        first: list[int] = []

        class Machine(state_machine(MODEL, by_object(desks, MODEL))):  # type: ignore[misc] # made by a call
            def do(self, event: Event) -> bool:
                try:
                    return bool(super().do(event))
                except AssertionError:
                    first.append(desks.steps)
                    raise Ended from None

        quiet = settings(
            max_examples=MOST, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
        )
        with suppress(Ended):
            run_state_machine_as_test(seed(number)(Machine), settings=quiet)
        return first[0] if first else None

    return found


CONTESTANTS: dict[str, Callable[[Counting], int | None]] = {
    "campaign": by_campaign(Sources(scenarios=SCENARIOS, walks=WALKS, systematic=True)),
    **{f"walks {number}": by_campaign(Sources(walks=10 * WALKS, seed=number)) for number in SEEDS},
    **{f"hypothesis {number}": by_hypothesis(number) for number in SEEDS},
}


def detections(names: Iterable[str]) -> dict[str, dict[str, int | None]]:
    """For each fault and contestant the steps up to the first divergence; None where there was none."""
    found: dict[str, dict[str, int | None]] = {}
    with TwoDesks() as desks:
        desks.wait()
        adapter = Adapter(desks)
        for name in names:
            desks.fault.turn(name)
            found[name] = {who: search(Counting(adapter)) for who, search in CONTESTANTS.items()}
            print(name, found[name], file=sys.stderr)
        adapter.close()
    return found


if __name__ == "__main__":
    wanted = sys.argv[1:] or [name for name, fault in FAULTS.items() if fault.alone]
    print(json.dumps(detections(wanted)))
