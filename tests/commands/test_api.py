"""One function a command: what it answers is what the command prints, as text and as JSON, with the same verdict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import simsync
from conftest import ROOT, Run
from simsync.engine.model import Model
from simsync.reference import ReferenceSystem

ATELIER = ROOT / "tests" / "policies" / "atelier"
MIRRORS = ROOT / "tests" / "policies" / "atelier_scenarios"
Ask = Callable[[Model], simsync.Answer[Any]]

PAIRS: dict[str, tuple[Ask, list[str]]] = {
    "check": (lambda model: simsync.check(model), ["check"]),
    "explore": (lambda model: simsync.explore(model, items=1), ["explore", "--items", "1"]),
    "find": (lambda model: simsync.find(model, "stale = true"), ["find", "stale = true"]),
    "nowhere": (lambda model: simsync.find(model, "copy = present and original = deleted and stale = true"),
                ["find", "copy = present and original = deleted and stale = true"]),
    "coverage": (lambda model: simsync.coverage(model, MIRRORS, least={"states": 100}),
                 ["coverage", str(MIRRORS), "--min", "states=100"]),
    "mutate": (lambda model: simsync.mutate(model, MIRRORS, jobs=1), ["mutate", str(MIRRORS), "--jobs", "1"]),
    "explain": (lambda model: simsync.explain(model, "shop: create draft T1", words="x"),
                ["why", "shop: create draft T1", "--set", "words=x"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def atelier() -> Model:
    return simsync.load_model(ATELIER)


@pytest.mark.parametrize("name", PAIRS)
def test_an_answer_is_what_the_command_prints(name: str, atelier: Model, cli: Run) -> None:
    ask, words = PAIRS[name]
    answer = ask(atelier)
    code, text, _ = cli(*words, "--machines", str(ATELIER))
    assert (str(answer) + "\n", answer.holds) == (text, code == 0)
    _, printed, _ = cli(*words, "--machines", str(ATELIER), "--format", "json")
    told, data = json.loads(printed), json.loads(json.dumps(answer.as_dict()))
    for one in (told, data):
        one.pop("seconds", None)
    assert told == data


def test_a_suite_is_the_file_that_the_command_writes(atelier: Model, cli: Run, tmp_path: Any) -> None:
    answer = simsync.generate(atelier, "states")
    code, out, _ = cli("generate", "--cover", "states", "--out", tmp_path, "--machines", ATELIER)
    written = (tmp_path / "states.yaml").read_text(encoding="utf-8")
    assert (code, written.partition("\n")[2]) == (0, f"{answer}\n")
    assert answer.as_dict()["summary"] in out


def test_two_models_are_compared(atelier: Model, cli: Run) -> None:
    reading, declared = next(iter(atelier.policy.readings.items()))
    other = next(option for option in declared.options if option != declared.default)
    answer = simsync.compare(atelier, atelier.under({reading: other}))
    assert (answer.holds, simsync.compare(atelier, atelier).holds) == (False, True)
    assert answer.as_dict()["differs"] is True
    assert answer.as_dict()["sides"] == {"left": "left", "right": "right"}


def test_a_system_is_held_against_the_rules(atelier: Model) -> None:
    answer = simsync.conform(atelier, ReferenceSystem(atelier), MIRRORS)
    assert (answer.holds, answer.as_dict()["verdict"]) == (True, "conforms")
    assert str(answer).splitlines()[0].endswith(": conforms")


def test_a_log_is_held_against_the_rules(cli: Run) -> None:
    log = ROOT / "docs" / "examples" / "log.jsonl"
    answer = simsync.replay(simsync.load_model(ROOT / "machines"), log)
    code, text, _ = cli("replay", str(log))
    assert (f"{answer}\n", answer.holds) == (text, code == 0)
    _, printed, _ = cli("replay", str(log), "--format", "json")
    assert json.loads(printed) == json.loads(json.dumps(answer.as_dict()))


def test_clocks_of_two_desks_may_be_far_apart(tmp_path: Path) -> None:
    lines = [("lead", "outsource", 0), ("lead", "complete", 6), ("service", "accept", 7)]
    log = tmp_path / "log.csv"
    log.write_text("ticket,actor,action,time\n" + "".join(f"T1,{who},{what},{at}\n" for who, what, at in lines))
    model = simsync.load_model(ROOT / "machines")
    counts = [simsync.replay(model, log, clocks=apart).as_dict()["summary"]["illegal"] for apart in (1, 1.5)]
    assert counts == [1, 0]


def test_what_makes_no_sense_is_a_sentence(atelier: Model) -> None:
    asks: list[Callable[[], object]] = [
        lambda: simsync.explore(atelier, properties=["nothing-is-so"]),
        lambda: simsync.explore(atelier, items=0),
        lambda: simsync.find(atelier, "nothing = so"),
        lambda: simsync.coverage(atelier, MIRRORS, criteria=["lines"]),
        lambda: simsync.generate(atelier, "lines"),
        lambda: simsync.explain(atelier, "nobody: create draft T1"),
    ]
    for ask in asks:
        with pytest.raises(simsync.SimsyncError) as caught:
            ask()
        assert caught.value.diagnostics[0].message


def test_values_show_themselves(atelier: Model) -> None:
    answer = simsync.find(atelier, "stale = true")
    assert repr(answer) == "<Trace: holds>"
    assert answer._repr_html_().startswith("<pre ")
    assert repr(atelier) == "<Model of shop and atelier; tables: 5, readings: 1>"
    scenario = simsync.load_scenarios(MIRRORS, model=atelier)[0]
    assert simsync.run_scenario(atelier, scenario)._repr_svg_().startswith("<svg ")


def test_a_model_shows_what_is_drawn_of_it(atelier: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsync.drawing.notebook.model_svg", lambda model: f"<svg>{model!r}</svg>")
    assert atelier._repr_svg_() == f"<svg>{atelier!r}</svg>"


@pytest.mark.thorough
def test_graphs_show_themselves(atelier: Model) -> None:
    svg = atelier._repr_svg_()
    assert svg is not None
    drawn = simsync.diagrams(atelier)
    assert drawn._repr_html_().count("<svg ") == len(drawn.value)
    assert {f"commission.{form}" for form in ("dot", "mmd", "puml")} <= drawn.as_dict().keys()


def test_worlds_and_events_are_keys(atelier: Model) -> None:
    first, second = simsync.Simulation(atelier), simsync.Simulation(atelier)
    one, two = (each.do("shop: create draft T1", words="x") for each in (first, second))
    assert {one.after: 1, one.event: 2} == {two.after: 1, two.event: 2}
    assert len({one.before, one.after, first.do("shop: edit T1", words="y").after}) == 3


def test_a_machine_is_one_of_transitions(atelier: Model, caplog: pytest.LogCaptureFixture) -> None:
    from transitions import Machine, MachineError

    machine = atelier.machine(atelier.policy.status.name)
    assert caplog.records == []
    assert (isinstance(machine, Machine), machine.state) == (True, atelier.policy.status.initial)
    triggers = {t.trigger for t in atelier.status_spec.transitions if machine.state in t.source}
    assert set(machine.get_triggers(machine.state)) == triggers
    assert {name for name, state in machine.states.items() if state.final} == {
        name for name, state in atelier.status_spec.states.items() if state.final
    }
    assert any(state.final for state in machine.states.values())
    first = next(t for t in atelier.status_spec.transitions if machine.state in t.source)
    assert machine.trigger(first.trigger, facts={"actor": first.actors[0], **{fact: of[0] for fact, of in first.when}})
    assert machine.state == first.dest
    assert f"label={atelier.policy.status.name}" in machine.get_graph().source
    with pytest.raises(MachineError):
        machine.trigger(first.trigger, facts={})  # not from here
    with pytest.raises(ValueError, match="'nothing' is not a machine"):
        atelier.machine("nothing")
