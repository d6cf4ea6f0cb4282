"""The skeleton for the vendor's product asks and answers as recorded, and its copy of the helper is the printed one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from autotask_adapter import Autotask, Instance
from conftest import ROOT
from simsync.app import load_model
from simsync.questions.adapter.printed import adapter_file
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.mapping import SAME
from simsync_adapter import Protocol, Refused

FOLDER = ROOT / "examples" / "autotask"
RECORDED: dict[str, Any] = json.loads((FOLDER / "recorded.json").read_text(encoding="utf-8"))
MODEL = load_model(ROOT / "machines")


class Replay:
    """Answers as recorded, to the very requests that were recorded."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []

    def of(self, partner: str) -> Instance:
        """A partner's instance."""

        def send(*asked: Any) -> tuple[int, Any]:
            *expected, status, answer = self.calls.pop(0)
            assert [partner, *asked] == expected
            return status, answer

        return Instance({"usual": RECORDED["usual"]}, send)


def adapted(replay: Replay) -> Autotask:
    replay.calls = [*RECORDED["first"]]
    pairs = {"In Progress": {"lead": 7001, "service": 9001}, "Assigned": {"lead": 7002, "service": None}}
    made = Autotask(pairs, {partner: replay.of(partner) for partner in ("lead", "service")})
    assert replay.calls == []
    return made


def test_it_asks_and_answers_as_recorded() -> None:
    replay = Replay()
    protocol = Protocol(adapted(replay))
    assert len(RECORDED["steps"]) > 10
    for step in RECORDED["steps"]:
        replay.calls = [*step["calls"]]
        assert protocol.handle(step["request"]) == step["answer"]
        assert replay.calls == []


def test_the_recording_has_every_kind_a_refusal_and_a_note_of_the_products_own() -> None:
    kinds = {step["request"].get("kind") for step in RECORDED["steps"]} - {None}
    assert kinds == set(MODEL.vocabulary.kinds)
    answers = [step["answer"] for step in RECORDED["steps"]]
    assert any("refused" in answer for answer in answers)
    shown = [view for answer in answers for ticket in answer.get("tickets", {}).values() for view in ticket.values()]
    assert any(view.get("system") for view in shown)


def test_what_it_cannot_do_are_actions_of_the_rules() -> None:
    mine = adapted(Replay())
    ability = Ability(MODEL, SAME, (), tuple(one for one in mine.cannot if one not in ("settle", "notified")))
    assert ability.strange == ()
    triggers = set(MODEL.factory.triggers)
    assert triggers <= set(mine.cannot)


def test_what_goes_wrong_is_a_failure_and_what_is_refused_is_not() -> None:
    replay = Replay()
    mine = adapted(replay)
    instance = mine.instances["lead"]
    replay.calls = [["lead", "GET", "Tickets/1/Notes", None, 401, "who are you?"]]
    with pytest.raises(RuntimeError, match="401 to GET Tickets/1/Notes: who are you"):
        instance.call("GET", "Tickets/1/Notes")
    replay.calls = [["lead", "DELETE", "TimeEntries/1", None, 404, None]]
    with pytest.raises(Refused, match="it is not there"):
        instance.call("DELETE", "TimeEntries/1")
    replay.calls = [["lead", "GET", "Tickets/1/Notes", None, 500, "<html>"]]
    with pytest.raises(RuntimeError, match="500 to GET"):
        instance.call("GET", "Tickets/1/Notes")
    with pytest.raises(RuntimeError, match=r"settings\.json names no pair of tickets that is Complete"):
        mine.begin("Complete")
    mine.begin("Assigned")
    assert [*mine.entries("service")] == []
    with pytest.raises(Refused, match="service has no ticket"):
        mine.create("service", "note", "N1", {})


def test_pages_are_followed() -> None:
    replay = Replay()
    instance = adapted(replay).instances["lead"]
    following = "https://webservices2.autotask.net/next"
    replay.calls = [
        [
            "lead",
            "GET",
            "Tickets/1/Notes",
            None,
            200,
            {"items": [{"id": 1}], "pageDetails": {"nextPageUrl": following}},
        ],
        ["lead", "GET", following, None, 200, {"items": [{"id": 2}], "pageDetails": {"nextPageUrl": None}}],
    ]
    assert [one["id"] for one in instance.listed("Tickets/1/Notes")] == [1, 2]


def test_its_helper_is_the_one_that_is_printed() -> None:
    path = FOLDER / "simsync_adapter.py"
    message = f"stale; run: simsync adapter --python > {path.relative_to(ROOT)}"
    assert path.read_text(encoding="utf-8") == adapter_file(MODEL, "python"), message
