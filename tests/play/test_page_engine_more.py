"""The page's engine on rules that no policy here has: how fields are delivered as a reading says, and other items."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from any_item import rules_of_any_item
from conftest import ROOT
from page_walks import Walker, differences, explained, in_node
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.trace import Trace, simulate
from simsync.engine.world import Event

DELIVERED = """\
readings:
- reading: stories
  question: When is the story carried?
  evidence: A setting.
  options:
    once: {about: As the issue arrives.}
    always: {about: With each change., delivered: {story: true}}
    never: {about: Not at all., delivered: {story: false}}
- reading: fixes
  question: Is the fix carried back?
  evidence: A setting.
  options:
    back: {about: It is.}
    nowhere: {about: It is not., delivered: {fix: false}}
"""


def exchanged(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def delivering(folder: Path) -> Model:
    """Readings say how fields are delivered."""
    shutil.copytree(ROOT / "tests" / "policies" / "exchange", folder)
    (folder / "readings.yaml").write_text(DELIVERED)
    return load_model(folder)


def counting(folder: Path) -> Model:
    """Rows and transitions test whether a ticket shows any note."""
    return load_model(rules_of_any_item(folder))


def bridging(folder: Path) -> Model:
    """One of several status machines moves only where a ticket shows a note."""
    shutil.copytree(ROOT / "tests" / "policies" / "bridge", folder)
    resolve = "trigger: resolve, actor: customer, source: [Work, On hold], dest: Resolved"
    exchanged(folder / "incident.yaml", resolve, f"{resolve}, when: {{customer.any note: true}}")
    return load_model(folder)


NUMBERS = """\
readings:
- reading: "7"
  question: After how many days does nothing cross any more?
  evidence: A setting.
  options:
    "28": {about: After 28.}
    "4":
      about: After 4.
      replace:
        owner-writes:
        - {id: late, when: {by: owner, change: [create, edit]}, then: {effect: none}}
"""


def numbered(folder: Path) -> Model:
    """Names are numbers, and not in their order."""
    shutil.copytree(ROOT / "examples" / "policies" / "minimal" / "machines", folder)
    for path in folder.iterdir():
        path.write_text(path.read_text().replace("home", '"2"').replace("away", '"1"'))
    exchanged(folder / "status.yaml", "initial: Open", 'initial: "20"')
    exchanged(folder / "status.yaml", "states: {Open: {phase: shared}}", NUMBERED)
    (folder / "readings.yaml").write_text(NUMBERS)
    return load_model(folder)


NUMBERED = """\
states: {"20": {phase: shared}, "10": {phase: shared}}
transitions:
- {id: on, trigger: go on, actor: "2", source: "20", dest: "10"}
- {id: back, trigger: go back, actor: "1", source: "10", dest: "20"}
"""
MADE = {"delivering": delivering, "counting": counting, "bridging": bridging, "numbered": numbered}


@pytest.mark.parametrize("name", MADE)
def test_random_steps_and_what_would_have_to_be_different(name: str, tmp_path: Path) -> None:
    model = MADE[name](tmp_path / "machines")
    walker = Walker(model.factory, 8)
    traces = [walker.walk(25) for _ in range(6)]
    assert differences(model.factory, traces) == []
    for trace, told in zip(traces, in_node(model.factory, traces, explained=2), strict=True):
        assert told["flips"] == explained(model.under(trace.readings), trace)


def test_a_status_action_that_wants_an_item_is_refused_in_the_same_words(tmp_path: Path) -> None:
    model = bridging(tmp_path / "machines")
    status = "connection: Connected, customer: Work, provider: Open"
    trace = Trace(status=status, events=(Event(actor="customer", action="resolve"),))
    ((step,),) = [told["steps"] for told in in_node(model.factory, [trace])]
    assert step["refused"] == simulate(model, trace)[0].refused
    assert "with customer.any note: true only" in step["refused"]


def test_each_delivery_is_tried(tmp_path: Path) -> None:
    """A step is under the readings of its own walk, whatever was asked before."""
    model = delivering(tmp_path / "machines")
    walker = Walker(model.factory, 9)
    traces = [walker.walk(20) for _ in range(12)]
    assert {trace.readings["stories"] for trace in traces} == {"once", "always", "never"}
    assert any("stories" in step["readings"] for told in in_node(model.factory, traces) for step in told["steps"])
    assert differences(model.factory, traces) == []


def test_the_default_option_is_the_first_one_whatever_it_is_called(tmp_path: Path) -> None:
    model = numbered(tmp_path / "machines")
    walk = Walker(model.factory, 10).walk(20)
    trace = Trace(status=walk.status, events=walk.events)
    assert model.readings == {"7": "28"}
    assert differences(model.factory, [trace]) == []
    assert any(outcome.synced for outcome in simulate(model, trace))
