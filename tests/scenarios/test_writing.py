"""What is written is read back as it was, whatever it says, in lines that a reader can take in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.trace import Trace, simulate
from simsync.engine.world import Event
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import WIDTH, as_yaml, document, document_of, expecting

MODEL = load_model(ROOT / "machines")
LOADER = ScenarioLoader(MODEL.factory)
POLICY = MODEL.policy
WORDS = ("disk", "and cable", "it's", '"so"', "#1", "- a", "b:", "x" * 70, "Größe", "\u3000", "  ", "\n", "\n\n", "\t")
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map("\n".join),
)
SAID = TEXTS.filter(lambda text: bool(text.strip()))
ITEMS = ("N1", "a:b", "{x}", "Ö-3", "'q", "#7")
VIEW = st.one_of(
    st.just("absent"),
    st.fixed_dictionaries({}, optional={"kind": st.just("note"), "text": TEXTS, "internal_users_only": st.booleans()}),
)
OF_ITEM = {"link": st.sampled_from(list(POLICY.link.states)), **dict.fromkeys(POLICY.vocabulary.partners, VIEW)}
STATUS = st.sampled_from(list(POLICY.status.states))
IDS = [row.id for row in POLICY.rows]
RECIPIENTS = st.lists(st.sampled_from(list(POLICY.vocabulary.recipients)), max_size=9).map(sorted)


def filled(**optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional).filter(bool)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario as plain data, with anything in it that a file may say."""
    items = draw(st.lists(st.sampled_from(ITEMS), min_size=1, unique=True))
    of_items = filled(**dict.fromkeys(items, filled(**OF_ITEM)))
    of_step: dict[str, Any] = {"refused": st.one_of(st.booleans(), SAID), "synced": st.booleans(), "status": STATUS}
    of_step |= {"notified": RECIPIENTS, "rule": st.sampled_from(IDS), "items": of_items}
    steps: list[dict[str, Any]] = []
    for item in items:
        fields = draw(st.fixed_dictionaries({}, optional={"text": TEXTS, "internal": st.booleans()}))
        steps.append({"lead": f"create note {item}", **fields})
        steps.append({"service": f"edit {item}", "text": draw(TEXTS)})
        steps.append({"lead": "approve completion"})
        steps.append({"lead": f"delete {item}"})
    for step in steps:
        own = {} if "approve completion" in step.values() else OF_ITEM
        expect = draw(st.none() | filled(**of_step, **own))
        step |= {"expect": expect} if expect else {}
    chosen = {r.name: st.sampled_from(list(r.options)) for r in POLICY.readings.values()}
    given: dict[str, Any] = {"status": draw(STATUS)}
    if readings := draw(st.fixed_dictionaries({}, optional=chosen)):
        given["readings"] = readings
    sources = draw(st.lists(st.sampled_from(list(POLICY.citations)), unique=True))
    head = {"scenario": draw(SAID), "about": draw(TEXTS), "sources": sources, "given": given}
    end = draw(st.none() | filled(status=STATUS, items=of_items))
    made = {key: value for key, value in head.items() if value} | {"steps": steps}
    return {**made, "finally": end} if end else made


def read(text: str) -> tuple[Scenario, ...]:
    file = LOADER.load_bytes(text.encode(), "made.yaml")
    assert file.diagnostics == ()
    return file.scenarios


def told(text: str) -> dict[str, Any]:
    return {"scenario": "x", "about": text, "given": {"status": "Accepted"}, "steps": [{"lead": "approve completion"}]}


@example(made=told("a long text " * 20))
@example(made=told("one line\n\nand another\n" * 9))
@example(made=told("- a\n: b\n# c\n" * 20))
@example(made=told("\n".join(["a", " b"] * 40)))
@example(made=told(" " + "0" * 120))
@given(made=documents())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(made: dict[str, Any]) -> None:
    (scenario,) = read(as_yaml(made))
    assert document_of(scenario) == made
    assert read(as_yaml(document_of(scenario)))[0].trace == scenario.trace


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_scenarios_are_read_back_in_lines_that_are_not_too_long(path: Any) -> None:
    scenarios = LOADER.load_file(str(path)).scenarios
    text = as_yaml(*map(document_of, scenarios))
    assert [document_of(one) for one in read(text)] == [document_of(one) for one in scenarios]
    assert max(map(len, text.splitlines())) <= WIDTH


NOTE = Event(actor="lead", action="create", item="N1", kind="note", fields={"text": "Disk"})
REFUSED = Event(actor="lead", action="approve completion")
TRACE = Trace(status="In Progress", readings={"resume": "discard"}, events=(NOTE, REFUSED))


def test_expecting_all_that_comes_of_a_trace_is_the_same_scenario_with_expectations() -> None:
    full, plain = expecting(MODEL, TRACE, "A note"), document("A note", TRACE)
    (scenario,) = read(as_yaml(full))
    assert scenario.trace == TRACE
    assert run_scenario(MODEL, scenario).passed
    assert [one.expectations > 0 for one in read(as_yaml(full, plain))] == [True, False]
    bare = {key: value for key, value in full.items() if key != "sources"}
    bare["steps"] = [{key: value for key, value in step.items() if key != "expect"} for step in full["steps"]]
    assert bare == plain
    cited = {source for outcome in simulate(MODEL, TRACE) for source in outcome.sources}
    assert full["sources"] == [name for name in POLICY.citations.statements if name in cited]


LAID_OUT = """\
scenario: A long text
about: Why it is here.
sources: [S3, S4, S6, S9]
given: {status: In Progress}
steps:
  - lead: create note N1
    text: >-
      word word word word word word word word word word word word word word word word word word word word word
      word word word word end
    expect:
      synced: true
      link: linked
      lead:
        kind: note
        text: >-
          word word word word word word word word word word word word word word word word word word word word
          word word word word word end
        internal_users_only: false
        customer_visible: true
      service:
        kind: note
        text: >-
          word word word word word word word word word word word word word word word word word word word word
          word word word word word end
        internal_users_only: false
      notified: []
      rule: own-create
---
scenario: A short one
given: {status: In Progress}
steps:
  - lead: create note N1
    text: "- Disk"
"""


def test_the_layout() -> None:
    long, short = (
        Trace(status="In Progress", events=(Event(actor="lead", action="create", item="N1", kind="note", fields=said),))
        for said in ({"text": "word " * 25 + "end"}, {"text": "- Disk"})
    )
    made = expecting(MODEL, long, "A long text", "Why it is here."), document("A short one", short)
    assert as_yaml(*made) == LAID_OUT
