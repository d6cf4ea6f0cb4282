"""The rules that a difference is laid to, whole: none that has no say in it, none left out, the nearest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from driving import act
from simsync.engine.trace import Trace, simulate
from simsync.engine.world import Event
from simsync.questions.conform.diagnosis.symptoms import SymptomKind, symptom_of
from simsync.questions.conform.driven import Divergence
from simsync.questions.conform.fault_localization import APPEARANCE, StepMismatch, blamed, suspects, told_otherwise
from simsync.questions.conform.lockstep import drive_through
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.direct import by_object
from simsync.reference import ReferenceSystem
from systems.desks import MODEL
from systems.wire import WIRE

THERE = frozenset({APPEARANCE})


def unlike(
    *aspects: str, items: Mapping[tuple[str, str], frozenset[str]] | None = None, told: str = ""
) -> StepMismatch:
    return StepMismatch(aspects=aspects, items=items or {}, told=frozenset([told] if told else []))


def named(status: str, events: list[Event], differing: StepMismatch) -> list[str]:
    outcomes = simulate(MODEL, Trace(status=status, events=tuple(events)))
    return [rule.id for rule in blamed(outcomes, differing)]


NOTE = act("service: create note N1")
LEADS = act("lead: create note N1")
OTHER = act("service: create charge N2")
ENTRY = act("service: create time entry N1")
TEXT = frozenset({"text"})
FLAG = frozenset({"internal_users_only"})

SETTLED = frozenset({"kind", "internal_users_only", "customer_visible"})

BLAMED = {
    "a copy that is missing": (
        "In Progress",
        [NOTE],
        unlike("lead", items={("lead", "N1"): THERE}),
        ["own-create", "sends-text", "note-shareable"],
    ),
    "what is shared though internal": (
        "In Progress",
        [act("service: create note N1", internal=True)],
        unlike("lead", items={("lead", "N1"): THERE}),
        ["own-create-kept", "sends-nothing-unshared", "internal-not-shareable"],
    ),
    "a text that does not arrive, then what made the copy": (
        "In Progress",
        [NOTE, act("service: edit N1", text="two")],
        unlike("lead", items={("lead", "N1"): TEXT}),
        ["own-edit", "sends-text", "note-shareable", "own-create"],
    ),
    "another item changed in between": (
        "In Progress",
        [NOTE, OTHER, act("service: edit N1", text="two")],
        unlike("lead", items={("lead", "N1"): TEXT}),
        ["own-edit", "sends-text", "note-shareable", "own-create"],
    ),
    "an item that this step was not about": (
        "In Progress",
        [NOTE, act("lead: edit N1", text="two"), OTHER],
        unlike("lead", items={("lead", "N1"): TEXT}),
        ["other-edit"],
    ),
    "what is settled when a copy is made": (
        "In Progress",
        [NOTE, act("service: edit N1", text="two")],
        unlike("lead", items={("lead", "N1"): FLAG}),
        ["service-note-copy", "own-edit", "sends-text", "note-shareable", "own-create"],
    ),
    "all that is settled when a copy is made": (
        "In Progress",
        [NOTE],
        unlike("lead", items={("lead", "N1"): SETTLED}),
        ["service-note-copy", "own-create", "sends-text", "note-shareable"],
    ),
    "what is settled, and more": (
        "In Progress",
        [NOTE],
        unlike("lead", items={("lead", "N1"): SETTLED | TEXT}),
        ["own-create", "sends-text", "note-shareable"],
    ),
    "another status": ("Assigned", [act("service: accept")], unlike("status"), ["service-accepts"]),
    "an approval that leads elsewhere": (
        "Waiting Approval",
        [LEADS, act("lead: approve completion")],
        unlike("status"),
        ["lead-approves"],
    ),
    "a status that changes with an item": (
        "Waiting Approval",
        [act("lead: reject completion"), LEADS],
        unlike("status"),
        ["lead-rejects", "In Progress"],
    ),
    "a status that changes with an item, nothing having changed it": (
        "Accepted",
        [LEADS],
        unlike("status"),
        ["Accepted"],
    ),
    "a status action refused": ("Assigned", [act("service: accept")], unlike("refused"), ["service-accepts"]),
    "a status action done that is refused": (
        "Accepted",
        [act("lead: cancel")],
        unlike("refused", "status"),
        ["lead-cancels"],
    ),
    "a creation refused, so that nothing is there": (
        "In Progress",
        [NOTE],
        unlike("refused", "lead", "notified", items={("lead", "N1"): THERE}, told="primary contact"),
        ["may-create"],
    ),
    "a creation refused": ("In Progress", [NOTE], unlike("refused"), ["may-create"]),
    "a creation done that is refused": ("Assigned", [NOTE], unlike("refused", "service"), ["no-ticket-yet"]),
    "a refused action that changes something": (
        "Assigned",
        [LEADS, act("service: delete N1")],
        unlike("lead", items={("lead", "N1"): THERE}),
        ["own-early"],
    ),
    "a resume that does not deliver": (
        "Waiting Approval",
        [NOTE, OTHER, act("lead: reject completion")],
        unlike("lead", items={("lead", "N1"): THERE}),
        ["resume-delivers", "sends-text", "note-shareable", "own-create-held"],
    ),
    "a change by the other partner that does not stay": (
        "In Progress",
        [NOTE, act("lead: edit N1", text="two"), act("service: edit N1", text="three")],
        unlike("lead", items={("lead", "N1"): TEXT}),
        ["own-change-severed", "other-edit"],
    ),
    "two items": (
        "In Progress",
        [NOTE, act("lead: edit N1", text="two"), OTHER],
        unlike("lead", items={("lead", "N1"): TEXT, ("lead", "N2"): THERE}),
        ["own-create", "sends-text", "charge-shareable", "other-edit"],
    ),
    "who is told of what arrives": (
        "In Progress",
        [ENTRY],
        unlike("notified", told="assigned resource"),
        ["time-entry-announced"],
    ),
    "who is told where nobody is": (
        "In Progress",
        [NOTE],
        unlike("notified", told="assigned resource"),
        ["time-entry-announced", "sync-is-silent"],
    ),
    "who is told that no rule tells": (
        "In Progress",
        [NOTE],
        unlike("notified", told="nobody we know"),
        ["sync-is-silent"],
    ),
    "who is told of a status": (
        "Assigned",
        [act("service: accept")],
        unlike("notified", told="primary contact"),
        ["status-emails"],
    ),
}


@pytest.mark.parametrize("case", BLAMED)
def test_the_rules_that_decide_what_differs_are_named(case: str) -> None:
    status, events, differing, rules = BLAMED[case]
    assert named(status, events, differing) == rules


def test_of_several_transitions_of_an_action_the_one_taken_is_named_and_all_where_none_is() -> None:
    model = WIRE.under({"frozen_work": "passes"})

    def blamed_for(status: str, action: str, *aspects: str) -> list[str]:
        outcomes = simulate(model, Trace(status=status, events=(act(action),)))
        return [rule.id for rule in blamed(outcomes, unlike(*aspects))]

    assert blamed_for("Frozen", "desk: gone", "status") == ["desk-prints"]
    assert blamed_for("Frozen", "stringer: gone", "status") == ["stringer-prints"]
    assert blamed_for("Frozen", "stringer: gone", "refused") == ["stringer-prints"]
    assert blamed_for("Planned", "desk: gone", "refused") == ["desk-prints", "stringer-prints"]


def test_who_had_a_say_comes_after_those_blamed_and_each_once() -> None:
    events = (NOTE, act("service: edit N1", text="two"))
    outcomes = simulate(MODEL, Trace(status="In Progress", events=events))
    differing = unlike("lead", items={("lead", "N1"): TEXT})
    assert [rule.id for rule in suspects(outcomes, differing)] == [
        *("own-edit", "sends-text", "note-shareable", "own-create"),
        *("service-may-edit", "sync-is-silent", "may-create", "service-note-copy"),
    ]


def test_status_actions_on_the_way_had_a_say_too() -> None:
    events = (act("lead: reject completion"), NOTE, act("service: insource complete"))
    outcomes = simulate(MODEL, Trace(status="Waiting Approval", events=events))
    found = [rule.id for rule in suspects(outcomes, unlike("lead", items={("lead", "N1"): THERE}))]
    assert (found[0], found.count("service-submits"), found.count("lead-rejects")) == ("suspension-keeps", 1, 1)
    assert {"own-create", "may-create", "status-emails"} <= set(found)


def test_the_status_in_which_a_rule_was_looked_at_is_kept() -> None:
    events = (act("service: accept"), NOTE)
    outcomes = simulate(MODEL, Trace(status="Assigned", events=events))
    assert {rule.status for rule in blamed(outcomes, unlike("lead", items={("lead", "N1"): THERE}))} == {"Accepted"}


def test_who_was_told_more_or_less_often() -> None:
    assert told_otherwise(["a", "b", "b"], ["b", "c"]) == {"a", "b", "c"}
    assert told_otherwise(["a", "b"], ["b", "a"]) == frozenset()


class Wrong(ReferenceSystem):
    """Follows the rules, but for what is spoiled after an action."""

    def __init__(self, after: str, spoil: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(MODEL)
        self._after, self._spoil = after, spoil

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        done = [str(outcome.event) for outcome in self._simulation.outcomes]
        if self._after in done:
            self._spoil(shown)
        return shown


def found(status: str, events: list[Event], after: str, spoil: Callable[[dict[str, Any]], None]) -> Divergence:
    system = by_object(Wrong(after, spoil), MODEL)
    driven = drive_through(system, MODEL, Drive(trace=Trace(status=status, events=tuple(events))))
    assert driven.divergence is not None
    return driven.divergence


def shares_internal(shown: dict[str, Any]) -> None:
    shown["tickets"]["lead"] |= shown["tickets"]["service"]


def test_a_system_that_shares_internal_items_breaks_the_rows_that_keep_them() -> None:
    one = found(
        "In Progress", [OTHER, act("service: create note N1", internal=True)], "create note N1", shares_internal
    )
    assert (one.at, one.unlike.aspects) == (1, ("lead",))
    assert one.unlike.items == {("lead", "N1"): THERE}
    assert [rule.id for rule in one.rules] == ["own-create-kept", "sends-nothing-unshared", "internal-not-shareable"]


def test_an_approval_that_leads_elsewhere_breaks_its_transition() -> None:
    def elsewhere(shown: dict[str, Any]) -> None:
        shown["status"] = "In Progress"

    events = [NOTE, act("lead: approve completion")]
    one = found("Waiting Approval", events, "approve completion", elsewhere)
    assert (one.at, one.unlike.aspects, dict(one.unlike.items)) == (1, ("status",), {})
    assert [rule.id for rule in one.rules] == ["lead-approves"]
    assert symptom_of(one.outcomes, one.unlike).sort is SymptomKind.RULES


def test_a_refused_action_that_changes_something_is_laid_to_what_refuses_or_decided() -> None:
    def forgets(shown: dict[str, Any]) -> None:
        shown["tickets"]["lead"].clear()

    events = [LEADS, act("service: create note N2")]
    one = found("Assigned", events, "create note N2", forgets)
    assert one.outcomes[-1].refused is not None
    assert (one.unlike.aspects, dict(one.unlike.items)) == (("lead",), {("lead", "N1"): THERE})
    assert [rule.id for rule in one.rules] == ["own-early"]


def test_a_cause_is_not_lost_behind_the_change_of_another_item() -> None:
    def stale(shown: dict[str, Any]) -> None:
        shown["tickets"]["lead"]["N1"]["text"] = ""

    events = [NOTE, act("lead: edit N1", text="two"), OTHER]
    one = found("In Progress", events, "create charge N2", stale)
    assert dict(one.unlike.items) == {("lead", "N1"): TEXT}
    assert [rule.id for rule in one.rules] == ["other-edit"]


def test_what_one_side_alone_shows_and_who_is_told_is_kept_apart() -> None:
    def doubled(shown: dict[str, Any]) -> None:
        shown["tickets"]["lead"]["N9"] = {"kind": "note", "text": ""}
        shown["notified"].append("assigned resource")

    one = found("In Progress", [ENTRY], "create time entry N1", doubled)
    assert one.unlike.aspects == ("lead", "notified")
    assert dict(one.unlike.items) == {("lead", "N9"): THERE}
    assert one.unlike.told == {"assigned resource"}


SYMPTOMS = {
    "created": ([NOTE], {("service", "N1"): THERE}, "the acting ticket does not show what was created"),
    "edited": (
        [NOTE, act("service: edit N1", text="two")],
        {("service", "N1"): THERE},
        "the acting ticket does not show what was edited",
    ),
    "deleted": (
        [NOTE, act("service: delete N1")],
        {("service", "N1"): THERE},
        "the acting ticket still shows what was deleted",
    ),
    "set": ([NOTE], {("service", "N1"): FLAG}, "the acting ticket does not show what was set: internal"),
    "set on a copy": (
        [NOTE, act("lead: edit N1", text="two")],
        {("lead", "N1"): TEXT},
        "the acting ticket does not show what was set: text",
    ),
    "missing": ([NOTE], {("lead", "N1"): THERE}, "the copy is not there"),
    "there": (
        [act("service: create note N1", internal=True)],
        {("lead", "N1"): THERE},
        "the copy is there, and should not be",
    ),
    "original": ([NOTE, OTHER], {("service", "N1"): THERE}, "the original is not there"),
    "nobody's": ([NOTE], {("lead", "N9"): THERE}, "there is an item that nobody created"),
    "another text": (
        [NOTE, act("service: edit N1", text="two")],
        {("lead", "N1"): TEXT},
        "the copy shows another text",
    ),
}


@pytest.mark.parametrize("case", SYMPTOMS)
def test_how_a_difference_shows_is_said_without_the_rules(case: str) -> None:
    events, items, about = SYMPTOMS[case]
    outcomes = simulate(MODEL, Trace(status="In Progress", events=tuple(events)))
    symptom = symptom_of(outcomes, StepMismatch(aspects=("lead",), items=items))
    assert symptom.about == about
    assert symptom.head == (about if about.startswith("the acting") else None)


def test_refusals_statuses_and_notices_show_too() -> None:
    refused = simulate(MODEL, Trace(status="Accepted", events=(act("lead: cancel"),)))
    assert symptom_of(refused, unlike("refused")).about == "what is refused is done"
    allowed = simulate(MODEL, Trace(status="Accepted", events=(LEADS,)))
    assert symptom_of(allowed, unlike("refused")).about == "what is allowed is refused"
    assert symptom_of(allowed, unlike("status")).sort is SymptomKind.STATUS
    both = symptom_of(allowed, unlike("status", "notified", told="primary contact"))
    assert (both.sort, both.about) == (SymptomKind.RULES, "another status; others are notified")
