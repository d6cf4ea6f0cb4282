"""The engine's own promises, on the shipped policy and on ones that are broken on purpose."""

from __future__ import annotations

import ast
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import simsync
from conftest import ROOT
from simsync.engine.checked import grammar_of
from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.view import ticket
from simsync.engine.world import Event, World


def broken(tmp_path: Path, file: str, old: str, new: str) -> Model:
    """The shipped policy with one piece of text exchanged."""
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    path = tmp_path / "machines" / file
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))
    return simsync.load_model(tmp_path / "machines")


def test_a_step_changes_nothing_it_was_given(model: Model) -> None:
    world = World("In Progress")
    event = Event(actor="lead", action="create", kind="note", item="N1", fields={"text": "a"})
    first = step(model, world, event)
    assert world == World("In Progress", {})
    assert step(model, world, event) == first
    edited = step(model, first.after, Event(actor="lead", action="edit", item="N1", fields={"text": "b"}))
    assert ticket(model.vocabulary, first.after, "service")["N1"]["text"] == "a"
    assert ticket(model.vocabulary, edited.after, "service")["N1"]["text"] == "b"


def test_a_refused_step_leaves_the_world_as_it_is(model: Model) -> None:
    world = World("Assigned")
    for event in (
        Event(actor="service", action="create", kind="note", item="N1"),
        Event(actor="lead", action="delete", item="N9"),
        Event(actor="lead", action="accept"),
    ):
        outcome = step(model, world, event)
        assert outcome.refused
        assert outcome.after is world
        assert (outcome.synced, outcome.notified) == (False, ())


def test_a_refusal_says_what_would_have_been_allowed(model: Model) -> None:
    simulation = simsync.Simulation(model, "Assigned")
    assert "allowed in Accepted, In Progress, Waiting Approval, Complete" in str(
        simulation.do("service: create note N1").refused
    )
    simulation.do("lead: create note N2", internal=True)
    simulation.do("service: accept")
    assert str(simulation.do("service: delete N2").refused).endswith("it shows no item")
    never = simsync.Simulation(model, "Unsent").do("service: start")
    assert "'start' is possible in Accepted only" in str(never.refused)
    assert "possible: lead: outsource" in str(never.refused)
    done = simsync.Simulation(model, "Complete").do("lead: complete")
    assert "which nothing leaves" in str(done.refused)


def test_a_situation_that_no_row_decides_is_a_defect(tmp_path: Path) -> None:
    row = "  - {id: own-create, when: {phase: active, change: create, sends: text}, then: {effect: deliver, link: share}, sources: [S4, S9]}\n"
    model = broken(tmp_path, "sync_rules.yaml", row, "")
    outcome = simsync.Simulation(model).do("lead: create note N1")
    (defect,) = outcome.defects
    assert defect.kind == "undecided"
    assert "'own change' needs one deciding row, but this situation has no row: phase: active" in defect.message
    assert outcome.after is outcome.before


def test_a_situation_that_two_rows_decide_is_a_defect(tmp_path: Path) -> None:
    old = "when: {internal: true}"
    model = broken(tmp_path, "sync_rules.yaml", old, "when: {kind: [note, attachment]}")
    (defect,) = simsync.Simulation(model).do("lead: create note N1").defects
    assert defect.kind == "ambiguous"
    assert defect.actual == "note-shareable, internal-not-shareable"


def test_a_trigger_that_the_link_machine_lacks_there_is_a_defect(tmp_path: Path) -> None:
    old = "trigger: share, source: [local, linked, held]"
    model = broken(tmp_path, "sync_link.yaml", old, "trigger: share, source: [linked, held]")
    (defect,) = simsync.Simulation(model).do("lead: create note N1").defects
    assert defect.kind == "cannot-fire"
    assert "row 'own-create' fires 'share'" in defect.message


def test_a_step_that_breaks_a_property_is_a_defect(tmp_path: Path) -> None:
    old = "{shareable: false}, sources: [S11]}"
    model = broken(tmp_path, "sync_rules.yaml", old, "{shareable: true}, sources: [S11]}")
    (defect,) = simsync.Simulation(model).do("lead: create note N1", internal=True).defects
    assert defect.kind == "property"
    assert "'internal-never-arrives' (S11)" in defect.message


def test_two_tables_for_one_situation_are_a_defect(tmp_path: Path) -> None:
    model = broken(tmp_path, "sync_rules.yaml", "scope: {change: [edit, delete], by: other}", "scope: {change: edit}")
    simulation = simsync.Simulation(model)
    simulation.do("lead: create note N1")
    (defect,) = simulation.do("lead: edit N1", text="x").defects
    assert defect.kind == "scope"
    assert "'own change', 'other's change'" in defect.message


def test_a_defect_fails_the_scenario_even_without_expectations(tmp_path: Path) -> None:
    old = "when: {kind: charge}, then: {shareable: true}"
    model = broken(tmp_path, "sync_rules.yaml", old, "when: {kind: charge, internal: true}, then: {shareable: true}")
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: create charge C1\n")
    (scenario,) = simsync.load_scenarios(tmp_path / "a.yaml", model=model)
    result = simsync.run_scenario(model, scenario)
    assert [f.at for f in result.steps[0].failures] == ["rules.undecided"]


def test_readings_that_an_outcome_depends_on(model: Model) -> None:
    simulation = simsync.Simulation(model)
    assert readings_behind(simulation.do("lead: create charge C1")) == ("charges", "emails_on_sync")
    assert readings_behind(simulation.do("service: edit C1", text="x")) == ("charge_sever",)
    assert readings_behind(simulation.do("service: insource complete")) == ()
    assert readings_behind(simulation.do("lead: complete")) == ("lead_completes",)
    assert readings_behind(simulation.do("service: create time entry T1")) == ("resume", "time_entry_notice")
    assert readings_behind(simulation.do("lead: reject completion")) == (
        "resume",
        "time_entry_notice",
        "reason_note",
    )
    assert readings_behind(simulation.do("lead: create note N1", internal=True)) == ()


def test_models_share_what_their_readings_do_not_touch(model: Model) -> None:
    other = model.under({"resume": "discard"})
    assert other is model.under({"resume": "discard"})
    assert other.tables["copy"] is model.tables["copy"]
    assert other.tables["own change"] is not model.tables["own change"]
    with pytest.raises(simsync.SimsyncError, match="is not an option of 'resume'"):
        model.under({"resume": "maybe"})


def test_the_machines_are_real_transitions_machines(model: Model) -> None:
    from transitions import Machine

    from simsync.engine.machines import TransitionsMachine

    assert isinstance(model.status, TransitionsMachine)
    machine = model.status._machine
    assert isinstance(machine, Machine)
    assert set(machine.states) == set(model.status_spec.states)
    assert set(machine.events) == {t.trigger for t in model.status_spec.transitions}
    assert not machine.auto_transitions


def test_no_name_of_the_policy_stands_in_the_engine(model: Model) -> None:
    """The rules live in machines/ only: no status, kind, rule, reading or option name in src/.

    Names that are English words too may stand in prose, but as a string of their own they would be the name.
    """
    words = model.vocabulary
    names = {
        *model.status_spec.states,
        *model.factory.triggers,
        *words.kinds,
        *words.recipients,
        *model.policy.readings,
    }
    names |= {row.id for table in model.policy.tables.values() for row in table.rows}
    names |= {option for reading in model.policy.readings.values() for option in reading.options}
    names |= {*words.partners, *model.link_spec.states, *model.status_spec.phases, *words.fields}
    distinct = {name for name in names if re.search(r"[ _-]", name)}
    # the engine's own words, which the policy happens to use too
    engine_words = {"none", "deleted", "text", "type", "never", "allowed", "deliver", "yes", "no", "left"}
    others_words = {"findings.py": {"note"}, "extras.py": {"editable"}}  # a level of SARIF, a key of PEP 610
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text()
        assert not {name for name in distinct if name in text and re.search(rf"\b{name}\b", text)}, path
        constants = {n.value for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant)}
        named = (constants & names) - engine_words - others_words.get(path.name, set())
        assert not named, path


def test_every_row_transition_and_reading_cites_something(model: Model) -> None:
    policy = model.policy
    for table in policy.tables.values():
        for row in table.rows:
            assert any(s in policy.citations.statements or s in policy.citations.gaps for s in row.sources), row.id
    for reading in policy.readings.values():
        assert reading.gap in (*policy.citations.gaps, *policy.citations.pages)
        assert reading.evidence


def test_a_derived_fact_is_worked_out_after_those_that_it_rests_on(model: Model) -> None:
    turned = replace(model.policy, tables=dict(list(model.policy.tables.items())[::-1]))
    found = model.factory.variant(turned).model({}).derived
    assert len(found) > 1
    assert [lookup.table.name for lookup in found] == [lookup.table.name for lookup in model.derived]


def test_a_change_without_its_word_is_taken_for_a_creation(model: Model) -> None:
    long = next(kind for kind in model.vocabulary.kinds if " " in kind)
    assert grammar_of(model.factory).meant([*long.split(), "N1"]) == f"create {long} N1"
