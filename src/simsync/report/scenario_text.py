"""A scenario in a line."""

from __future__ import annotations

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.report.phrases import begins_in


def way_text(model: Model, way: Trace) -> str:
    """A scenario in a line: where it begins, and who does what; texts are left out, since any will do."""
    given = begins_in(way.status, way.readings)
    return "; ".join([*([f"given {given}"] if given else []), *(act_text(model, event) for event in way.events)])


def act_text(model: Model, event: Event) -> str:
    """Who does what, without texts."""
    free = {field.name for field in model.vocabulary.fields.values() if not field.values}
    fields = [f"{k} {str(v).lower() if isinstance(v, bool) else v}" for k, v in event.fields.items() if k not in free]
    return f"{event.actor}: {event}{f' ({chr(44).join(fields)})' if fields else ''}".replace(",", ", ")
