"""A failing scenario made small: it fails the same way, and nothing more can be left out."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.trace import Trace, simulate
from simsync.engine.world import Event
from simsync.policy.policy import Value
from simsync.questions.shrink.shrink import along, shrunk, shrunk_at
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.shrinking import Shrinker
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml, document_of

ATELIER = ROOT / "tests" / "policies" / "atelier"

LONG = """\
scenario: A long day
sources: [S6, S20]
given: {status: Accepted, readings: {resume: deliver, charges: as_items}}
steps:
  - service: start
  - lead: create note N1
    text: One
  - service: create note N2
    text: Two
    internal: true
    expect: {synced: false}
  - service: edit N2
    internal: false
  - service: insource complete
  - lead: edit N1
    text: Three
    expect: {synced: false, link: linked, service: {text: One, internal_users_only: true}}
  - lead: reject completion
  - service: delete N1
finally: {items: {N2: {link: severed}}}
"""


def test_the_first_failing_step_is_kept_with_what_fails_there(model: Model) -> None:
    (scenario,) = ScenarioLoader(model.factory).load_bytes(LONG.encode(), "long.yaml").scenarios
    found = shrunk(model, run_scenario(model, scenario))
    text = as_yaml(document_of(found.smallest.scenario))
    assert text == (
        "scenario: A long day\nsources: [S6, S20]\ngiven: {status: In Progress}\nsteps:\n"
        "  - lead: create note N1\n  - service: insource complete\n"
        "  - lead: edit N1\n    text: Three\n"
        "    expect: {link: linked, service: {internal_users_only: true}}\n"
    )
    assert [failure.at for failure in found.failures] == ["link", "service.internal_users_only"]
    (again,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "again.yaml").scenarios
    assert [f.at for f in run_scenario(model, again).steps[-1].failures] == [f.at for f in found.failures]


@pytest.mark.parametrize(
    "option", ["resume=discard", "made_internal=withdraw", "charges=unsynced", "late_publish=never"]
)
@pytest.mark.thorough
def test_every_scenario_that_another_reading_fails_shrinks(option: str) -> None:
    """It is no longer than before, fails at its last step alone, and nothing can be left out of it."""
    name, _, chosen = option.partition("=")
    model = load_model(ROOT / "machines", {name: chosen})
    found = shrunk_at(model, str(ROOT / "scenarios"))
    assert found
    for one in found:
        scenario = one.smallest.scenario
        assert len(scenario.steps) <= len(one.result.scenario.steps)
        assert one.failures
        first = next(step for step in one.result.steps if step.failures)
        assert [f.at for f in one.failures] == [f.at for f in first.failures]
        assert [f.expected for f in one.failures] == [f.expected for f in first.failures]
        events = tuple(step.event for step in scenario.steps)
        for number in range(len(events) - 1):
            less = Trace(status=scenario.status, events=events[:number] + events[number + 1 :])
            if Shrinker(model.factory, lambda _: True, lambda _: ()).fails(less):
                run = run_scenario(model, along(scenario, less))
                assert [(f.at, f.actual) for f in run.steps[-1].failures] != [
                    (f.at, f.actual) for f in one.failures
                ] or (run.steps[-1].outcome.rules[:1] != one.smallest.steps[-1].outcome.rules[:1])


def test_an_unexpected_refusal_and_one_that_did_not_come_shrink(model: Model) -> None:
    for body, last, at in [
        ("  - lead: create note N1\n  - lead: create note N2\n  - service: accept\n", "accept", "refused"),
        (
            "  - lead: create note N1\n  - lead: edit N1\n    text: x\n    expect: {refused: true}\n",
            "edit N1",
            "refused",
        ),
    ]:
        text = "scenario: x\nsteps:\n" + body
        (scenario,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "x.yaml").scenarios
        found = shrunk(model, run_scenario(model, scenario))
        assert str(found.smallest.scenario.steps[-1].event) == last
        assert [failure.at for failure in found.failures] == [at]
        assert len(found.smallest.steps) == (1 if last == "accept" else 2)


def test_a_fault_of_the_rules_shrinks() -> None:
    """A policy without one of its rows: the step that no row decides is what remains."""
    model = load_model(ATELIER)
    tables = dict(model.policy.tables)
    touch = tables["touch"]
    tables["touch"] = replace(touch, rows=tuple(row for row in touch.rows if row.id != "shatters"))
    broken = model.factory.of(replace(model.policy, tables=tables)).model({})
    text = (
        "scenario: x\nsteps:\n  - shop: create draft D1\n    words: a\n    private: true\n"
        "  - shop: create draft D2\n  - atelier: create price quote Q1\n  - shop: edit D1\n    words: b\n"
        "  - shop: delete D1\n    expect: {link: loose}\n"
    )
    (scenario,) = ScenarioLoader(broken.factory).load_bytes(text.encode(), "x.yaml").scenarios
    found = shrunk(broken, run_scenario(broken, scenario))
    steps = [(str(one.event), dict(one.event.fields)) for one in found.smallest.scenario.steps]
    assert steps == [("create draft D1", {"private": True}), ("delete D1", {})]
    assert [failure.at for failure in found.failures] == ["rules.undecided", "link"]


def test_any_predicate_will_do_and_is_asked_only_what_makes_sense(model: Model) -> None:
    """A system that fails once N1 was edited twice, in a walk of forty random steps."""
    chance = random.Random(5)
    events = [Event(actor="lead", action="create", item=f"N{n}", kind="note", fields={"text": "a"}) for n in range(5)]
    for n in range(35):
        fields: dict[str, Value] = {"text": f"t{n}", "internal": chance.random() < 0.5}
        events.append(Event(actor="lead", action="edit", item=f"N{chance.randrange(5)}", fields=fields))
    asked: list[Trace] = []

    def fails(trace: Trace) -> bool:
        asked.append(trace)
        assert len(simulate(model, trace)) == len(trace.events)
        return sum(event.action == "edit" and event.item == "N1" for event in trace.events) >= 2

    shrinker = Shrinker(model.factory, fails, lambda _: ())
    found = shrinker.shrink(Trace(status="In Progress", events=tuple(events)))
    assert [str(event) for event in found.events] == ["create note N1", "edit N1", "edit N1"]
    assert sum(len(event.fields) for event in found.events) == 2
    assert shrinker.tries == len(asked) == len(set(asked)) < 300
    with pytest.raises(ValueError, match="nothing to shrink"):
        Shrinker(model.factory, lambda _: False, lambda _: ()).shrink(found)


def test_two_events_that_only_go_together_go(model: Model) -> None:
    """A submission and its rejection: without one of them the other is refused, and the failure is another."""
    text = (
        "scenario: x\nsteps:\n  - lead: create note N1\n  - service: insource complete\n  - lead: reject completion\n"
        "  - lead: edit N1\n    text: b\n    expect: {link: held}\n"
    )
    (scenario,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "x.yaml").scenarios
    found = shrunk(model, run_scenario(model, scenario))
    assert [str(one.event) for one in found.smallest.scenario.steps] == ["create note N1", "edit N1"]


def test_the_command(cli: Run, tmp_path: Path) -> None:
    assert cli("shrink", "scenarios")[0] == 0
    code, out, err = cli("shrink", "scenarios/suspension.yaml", "--reading", "resume=discard")
    assert (code, err) == (1, "")
    assert "shrunk to 1 step" in out
    written = tmp_path / "small.yaml"
    arguments = ("shrink", "scenarios/suspension.yaml", "--reading", "resume=discard", "--out", written)
    code, told, _ = cli(*arguments)
    assert (code, "11 scenarios in" in told) == (1, True)
    assert written.read_text() == out
    code, _, err = cli(*arguments)
    assert (code, "there is a file here already" in err) == (2, True)
    code, out, _ = cli("run", written, "--reading", "resume=discard", "--show", "none")
    assert (code, "0 passed, 11 failed" in out) == (1, True)


def test_of_several_items_that_are_looked_at_only_what_fails_counts(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "scenario: Two\n"
        "steps:\n"
        "  - service: create note N1\n"
        "  - service: insource complete\n"
        "  - service: create note N2\n"
        "  - lead: approve completion\n"
        "    expect: {items: {N1: {link: ended}, N2: {lead: {text: nope}}}}\n"
    )
    code, out, _ = cli("shrink", tmp_path / "a.yaml")
    assert code == 1
    assert "4 steps shrunk to 2 steps" in out
    assert "expect: {items: {N2: {lead: {text: nope}}}}" in out


def test_bad_input(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("scenario: x\nsteps: [{lead: creat note N1}]\n")
    assert cli("shrink", tmp_path / "bad.yaml")[0] == 2
    assert cli("shrink", tmp_path / "none.yaml")[0] == 2
    code, _, err = cli("shrink", "scenarios/severing.yaml:9999")
    assert (code, "has lines 1 to" in err) == (2, True)


def test_another_policy(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "scenario: x\nsteps:\n  - shop: create draft D1\n    words: a\n  - atelier: create draft D2\n"
        "  - atelier: edit D1\n    words: b\n    expect: {link: mirrored, notified: []}\n"
    )
    code, out, _ = cli("shrink", "--machines", ATELIER, tmp_path / "a.yaml")
    assert code == 1
    assert "D2" not in out
    assert "    expect: {link: mirrored, notified: []}\n" in out
