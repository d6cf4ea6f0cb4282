"""What the two halves of the pytest plugin share: the one that is always loaded, and the one that runs scenarios."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

MACHINES, READING = "--simsync-machines", "--simsync-reading"
SYSTEMS = (COMMAND, HTTP, PYTHON) = ("--simsync-sut", "--simsync-sut-http", "--simsync-sut-python")
MAP, TIMEOUT = "--simsync-map", "--simsync-timeout"
SETTLE_TIMEOUT, QUIET_TIME = "--simsync-settle-timeout", "--simsync-quiet-time"
SCENARIOS_SETTING, MACHINES_SETTING, READINGS_SETTING = "simsync_scenarios", "simsync_machines", "simsync_readings"

ANSWERED = "answered"
"""What a test is, instead of passed, that is a scenario in which nothing is expected."""
NOTHING_EXPECTED = ("expectations", 0)
"""The property of such a test's report."""

MOST_SECONDS = 86_400.0


def seconds(text: str) -> float:
    """A time in seconds; raises ArgumentTypeError, with a sentence, for what is none."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= MOST_SECONDS:
        raise ArgumentTypeError(f"'{text}' is no number of seconds from 0 to {MOST_SECONDS:,.0f}")
    return found


def setting_base(config: pytest.Config) -> Path:
    """What relative paths among the settings are relative to: the directory of pytest's own settings."""
    return config.inipath.parent if config.inipath is not None else config.invocation_params.dir
