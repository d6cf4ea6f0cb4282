"""The pytest plugin: `pytest scenarios/` runs each scenario as a test.

pytest loads this wherever simsync is installed, so it is small: options, fixtures, and a look at the first bytes of a
YAML file. What collects and runs is imported with the first scenario file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

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
    SCENARIOS_SETTING,
    SETTLE_TIMEOUT,
    SYSTEMS,
    TIMEOUT,
    seconds,
    setting_base,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from simsync.pytest_scenarios import ScenarioModule
    from simsync.questions.conform.systems.sut import System

SUFFIXES = (".yaml", ".yml")
HEAD = 16_384
"""Bytes of a file in which its first key has to stand, comments included."""

_FIRST_KEY = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n|---[ \t]*(?:#[^\n]*)?\r?\n)*"
    rb"""(scenario|"scenario"|'scenario')[ \t]*:[ \t]+[^\s#{\[]"""
)
_NOT_SET: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options and settings."""
    group = parser.getgroup("simsync", "scenarios of a synchronization policy (simsync)")
    group.addoption(
        MACHINES,
        metavar="DIR",
        help="The rules to use. Default: machines/ here or in the root directory, else those that ship with simsync.",
    )
    group.addoption(
        READING,
        action="append",
        default=[],
        metavar="NAME=OPTION",
        help="Read an ambiguity of the page this way, where a scenario does not say; repeatable.",
    )
    _add_system_options(group)
    parser.addini(
        SCENARIOS_SETTING,
        "Directories of scenarios; every YAML file in them is one, and no other file is unless it is named. "
        "Not set: every YAML file that starts with 'scenario: what it shows'.",
        type="args",
        default=_NOT_SET,
    )
    parser.addini(MACHINES_SETTING, "The rules to use, as --simsync-machines.", type="string", default="")
    parser.addini(READINGS_SETTING, "Readings, as --simsync-reading, one a line.", type="linelist", default=[])


def _add_system_options(group: pytest.OptionGroup) -> None:
    """Those that name a system under test, and say how to speak to it."""
    group.addoption(
        COMMAND,
        metavar="COMMAND",
        help="Do every scenario with this system under test too, a program that speaks simsync's protocol on its "
        "standard input and output, and compare it with the rules step by step.",
    )
    group.addoption(HTTP, metavar="URL", help="The same with a service that answers to POST.")
    group.addoption(PYTHON, metavar="MODULE:FACTORY", help="The same with an object that a factory makes.")
    group.addoption(MAP, metavar="FILE", help="What the system calls things, and lacks.")
    group.addoption(TIMEOUT, metavar="SECONDS", type=seconds, help="Seconds for an answer. Default: 10.")
    group.addoption(
        SETTLE_TIMEOUT,
        metavar="SECONDS",
        type=seconds,
        help="Look again for so long until all is as expected. Default: 5 for a system that cannot settle, else 0.",
    )
    group.addoption(
        QUIET_TIME,
        metavar="SECONDS",
        type=seconds,
        help="Look on so long for what should not come, where it cannot settle. Default: 0.1, longer at the end.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse two systems at once; for `pytest --markers`, where scenarios are set up, make the markers known."""
    named = [option for option in SYSTEMS if config.getoption(option)]
    if len(named) > 1:
        raise pytest.UsageError(f"one system under test can be named at a time, not {' and '.join(named)}")
    if config.getoption("--markers") and config.getini(SCENARIOS_SETTING):
        from simsync.pytest_scenarios import rules_of

        rules_of(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioModule | None:
    """A scenario file, if this is one."""
    if file_path.suffix.lower() not in SUFFIXES or not _is_ours(file_path, parent):
        return None
    from simsync.pytest_scenarios import ScenarioModule

    return ScenarioModule.from_parent(parent, path=file_path)


def _is_ours(path: Path, parent: pytest.Collector) -> bool:
    if parent.session.isinitpath(path):  # named on the command line
        return True
    folders = parent.config.getini(SCENARIOS_SETTING)
    if folders is _NOT_SET:
        return starts_as_a_scenario(path)
    base = setting_base(parent.config)
    return any(path.is_relative_to(base / folder) for folder in folders)


def starts_as_a_scenario(path: Path) -> bool:
    """Whether a file's first key is ``scenario``, with a text in the same line; no more is read of it than its head."""
    try:
        with open(path, "rb") as stream:
            return _FIRST_KEY.match(stream.read(HEAD)) is not None
    except OSError:
        return False


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, Mapping[str, bool]]] | None:
    """A scenario in which nothing is expected is answered, not passed."""
    if report.when == "call" and report.passed and NOTHING_EXPECTED in map(tuple, report.user_properties):
        return ANSWERED, "o", (ANSWERED.upper(), {"cyan": True})
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Draw what happens in scenarios in which nothing is expected."""
    answered = terminalreporter.getreports(ANSWERED)
    if answered and terminalreporter.config.getoption("tbstyle") != "no":
        terminalreporter.section("answered, nothing expected")
        for report in answered:
            for name, content in report.sections:
                if name == f"Captured {ANSWERED} call":
                    terminalreporter.write_line(content.rstrip("\n") + "\n")


@pytest.fixture(scope="session")
def _simsync_system(pytestconfig: pytest.Config) -> Iterator[System | None]:
    """The system under test that the command line names, once for all tests."""
    if not any(pytestconfig.getoption(option) for option in SYSTEMS):
        yield None
        return
    from simsync.pytest_scenarios import named_system

    system = named_system(pytestconfig)
    yield system
    system.close()


@pytest.fixture
def simsync_sut(request: pytest.FixtureRequest, _simsync_system: System | None) -> System | None:
    """The system under test that `--simsync-sut` names: a `simsync.questions.conform.systems.sut.System`.

    Without one, scenarios are judged by the rules alone, and other tests that ask for it are skipped. A conftest.py
    may give another in its place: a System, or any object that speaks the protocol.
    """
    if _simsync_system is None and not hasattr(request.node, "scenario"):
        pytest.skip("this test needs a system under test; name one, as with --simsync-sut 'COMMAND'")
    return _simsync_system
