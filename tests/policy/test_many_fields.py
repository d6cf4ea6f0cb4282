"""Fields that nothing looks at cost nothing; what costs too much is told beforehand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.simulation import Simulation
from simsync.engine.trace import simulate
from simsync.errors import Code, SimsyncError
from simsync.policy.fields import Delivery, Field
from simsync.policy.policy import Claim, Kind, Property, Shown
from simsync.questions.check.check import check
from simsync.statespace.comparing import first_difference
from simsync.statespace.independence import independence
from simsync.statespace.reachability import Reached
from simsync.statespace.transition_table import transition_table

BASE = load_model(ROOT / "tests" / "policies" / "atelier")
TESTED = (Property(name="p", claim=Claim.CAN, what=(("flag1", (True,)),), sources=()),)


def with_fields(many: int, properties: tuple[Property, ...] = (), **changed: object) -> Model:
    """The base policy with more fields on every kind, flags and others, carried or not."""
    more = {
        f"flag{n}": Field(
            name=f"flag{n}",
            values=(False, True) if n % 3 else ("low", "middle", "high"),
            default=False if n % 3 else "low",
            delivered=Delivery(by=("shop", "atelier")) if n % 4 else None,
            set_by=("create", "edit"),
        )
        for n in range(many)
    }
    words = BASE.vocabulary
    kinds = {
        n: Kind(about="", name=n, fields=(*kind.fields, *more), sources=kind.sources) for n, kind in words.kinds.items()
    }
    shows = (*words.shows, *(Shown(name=name, field=name) for name in more))
    policy = replace(
        BASE.policy,
        vocabulary=replace(words, kinds=kinds, fields={**words.fields, **more}, shows=shows),
        properties=(*BASE.policy.properties, *properties),
    )
    return BASE.factory.of(policy).model(BASE.readings)


def test_fields_that_nothing_looks_at_cost_nothing() -> None:
    plain, many = transition_table(BASE), transition_table(with_fields(20))
    assert [len(t.item_states) for t in (plain, many)] == [31, 31]
    assert len(many.events) == len(plain.events) + 2  # an edit, by each partner, of what no delivery carries
    assert bool(independence(many))
    steps = [len(Reached(model).parts) for model in (BASE, with_fields(20))]
    assert steps[1] < 2 * steps[0]


def test_what_is_found_is_the_same() -> None:
    plain, many = list(check(BASE)), list(check(with_fields(20)))
    assert [(one.code, one.rows, one.message) for one in plain] == [(one.code, one.rows, one.message) for one in many]


def test_a_field_that_is_asked_about_is_told_apart() -> None:
    model = with_fields(5)
    wanted = (("flag1", (True,)), ("atelier.flag1", (True,)), ("copy", ("present",)), ("owner", ("shop",)))
    table = transition_table(model, facts=[fact for fact, _ in wanted])
    assert (table.states(wanted) & table.reached).any()
    assert not (table.states((*wanted, ("stale", (True,)), ("link", ("mirrored",)))) & table.reached).any()


def test_a_field_that_a_property_looks_at_is_told_apart() -> None:
    assert len(transition_table(with_fields(3, TESTED)).item_states) > len(transition_table(with_fields(3)).item_states)


def never(**what: object) -> Property:
    said = tuple((fact.replace("_", " "), (value,)) for fact, value in what.items())
    return Property(name=f"never {what}", claim=Claim.NEVER, what=said, sources=())  # type: ignore[arg-type] # values


def test_fields_that_only_properties_look_at_cost_check_nothing() -> None:
    kept = never(flag1=True, flag2=True, phase=next(iter(BASE.policy.status.phases)), synced=True, change="none")
    plain = Reached(BASE)
    for claims in (TESTED, (kept,)):
        many = Reached(with_fields(3, claims))
        assert len(many.parts) < 2 * len(plain.parts)
        assert not many.faults


def test_a_property_about_fields_is_found_broken_with_the_values_that_break_it() -> None:
    faults = [one.way for one in check(with_fields(3, (never(flag1=True, flag2=True, change="edit"),))) if one.way]
    assert faults
    for way in faults:
        values = {name: value for event in way.events for name, value in event.fields.items()}
        assert values["flag1"] is values["flag2"] is True


def test_two_policies_differ_where_one_carries_a_field() -> None:
    model = with_fields(2)
    fields = model.vocabulary.fields
    carried = {**fields, "flag0": replace(fields["flag0"], delivered=fields["flag1"].delivered)}
    policy = replace(model.policy, vocabulary=replace(model.vocabulary, fields=carried))
    other = model.factory.of(policy).model(model.readings)
    assert first_difference(model, model) is None
    found = first_difference(model, other)
    assert found is not None
    ends = [outcomes[-1].after.items["N1"].copy for outcomes in (simulate(model, found), simulate(other, found))]
    assert all(ends)
    assert ends[0] != ends[1]


def test_too_many_values_to_tell_apart_are_told_beforehand() -> None:
    claims = tuple(replace(TESTED[0], name=f"p{n}", what=((f"flag{n}", (True,)),)) for n in range(20) if n % 3)
    model = with_fields(20, claims)
    with pytest.raises(SimsyncError, match="'flag1' \\(2 values\\)") as error:
        transition_table(model)
    assert [one.code for one in error.value.diagnostics] == [Code.TOO_MANY]
    assert Simulation(model).do(f"{next(iter(BASE.vocabulary.partners))}: create draft N1").refused is None
