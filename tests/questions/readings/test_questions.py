"""The fewest questions whose answers settle the readings, and the walk under all combinations that they rest on."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, Run
from plain_walk import PlainWalk
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import ticket
from simsync.engine.world import Event, World
from simsync.questions.readings import question_sheet
from simsync.questions.readings.answers import answers, clues
from simsync.questions.readings.questions import QuestionSheet, _Inquiry, sheet
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.statespace.abstraction import Abstraction
from simsync.statespace.combinations import Combinations
from simsync.statespace.comparing import first_difference
from simsync.statespace.describing import described
from simsync.statespace.differences import seen
from simsync.statespace.space import Space
from simsync.statespace.variant_traces import parts

BASE = load_model(ROOT / "machines")
ATELIER = ROOT / "tests" / "policies" / "atelier"
AMONG = Combinations(BASE.policy)
EVERY_OPTION = [AMONG.readings_of(0)] + [
    {**AMONG.readings_of(0), name: option} for name, options in AMONG.options.items() for option in options[1:]
]
SAMPLE = EVERY_OPTION + [AMONG.readings_of(number) for number in random.Random(7).sample(range(AMONG.size), 40)]


@cache
def asked(limit: int) -> QuestionSheet:
    return sheet(BASE, (), limit)


@pytest.fixture(scope="module")
def shipped() -> QuestionSheet:
    return asked(4)


def number_of(readings: Mapping[str, str]) -> int:
    (number,) = AMONG.members(AMONG.under(readings))
    return number


def same(one: Outcome, other: Outcome) -> bool:
    """All but the sentence of a refusal, which tells too what would be possible, and so depends on other readings."""
    return (seen(one), one.after, one.synced, one.defects) == (seen(other), other.after, other.synced, other.defects)


def alike(one: Outcome, other: Outcome) -> bool:
    return (seen(one), one.after) == (seen(other), other.after)


def test_a_space_steps_in_worlds_of_several_items_as_each_of_its_models() -> None:
    space, chance = Space(BASE, AMONG, walked=False), random.Random(3)
    abstraction = space.abstraction
    for _ in range(30):
        readings = chance.choice(SAMPLE)
        model, one = BASE.under(readings), 1 << number_of(readings)
        world = World(chance.choice(["Assigned", "In Progress", "Waiting Approval"]))
        for _ in range(12):
            name = chance.choice(["A", "B", "C"])
            known = world.items.get(name)
            shape = abstraction.state(World(world.status, {"N1": known} if known else {})).item
            event = chance.choice(
                [e for e in abstraction.events(shape) if e.item is None or (e.action == "create") == (not known)]
            )
            event = Event(
                actor=event.actor, action=event.action, item=event.item and name, kind=event.kind, fields=event.fields
            )
            (part,) = [part for part in parts(space, world, event) if part & one]
            outcome = step(model, world, event)
            assert same(step(space.model_of(part), world, event), outcome)
            world = outcome.after


@pytest.mark.thorough
def test_how_many_combinations_are_different(shipped: QuestionSheet) -> None:
    """Charges that are not synchronized cannot be severed; all else can be told apart."""
    assert (shipped.combinations, shipped.different) == (16384, 12288)
    ((need, where),) = shipped.silent
    assert (need.reading, where) == ("charge_sever", ({"charges": "unsynced"},))
    chance = random.Random(2)
    for _ in range(2):
        readings = {**AMONG.readings_of(chance.randrange(AMONG.size)), "charges": "unsynced"}
        left, right = (BASE.under({**readings, "charge_sever": option}) for option in ("sever", "follow"))
        assert first_difference(left, right) is None


@pytest.mark.thorough
def test_few_and_short_and_no_fewer(shipped: QuestionSheet) -> None:
    lengths = [len(question.trace.events) for question in shipped.questions]
    assert lengths == sorted(lengths)
    assert max(lengths) <= shipped.limit == 4
    assert len(lengths) == shipped.bound.questions == 5
    assert shipped.bound.steps <= sum(lengths) <= shipped.bound.steps + 2
    assert shipped.beyond == 0


LONG = [
    pytest.param(4, marks=pytest.mark.thorough),
    *(pytest.param(limit, marks=pytest.mark.long) for limit in (3, 5, 6)),
]


@pytest.mark.parametrize("limit", LONG)
def test_the_documentation_tells_what_fewer_and_longer_questions_cost(limit: int) -> None:
    made = asked(limit)
    page = (ROOT / "docs" / "analysts.md").read_text()
    (row,) = re.findall(rf"^\| {limit} \| (\d+) \| (\d+) \| (\d+) questions(?:, and (\d+) steps)? \|$", page, re.M)
    assert (int(row[0]), int(row[1])) == (len(made.questions), sum(len(one.trace.events) for one in made.questions))
    assert int(row[2]) == made.bound.questions
    assert (row[0] == row[2]) == (row[3] == str(made.bound.steps))


def value_seen(outcome: Outcome, ask: Mapping[str, Any]) -> object:
    if ask["what"] == "refused":
        return outcome.refused is not None
    if ask["what"] == "status":
        return outcome.after.status
    if ask["what"] == "notified":
        return sorted(outcome.notified)
    assert ask["what"] == "ticket"
    return ticket(outcome.model.vocabulary, outcome.after, ask["ticket"]).get(ask["item"])


def settle(told: Mapping[str, Any], vendor: Model, scenarios: Iterable[Any]) -> int:
    """What the answers of somebody whose system works by a model leave, by the printed table alone."""
    left = AMONG.everything
    for question, scenario in zip(told["questions"], scenarios, strict=True):
        steps = run_scenario(vendor, scenario).steps
        for ask in question["ask"]:
            value = value_seen(steps[ask["step"] - 1].outcome, ask)
            (answer,) = [answer for answer in ask["answers"] if answer["seen"] == value]
            means = 0
            for choice in answer["means"]:
                means |= AMONG.under(choice)
            left &= means
    return left


@pytest.mark.parametrize("limit", [1, 2, 4])
@pytest.mark.thorough
def test_the_printed_answers_settle_every_combination(cli: Run, tmp_path: Path, limit: int) -> None:
    out = "\n".join(question_sheet.as_text(BASE, asked(limit))) + "\n"
    (tmp_path / "q.yaml").write_text(out)
    told = json.loads(json.dumps(question_sheet.as_json(BASE, asked(limit))))
    count = len(told["questions"])
    assert f"{count} scenarios: " in cli("run", tmp_path / "q.yaml", "--show", "none")[1]
    scenarios = ScenarioLoader(BASE.factory).load_bytes(out.encode(), "q.yaml").scenarios
    assert len(scenarios) == count
    for question, scenario in zip(told["questions"], scenarios, strict=True):
        assert question["scenario"]["steps"] == [
            {one.event.actor: str(one.event), **one.event.fields} for one in scenario.steps
        ]
    for readings in SAMPLE:
        left = settle(told, BASE.under(readings), scenarios)
        alike = AMONG.under(
            {n: o for n, o in readings.items() if n != "charge_sever" or readings["charges"] != "unsynced"}
        )
        assert left == alike


@pytest.mark.thorough
def test_the_answers_of_all_models_are_told(shipped: QuestionSheet) -> None:
    for question in shipped.questions:
        for readings in SAMPLE:
            runs = simulate(BASE.under(readings), question.trace)
            (answer,) = [one for one in question.answers if one.combos >> number_of(readings) & 1]
            assert [seen(outcome) for outcome in answer.outcomes] == [seen(outcome) for outcome in runs]
        covered = 0
        for answer in question.answers:
            assert not covered & answer.combos
            covered |= answer.combos
        assert covered == AMONG.everything


@pytest.mark.thorough
def test_no_single_question_of_two_steps_does_what_is_said_to_take_more() -> None:
    """Brute force over every scenario of two steps with up to two items, for two readings, the others settled."""
    open_ = ("resume", "lead_completes")
    settled = [name for name in AMONG.options if name not in open_]
    made = sheet(BASE, settled, 2)
    assert (made.combinations, made.different, made.bound.questions, len(made.questions)) == (4, 4, 2, 2)
    models = [
        BASE.under(dict(zip(open_, options, strict=True))) for options in product(*(AMONG.options[a] for a in open_))
    ]
    abstraction, most = Abstraction(BASE), 0
    for status in BASE.status_spec.states:
        for first in abstraction.events(None):
            ones = [step(model, World(status), first) for model in models]
            for second in [*abstraction.events(abstraction.state(ones[0].after).item), *abstraction.events(None)]:
                renamed = Event(
                    actor=second.actor, action=second.action, item=second.item and ("N2" if second.kind else "N1"),
                    kind=second.kind, fields=second.fields,
                )  # fmt: skip
                twos = [step(model, one.after, renamed) for model, one in zip(models, ones, strict=True)]
                most = max(most, len({repr((seen(a), seen(b))) for a, b in zip(ones, twos, strict=True)}))
    assert most == 2


@pytest.mark.thorough
def test_how_much_a_reading_matters_is_counted_right(shipped: QuestionSheet) -> None:
    walk, total = PlainWalk(BASE), 0
    names = ("resume", "charges", "lead_copies", "time_entry_notice")
    others = {name: BASE.under({name: AMONG.options[name][1]}) for name in names}
    depends, at_once = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for visit in walk.walk():
        total += 1
        for name, model in others.items():
            other = step(model, visit.outcome.before, visit.event)
            depends[name] += not alike(other, visit.outcome)
            at_once[name] += seen(other) != seen(visit.outcome)
    for name in names:
        weight = shipped.weights.by_default[name]
        assert weight.at_once == pytest.approx(at_once[name] / total)
        assert weight.at_all == pytest.approx(depends[name] / total)
    assert all(0 <= weight.at_once <= weight.at_all < 1 for weight in shipped.weights.over_all.values())


@pytest.mark.thorough
def test_the_sheet_to_send(cli: Run) -> None:
    code, out, _ = cli("readings", "--questions", "--format", "markdown")
    assert code == 0
    assert out.count("## Situation ") == 5
    assert len(re.findall(r"^- \[ \] (?!something else)", out, re.M)) == out.count("```text") == 27
    assert out.count("- [ ] something else: ") == 13
    assert '- [ ] yes, C1 is there: "text 2"' in out


@pytest.mark.thorough
def test_what_is_settled_is_not_asked(cli: Run) -> None:
    code, out, _ = cli("readings", "--questions", "--reading", "charges=unsynced", "--format", "json")
    told = json.loads(out)
    assert (code, told["combinations"], told["different"]) == (0, 8192, 4096)
    assert told["undecidable"] == [{"reading": "charge_sever", "options": ["sever", "follow"], "where": [{}]}]
    means = {name for q in told["questions"] for a in q["ask"] for s in a["answers"] for c in s["means"] for name in c}
    assert means == set(AMONG.options) - {"charges", "charge_sever"}


def test_bad_usage(cli: Run) -> None:
    assert cli("readings", "--questions", "--consequences")[0] == 2
    assert cli("readings", "--steps", "3")[0] == 2
    assert cli("readings", "--questions", "--steps", "0")[0] == 2
    code, _, err = cli("readings", "--questions", "--reading", "resum=deliver")
    assert (code, "did you mean 'resume'?" in err) == (2, True)


@pytest.mark.thorough
def test_twins_find_the_shortest_difference() -> None:
    inquiry = _Inquiry(BASE, (), 2)
    needs = inquiry.needs
    for need in needs.all:
        context = needs.contexts(need) & -needs.contexts(need)
        found = inquiry.told_apart(need, context)
        expected = first_difference(BASE, BASE.under({need.reading: need.second}))
        assert found is not None
        assert expected is not None
        assert len(found.events) == len(expected.events)
        runs = [simulate(BASE, found), simulate(BASE.under({need.reading: need.second}), found)]
        assert [seen(a) == seen(b) for a, b in zip(*runs, strict=True)] == [True] * (len(found.events) - 1) + [False]


@pytest.mark.thorough
def test_what_only_several_tests_meet_together() -> None:
    """Without the tests that meet a need everywhere, others share the work."""
    inquiry = _Inquiry(BASE, (), 2)
    (mail,) = [n for n, need in enumerate(inquiry.needs.all) if need.reading == "emails_on_sync"]
    inquiry.tests.found = tuple(
        t for t in inquiry.tests.found if t.met[mail] != inquiry.needs.contexts(inquiry.needs.all[mail])
    )
    found = inquiry.questions()
    met = inquiry._met(found)[mail]
    assert met == inquiry.tests.shown[mail] != 0
    assert inquiry.completed(found) == 12288


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**16), st.data())
def test_sets_in_words_are_those_sets(bits: int, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(list(AMONG.options)), unique=True, min_size=1, max_size=4))
    members, chosen = 0, list(product(*(AMONG.options[name] for name in names)))
    for number, options in enumerate(chosen):
        if bits >> number & 1:
            members |= AMONG.under(dict(zip(names, options, strict=True)))
    within = AMONG.under({names[0]: AMONG.options[names[0]][0]}) if data.draw(st.booleans()) else AMONG.everything
    told = 0
    for cube in described(members, AMONG, within):
        assert AMONG.under(cube) & within & ~members == 0
        told |= AMONG.under(cube)
    assert told & within == members & within


def test_no_look_is_superfluous_for_an_answer() -> None:
    events = (
        Event(actor="service", action="create", item="N1", kind="note", fields={"text": "a"}),
        Event(actor="lead", action="edit", item="N1", fields={"text": "b"}),
    )
    found = answers(
        Space(BASE, AMONG, walked=False), Trace(status="In Progress", events=tuple(events)), AMONG.everything
    )
    looks = list(dict.fromkeys(clue.look for clue in clues(found)))
    assert [(look.step, look.what) for look in looks] == [(0, "notified"), (1, "refused")]
    assert len(found) == 4
