"""What the two halves of the pytest plugin share: the one that is always loaded, and the one that runs scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

MACHINES, READING = "--simsync-machines", "--simsync-reading"
SYSTEMS = (COMMAND, HTTP, PYTHON) = ("--simsync-sut", "--simsync-sut-http", "--simsync-sut-python")
SCENARIOS_SETTING, MACHINES_SETTING, READINGS_SETTING = "simsync_scenarios", "simsync_machines", "simsync_readings"


def setting_base(config: pytest.Config) -> Path:
    """What relative paths among the settings are relative to: the directory of pytest's own settings."""
    return config.inipath.parent if config.inipath is not None else config.invocation_params.dir
