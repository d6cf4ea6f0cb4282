"""A transition table has what the engine does, step by step, also of rules with odd corners."""

from __future__ import annotations

import pytest

from conftest import ROOT
from planted import without_row
from sampling import few
from simsync.app import load_model
from simsync.engine.step import step
from simsync.statespace.abstraction import Abstraction, AbstractState
from simsync.statespace.transition_table import REFUSED, UNDECIDED, TransitionTable, transition_table

SHIPPED = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
HOLES = without_row(without_row(SHIPPED, "sends-withdrawal"), "sync-emails")
FIELDS_OF_OTHER_KINDS = without_row(SHIPPED, "service-attachment-copy")
"""A copy may be given a field that its kind lacks."""

MODELS = {"atelier": ATELIER, "shipped": SHIPPED, "with holes": HOLES, "fields of other kinds": FIELDS_OF_OTHER_KINDS}


def steps(table: TransitionTable) -> int:
    """Hold every step of the table against the engine; how many there are."""
    abstraction, numbers, tried = Abstraction(table.engine), {shape: i for i, shape in enumerate(table.item_states)}, 0
    for s, status in enumerate(table.statuses):
        p = table.phase[s]
        for i, shape in enumerate(table.item_states):
            if not table.reached[s, i]:
                continue
            world = abstraction.world(AbstractState(status, shape))
            for event in abstraction.events(shape):
                outcome = step(table.engine, world, event)
                if event.item is None:
                    b = table.actions.index(event)
                    m = table.move[s, b]
                    found = REFUSED if m < 0 else table.moved[m, i]
                else:
                    a = next(n for n, one in enumerate(table.events) if (one, one.fields) == (event, event.fields))
                    found = table.next[p, i, a]
                after = numbers.get(abstraction.state(outcome.after).item)
                assert found == (UNDECIDED if outcome.defects else REFUSED if outcome.refused is not None else after)
                tried += 1
    return tried


@pytest.mark.parametrize("name", few(MODELS, 4))
def test_every_step_is_as_the_engine_takes_it(name: str) -> None:
    assert steps(transition_table(MODELS[name])) > 0
