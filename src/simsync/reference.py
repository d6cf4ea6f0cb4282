"""A system under test that follows the rules themselves: to try simsync conform, and to see the protocol spoken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.simulation import Simulation
from simsync.engine.step import step
from simsync.engine.world import Event
from simsync.errors import not_among
from simsync.policy.facts import CHANGES, CREATE
from simsync.policy.policy import Value
from simsync.questions.replay.log.lines import bounded_lines
from simsync.questions.replay.log.text import LONGEST
from simsync.strict_json import NoJson, TwoWays, loads
from simsync.version import __version__

PROTOCOL = 1
REQUESTS: dict[str, dict[str, tuple[type | tuple[type, ...], str]]] = {
    "hello": {"protocol": (int, "a number")},
    "reset": {"status": ((str, dict), "a text, or one for each of several")},
    "act": {
        "actor": (str, "a text"),
        "action": (str, "a text"),
        "item": (str, "a text"),
        "kind": (str, "a text"),
        "fields": (dict, "an object"),
    },
    "settle": {},
    "observe": {},
}
"""What each request says besides ``op``."""
NEEDED = ("protocol", "status", "actor", "action")


class ReferenceSystem:
    """Answers each ``op`` of the protocol by a method; a new one has nothing on its tickets.

    >>> system = ReferenceSystem(load_model())
    >>> system.hello(1)["can"]
    ['reset_to_status']
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._simulation = Simulation(model)
        self._told: list[str] = []

    def hello(self, protocol: int) -> dict[str, Any]:
        """What it is and can do; raises ValueError for another protocol."""
        if protocol != PROTOCOL:
            raise ValueError(f"protocol {PROTOCOL} is spoken here, not {protocol}")
        return {"protocol": protocol, "name": f"simsync {__version__}", "can": ["reset_to_status"]}

    def reset(self, status: Any) -> dict[str, Any]:
        """Empty tickets, in a status, a text; raises ValueError where there is no such status.

        Of several status machines each may be named, by its partner or name: a mapping of texts.
        """
        self._simulation = Simulation(self.model, status)
        self._told = []
        return {"ok": True}

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Value] | None = None
    ) -> dict[str, Any]:
        """One action; raises ValueError, with a sentence, where it makes no sense."""
        if actor not in self.model.vocabulary.acting:
            raise ValueError(not_among(self.model.words.partner.a, actor, self.model.vocabulary.acting))
        if item and action in CHANGES and action != CREATE and item not in self._simulation.world.items:
            unknown = Event(actor=actor, action=action, item=item, fields=fields or {})  # its creation was refused
            return {"refused": step(self.model, self._simulation.world, unknown).refused}
        words = " ".join(word for word in (action, kind, item) if word)
        outcome = self._simulation.do(f"{actor}: {words}", **(fields or {}))
        self._told += outcome.notified
        return {"ok": True} if outcome.refused is None else {"refused": outcome.refused}

    def settle(self) -> dict[str, Any]:
        """It is always at rest."""
        return {"ok": True}

    def observe(self) -> dict[str, Any]:
        """What both tickets show, and who was told since the last time."""
        told, self._told = self._told, []
        tickets = {partner: self._simulation.ticket(partner) for partner in self.model.vocabulary.partners}
        status = self.model.status_spec.said(self._simulation.world.status)
        return {"status": status, "tickets": tickets, "notified": told}

    def handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to any request; what makes no sense is answered with an ``error``, in a sentence."""
        try:
            op = _checked(request)
            answer: dict[str, Any] = getattr(self, op)(**{key: said for key, said in request.items() if key != "op"})
        except ValueError as error:
            return {"error": str(error)}
        return answer


def _checked(request: Mapping[str, Any]) -> str:
    """What is asked for; raises ValueError, with a sentence, where the request is not as the protocol has it."""
    op = request.get("op")
    if not isinstance(op, str):
        raise ValueError(f"a request says what it wants as 'op'. Allowed: {', '.join(REQUESTS)}")
    if op not in REQUESTS:
        raise ValueError(not_among("an op", op, REQUESTS))
    keys = REQUESTS[op]
    for key, said in request.items():
        if key == "op":
            continue
        if key not in keys:
            raise ValueError(not_among(f"a key of '{op}'", key, keys))
        wanted, named = keys[key]
        if not isinstance(said, wanted) or isinstance(said, bool):
            raise ValueError(f"'{key}' is {named}")
    missing = next((key for key in keys if key in NEEDED and key not in request), None)
    if missing is not None:
        raise ValueError(f"'{op}' needs the key '{missing}'")
    return op


def system() -> ReferenceSystem:
    """A factory for ``--sut-python``, with the rules of the working directory or those that ship with simsync."""
    return ReferenceSystem(load_model())


def answers(model: Model, stream: BinaryIO) -> Iterator[str]:
    """A line of JSON for each line of JSON."""
    made = ReferenceSystem(model)
    for _, line in bounded_lines(stream):
        yield json.dumps(_answer(made, line))


def _answer(made: ReferenceSystem, line: bytes | None) -> dict[str, Any]:
    if line is None:
        return {"error": f"a request has at most {LONGEST:,} bytes"}
    try:
        request = loads(line)
    except TwoWays as problem:
        return {"error": f"a request can be read in one way only: {problem}"}
    except NoJson as problem:
        return {"error": f"a request is a line with a JSON object: {problem}"}
    return made.handle(request) if isinstance(request, dict) else {"error": "a request is a line with a JSON object"}
