"""What takes long to work out of questions, kept from one run to the next."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.questions.readings.needs import Weight, Weights
from simsync.statespace.array_cache import Arrays, keep, recalled


class Bound(NamedTuple):
    """What no set of questions of at most so many steps can go below, because of what one combination needs."""

    questions: int
    steps: int


class Worked(NamedTuple):
    """The questions' traces, how many combinations can be told apart, and where options are alike, need by need."""

    traces: tuple[Trace, ...]
    different: int
    alike: tuple[int, ...]
    bound: Bound
    weights: Weights


def worked(key: str, work: Callable[[], Worked]) -> Worked:
    """What was kept by a key, or is worked out and kept."""
    arrays = recalled(key)
    if arrays is None:
        arrays = _arrays(work())
        keep(key, arrays)
    return _read(arrays)


def _arrays(made: Worked) -> Arrays:
    told = {
        "traces": [(trace.status, [asdict(event) for event in trace.events]) for trace in made.traces],
        "different": made.different,
        "alike": [f"{bits:x}" for bits in made.alike],
        "bound": made.bound,
        "weights": made.weights,
    }
    return {"words": np.frombuffer(json.dumps(told).encode(), np.uint8)}


def _read(arrays: Arrays) -> Worked:
    told: dict[str, Any] = json.loads(arrays["words"].tobytes())
    return Worked(
        traces=tuple(
            Trace(status=status, events=tuple(Event(**event) for event in events)) for status, events in told["traces"]
        ),
        different=told["different"],
        alike=tuple(int(bits, 16) for bits in told["alike"]),
        bound=Bound(*told["bound"]),
        weights=Weights(*({name: Weight(*one) for name, one in some.items()} for some in told["weights"])),
    )
