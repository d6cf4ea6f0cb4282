"""What comes of a step, compared whole, on the policy that says what the shipped one does not; and rules that fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import simsync
from simsync.engine.deciding import decide
from simsync.engine.decision import Decision, Defect
from simsync.engine.dependence import readings_behind
from simsync.engine.facts import Situation
from simsync.engine.model import Model
from simsync.engine.step import step as bare
from simsync.engine.step import target
from simsync.engine.world import Event, World
from simsync.policy.policy import Effect, Table, Then, When
from systems.wire import WIRE, at

TIP = {"kind": "tip", "body": "", "credit": "nobody", "embargoed": False}
PRINTED = {**TIP, "printable": True}


def told(outcome: simsync.Outcome) -> dict[str, Any]:
    """Everything that an outcome says in names."""
    return {
        "synced": outcome.synced,
        "notified": outcome.notified,
        "rules": outcome.rules,
        "readings": readings_behind(outcome),
        "links": outcome.links,
        "reached": sorted(outcome.reached),
        "desk": outcome.changes("desk"),
        "stringer": outcome.changes("stringer"),
        "fired": [one.transition.id for one in outcome.fired],
    }


def test_a_creation_that_arrives() -> None:
    outcome = at("Open").do("stringer: create story S1", body="Rain")
    assert told(outcome) == {
        "synced": True,
        "notified": ("author",),
        "rules": ("sends", "may-file", "story-as-tip", "author-told", "story-wanted"),
        "readings": (),
        "links": {"S1": (None, "wired")},
        "reached": ["desk"],
        "desk": {"S1": (None, {**PRINTED, "body": "Rain", "embargoed": True, "printable": False})},
        "stringer": {"S1": (None, {"kind": "story", "body": "Rain"})},
        "fired": ["is-wired"],
    }
    assert outcome.sources == ("W1", "W5")


@pytest.mark.parametrize(
    ("status", "action", "rules", "link"),
    [
        ("Planned", "desk: create tip T1", ("filed-early", "may-file"), "alone"),
        ("Frozen", "desk: create tip T1", ("waits", "may-file", "tip-wanted"), "waiting"),
        ("Frozen", "stringer: create tip T1", ("waits", "may-file", "author-not-told", "tip-wanted"), "waiting"),
    ],
)
def test_a_creation_that_stays(status: str, action: str, rules: tuple[str, ...], link: str) -> None:
    owner = action.partition(":")[0]
    outcome = at(status).do(action)
    assert told(outcome) == {
        "synced": False,
        "notified": (),
        "rules": rules,
        "readings": ("frozen_work",) if status == "Frozen" else (),
        "links": {"T1": (None, link)},
        "reached": [],
        "desk": {"T1": (None, PRINTED)} if owner == "desk" else {},
        "stringer": {"T1": (None, TIP)} if owner == "stringer" else {},
        "fired": [] if link == "alone" else ["is-kept"],
    }


def test_a_change_of_a_copy_beside_a_memory() -> None:
    simulation = at("Open", "stringer: create tip T1", "desk: create tip T2")
    outcome = simulation.do("desk: edit T1", body="Wind")
    assert told(outcome) == {
        "synced": False,
        "notified": (),
        "rules": ("corrects", "may-change", "author-not-told"),
        "readings": (),
        "links": {"T1": ("wired", "wired"), "T2": ("wired", "wired")},
        "reached": [],
        "desk": {"T1": (PRINTED, {**PRINTED, "body": "Wind"})},
        "stringer": {},
        "fired": [],
    }
    assert (outcome.moved, outcome.row_of) == (None, {})
    assert simulation.world.items["T1"].history == {"corrected"}
    assert simulation.do("desk: delete T1").reached == frozenset()
    assert simulation.world.items["T1"].copy is None


def test_a_change_of_the_status_item_by_item() -> None:
    actions = ("stringer: create tip T1", "stringer: create tip T2", "desk: freeze")
    simulation = at("Open", *actions, "stringer: create tip T3")
    outcome = simulation.do("stringer: thaw")
    assert told(outcome) == {
        "synced": True,
        "notified": ("author",),
        "rules": (
            *("stringer-thaws", "as-it-was", "author-not-told", "thaw-sends"),
            *("tip-as-tip", "author-told", "tip-wanted", "nothing-told"),
        ),
        "readings": (),
        "links": {"T1": ("wired", "wired"), "T2": ("wired", "wired"), "T3": ("waiting", "wired")},
        "reached": ["desk"],
        "desk": {"T3": (None, PRINTED)},
        "stringer": {},
        "fired": ["stringer-thaws", "is-wired"],
    }
    assert outcome.row_of == {"T1": "as-it-was", "T2": "as-it-was", "T3": "thaw-sends"}
    assert outcome.moved is not None
    assert outcome.moved == outcome.fired[0]
    assert (outcome.moved.source, outcome.moved.dest) == ("Frozen", "Open")
    assert simulation.do("desk: freeze").notified == ("night editor",)


def test_what_an_outcome_depends_on() -> None:
    """A reading that exchanges the deciding row, or adds a transition for what was fired, or for what was refused."""
    assert readings_behind(at("Frozen").do("stringer: create tip T1")) == ("frozen_work",)
    assert readings_behind(at("Frozen", frozen_work="passes").do("stringer: create tip T1")) == ("frozen_work",)
    assert readings_behind(at("Frozen").do("stringer: gone")) == ("frozen_work",)
    assert readings_behind(at("Frozen", frozen_work="passes").do("stringer: gone")) == ("frozen_work",)
    assert readings_behind(at("Frozen").do("desk: gone")) == ()
    assert readings_behind(at("Open").do("stringer: create tip T1")) == ()
    embargoed = at("Frozen").do("stringer: create tip T1", embargoed=True)
    assert (embargoed.rules[0], readings_behind(embargoed)) == ("keeps-frozen", ())


SENTENCES = [
    (
        ["Frozen"],
        "stringer: gone",
        "'gone' is for the desk partner; the status is Frozen, where these are possible: stringer: thaw, desk: gone",
    ),
    (["Gone"], "desk: gone", "'gone' is possible in Open, Frozen only; the status is Gone, which nothing leaves"),
    (
        ["Planned"],
        "desk: freeze",
        "'freeze' is possible in Open only; the status is Planned, where these are possible: desk: open",
    ),
    (
        ["Gone"],
        "desk: create tip T9",
        "the edition is gone; the status is Gone, and this would be allowed in Planned, Open, Frozen",
    ),
    (
        ["Planned"],
        "stringer: create tip T1",
        "the wire is not open yet; the status is Planned, and this would be allowed in Open, Frozen",
    ),
    (
        ["Planned", "desk: create tip T1"],
        "stringer: delete T1",
        "it is not on this screen; the status is Planned",
    ),
    (
        ["Open", "desk: create tip T1", "stringer: create tip T2", "desk: delete T1"],
        "desk: delete T1",
        "it is not on this screen; the desk partner's ticket shows T2",
    ),
    (
        ["Open", "desk: create tip T1", "desk: delete T1"],
        "stringer: delete T1",
        "it is not on this screen; the stringer partner's ticket shows no item",
    ),
    (
        ["Open"],
        "stringer: freeze",
        "'freeze' is for the desk partner; the status is Open, where these are possible: desk: freeze, desk: gone",
    ),
    (
        ["Open", "stringer: create tip T1", "desk: gone"],
        "stringer: delete T1",
        "the edition is gone; the status is Gone, and this would be allowed in Open, Frozen",
    ),
    (
        ["Gone"],
        "desk: create tip T1",
        "the edition is gone; the status is Gone, and this would be allowed in Planned, Open, Frozen",
    ),
]


@pytest.mark.parametrize(("before", "action", "sentence"), SENTENCES, ids=[one[2] for one in SENTENCES])
def test_why_it_is_refused(before: list[str], action: str, sentence: str) -> None:
    simulation = at(*before)
    outcome = simulation.do(action)
    assert outcome.refused == sentence
    assert outcome.after is outcome.before
    assert simulation.do(action).refused == sentence


@pytest.mark.parametrize(
    ("row", "before", "action"),
    [("may-file", [], "desk: create tip T2"), ("may-change", ["desk: create tip T1"], "desk: delete T1")],
)
def test_what_is_refused_everywhere_is_refused_with_the_status(row: str, before: list[str], action: str) -> None:
    table = WIRE.policy.tables["access"]
    rows = tuple(
        replace(one, when=tuple((f, v) for f, v in one.when if f != "next phase"), then=Then(refuse="never"))
        if one.id == row
        else one
        for one in table.rows
        if not one.id.endswith("-too-late")
    )
    tables = {**WIRE.policy.tables, table.name: replace(table, rows=rows)}
    model = WIRE.factory.variant(replace(WIRE.policy, tables=tables)).model({})
    simulation = at("Open", *before)
    outcome = bare(model, simulation.world, simulation.event(action))
    assert outcome.refused == "never; the status is Open"


def test_what_was_never_created_is_refused_by_the_engine_too() -> None:
    outcome = bare(WIRE, World("Open"), Event(actor="desk", action="delete", item="T9"))
    assert outcome.refused == "the item was never created; the desk partner's ticket shows no item"
    assert outcome.hits == ()
    nobody = bare(WIRE, World("Open"), Event(actor="desk", action="burn"))
    assert nobody.refused == (
        "under these readings nobody can 'burn'; the status is Open, where these are possible: desk: freeze, desk: gone"
    )


def situation(*actions: str, status: str = "Open", action: str) -> Situation:
    simulation = at(status, *actions)
    fields = {"body": "x"} if ": edit" in action else {}
    found = target(WIRE, simulation.world, simulation.event(action, **fields))
    assert found is not None
    return found[1]


def test_what_is_decided_once_is_remembered() -> None:
    one = situation(action="stringer: create story S1")
    assert decide(WIRE, one) is decide(WIRE, one)
    assert one == Situation(
        actor="stringer", change="create", by="owner", owner="stringer", kind="story", values=(None, None),
        phase="open", next_phase="open", link="alone", copied=False, present=True, ticket=True, shown=False,
        history=frozenset(),
    )  # fmt: skip


def test_the_facts_of_a_situation() -> None:
    simulation = at("Open", "stringer: create tip T1")
    edited = situation("stringer: create tip T1", action="desk: edit T1")
    facts = edited.facts(WIRE.vocabulary, WIRE.status_spec.phases)
    assert facts == {
        "actor": "desk",
        "change": "edit",
        "by": "other",
        "owner": "stringer",
        "kind": "tip",
        "phase": "open",
        "next phase": "open",
        "link": "wired",
        "copy": "present",
        "original": "present",
        "ticket": "present",
        "shown": True,
        "credit": None,
        "embargoed": False,
        "corrected": False,
    }
    other = edited._replace(copied=False, present=False, ticket=False, history=frozenset({"corrected"}))
    assert {
        fact: value
        for fact, value in other.facts(WIRE.vocabulary, WIRE.status_spec.phases).items()
        if value != facts[fact]
    } == {
        "copy": "absent",
        "original": "deleted",
        "ticket": "absent",
        "corrected": True,
    }
    found = target(WIRE, simulation.world, Event(actor="stringer", action="delete", item="T1"))
    assert found is not None
    assert (found[1].present, found[1].copied, found[1].shown, found[0].original.kind) == (False, True, True, "tip")


def test_what_is_refused_leaves_link_and_memory() -> None:
    one = situation("stringer: create tip T1", action="desk: edit T1")
    gone = one._replace(phase="gone", next_phase="gone", history=frozenset({"corrected"}))
    decision = decide(WIRE, gone)
    assert (decision.refused, decision.link) == ("the edition is gone", "wired")
    assert decision.history == {"corrected"}
    assert [hit.row.id for hit in decision.hits] == ["changed-too-late"]
    assert decision.facts["next phase"] == "gone"


def changed(table: str, change: Callable[[Table], Table], model: Model = WIRE) -> Model:
    """The third policy with one of its tables changed."""
    policy = model.policy
    tables = {**policy.tables, table: change(policy.tables[table])}
    return WIRE.factory.of(replace(policy, tables=tables)).model({})


def less(table: str, row: str, model: Model = WIRE) -> Model:
    return changed(table, lambda one: replace(one, rows=tuple(r for r in one.rows if r.id != row)), model)


def more(table: str, row: str, **otherwise: Any) -> Model:
    """With a row that is there once more, somewhat otherwise."""
    return changed(
        table,
        lambda one: replace(
            one, rows=(*one.rows, *(replace(r, id=f"{r.id}-2", **otherwise) for r in one.rows if r.id == row))
        ),
    )


def fires(row: str, link: str) -> Model:
    """With a row of the owner's change that fires another trigger."""
    then = Then(effect=Effect.NONE, link=link)
    return changed(
        "owner's change",
        lambda one: replace(one, rows=tuple(replace(r, then=then) if r.id == row else r for r in one.rows)),
    )


def scoped(table: str, **scope: tuple[str, ...]) -> Model:
    return changed(table, lambda one: replace(one, scope=tuple(scope.items())))


def defect(model: Model, *actions: str, status: str = "Open") -> Defect:
    simulation = simsync.Simulation(model, status)
    for action in actions:
        outcome = simulation.do(action)
    (found,) = outcome.defects
    assert outcome.after is outcome.before
    assert (outcome.synced, outcome.notified, outcome.fired) == (False, (), ())
    return found


CREATE = "stringer: create tip T1"


def test_no_row_decides() -> None:
    assert defect(less("access", "may-file"), CREATE) == Defect(
        "undecided",
        "table 'access' needs one deciding row, but this situation has no row: change: create, ticket: present, "
        "shown: false, next phase: open",
        "one row of table 'access'",
        "no row",
        ("access",),
        (),
    )


def test_of_what_is_asked_in_turn_the_first_defect_is_told() -> None:
    model = less("wanted", "tip-wanted", less("access", "may-file"))
    assert defect(model, CREATE).tables == ("access",)


def test_two_rows_decide() -> None:
    assert defect(more("wanted", "tip-wanted"), "stringer: create story S1", CREATE) == Defect(
        "ambiguous",
        "table 'wanted' needs one deciding row, but this situation has tip-wanted, tip-wanted-2: "
        "kind: tip, embargoed: false",
        "one row of table 'wanted'",
        "tip-wanted, tip-wanted-2",
        ("wanted",),
        ("tip-wanted", "tip-wanted-2"),
    )


def test_no_table_and_two_tables_decide() -> None:
    message = "exactly one table must decide this situation, but the scopes of {} take it in"
    model = scoped("owner's change", change=("edit",), by=("owner",))
    between = ("owner's change", "other's change", "edition changes")
    assert defect(model, CREATE) == Defect("scope", message.format("none"), "one table", "none", between)
    model = scoped("other's change", change=("create",))
    two = "'owner's change', 'other's change'"
    assert defect(model, CREATE) == Defect(
        "scope", message.format(two), "one table", two, ("owner's change", "other's change")
    )
    model = scoped("access", change=("edit",))
    assert defect(model, CREATE).tables == ("access",)
    model = scoped("copies", arrives=(False,))  # type: ignore[arg-type] # a value
    assert defect(model, CREATE).tables == ("copies",)


def test_no_table_is_needed_where_nothing_changes() -> None:
    """A status action that no table is about leaves each item as it is; a scope of two tables is wrong there, too."""
    model = scoped("edition changes", change=("burn",))
    simulation = simsync.Simulation(model, "Open")
    simulation.do(CREATE)
    outcome = simulation.do("desk: freeze")
    assert (outcome.defects, outcome.after.items) == ((), outcome.before.items)
    assert outcome.row_of == {"T1": "author-not-told"}
    model = scoped("other's change", change=("none",))
    assert defect(model, CREATE, "desk: freeze").tables == ("other's change", "edition changes")


def test_a_link_that_cannot_be_moved() -> None:
    model = fires("own-cut", "cut")
    actions = (CREATE, "desk: delete T1")
    simulation = simsync.Simulation(model, "Open")
    for action in actions:
        simulation.do(action)
    (found,) = simulation.do("stringer: edit T1", body="x").defects
    assert found == Defect(
        "cannot-fire",
        "row 'own-cut' fires 'cut', which the link machine does not have in off",
        "a transition 'cut'",
        "none",
        ("owner's change",),
        ("own-cut",),
    )


def test_a_property_that_is_broken() -> None:
    then = Then(fact="wanted", value=False)
    model = changed(
        "wanted",
        lambda one: replace(one, rows=tuple(replace(r, then=then) if r.id == "story-wanted" else r for r in one.rows)),
    )
    model = changed("owner's change", _sends_all, model)
    assert defect(model, "stringer: create story S1") == Defect(
        "property",
        "property 'embargoed-never-sent' (W2) must never hold, but this step has synced: true, wanted: false, "
        "change: create",
        "not synced: true, wanted: false, change: create",
        "synced: true, wanted: false, change: create",
        ("owner's change",),
        ("sends",),
        "embargoed-never-sent",
    )


def _sends_all(table: Table) -> Table:
    rows = {row.id: row for row in table.rows if row.id != "keeps"}
    when = tuple((fact, (True, False) if fact == "wanted" else values) for fact, values in rows["sends"].when)
    rows["sends"] = replace(rows["sends"], when=when)
    return replace(table, rows=tuple(rows.values()))


def test_the_first_defect_of_an_item_is_told_and_those_of_every_item() -> None:
    model = less("edition changes", "frozen-as-it-was")
    simulation = simsync.Simulation(model, "Open")
    simulation.do(CREATE)
    simulation.do("stringer: create tip T2")
    outcome = simulation.do("desk: freeze")
    assert [one.kind for one in outcome.defects] == ["undecided", "undecided"]
    assert outcome.after is outcome.before
    assert (outcome.moved, outcome.fired, outcome.notified) == (None, (), ())
    model = less("edition notice", "freeze-is-told")
    found = defect(model, CREATE, "desk: freeze")
    assert (found.kind, found.tables) == ("undecided", ("edition notice",))
    model = less("author notice", "author-told")
    assert defect(model, CREATE).tables == ("author notice",)


def test_a_broken_situation_keeps_link_and_memory() -> None:
    model = less("other's change", "corrects")
    one = situation(CREATE, action="desk: edit T1")._replace(history=frozenset({"corrected"}))
    decision = decide(model, one)
    assert decision == Decision(
        link="wired", history=frozenset({"corrected"}), defects=decision.defects, facts=decision.facts
    )
    assert [found.kind for found in decision.defects] == ["undecided"]
    assert decision.facts["wanted"] is True


def test_an_outcome_depends_on_what_heals_a_defect() -> None:
    """Under one other reading an edit that changes nothing does nothing; here it runs into a fault of the rules."""
    item = at("Open", CREATE).world.items["T1"]
    edit = Event(actor="stringer", action="edit", item="T1", fields={"body": ""})
    outcome = bare(fires("waits", "burn"), World("Frozen", {"T1": replace(item, link="waiting")}), edit)
    assert [one.kind for one in outcome.defects] == ["cannot-fire"]
    assert readings_behind(outcome) == ("frozen_work",)


def test_memories_are_of_what_is_at_the_end_of_the_step() -> None:
    """A memory of each copy and link that there can be, before and after."""
    words = WIRE.vocabulary
    (like,) = words.history.values()
    whens: dict[str, When] = {
        "copied": (("copy", ("present",)),),
        "bare": (("copy", ("absent",)),),
        "was off": (("link", ("off",)),),
        "is frozen": (("phase", ("frozen",)),),
    }
    history = {**words.history, **{name: replace(like, name=name, when=when) for name, when in whens.items()}}
    model = WIRE.factory.of(replace(WIRE.policy, vocabulary=replace(words, history=history))).model({})
    simulation = simsync.Simulation(model, "Open")

    def after(item: str, action: str, **fields: str) -> set[str]:
        before = simulation.world.items.get(item)
        simulation.do(action, **fields)
        return {*simulation.world.items[item].history} - {*(before.history if before else ())}

    assert after("T1", CREATE) == {"copied"}
    assert after("T1", "desk: edit T1", body="x") == {"corrected"}
    assert after("T1", "stringer: edit T1", body="x") == set()
    assert after("T1", "stringer: delete T1") == {"bare", "was off"}
    assert after("T2", "stringer: create tip T2") == {"copied"}
    assert after("T2", "desk: delete T2") == {"bare", "was off"}
    simulation.do("stringer: create tip T3")
    simulation.do("desk: freeze")
    assert simulation.world.items["T3"].history == {"copied", "is frozen"}
    assert after("T4", "stringer: create tip T4") == {"bare", "is frozen"}
    assert after("T4", "stringer: delete T4") == {"was off"}
    simulation.do("stringer: create tip T5")
    assert after("T5", "stringer: thaw") == {"copied"}
    simulation.do("stringer: create tip T6")
    simulation.do("desk: create tip T7")
    assert after("T7", "stringer: edit T7", body="y") == {"corrected"}
    assert simulation.world.items["T6"].history == {"copied"}
    simulation.do("desk: freeze")
    assert after("T6", "stringer: delete T6") == {"was off"}
    assert simulation.world.items["T6"].copy is not None


def test_an_outcome_depends_on_a_transition_of_its_link_that_a_reading_adds() -> None:
    model = fires("own-cut", "wire")
    policy, reading = model.policy, model.policy.readings["frozen_work"]
    (wire,) = (one for one in policy.link.transitions if one.trigger == "wire")
    again = {"wiring": (replace(wire, id="is-wired-again", source=("off",)),)}
    options = {**reading.options, "lost": replace(reading.options["lost"], transitions=again)}
    readings = {**policy.readings, "frozen_work": replace(reading, options=options)}
    model = model.factory.of(replace(policy, readings=readings)).model({})
    for option, kinds in (("waits", ["cannot-fire"]), ("lost", [])):
        simulation = simsync.Simulation(model.under({"frozen_work": option}), "Open")
        simulation.do(CREATE)
        simulation.do("desk: delete T1")
        outcome = simulation.do("stringer: edit T1", body="x")
        assert [one.kind for one in outcome.defects] == kinds
        assert (outcome.rules[0], readings_behind(outcome)) == ("own-cut", ("frozen_work",))


def test_a_notice_of_a_step_may_test_who_acts_and_before_what() -> None:
    (row,) = (one for one in WIRE.policy.tables["edition notice"].rows if one.id == "freeze-is-told")
    when: When = (("actor", ("desk",)), ("phase", ("open",)), ("change", ("none",)), ("synced", (False,)))
    model = changed("edition notice", lambda one: replace(one, rows=(replace(row, when=when),)))
    outcome = simsync.Simulation(model, "Open").do("desk: freeze")
    assert (outcome.defects, outcome.notified) == ((), ("night editor",))
    assert outcome.hits[-1].actual == (("actor", "desk"), ("phase", "open"), ("change", "none"), ("synced", False))
    again = simsync.Simulation(model, "Open").do("desk: freeze")
    assert again.hits[-1] is outcome.hits[-1]


def test_the_rows_that_refuse_or_run_into_a_defect_are_kept() -> None:
    assert at("Gone").do("desk: create tip T1").rules == ("filed-too-late",)
    simulation = simsync.Simulation(less("edition notice", "freeze-is-told"), "Open")
    simulation.do(CREATE)
    assert simulation.do("desk: freeze").rules == ("frozen-as-it-was", "author-not-told")


def test_a_delivery_to_a_copy_leaves_its_kind_and_what_is_not_carried() -> None:
    simulation = at("Open", "stringer: create story S1", "desk: create tip T1")
    outcome = simulation.do("stringer: edit S1", body="Hail")
    assert simulation.ticket("desk")["S1"] == {**PRINTED, "body": "Hail", "embargoed": True, "printable": False}
    assert outcome.reached == {"desk"}
    assert simulation.do("desk: edit T1", body="Fog").reached == {"stringer"}


def test_a_deletion_forgets_nothing() -> None:
    simulation = at("Open", "stringer: create tip T1")
    simulation.do("desk: edit T1", body="x")
    simulation.do("stringer: delete T1")
    assert simulation.world.items["T1"].history == {"corrected"}


def test_what_a_table_or_a_refusal_once_said_is_remembered() -> None:
    first, second = at("Open").do(CREATE), at("Open").do(CREATE)
    assert first.hits[0] is second.hits[0]
    assert at("Gone").do("desk: gone").refused is at("Gone").do("desk: gone").refused
