"""The facts that rules and questions may test, whole: which there are, their values, and those of an item at rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planted import without
from simsync import Simulation
from simsync.engine.facts import Facts
from simsync.engine.model import Model
from simsync.engine.state_facts import state_facts
from simsync.engine.watched import watched_fields
from simsync.policy.facts import FACTS, STATE_FACTS, FactNames, domain, domain_of, names_of
from simsync.policy.policy import Policy, Value
from systems.desks import MODEL
from systems.wire import WIRE

PARTNERS, KINDS = ("desk", "stringer"), ("story", "tip")
PHASES, LINKS = ("early", "open", "frozen", "gone"), ("alone", "wired", "waiting", "off")
CREDITS, YES_NO, THERE = ("nobody", "agency", "author"), (False, True), ("present", "absent")


def test_the_names_of_a_policy_are_what_facts_are_made_of() -> None:
    assert names_of(WIRE.policy) == FactNames(
        partners=PARTNERS,
        actors=(),
        kinds=KINDS,
        fields={"credit": CREDITS, "embargoed": YES_NO},
        memories=("corrected",),
        phases=PHASES,
        links=LINKS,
        derived={"wanted": (True, False)},
    )


def test_the_facts_of_a_step_have_these_values() -> None:
    given: dict[str, tuple[Value, ...]] = {
        "actor": PARTNERS,
        "change": ("create", "edit", "delete", "none"),
        "by": ("owner", "other"),
        "owner": PARTNERS,
        "kind": KINDS,
        "phase": PHASES,
        "next phase": PHASES,
        "link": LINKS,
        "copy": THERE,
        "original": ("present", "deleted"),
        "ticket": THERE,
        "shown": YES_NO,
        "arrives": YES_NO,
        "synced": YES_NO,
        "next link": LINKS,
    }
    declared: dict[str, tuple[Value, ...]] = {
        "credit": CREDITS, "embargoed": YES_NO, "corrected": YES_NO, "wanted": (True, False)
    }  # fmt: skip
    assert domain(names_of(WIRE.policy)) == {**given, **declared}
    assert list(given) == list(FACTS)


def test_the_facts_of_a_state_have_these_values() -> None:
    assert domain_of(WIRE.policy) == {
        "status": ("Planned", "Open", "Frozen", "Gone"),
        "phase": PHASES,
        "owner": PARTNERS,
        "kind": KINDS,
        "link": LINKS,
        "copy": THERE,
        "original": ("present", "deleted"),
        "stale": YES_NO,
        "credit": CREDITS,
        "embargoed": YES_NO,
        "corrected": YES_NO,
        "wanted": (True, False),
        "desk.kind": KINDS,
        "stringer.kind": KINDS,
        "desk.credit": CREDITS,
        "stringer.credit": CREDITS,
        "desk.embargoed": YES_NO,
        "stringer.embargoed": YES_NO,
        "desk.printable": YES_NO,
    }
    assert list(domain_of(WIRE.policy))[: len(STATE_FACTS)] == list(STATE_FACTS)


def test_what_the_engine_gives_is_not_given_otherwise() -> None:
    names = replace(names_of(WIRE.policy), fields={"actor": ("nobody",), "credit": ("agency",)})
    assert (domain(names)["actor"], domain(names)["credit"]) == (PARTNERS, ("agency",))


def at_rest(model: Model, status: str, *actions: str, **texts: str) -> Facts:
    """The facts of the first item after some actions, an edit being of its text."""
    simulation = Simulation(model, status)
    for action in actions:
        simulation.do(action, **(texts if ": edit" in action else {}))
    first = next(iter(simulation.world.items.values()), None)
    return state_facts(model, simulation.world.status, first)


STORY: Facts = {
    "status": "Open", "phase": "open", "owner": "stringer", "kind": "story", "link": "wired",
    "copy": "present", "original": "present", "stale": False,
    "credit": None, "embargoed": None, "corrected": False, "wanted": True,
    "desk.kind": "tip", "desk.body": "", "desk.credit": "nobody", "desk.embargoed": True, "desk.printable": False,
    "stringer.kind": "story", "stringer.body": "",
}  # fmt: skip
TIP: Facts = {
    "status": "Planned", "phase": "early", "owner": "desk", "kind": "tip", "link": "alone",
    "copy": "absent", "original": "present", "stale": False,
    "credit": "nobody", "embargoed": False, "corrected": False, "wanted": True,
    "desk.kind": "tip", "desk.body": "", "desk.credit": "nobody", "desk.embargoed": False, "desk.printable": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "actions", "facts"),
    [
        ("Frozen", [], {"status": "Frozen", "phase": "frozen"}),
        ("Open", ["stringer: create story S1"], STORY),
        (
            "Open",
            ["stringer: create story S1", "desk: edit S1"],
            {**STORY, "corrected": True, "stale": True, "desk.body": "new"},
        ),
        (
            "Open",
            ["stringer: create story S1", "stringer: edit S1"],
            {**STORY, "desk.body": "new", "stringer.body": "new"},
        ),
        (
            "Open",
            ["stringer: create story S1", "stringer: delete S1"],
            {
                **{fact: value for fact, value in STORY.items() if "." not in fact},
                "link": "off", "copy": "absent", "original": "deleted",
            },
        ),
        ("Planned", ["desk: create tip T1"], TIP),
    ],
)  # fmt: skip
def test_the_facts_of_an_item_at_rest(status: str, actions: list[str], facts: Facts) -> None:
    assert at_rest(WIRE, status, *actions, body="new") == facts


def test_a_copy_that_outlives_its_original_is_not_stale() -> None:
    made = ["service: create note N1", "lead: edit N1", "service: delete N1"]
    facts = at_rest(MODEL, "In Progress", *made, text="new")
    assert (facts["copy"], facts["original"], facts["stale"]) == ("present", "deleted", False)
    assert (facts["link"], facts["lead.text"], "service.text" in facts) == ("severed", "new", False)


def test_a_copy_that_differs_in_what_is_not_carried_is_not_stale() -> None:
    simulation = Simulation(WIRE, "Open")
    simulation.do("stringer: create tip T1")
    simulation.do("stringer: edit T1", embargoed=True)
    facts = state_facts(WIRE, "Open", simulation.world.items["T1"])
    assert (facts["stringer.embargoed"], facts["desk.embargoed"], facts["stale"]) == (True, False, False)


def test_a_fact_that_no_row_decides_is_none() -> None:
    simulation = Simulation(MODEL, "Unsent")
    simulation.do("lead: create note N1")
    facts = state_facts(without("note-shareable"), "Unsent", simulation.world.items["N1"])
    assert (facts["shareable"], facts["sends"], facts["internal"]) == (None, None, False)


def watched(policy: Policy, *facts: str) -> set[str]:
    return set(watched_fields(policy, facts))


def test_the_fields_that_anything_looks_at_or_sets_are_watched() -> None:
    assert watched(WIRE.policy) == {"embargoed"}
    assert watched(WIRE.policy, "credit") == {"credit", "embargoed"}
    assert watched(WIRE.policy, "desk.credit") == {"credit", "embargoed"}
    assert watched(WIRE.policy, "stringer.credit", "desk.body", "nothing") == {"credit", "embargoed"}
    assert watched(MODEL.policy) == {"internal", "type"}


CREDIT = (("credit", ("agency",)),)


def test_wherever_a_condition_stands_its_fields_are_watched() -> None:
    policy = WIRE.policy
    assert policy.vocabulary.history
    assert policy.properties

    (row, *rows), table = policy.tables["copies"].rows, policy.tables["copies"]
    memory = replace(policy.vocabulary.history["corrected"], when=CREDIT)
    one = policy.properties[0]
    tables = {"a row": replace(table, rows=(replace(row, when=CREDIT), *rows)), "a scope": replace(table, scope=CREDIT)}
    tables["a row that sets it"] = replace(
        table, rows=(replace(row, then=replace(row.then, fields=(("credit", "agency"),))), *rows)
    )
    changed = {name: replace(policy, tables={**policy.tables, "copies": table}) for name, table in tables.items()}
    for machine in ("status", "link"):
        spec = getattr(policy, machine)
        (transition, *others) = spec.transitions
        spec = replace(spec, transitions=(replace(transition, when=CREDIT), *others))
        changed[machine] = replace(policy, **{machine: spec})
    history = {"corrected": memory}
    changed["a memory"] = replace(policy, vocabulary=replace(policy.vocabulary, history=history))
    changed["a property"] = replace(policy, properties=(replace(one, what=CREDIT),))
    changed["where a property begins"] = replace(policy, properties=(replace(one, start=CREDIT),))
    assert {name: watched(one) for name, one in changed.items()} == {name: {"credit", "embargoed"} for name in changed}
    assert len(changed) == 8
