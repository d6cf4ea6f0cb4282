"""A system that is an object of the caller's, asked where the caller is: in its thread, and without a limit of time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from simsync.engine.model import Model
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.questions.conform.systems.protocol import AnswerLimits, Json, Timed, parsed, side_by_side
from simsync.questions.conform.systems.python import ask
from simsync.questions.conform.systems.sut import System


class DirectConnection:
    """An object that answers, as for `PythonConnection`. What it raises reaches the caller with its traceback."""

    anew = False

    def __init__(self, system: Any, _limits: AnswerLimits) -> None:
        self._system = system

    def exchange(self, request: Json) -> Json:
        """Ask the object; what it gives back is taken as any other system's, by way of JSON."""
        answer = ask(self._system, request)
        if answer is None and request["op"] not in ("hello", "observe"):
            return {"ok": True}
        return parsed(json.dumps(answer).encode())

    def at_once(self, queues: Sequence[Sequence[Json]]) -> list[list[Timed]]:
        """Ask the object in a thread for each queue."""
        return side_by_side([self.exchange] * len(queues), queues)

    def close(self) -> None:
        """The object is its owner's."""


def by_object(system: Any, model: Model, names: Names = SAME) -> System:
    """A system under test that is an object, already there; ``names`` are what it calls things."""
    return System(partial(DirectConnection, system), model, names)
