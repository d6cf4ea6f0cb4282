"""Use cases: read, call, return."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from simsync.engine.machines import TransitionsMachine
from simsync.engine.model import Model, ModelFactory
from simsync.errors import Code, SimsyncError, usage_error
from simsync.extras import shell_word
from simsync.policy.loading.policy import load_policy
from simsync.scenarios.loading import HERE, SUFFIXES, ScenarioFile, ScenarioLoader, split_place
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult, run_scenario

MINIMAL = "minimal"
"""The smallest policy that runs, as it is packaged."""


def packaged(name: str) -> Path:
    """A directory that ships with simsync: `machines`, `scenarios`, both of them in `minimal`, or `examples`."""
    installed = Path(str(resources.files("simsync"))) / "packaged" / name
    if installed.is_dir():
        return installed
    source = Path(__file__).resolve().parents[2]  # an editable install
    return source / ("examples/policies" if name == MINIMAL else "") / name


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
    factory = ModelFactory(load_policy(machines_directory() if path is None else path), TransitionsMachine)
    return factory.model(readings or {})


def chosen_readings(texts: Iterable[str], option: str) -> dict[str, str]:
    """The readings that texts of the form ``name=option`` choose; ``option`` is where they were given, for the report.

    Raises :class:`SimsyncError` for another form, and for a reading that is given twice and differently.

    >>> chosen_readings(["resume = discard"], "--reading")
    {'resume': 'discard'}
    """
    chosen: dict[str, str] = {}
    problems = []
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            problems.append(f"'{text}' is not of the form name=option, as in {option} {name or 'name'}=option")
        elif chosen.setdefault(name, value) != value:
            problems.append(f"'{name}' is given twice, as {chosen[name]} and as {value}")
    if problems:
        raise usage_error(option, *problems, code=Code.USAGE)
    return chosen


def load_scenarios(*paths: str | Path, model: Model | None = None) -> list[Scenario]:
    """The scenarios of files and directories (``scenarios/`` where none is named), in order.

    Of ``FILE:LINE`` it is the scenario that the line is in.

    Raises :class:`SimsyncError` with every problem of every file.

    >>> scenarios = load_scenarios(packaged("scenarios"))
    >>> len(scenarios) >= 60
    True
    """
    named = [str(p) for p in paths] or [HERE]
    files = list(read_scenario_files(named, model or load_model()))
    problems = [diagnostic for file in files for diagnostic in file.diagnostics]
    if problems:
        raise SimsyncError(problems)
    return [scenario for file in files for scenario in file.scenarios]


def scenarios_at(place: str, model: Model) -> tuple[list[Scenario], int | None]:
    """The scenarios of ``FILE`` and no line, or of ``FILE:LINE`` the one that the line is in, with the line.

    Raises :class:`SimsyncError` with every problem of the file.
    """
    return load_scenarios(place, model=model), split_place(place)[1]


def run_scenarios_at(place: str, model: Model) -> list[ScenarioResult]:
    """The scenarios at a place (see :func:`scenarios_at`), run."""
    return [run_scenario(model, scenario) for scenario in scenarios_at(place, model)[0]]


def read_scenario_files(paths: Iterable[str], model: Model) -> Iterator[ScenarioFile]:
    """Each scenario file with its scenarios or its problems."""
    return ScenarioLoader(model.factory).load(paths, how_to_begin())


def how_to_begin() -> str:
    """Where the packaged rules and scenarios are, and how to have some of one's own; nothing where rules are here."""
    if Path("machines").is_dir():
        return ""
    return (
        f"; the rules that ship with simsync are in {packaged('machines')}; to begin: simsync init my-policy, which"
        f" makes a working copy of them, or simsync run {shell_word(str(packaged(HERE)))}"
    )


def run_files(files: Iterable[ScenarioFile], model: Model) -> Iterator[tuple[ScenarioFile, Iterator[ScenarioResult]]]:
    """Each scenario file with its results, run as they are asked for and not kept."""
    for file in files:
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


def report_path(path: str, option: str) -> str:
    """The path of a report that an option names, if one may be written there: not over what could be a scenario file.

    Raises :class:`SimsyncError` where not.
    """
    if not path or path.lower().endswith(SUFFIXES) or os.path.realpath(path).lower().endswith(SUFFIXES):
        message = f"'{path}' is no name for a report" + ("; it may be a scenario file" if path else "")
        raise usage_error(option, message, code=Code.USAGE)
    return path


def refuse_to_replace(path: str) -> None:
    """Raise :class:`SimsyncError` where there is something at a path already."""
    if os.path.lexists(path):
        raise usage_error(path, "there is a file here already; name another one", code=Code.NOT_EMPTY)


def uses_packaged_rules(machines: str | None) -> bool:
    """Whether the rules are those that ship with simsync, because there are no others here."""
    return machines is None and not Path("machines").is_dir()
