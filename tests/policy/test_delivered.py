"""Fields that are carried by direction, once, where empty, or mapped; and fields that nobody sets."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.policy.fields import Carried, Delivery, Field
from simsync.policy.policy import Policy
from simsync.questions.conform.sequences.drives import twins
from simsync.questions.conform.sequences.walks import walks
from simsync.statespace.comparing import first_difference

POLICIES = ROOT / "tests" / "policies"
BOTH = ("front", "back")
EXCHANGE = ("--machines", POLICIES / "exchange")
PRIORITY = "{by: front, as: {P1: Critical, P2: Critical}}"


def field(by: tuple[str, ...] = BOTH, when: Carried = Carried.ALWAYS, **maps: dict[str, str]) -> Field:
    pairs = tuple((partner, tuple(one.items())) for partner, one in maps.items())
    delivery = Delivery(by=by, when=when, maps=pairs)
    return Field(name="f", values=(), default="", delivered=delivery, set_by=("create", "edit"))


@pytest.mark.parametrize(("name", "scenarios"), [("exchange", 7), ("trackers", 5)])
def test_its_scenarios_hold_and_its_rules_are_complete(cli: Run, name: str, scenarios: int) -> None:
    code, out, err = cli("run", "--machines", POLICIES / name, POLICIES / f"{name}_scenarios")
    assert (code, err) == (0, "")
    assert f"{scenarios} scenarios: {scenarios} passed" in out
    assert cli("check", "--machines", POLICIES / name)[0] == 0


@pytest.mark.parametrize(
    ("one", "value", "there", "carried"),
    [
        (field(), "a", "b", "a"),
        (field(by=("back",)), "a", "b", None),
        (field(when=Carried.ONCE), "a", None, "a"),
        (field(when=Carried.ONCE), "a", "", None),
        (field(when=Carried.WHERE_EMPTY), "a", "", "a"),
        (field(when=Carried.WHERE_EMPTY), "a", "b", None),
        (field(front={"a": "A"}), "a", "b", "A"),
        (field(front={"a": "A"}), "b", "c", None),
        (field(back={"A": "a"}), "b", "c", "b"),
    ],
)
def test_a_value_is_carried(one: Field, value: str, there: str | None, carried: str | None) -> None:
    assert one.carried("front", value, there) == carried


@pytest.mark.parametrize(
    ("one", "value", "there", "alike"),
    [
        (field(), "a", "b", False),
        (field(by=("front",)), "a", "b", False),
        (field(when=Carried.ONCE), "a", "b", True),
        (field(when=Carried.WHERE_EMPTY), "a", "b", True),
        (field(when=Carried.WHERE_EMPTY), "", "b", False),
        (field(when=Carried.WHERE_EMPTY), "a", "", False),
        (field(front={"a": "A", "b": "A"}, back={"A": "a"}), "b", "A", True),
        (field(front={"a": "A", "b": "A"}, back={"A": "a"}), "c", "A", False),
        (field(by=("front",), front={"a": "A"}), "c", "A", True),
    ],
)
def test_two_tickets_are_alike(one: Field, value: str, there: str, alike: bool) -> None:
    assert one.alike("front", value, "back", there) is alike


def exchange(tmp_path: Path, old: str, new: str) -> Policy:
    folder = shutil.copytree(POLICIES / "exchange", tmp_path / "machines", dirs_exist_ok=True)
    path = folder / "vocabulary.yaml"
    text = (POLICIES / "exchange" / "vocabulary.yaml").read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return load_model(folder).policy


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("once", "{when: once}"),
        ("where empty", "{by: [front, back], when: where empty}"),
        ("always", "{by: [back, front]}"),
        ("{as: {P1: P2}}", "{as: {front: {P1: P2}, back: {P1: P2}}}"),
    ],
)
def test_what_is_short_for_what(tmp_path: Path, short: str, long: str) -> None:
    one, other = (exchange(tmp_path, PRIORITY, said).vocabulary.fields["priority"] for said in (short, long))
    assert one == other


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("{by: fronte}", "'fronte' is not a partner; did you mean 'front'?"),
        ("{by: []}", "a list of at least 1 is wanted here, not an empty list"),
        ("once only", "'once only' is not how a field is delivered; did you mean 'once'?"),
        ("{when: empty}", "'empty' is not when a field is carried; did you mean 'where empty'?"),
        ("{as: {P1: Crit}}", "'Crit' is not a value of the field; did you mean 'Critical'?"),
        ("{as: {P4: Critical}}", "'P4' is not a key of what values become"),
        ("{as: {front: {P1: P2}, back: P3}}", "what values become, as a mapping, is wanted here, not 'P3'"),
        ("{by: front, as: {back: {P1: P2}}}", "carried by front alone, so that what back's values become is unused"),
        ("{from: front}", "'from' is not a key of how a field is delivered. Allowed: by, when, as"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, said: str, sentence: str) -> None:
    with pytest.raises(SimsyncError, match=re.escape(sentence)):
        exchange(tmp_path, PRIORITY, said)


def test_a_free_text_has_no_values_to_map(tmp_path: Path) -> None:
    with pytest.raises(SimsyncError, match="a free text has none, it is carried as it is"):
        exchange(tmp_path, "delivered: once", "delivered: {as: {a: b}}")


def test_a_field_that_nobody_sets_is_not_for_scenarios(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n- front: create issue I1\n  channel: shop\n")
    code, _, err = cli("run", "--machines", POLICIES / "exchange", tmp_path)
    assert code == 2
    assert "'channel'" in err


def test_no_condition_tests_a_free_text(cli: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(POLICIES / "exchange", tmp_path / "machines")
    rules = (folder / "rules.yaml").read_text()
    (folder / "rules.yaml").write_text(rules.replace("{change: delete}", '{change: delete, here.title: ""}'))
    code, _, err = cli("check", "--machines", folder)
    assert code == 2
    assert "'here.title' is of a free text, which no condition can test" in err


def test_why_tells_how_what_is_set_is_carried(cli: Run) -> None:
    _, out, _ = cli("why", "front: create issue I1", "--set", "story=x", "--set", "priority=P1", *EXCHANGE)
    assert "  story: carried once, as the item comes to a ticket\n" in out
    assert "  priority: carried from front's ticket only, P1 as Critical, P2 as Critical, else nothing\n" in out
    _, out, _ = cli("why", "front: create issue I1", "--set", "title=x", *EXCHANGE)
    assert "carried once" not in out


@pytest.mark.parametrize(
    ("old", "new", "sets"),
    [
        ("delivered: once", "delivered: true", "story"),
        ("delivered: {by: back}", "delivered: true", "fix"),
        ("P2: Critical}", "P2: Normal}", "priority"),
        ("delivered: where empty", "delivered: true", "assignee"),
    ],
)
def test_compare_finds_what_is_carried_otherwise(tmp_path: Path, old: str, new: str, sets: str) -> None:
    exchange(tmp_path, old, new)
    trace = first_difference(load_model(POLICIES / "exchange"), load_model(tmp_path / "machines"))
    assert trace is not None
    assert sets in trace.events[-1].fields


@pytest.mark.parametrize("name", ["exchange", "trackers"])
def test_campaigns_set_only_what_actions_set(name: str) -> None:
    model = load_model(POLICIES / name)
    fields = model.vocabulary.fields
    traces = [drive.trace for drive in (*twins(model), *walks(model, seed=0, count=10))]
    events = [event for trace in traces for event in trace.events]
    assert all(event.action in fields[name].set_by for event in events for name in event.fields)
