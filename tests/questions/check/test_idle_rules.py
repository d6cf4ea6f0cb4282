"""Rules, options, states and conditions that play no part, and what can never come about."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from checking import ATELIER, BASE, claim, claiming, of
from planted import model_of, row_of, with_row, with_rows, with_transition
from simsync.engine.model import Model
from simsync.policy.policy import Effect, Option, Row, Then, Transition, Value
from simsync.questions.check.check import check
from simsync.questions.check.static_completeness import said
from simsync.questions.check.unused_rules import told_apart
from simsync.statespace.observations import Observations
from simsync.statespace.product_search import Sides
from simsync.statespace.reachability import Reached

# What plays no part


DEAD = Row(id="dead", table="touch", when=(("change", ("create",)), ("link", ("loose",))), then=Then(), sources=("A1",))


def with_dead(model: Model, *more: tuple[str, tuple[Value, ...]], then: Then) -> Model:
    """The model with a row that never matches."""
    dead = replace(DEAD, when=(*DEAD.when, *more), then=then)
    return with_rows(model, lambda row: [row, dead] if row.id == "reflects" else [row])


def test_a_row_that_decides_nothing() -> None:
    (finding,) = of(with_dead(ATELIER, then=Then()), "row-never-used")
    assert finding.message == "row 'dead' decides nothing that can come about"
    assert (finding.rows, finding.related) == (("dead",), ())


@pytest.mark.parametrize(
    ("copy", "then", "breaks"),
    [
        (("absent",), Then(effect=Effect.DELIVER), ["arrives", "synced"]),
        (("present",), Then(effect=Effect.DELIVER), ["synced"]),
        (("present",), Then(effect=Effect.REMOVE), ["synced"]),
        (("present", "absent"), Then(effect=Effect.REMOVE), []),
        (("present",), Then(), []),
        (("absent",), Then(link="cut"), []),
    ],
)
def test_a_row_that_decides_nothing_can_contradict_a_property(
    copy: tuple[str, ...], then: Then, breaks: list[str]
) -> None:
    model = claiming(ATELIER, claim("arrives", arrives=(True,)), claim("synced", synced=(True,), change=("create",)))
    found = of(with_dead(model, ("copy", copy), then=then), "row-never-used")
    (finding,) = [finding for finding in found if finding.rows == ("dead",)]
    assert [what for what, _ in finding.related] == [f"property '{name}'" for name in breaks]
    assert ("would always break" in finding.message) == bool(breaks)


@pytest.mark.parametrize(
    ("link", "trigger", "breaks"), [("solo", "cut", 1), ("solo", "reflect", 0), ("loose", None, 1)]
)
def test_a_row_that_decides_nothing_can_move_the_link_where_it_must_not(
    link: str, trigger: str | None, breaks: int
) -> None:
    model = claiming(ATELIER, claim("never-loose", next_link=("loose",)))
    when = (("change", ("create",)), ("by", ("other",)), ("link", (link,)))
    model = with_rows(
        model, lambda row: [row, replace(DEAD, when=when, then=Then(link=trigger))] if row.id == "reflects" else [row]
    )
    (finding,) = [finding for finding in of(model, "row-never-used") if finding.rows == ("dead",)]
    assert len(finding.related) == breaks


def test_outcomes_that_change_nothing() -> None:
    model = with_row(ATELIER, "stays-solo", then=Then(effect=Effect.REMOVE))
    (finding,) = of(model, "outcome-idle")
    assert finding.message == "{effect: remove} of row 'stays-solo' changes nothing: there is never a copy to remove"
    model = with_row(ATELIER, "already-loose", then=Then(link="stay"))
    stay = Transition(id="stays", trigger="stay", source=("loose",), dest="loose", actors=(), when=(), sources=())
    (finding,) = of(with_transition(model, "mirror", stay), "outcome-idle")
    assert finding.message.endswith("changes nothing: the link always stays as it is")


def test_transitions_states_and_triggers_that_never_come() -> None:
    parked = Transition(
        id="unparks", trigger="unpark", source=("Parked",), dest="Open", actors=("shop",), when=(), sources=("A1",)
    )
    model = with_transition(ATELIER, "commission", parked)
    states = {**model.policy.status.states, "Parked": replace(model.policy.status.states["Open"], name="Parked")}
    model = model_of(replace(model.policy, status=replace(model.policy.status, states=states)))
    assert [finding.message for finding in of(model, "state-never-reached")] == [
        "nothing ever comes to the state 'Parked'"
    ]
    assert [finding.message for finding in of(model, "transition-never-used")] == ["transition 'unparks' never fires"]
    thaw = Transition(id="thaws", trigger="thaw", source=("loose",), dest="solo", actors=(), when=(), sources=())
    found = list(check(with_transition(ATELIER, "mirror", thaw)))
    told = [finding.message for finding in found if finding.code in ("trigger-never-fired", "transition-never-used")]
    assert told == ["no row ever fires the trigger 'thaw'"]


def test_a_source_that_a_transition_never_leaves() -> None:
    link = ATELIER.policy.link
    starts = next(t for t in link.transitions if t.id == "mirror-starts")
    others = tuple(t for t in link.transitions if t is not starts)
    wider = replace(starts, source=(*starts.source, "loose"))
    model = model_of(replace(ATELIER.policy, link=replace(link, transitions=(*others, wider))))
    (finding,) = of(model, "transition-never-used")
    assert finding.message == "transition 'mirror-starts' never fires from loose"


def with_option(model: Model, reading: str, option: Option) -> Model:
    """The model with one more option of a reading."""
    old = model.policy.readings[reading]
    new = replace(old, options={**old.options, option.name: option})
    return model_of(replace(model.policy, readings={**model.policy.readings, reading: new}))


def exchanged(row: Row, name: str, **changes: object) -> dict[str, tuple[Row, ...]]:
    return {row.id: (replace(row, id=name, reading="quotes=again", **changes),)}  # type: ignore[arg-type] # fields of a row


def test_an_option_that_nobody_could_tell_from_another() -> None:
    quote = row_of(ATELIER, "quote")
    again = Option(name="again", about="", replace=exchanged(quote, "quote-again"), add={}, transitions={})
    (finding,) = of(with_option(ATELIER, "quotes", again), "option-never-matters")
    assert finding.message.startswith("nobody can tell quotes=again from quotes=mirrored")


def test_an_option_that_changes_only_what_nobody_can_see() -> None:
    """Once it is over, an edit of the owner cuts the link or not: nothing crosses over any more either way."""
    late = row_of(ATELIER, "too-late")
    again = Option(name="again", about="", replace=exchanged(late, "later", then=Then()), add={}, transitions={})
    (finding,) = of(with_option(ATELIER, "quotes", again), "option-never-matters")
    assert finding.message.startswith("nobody can tell quotes=again from quotes=mirrored")


@pytest.mark.thorough
def test_options_that_differ_only_later_are_told_apart(reached: Reached) -> None:
    sides, as_first = Sides(Observations(reached.space)), reached.combinations.as_first
    for reading in reached.model.policy.readings.values():
        for pair in combinations(reading.options, 2):
            assert told_apart(sides, as_first, reading.name, pair)
    assert not told_apart(sides, as_first, "resume", ("deliver", "deliver"))


@pytest.mark.parametrize(
    ("name", "condition", "why"),
    [
        ("shatters", ("original", ("deleted",)), "{change: delete, by: owner} implies it"),
        ("stays-solo", ("private", (True,)), "{mirrorable: false} implies it"),
        ("may-draw", ("ticket", ("present",)), "it always holds where the table is asked"),
    ],
)
def test_conditions_that_others_imply(name: str, condition: tuple[str, tuple[Value, ...]], why: str) -> None:
    model = with_row(ATELIER, name, when=(*row_of(ATELIER, name).when, condition))
    if name == "stays-solo":  # else the other option makes quotes stay solo too
        model = model_of(replace(model.policy, readings={}))
    (finding,) = [finding for finding in of(model, "condition-redundant") if finding.rows == (name,)]
    assert finding.message == f"row '{name}' need not say {said((condition,))}: {why}"


def test_a_condition_that_keeps_out_only_what_never_comes() -> None:
    found = {finding.rows[0]: finding for finding in of(BASE, "condition-idle")}
    assert found["suspension-keeps"].message == (
        "row 'suspension-keeps' need not say {phase: active}, as things are: "
        "it keeps out only {phase: [none, suspended, ended], next phase: suspended}"
    )


def test_what_is_impossible_comes_with_the_smallest_reason() -> None:
    found = {finding.message: finding for finding in of(BASE, "undecided-impossible")}
    hole = found["table 'own change' has no row for {change: delete, sends: text}"]
    assert hole.reason == "these never come together where the table is asked"
    hole = found["table 'other's change' has no row for {link: local}"]
    assert hole.reason == "that never comes up where the table is asked"
    hole = found["table 'own change' has no row for {link: held}"]
    assert hole.reason == "that never comes up where the table is asked, read as resume=discard"
    clash = of(BASE, "ambiguous-impossible")[0]
    assert clash.rows == ("own-early", "own-change-severed")
    assert clash.message.endswith("both match {phase: none, link: severed}")


@pytest.mark.thorough
def test_scopes_that_miss_only_what_never_comes() -> None:
    tables = BASE.policy.tables
    narrow = replace(tables["other's change"], scope=(*tables["other's change"].scope, ("link", ("linked", "held"))))
    wide = replace(narrow, scope=(*narrow.scope[:-1], ("link", ("linked", "held", "severed", "ended", "deleted"))))
    (finding,) = of(model_of(replace(BASE.policy, tables={**tables, "other's change": wide})), "scope-impossible")
    assert finding.message == "none of the tables that decide the change takes in {by: other, link: local}"
    assert finding.where == tables["own change"].span
