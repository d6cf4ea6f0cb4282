"""Use cases: read, call, return."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

from simsync.core.model import Model, Workshop
from simsync.core.simulate import ScenarioResult, run_scenario
from simsync.errors import Code, Diagnostic, SimsyncError, not_among
from simsync.loading.policy import load_policy
from simsync.loading.scenarios import ScenarioFile, ScenarioLoader
from simsync.machines import TransitionsMachine
from simsync.model.policy import Policy
from simsync.model.scenario import Scenario


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

    >>> model = load_model(packaged("machines"), {"resume": "discard"})
    >>> model.readings["resume"], model.readings["charges"]
    ('discard', 'as_items')
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


def default_scenarios() -> str:
    """`scenarios/`, from the working directory."""
    return "scenarios" if os.path.isdir("scenarios") else str(packaged("scenarios"))
