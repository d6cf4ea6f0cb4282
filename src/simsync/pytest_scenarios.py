"""Scenario files as pytest's: a file a collector, a scenario an item. Imported with the first scenario file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

from simsync.app import chosen_readings, load_model, machines_directory
from simsync.engine.model import Model
from simsync.errors import Diagnostic, SimsyncError
from simsync.pytest_settings import (
    ANSWERED,
    COMMAND,
    HTTP,
    MACHINES,
    MACHINES_SETTING,
    MAP,
    NOTHING_EXPECTED,
    PYTHON,
    QUIET_TIME,
    READING,
    READINGS_SETTING,
    SETTLE_TIMEOUT,
    SYSTEMS,
    TIMEOUT,
    setting_base,
)
from simsync.questions.conform.campaign.trial import try_scenario
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.fault_localization import Rule
from simsync.questions.conform.report.text import fault_lines
from simsync.questions.conform.systems.direct import DirectConnection
from simsync.questions.conform.systems.files import load_names
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.questions.conform.systems.protocol import AnswerLimits
from simsync.questions.conform.systems.settling import Settling
from simsync.questions.conform.systems.sut import Connect, System
from simsync.questions.conform.systems.ways import by_command, by_http, by_python
from simsync.questions.run.report import drawn
from simsync.report import phrases
from simsync.report.terminal import PLAIN_WIDTH, glyphs_for
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult, run_scenario

_MARKER = re.compile(r"[A-Za-z0-9][\w.+/-]*")
_MEANT_OTHERWISE = frozenset(
    {"filterwarnings", "parametrize", "skip", "skipif", "tryfirst", "trylast", "usefixtures", "xfail"}
)


class SessionRules:
    """The rules of one session, and what reads scenarios for them; loaded once, whether that succeeds or not."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.problems: tuple[Diagnostic, ...] = ()
        self.told = False
        try:
            self.model = _model(config)
        except SimsyncError as error:
            self.problems = error.diagnostics
            return
        self.loader = ScenarioLoader(self.model.factory)
        self.markers = register_markers(config, self.model)

    def system(self, found: Any) -> System:
        """What a fixture gives for a system under test, as one: itself, or an object that speaks the protocol."""
        if isinstance(found, System):
            return found
        return self.connected(partial(DirectConnection, found))

    def connected(self, connect: Connect) -> System:
        """A system, by the names and with the patience that the options say; fails the test where they are bad."""
        option = self._config.getoption
        seconds = option(TIMEOUT)
        limits = AnswerLimits() if seconds is None else AnswerLimits(seconds=seconds)
        settling = Settling(seconds=option(SETTLE_TIMEOUT), quiet=option(QUIET_TIME))
        try:
            return System(connect, self.model, self._names, limits, settling)
        except SimsyncError as error:
            pytest.fail("\n".join(map(phrases.diagnostic, error.diagnostics)), pytrace=False)

    @cached_property
    def _names(self) -> Names:
        path = self._config.getoption(MAP)
        return SAME if path is None else load_names(path, self.model)

    def complaint(self) -> str:
        """What is wrong with the rules, whole only once: it keeps every file from being read."""
        if self.told:
            return "the rules cannot be used; what is wrong with them is told at the first scenario file"
        self.told = True
        return "\n".join(phrases.diagnostic(found) for found in self.problems)


_RULES = pytest.StashKey[SessionRules]()


def rules_of(config: pytest.Config) -> SessionRules:
    """The rules of a session."""
    if _RULES not in config.stash:
        config.stash[_RULES] = SessionRules(config)
    return config.stash[_RULES]


def _model(config: pytest.Config) -> Model:
    option, setting = config.getoption(MACHINES), config.getini(MACHINES_SETTING)
    here = machines_directory()
    if option is not None:
        here = Path(option)
    elif setting:
        here = setting_base(config) / setting
    elif not Path("machines").is_dir() and (config.rootpath / "machines").is_dir():
        here = config.rootpath / "machines"
    readings = chosen_readings(config.getini(READINGS_SETTING), READINGS_SETTING)
    readings |= chosen_readings(config.getoption(READING), READING)
    return load_model(here, readings)


def register_markers(config: pytest.Config, model: Model) -> frozenset[str]:
    """Register a marker for everything that a scenario can cite; gives their names.

    An id that pytest could not take for a marker, or would take for one of its own, is left out.
    """
    citations = model.policy.citations
    markers = {one for one in citations if _MARKER.fullmatch(one)} - _MEANT_OTHERWISE
    for one in citations:
        if one in markers:
            config.addinivalue_line("markers", f"{one}: {citations.text(one)}")
    return frozenset(markers)


class ScenarioModule(pytest.Module):
    """A scenario file. A module to pytest, as its own text files are, so that fixtures of a module's scope work."""

    obj: Any = None

    def collect(self) -> Iterator[ScenarioItem]:
        """The scenarios; a file with any problem has none, and is an error with all of them as sentences."""
        rules = rules_of(self.config)
        if rules.problems:
            raise self.CollectError(rules.complaint())
        file = rules.loader.load_file(_from_here(self.path))
        if file.diagnostics:
            raise self.CollectError("\n".join(phrases.diagnostic(found) for found in file.diagnostics))
        for name, scenario in zip(_names(file.scenarios), file.scenarios, strict=True):
            item: ScenarioItem = ScenarioItem.from_parent(self, name=name, callobj=_player(rules, scenario))
            item.about(scenario, rules.markers)
            yield item


def _from_here(path: Path) -> str:
    """A path as somebody in the working directory would write it."""
    try:
        shown = os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)
    return str(path) if shown.startswith(os.pardir) else shown


def _names(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """A name for each item that is its own: pytest's `::` does not stand in it, and what is said twice is numbered."""
    taken: set[str] = set()
    for scenario in scenarios:
        plain = name = phrases.printable(scenario.name).replace("::", ":")
        number = 1
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        yield name


def named_system(config: pytest.Config) -> System:
    """The system under test that an option names; a test that asks for it fails where it cannot be had."""
    option = next(option for option in SYSTEMS if config.getoption(option))
    if option == HTTP and int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
        pytest.fail("several workers would do their scenarios with one service at once; run without -n", pytrace=False)
    rules = rules_of(config)
    if rules.problems:
        pytest.fail(rules.complaint(), pytrace=False)
    connect = _connector(option, config.getoption(option))
    if not callable(connect):
        pytest.fail("\n".join(phrases.diagnostic(replace(found, file=option)) for found in connect), pytrace=False)
    return rules.connected(connect)


def _connector(option: str, value: str) -> Connect | tuple[Diagnostic, ...]:
    """How to come to the system that an option names, or what is wrong with it."""
    by = {COMMAND: by_command, HTTP: by_http, PYTHON: by_python}[option]
    try:
        return by(value)
    except SimsyncError as error:
        return error.diagnostics


def _player(rules: SessionRules, scenario: Scenario) -> Callable[[Any], None]:
    def play(simsync_sut: Any) -> None:
        result = run_scenario(rules.model, scenario)
        if not result.passed:
            raise ScenarioFailed(rules.model, result)
        if simsync_sut is not None:
            _judge(rules.system(simsync_sut), rules.model, scenario)

    return play


def _judge(system: System, model: Model, scenario: Scenario) -> None:
    trial = try_scenario(system, model, scenario)
    if trial.faulty is not None:
        raise SystemFailed(trial.faulty)
    if trial.untried is not None:
        pytest.skip(f"not tried on the system: {trial.untried}")
    if trial.diverged is not None:
        raise ScenarioFailed(model, trial.diverged, system=_name(system), rules=trial.rules)


def _name(system: System) -> str:
    return f"the system '{phrases.printable(system.hello.name)}'" if system.hello.name else "the system"


class ScenarioItem(pytest.Function):
    """A scenario. A function to pytest, so that it has fixtures."""

    scenario: Scenario

    def about(self, scenario: Scenario, markers: frozenset[str]) -> None:
        """Say which scenario it is; ``markers`` are what can be one of what it cites."""
        self.scenario = scenario
        for source in scenario.sources:
            self.extra_keyword_matches.add(source)
            if source in markers:
                self.add_marker(source)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, the line from 0, and the name."""
        return self.path, self.scenario.line - 1, self.name

    def runtest(self) -> None:
        """Run it; where nothing was expected and there is no system to compare with, say so and draw what happens."""
        super().runtest()
        if self.scenario.expectations or self.funcargs.get("simsync_sut") is not None:
            return
        model = rules_of(self.config).model
        glyphs = glyphs_for(sys.__stdout__ or sys.stdout)
        result = run_scenario(model, self.scenario)
        self.user_properties.append(NOTHING_EXPECTED)
        self.add_report_section(
            "call", ANSWERED, drawn(model, result, glyphs=glyphs, coloured=False, width=PLAIN_WIDTH)
        )

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:  # type: ignore[override] # pytest's own type for it is private
        """The dialogue that `simsync run` draws, for a scenario that failed."""
        if isinstance(excinfo.value, ScenarioFailed):
            return DrawnFailure(excinfo.value)
        if isinstance(excinfo.value, SystemFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class SystemFailed(Exception):  # noqa: N818 - the system's fault, not an error of ours
    """A system about which nothing can be said, because it does not answer as it should."""

    def __init__(self, driven: Driven) -> None:
        lines = [line for line, _ in fault_lines(driven)]
        super().__init__("\n".join(["The system under test cannot be judged.", *lines]))


class ScenarioFailed(AssertionError):  # noqa: N818 - named as pytest says it
    """A scenario that did not hold, or that a system does otherwise than the rules."""

    def __init__(
        self, model: Model, result: ScenarioResult, system: str | None = None, rules: tuple[Rule, ...] = ()
    ) -> None:
        self.model = model
        self.result = result
        self.system = system
        self.rules = rules
        self.failures = [failure for step in result.steps for failure in step.failures]
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The first expectation that was not met, in a line, and how many more."""
        first, *more = self.failures
        expected, actual = phrases.sides(first)
        rest = f" (and {len(more)} more)" if more else ""
        whose = f"{self.system}, " if self.system else ""
        return f"{whose}{phrases.place(first)}: expected {expected}, found {actual}{rest}"


class Crash(NamedTuple):
    """Where a scenario failed and how, for pytest's summary."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


class _Terminal(Protocol):
    hasmarkup: bool

    @property
    def fullwidth(self) -> int: ...

    def write(self, msg: str) -> None: ...


class DrawnFailure:
    """A failed scenario as pytest prints it: with colours and as wide as the terminal where there is one."""

    def __init__(self, failed: ScenarioFailed) -> None:
        self._failed = failed
        self.reprcrash = Crash(failed.result.scenario.file, failed.failures[0].line, str(failed))

    def toterminal(self, tw: _Terminal) -> None:
        """Draw it on pytest's terminal."""
        tw.write(self._drawn(coloured=tw.hasmarkup, width=tw.fullwidth if tw.hasmarkup else PLAIN_WIDTH))

    def __str__(self) -> str:
        return self._drawn(coloured=False, width=PLAIN_WIDTH).rstrip("\n")

    def _drawn(self, *, coloured: bool, width: int) -> str:
        glyphs = glyphs_for(sys.__stdout__ or sys.stdout)
        failed = self._failed
        dialogue = drawn(failed.model, failed.result, glyphs=glyphs, coloured=coloured, width=width)
        if failed.system is None:
            return dialogue
        line = failed.failures[0].line
        what = f"What {failed.system} shows after line {line} is not what the rules say, which is drawn and expected."
        return f"{what}\n{self._blamed()}\n{dialogue}"

    def _blamed(self) -> str:
        """The rules that a system breaks, the likeliest first; nothing where no rule has a say, as in a refusal."""
        broken = [f"{rule.id} [{' '.join(rule.sources)}]" for rule in self._failed.rules]
        if not broken:
            return ""
        first, *others = broken
        return f"Most likely it breaks {first}{'; else ' if others else ''}{', '.join(others)}.\n"
