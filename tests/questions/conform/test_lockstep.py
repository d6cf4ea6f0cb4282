"""A system and the model in lock step: all that is said of a drive, whole, for every way in which it can go."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conftest import ROOT
from driving import act
from planted import without
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import ticket
from simsync.engine.world import Event, World
from simsync.questions.conform.driven import (
    Divergence,
    Driven,
    Fault,
    Instance,
    Later,
    Observed,
    Seen,
    Trouble,
)
from simsync.questions.conform.fault_localization import APPEARANCE, StepMismatch, blamed
from simsync.questions.conform.lockstep import can_be_passed, drive_through, harmless, is_stray, once_more, unlike_of
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.questions.conform.systems.protocol import SystemFault
from simsync.questions.conform.systems.sut import System
from simsync.reference import ReferenceSystem
from systems.desks import MODEL
from systems.wire import WIRE

THERE = frozenset({APPEARANCE})
NOTE = act("service: create note N1", text="one")
EDIT = act("service: edit N1", text="two")
CHARGE = act("lead: create charge N2")
REFUSED = act("lead: accept")
FIRST = Instance(place=0, number=1, before=0)
Spoil = Callable[[dict[str, Any], int, int], None]


class Spoiled(ReferenceSystem):
    """Follows the rules, but what it shows is spoiled: by how many actions were done, and how often it was looked at.

    The looks are counted from the last action on, or from the reset.
    """

    def __init__(self, spoil: Spoil, model: Model = MODEL, failing: tuple[int, ...] = ()) -> None:
        super().__init__(model)
        self._spoil, self._failing = spoil, failing
        self._settles = 0

    def reset(self, status: str) -> dict[str, Any]:
        self._done = self._looks = 0
        return super().reset(status)

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        self._done, self._looks = self._done + 1, 0
        return super().act(*arguments, **request)

    def settle(self) -> dict[str, Any]:
        self._settles += 1
        return {"error": "a lock timed out"} if self._settles in self._failing else {"ok": True}

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        self._looks += 1
        self._spoil(shown, self._done, self._looks)
        return shown


def rightly(shown: dict[str, Any], done: int, looks: int) -> None:
    """Show what is so."""


def outcomes_of(drive: Drive, steps: int | None = None) -> tuple[Outcome, ...]:
    return tuple(simulate(MODEL, drive.trace)[:steps])


def rules_of(drive: Drive, steps: int | None = None) -> frozenset[str]:
    return frozenset(rule for outcome in outcomes_of(drive, steps) for rule in outcome.rules)


def right_at(outcome: Outcome) -> Seen:
    tickets = {partner: ticket(MODEL.vocabulary, outcome.after, partner) for partner in ("lead", "service")}
    shown = Observed(status=outcome.after.status, tickets=tickets, notified=tuple(sorted(outcome.notified)))
    return Seen(refused=outcome.refused, shown=shown)


def otherwise(seen: Seen, partner: str, **items: dict[str, Any] | None) -> Seen:
    """What is seen with some items of a ticket shown otherwise, or not at all."""
    shown = {name: view for name, view in {**seen.shown.tickets[partner], **items}.items() if view is not None}
    return replace(seen, shown=replace(seen.shown, tickets={**seen.shown.tickets, partner: shown}))


def drive(*events: Event, status: str = "In Progress") -> Drive:
    return Drive(trace=Trace(status=status, events=events))


def asked(system: System, most: int) -> tuple[tuple[str, str | None], ...]:
    return tuple((one.request, one.answer) for one in [*system.trace][-most:])


def divergence(of: Drive, at: int, actual: Seen, unlike: StepMismatch, **more: Any) -> Divergence:
    """What is found at a step, but for the exchanges."""
    outcomes = outcomes_of(of, at + 1)
    return Divergence(
        at=at,
        outcomes=outcomes,
        expected=right_at(outcomes[-1]),
        actual=actual,
        unlike=unlike,
        rules=tuple(blamed(outcomes, unlike)),
        **more,
    )


def bare(found: Driven) -> Driven:
    """What came of a drive without the exchanges of its divergences and what was shown after them."""
    left = found.divergence and replace(found.divergence, trace=(), later=later_of(found.divergence))
    passed = tuple(replace(one, trace=(), later=later_of(one)) for one in found.passed)
    return replace(found, divergence=left, passed=passed)


def later_of(found: Divergence) -> Later | None:
    """What is said of what was seen afterwards, which is as much as was looked at."""
    if found.later is None:
        return None
    assert len(found.later.seen) == found.later.settles
    return replace(found.later, seen=())


def test_what_conforms_is_followed_to_the_end() -> None:
    system = by_object(Spoiled(rightly), MODEL)
    whole = drive(NOTE, REFUSED, EDIT)
    right = Driven(drive=whole, steps=3, rules=rules_of(whole), instance=FIRST)
    assert {"own-create", "may-create", "own-edit", "sends-text"} <= right.rules
    assert drive_through(system, MODEL, whole) == right
    assert right.conforms
    again = drive_through(system, MODEL, whole)
    assert again == replace(right, instance=Instance(place=0, number=1, before=1))
    assert drive_through(system, MODEL, drive()) == Driven(
        drive=drive(), steps=0, instance=Instance(place=0, number=1, before=2)
    )


def test_with_care_the_last_exchanges_are_kept() -> None:
    system = by_object(Spoiled(rightly), MODEL)
    found = drive_through(system, MODEL, drive(NOTE, EDIT, CHARGE, act("lead: complete"), EDIT, REFUSED), careful=True)
    assert [json.loads(request)["op"] for request, _ in found.trace] == ["act", "settle", "observe"] * 5
    assert found.trace == asked(system, 15)
    assert json.loads(found.trace[0][0]) == {
        "op": "act", "actor": "service", "action": "edit", "item": "N1", "fields": {"text": "two"}
    }  # fmt: skip
    assert found.trace[1] == ('{"op": "settle"}', '{"ok": true}')


@pytest.mark.parametrize(("careful", "last"), [(False, [False, False, True]), (True, [True, True, True])])
def test_it_is_looked_on_longer_after_the_last_step_or_with_care(
    careful: bool, last: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    system = by_object(Spoiled(rightly), MODEL)
    looks: list[tuple[Observed | None, bool]] = []
    observe = system.observe

    def listening(expected: Observed | None = None, *, last: bool = False) -> Observed:
        looks.append((expected, last))
        return observe(expected, last=last)

    monkeypatch.setattr(system, "observe", listening)
    whole = drive(NOTE, EDIT, CHARGE)
    assert drive_through(system, MODEL, whole, careful=careful).conforms
    assert looks == list(zip([right_at(one).shown for one in outcomes_of(whole)], last, strict=True))


class Ending(Spoiled):
    """It goes away at some request."""

    def __init__(self, op: str, at: int, spoil: Spoil = rightly) -> None:
        super().__init__(spoil)
        self._op, self._at, self._asked = op, at, 0

    def handle(self, request: Any) -> dict[str, Any]:
        self._asked += request["op"] == self._op
        if request["op"] == self._op and self._asked == self._at:
            raise SystemFault(Trouble.ENDED, "it went away")
        return super().handle(request)


def ending(op: str, at: int, spoil: Spoil = rightly) -> System:
    return by_object(Ending(op, at, spoil).handle, MODEL)


def test_a_system_that_cannot_begin_is_judged_in_nothing() -> None:
    system = ending("reset", 1)
    found = drive_through(system, MODEL, drive(NOTE))
    trace = (('{"op": "reset", "status": "In Progress"}', None),)
    fault = Fault(trouble=Trouble.ENDED, message="it went away", trace=trace, begun=False)
    assert found == Driven(drive=drive(NOTE), steps=0, fault=fault, instance=FIRST)


def test_what_was_seen_before_a_fault_is_kept() -> None:
    system, whole = ending("act", 3), drive(NOTE, EDIT, CHARGE)
    found = drive_through(system, MODEL, whole)
    fault = Fault(trouble=Trouble.ENDED, message="it went away", trace=asked(system, 99))
    assert found == Driven(drive=whole, steps=2, rules=rules_of(whole, 2), fault=fault, instance=FIRST)
    assert [json.loads(request)["op"] for request, _ in fault.trace] == [
        "reset", "settle", "observe", *["act", "settle", "observe"] * 2, "act"
    ]  # fmt: skip
    assert fault.trace[-1][1] is None
    assert fault.begun


def test_what_the_rules_do_not_decide_ends_a_drive() -> None:
    holed = without("other-edit")
    whole = drive(NOTE, act("lead: edit N1", text="two"), CHARGE)
    found = drive_through(by_object(Spoiled(rightly), holed), holed, whole)
    assert found == Driven(
        drive=whole,
        steps=1,
        rules=rules_of(whole, 1),
        undecided=tuple(simulate(holed, drive(*whole.trace.events[:2]).trace)),
        instance=FIRST,
    )
    assert (found.conforms, len(found.undecided)) == (False, 2)


def stale(shown: dict[str, Any], done: int, looks: int) -> None:
    """After the second action the copy of N1 has the text that it was created with."""
    if done >= 2:
        shown["tickets"]["lead"]["N1"]["text"] = "one"


STALE_AT, STALE = (
    drive(NOTE, EDIT, CHARGE),
    StepMismatch(aspects=("lead",), items={("lead", "N1"): frozenset({"text"})}),
)


def test_what_stays_otherwise_is_told_whole() -> None:
    system = by_object(Spoiled(stale), MODEL)
    found = drive_through(system, MODEL, STALE_AT)
    right = right_at(outcomes_of(STALE_AT, 2)[-1])
    actual = otherwise(right, "lead", N1={**right.shown.tickets["lead"]["N1"], "text": "one"})
    later = Later(settles=3, changes=(act("service: create note N2"), act("lead: create time entry N3")))
    assert bare(found) == Driven(
        drive=STALE_AT,
        steps=2,
        rules=rules_of(STALE_AT, 2),
        divergence=divergence(STALE_AT, 1, actual, STALE, later=later),
        instance=FIRST,
    )
    assert found.divergence is not None
    assert [rule.id for rule in found.divergence.rules] == ["own-edit", "sends-text", "note-shareable", "own-create"]
    assert [json.loads(request)["op"] for request, _ in found.divergence.trace] == [
        "reset", "settle", "observe", *["act", "settle", "observe"] * 2
    ]  # fmt: skip


def test_at_a_divergence_only_the_last_exchanges_are_kept() -> None:
    system = by_object(Spoiled(lambda shown, done, looks: stale(shown, done - 3, looks)), MODEL)
    entries = [act(f"lead: create charge C{number}") for number in range(3)]
    found = drive_through(system, MODEL, drive(*entries, NOTE, EDIT)).divergence
    assert found is not None
    assert (found.at, [json.loads(request)["op"] for request, _ in found.trace]) == (
        4, ["act", "settle", "observe"] * 5
    )  # fmt: skip


@pytest.mark.parametrize(
    ("ahead", "changes"),
    [(0, ()), (1, ("note N2",)), (3, ("note N2", "time entry N3", "note N4"))],
)
def test_so_many_changes_are_made_afterwards_by_either_partner_in_turn(ahead: int, changes: tuple[str, ...]) -> None:
    found = drive_through(by_object(Spoiled(stale), MODEL), MODEL, STALE_AT, ahead=ahead).divergence
    assert found is not None
    made = [act(f"{'lead' if number % 2 else 'service'}: create {name}") for number, name in enumerate(changes)]
    assert later_of(found) == Later(settles=1 + ahead, changes=tuple(made))


def until(done: int, looks: int) -> Spoil:
    """The text stays behind until so many actions were done, and it was looked at so often after the last."""

    def spoil(shown: dict[str, Any], now: int, look: int) -> None:
        if (2, 1) <= (now, look) < (done, looks):
            shown["tickets"]["lead"]["N1"]["text"] = "one"

    return spoil


def test_what_comes_with_the_next_settle_is_passed() -> None:
    found = drive_through(by_object(Spoiled(until(2, 2)), MODEL), MODEL, STALE_AT)
    right = right_at(outcomes_of(STALE_AT, 2)[-1])
    actual = otherwise(right, "lead", N1={**right.shown.tickets["lead"]["N1"], "text": "one"})
    late = divergence(STALE_AT, 1, actual, STALE, later=Later(settles=1, came=True))
    assert bare(found) == Driven(drive=STALE_AT, steps=3, rules=rules_of(STALE_AT), passed=(late,), instance=FIRST)
    assert late.late


def test_what_is_shown_after_a_difference_is_kept() -> None:
    found = drive_through(by_object(Spoiled(stale), MODEL), MODEL, STALE_AT).divergence
    assert found is not None
    assert found.later is not None
    after = [right_at(one) for one in simulate(MODEL, drive(NOTE, EDIT, *found.later.changes).trace)[1:]]
    shown = [otherwise(one, "lead", N1={**one.shown.tickets["lead"]["N1"], "text": "one"}).shown for one in after]
    assert found.later.seen == tuple(shown)
    assert len(shown) == 3


@pytest.mark.parametrize("changes", [1, 2])
def test_what_comes_with_a_later_change_is_late_and_ends_the_drive(changes: int) -> None:
    found = drive_through(by_object(Spoiled(until(2 + changes, 1)), MODEL), MODEL, STALE_AT)
    assert found.divergence is not None
    made = (act("service: create note N2"), act("lead: create time entry N3"))[:changes]
    assert later_of(found.divergence) == Later(settles=1 + changes, changes=made, came=True)
    assert (found.steps, found.passed, found.divergence.late) == (2, (), True)


def stray(shown: dict[str, Any], done: int, looks: int) -> None:
    if done:
        shown["tickets"]["lead"]["X1"] = {"kind": "note", "text": "hello", "internal_users_only": False}


def test_items_that_nobody_created_are_passed_and_left_out_from_then_on() -> None:
    whole = drive(CHARGE, NOTE)
    found = drive_through(by_object(Spoiled(stray), MODEL), MODEL, whole)
    actual = otherwise(
        right_at(outcomes_of(whole, 1)[0]), "lead", X1={"kind": "note", "text": "hello", "internal_users_only": False}
    )
    unlike = StepMismatch(aspects=("lead",), items={("lead", "X1"): THERE})
    one = divergence(whole, 0, actual, unlike, later=Later(settles=1))
    assert bare(found) == Driven(drive=whole, steps=2, rules=rules_of(whole), passed=(one,), instance=FIRST)


def test_items_that_nobody_created_and_that_go_again_are_not_left_out() -> None:
    def comes_and_goes(shown: dict[str, Any], done: int, looks: int) -> None:
        if done and looks == 1:
            stray(shown, done, looks)

    whole = drive(CHARGE, NOTE)
    found = drive_through(by_object(Spoiled(comes_and_goes), MODEL), MODEL, whole)
    assert [(one.at, later_of(one), dict(one.unlike.items)) for one in found.passed] == [
        (0, Later(settles=1, came=True), {("lead", "X1"): THERE}),
        (1, Later(settles=1, came=True), {("lead", "X1"): THERE}),
    ]
    assert (found.steps, found.divergence) == (2, None)


def test_a_stray_beside_something_else_ends_the_drive() -> None:
    def both(shown: dict[str, Any], done: int, looks: int) -> None:
        stray(shown, done, looks)
        if done:
            shown["status"] = "Accepted"

    found = drive_through(by_object(Spoiled(both), MODEL), MODEL, drive(CHARGE, NOTE))
    assert found.divergence is not None
    assert (found.divergence.at, found.divergence.unlike.aspects) == (0, ("status", "lead"))
    assert later_of(found.divergence) == Later(
        settles=3, changes=(act("lead: create time entry N3"), act("service: create note N4"))
    )
    assert (found.steps, found.passed) == (1, ())


def test_what_is_refused_is_not_looked_on_at() -> None:
    class Obeying(Spoiled):
        def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
            super().act(*arguments, **request)
            return {"ok": True}

    system = by_object(Obeying(rightly), MODEL)
    whole = drive(REFUSED, NOTE)
    found = drive_through(system, MODEL, whole)
    right = right_at(outcomes_of(whole, 1)[0])
    unlike = StepMismatch(aspects=("refused",), items={})
    one = divergence(whole, 0, replace(right, refused=None), unlike)
    assert bare(found) == Driven(drive=whole, steps=1, rules=rules_of(whole, 1), divergence=one, instance=FIRST)


@pytest.mark.parametrize(
    ("fails", "settles"),
    [(("act", 3), 1), (("settle", 4), 0), (("observe", 5), 1)],
)
def test_a_system_that_goes_away_while_it_is_looked_on_at_has_a_fault_beside(
    fails: tuple[str, int], settles: int
) -> None:
    system = ending(*fails, stale)
    found = drive_through(system, MODEL, STALE_AT)
    assert found.divergence is not None
    assert later_of(found.divergence) == Later(settles=settles, ended="it went away")
    assert found.fault == Fault(trouble=Trouble.ENDED, message="it went away", trace=asked(system, 99))
    assert (found.steps, found.passed) == (2, ())


def test_what_went_away_after_a_stray_was_seen_is_not_passed() -> None:
    found = drive_through(ending("settle", 3, stray), MODEL, drive(CHARGE, NOTE))
    assert found.divergence is not None
    assert later_of(found.divergence) == Later(ended="it went away")
    assert (found.steps, found.passed, found.fault is not None) == (1, (), True)


def test_a_synchronization_that_failed_and_came_right_is_passed() -> None:
    whole = drive(CHARGE, NOTE)
    found = drive_through(by_object(Spoiled(rightly, failing=(2,)), MODEL), MODEL, whole)
    right = right_at(outcomes_of(whole, 1)[0])
    actual = replace(right, shown=replace(right.shown, failed="a lock timed out"))
    unlike = StepMismatch(aspects=("synchronization",), items={})
    one = divergence(whole, 0, actual, unlike, later=Later(settles=1, came=True))
    assert bare(found) == Driven(drive=whole, steps=2, rules=rules_of(whole), passed=(one,), instance=FIRST)


def test_a_synchronization_that_fails_while_it_is_looked_on_at_does_not_differ_by_itself() -> None:
    failing = by_object(Spoiled(until(3, 1), failing=(3, 4, 5)), MODEL)
    found = drive_through(failing, MODEL, STALE_AT).divergence
    assert found is not None
    assert found.unlike.aspects == ("synchronization", "lead")
    assert later_of(found) == Later(settles=2, changes=(act("service: create note N2"),), came=True)


def test_another_status_that_comes_right_with_a_change_came_late() -> None:
    def behind(shown: dict[str, Any], done: int, looks: int) -> None:
        if done == 1:
            shown["status"] = "Accepted"

    whole = drive(act("service: start"), NOTE, status="Accepted")
    found = drive_through(by_object(Spoiled(behind), MODEL), MODEL, whole).divergence
    assert found is not None
    assert later_of(found) == Later(settles=2, changes=(act("service: create note N1"),), came=True)


def telling(*extra: int) -> Spoil:
    """Of the time entry nobody is told at first; the resource is told once more with these of the later changes."""

    def spoil(shown: dict[str, Any], done: int, looks: int) -> None:
        if done == 1:
            shown["notified"] = []
        if done - 1 in extra:
            shown["notified"] = [*shown["notified"], "assigned resource"]

    return spoil


class Stubborn(Spoiled):
    """It refuses what is done later than so many actions."""

    def __init__(self, spoil: Spoil, most: int) -> None:
        super().__init__(spoil)
        self._most = most

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        return super().act(*arguments, **request) if self._done < self._most else {"refused": "enough"}


ENTRY_FIRST = drive(act("service: create time entry N1"), NOTE)
LOOKS = (act("service: create note N2"), act("lead: create time entry N3"), act("service: create note N4"))


@pytest.mark.parametrize(
    ("system", "later"),
    [
        (Spoiled(telling(1)), Later(settles=2, changes=LOOKS[:1], came=True)),
        (Spoiled(telling(2)), Later(settles=3, changes=LOOKS[:2], came=True)),
        (Spoiled(telling(1, 2)), Later(settles=3, changes=LOOKS[:2])),
        (Spoiled(telling(2, 3)), Later(settles=4, changes=LOOKS)),
        (Spoiled(telling()), Later(settles=3, changes=LOOKS[:2])),
        (Stubborn(telling(1), 2), Later(settles=2, changes=LOOKS[:1], came=True)),
        (Stubborn(telling(2), 2), Later(settles=2, changes=LOOKS[:1])),
        (Stubborn(telling(1), 1), Later(settles=1)),
    ],
)
def test_who_is_told_late_is_told_once_and_with_no_other_change(system: ReferenceSystem, later: Later) -> None:
    found = drive_through(by_object(system, MODEL), MODEL, ENTRY_FIRST).divergence
    assert found is not None
    assert found.unlike == StepMismatch(
        aspects=("notified",),
        items={},
        told=frozenset({"assigned resource"}),
        missed=frozenset({"assigned resource"}),
    )
    assert later_of(found) == later


def test_what_is_otherwise_on_a_ticket_comes_with_one_change_for_sure() -> None:
    found = drive_through(by_object(Stubborn(until(3, 1), 3), MODEL), MODEL, STALE_AT).divergence
    assert found is not None
    assert later_of(found) == Later(settles=2, changes=(act("service: create note N2"),), came=True)


def test_who_was_told_before_the_changes_is_told_of_still() -> None:
    def behind(shown: dict[str, Any], done: int, looks: int) -> None:
        """The time entry comes with the next change; who is to be told of it is told with the next settle."""
        if done == 1:
            shown["tickets"]["lead"].pop("N1")
            shown["notified"] = ["assigned resource"] if looks == 2 else []

    whole = drive(act("service: create time entry N1"), NOTE)
    found = drive_through(by_object(Spoiled(behind), MODEL), MODEL, whole).divergence
    assert found is not None
    assert found.unlike.aspects == ("lead", "notified")
    assert later_of(found) == Later(settles=2, changes=(act("service: create note N2"),), came=True)


def test_items_of_the_products_own_are_kept_apart_from_every_step() -> None:
    def reasons(shown: dict[str, Any], done: int, looks: int) -> None:
        for number in range(done):
            if number == done - 1:
                shown["tickets"]["lead"][f"S{number}"] = {"kind": "note", "text": "No.", "system": True}

    whole = drive(CHARGE, NOTE)
    found = drive_through(by_object(Spoiled(reasons), MODEL), MODEL, whole)
    assert found == Driven(drive=whole, steps=2, rules=rules_of(whole), own=frozenset({"S0", "S1"}), instance=FIRST)


def able(*cannot: str, only: tuple[str, ...] = ()) -> Ability:
    return Ability(MODEL, SAME, frozenset(only), frozenset(cannot))


WAITING, STARTED, OVER = World("Waiting Approval"), World("In Progress"), World("Complete")


@pytest.mark.parametrize(
    ("world", "actor", "taken", "ability", "words"),
    [
        (STARTED, "lead", (), able(), "lead: create time entry N1"),
        (STARTED, "service", ("a", "b"), able(), "service: create note N3"),
        (STARTED, "lead", ("N3", "x"), able(), "lead: create time entry N4"),
        (STARTED, "lead", (), able("create time entry"), "lead: create note N1"),
        (STARTED, "lead", (), able(only=("create charge",)), "lead: create charge N1"),
        (STARTED, "lead", (), able("create"), None),
        (WAITING, "service", (), able(), "service: create time entry N1"),
        (World("Assigned"), "service", (), able(), "lead: create time entry N1"),
        (OVER, "lead", (), able(), "lead: create time entry N1"),
        (OVER, "lead", (), able("create time entry", "create note"), "lead: create charge N1"),
    ],
)
def test_what_is_created_to_look_on_is_allowed_can_be_asked_for_and_best_crosses_over(
    world: World, actor: str, taken: tuple[str, ...], ability: Ability, words: str | None
) -> None:
    outcome = harmless(MODEL, ability, world, actor, taken)
    assert (outcome and outcome.event) == (words and act(words))
    assert outcome is None or (outcome.before is world and outcome.refused is None)


def test_one_that_crosses_over_is_preferred_to_the_first_kind() -> None:
    unsynced = MODEL.under({"charges": "unsynced"})
    no_more = Ability(MODEL, SAME, frozenset(), frozenset({"create time entry", "create note"}))
    outcome = harmless(unsynced, no_more, STARTED, "lead", ())
    assert outcome is not None
    assert (outcome.event, outcome.synced) == (act("lead: create attachment N1"), True)


def test_nothing_is_created_where_the_rules_do_not_say_what_comes_of_it() -> None:
    holed = without("own-create")
    assert harmless(holed, able(), STARTED, "lead", ()) is None
    assert harmless(WIRE, Ability(WIRE, SAME, frozenset(), frozenset()), World("Gone"), "desk", ()) is None


class Slow(ReferenceSystem):
    """Every other sync does nothing, the first one among them."""

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        self._syncs += request["action"] == "sync"
        skipped = request["action"] == "sync" and self._syncs % 2
        return {"ok": True} if skipped else super().act(*arguments, **request)

    def reset(self, status: Any) -> dict[str, Any]:
        self._syncs = 0
        return super().reset(status)


def test_a_status_action_that_stays_is_done_again_to_look_on_and_what_is_late_comes_with_it() -> None:
    model = load_model(ROOT / "examples" / "policies" / "vdirsyncer" / "machines")
    sync = Event(actor="timer", action="sync")
    events = (Event(actor="a", action="create", item="E1", kind="event"), sync)
    late = drive_through(by_object(Slow(model), model), model, drive(*events, status="Configured")).divergence
    assert late is not None
    assert late.later is not None
    assert (late.at, late.late, late.later.changes[1:]) == (1, True, (sync,))
    by_then = simulate(model, Trace(status="Configured", events=(*events, late.later.changes[0])))[-1].after
    assert once_more(simulate(model, Trace(status="Configured", events=events))[-1], by_then) is not None
    assert once_more(simulate(model, Trace(status="Configured", events=events[:1]))[-1], by_then) is None


def found_with(items: dict[tuple[str, str], frozenset[str]], *aspects: str, later: Later | None = None) -> Divergence:
    whole = drive(NOTE, act("lead: create note N2", internal=True))
    outcomes = outcomes_of(whole)
    unlike = StepMismatch(aspects=aspects, items=items)
    right = right_at(outcomes[-1])
    return Divergence(at=1, outcomes=outcomes, expected=right, actual=right, unlike=unlike, rules=(), later=later)


def test_what_no_action_created_is_a_stray() -> None:
    assert is_stray(found_with({("lead", "X1"): THERE}, "lead"))
    assert is_stray(found_with({("lead", "X1"): THERE, ("service", "X1"): THERE}, "lead", "service"))
    assert not is_stray(found_with({}, "status"))
    assert not is_stray(found_with({("lead", "N1"): THERE}, "lead"))
    assert not is_stray(found_with({("service", "N2"): THERE}, "service"))
    assert not is_stray(found_with({("lead", "X1"): THERE, ("lead", "N1"): THERE}, "lead"))


STRAY = {("lead", "X1"): THERE}
MADE = (act("lead: create note N5"),)


@pytest.mark.parametrize(
    ("items", "aspects", "later", "passed"),
    [
        (STRAY, ["lead"], Later(settles=1), True),
        (STRAY, ["lead", "status"], Later(settles=1), False),
        ({("lead", "N1"): THERE}, ["lead"], Later(settles=1), False),
        ({("lead", "N1"): THERE}, ["lead"], Later(settles=1, came=True), True),
        ({("lead", "N1"): THERE}, ["lead"], Later(settles=2, changes=MADE, came=True), False),
        (STRAY, ["lead"], Later(settles=2, changes=MADE), False),
        (STRAY, ["lead"], Later(settles=1, ended="it went away"), False),
        ({}, ["refused"], None, False),
    ],
)
def test_what_can_be_passed(
    items: dict[tuple[str, str], frozenset[str]], aspects: list[str], later: Later | None, passed: bool
) -> None:
    assert can_be_passed(found_with(items, *aspects, later=later)) is passed


def test_how_a_system_is_unlike_the_model_is_told_item_by_item() -> None:
    system = by_object(Spoiled(rightly), MODEL, Names(unseen=("internal_users_only",)))
    note, bill = {"kind": "note", "text": "a"}, {"kind": "charge", "text": "b"}
    one = Observed(status="Accepted", tickets={"lead": {"N1": note, "N2": bill}, "service": {}}, notified=("a", "b"))
    assert unlike_of(system, Seen(refused=None, shown=one), Seen(refused=None, shown=one)) == StepMismatch(
        aspects=(), items={}
    )
    other = Observed(
        status="In Progress",
        tickets={"lead": {"N2": {"kind": "note", "text": "c"}, "N3": note}},
        notified=("b", "b"),
        failed="no",
    )
    assert unlike_of(system, Seen(refused=None, shown=one), Seen(refused="no", shown=other)) == StepMismatch(
        aspects=("refused", "synchronization", "status", "lead", "notified"),
        items={
            ("lead", "N1"): THERE,
            ("lead", "N2"): frozenset({"kind", "text"}),
            ("lead", "N3"): THERE,
        },
        told=frozenset({"a", "b"}),
        missed=frozenset({"a"}),
    )
    silent = replace(one, notified=None)
    both = frozenset({"a", "b"})
    assert unlike_of(system, Seen(refused=None, shown=silent), Seen(refused=None, shown=one)) == StepMismatch(
        aspects=("notified",), items={}, told=both
    )
    assert unlike_of(system, Seen(refused=None, shown=one), Seen(refused=None, shown=silent)) == StepMismatch(
        aspects=(), items={}, told=both, missed=both
    )
