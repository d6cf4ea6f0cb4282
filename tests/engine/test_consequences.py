"""What a step brings about beyond its item: items of the product's own, moves of the status, items decided again."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import ROOT
from simsync import SimsyncError, Simulation
from simsync.app import load_model as load
from simsync.engine.model import Model
from simsync.questions.explore.asked import ExploreOptions
from simsync.questions.explore.explore import explored
from simsync.statespace.consequences import acts_alone, joins_items, makes_items, without_consequences
from simsync.statespace.following import follow
from simsync.statespace.properties import Verdict

RELAY = ROOT / "tests" / "policies" / "relay"


@pytest.fixture(scope="module")
def relay() -> Model:
    return load(RELAY)


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    for one in RELAY.glob("*.yaml"):
        text = one.read_text()
        if one.name == file:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / one.name).write_text(text)
    return tmp_path


def test_an_item_of_the_products_own_is_called_after_its_row(relay: Model) -> None:
    simulation = Simulation(relay)
    closed = simulation.do("caller: close")
    assert closed.rules == ("caller-closes", "closing-log", "log-copy", "watcher-hears")
    assert (closed.synced, closed.notified, closed.reached) == (True, ("watcher",), frozenset({"helper"}))
    assert [(fired.item, fired.transition.id) for fired in closed.fired] == [
        (None, "caller-closes"),
        ("closing-log", "is-shared"),
    ]
    simulation.do("caller: reopen")
    simulation.do("caller: close")
    assert [*simulation.world.items] == ["closing-log", "closing-log-2"]


def test_it_is_about_the_item_that_was_changed(relay: Model) -> None:
    simulation = Simulation(relay)
    simulation.do("caller: create request Q-2")
    for _ in range(2):
        simulation.do("caller: edit Q-2", text="more")
    assert [*simulation.world.items] == ["Q-2", "edit-log-of-Q-2", "edit-log-of-Q-2-2"]
    assert simulation.ticket("helper").keys() == {"Q-2"}


def test_the_status_moves_and_takes_the_items_along(relay: Model) -> None:
    simulation = Simulation(relay, "Closed")
    simulation.do("caller: create comment C0", text="waits")
    told = simulation.do("helper: create comment C1")
    assert told.after.status == "Shared"
    assert told.moved is None
    assert [f.transition.id for f in told.fired if f.item is None] == ["caller-reopens"]
    assert simulation.ticket("helper")["C0"] == {"kind": "comment", "text": "waits"}


def test_where_no_transition_leads_the_status_stays(tmp_path: Path) -> None:
    model = load(changed(tmp_path, "sync_rules.yaml", "{move: {status: Shared}}", "{move: {status: Closed}}"))
    simulation = Simulation(model, "Closed")
    assert simulation.do("helper: create comment C1").after.status == "Closed"


def test_a_consequence_that_breaks_the_rules_changes_nothing(tmp_path: Path) -> None:
    kept = changed(tmp_path, "sync_rules.yaml", "on: both, link: share, text: Closed.", "on: both, link: cut, text: x")
    text = (kept / "properties.yaml").read_text()
    (kept / "properties.yaml").write_text(
        f"{text}- {{property: open, never: {{arrives: true, next link: cut}}, sources: [R5]}}\n"
    )
    simulation = Simulation(load(kept))
    told = simulation.do("caller: close")
    assert [defect.broken for defect in told.defects] == ["open"]
    assert (told.after, told.synced, told.notified) == (told.before, False, ())


def test_a_name_that_the_product_uses_is_not_for_others(relay: Model) -> None:
    simulation = Simulation(relay)
    with pytest.raises(ValueError, match="'closing-log' is what an item of the product's own is called"):
        simulation.do("caller: create log closing-log")
    assert simulation.do("helper: edit closing-log", text="x").refused is not None
    with pytest.raises(ValueError, match="is not an item that was created before"):
        simulation.do("helper: edit edit-log-of-Q9", text="x")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("kind: log, owner: caller, on: both", "kind: lag, owner: caller, on: both", "did you mean 'log'"),
        ("owner: caller, on: both", "owner: watcher, on: both", "'watcher' is not a partner"),
        ("on: both", "on: none", "'none' is not on whose ticket it is"),
        ("kind: log, owner: caller, on: both", "kind: comment, hidden: true, owner: caller, on: both", "no 'hidden'"),
        ("{status: Shared}", "{state: Shared}", "Allowed: status"),
        ("{status: Shared}", "{status: Sharde}", "did you mean 'Shared'"),
        ("decide again: others", "decide again: all", "Allowed: others"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    with pytest.raises(SimsyncError) as error:
        load(changed(tmp_path, "sync_rules.yaml", old, new))
    assert any(sentence in one.message for one in error.value.diagnostics), error.value.diagnostics


def test_a_phase_cannot_give_a_ticket_that_it_takes_away(tmp_path: Path) -> None:
    old, new = "tickets: [caller], takes away: [helper]", "tickets: [caller, helper], takes away: [helper]"
    with pytest.raises(SimsyncError) as error:
        load(changed(tmp_path, "outsource_status.yaml", old, new))
    assert [one.message for one in error.value.diagnostics] == [
        "phase 'apart' takes away the ticket of helper, and says that helper has one; it is one or the other"
    ]


def test_a_taken_ticket_is_nothing_that_crossed_over(relay: Model) -> None:
    simulation = Simulation(relay)
    simulation.do("caller: create request Q1")
    simulation.do("helper: create request Q2")
    told = simulation.do("caller: unshare")
    assert (told.synced, told.reached, simulation.ticket("helper")) == (False, frozenset(), {})
    assert [(item.present, item.copy is None) for item in told.after.items.values()] == [(True, True), (False, False)]


def test_what_the_product_does_by_itself_is_known_from_the_rows(relay: Model) -> None:
    assert joins_items(relay) == ("row 'reopens' moves the status", "row 'sends-all' has the other items decided again")
    assert [sentence.split("'")[1] for sentence in makes_items(relay)] == ["edit-log", "closing-log"]
    assert acts_alone(relay.factory.of(without_consequences(relay.policy)).model({})) == ""


def test_a_fault_beyond_one_item_is_found_within_the_bound(tmp_path: Path) -> None:
    kept = changed(
        tmp_path, "sync_rules.yaml", "kind: log, owner: caller, on: both", "kind: log, owner: helper, on: both"
    )
    assert follow(load(kept)).faults == ()
    text = (kept / "properties.yaml").read_text()
    kept.joinpath("properties.yaml").write_text(
        text + "- {property: no-two, no state: {kind: log, owner: helper, caller.hidden: true}, sources: [R2]}\n"
    )
    found = explored(load(kept), ExploreOptions())
    (judged,) = (one for one in found.found.judged if one.claim.name == "no-two")
    assert (judged.verdict, judged.any_number) == (Verdict.VIOLATED, False)
    assert found.followed is not None


def test_a_search_that_is_whole_says_so(relay: Model) -> None:
    few = follow(relay, most=50)
    assert not few.whole
    assert few.worlds > 0
