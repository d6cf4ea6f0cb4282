"""What a policy is, in a few lines, for somebody who sees it for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from simsync.engine.model import Model
from simsync.policy.policy import ALONE
from simsync.report.phrases import counted


def about(model: Model, errors: int) -> Iterator[str]:
    """What the rules are, whether they are complete, what is open, what is cited; ``errors``: how many there are."""
    policy, words = model.policy, model.words
    cited, readings = policy.citations, policy.readings
    machines = [machine for machine in (*model.status_machines, model.link_spec) if machine.initial != ALONE]
    rows = sum(len(table.rows) for table in policy.tables.values())
    made = [counted(len(machines), "state machine")] if machines else []
    made.append(f"{counted(len(policy.tables), 'decision table')} of {counted(rows, 'row')}")
    of = f"{counted(len(cited.statements), 'statement')} of the {words.page}, as " if cited.statements else ""
    yield f"the rules   {of}{' and '.join(made)}"
    if errors:
        yield f"complete?   no: {counted(errors, 'error')}, see simsync check"
    else:
        combinations = prod(len(reading.options) for reading in readings.values())
        under = f", under all {combinations:,} combinations of readings" if combinations > 1 else ""
        yield f"complete?   yes{under}: one row decides each situation"
    if readings:
        questions = counted(len(readings), "question")
        yield f"open        {questions} that the {words.page} does not answer, each with its options: simsync readings"
    ids = [("statements", cited.statements), ("gaps they leave", cited.gaps), ("other pages", cited.pages)]
    if parts := [f"{what} {_span([*names])}" for what, names in ids if names]:
        yield f"in brackets {', '.join(parts)}"


def _span(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
