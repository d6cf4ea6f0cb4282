"""Measurements within one process, without its start-up; prints JSON. `speed.py` runs each in a fresh process.

python bench/inside.py parse DIR ROUNDS      reading and running scenarios, against the C loader on the same bytes
python bench/inside.py engine DIR ROUNDS     simsync's step() alone, against a hand-written model and bare `transitions`
"""

from __future__ import annotations

import gc
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from transitions import Machine, MachineError

from load_yaml import load_all
from measure import best_of
from peers.ticketing import RefusedError, Ticketing
from simsync import Scenario, World, load_model, load_scenarios, step
from simsync.app import collector_paused, packaged, read_scenario_files, run_files
from simsync.questions.run.report import RunText
from simsync.report.as_json import RunWriter

Firing = tuple[str | None, str, str]
"""Of which item (None: the ticket itself), in which state, which trigger."""


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _timed_paused(action: Callable[[], object]) -> float:
    """The same with the cycle collector paused, as `simsync run` has it; nobody's garbage is collected on the clock."""
    gc.collect()
    with collector_paused():
        return _timed(action)


def _run(folder: str, form: str) -> float:
    """One run over a directory, with a model that remembers nothing yet; loading that is not counted."""
    model = load_model(packaged("machines"))
    stream = io.StringIO()
    report = RunWriter(stream, model) if form == "json" else RunText(stream, model, "failed", packaged=False)

    def run() -> None:
        for file, results in run_files(read_scenario_files([folder], model), model):
            assert not file.diagnostics, file.diagnostics[0]
            for result in results:
                assert result.passed, result.scenario.name
                report.add(result)

    return _timed_paused(run)


def parse(folder: str, rounds: int) -> dict[str, float]:
    """Seconds of a run with text and with JSON output, and of the C loader; the collector is paused for all of them."""

    def c_loader() -> None:
        for path in sorted(Path(folder).glob("*.yaml")):
            load_all(path.read_bytes())

    contestants = {
        "text": lambda: _run(folder, "text"),
        "c loader": lambda: _timed_paused(c_loader),
        "json": lambda: _run(folder, "json"),
    }
    return best_of(contestants, rounds)


def _walk(scenarios: list[Scenario]) -> float:
    """simsync's step() over every scenario, with a model that remembers nothing yet."""
    model = load_model(packaged("machines"))

    def walk() -> None:
        for scenario in scenarios:
            world = World(scenario.status)
            for one in scenario.steps:
                world = step(model, world, one.event).after

    return _timed(walk)


def _firings(scenarios: list[Scenario]) -> list[list[Firing]]:
    """What the two machines are asked in each scenario: every status action, and every link trigger that fires."""
    model = load_model(packaged("machines"))
    found: list[list[Firing]] = []
    for scenario in scenarios:
        world = World(scenario.status)
        fired: list[Firing] = []
        for one in scenario.steps:
            before = world.status
            outcome = step(model, world, one.event)
            if one.event.item is None:
                fired.append((None, before, one.event.action))
            fired += (
                (str(i), f.source, f.transition.trigger) for i, f in enumerate(outcome.fired) if f != outcome.moved
            )
            world = outcome.after
        found.append(fired)
    return found


class _Subject:
    """What a `transitions` machine moves."""

    state: str


def _machine(name: str) -> Machine:
    """A bare machine of one of simsync's declarations: states and transitions, no conditions, no callbacks."""
    model = load_model(packaged("machines"))
    spec = model.status_spec if name == "status" else model.link_spec
    rows = [{"trigger": t.trigger, "source": list(t.source), "dest": t.dest} for t in spec.transitions]
    return Machine(model=None, states=list(spec.states), initial=spec.initial, transitions=rows, auto_transitions=False)


def _fire(lists: list[list[Firing]]) -> float:
    """Every firing, by `transitions` alone; where the states come from and who decides costs nothing here."""
    status, link = _machine("status"), _machine("link")
    subject = _Subject()
    status.add_model(subject)
    link_subject = _Subject()
    link.add_model(link_subject)

    def fire() -> None:
        for firings in lists:
            for item, state, trigger in firings:
                machine, moved = (status, subject) if item is None else (link, link_subject)
                moved.state = state
                try:
                    machine.events[trigger].trigger(moved)
                except MachineError:
                    continue

    return _timed(fire)


def _by_hand(scenarios: list[Scenario]) -> float:
    """The same events through the hand-written model that pytest-bdd's steps drive."""

    def walk() -> None:
        for scenario in scenarios:
            ticketing = Ticketing(scenario.status)
            for one in scenario.steps:
                try:
                    ticketing.do(one.event.actor, str(one.event), one.event.fields)
                except RefusedError:
                    continue
            ticketing.close()

    return _timed(walk)


def engine(folder: str, rounds: int) -> dict[str, float]:
    """Seconds of each engine, with how many steps and firings there were."""
    scenarios = list(load_scenarios(folder, model=load_model(packaged("machines"))))
    lists = _firings(scenarios)
    contestants = {
        "step": lambda: _walk(scenarios),
        "by hand": lambda: _by_hand(scenarios),
        "transitions": lambda: _fire(lists),
    }
    steps = sum(len(scenario.steps) for scenario in scenarios)
    return {**best_of(contestants, rounds), "steps": steps, "firings": sum(map(len, lists))}


def main() -> None:
    """The command line."""
    name, folder, rounds = sys.argv[1:]
    assert yaml.__with_libyaml__, "PyYAML lacks libyaml here, so that there is nothing to compare with"
    print(json.dumps({"parse": parse, "engine": engine}[name](folder, int(rounds))))


if __name__ == "__main__":
    main()
