"""A system under test that follows the rules themselves: to try simsync conform, and to see the protocol spoken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from simsync.app import load_model
from simsync.core.facts import CREATE
from simsync.core.model import Model
from simsync.core.simulation import Simulation
from simsync.core.step import step
from simsync.model.policy import Value
from simsync.model.world import Event
from simsync.version import __version__


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
        """What it is and can do."""
        return {"protocol": protocol, "name": f"simsync {__version__}", "can": ["reset_to_status"]}

    def reset(self, status: str) -> dict[str, Any]:
        """Empty tickets, in a status."""
        self._simulation = Simulation(self.model, status)
        self._told = []
        return {"ok": True}

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Value] | None = None
    ) -> dict[str, Any]:
        """One action."""
        if item and action != CREATE and item not in self._simulation.world.items:  # its creation was refused
            unknown = Event(actor=actor, action=action, item=item, fields=fields or {})
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
        return {"status": self._simulation.world.status, "tickets": tickets, "notified": told}

    def handle(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to any request; what makes no sense is answered with an ``error``."""
        ops = (self.hello, self.reset, self.act, self.settle, self.observe)
        wanted: dict[str, Callable[..., dict[str, Any]]] = {op.__name__: op for op in ops}
        found = wanted.get(str(request.get("op")))
        if found is None:
            return {"error": f"there is no op '{request.get('op')}'"}
        try:
            return found(**{key: value for key, value in request.items() if key != "op"})
        except (TypeError, ValueError) as error:
            return {"error": str(error)}


def system() -> ReferenceSystem:
    """A factory for ``--sut-python``, with the rules of the working directory or those that ship with simsync."""
    return ReferenceSystem(load_model())


def answers(model: Model, lines: Iterable[str]) -> Iterator[str]:
    """A line of JSON for each line of JSON."""
    made = ReferenceSystem(model)
    for line in lines:
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        known = isinstance(request, dict)
        yield json.dumps(made.handle(request) if known else {"error": "a request is a line with a JSON object"})
