"""Where the order of two actions matters: nothing is lacking, and each race is what its scenario shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import simsync
from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.overlap import Reply, answer_of
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.questions.races.asked import Races, races_of
from simsync.questions.races.races import RaceKind, kind_of
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml
from simsync.statespace.abstraction import statuses
from simsync.statespace.differences import seen

POLICIES = ROOT / "tests" / "policies"
EXAMPLES = ROOT / "examples" / "policies"


def changes(model: Model, world: World, texts: str) -> Iterator[Event]:
    """Every change of the one item N1 that the vocabulary allows, said without the walk's own list of events."""
    words = model.vocabulary
    item = world.items.get("N1")
    for actor in words.partners:
        for kind in [item.original.kind] if item else words.kinds:
            fields = words.kinds[kind].fields
            settable = [f for f in fields if (EDIT if item else CREATE) in words.fields[f].set_by]
            choices = [[None, *(words.fields[f].values or [f"{texts} of {actor}"])] for f in settable]
            for values in product(*choices):
                said = {f: v for f, v in zip(settable, values, strict=True) if v is not None}
                if item is None:
                    yield Event(actor=actor, action=CREATE, kind=kind, item="N1", fields=said)
                elif said and (actor == item.owner or all(f in _on_copy(world) for f in said)):
                    yield Event(actor=actor, action=EDIT, item="N1", fields=said)
        if item is not None:
            yield Event(actor=actor, action=DELETE, item="N1")


def _on_copy(world: World) -> set[str]:
    item = world.items["N1"]
    return set(item.original.fields if item.copy is None else item.copy.fields)


def events(model: Model, world: World, texts: str) -> list[Event]:
    acting = [(actor, t.trigger) for t in model.status_spec.transitions for actor in t.actors]
    return [*(Event(actor=a, action=t) for a, t in dict.fromkeys(acting)), *changes(model, world, texts)]


def worlds(model: Model, depth: int) -> list[World]:
    """Every world that so many steps lead to, one after the other, each with texts of its own."""
    found = {World(status): None for status in statuses(model)}
    front = [*found]
    for number in range(depth):
        after = [step(model, w, e).after for w in front for e in events(model, w, f"text {number}")]
        front = [world for world in dict.fromkeys(after) if world not in found]
        found |= dict.fromkeys(front)
    return [*found]


def order(model: Model, world: World, pair: tuple[Event, Event]) -> tuple[list[Outcome], object]:
    """What comes of two actions one after the other: the outcomes, and what anybody sees of it."""
    outcomes = []
    for event in pair:
        outcomes.append(step(model, world, event))
        world = outcomes[-1].after
    told = sorted(name for one in outcomes for name in one.notified)
    last = seen(outcomes[-1])
    return outcomes, (last.status, last.tickets, told)


def deed(world: World, event: Event) -> tuple[str, str, str | None]:
    item = world.items.get(event.item or "")
    return event.actor, event.action, None if event.item is None else item.owner if item else event.actor


def plain_races(model: Model, depth: int) -> Iterator[tuple[RaceKind, World, tuple[Event, Event]]]:
    """Every pair whose order matters at once, by trying all of them on the engine."""
    for world in worlds(model, depth):
        for pair in product(events(model, world, "first"), events(model, world, "second")):
            one, other = pair
            if one.actor == other.actor or one.action == other.action == CREATE:
                continue
            (a, b), here = order(model, world, (one, other))
            (d, c), there = order(model, world, (other, one))
            alone, turned = (answer_of(a), answer_of(d)), (answer_of(c), answer_of(b))
            kind = kind_of(alone, turned)
            if kind is not None and (kind is not RaceKind.FREE or here != there):
                yield kind, world, pair


def lacking(model: Model, depth: int, found: Races) -> set[object]:
    """What a plain search over the engine finds and the question does not."""
    told: set[object] = set()
    for group in found.groups:
        of_each = ([(d.actor, action, d.whose) for action in d.actions] for d in group.deeds if not d.before)
        told |= {(group.kind, frozenset(deeds), s) for deeds, s in product(product(*of_each), group.statuses)}
    plain: set[object] = {
        (kind, frozenset(deed(world, event) for event in pair), world.status)
        for kind, world, pair in plain_races(model, depth)
    }
    assert plain
    return plain - told


@pytest.mark.parametrize(
    ("machines", "depth"),
    [(EXAMPLES / "minimal" / "machines", 3), (POLICIES / "bare", 3), (POLICIES / "atelier", 2)],
    ids=["minimal", "bare", "atelier"],
)
def test_a_plain_search_finds_nothing_that_is_lacking(machines: Path, depth: int) -> None:
    model = load_model(machines)
    assert lacking(model, depth, races_of(model)) == set()


@pytest.mark.thorough
@pytest.mark.parametrize(
    "readings",
    [
        {},
        {"resume": "discard", "made_internal": "withdraw", "charge_sever": "follow"},
        {"lead_completes": "any_time", "existing_items": "left", "suspended_edits": "service_refused"},
        {"emails_on_sync": "yes", "late_publish": "never", "time_entry_notice": "on_entry", "lead_copies": "read_only"},
        {"outsource_again": "new_ticket", "submit_from_accepted": "yes", "charges": "unsynced"},
    ],
    ids=str,
)
def test_a_plain_search_over_the_shipped_rules_finds_nothing_that_is_lacking(readings: dict[str, str]) -> None:
    model = load_model(ROOT / "machines", readings)
    assert lacking(model, 2, races_of(model)) == set()


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("machines", "depth"),
    [(EXAMPLES / "vdirsyncer" / "machines", 2), (EXAMPLES / "zendesk" / "machines", 2), (POLICIES / "wire", 1)],
    ids=["vdirsyncer", "zendesk", "wire"],
)
def test_a_plain_search_over_other_rules_finds_nothing_that_is_lacking(machines: Path, depth: int) -> None:
    model = load_model(machines)
    assert lacking(model, depth, races_of(model)) == set()


def reproduced(model: Model) -> list[str]:
    """The races whose scenario does not show what is told of them."""
    loader, wrong = ScenarioLoader(model.factory), []
    for one in simsync.races(model).as_dict()["races"]:
        file = loader.load_bytes(as_yaml(one["scenario"]).encode(), "a.yaml")
        assert not file.diagnostics, file.diagnostics
        result = run_scenario(model, file.scenarios[0])
        stage = next(stage for stage in result.stages if stage.stage.together)
        told = [[*outcome["answers"].values()] for outcome in one["outcomes"]]
        shown = [[str(reply) for reply in fork.outcome.answers] for fork in stage.forks]
        if stage.failures or shown != told:
            wrong.append(one["says"])
    return wrong


def test_each_race_is_what_its_scenario_shows() -> None:
    model = load_model(POLICIES / "atelier")
    assert reproduced(model) == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "machines",
    [
        ROOT / "machines",
        *(EXAMPLES / name / "machines" for name in ("vdirsyncer", "vdirsyncer_readonly", "zendesk", "unison")),
        *(POLICIES / name for name in ("bridge", "charter", "relay", "wire")),
    ],
    ids=lambda path: path.parent.name if path.name == "machines" else path.name,
)
def test_each_race_of_any_policy_is_what_its_scenario_shows(machines: Path) -> None:
    model = load_model(machines)
    assert reproduced(model) == []


def test_kinds_are_told_apart_by_what_each_is_answered_alone() -> None:
    done, refused = Reply.DONE, Reply.REFUSED
    assert kind_of((done, done), (refused, refused)) is RaceKind.IMPOSSIBLE
    assert kind_of((done, done), (done, refused)) is RaceKind.FORCED
    assert kind_of((done, refused), (done, done)) is RaceKind.ENABLING
    assert kind_of((done, done), (done, done)) is RaceKind.FREE
    assert kind_of((refused, refused), (refused, refused)) is None


def test_scenarios_say_which_situations_are_looked_at(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: a\nsteps:\n  - shop: create draft N1\n  - shop: close the commission\n")
    code, out, err = cli("races", tmp_path, "--machines", POLICIES / "atelier", "--format", "json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["summary"]["situations"] == 4
    assert [(one["kind"], one["actions"][0]["owner"]) for one in found["races"]] == [("free", None), ("forced", "shop")]
    code, out, err = cli("races", tmp_path, "--machines", POLICIES / "atelier")
    assert "4 situations of 1 scenario, 254 steps tried" in out


def test_a_page_for_the_vendor_asks_of_each_race(cli: Run) -> None:
    code, out, err = cli("races", "--machines", POLICIES / "atelier", "--format", "markdown")
    assert (code, err) == (0, "")
    assert out.count("```yaml") == out.count("\n**") == 3
    assert "| shop first | nothing else |" in out
    assert "- It holds for any number of items: they share nothing but the status." in out
