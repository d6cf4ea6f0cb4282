"""A system that follows a model's rules, can be told what it can do, and keeps what it did."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simsync import load_model
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.policy.policy import Value
from simsync.reference import ReferenceSystem

MACHINES = Path(__file__).resolve().parents[1] / "machines"


class Desk(ReferenceSystem):
    def __init__(self, model: Model | None = None, can: list[str] | None = None) -> None:
        super().__init__(model or load_model(MACHINES))
        self.can = ["reset_to_status"] if can is None else can
        self.done: list[Outcome] = []

    def hello(self, protocol: int) -> dict[str, Any]:
        return {"protocol": protocol, "name": "desk", "can": self.can}

    def reset(self, status: str) -> dict[str, Any]:
        return super().reset(status if "reset_to_status" in self.can else self.model.status_spec.initial)

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Value] | None = None
    ) -> dict[str, Any]:
        answer = super().act(actor, action, item, kind, fields)
        self.done.append(self._simulation.outcomes[-1])
        return answer


def serve(system: ReferenceSystem) -> None:
    for line in sys.stdin:
        print(json.dumps(system.handle(json.loads(line))), flush=True)
