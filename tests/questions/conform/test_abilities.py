"""What a system cannot do may be told by who does it, and on whose items."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.policy import ALONE
from simsync.questions.conform.systems.abilities import Ability, Deed, Deeds
from simsync.questions.conform.systems.files import mapping_shape
from simsync.questions.conform.systems.mapping import SAME, Names

MODEL = load_model(ROOT / "machines")
THEIRS = Names(
    partners={"lead": "customer"}, kinds={"note": "TicketNote"}, actions={"create": "add", "complete": "finish"}
)
CREATED = Event(actor="lead", action="create", item="N1", kind="note")
WORLD = step(MODEL, World("In Progress"), CREATED).after


def event(text: str) -> Event:
    actor, _, rest = text.partition(": ")
    action = rest.partition(" N1")[0]
    return Event(actor=actor, action=action, item="N1" if " N1" in rest else None)


@pytest.mark.parametrize(
    ("cannot", "lacking", "possible"),
    [
        ("edit", {"lead: edit N1": "edit note", "service: edit N1": "edit note"}, ["lead: delete N1"]),
        ("lead: edit", {"lead: edit N1": "lead: edit"}, ["service: edit N1"]),
        ("edit other's", {"service: edit N1": "edit other's"}, ["lead: edit N1"]),
        ("edit other's note", {"service: edit N1": "edit other's note"}, ["lead: edit N1", "service: delete N1"]),
        ("edit other's charge", {}, ["service: edit N1"]),
        ("service: delete own note", {}, ["service: delete N1", "lead: delete N1"]),
        ("lead: delete own note", {"lead: delete N1": "lead: delete own note"}, ["service: delete N1"]),
        (
            "service: insource complete",
            {"service: insource complete": "service: insource complete"},
            ["lead: complete"],
        ),
        ("lead: insource complete", {}, ["service: insource complete"]),
    ],
)
def test_what_is_covered(cannot: str, lacking: dict[str, str], possible: list[str]) -> None:
    ability = Ability(MODEL, SAME, (), (cannot,))
    assert {text: ability.lacks(WORLD, event(text)) for text in lacking} == lacking
    assert [ability.lacks(WORLD, event(text)) for text in possible] == [None] * len(possible)
    assert ability.strange == ()


def test_can_names_all_that_there_is() -> None:
    ability = Ability(MODEL, SAME, ("lead: create note", "edit own"), ())
    assert ability.lacks(World("In Progress"), CREATED) is None
    assert ability.lacks(WORLD, event("lead: edit N1")) is None
    assert ability.lacks(WORLD, event("service: edit N1")) == "edit note"
    assert ability.lacks(WORLD, event("lead: complete")) == "complete"


def test_they_are_read_in_the_names_of_the_system() -> None:
    deeds = Deeds(MODEL.vocabulary, MODEL.factory.triggers, THEIRS)
    assert deeds.read("customer: add TicketNote") == Deed(action="create", actor="lead", kind="note")
    assert deeds.read("finish") == Deed(action="complete")
    assert deeds.read("customer:edit other's TicketNote") == Deed(
        action="edit", actor="lead", whose="other's", kind="note"
    )
    strange = (
        "add own",
        "nobody: edit",
        "edit others note",
        "lead: fly",
        "",
        "edit  nothing",
        ":",
        "edit other's fish",
    )
    assert [deeds.read(one) for one in strange] == [None] * len(strange)
    assert Ability(MODEL, THEIRS, (), strange).strange == tuple(sorted(strange))


def test_a_mapping_says_them_and_its_schema_knows_them(cli: Run, tmp_path: Path) -> None:
    schema = Draft202012Validator(mapping_shape(MODEL.policy).schema())
    right = ["delete", "edit other's note", "lead: create", "settle", "service: edit own", "lead: complete"]
    wrong = ["edit others note", "laed: create", "create own note", "service: edit other's fish"]
    assert all(schema.is_valid({"cannot": one}) for one in right)
    assert not any(schema.is_valid({"cannot": one}) for one in wrong)
    path = tmp_path / "map.yaml"
    path.write_text(f"cannot: {right}\n")
    command = ("conform", "--sut-python", "simsync.reference:system", "--map", str(path), "scenarios/severing.yaml")
    code, out, _ = cli(*command)
    assert (code, "since this system cannot: edit other's note" in out) == (2, True) or code == 0
    path.write_text("cannot: [laed: create]\n".replace("laed: create", "'laed: create'"))
    code, _, err = cli(*command)
    assert (code, "'laed: create' is not an action" in err) == (2, True)


@pytest.mark.parametrize("name", ["bare", "bridge", "charter", "trackers"])
def test_any_policy_has_them(name: str) -> None:
    model = load_model(ROOT / "tests" / "policies" / name)
    deeds = Deeds(model.vocabulary, model.factory.triggers)
    assert all(str(deeds.read(one)) == one for one in deeds.plain)
    for actor in model.vocabulary.acting:
        for one in deeds.plain:
            assert str(deeds.read(f"{actor}: {one}")) == f"{actor}: {one}"
    assert ALONE not in deeds.plain
