"""What each option of a reading changes, in the shortest scenario that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from simsync.answer import Answer
from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.policy.policy import Reading
from simsync.progress import Progress, known, silent, told
from simsync.report.difference import as_json, as_text
from simsync.statespace.comparing import first_difference, observed

NamedModel = tuple[str, Model]


class OptionConsequence(NamedTuple):
    """What an option changes against the one in force: the shortest scenario in which anybody could see it, if any."""

    reading: Reading
    chosen: NamedModel
    other: NamedModel
    difference: Trace | None


def consequences(model: Model, progress: Progress = silent) -> Answer[tuple[OptionConsequence, ...]]:
    """What each option that is not in force changes; it always holds, unless it was interrupted."""
    others = [(r, name) for r in model.policy.readings.values() for name in r.options if name != model.readings[r.name]]
    with collector_paused():
        found, stopped = known(told(_changes(model, others), progress, "options compared", len(others)))
    made = tuple(found)
    return Answer(
        made,
        stopped is None,
        lambda: _text(made),
        lambda: {"consequences": [_data(one) for one in made]},
        stopped,
        "# ",
    )


def _changes(model: Model, others: Sequence[tuple[Reading, str]]) -> Iterator[OptionConsequence]:
    seen = observed([model, *(model.under({reading.name: name}) for reading, name in others)])
    for reading, name in others:
        other = model.under({reading.name: name})
        yield OptionConsequence(
            reading,
            (f"{reading.name}={model.readings[reading.name]}", model),
            (f"{reading.name}={name}", other),
            first_difference(model, other, seen),
        )


def _text(made: Sequence[OptionConsequence]) -> Iterator[str]:
    for number, one in enumerate(made):
        if number:
            yield "---"
        yield f"# {f'{one.reading.gap}: ' if one.reading.gap else ''}{one.reading.question}"
        yield from as_text(one.difference, one.chosen, one.other) if one.difference else ["# no difference"]


def _data(one: OptionConsequence) -> dict[str, Any]:
    return {"chosen": one.chosen[0], "other": one.other[0], **as_json(one.difference, one.chosen, one.other)}
