"""unison itself is held against its policy, under several of its preferences."""

from __future__ import annotations

import json
import re
import sys

import pytest

import simsync
from conftest import ROOT, Run, besides_the_plan
from examples.policies.unison.system import DELETING, Unison
from simsync.app import load_model
from systems.needed import needs

sys.path.insert(0, str(ROOT / "docs"))

import refresh

POLICY = ROOT / "examples" / "policies" / "unison"
SYSTEM = "examples.policies.unison.system"
OPTIONS = {"keep_a": "a", "keep_b": "b"}
VERSION = re.compile(r"^unison \d+\.\d+\.\d+", re.M)

pytestmark = [pytest.mark.thorough, needs("unison", module=False)]

PREFERENCES: list[dict[str, str]] = [
    {},
    {"prefer": "b"},
    {"prefer": "newer"},
    {"force": "b", "keep_a": "nodeletion"},
    {"force": "a", "prefer": "b", "keep_b": "noupdate"},
    {"keep_a": "nodeletion", "keep_b": "nodeletion"},
    {"prefer": "a", "keep_b": "nocreation"},
    {"prefer": "newer", "keep_a": "noupdate", "keep_b": "nocreation"},
]


def told(readings: dict[str, str]) -> list[str]:
    """The options of unison by which it should do what some readings say."""
    pairs = [
        (f"-{option}", OPTIONS[name]) if name in OPTIONS else (f"-{name}", option) for name, option in readings.items()
    ]
    return [DELETING, *(word for pair in pairs for word in pair)]


@pytest.mark.parametrize("readings", PREFERENCES, ids=lambda readings: " ".join(told(readings)[1:]) or "plain")
def test_it_does_what_its_manual_says_of_preferences(readings: dict[str, str]) -> None:
    model = load_model(POLICY / "machines").under(readings)
    walked = simsync.conform(model, Unison(*told(readings)), walks=30)
    assert walked.holds, str(walked)
    played = simsync.conform(model, Unison(*told(readings)), POLICY / "scenarios")
    assert played.holds, str(played)


def test_what_it_was_not_told_to_prefer_is_found_out(cli: Run) -> None:
    given = ("--machines", POLICY / "machines", "--sut-python", f"{SYSTEM}:preferring", POLICY / "scenarios")
    code, out, err = cli("conform", *given, "--reading", "prefer=b", "--random", "20")
    assert (code, besides_the_plan(err)) == (1, "")
    assert "this system behaves as read by prefer=a" in out


@pytest.mark.parametrize(
    ("factory", "settled"),
    [
        ("plain", {"prefer": "none", "force": "none", "keep_a": "none", "keep_b": "none"}),
        (
            "newest",
            {"prefer": "newer", "newer_deletion": "file", "force": "none", "keep_a": "none", "keep_b": "nodeletion"},
        ),
        ("mirroring", {"force": "a", "keep_b": "nodeletion"}),
    ],
)
def test_settings_that_nobody_tells_are_found_out(cli: Run, factory: str, settled: dict[str, str]) -> None:
    given = ("--machines", POLICY / "machines", "--sut-python", f"{SYSTEM}:{factory}")
    code, out, err = cli("conform", *given, "--infer-readings", "--format", "json")
    assert (code, err) == (0, "")
    readings = json.loads(out)["readings"]
    assert {name: one["option"] for name, one in readings.items() if one["verdict"] == "settled"} == settled


SHOWN = [shown for block in refresh.BLOCK.findall(refresh.UNISON.read_text()) for shown in refresh.commands(block)]


@pytest.mark.parametrize(("command", "text"), SHOWN, ids=[command.split("system:")[1] for command, _ in SHOWN])
def test_its_page_shows_what_the_commands_print(command: str, text: str) -> None:
    printed = refresh.printed_by_a_process(command)
    assert VERSION.sub("unison", printed) == VERSION.sub("unison", text), "the page is stale; run: make docs"
