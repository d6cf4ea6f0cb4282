"""What an action that makes no sense is answered, whole: every word of it is somebody's way to the right one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import simsync
from simsync.engine.model import MODELS_KEPT, Model, ModelFactory
from simsync.engine.world import Item
from systems.desks import MODEL
from systems.wire import WIRE, at

ACTIONS = "Allowed: create KIND NAME, edit NAME, delete NAME, open, freeze, gone"

SENTENCES = [
    (
        "create tip T2",
        {},
        "'create tip T2' is not a partner. Allowed: desk, stringer; an action is written as 'desk: edit N1'",
    ),
    (
        "dsk: edit T1",
        {},
        "'dsk' is not a partner; did you mean 'desk'? Allowed: desk, stringer; "
        "an action is written as 'desk: edit N1'",
    ),
    ("desk:: edit T1", {}, f"': edit T1' is not an action; did you mean 'edit NAME'? {ACTIONS}"),
    ("desk: add tip T2", {}, "'add' is not an action; did you mean: create tip T2"),
    ("desk: insert TIP T7", {}, "'insert' is not an action; did you mean: create tip T7"),
    ("desk: MODIFY T1", {}, "'MODIFY' is not an action; did you mean: edit T1"),
    ("desk: Edit T1", {}, "'Edit' is not an action; did you mean: edit T1"),
    ("desk: remove T1 now", {}, "'remove' is not an action; did you mean: delete T1 now"),
    ("desk: new tip tip", {}, "'new' is not an action; did you mean: create tip tip"),
    ("desk: update", {}, f"'update' is not an action. {ACTIONS}"),
    ("desk: open it", {}, f"'open it' is not an action; did you mean 'open'? {ACTIONS}"),
    ("desk: ", {}, f"an action is wanted here. {ACTIONS}"),
    ("desk: create tip", {}, "'create tip' needs a name for the new item, as in 'create tip N1'"),
    ("desk: create tip T 2 b", {}, "a name has no blanks in it; write: create tip T_2_b"),
    ("desk: create", {}, "a creation names a kind and the new item, as in 'create story N1'"),
    ("desk: create T2", {}, "a creation names a kind and the new item, as in 'create story N1'"),
    ("desk: create tap T2", {}, "'tap' is not a kind of item; did you mean 'tip'? Allowed: story, tip"),
    ("desk: create a tap T2", {}, "'a tap' is not a kind of item; did you mean 'tip'? Allowed: story, tip"),
    ("desk: edit", {}, "'edit' takes the name of one item, as in 'edit N1'"),
    ("desk: delete T 1", {}, "'delete' takes the name of one item; a name has no blanks in it, as in 'delete T_1'"),
    ("desk: create tip t1", {}, "'t1' and 'T1' differ in case only; name one of them otherwise"),
    (
        "desk: create tip T1",
        {},
        "'T1' was created already; a name is the handle of one item for good, and no ticket shows it:"
        " give the new one another; what it is called is said with 'body'",
    ),
    ("desk: edit T9", {"body": "x"}, "'T9' is not an item that was created before; did you mean 'T1'? Allowed: T1"),
    ("desk: edit T1", {}, "an edit changes at least one field: body or credit or embargoed"),
    ("desk: delete T1", {"body": "x"}, "the field 'body' does not belong to 'delete T1'; 'delete' takes no fields"),
    ("desk: open", {"body": "x"}, "the field 'body' does not belong to 'open'; 'open' takes no fields"),
    (
        "desk: create story S1",
        {"credit": "agency"},
        "the field 'credit' does not belong to 'create story S1'; allowed here: body",
    ),
    (
        "desk: edit T1",
        {"credit": "agncy"},
        "'agncy' is not a value of 'credit'; did you mean 'agency'? Allowed: nobody, agency, author",
    ),
    ("desk: edit T1", {"body": True}, "'true' is not a value of 'body'. Allowed: any text"),
    (
        "desk: create tip T\u20282",
        {},
        "an action, and so an item's name, has printable characters only, not U+2028; write: create tip T 2",
    ),
    (
        "desk: edit T\x011",
        {},
        "an action, and so an item's name, has printable characters only, not U+0001",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("action", "fields", "sentence"), SENTENCES, ids=[ascii(one[0]) for one in SENTENCES])
def test_what_an_action_is_answered(action: str, fields: dict[str, str | bool], sentence: str) -> None:
    simulation = at("Open", "stringer: create tip T1")
    with pytest.raises(ValueError, match=r".") as error:
        simulation.do(action, **fields)
    assert str(error.value) == sentence


def test_an_edit_of_what_takes_no_edit_offers_nothing() -> None:
    """A story that arrives is a tip there: its copy takes what a tip takes, the original what a story does."""
    simulation = at("Open", "stringer: create story S1")
    assert simulation.do("desk: edit S1", credit="agency").refused is None
    with pytest.raises(ValueError, match=r"the field 'credit' does not belong to 'edit S1'; allowed here: body$"):
        simulation.do("stringer: edit S1", credit="agency")
    assert simulation.do("  stringer :  edit   S1 ", body="a: b").event == simsync.Event(
        actor="stringer", action="edit", item="S1", fields={"body": "a: b"}
    )


def test_a_model_shows_its_size_and_the_readings_that_are_not_the_defaults() -> None:
    assert repr(WIRE) == "<Model of desk and stringer; tables: 8, readings: 1>"
    chosen = MODEL.under({"resume": "discard", "lead_copies": "read_only"})
    assert repr(chosen) == (
        "<Model of lead and service; tables: 11, readings: 14; resume=discard; lead_copies=read_only>"
    )


def test_a_status_or_a_partner_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"^'Opn' is not a status; did you mean 'Open'. Allowed: Planned, Open, Fro"):
        simsync.Simulation(WIRE, "Opn")
    with pytest.raises(ValueError, match=r"^'dsk' is not a partner; did you mean 'desk'. Allowed: desk, stringer$"):
        at("Open").ticket("dsk")
    assert simsync.Simulation(WIRE).world == simsync.World("Planned")


def test_all_that_is_done_is_kept() -> None:
    simulation = at("Open")
    done = [simulation.do("stringer: create tip T1"), simulation.do("desk: freeze")]
    assert simulation.outcomes == done
    assert simulation.outcomes[1] is done[1]


@pytest.mark.parametrize(
    ("readings", "messages"),
    [
        (
            {"frozen_wrk": "lost"},
            ["'frozen_wrk' is not a reading; did you mean 'frozen_work'? Allowed: frozen_work"],
        ),
        (
            {"frozen_work": "lst", "a": "b"},
            [
                "'lst' is not an option of 'frozen_work'; did you mean 'lost'? Allowed: waits, lost, passes",
                "'a' is not a reading. Allowed: frozen_work",
            ],
        ),
    ],
)
def test_readings_that_are_none(readings: dict[str, str], messages: list[str]) -> None:
    with pytest.raises(simsync.SimsyncError) as error:
        WIRE.under(readings)
    assert [(one.file, one.message) for one in error.value.diagnostics] == [("readings", one) for one in messages]


def test_a_factory_for_another_policy_shares_nothing_and_a_variant_what_is_the_same() -> None:
    own = WIRE.factory
    other, variant = own.of(WIRE.policy, ("credit",)), own.variant(WIRE.policy)
    assert [sorted(one.watched) for one in (own, other, variant)] == [
        ["embargoed"],
        ["credit", "embargoed"],
        ["embargoed"],
    ]
    assert other.variant(WIRE.policy).watched == {"embargoed", "credit"}
    made, shared = other.model(WIRE.readings), variant.model(WIRE.readings)
    assert all(made.tables[name] is not table for name, table in WIRE.tables.items())
    assert all(shared.tables[name] is table for name, table in WIRE.tables.items())
    assert (shared.status is WIRE.status, shared.link is WIRE.link) == (True, True)
    assert (made.status is WIRE.status, made.link is WIRE.link) == (False, False)
    assert made.enumerated == (("credit", True), ("embargoed", True))
    assert own.triggers == ("open", "freeze", "thaw", "gone")
    assert own.moving == {"edition": ["frozen_work"], "wiring": []}
    assert {name: names for name, names in own.touching.items() if names} == {
        "owner's change": ["frozen_work"],
        "author notice": ["frozen_work"],
    }
    exchanged = ("waits", "lost-frozen", "passes-frozen", "author-told", "author-told-always")
    assert own.readings_by_row == {row: {"frozen_work"} for row in exchanged}
    assert own.readings_by_trigger == {"gone": {"frozen_work"}}


def test_models_are_shared_by_their_readings_and_the_oldest_forgotten() -> None:
    factory = ModelFactory(WIRE.policy, WIRE.factory._build)
    first = factory.model({})
    assert (first.chosen, factory.model({"frozen_work": "lost"}).chosen) == ({}, {"frozen_work": "lost"})
    assert factory.model({"frozen_work": "waits"}) is first
    lost = first.under({"frozen_work": "lost"})
    assert (lost.link, lost.tables["copies"]) == (first.link, first.tables["copies"])
    assert lost.tables["owner's change"] is not first.tables["owner's change"]
    names: dict[tuple[str, ...], Model] = {(str(n),): lost for n in range(MODELS_KEPT - 3)}
    factory._models.update(names)
    assert factory.model({}) is first
    passes = factory.model({"frozen_work": "passes"})
    assert len(factory._models) == MODELS_KEPT
    assert factory.model({"frozen_work": "passes"}) is passes
    del factory._models[("passes",)]
    factory._models["one more",] = factory._models["and one",] = lost
    factory.model({"frozen_work": "passes"})
    assert factory.model({}) is first
    assert factory.model({"frozen_work": "lost"}) is not lost


def test_a_world_that_the_policy_does_not_have_is_told_whole() -> None:
    item = at("Open", "stringer: create tip T1").world.items["T1"]
    assert item.copy is not None
    bare = WIRE.factory.of(WIRE.policy).model({})
    kinds = "is not a kind of item; did you mean 'tip'? Allowed: story, tip"
    worlds = {
        "'Opn' is not a status; did you mean 'Open'? Allowed: Planned, Open, Frozen, Gone": simsync.World("Opn"),
        "an item is kept under its name: 'T2' is not 'T1'": simsync.World("Open", {"T2": item}),
        "'dsk' is not a partner; did you mean 'desk'? Allowed: desk, stringer": with_item(replace(item, owner="dsk")),
        "'wird' is not a state of the link; did you mean 'wired'? Allowed: alone, wired, waiting, off": with_item(
            replace(item, link="wird")
        ),
        "'corect' is not a memory; did you mean 'corrected'? Allowed: corrected": with_item(
            replace(item, history=frozenset({"corect"}))
        ),
        f"'tipp' {kinds}": with_item(replace(item, copy=replace(item.copy, kind="tipp"))),
        f"'tippp' {kinds}": with_item(replace(item, original=replace(item.original, kind="tippp"))),
        "'T1' is a tip, which has body, credit, embargoed, not none": with_item(
            replace(item, original=replace(item.original, fields={}))
        ),
        "'T1' is a tip, which has body, credit, embargoed, not body": with_item(
            replace(item, copy=replace(item.copy, fields={"body": "x"}))
        ),
    }
    for sentence, world in worlds.items():
        with pytest.raises(ValueError, match=r".") as error:
            simsync.step(bare, world, simsync.Event(actor="desk", action="freeze"))
        assert str(error.value) == sentence
    assert simsync.step(bare, with_item(replace(item, history=frozenset({"corrected"}))), FREEZE).refused is None


def test_a_kind_without_fields_is_said_to_have_none() -> None:
    kinds = WIRE.vocabulary.kinds
    words = replace(WIRE.vocabulary, kinds={**kinds, "tip": replace(kinds["tip"], fields=())})
    model = WIRE.factory.of(replace(WIRE.policy, vocabulary=words)).model({})
    item = at("Open", "stringer: create tip T1").world.items["T1"]
    with pytest.raises(ValueError, match=r"^'T1' is a tip, which has no fields, not body, credit, embargoed$"):
        simsync.step(model, with_item(item), FREEZE)


EVENTS: dict[str, dict[str, Any]] = {
    "'frezee' is not an action; did you mean 'freeze'? Allowed: create, edit, delete, open, freeze, thaw, gone": {
        "action": "frezee"
    },
    "'tipp' is not a kind of item; did you mean 'tip'? Allowed: story, tip": {
        "action": "create",
        "item": "T2",
        "kind": "tipp",
    },
    "'create' names the kind of the new item": {"action": "create", "item": "T2"},
    "'edit' names no kind: an item has the one that it was created with": {
        "action": "edit",
        "item": "T1",
        "kind": "tip",
    },
    "'freeze' is an action on the ticket; it takes neither an item nor a kind": {"action": "freeze", "kind": "tip"},
    "'delete' takes the name of one item, as in 'delete N1'": {"action": "delete"},
    "fields are a mapping from names to values, not ['body']": {"action": "edit", "item": "T1", "fields": ["body"]},
}


@pytest.mark.parametrize("sentence", EVENTS)
def test_an_event_that_means_nothing_is_told_whole(sentence: str) -> None:
    world = at("Open", "stringer: create tip T1").world
    with pytest.raises(ValueError, match=r".") as error:
        simsync.step(WIRE, world, simsync.Event(actor="desk", **EVENTS[sentence]))
    assert str(error.value) == sentence


FREEZE = simsync.Event(actor="desk", action="freeze")


def with_item(item: Item) -> simsync.World:
    return simsync.World("Open", {"T1": item})


def test_what_a_kind_is_is_said_where_its_name_is_taken(model: Model) -> None:
    simulation = simsync.Simulation(model)
    simulation.do("lead: create attachment plan.pdf")
    with pytest.raises(ValueError, match="its text is what the file is called"):
        simulation.do("lead: create attachment plan.pdf")
