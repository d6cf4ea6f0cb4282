"""Forty and more slips of the pen that somebody new makes: each is named, with the line as it should be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.policy.loading.policy import load_policy
from simsync.scenarios.loading import ScenarioLoader

SLIPS = json.loads((ROOT / "tests" / "slips.json").read_text())
"""By ``scenarios`` each slip with the file that has it, by ``machines`` what is written instead of what in which file;
and the place and the sentence of the first problem."""


def named(slip: dict[str, str]) -> str:
    return slip["slip"]


@pytest.fixture(scope="module")
def loader() -> ScenarioLoader:
    return ScenarioLoader(load_model(ROOT / "machines").factory)


@pytest.mark.parametrize("slip", SLIPS["scenarios"], ids=named)
def test_a_slip_in_a_scenario_is_named(loader: ScenarioLoader, slip: dict[str, str]) -> None:
    found, *_ = loader.load_bytes(slip["text"].encode(), "f").diagnostics
    assert (f"{found.line}:{found.col}", found.message) == (slip["place"], slip["sentence"])


@pytest.mark.parametrize("slip", SLIPS["machines"], ids=named)
def test_a_slip_in_the_rules_is_named(tmp_path: Path, slip: dict[str, str]) -> None:
    folder = shutil.copytree(ROOT / "tests" / "policies" / "atelier", tmp_path / "machines")
    path = folder / f"{slip['part']}.yaml"
    text = path.read_text()
    assert slip["old"] in text
    path.write_text(text.replace(slip["old"], slip["new"], 1))
    with pytest.raises(SimsyncError) as raised:
        load_policy(folder)
    found, *_ = raised.value.diagnostics
    assert (f"{found.line}:{found.col}", found.message) == (slip["place"], slip["sentence"])


def test_two_scenarios_that_no_line_parts_are_one_problem(loader: ScenarioLoader) -> None:
    one = "scenario: x\nabout: a\nsteps:\n  - service: create note N1\n"
    (found,) = loader.load_bytes((one + one.replace("x", "y")).encode(), "f").diagnostics
    assert (found.line, found.message) == (5, "another scenario starts here; put a line '---' before it")
