"""What each reading changes, in the shortest scenario that shows it."""

from __future__ import annotations

import json
import random
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conftest import ROOT, Run
from plain_walk import PlainWalk
from sampling import few
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.trace import simulate
from simsync.engine.view import ticket
from simsync.engine.world import World
from simsync.questions.compare.affected import restated
from simsync.report.difference import as_json
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml, document
from simsync.statespace.comparing import Comparison, first_difference
from simsync.statespace.differences import kind_of, only_one_knows, seen

BASE = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
FEW = ROOT / "scenarios" / "charges.yaml"
OPTIONS = [
    (reading.name, option) for reading in BASE.policy.readings.values() for option in reading.options
    if option != reading.default
]  # fmt: skip
SIDES = few([(ATELIER, "quotes", "kept"), *((BASE, name, option) for name, option in OPTIONS)], 1 + len(OPTIONS))
each_option = pytest.mark.parametrize(("model", "name", "option"), SIDES)


@pytest.mark.parametrize(("name", "option"), few(OPTIONS, 4))
def test_every_option_has_a_consequence_that_can_be_seen(name: str, option: str) -> None:
    other = BASE.under({name: option})
    difference = first_difference(BASE, other)
    assert difference is not None
    assert len(difference.events) <= 3
    left, right = simulate(BASE, difference), simulate(other, difference)
    assert [seen(a) == seen(b) for a, b in zip(left, right, strict=True)] == [True] * (len(left) - 1) + [False]
    assert not any(outcome.defects for outcome in (*left, *right))
    text = as_yaml(document("x", difference))
    (scenario,) = ScenarioLoader(BASE.factory).load_bytes(text.encode(), "x.yaml").scenarios
    assert [one.event for one in scenario.steps] == list(difference.events)


@pytest.mark.parametrize("machines", few([ROOT / "tests" / "policies" / "atelier", ROOT / "machines"], 2))
def test_a_model_does_not_differ_from_itself(machines: Path) -> None:
    assert first_difference(load_model(machines), load_model(machines)) is None


@pytest.mark.thorough
def test_the_places_walked_through_are_all_that_random_walks_come_to(model: Model) -> None:
    """A walk over the reference engine with real texts, one item, never sees what the walk over shapes did not."""
    walk = PlainWalk(model)
    seen_states = {
        (visit.outcome.after.status, item.link, item.copy is not None, item.present, item.history)
        for visit in walk.walk()
        for item in visit.outcome.after.items.values()
    }
    from simsync.statespace.abstraction import Abstraction, with_texts

    abstraction, chance = Abstraction(model), random.Random(1)
    for _ in range(300):
        world = World(chance.choice(list(model.status_spec.states)))
        for number in range(25):
            (event,) = with_texts(model, [chance.choice(list(abstraction.events(abstraction.state(world).item)))])
            if "text" in event.fields:
                event = type(event)(
                    actor=event.actor, action=event.action, item=event.item, kind=event.kind,
                    fields={**event.fields, "text": f"{number}"},
                )  # fmt: skip
            outcome = step(model, world, event)
            assert not outcome.defects
            world = outcome.after
            for item in world.items.values():
                assert (world.status, item.link, item.copy is not None, item.present, item.history) in seen_states


@pytest.mark.thorough
def test_the_command_line(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("compare", "resume=discard", "machines")
    assert code == 1
    assert "# resume=discard: service's ticket shows no N1" in out
    assert "  - lead: reject completion\n" in out
    (tmp_path / "s.yaml").write_text(out)
    assert cli("run", tmp_path / "s.yaml")[0] == 0
    code, out, _ = cli("compare", "machines", "machines", "--format", "json")
    told = json.loads(out)
    assert (code, told["differs"], told["walked"]["exhausted"]) == (0, False, True)
    assert (told["walked"]["pairs"], told["walked"]["steps"]) == walked(BASE)
    assert told["affected"]["rules"] == told["affected"]["scenarios"]["changed"] == []
    code, out, _ = cli("compare", "machines", "charges=unsynced", "--format", "json")
    told = json.loads(out)
    assert code == 1
    assert told["differs"]
    assert told["scenario"]["steps"] == [{"lead": "create charge N1", "text": "text 1"}]
    assert told["left"][0]["tickets"]["service"] == {"N1": {"kind": "charge", "text": "text 1"}}
    assert told["right"][0]["tickets"]["service"] == {}


def test_what_is_said_of_a_small_policy(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "machines").symlink_to(ROOT / "tests" / "policies" / "atelier")
    monkeypatch.chdir(tmp_path)
    code, out, _ = cli("compare", "machines", "quotes=kept")
    assert (code, "# quotes=kept: atelier's ticket shows no N1\n" in out) == (1, True)
    assert "#   mirrorable: quote -> quote-kept\n#     mirrorable: true -> false\n# they rest on: A1 Q1\n" in out
    (tmp_path / "s.yaml").write_text(out)
    assert cli("run", tmp_path / "s.yaml")[0] == 0
    told = json.loads(cli("compare", "machines", "quotes=kept", "--all", "--format", "json")[1])
    assert told["scenario"]["steps"] == [{"shop": "create price quote N1", "words": "text 1"}]
    assert told["left"][0]["tickets"]["atelier"] == {"N1": {"kind": "price quote", "words": "text 1"}}
    assert told["right"][0]["tickets"]["atelier"] == {}
    assert [next(iter(one["scenario"]["steps"][0])) for one in told["kinds"]] == ["shop", "atelier"]
    (rule,) = told["affected"]["rules"]
    assert (rule["where"], rule["left"][0]["id"], rule["right"][0]["id"]) == ("mirrorable", "quote", "quote-kept")
    _, out, _ = cli("compare", "machines", "quotes=kept", "--format", "markdown")
    assert "| mirrorable | `quote` | `quote-kept` | mirrorable: true → false |" in out
    assert "| atelier's ticket | **N1: {kind: price quote, words: text 1}** | **nothing** |" in out
    code, out, _ = cli("compare", "machines", "machines", "--format", "json")
    same = json.loads(out)
    assert (code, same["differs"], same["walked"]["exhausted"]) == (0, False, True)
    assert (same["walked"]["pairs"], same["walked"]["steps"]) == walked(ATELIER)
    code, out, _ = cli("readings", "--consequences")
    assert (code, out.count("scenario: "), out.startswith("# Q1: Are price quotes mirrored?\n")) == (0, 1, True)


def walked(model: Model) -> tuple[int, int]:
    walk = PlainWalk(model)
    steps = sum(1 for _ in walk.walk())
    return len(walk.came), steps


def test_bad_input(cli: Run, tmp_path: Path) -> None:
    code, _, err = cli("compare", "machines", ROOT / "tests" / "policies" / "atelier")
    assert (code, "different partners" in err) == (2, True)
    code, _, err = cli("compare", "machines", "resum=later")
    assert (code, "did you mean 'resume'?" in err) == (2, True)
    assert cli("compare", "machines", "resume=later")[0] == 2
    code, _, err = cli("compare", "machines", "nowhere")
    assert (code, "neither a directory" in err) == (2, True)
    (tmp_path / "bad.yaml").write_text("scenario: x\n")
    code, out, err = cli("compare", "machines", "resume=discard", "--scenarios", tmp_path)
    assert (code, "missing-key" in err, "reject completion" in out) == (2, True, True)


@each_option
def test_all_kinds_are_there_once_and_each_scenario_shows_its_kind(model: Model, name: str, option: str) -> None:
    other = model.under({name: option})
    found = list(Comparison(model, other).differences())
    lengths = [len(difference.events) for _, difference in found]
    assert found[0][1] == first_difference(model, other)
    assert lengths == sorted(lengths)
    assert len({kind for kind, _ in found}) == len(found)
    for kind, difference in found:
        left, right = simulate(model, difference), simulate(other, difference)
        assert [seen(a) == seen(b) for a, b in zip(left, right, strict=True)] == [True] * (len(left) - 1) + [False]
        assert kind_of(left[-1], right[-1]) == kind


@pytest.mark.parametrize(
    ("model", "reading", "apart"),
    few([(ATELIER, {"quotes": "kept"}, ()), (BASE, {"resume": "discard"}, ("held",))], 2),
    ids=["atelier", "shipped"],
)
def test_every_step_that_can_differ_at_once_is_of_a_kind_that_is_told(
    model: Model, reading: dict[str, str], apart: tuple[str, ...]
) -> None:
    """A plain walk over one side alone: what differs from a place that both come to alike is of some kind found."""
    other = model.under(reading)
    kinds = {kind for kind, _ in Comparison(model, other).differences()}
    for visit in PlainWalk(model).walk():
        if visit.place.item is None or visit.place.item.link not in apart:
            there = step(other, visit.outcome.before, visit.event)
            if seen(visit.outcome) != seen(there):
                assert kind_of(visit.outcome, there) in kinds


@pytest.mark.thorough
def test_what_a_command_with_all_prints_can_be_run(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("compare", "machines", "made_internal=withdraw", "--all")
    assert (code, out.count("scenario: ")) == (1, 6)
    (tmp_path / "s.yaml").write_text(out)
    assert "6 scenarios: 0 passed, 0 failed, 6 answered" in cli("run", tmp_path / "s.yaml")[1]
    told = json.loads(cli("compare", "machines", "made_internal=withdraw", "--all", "--format", "json")[1])
    assert len(told["kinds"]) == 6
    assert told["kinds"][0]["scenario"] == told["scenario"]
    assert told["kinds"][0]["rules"] == {"left": "own-edit-kept", "right": "own-edit-withdraws"}


def edited(tmp_path: Path, file: str, old: str, new: str) -> Path:
    target = tmp_path / "changed"
    if not target.exists():
        shutil.copytree(ROOT / "machines", target)
    text = (target / file).read_text()
    assert text.count(old) == 1
    (target / file).write_text(text.replace(old, new))
    return target


@pytest.mark.thorough
def test_an_edited_cell_with_its_statements_and_scenarios(cli: Run, tmp_path: Path) -> None:
    old = "kind: note}, then: {kind: note, internal: true}"
    changed = edited(tmp_path, "sync_rules.yaml", f"owner: service, {old}", f"owner: service, {old[:-5]}false}}")
    code, out, _ = cli("compare", "machines", changed, "--format", "json")
    told = json.loads(out)
    assert code == 1
    (rule,) = told["affected"]["rules"]
    assert (rule["where"], rule["left"][0]["id"], rule["right"][0]["id"]) == ("copy", *["service-note-copy"] * 2)
    cells = rule["left"][0]["cells"], rule["right"][0]["cells"]
    assert {c for c in cells[0] if cells[0][c] != cells[1][c]} == {"=> internal"}
    assert list(told["affected"]["sources"]) == ["S12", "S13"]
    scenarios = told["affected"]["scenarios"]
    for one in scenarios["changed"]:
        under = [
            json.loads(cli("run", one["file"], "--machines", m, "--format", "json")[1]) for m in ("machines", changed)
        ]
        passed = [next(s["passed"] for s in run["scenarios"] if s["line"] == one["line"]) for run in under]
        assert passed == [one["passed"]["left"], one["passed"]["right"]]
    assert any(one["passed"] == {"left": True, "right": False} for one in scenarios["changed"])
    total = [json.loads(cli("run", "--machines", m, "--format", "json")[1])["summary"] for m in ("machines", changed)]
    broken = sum(one["passed"]["left"] and not one["passed"]["right"] for one in scenarios["changed"])
    assert total[1]["failed"] - total[0]["failed"] == broken
    _, out, _ = cli("compare", "machines", changed)
    assert "copy: service-note-copy (other cells)\n#     internal: true -> false" in out


@pytest.mark.thorough
def test_a_hole_in_a_table_is_a_difference(cli: Run, tmp_path: Path) -> None:
    rows = (ROOT / "machines" / "sync_rules.yaml").read_text().splitlines(keepends=True)
    (row,) = [line for line in rows if "id: own-create-suspended-kept" in line]
    code, out, _ = cli("compare", "machines", edited(tmp_path, "sync_rules.yaml", row, ""), "--all")
    assert code == 1
    assert "whether the rules decide it" in out
    assert "the rules fail here" in out


@pytest.mark.thorough
def test_the_markdown_of_a_change_request(cli: Run) -> None:
    code, out, _ = cli("compare", "machines", "late_publish=never", "--format", "markdown")
    assert code == 1
    assert "| shareable | `note-shareable` | `note-published-late` | once internal alone: - → true;" in out
    assert "| service's ticket | **N1: {kind: note" in out
    found = re.search(
        r"Of \d+ scenarios, (\d+) come out otherwise: (\d+) that passed fail, 0 that failed pass; in", out
    )
    assert found
    assert int(found[1]) == int(found[2]) >= 4
    assert "- S11: Whatever is internal stays where it is." in out
    for table in re.findall(r"(?:^\|.*\n)+", out, re.M):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    code, out, _ = cli("compare", "machines", "machines", "--format", "markdown")
    assert (code, "steps tried on both sides" in out, "None of" in out) == (0, True, True)


@pytest.mark.parametrize(("name", "option"), few(OPTIONS, 12))
def test_the_picture_of_every_option(cli: Run, tmp_path: Path, name: str, option: str) -> None:
    target = tmp_path / "both.svg"
    assert cli("compare", "machines", f"{name}={option}", "--picture", target, "--scenarios", FEW)[0] == 1
    texts = [e.text for e in ElementTree.parse(target).getroot().iter() if e.tag.endswith("text")]
    assert {"machines", f"{name}={option}", "\u2260"} <= set(texts)
    assert "failed" not in texts
    assert cli("compare", "machines", f"{name}={option}", "--picture", target, "--scenarios", FEW)[0] == 1, (
        "its own picture is drawn anew"
    )


@pytest.mark.thorough
def test_pictures_that_cannot_be_drawn(cli: Run, tmp_path: Path) -> None:
    for target in ("x.gif", "x", tmp_path / "no" / "x.svg"):
        assert cli("compare", "machines", "resume=discard", "--picture", target)[0] == 2
    assert "no difference to draw" in cli("compare", "machines", "machines", "--picture", tmp_path / "x.svg")[2]
    (tmp_path / "mine.svg").write_text("<svg/>")
    assert cli("compare", "machines", "resume=discard", "--picture", tmp_path / "mine.svg")[0] == 2
    assert (tmp_path / "mine.svg").read_text() == "<svg/>"
    assert cli("compare", "machines", "resume=discard", "--picture", tmp_path / "x.png")[0] == 1
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.svg", "x.png"]


@pytest.mark.thorough
def test_consequences(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("readings", "--consequences")
    assert code == 0
    assert out.count("scenario: ") == len(OPTIONS)
    assert "# charge_sever=follow: service's ticket shows N1 {text: text 3}" in out
    (tmp_path / "s.yaml").write_text(out)
    assert "14 scenarios: 0 passed, 3 failed, 11 answered" in cli("run", tmp_path / "s.yaml", "--show", "none")[1]
    told = json.loads(cli("readings", "--consequences", "--format", "json")[1])["consequences"]
    assert [one["other"] for one in told] == [f"{name}={option}" for name, option in OPTIONS]
    assert cli("readings", "--consequences", "--format", "markdown")[0] == 2


@pytest.mark.parametrize(("name", "option"), few(OPTIONS, 4))
def test_each_consequence_runs_on_both_sides_and_shows_what_is_claimed(name: str, option: str) -> None:
    other = BASE.under({name: option})
    told = as_json(first_difference(BASE, other), ("left", BASE), ("right", other))
    assert "readings" not in told["scenario"]["given"]
    for side, model in (("left", BASE), ("right", other)):
        loader = ScenarioLoader(model.factory)
        (scenario,) = loader.load_bytes(as_yaml(told["scenario"]).encode(), "x.yaml").scenarios
        outcomes = [one.outcome for one in run_scenario(model, scenario).steps]
        for outcome, claimed in zip(outcomes, told[side], strict=True):
            assert outcome.refused == claimed["refused"]
            assert outcome.after.status == claimed["status"]
            assert sorted(outcome.notified) == claimed["notified"]
            for partner, shown in claimed["tickets"].items():
                assert ticket(model.vocabulary, outcome.after, partner) == shown
    assert told["left"][-1] != told["right"][-1]


@pytest.mark.thorough
def test_few_scenarios_are_told_of_and_all_if_wanted(cli: Run) -> None:
    short = cli("compare", "resume=deliver", "resume=discard")[1]
    full = cli("compare", "resume=deliver", "resume=discard", "--full")[1]
    told = json.loads(cli("compare", "resume=deliver", "resume=discard", "--format", "json")[1])
    changed = told["affected"]["scenarios"]["changed"]
    visible = sum(one["visible"] for one in changed)
    count = len(load_scenarios(ROOT / "scenarios"))
    assert f"scenarios: {len(changed)} of {count} come out otherwise, {visible} of them for anybody to see" in short
    assert f"... and {visible - 3} more; --full tells of all" in short
    assert len(short.splitlines()) < 40
    assert all(f"{one['file']}:{one['line']}" in full for one in changed)
    assert "--full" not in full
    assert "lead's ticket shows N1 {text: Patched 12 of 12 servers}" in full, "only what differs of an item on both"


@pytest.mark.thorough
def test_a_kind_that_only_one_side_knows(cli: Run, tmp_path: Path) -> None:
    charge = "  charge: {fields: [text], sources: [S3, G11]"
    changed = edited(tmp_path, "vocabulary.yaml", charge, f"  memo: {{fields: [text], sources: [S3]}}\n{charge}")
    row = "when: {kind: time entry}, then: {shareable: true}"
    edited(tmp_path, "sync_rules.yaml", row, row.replace("time entry", "[time entry, memo]"))
    code, out, _ = cli("compare", "machines", changed)
    assert code == 1
    assert (
        f"no difference: with what both know, nobody can tell the two apart, but only {changed} knows kind 'memo'"
        in out
    )
    told = json.loads(cli("compare", changed, "machines", "--format", "json")[1])
    assert (told["differs"], told["only"]) == (True, {"left": ["kind 'memo'"], "right": []})
    assert "scenario" not in told
    _, out, _ = cli("compare", "machines", changed, "--format", "markdown")
    assert "kind 'memo'" in out
    edited(
        tmp_path,
        "sync_rules.yaml",
        "id: resume-delivers, when: {phase: suspended",
        "id: resume-delivers, when: {phase: ended",
    )
    code, out, _ = cli("compare", "machines", changed, "--scenarios", FEW)
    assert "scenario: machines or" in out, "what both know is compared all the same"


@pytest.mark.thorough
def test_a_field_and_a_value_that_only_one_side_knows(tmp_path: Path) -> None:
    internal = "  internal: {values: [false, true], default: false, delivered: false, set by: [create, edit]}\n"
    urgent = "  urgent: {values: [false, true], default: false, delivered: true, set by: [create, edit]}\n"
    edited(tmp_path, "vocabulary.yaml", internal, internal + urgent)
    edited(tmp_path, "vocabulary.yaml", "note: {fields: [text, internal]", "note: {fields: [text, internal, urgent]")
    other = load_model(
        edited(tmp_path, "vocabulary.yaml", "folder link, url], default", "folder link, url, fax], default")
    )
    comparison = Comparison(BASE, other)
    assert list(comparison.differences()) == []
    assert (comparison.pairs, comparison.steps) == walked(BASE)
    assert only_one_knows(BASE, other) == ([], ["field 'urgent'"])
    assert {"field 'urgent'", "field 'type'", "kind 'note'"} <= set(restated(BASE, other))


def with_field(name: str, **changed: object) -> Model:
    """The small policy with a field declared otherwise."""
    words = ATELIER.vocabulary
    fields = {**words.fields, name: replace(words.fields[name], **changed)}  # type: ignore[arg-type] # its fields
    policy = replace(ATELIER.policy, vocabulary=replace(words, fields=fields))
    return ATELIER.factory.of(policy).model(ATELIER.readings)


@pytest.mark.parametrize(
    ("changed", "shown"),
    [({"set_by": ("edit",)}, "shop"), ({"set_by": ("create", "edit"), "delivered": None}, "atelier")],
    ids=["of an original", "of a copy"],
)
def test_a_text_that_nobody_set_is_seen_where_an_entry_begins(changed: dict[str, object], shown: str) -> None:
    one, other = with_field("words", **changed), with_field("words", **changed, default="(none)")
    assert first_difference(one, one) is None
    found = first_difference(one, other)
    assert found is not None
    left, right = (seen(simulate(model, found)[-1]).tickets[shown] for model in (one, other))
    assert (left["N1"]["words"], right["N1"]["words"]) == ("(blank)", "(none)")


@pytest.mark.thorough
def test_what_both_can_run_comes_before_what_only_one_can(cli: Run, tmp_path: Path) -> None:
    """A new action comes after a difference that both sides can run, however short its scenario."""
    complete = "  Complete: {phase: ended"
    changed = edited(
        tmp_path, "outsource_status.yaml", complete, f"  On Hold: {{phase: suspended, sources: [S20]}}\n{complete}"
    )
    with (changed / "outsource_status.yaml").open("a") as stream:
        pause = "trigger: pause, actor: lead, source: In Progress, dest: On Hold, sources: [S20]"
        stream.write(f"  - {{id: lead-pauses, {pause}}}\n")
    code, out, _ = cli("compare", "machines", changed, "--scenarios", FEW)
    assert (code, "  - lead: pause\n" in out, f"# only {changed} knows action 'pause'" in out) == (1, True, True)
    row = "change: edit, link: [linked, held], kind: [time entry, note, attachment]}, then: {effect: none"
    edited(tmp_path, "sync_rules.yaml", f"{row}, link: sever", row)
    code, out, _ = cli("compare", "machines", changed, "--scenarios", FEW)
    assert (code, "  - lead: pause\n" in out) == (1, False)
    (tmp_path / "s.yaml").write_text(out)
    assert (
        cli("run", tmp_path / "s.yaml", "--machines", "machines")[0]
        == cli("run", tmp_path / "s.yaml", "--machines", changed)[0]
        == 0
    )
    assert "  - lead: pause\n" in cli("compare", "machines", changed, "--all", "--scenarios", FEW)[1]


@pytest.mark.thorough
def test_a_reading_that_only_one_side_has(cli: Run, tmp_path: Path) -> None:
    text = (ROOT / "machines" / "readings.yaml").read_text()
    (reading,) = re.findall(r"^- reading: emails_on_sync\n(?:(?!- ).*\n)*", text, re.M)
    changed = edited(tmp_path, "readings.yaml", reading, "")
    code, out, _ = cli("compare", "machines", changed, "--scenarios", FEW)
    assert code == 0
    assert "reading 'emails_on_sync' is declared otherwise" in out


@pytest.mark.thorough
def test_a_reading_that_has_another_name(cli: Run, tmp_path: Path) -> None:
    changed = edited(tmp_path, "readings.yaml", "- reading: emails_on_sync", "- reading: emails")
    code, out, _ = cli("compare", "machines", changed, "--scenarios", FEW)
    assert code == 0
    assert out.startswith("the same by other names, ")
    assert "emails_on_sync" in out


@pytest.mark.thorough
def test_for_how_many_items_a_proof_stands(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("compare", "machines", "machines", "--scenarios", FEW)
    assert (code, "that stands for any number of items" in out) == (0, True)
    assert json.loads(cli("compare", "machines", "machines", "--format", "json")[1])["walked"]["any_number_of_items"]
    row = "{id: status-emails, when: {}, then: {notify: [primary contact]}, sources: [S5]}"
    rows = [
        row.replace("{}", f"{{synced: {synced}}}").replace("emails", f"emails-{synced}") for synced in ("true", "false")
    ]
    changed = edited(tmp_path, "sync_rules.yaml", row, "\n  - ".join(rows))
    code, out, _ = cli("compare", changed, changed, "--scenarios", FEW)
    assert (code, "who is told of a status action may yet differ, since 'status email' looks at all" in out) == (
        0,
        True,
    )
    told = json.loads(cli("compare", changed, changed, "--format", "json")[1])
    assert told["walked"]["any_number_of_items"] is False
