"""The short adapters of the documentation, in Python and JavaScript: they run, and are right in all that they can."""

from __future__ import annotations

import shutil
import sys

import pytest

from campaigns import SCENARIOS
from conftest import ROOT
from driving import Driven, diverges, drive
from systems.desks import MODEL

DEFAULTS = [s for s in SCENARIOS if all(MODEL.readings[name] == option for name, option in s.readings.items())]
NOTES_ONLY = [
    s
    for s in DEFAULTS
    if s.status in ("Unsent", "Assigned", "Accepted", "In Progress")
    and all(
        step.event.kind in (None, "note")
        and step.event.action in ("create", "edit", "delete", "outsource", "accept", "start", "complete")
        for step in s.steps
    )
]


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_short_adapter_agrees_in_all_that_it_can(language: str) -> None:
    adapters = ROOT / "examples" / "adapters"
    if language == "python":
        command = [sys.executable, str(adapters / "minimal.py")]
    else:
        node = shutil.which("node")
        if node is None:
            pytest.skip("no node on PATH")
        command = [node, str(adapters / "minimal.mjs")]
    assert len(NOTES_ONLY) >= 20
    with Driven(command) as minimal:
        hello = minimal.ask(op="hello", protocol=1)
        assert hello["protocol"] == 1
        assert {"create note", "complete"} <= set(hello["can"])
        for scenario in NOTES_ONLY:
            assert diverges(minimal, MODEL, scenario) is None, f"line {scenario.line} of {scenario.file}"
        drive(minimal, "In Progress")
        refused = minimal.ask(op="act", actor="lead", action="create", kind="charge", item="C1", fields={})
        assert refused == {"refused": "there is no charge here, only notes"}
        assert "refused" in minimal.ask(op="act", actor="service", action="insource complete")
        assert minimal.ask(op="fly") == {"error": "there is no operation fly"}
