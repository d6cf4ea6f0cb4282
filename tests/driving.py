"""Systems under test as the tests drive them: child processes that speak the protocol, in lock step with simsync."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Any, Self

from simsync.engine.actions import ActionError
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.simulation import Simulation
from simsync.engine.view import ticket
from simsync.engine.world import Event
from simsync.policy.policy import Value
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import run_scenario

Answer = dict[str, Any]

OFFERED = (("lead", "outsource"),)
ACCEPTED = (*OFFERED, ("service", "accept"))
STARTED = (*ACCEPTED, ("service", "start"))
SUBMITTED = (*STARTED, ("service", "insource complete"))
WAYS = {
    "Unsent": (),
    "Assigned": OFFERED,
    "Declined": (*OFFERED, ("service", "decline")),
    "Canceled": (*OFFERED, ("lead", "cancel")),
    "Accepted": ACCEPTED,
    "In Progress": STARTED,
    "Waiting Approval": SUBMITTED,
    "Complete": (*SUBMITTED, ("lead", "approve completion")),
}
ACTIONS = ("outsource", "cancel", "accept", "decline", "start", "complete", *(action for _, action in WAYS["Complete"]))
ACTIONS += ("reject completion", "reject completion", "insource complete")

SECONDS_TO_END = 20


class Driven:
    """A system that a command starts and that reads requests from its standard input; a context that ends it."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request: object) -> Answer:
        """The answer to a request."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the system ended instead of answering {request}"
        answer: Answer = json.loads(line)
        return answer

    def asked(self, **request: object) -> None:
        """Ask what is to be answered with ok."""
        answer = self.ask(**request)
        assert answer == {"ok": True}, (request, answer)

    def end(self) -> int:
        """Close its standard input and wait for it to end; its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            return self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            raise
        finally:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.end()


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a system first does something else than the model: the step's outcome, and what each says of it."""

    outcome: Outcome
    expected: Answer
    actual: Answer


def drive(system: Driven, status: str) -> None:
    """A new ticket, brought to a status."""
    system.asked(op="reset", status="Unsent")
    for actor, action in WAYS[status]:
        system.asked(op="act", actor=actor, action=action)
        system.asked(op="settle")
    system.ask(op="observe")


def take(system: Driven, event: Event) -> Answer:
    """Let the system do an event and come to rest; what can be seen of it."""
    request: Answer = {"op": "act", "actor": event.actor, "action": event.action}
    if event.item is not None:
        request["item"] = event.item
    if event.kind is not None:
        request["kind"] = event.kind
    if event.fields:
        request["fields"] = dict(event.fields)
    answer = system.ask(**request)
    assert answer == {"ok": True} or set(answer) == {"refused"}, (request, answer)
    system.asked(op="settle")
    observed = system.ask(op="observe")
    observed["notified"] = sorted(observed["notified"])
    return {"refused": "refused" in answer, **observed}


def expected(outcome: Outcome) -> Answer:
    """What a system that conforms shows after a step. What the portal shows, no operation of the protocol tells."""
    vocabulary = outcome.model.vocabulary
    tickets = {partner: ticket(vocabulary, outcome.after, partner) for partner in vocabulary.partners}
    return {
        "refused": outcome.refused is not None,
        "status": outcome.after.status,
        "tickets": {
            partner: {
                name: {key: value for key, value in view.items() if key != "customer_visible"}
                for name, view in views.items()
            }
            for partner, views in tickets.items()
        },
        "notified": sorted(outcome.notified),
    }


def diverges(system: Driven, model: Model, scenario: Scenario) -> Divergence | None:
    """The first step of a scenario at which the system shows something else than the model; None if there is none."""
    drive(system, scenario.status)
    for result in run_scenario(model, scenario).steps:
        due, found = expected(result.outcome), take(system, result.outcome.event)
        if due != found:
            return Divergence(result.outcome, due, found)
    return None


def walk(system: Driven, model: Model, chance: Random, steps: int) -> Divergence | None:
    """Drive a system and a simulation through the same steps, drawn by chance; the first at which they differ."""
    status = chance.choice([*WAYS, "In Progress", "In Progress", "Waiting Approval"])
    drive(system, status)
    simulation = Simulation(model, status)
    while len(simulation.outcomes) < steps:
        words, fields = drawn(model, chance, list(simulation.world.items))
        try:
            outcome = simulation.do(words, **fields)
        except ActionError:  # what makes no sense, such as publishing a charge
            continue
        due, found = expected(outcome), take(system, outcome.event)
        if due != found:
            return Divergence(outcome, due, found)
    return None


def drawn(model: Model, chance: Random, items: list[str]) -> tuple[str, dict[str, Value]]:
    """An action in words, and the fields that it comes with."""
    actor = chance.choice(list(model.vocabulary.partners))
    change = chance.choice(["create", "edit", "edit", "delete", "status"] if items else ["create", "status"])
    if change == "status":
        return f"{actor}: {chance.choice(list(ACTIONS))}", {}
    if change == "delete":
        return f"{actor}: delete {chance.choice(items)}", {}
    fields: dict[str, Value] = {"text": f"text {chance.randrange(3)}"} if chance.random() < 0.8 else {}
    if chance.random() < 0.4:
        fields["internal"] = chance.random() < 0.5
    if change == "edit":
        return f"{actor}: edit {chance.choice(items)}", fields
    kind = chance.choice(list(model.vocabulary.kinds))
    if kind == "attachment" and chance.random() < 0.4:
        fields["type"] = chance.choice(["file link", "folder link", "url"])
    return f"{actor}: create {kind} I{len(items)}", fields


def act(words: str, **fields: Any) -> Event:
    """The event that is said as in a scenario: actor, action, kind and item."""
    actor, _, action = words.partition(": ")
    parts = action.split()
    if parts[0] == "create":
        return Event(actor=actor, action="create", kind=" ".join(parts[1:-1]), item=parts[-1], fields=fields)
    if parts[0] in ("edit", "delete"):
        return Event(actor=actor, action=parts[0], item=parts[1], fields=fields)
    return Event(actor=actor, action=action)
