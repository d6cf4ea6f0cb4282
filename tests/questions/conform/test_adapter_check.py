"""What looks wrong about an adapter is told in sentences; of a right one, nothing is."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.questions.conform.adapter_check.checking import AdapterCheck, check_adapter
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.questions.conform.systems.protocol import AnswerLimits
from simsync.questions.conform.systems.python import PythonConnection
from simsync.reference import ReferenceSystem

MODEL = load_model(ROOT / "machines")
Json = dict[str, Any]
Twist = Callable[[Json, Json], Json]
"""What becomes of an answer to a request."""


class Twisted:
    """A right system whose answers are twisted."""

    def __init__(self, twist: Twist) -> None:
        self.twist = twist
        self.right = ReferenceSystem(MODEL)

    def __call__(self, request: Json) -> Json:
        return self.twist(request, json.loads(json.dumps(self.right.handle(request))))


def checked(twist: Twist, names: Names = SAME, clock: Iterable[float] = ()) -> AdapterCheck:
    times = iter(clock)
    factory = partial(Twisted, twist)
    connect = partial(PythonConnection, factory)
    return check_adapter(connect, MODEL, names, AnswerLimits(), lambda: next(times, 0.0))


def on(op: str, change: Callable[[Json], Json]) -> Twist:
    return lambda request, answer: change(answer) if request["op"] == op else answer


def shown(change: Callable[[Json], Json]) -> Twist:
    """Each item as a ticket shows it, changed."""

    def twist(answer: Json) -> Json:
        tickets = {p: {n: change(view) for n, view in items.items()} for p, items in answer["tickets"].items()}
        return {**answer, "tickets": tickets}

    return on("observe", twist)


def called(partner: str, name: Callable[[str], str]) -> Twist:
    """The items of one ticket by other names."""

    def twist(answer: Json) -> Json:
        items = {name(one): view for one, view in answer["tickets"][partner].items()}
        return {**answer, "tickets": {**answer["tickets"], partner: items}}

    return on("observe", twist)


class Keeping:
    """What resets nothing from the second time on."""

    def __init__(self) -> None:
        self.resets = 0
        self.last: Json = {}

    def __call__(self, request: Json, answer: Json) -> Json:
        self.resets += request["op"] == "reset"
        if request["op"] == "observe" and self.resets == 2:
            return self.last
        if request["op"] == "observe":
            self.last = {**answer, "notified": []}
        return answer


WRONG: dict[str, tuple[Twist, list[str]]] = {
    "no name": (
        on("hello", lambda a: {**a, "name": ""}),
        ["it has no name; a report is headed by what hello says as 'name'"],
    ),
    "unknown ability": (
        on("hello", lambda a: {**a, "cannot": ["delete nots", "lead: edit other's note"]}),
        ["in 'cannot', 'delete nots' is not an action here; did you mean 'delete note'?"],
    ),
    "status of its own": (
        on("observe", lambda a: {**a, "status": "Open"}),
        [
            "'Open' is not a status; did you mean 'Complete'? Allowed: Unsent, ",
            "after a reset to In Progress, the status is Open",
        ],
    ),
    "unnamed copies": (
        called("service", lambda name: f"copy-{name}"),
        ["copy-N1 on service's ticket says what N1 does: a copy has the name of its original"],
    ),
    "items under ids": (
        called("lead", lambda name: name.replace("N", "4711-")),
        ["'lead: create time entry N1' was done, and lead's ticket does not show N1: "],
    ),
    "not notified": (on("observe", lambda a: {k: v for k, v in a.items() if k != "notified"}), ['has no "notified"']),
    "nobody told": (on("observe", lambda a: {**a, "notified": []}), ["nobody was notified in "]),
    "told again": (
        on("observe", lambda a: {**a, "notified": ["primary contact"]}),
        ["nothing was done, and it says that"],
    ),
    "unknown recipient": (
        on("observe", lambda a: {**a, "notified": a["notified"] and ["primary"]}),
        ["'primary' is not a recipient; did you mean 'primary contact'?"],
    ),
    "kinds of its own": (shown(lambda v: {**v, "kind": "TicketNote"}), ["'TicketNote' is not a kind"]),
    "no kind": (shown(lambda v: {k: v for k, v in v.items() if k != "kind"}), ["lead's N1 has no 'kind'"]),
    "numbers for flags": (
        shown(lambda v: {**v, "internal_users_only": 2}),
        ["shows internal_users_only as 2; here it is false, true, and --map says what it calls these"],
    ),
    "ones for flags": (
        shown(lambda v: {**v, "internal_users_only": 1}),
        ["lead's N1 shows internal_users_only as 1; here it is false, true, and --map says what it calls these"],
    ),
    "no text": (shown(lambda v: {**v, "text": None}), ["lead's N1 shows text as null; a text is wanted"]),
    "texts in a list": (shown(lambda v: {**v, "text": ["x"]}), ['lead\'s N1 shows text as ["x"]; a text is wanted']),
    "a status missing": (
        on("observe", lambda a: {**a, "status": {"lead": a["status"]}}),
        ["after a reset to In Progress, service's status is not shown"],
    ),
    "a field missing": (
        shown(lambda v: {k: v for k, v in v.items() if k != "internal_users_only"}),
        ["of a note it does not show internal_users_only; if it cannot, --map says unseen: [internal_users_only]"],
    ),
    "no reason": (on("act", lambda a: {"refused": True} if "refused" in a else a), ["a refusal has no reason"]),
    "refuses all": (
        on("act", lambda _: {"refused": "no"}),
        ["it refuses 'lead: create time entry N1', which the rules allow"],
    ),
    "errors for refusals": (
        on("act", lambda a: {"error": "500"} if "refused" in a else a),
        ["act is answered with an error, which says that the system failed: 500"],
    ),
    "cannot settle": (on("settle", lambda _: {"error": "what?"}), ["settle is answered with an error"]),
    "tickets of others": (
        on("observe", lambda a: {**a, "tickets": {**a["tickets"], "laed": {}}}),
        ["it shows a ticket of 'laed'; the partners are lead, service"],
    ),
    "resets nothing": (Keeping(), ["a reset leaves 6 items on lead's ticket, such as N1"]),
    "of the wrong shape": (on("observe", lambda _: {"status": 1}), ['an object as "tickets"']),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_looks_wrong_is_said(wrong: str) -> None:
    twist, sentences = WRONG[wrong]
    told = [one.sentence for one in checked(twist).remarks]
    for sentence in sentences:
        assert any(sentence in one for one in told), told
    assert len(told) == len(set(told))


def test_of_a_right_one_nothing_is_said() -> None:
    found = checked(lambda _, answer: answer)
    assert (found.remarks, found.ended) == ([], False)
    asked = [one.asked for one in found.exchanges]
    assert [one["op"] for one in asked].count("reset") == 2
    done = {(one["actor"], one["action"]) for one in asked if one["op"] == "act"}
    assert {(who, what) for who in ("lead", "service") for what in ("create", "edit", "delete")} <= done


@pytest.mark.parametrize("wrong", ["ones for flags", "no text", "texts in a list"])
def test_what_is_wrong_with_each_item_is_said_once(wrong: str) -> None:
    (told,) = checked(WRONG[wrong][0]).remarks
    assert WRONG[wrong][1] == [told.sentence]


def test_each_disruption_is_tried_once() -> None:
    answers: dict[str, Json] = {
        "cut": {"ok": True, "struck": None},
        "killed": {"error": "no such part"},
        "slow": {"ok": True},
    }

    def twist(request: Json, answer: Json) -> Json:
        if request["op"] == "hello":
            return {**answer, "disruptions": [*answers]}
        return answers[request["what"]] if request["op"] == "disrupt" else answer

    found = checked(twist)
    asked = [one.asked for one in found.exchanges]
    assert [one["what"] for one in asked if one["op"] == "disrupt"] == [*answers]
    assert [one.sentence for one in found.remarks] == [
        '"struck" is true or false: whether the disruption had an effect',
        "disrupt is answered with an error, which says that the system failed: no such part",
    ]


def test_what_it_cannot_do_is_not_asked() -> None:
    cannot = ["lead: create", "edit other's note", "delete", "notified"]
    found = checked(on("hello", lambda a: {**a, "can": [], "cannot": cannot}))
    acts = [one.asked for one in found.exchanges if one.asked["op"] == "act"]
    assert not any((one["actor"], one["action"]) == ("lead", "create") or one["action"] == "delete" for one in acts)
    assert found.exchanges[1].asked == {"op": "reset", "status": "Unsent"}
    assert found.remarks == []


def test_a_slow_answer_is_told() -> None:
    found = checked(lambda _, answer: answer, clock=[0, 5, 5, 8.2])
    assert [one.sentence for one in found.remarks] == [
        "3.2 s for an answer to reset; a campaign asks some 20,000 times"
    ]


def test_the_command_prints_the_transcript(cli: Run, tmp_path: Path) -> None:
    noisy = tmp_path / "noisy.py"
    noisy.write_text("print('ready')\ninput()\n")
    code, out, _ = cli("conform", "--sut", f"{sys.executable} {noisy}", "--check-adapter")
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == '  1 -> {"op": "hello", "protocol": 1}'
    assert "1 thing looks wrong" in out
    assert "ready" in out
    minimal = f"{sys.executable} {ROOT / 'examples' / 'adapters' / 'minimal.py'}"
    code, out, _ = cli("conform", "--sut", minimal, "--check-adapter", "--format", "json")
    told = json.loads(out)
    assert (code, told["looks_right"], told["remarks"], told["carried_through"]) == (0, True, [], True)
    assert told["exchanges"][0]["request"] == '{"op": "hello", "protocol": 1}'
    code, _, err = cli("conform", "--sut", minimal, "--check-adapter", "--random", "3")
    assert (code, "--random: usage: --check-adapter asks for one sequence of its own; leave this out" in err) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("both", "refused"),
    [
        (("--plan", "--infer-readings"), "--plan: usage: --infer-readings chooses"),
        (("--check-adapter", "--plan"), "--plan: usage: --check-adapter asks"),
        (("--check-adapter", "--infer-readings"), "--infer-readings: usage: --check-adapter asks"),
        (("--check-adapter", "--random", "1"), "--random: usage: --check-adapter asks"),
    ],
)
def test_what_means_nothing_beside_another_is_refused(cli: Run, both: tuple[str, ...], refused: str) -> None:
    code, out, err = cli("conform", "--sut-python", "simsync.reference:system", *both)
    assert (code, out) == (2, ""), err
    assert refused in err
