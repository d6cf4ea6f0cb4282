"""As many combinations of readings as are walked through at once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.policy.policy import Option, Reading, Row
from simsync.questions.check.check import check
from simsync.statespace.combinations import MOST, Combinations
from simsync.statespace.space import Space

MORE = 2
"""Readings of two options each, besides the 2^14 combinations of the shipped ones."""


def option(name: str, rows: Mapping[str, tuple[Row, ...]]) -> Option:
    return Option(name=name, about="", replace=rows, add={}, transitions={})


@pytest.fixture(scope="module")
def model() -> Model:
    """The shipped rules with more readings, each of which says the same of a row in other words."""
    base = load_model(ROOT / "machines")
    touched = {name for one in base.policy.options for name in one.replace}
    rows = [row for table in base.policy.tables.values() for row in table.rows if row.id not in touched]
    first = next(iter(base.policy.readings.values()))
    readings = dict(base.policy.readings)
    for number, row in enumerate(rows[:MORE]):
        name = f"wording {number}"
        other = replace(row, id=f"{row.id} said otherwise", reading=f"{name}=other")
        options = {"as it is": option("as it is", {}), "other": option("other", {row.id: (other,)})}
        readings[name] = Reading(**{**fields(first), "name": name, "options": options})  # type: ignore[arg-type] # its fields
    return base.factory.of(replace(base.policy, readings=readings)).model({})


def fields(reading: Reading) -> dict[str, object]:
    return {name: getattr(reading, name) for name in reading.__dataclass_fields__}


@pytest.mark.thorough
def test_walks_go_as_the_engine_says(model: Model) -> None:
    combinations = Combinations(model.policy)
    assert combinations.size == MOST
    space, chance = Space(model, combinations), random.Random(5)
    plain = Space(load_model(ROOT / "machines"), Combinations(load_model(ROOT / "machines").policy))
    assert len(space.came) == len(plain.came)
    for _ in range(300):
        index = chance.randrange(combinations.size)
        one = model.under(combinations.readings_of(index))
        state = chance.choice([state for state, bits in space.came.items() if bits >> index & 1])
        event = chance.choice(space.possible(state))
        (taken,) = [taken for taken in space.taken(state, event) if taken.bits >> index & 1]
        outcome = step(one, space.abstraction.world(space.abstract_state(state)), space.events[event])
        assert space.abstraction.state(outcome.after) == space.abstract_state(taken.after)


@pytest.mark.thorough
def test_wordings_are_found_to_make_no_difference(model: Model) -> None:
    idle = [finding.message for finding in check(model) if finding.code == "option-never-matters"]
    assert len(idle) == MORE
    assert all(f"wording {number}=other" in told for number, told in enumerate(idle))
