"""Holes and clashes in the rules are found without any scenario, and each comes with the shortest one that shows it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from conftest import ROOT, Run
from planted import model_of, row_of, with_row, with_rows, with_transition, without_row
from simsync.analysis.table.findings import SORTS, Finding, Severity
from simsync.analysis.table.idle import told_apart
from simsync.analysis.table.reached import Alike, Reached
from simsync.analysis.table.table_check import check
from simsync.analysis.table.whole import said
from simsync.app import load_model
from simsync.core.model import Model
from simsync.core.simulate import run_scenario
from simsync.loading.scenarios import ScenarioLoader
from simsync.model.policy import Claim, Decides, Effect, Option, Property, Row, Then, Transition, Value
from simsync.reporting.findings import as_yaml, scenario

BASE = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
FIRST_ROWS = [next(row for row in BASE.policy.rows if row.table == table) for table in BASE.policy.tables]


def errors(model: Model) -> list[Finding]:
    return [finding for finding in check(model) if finding.severity is Severity.ERROR]


def of(model: Model, code: str) -> list[Finding]:
    return [finding for finding in (shipped() if model is BASE else check(model)) if finding.code == code]


@cache
def shipped() -> tuple[Finding, ...]:
    """What a check finds in the shipped rules."""
    return tuple(check(BASE))


def claim(name: str, **what: tuple[Value, ...]) -> Property:
    """A property that something never is; a fact's blank is an underscore here."""
    named = tuple((fact.replace("_", " "), values) for fact, values in what.items())
    return Property(name=name, claim=Claim.NEVER, what=named, sources=("A1",))


def claiming(model: Model, *claims: Property) -> Model:
    return model_of(replace(model.policy, properties=claims))


def fails_as_told(model: Model, finding: Finding) -> None:
    """The finding's scenario, run, comes upon the very same fault in its last step, and in no other."""
    assert finding.way is not None
    shown = scenario(finding)
    assert shown is not None
    (loaded,) = ScenarioLoader(model.workshop).load_bytes(as_yaml(shown).encode(), "x.yaml").scenarios
    result = run_scenario(model, loaded)
    assert [one.outcome.defects == () for one in result.steps] == [True] * (len(finding.way.events) - 1) + [False]
    assert finding.defect in result.steps[-1].outcome.defects


# The shipped rules


@pytest.mark.unmeasured
def test_the_shipped_rules_are_complete(cli: Run) -> None:
    code, out, err = cli("check")
    assert (code, err) == (0, "")
    assert out.startswith("one row decides every situation")
    assert "under all 4,096 combinations of readings\n" in out


@pytest.mark.unmeasured
def test_the_shipped_rules_leave_open_only_what_cannot_come_about() -> None:
    assert shipped()
    for finding in shipped():
        assert not finding.reachable
        assert finding.reason
        assert finding.way is None


def test_a_second_policy_is_checked_too(cli: Run) -> None:
    code, out, _ = cli("check", "--machines", ROOT / "tests" / "policies" / "atelier")
    assert code == 0
    assert out.endswith("0 errors, 5 warnings\n3 remarks on what cannot come about: simsync check --impossible\n")
    assert "row 'may-touch' need not say {change: [edit, delete]}: {shown: true} implies it" in out


@pytest.mark.parametrize("row", list(ATELIER.policy.rows), ids=lambda row: row.id)
def test_every_row_of_the_second_policy_is_missed(row: Row) -> None:
    model = without_row(ATELIER, row.id)
    found = errors(model)
    assert found
    for finding in found:
        assert (finding.code, finding.table) == ("undecided", row.table)
        fails_as_told(model, finding)


# Holes and clashes


@pytest.mark.unmeasured
@pytest.mark.parametrize("row", FIRST_ROWS[1::4], ids=lambda row: row.id)
def test_a_row_that_is_taken_away_leaves_a_hole(row: Row) -> None:
    model = without_row(BASE, row.id)
    found = errors(model)
    assert found
    for finding in found:
        assert (finding.code, finding.table) == ("undecided", row.table)
        assert finding.where == model.policy.tables[row.table].span
        fails_as_told(model, finding)


@pytest.mark.unmeasured
def test_a_hole_is_described_as_the_row_that_it_lacks() -> None:
    (finding,) = errors(without_row(BASE, "own-delete-held"))
    assert finding.message == (
        "table 'own change' has no row for {phase: suspended, change: delete, sends: removal, link: [linked, held]}"
    )
    assert finding.situation["link"] == "linked"
    assert finding.situation["kind"] == "time entry"


def test_two_holes_of_a_table_are_two_findings() -> None:
    model = without_row(without_row(ATELIER, "too-late"), "stays-solo")
    assert [finding.message.split(" for ")[1] for finding in errors(model)] == [
        "{mirrorable: false}",
        "{change: create, phase: over}",
    ]


@pytest.mark.unmeasured
def test_a_fault_is_counted_over_the_combinations_and_shown_under_the_nearest() -> None:
    model = without_row(BASE, "own-edit-withdraws")
    (finding,) = errors(model)
    assert finding.under is not None
    assert finding.way is not None
    assert (finding.under.count, finding.under.total) == (2**11, 2**12)
    assert finding.under.always == {"made_internal": "withdraw"}
    assert finding.way.readings == {"made_internal": "withdraw"}
    (finding,) = errors(without_row(ATELIER, "quote").under({"quotes": "kept"}))
    assert finding.way is not None
    assert finding.way.readings == {"quotes": "mirrored"}


@pytest.mark.unmeasured
def test_a_fault_of_two_options_together_is_found() -> None:
    """Only where a change waits, and the other partner's deletion of a charge that is shared does not sever."""
    model = without_row(BASE, "resume-finds-copy-gone").under({"resume": "discard", "charges": "unsynced"})
    (finding,) = errors(model)
    assert finding.under is not None
    assert finding.under.always == {"resume": "deliver", "charges": "as_items", "charge_sever": "follow"}
    assert finding.under.count == 2**9
    assert finding.way is not None
    # two of these are defaults, but not of a run with the readings chosen here
    assert finding.way.readings == {"resume": "deliver", "charges": "as_items", "charge_sever": "follow"}
    fails_as_told(model, finding)


@pytest.mark.unmeasured
def test_the_way_to_a_fault_is_the_shortest() -> None:
    """A deletion that waits takes a copy, a suspension, the deletion, and the resume."""
    model = without_row(BASE, "resume-removes").under({"resume": "discard"})
    (finding,) = errors(model)
    assert finding.way is not None
    assert finding.way.readings == {"resume": "deliver"}
    events = [f"{event.actor}: {event}" for event in finding.way.events]
    assert len(events) == 4
    assert events[-1] == "lead: reject completion"
    fails_as_told(model, finding)


def test_rows_that_clash_are_named_with_what_they_share() -> None:
    row = row_of(ATELIER, "reflects")
    wider = replace(row, id="reflects-too", when=row.when[:3])
    model = with_rows(ATELIER, lambda one: [one, wider] if one.id == row.id else [one])
    found = errors(model)
    assert [finding.rows for finding in found] == [("reflects", "reflects-too"), ("reflects-too", "stays-solo")]
    assert found[0].message == (
        "rows 'reflects' and 'reflects-too' of table 'touch' both decide "
        "{change: [create, edit], by: owner, phase: live, link: [solo, mirrored], mirrorable: true}"
    )
    for finding in found:
        assert finding.code == "ambiguous"
        fails_as_told(model, finding)
    unused = {finding.rows[0] for finding in of(model, "row-never-used")}
    assert unused.isdisjoint(["reflects", "reflects-too", "stays-solo"])


@pytest.mark.unmeasured
def test_scopes_that_overlap_or_leave_something_out() -> None:
    tables = BASE.policy.tables
    for scope, wanted in (
        ((("change", ("edit", "delete")),), "own change"),
        ((("by", ("nobody",)),), "other's change"),
    ):
        changed = {**tables, "other's change": replace(tables["other's change"], scope=scope)}
        model = model_of(replace(BASE.policy, tables=changed))
        found = [finding for finding in errors(model) if finding.code == "scope"]
        assert found
        assert any(wanted in [finding.table, *(what[7:-1] for what, _ in finding.related)] for finding in found)
        for finding in found:
            fails_as_told(model, finding)


def test_a_trigger_that_cannot_fire() -> None:
    model = with_row(ATELIER, "already-loose", then=Then(link="cut"))
    (finding,) = errors(model)
    assert (finding.code, finding.rows) == ("cannot-fire", ("already-loose",))
    assert finding.where == row_of(ATELIER, "already-loose").span
    fails_as_told(model, finding)


def test_a_step_that_breaks_a_property_is_laid_to_the_row_that_decides_it() -> None:
    model = with_row(ATELIER, "private-draft", then=Then(fact="mirrorable", value=True))
    (finding,) = errors(model)
    assert (finding.code, finding.rows) == ("property", ("reflects",))
    assert finding.where == row_of(ATELIER, "reflects").span
    assert finding.related[0][0] == "property 'private-never-arrives'"
    fails_as_told(model, finding)


@pytest.mark.unmeasured
def test_a_row_that_contradicts_a_property() -> None:
    model = with_row(BASE, "other-edit", then=Then(effect=Effect.DELIVER, link="sever"))
    always, sometimes = errors(model)
    assert (always.code, always.rows) == ("row-breaks-property", ("other-edit",))
    assert "breaks property 'other-change-never-crosses' in every step that it decides" in always.message
    assert (sometimes.code, sometimes.rows) == ("property", ("other-edit",))
    for finding in (always, sometimes):
        fails_as_told(model, finding)


def test_a_table_that_is_asked_once_for_a_step() -> None:
    model = with_row(ATELIER, "news-of-everything", when=(("actor", ("shop",)),))
    (finding,) = errors(model)
    assert finding.message == "table 'news' has no row for {actor: atelier}"
    assert finding.situation["change"] == "create"
    fails_as_told(model, finding)
    model = with_rows(ATELIER, lambda row: [row, replace(row, id="again")] if row.table == "news" else [row])
    (finding,) = errors(model)
    assert finding.rows == ("news-of-everything", "again")
    assert finding.message == "rows 'news-of-everything' and 'again' of table 'news' both decide everything"
    fails_as_told(model, finding)


def test_errors_come_first_and_the_nearest_first() -> None:
    model = without_row(without_row(ATELIER, "closing-cuts"), "private-draft")
    found = list(check(model))
    lengths = [len(finding.way.events) for finding in found if finding.way]
    assert lengths == sorted(lengths)
    order = [(finding.severity is Severity.WARNING, not finding.reachable) for finding in found]
    assert order == sorted(order)


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
    stay = Transition(id="stays", trigger="stay", source=("loose",), dest="loose", actor=None, when=(), sources=())
    (finding,) = of(with_transition(model, "mirror", stay), "outcome-idle")
    assert finding.message.endswith("changes nothing: the link always stays as it is")


def test_transitions_states_and_triggers_that_never_come() -> None:
    parked = Transition(
        id="unparks", trigger="unpark", source=("Parked",), dest="Open", actor="shop", when=(), sources=("A1",)
    )
    model = with_transition(ATELIER, "commission", parked)
    states = {**model.policy.status.states, "Parked": replace(model.policy.status.states["Open"], name="Parked")}
    model = model_of(replace(model.policy, status=replace(model.policy.status, states=states)))
    assert [finding.message for finding in of(model, "state-never-reached")] == [
        "nothing ever comes to the state 'Parked'"
    ]
    assert [finding.message for finding in of(model, "transition-never-used")] == ["transition 'unparks' never fires"]
    thaw = Transition(id="thaws", trigger="thaw", source=("loose",), dest="solo", actor=None, when=(), sources=())
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


@pytest.mark.unmeasured
def test_options_that_differ_only_later_are_told_apart(reached: Reached) -> None:
    assert {pair.reading for pair in reached.alike} == {"resume", "charge_sever"}
    for pair in reached.alike:
        assert told_apart(reached, pair)
    assert not told_apart(reached, Alike("resume", "deliver", "deliver"))


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


@pytest.mark.unmeasured
def test_scopes_that_miss_only_what_never_comes() -> None:
    tables = BASE.policy.tables
    narrow = replace(tables["other's change"], scope=(*tables["other's change"].scope, ("link", ("linked", "held"))))
    wide = replace(narrow, scope=(*narrow.scope[:-1], ("link", ("linked", "held", "severed", "ended", "deleted"))))
    (finding,) = of(model_of(replace(BASE.policy, tables={**tables, "other's change": wide})), "scope-impossible")
    assert finding.message == "none of the tables that decide the change takes in {by: other, link: local}"
    assert finding.where == tables["own change"].span


@pytest.mark.unmeasured
def test_a_statement_that_nothing_rests_on_is_named_where_it_stands(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    file = tmp_path / "machines" / "statements.yaml"
    text = file.read_text()
    file.write_text(text.replace("\ngaps:", '  S23: {text: "Nobody ever said this.", place: nowhere}\n\ngaps:', 1))
    line = file.read_text().splitlines().index('  S23: {text: "Nobody ever said this.", place: nowhere}') + 1
    code, out, _ = cli("check", "--machines", tmp_path / "machines")
    assert code == 0
    told = "statement-not-cited: no row, transition or state rests on statement S23: Nobody ever said this."
    assert out.startswith(f"{file}:{line}:8: warning: {told}\n")


# The command line


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Rules without one of their rows."""
    shutil.copytree(ROOT / "tests" / "policies" / "atelier", tmp_path / "machines")
    rules = tmp_path / "machines" / "sync_rules.yaml"
    lines = rules.read_text().splitlines(keepends=True)
    rules.write_text("".join(line for line in lines if "{id: already-loose," not in line))
    return tmp_path / "machines"


def test_text(cli: Run, broken: Path) -> None:
    code, out, _ = cli("check", "--machines", broken)
    assert code == 1
    hole = "table 'touch' has no row for {change: [edit, delete], link: loose}"
    told = f"{broken}/sync_rules.yaml:19:3: error: undecided: {hole} (under all 2 combinations of readings)\n"
    assert out.startswith(f'{told}    scenario: "{hole}"\n    given: {{status: ')
    assert "\n1 error, 5 warnings\nbeyond a step with an error nothing was tried: " in out


def test_what_is_impossible_is_listed_when_asked_for(cli: Run) -> None:
    atelier = ROOT / "tests" / "policies" / "atelier"
    _, out, _ = cli("check", "--machines", atelier)
    _, told, _ = cli("check", "--machines", atelier, "--impossible")
    number = sum(": impossible: " in line for line in told.splitlines())
    assert f"\n{number} remarks on what cannot come about: simsync check --impossible\n" in out
    assert "impossible: " not in out
    assert "remarks on" not in told


def test_json(cli: Run, broken: Path, tmp_path: Path) -> None:
    code, out, _ = cli("check", "--machines", broken, "--format", "json")
    assert code == 1
    findings = json.loads(out)["findings"]
    assert {finding["severity"] for finding in findings} == {"error", "warning"}
    assert {finding["code"] for finding in findings} <= SORTS.keys()
    error = findings[0]
    assert error["code"] == "undecided"
    assert error["where"] == f"{broken}/sync_rules.yaml:19:3"
    assert (error["table"], error["rows"], error["reachable"]) == ("touch", [], True)
    assert error["combinations"] == {"count": 2, "total": 2, "always": {}}
    assert error["situation"]["link"] == "loose"
    (tmp_path / "s.yaml").write_text(as_yaml(error["scenario"]))
    assert cli("run", "--machines", broken, tmp_path / "s.yaml")[0] == 1
    for finding in findings[1:]:
        assert (finding["severity"], "scenario" in finding) == ("warning", False)
        assert ("reason" in finding) != finding["reachable"]


def test_the_same_is_found_every_time(cli: Run, broken: Path) -> None:
    assert cli("check", "--machines", broken, "--impossible") == cli("check", "--machines", broken, "--impossible")


def test_the_help_lists_every_code(cli: Run) -> None:
    _, out, _ = cli("check", "--help")
    assert all(f"\n  {code}  " in out for code in SORTS)


def test_progress_is_told_to_a_terminal_only(
    cli: Run, monkeypatch: pytest.MonkeyPatch, patient: Callable[[float], None]
) -> None:
    atelier = ROOT / "tests" / "policies" / "atelier"
    quiet = cli("check", "--machines", atelier)
    assert quiet[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    patient(3600.0)
    assert cli("check", "--machines", atelier) == quiet
    patient(-1.0)
    code, out, err = cli("check", "--machines", atelier)
    assert (code, out) == quiet[:2]
    assert "steps tried" in err


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets after how many seconds something is told, and looks at the clock at every step."""
    import importlib

    module = importlib.import_module("simsync.commands.check")
    monkeypatch.setattr(module, "GLANCE", 1)
    monkeypatch.setenv("TERM", "xterm")
    return lambda seconds: monkeypatch.setattr(module, "PATIENCE", seconds)


def test_more_readings_than_can_be_combined(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "policies" / "atelier", tmp_path / "machines")
    file = tmp_path / "machines" / "readings.yaml"
    one = "question: q, gap: Q1, evidence: e, sources: [A1], options: {a: {about: x}, b: {about: y}}"
    file.write_text(file.read_text() + "".join(f"- {{reading: r{n}, {one}}}\n" for n in range(16)))
    code, out, err = cli("check", "--machines", tmp_path / "machines")
    assert (code, out) == (2, "")
    assert err == (
        "readings: too-many: the readings have 131,072 combinations; at most 65,536 are walked through at once\n"
    )


def test_rules_that_do_not_load(cli: Run, tmp_path: Path) -> None:
    code, out, err = cli("check", "--machines", tmp_path / "nowhere", "--format", "sarif")
    assert (code, out) == (2, "")
    assert "not-found" in err


def test_no_table_of_a_kind_is_left_out() -> None:
    assert {row.table for row in FIRST_ROWS} == {*BASE.policy.tables}
    assert {table.decides for table in BASE.policy.tables.values()} == {*Decides}
