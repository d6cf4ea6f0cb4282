"""Use cases: read, call, return."""

from __future__ import annotations

import gc
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from simsync.core.facts import EDIT
from simsync.core.model import Model, Workshop
from simsync.core.simulate import ScenarioResult, run_scenario
from simsync.core.simulation import Simulation
from simsync.core.step import step
from simsync.core.why import Explanation, explain
from simsync.errors import Code, Diagnostic, SimsyncError, not_among
from simsync.files import whole_file
from simsync.loading.policy import load_policy
from simsync.loading.scenarios import ScenarioFile, ScenarioLoader
from simsync.machines import TransitionsMachine
from simsync.model.policy import Policy, Value
from simsync.model.scenario import Scenario
from simsync.model.world import Event, World


def packaged(name: str) -> Path:
    """A directory that ships with simsync: `machines` or `scenarios`."""
    installed = Path(str(resources.files("simsync"))) / "packaged" / name
    if installed.is_dir():
        return installed
    return Path(__file__).resolve().parents[2] / name  # an editable install: the source tree


def machines_directory() -> Path:
    """`machines/` of the working directory where there is one, else the packaged copy."""
    here = Path("machines")
    return here if here.is_dir() else packaged("machines")


def load_model(path: str | Path | None = None, readings: Mapping[str, str] | None = None) -> Model:
    """The model declared in a machines directory, under some readings (the defaults where not named).

    ``path`` None stands for ``machines/`` of the working directory, or the packaged rules.
    Raises :class:`SimsyncError` with every problem of every file.

    >>> model = load_model(packaged("machines"))
    >>> model.readings == {name: reading.default for name, reading in model.policy.readings.items()}
    True
    """
    workshop = Workshop(load_policy(path or machines_directory()), TransitionsMachine)
    chosen = dict(readings or {})
    check_readings(workshop.policy, chosen)
    return workshop.model(chosen)


def check_readings(policy: Policy, readings: Mapping[str, str]) -> None:
    """Raise :class:`SimsyncError` for a reading or option that the policy does not declare."""
    problems = []
    for name, option in readings.items():
        if name not in policy.readings:
            problems.append(not_among("a reading", name, policy.readings))
        elif option not in policy.readings[name].options:
            problems.append(not_among(f"an option of '{name}'", option, policy.readings[name].options))
    if problems:
        raise SimsyncError(
            Diagnostic(file="--reading", line=1, col=1, code=Code.UNKNOWN_NAME, message=m) for m in problems
        )


def load_scenarios(*paths: str | Path, model: Model | None = None) -> Iterator[Scenario]:
    """The scenarios of files and directories, one after the other.

    Raises :class:`SimsyncError` at the first file that is bad input, with all of its problems.

    >>> scenarios = list(load_scenarios(packaged("scenarios")))
    >>> len(scenarios) >= 60
    True
    """
    for file in read_scenario_files([str(p) for p in paths], model or load_model()):
        if file.diagnostics:
            raise SimsyncError(file.diagnostics)
        yield from file.scenarios


def read_scenario_files(paths: Iterable[str], model: Model) -> Iterator[ScenarioFile]:
    """Each scenario file with its scenarios or its problems."""
    return ScenarioLoader(model.workshop).load(paths)


def run_files(paths: Iterable[str], model: Model) -> Iterator[tuple[ScenarioFile, Iterator[ScenarioResult]]]:
    """Each scenario file with its results, run as they are asked for and not kept."""
    for file in read_scenario_files(paths, model):
        yield file, (run_scenario(model, scenario) for scenario in file.scenarios)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the cycle collector: what a run makes has few cycles, and looking for them takes a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def default_scenarios() -> str:
    """`scenarios/`, from the working directory."""
    return "scenarios" if os.path.isdir("scenarios") else str(packaged("scenarios"))


def explain_action(
    model: Model, action: str, place: str | None, fields: Mapping[str, Value]
) -> tuple[Model, Explanation]:
    """Explain an action where a scenario (``FILE`` or ``FILE:LINE``) has it, or tried out there.

    Returns the model under that scenario's readings, and the explanation.
    """
    try:
        if place is None:
            simulation = Simulation(model)
            return model, explain(model, simulation.world, _tried(simulation, action, fields))
        scenario, line = _scenario_at(model, place)
        under = model.under(scenario.readings)
        world, event = _moment(under, scenario, line, action, fields)
        return under, explain(under, world, event)
    except ValueError as error:
        raise SimsyncError(
            [Diagnostic(file="ACTION", line=1, col=1, code=Code.BAD_ACTION, message=str(error))]
        ) from error


def _scenario_at(model: Model, place: str) -> tuple[Scenario, int | None]:
    path, line = _split_place(place)
    scenarios = list(load_scenarios(path, model=model))
    if line is None:
        return scenarios[0], None
    before = [scenario for scenario in scenarios if scenario.line <= line]
    return (before[-1] if before else scenarios[0]), line


def _split_place(place: str) -> tuple[str, int | None]:
    path, colon, line = place.rpartition(":")
    return (path, int(line)) if colon and line.isdigit() and not os.path.exists(place) else (place, None)


def _moment(
    model: Model, scenario: Scenario, line: int | None, action: str, fields: Mapping[str, Value]
) -> tuple[World, Event]:
    """The world just before the step meant, and the event: the step's own if it is the same action."""
    simulation = Simulation(model, scenario.status)
    wanted = " ".join(action.replace(":", ": ", 1).split())
    for one in scenario.steps:
        reached = line is None or one.line >= line or (one is scenario.steps[-1])
        if reached and not fields and f"{one.event.actor}: {one.event}" == wanted:
            return simulation.world, one.event
        if line is not None and one.line >= line:
            break
        simulation.world = step(model, simulation.world, one.event).after
    return simulation.world, _tried(simulation, action, fields)


def _tried(simulation: Simulation, action: str, fields: Mapping[str, Value]) -> Event:
    """The event of an action tried out; an edit that does not say of what is one of a text."""
    if action.partition(":")[2].split()[:1] == [EDIT] and not fields:
        texts = [field.name for field in simulation.model.vocabulary.fields.values() if not field.values]
        fields = dict.fromkeys(texts[:1], "another text")
    return simulation.event(action, **fields)


def schemas_of(model: Model, machines: str | Path | None) -> Mapping[str, dict[str, Any]]:
    """The JSON Schemas of scenario and machine files, by what they describe."""
    from simsync.loading.schema import schemas

    return schemas(model.workshop, machines or machines_directory())


def write_schemas(made: Mapping[str, dict[str, Any]], out: str) -> Iterator[str]:
    """Write every schema into a directory; gives the paths."""
    from simsync.loading.schema import file_name

    os.makedirs(out, exist_ok=True)
    for part, schema in made.items():
        path = os.path.join(out, file_name(part))
        with whole_file(path) as stream:
            stream.write(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        yield path


def start_policy(directory: str) -> list[str]:
    """Make a working copy of the packaged policy in a directory that is new or empty; gives what it holds.

    Raises :class:`SimsyncError` where there is something in the way.
    """
    from simsync.loading.schema import editor_settings

    target = Path(directory)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        message = "there is something here already; name a directory that is new or empty"
        raise SimsyncError([Diagnostic(file=directory, line=1, col=1, code=Code.NOT_EMPTY, message=message)])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".simsync-init-") as made:
        whole = Path(made) / "policy"
        for name in ("machines", "scenarios"):
            shutil.copytree(packaged(name), whole / name)
        list(write_schemas(schemas_of(load_model(whole / "machines"), whole / "machines"), str(whole / "schemas")))
        (whole / ".vscode").mkdir()
        settings = json.dumps(editor_settings(), indent=2) + "\n"
        (whole / ".vscode" / "settings.json").write_text(settings, encoding="utf-8")
        if target.exists():
            target.rmdir()
        os.replace(whole, target)
    return sorted(f"{path.relative_to(target)}/" if path.is_dir() else path.name for path in target.iterdir())
