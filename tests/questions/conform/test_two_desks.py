"""The two desks agree with the model in every shipped scenario; each fault shows; no crash loses or doubles a thing."""

from __future__ import annotations

import ast
import json
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from conftest import ROOT
from driving import Answer, Driven, diverges, drive, walk
from examples.two_desks import faults
from examples.two_desks.client import Client
from examples.two_desks.faults import FAULTS
from examples.two_desks.running import PARTS
from sampling import few
from simsync.app import load_model, load_scenarios
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import run_scenario

DESKS = ROOT / "examples" / "two_desks"
ADAPTER = (sys.executable, str(DESKS / "adapter.py"))
WITNESSES = {path.stem: path for path in sorted((DESKS / "witnesses").glob("*.yaml"))}

MODEL = load_model(ROOT / "machines")


def witness(fault: str) -> Scenario:
    (scenario,) = load_scenarios(WITNESSES[fault], model=MODEL)
    return scenario


@pytest.fixture(scope="module")
def system() -> Iterator[Driven]:
    with Driven(ADAPTER) as running:
        yield running


# With a fault


@pytest.fixture
def faulty(system: Driven, request: pytest.FixtureRequest) -> Iterator[Driven]:
    system.asked(op="x-fault", name=request.param)
    yield system
    system.asked(op="x-fault", name=None)


@pytest.mark.parametrize("faulty", WITNESSES, indirect=True)
def test_a_fault_shows_in_the_last_step_of_its_witness(faulty: Driven, request: pytest.FixtureRequest) -> None:
    fault = FAULTS[request.node.callspec.params["faulty"]]
    divergence = diverges(faulty, MODEL, witness(fault.name))
    assert divergence is not None
    scenario = witness(fault.name)
    assert divergence.outcome.event == scenario.steps[-1].event
    assert fault.steps == len(scenario.steps)
    assert fault.items == sum(step.event.action == "create" for step in scenario.steps)
    assert scenario.sources == fault.breaks


@pytest.mark.parametrize("name", WITNESSES)
def test_what_a_fault_breaks_is_what_the_steps_of_its_witness_rest_on(name: str) -> None:
    steps = run_scenario(MODEL, witness(name)).steps
    cited = {source for step in steps for source in step.outcome.cited}
    assert cited & set(FAULTS[name].breaks) or steps[-1].outcome.refused


def test_there_are_many_faults_each_with_a_witness_and_each_at_its_place() -> None:
    assert len(WITNESSES) >= 25
    assert set(WITNESSES) == {name for name, fault in FAULTS.items() if fault.alone}
    assert len({fault.where for fault in FAULTS.values()}) >= 4
    homes = {"outbox": "store"}
    for name, fault in FAULTS.items():
        source = (DESKS / f"{homes.get(fault.where, fault.where)}.py").read_text()
        strings = Counter(n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
        assert strings[name], f"{name} is not in {fault.where}"


def test_the_fault_free_system_has_no_fault_and_an_unknown_one_is_refused() -> None:
    assert not any(faults.faulty(name) for name in FAULTS)
    refused = subprocess.run([*ADAPTER, "--fault", "adress-crosses"], capture_output=True, text=True, timeout=20)
    assert refused.returncode == 2
    assert "address-crosses" in refused.stderr


def test_the_readme_has_the_table_of_the_faults() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "examples.two_desks.faults"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert printed.count("\n") == len(FAULTS) + 2
    assert (DESKS / "README.md").read_text().endswith(printed)


# Crashes

LONG = """
scenario: Something of everything
given: {status: Assigned}
steps:
  - lead: create time entry T1
    text: 1 h at the customer's
  - service: accept
  - service: start
  - service: create note N1
    text: Disk replaced
  - lead: edit T1
    text: 2 h at the customer's
  - service: create time entry T2
    text: 3 h
  - lead: edit N1
    text: Disk replaced under warranty
  - service: insource complete
  - service: edit T2
    text: 4 h
  - service: create time entry T3
    text: 1 h cleaning up
  - lead: delete T1
  - lead: reject completion
  - service: delete T2
  - lead: complete
  - service: edit T3
    text: 2 h cleaning up
"""


@pytest.fixture(scope="module")
def long_one(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    file = tmp_path_factory.mktemp("crashes") / "long.yaml"
    file.write_text(LONG)
    (scenario,) = load_scenarios(file, model=MODEL)
    return scenario


class MutationSuite(Driven):
    """A system of which something is killed in each action, or after it, before anybody waits for it to come to rest."""

    def __init__(self, seed: int) -> None:
        super().__init__(ADAPTER)
        self._chance = Random(seed)
        self.killed: Counter[tuple[str, bool]] = Counter()

    def ask(self, **request: object) -> Answer:
        if request["op"] != "act":
            return super().ask(**request)
        part, during = self._chance.choice(PARTS), self._chance.random() < 0.5
        self.killed[part, during] += 1
        if during:
            assert super().ask(op="x-kill", part=part, during="act") == {"ok": True}
            return super().ask(**request)
        answer = super().ask(**request)
        assert super().ask(op="x-kill", part=part) == {"ok": True}
        return answer


@pytest.mark.thorough
def test_whatever_is_killed_after_any_action_nothing_is_lost_or_doubled(long_one: Scenario) -> None:
    with MutationSuite(seed=4) as system:
        assert diverges(system, MODEL, long_one) is None
        assert set(system.killed) == {(part, during) for part in PARTS for during in (True, False)}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_killed_on_a_random_walk_nothing_is_lost_or_doubled(seed: int) -> None:
    with MutationSuite(seed) as system:
        assert walk(system, MODEL, Random(seed), steps=25) is None


def test_a_killed_part_is_another_process_afterwards(system: Driven) -> None:
    before = system.ask(op="x-parts")["parts"]
    for part in PARTS:
        system.asked(op="x-kill", part=part)
    drive(system, "In Progress")
    after = system.ask(op="x-parts")["parts"]
    assert all(before[part] != after[part] for part in PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_done_while_a_part_is_down_arrives_when_it_is_up(system: Driven, part: str) -> None:
    other = "service" if part == "lead" else "lead"
    drive(system, "In Progress")
    system.asked(op="x-down", part=part)
    for number in range(3):
        create = {"action": "create", "kind": "time entry", "item": f"T{number}", "fields": {"text": str(number)}}
        system.asked(op="act", actor=other, **create)
    system.asked(op="act", actor=other, action="delete", item="T1")
    system.asked(op="x-up", part=part)
    system.asked(op="settle")
    seen = system.ask(op="observe")
    kind = "note" if other == "lead" else "time entry"
    copies = seen["tickets"]["service" if other == "lead" else "lead"]
    assert {name: (copy["kind"], copy["text"]) for name, copy in copies.items()} == {
        "T0": (kind, "0"),
        "T2": (kind, "2"),
    }
    assert seen["notified"] == ([] if other == "lead" else ["assigned resource"] * 3)


def test_up_is_for_what_is_down(system: Driven) -> None:
    before = system.ask(op="x-parts")
    system.asked(op="x-up", part="worker")
    assert system.ask(op="x-parts") == before


def deleted_before_a_crash(system: Driven) -> Answer:
    """Delete an item while the worker is down, and kill the desk before the worker is back."""
    drive(system, "In Progress")
    system.asked(op="act", actor="service", action="create", kind="note", item="N1", fields={"text": "Disk replaced"})
    system.asked(op="settle")
    system.asked(op="x-down", part="worker")
    system.asked(op="act", actor="service", action="delete", item="N1")
    system.asked(op="x-kill", part="service")
    system.asked(op="x-up", part="worker")
    system.asked(op="settle")
    shown: Answer = system.ask(op="observe")["tickets"]
    return shown


@pytest.mark.thorough
def test_deletions_survive_a_restart_unless_they_are_kept_in_memory(system: Driven) -> None:
    assert deleted_before_a_crash(system) == {"lead": {}, "service": {}}
    with Driven([*ADAPTER, "--fault", "deletions-lost-on-restart"]) as faulty:
        shown = deleted_before_a_crash(faulty)
    assert (list(shown["lead"]), list(shown["service"])) == (["N1"], [])


def left_open(process: subprocess.Popen[str]) -> str:
    """What comes on standard error until the last process that holds it has ended."""
    assert process.stderr is not None
    with process.stderr:
        return process.stderr.read()


@pytest.mark.parametrize("sent", few([signal.SIGTERM, signal.SIGINT, signal.SIGKILL], 3), ids=lambda sent: sent.name)
def test_no_process_is_left_however_the_adapter_ends(sent: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*ADAPTER, "--data", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        process.stdin.write('{"op": "reset"}\n')
        process.stdin.flush()
        assert process.stdout.readline() == '{"ok": true}\n'
        process.send_signal(sent)
        assert left_open(process) == ""
    assert process.wait() in (-sent, 128 + sent)


@pytest.mark.thorough
def test_a_desk_that_cannot_start_says_so_and_is_not_tried_again(tmp_path: Path) -> None:
    (tmp_path / "service.sqlite").write_text("this is no database " * 100)
    process = subprocess.run([*ADAPTER, "--data", str(tmp_path)], input="", capture_output=True, text=True, timeout=60)
    assert process.returncode == 1
    assert "two_desks: the service desk did not start" in process.stderr
    assert "file is not a database" in process.stderr
    named = subprocess.run(
        [*ADAPTER, "--data", str(tmp_path / "service.sqlite")], input="", capture_output=True, text=True, timeout=60
    )
    assert named.returncode == 1
    assert "cannot be used for the desks' files: File exists" in named.stderr


# By HTTP


def post(address: str, body: Answer) -> Answer:
    request = urllib.request.Request(address, json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=20) as response:
        answer: Answer = json.loads(response.read())
    return answer


@pytest.mark.thorough
def test_the_adapter_answers_the_same_by_http() -> None:
    process = subprocess.Popen(
        [*ADAPTER, "--http", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        with process.stdout:
            address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        assert post(address, {"op": "hello", "protocol": 1}) == {"protocol": 1, "name": "two desks", "can": []}
        assert post(address, {"op": "reset", "status": "Unsent"}) == {"ok": True}
        assert post(address, {"op": "act", "actor": "lead", "action": "outsource"}) == {"ok": True}
        assert post(address, {"op": "settle"}) == {"ok": True}
        seen = post(address, {"op": "observe"})
        assert seen == {"status": "Assigned", "tickets": {"lead": {}, "service": {}}, "notified": ["primary contact"]}
    finally:
        process.terminate()
        said = left_open(process)
    assert process.wait() == 128 + signal.SIGTERM
    assert said == ""


@pytest.mark.thorough
def test_one_command_starts_it_and_the_data_stays(tmp_path: Path) -> None:
    references = []
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "examples.two_desks", "--data", str(tmp_path / "kept")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            with process.stdout:
                told = dict(process.stdout.readline().split() for _ in range(3))
            assert told["data"] == str(tmp_path / "kept")
            client = Client(told["lead"])
            references.append(client.ask("POST", "/tickets", {"title": "Printer"})["reference"])
            assert client.ask("GET", f"/tickets/{references[0]}")["title"] == "Printer"
            client.close()
        finally:
            process.send_signal(signal.SIGINT)
            said = left_open(process)
        assert process.wait() == 0
        assert said == ""
    assert references == ["L-T1", "L-T2"]


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"op": "fly"}, "a request is an object with an 'op' of hello, reset, act, settle, observe,"),
        ({"op": "hello", "protocol": 2}, "this adapter speaks protocol 1, not 2"),
        ({"op": "reset", "status": "Complete"}, "a ticket of these desks begins as Unsent"),
        ({"op": "act", "actor": "judge", "action": "accept"}, "an act has an 'actor' (lead or service)"),
        ({"op": "act", "actor": "lead", "action": "create", "kind": "poem", "item": "P"}, "items are of kind time entry,"),
        ({"op": "act", "actor": "lead", "action": "create", "kind": "note"}, "a new item has a name of its own, not None"),
        ({"op": "act", "actor": "lead", "action": "create", "kind": "note", "item": "N", "fields": {"text": 7}},
         "an item has no field 'text' with the value 7"),
        ({"op": "act", "actor": "lead", "action": "create", "kind": "charge", "item": "C", "fields": {"internal": True}},
         "the desk answers 422: a Charge takes no 'publish' here"),
        ({"op": "x-fault", "name": "adress-crosses"}, "'adress-crosses' is not a fault; there are: acceptance-copies-"),
        ({"op": "x-kill", "part": "lead", "during": "lunch"}, "a part can be killed during an act, not during 'lunch'"),
        ({"op": "x-kill", "part": "printer"}, "a part is lead, service, worker, not 'printer'"),
    ],
)  # fmt: skip
def test_the_adapter_says_what_is_wrong_and_goes_on(system: Driven, request_: Answer, says: str) -> None:
    drive(system, "Unsent")
    answer = system.ask(**request_)
    assert set(answer) == {"error"}
    assert says in answer["error"]
    assert system.ask(op="observe")["status"] == "Unsent"
