"""How to come to something: where to begin, under which readings, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simsync.engine.world import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to come to something: the status to begin in, the readings chosen, the events; the last one comes to it."""

    status: str
    readings: Mapping[str, str]
    events: tuple[Event, ...]
