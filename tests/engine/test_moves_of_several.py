"""A consequence moves one of several status machines, and the other ticket's status follows as its table says."""

from pathlib import Path
from shutil import copytree

import pytest

import simsync
from simsync.engine.dependence import readings_behind

BRIDGE = Path(__file__).parents[1] / "policies" / "bridge"

TABLE = """
- table: reopening
  question: What does a note bring about?
  decides: consequence
  hit policy: unique
  once: item
  scope: {change: create, customer.status: On hold}
  rows:
  - {id: works-again, when: {missed: caught_up}, then: {move: {customer: Work}}, sources: [B3]}
  - {id: holds-on, when: {missed: lost}, then: {move: {there: Closed}}, sources: [B3]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Path(copytree(BRIDGE, tmp_path / "machines"))
    rules = made / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + TABLE.lstrip("\n"), encoding="utf-8")
    return made


def test_the_other_status_follows_what_a_consequence_moves(folder: Path) -> None:
    simulation = simsync.Simulation(simsync.load_model(folder), {"customer": "On hold", "provider": "Pending"})
    outcome = simulation.do("customer: create note N1")
    parts = simulation.model.status_spec.parts(outcome.after.status)
    assert parts == {"connection": "Connected", "customer": "Work", "provider": "Open"}
    assert {"works-again", "work-opens"} <= {*outcome.rules}
    assert outcome.reached == {"provider"}


def test_a_machine_without_a_way_there_stays(folder: Path) -> None:
    model = simsync.load_model(folder).under({"missed": "lost"})
    outcome = simsync.Simulation(model, {"customer": "On hold"}).do("customer: create note N1")
    assert outcome.after.status == outcome.before.status
    assert "holds-on" in outcome.rules


def test_what_consequences_move_is_followed_on_the_engine(folder: Path) -> None:
    assert simsync.explore(simsync.load_model(folder)).holds


def test_who_acts_may_move_the_status_of_the_other_ticket(folder: Path) -> None:
    simulation = simsync.Simulation(simsync.load_model(folder), {"customer": "On hold", "connection": "Disconnected"})
    outcome = simulation.do("provider: create note N1")
    parts = simulation.model.status_spec.parts(outcome.after.status)
    assert parts["customer"] == "Work"
    assert outcome.synced
    assert outcome.reached == {"customer"}


def test_it_depends_on_the_readings_that_its_consequences_test(folder: Path) -> None:
    simulation = simsync.Simulation(simsync.load_model(folder), {"customer": "On hold"})
    assert readings_behind(simulation.do("customer: create note N1")) == ("missed",)
