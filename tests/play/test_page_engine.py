"""The page's engine does what simsync's engine does, on every policy, under any readings."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from page_walks import POLICIES, Walker, differences
from planted import with_row, without_row
from simsync.app import load_model
from simsync.play.rules import rows_under
from simsync.policy.options import allows
from simsync.policy.policy import Decides, Effect


@pytest.mark.parametrize("name", POLICIES)
def test_random_steps_are_those_of_the_engine(name: str) -> None:
    factory = load_model(POLICIES[name]).factory
    walker = Walker(factory, 1)
    assert differences(factory, [walker.walk(20) for _ in range(3)]) == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", POLICIES)
def test_ten_thousand_random_steps_are_those_of_the_engine(name: str) -> None:
    factory = load_model(POLICIES[name]).factory
    walker = Walker(factory, 2)
    assert differences(factory, [walker.walk(25) for _ in range(400)]) == []


@pytest.mark.thorough
@pytest.mark.parametrize("name", POLICIES)
def test_so_they_are_of_rules_that_are_changed_in_one_row(name: str) -> None:
    """Effects that the policy does not have, rows that never match, properties that break: defects too."""
    model, rng = load_model(POLICIES[name]), random.Random(4)
    rows = [row for row in model.policy.rows if model.policy.tables[row.table].decides is Decides.CHANGE]
    for number in range(12):
        row = rng.choice(rows)
        effect = [*Effect][number % len(Effect)]
        faulty = (
            without_row(model, row.id)
            if number % 4 == 0
            else with_row(model, row.id, then=replace(row.then, effect=effect))
        )
        walker = Walker(faulty.factory, number)
        assert differences(faulty.factory, [walker.walk(20) for _ in range(5)]) == []


@pytest.mark.parametrize("name", POLICIES)
def test_the_rows_in_force_are_the_models(name: str) -> None:
    factory = load_model(POLICIES[name]).factory
    rng = random.Random(3)
    for _ in range(10):
        model = factory.model({r.name: rng.choice([*r.options]) for r in factory.policy.readings.values()})
        for table in factory.policy.tables.values():
            there = [
                row.id
                for row, under in rows_under(factory.policy, table)
                if all(model.readings[r] in options for r, options in under.items()) and allows(row.when, model.tested)
            ]
            assert there == [row.id for row in model.tables[table.name].table.rows]
