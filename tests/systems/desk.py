"""A system under test made of simsync's own Simulation, right or with one row changed: a factory, and a program."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from simsync import Simulation, load_model
from simsync.core.model import Model

MACHINES = Path(__file__).resolve().parents[2] / "machines"


class Desk:
    def __init__(self, model: Model | None = None, can: list[str] | None = None) -> None:
        self.model = model or load_model(MACHINES)
        self.can = ["reset_to_status"] if can is None else can
        self.simulation = Simulation(self.model)
        self.told: list[str] = []

    def hello(self, protocol: int) -> dict[str, Any]:
        return {"protocol": protocol, "name": "desk", "can": self.can}

    def reset(self, status: str) -> None:
        self.simulation = Simulation(self.model, status if self.can else self.model.status_spec.initial)
        self.told = []

    def act(self, actor: str, action: str, item: str = "", kind: str = "", fields: Any = None) -> dict[str, Any]:
        words = " ".join(word for word in (action, kind, item) if word)
        outcome = self.simulation.do(f"{actor}: {words}", **(fields or {}))
        self.told += outcome.notified
        return {"ok": True} if outcome.refused is None else {"refused": outcome.refused}

    def settle(self) -> None:
        pass

    def observe(self) -> dict[str, Any]:
        told, self.told = self.told, []
        tickets = {p: self.simulation.ticket(p) for p in self.model.vocabulary.partners}
        return {"status": self.simulation.world.status, "tickets": tickets, "notified": told}


def right() -> Desk:
    return Desk()


def serve(system: Any) -> None:
    from simsync.conformance.python import ask

    for line in sys.stdin:
        answer = ask(system, json.loads(line))
        print(json.dumps({"ok": True} if answer is None else answer), flush=True)


if __name__ == "__main__":
    serve(Desk(can=[] if "--no-reset" in sys.argv else None))
