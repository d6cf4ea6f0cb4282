"""Interpreters that are not ours run the exported machines, and take every transition that the engine takes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from conftest import ROOT, Run
from exchange_tools import node
from sampling import few
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.policy.policy import ALONE, Value
from simsync.questions.export.chart import Chart, chart_of, identifier
from simsync.questions.export.scxml import scxml
from simsync.questions.export.xstate import xstate

POLICIES = (
    "tests/policies/wire",
    "tests/policies/bridge",
    "machines",
    "examples/policies/zendesk/machines",
    "examples/policies/minimal/machines",
    "examples/policies/vdirsyncer/machines",
    "examples/policies/vdirsyncer_readonly/machines",
    "examples/policies/unison/machines",
    "tests/policies/atelier",
    "tests/policies/charter",
    "tests/policies/relay",
)
WITHOUT = ("tests/policies/bare", "tests/policies/exchange", "tests/policies/trackers")
Said = tuple[str, dict[str, Value]]


class Walk(NamedTuple):
    """Events, and where they lead: the state of each region that is known."""

    events: list[Said]
    regions: dict[str, str]


def event(chart: Chart, who: str, what: str) -> str:
    """What an event is called in the export."""
    names: dict[str, str] = {}
    found = f"{identifier(names, who)}.{identifier(names, what)}"
    assert found in chart.events
    return found


def status_walks(chart: Chart) -> Iterator[Walk]:
    """The shortest way to each status, and from there everything that anybody may try."""
    model, spec = chart.model, chart.model.status_spec
    single = chart.regions[0].name

    def regions(status: str) -> dict[str, str]:
        return spec.parts(status) or {single: status}

    tries = [(actor, trigger) for t in spec.transitions for actor in t.actors for trigger in [t.trigger]]
    ways: dict[str, list[Said]] = {spec.initial: []}
    waiting = [spec.initial]
    for status in waiting:  # grows while we walk
        yield Walk(ways[status], regions(status))
        for actor, trigger in dict.fromkeys(tries):
            fired = model.move(status, actor, trigger)
            after = fired.dest if fired else status
            way = [*ways[status], (event(chart, actor, trigger), {})]
            if after not in ways:
                ways[after] = way
                waiting.append(after)
            yield Walk(way, regions(after))


def link_walks(chart: Chart) -> Iterator[Walk]:
    """The same for the link, under all that its transitions test."""
    model, spec = chart.model, chart.model.link_spec
    tested = {fact: values for t in spec.transitions for fact, values in t.when}
    facts = {fact: {v for t in spec.transitions for f, vs in t.when if f == fact for v in vs} for fact in tested}
    ways: dict[str, list[Said]] = {spec.initial: []}
    waiting = [spec.initial]
    for state in waiting:
        yield Walk(ways[state], {spec.name: state})
        for trigger in dict.fromkeys(t.trigger for t in spec.transitions):
            for values in product(*({*some, "neither"} for some in facts.values())):
                said = dict(zip(facts, values, strict=True))
                fired = model.link.fire(state, trigger, said)
                after = fired.dest if fired else state
                way = [*ways[state], (event(chart, spec.name, trigger), said)]
                if after not in ways:
                    ways[after] = way
                    waiting.append(after)
                yield Walk(way, {spec.name: after})


def walks_of(chart: Chart) -> list[Walk]:
    found = list(status_walks(chart)) if chart.model.status_spec.initial != ALONE else []
    return found + (list(link_walks(chart)) if chart.model.link_spec.initial != ALONE else [])


def run_scxml(chart: Chart, walks: Iterable[Walk], folder: Path) -> Iterator[dict[str, str]]:
    """Where an SCXML interpreter is after each walk, in the names that the rules have."""
    text = scxml(chart)
    (folder / "machines.scxml").write_text(text, encoding="utf-8")
    names: dict[str, tuple[str, str]] = {}
    root = ElementTree.fromstring(text)
    parallel = root.find("{*}parallel")
    regions = [root] if parallel is None else list(parallel)
    for region, declared in zip(regions, chart.regions, strict=True):
        names |= {s.attrib["id"]: (declared.name, s.attrib["{urn:simsync}name"]) for s in region if "id" in s.attrib}
    for where in node(folder, "walk.mjs", "scxml", "machines.scxml", told=[walk.events for walk in walks]):
        yield dict(names[one] for one in where)


def run_xstate(chart: Chart, walks: Iterable[Walk], folder: Path) -> Iterator[dict[str, str]]:
    """Where XState is after each walk."""
    (folder / "machines.mjs").write_text(xstate(chart), encoding="utf-8")
    for where in node(folder, "walk.mjs", "xstate", "machines.mjs", told=[walk.events for walk in walks]):
        yield where if isinstance(where, dict) else {chart.regions[0].name: where}


RUNS: dict[str, Any] = {"scxml": run_scxml, "xstate": run_xstate}
forms = pytest.mark.parametrize("form", RUNS)


@pytest.mark.parametrize("policy", few(POLICIES, len(POLICIES)))
@forms
def test_another_interpreter_takes_every_transition_as_the_engine_does(form: str, policy: str, tmp_path: Path) -> None:
    model = load_model(ROOT / policy)
    chart = chart_of(model)
    walks = walks_of(chart)
    for walk, where in zip(walks, RUNS[form](chart, walks, tmp_path), strict=True):
        known = {region: state for region, state in where.items() if region in walk.regions}
        assert known == walk.regions, walk.events


@forms
@pytest.mark.thorough
def test_under_other_readings_too(form: str, tmp_path: Path) -> None:
    base = load_model(ROOT / "machines")
    moving = dict.fromkeys(name for names in base.factory.moving.values() for name in names)
    assert len(moving) == 4
    for number, name in enumerate(moving):
        chart = chart_of(base.under({name: list(base.policy.readings[name].options)[-1]}))
        walks = walks_of(chart)
        folder = tmp_path / str(number)
        folder.mkdir()
        for walk, where in zip(walks, RUNS[form](chart, walks, folder), strict=True):
            assert walk.regions.items() <= where.items()


@forms
@pytest.mark.thorough
def test_what_tickets_show_is_tested_on_the_event(form: str, tmp_path: Path) -> None:
    machines = tmp_path / "machines"
    shutil.copytree(ROOT / "tests" / "policies" / "charter", machines)
    hours = machines / "hours.yaml"
    plain = "trigger: open, actor: north, source: Shut, dest: Open}"
    assert plain in hours.read_text()
    hours.write_text(hours.read_text().replace(plain, plain[:-1] + ", when: {here.any deed: true}}"))
    chart = chart_of(load_model(machines))
    assert chart.events["north.open"] == "north: open, with here.any deed"
    walks = [Walk([("north.open", {"here.any deed": said})], {}) for said in (True, False)]
    told = [where[chart.regions[0].name] for where in RUNS[form](chart, walks, tmp_path)]
    assert told == ["Open", "Shut"]


@forms
def test_a_transition_that_is_lost_is_seen(form: str, tmp_path: Path) -> None:
    whole = chart_of(load_model(ROOT / "tests" / "policies" / "wire"))
    walks = walks_of(whole)
    first = whole.regions[0]
    cut = first.__class__(
        name=first.name, about=first.about, initial=first.initial, states=first.states, arrows=first.arrows[1:]
    )
    less = Chart(model=whole.model, regions=(cut, *whole.regions[1:]), events=whole.events)
    found = list(RUNS[form](less, walks, tmp_path))
    assert any(not walk.regions.items() <= where.items() for walk, where in zip(walks, found, strict=True))


@pytest.mark.parametrize("policy", WITHOUT)
@forms
def test_rules_without_machines_are_told(form: str, policy: str, cli: Run) -> None:
    code, out, err = cli("export", "--to", form, "--machines", policy)
    assert (code, out) == (2, "")
    assert "these rules declare no machine" in err


@forms
def test_odd_names_are_told_apart(form: str) -> None:
    names: dict[str, str] = {}
    told = [identifier(names, name) for name in ("in progress", "in-progress", "In Progress", "2nd", "-", "été")]
    assert told == ["in_progress", "in_progress_2", "In_Progress_3", "_2nd", "_", "été"]
    assert [identifier(names, name) for name in ("in-progress", "2nd")] == ["in_progress_2", "_2nd"]


def test_what_an_export_goes_with_is_told(cli: Run) -> None:
    code, out, err = cli("export", "--to", "scxml", "--items", "2")
    assert (code, out, err) == (2, "", "--items: usage: it goes with --to promela, murphi\n")


def test_the_model_and_its_readings_stand_at_the_top(model: Model, cli: Run) -> None:
    code, out, _ = cli("export", "--to", "xstate", "--reading", "resume=discard")
    assert code == 0
    assert f"// model: {model.policy.digest}" in out
    assert "resume=discard" in out.split("import", 1)[0]
