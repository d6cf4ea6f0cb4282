"""Mutants of rules, and the operators that make them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.mutation import operators
from simsync.mutation.mutants import Mutant, Operator, mutants
from simsync.policy.policy import Effect, Policy, Then, When

BASE = load_model(ROOT / "machines")
MUTANTS = mutants(BASE)


def variant(model: Model, mutant: Mutant) -> Model:
    return model.factory.variant(mutant.policy).model(model.readings)


def test_there_is_a_mutant_of_every_rule_and_of_every_kind() -> None:
    touched = {mutant.rule for mutant in MUTANTS}
    assert {row.id for row in BASE.policy.rows} <= touched
    moves = [t.id for machine in (BASE.policy.status, BASE.policy.link) for t in BASE.policy.transitions(machine)]
    assert set(moves) <= touched
    assert {mutant.operator for mutant in MUTANTS} == set(Operator)
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS)
    leaks = {mutant.rule for mutant in MUTANTS if mutant.operator is Operator.LEAK}
    assert leaks == {f"{r.name}={o}" for r in BASE.policy.readings.values() for o in r.options if o != r.default}


@pytest.mark.thorough
def test_a_mutant_has_one_fault_and_the_rules_stay_as_they_were() -> None:
    digest = repr(BASE.policy)

    def rules(policy: Policy) -> Counter[str]:
        return Counter(map(repr, (*policy.rows, *policy.transitions(policy.status), *policy.transitions(policy.link))))

    ours = rules(BASE.policy)
    for mutant in MUTANTS:
        if mutant.operator in (Operator.OUTCOME, Operator.CONDITION, Operator.REMOVED):
            assert (ours - rules(mutant.policy)).total() == (rules(mutant.policy) - ours).total() == 1, mutant.id
        elif mutant.operator is Operator.SWAPPED:
            assert (ours - rules(mutant.policy)).total() == (rules(mutant.policy) - ours).total() == 2, mutant.id
    assert repr(BASE.policy) == digest


def test_a_row_that_is_not_there_leaves_the_options_that_replace_it() -> None:
    mutant = next(m for m in MUTANTS if m.operator is Operator.REMOVED and m.rule == "resume-delivers")
    assert variant(BASE, mutant).tables["status change"].table.rows != BASE.tables["status change"].table.rows
    other = BASE.under({"existing_items": "left"})
    mutant = next(m for m in MUTANTS if m.operator is Operator.REMOVED and m.rule == "acceptance-copies")
    assert "acceptance-leaves" in {row.id for row in variant(other, mutant).tables["status change"].table.rows}


def test_where_nothing_is_left_of_a_reading_it_exchanges_no_row_any_more() -> None:
    """An option that exchanges nothing leaks: the rows that the one chosen exchanges are as without it."""
    reading, option = next(
        (reading, option)
        for reading in BASE.policy.readings.values()
        for option in reading.options.values()
        if option.replace and not any(one.rows for one in reading.options.values() if one is not option)
    )
    model = BASE.under({reading.name: option.name})
    leaks = [one for one in mutants(model) if one.rule == f"{reading.name}={reading.default}"]
    mutant = next(one for one in leaks if one.operator is Operator.LEAK)
    table = next(row.table for row in option.rows)
    assert variant(model, mutant).tables[table].table.rows == BASE.tables[table].table.rows


def test_a_condition_is_dropped_inverted_or_loses_a_value() -> None:
    when: When = (("kind", ("story", "tip")), ("shown", (True,)))
    found = list(operators.conditions(when, {"kind": ("story", "tip", "photo"), "shown": (False, True)}))
    assert found == [
        ((("shown", (True,)),), "no longer tests kind"),
        ((("kind", ("photo",)), ("shown", (True,))), "tests kind: photo instead of story, tip"),
        ((("kind", ("tip",)), ("shown", (True,))), "no longer takes kind: story"),
        ((("kind", ("story",)), ("shown", (True,))), "no longer takes kind: tip"),
        ((("kind", ("story", "tip")),), "no longer tests shown"),
        ((("kind", ("story", "tip")), ("shown", (False,))), "tests shown: false instead of true"),
    ]


def test_what_a_row_decides_is_exchanged_piece_by_piece() -> None:
    then = Then(effect=Effect.DELIVER, link="share", notify=("desk",))
    assert [one.effect for one in operators.effects(then, Effect)] == list(Effect)
    assert [one.link for one in operators.links(then, ("share", "cut"))] == [None, "share", "cut"]
    assert [one.notify for _, one in operators.told(then, ("desk", "press"))] == [(), ("desk", "press")]
    assert [one.notify for one in operators.tellings(then, ("a", "b"))] == [
        (), ("a",), ("b",), ("a", "a"), ("b", "b"), ("a", "b"),
    ]  # fmt: skip
    refused = operators.permission(Then(), "no")
    assert (refused.refuse, operators.permission(refused, "no").refuse) == ("no", None)


def test_a_transition_leaves_leads_and_belongs_otherwise() -> None:
    one = next(one for one in BASE.policy.status.transitions if len(one.source) == 1)
    (source,) = one.source
    assert operators.leaving(one, source).source == ()
    assert operators.leaving(one, "elsewhere").source == (source, "elsewhere")
    assert [other.dest for other in operators.leading(one, ("a", "b"))] == ["a", "b"]
    ((other, what),) = operators.for_others(one, BASE.vocabulary)
    assert what == f"is for {other.actors[0]} instead of {one.actors[0]}"
    assert [back for back, _ in operators.for_others(other, BASE.vocabulary)] == [one]
    several = replace(one, actors=("desk", "timer"))
    fewer = [(some.actors, said) for some, said in operators.for_others(several, BASE.vocabulary)]
    assert fewer == [(("timer",), "is not for desk"), (("desk",), "is not for timer")]
    assert [*operators.for_others(replace(one, actors=("timer",)), BASE.vocabulary)] == []
    state = BASE.policy.status.states[source]
    phases = [other.phase for other in operators.phases(state, BASE.policy.status.phases)]
    assert {*phases, state.phase} == {*BASE.policy.status.phases}
    assert state.phase not in phases
