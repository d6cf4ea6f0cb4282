"""The pytest plugin: `pytest scenarios/` runs each scenario as a test.

pytest loads this wherever simsync is installed, so it is small: options, fixtures, and a look at the first bytes of a
YAML file. What collects and runs is imported with the first scenario file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from simsync.pytest_scenarios import ScenarioFile

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
        "--simsync-machines",
        metavar="DIR",
        help="The rules to use. Default: machines/ here or in the root directory, else those that ship with simsync.",
    )
    group.addoption(
        "--simsync-reading",
        action="append",
        default=[],
        metavar="NAME=OPTION",
        help="Read an ambiguity of the page this way, where a scenario does not say; repeatable.",
    )
    group.addoption(
        "--simsync-sut",
        metavar="COMMAND",
        help="Run every scenario against this system under test too, and compare it with the rules step by step.",
    )
    parser.addini(
        "simsync_scenarios",
        "Directories of scenarios; every YAML file in them is one, and no other file is unless it is named. "
        "Not set: every YAML file that starts with 'scenario: what it shows'.",
        type="args",
        default=_NOT_SET,
    )
    parser.addini("simsync_machines", "The rules to use, as --simsync-machines.", type="string", default="")
    parser.addini("simsync_readings", "Readings, as --simsync-reading, one a line.", type="linelist", default=[])
    parser.addini("simsync_sut", "The system under test, as --simsync-sut.", type="string", default="")


def pytest_configure(config: pytest.Config) -> None:
    """For `pytest --markers`, where scenarios are set up: the markers are known before any file is read."""
    if config.getoption("--markers") and config.getini("simsync_scenarios"):
        from simsync.pytest_scenarios import rules_of

        rules_of(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """A scenario file, if this is one."""
    if file_path.suffix not in SUFFIXES or not _is_ours(file_path, parent):
        return None
    from simsync.pytest_scenarios import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def _is_ours(path: Path, parent: pytest.Collector) -> bool:
    if parent.session.isinitpath(path):  # named on the command line
        return True
    folders = parent.config.getini("simsync_scenarios")
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


def setting_base(config: pytest.Config) -> Path:
    """What relative paths among the settings are relative to: the directory of pytest's own settings."""
    return config.inipath.parent if config.inipath is not None else config.invocation_params.dir
