"""What is left out where all that an item's fields can say is too much to walk through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.errors import Code, SimsyncError
from simsync.statespace import walking
from simsync.statespace.abstraction import Abstraction, compared_texts
from simsync.statespace.combinations import Combinations
from simsync.statespace.coming_about import come_about
from simsync.statespace.narrowing import Narrowing, left_out, narrowings
from simsync.statespace.space import Space, TooMuch
from simsync.statespace.walking import space_of

VOCABULARY = """
partners: {here: One side., there: The other one.}
actors: {job: Exchanges what changed.}
kinds: {note: {fields: [text, colour, size]}}
fields:
  text: {values: text, default: "", delivered: true, set by: [create, edit]}
  colour: {values: [red, green, blue, white], default: red, delivered: true, set by: [create, edit]}
  size: {values: [small, large, huge, vast], default: small, delivered: {by: here}, set by: [create, edit]}
shows: {text: {field: text}, colour: {field: colour}, size: {field: size}}
"""
STATUS = """
machine: status
initial: Idle
phases: {idle: {tickets: [here, there]}}
states: {Idle: {phase: idle}}
transitions: [{id: exchanges, trigger: exchange, actor: job, source: Idle, dest: Idle}]
"""
RULES = """
tables:
- table: permission
  question: May it be done?
  decides: permission
  hit policy: unique
  rows:
  - {id: made, when: {change: create, actor: here}, then: {allow: true}}
  - {id: not-made, when: {change: create, actor: there}, then: {refuse: here makes them}}
  - {id: edited, when: {change: edit}, then: {allow: true}}
  - {id: kept, when: {change: delete}, then: {refuse: it is kept}}
- table: exchange
  question: What crosses?
  decides: change
  hit policy: unique
  scope: {change: none}
  rows:
  - {id: nothing-new, when: {original changed: false, copy changed: false}, then: {effect: none}}
  - {id: changed-here, when: {original changed: true, copy changed: false}, then: {effect: deliver}}
  - {id: changed-there, when: {original changed: false, copy changed: true}, then: {effect: take}}
  - {id: by-chance, when: {original changed: true, copy changed: true, alike: true}, then: {effect: agree}}
  - {id: both-changed, when: {original changed: true, copy changed: true, alike: false}, then: {effect: deliver}}
- table: edits
  question: What crosses at once?
  decides: change
  hit policy: unique
  scope: {change: [create, edit, delete]}
  rows: [{id: waits, when: {}, then: {effect: none}}]
"""


@pytest.fixture
def model(tmp_path: Path) -> Model:
    for name, text in (("vocabulary", VOCABULARY), ("status", STATUS), ("rules", RULES)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return load_model(tmp_path)


def some(model: Model, asked: frozenset[str] = frozenset()) -> list[Narrowing]:
    return [*narrowings(model, model.factory.watched, compared_texts(model), asked)]


def walked(model: Model, narrow: Narrowing, most: int | None = None) -> Space:
    return Space(model, Combinations(model.policy), abstraction=Abstraction(model, narrowing=narrow), most=most)


def situations(space: Space) -> set[bytes]:
    """All that rules test of any step."""
    there = [part for part, bits in enumerate(come_about(space)) if bits]
    fields = space.model.vocabulary.fields
    tested = [number for number, fact in enumerate(space.rules.columns.facts) if fact not in fields]
    return {space.frame.facts[part, tested].tobytes() for part in there}


def changes(space: Space) -> Iterator[Event]:
    return (event for event in space.events if event.item is not None)


def test_the_least_is_left_out_first(model: Model) -> None:
    sizes = ("size", ("small", "large", "huge"))
    assert some(model) == [
        Narrowing(),
        Narrowing(alike=frozenset({"colour"}), values=(sizes,)),
        Narrowing(alike=frozenset({"colour"}), values=(sizes,), single=("text", "size"), together=1),
    ]


def test_a_field_that_is_asked_about_is_not_left_out(model: Model) -> None:
    assert [one.alike | {*dict(one.values)} for one in some(model, frozenset({"colour", "size"}))] == [frozenset()]


def test_what_stands_for_others_is_set_instead(model: Model) -> None:
    _, lossless, _ = some(model)
    events = [event for sort in (("here", "note"),) for event in Abstraction(model, narrowing=lossless).changes(*sort)]
    assert {event.fields["size"] for event in events if "size" in event.fields} == {"small", "large", "huge"}
    assert not any("colour" in event.fields for event in events)


@pytest.mark.thorough
def test_values_and_fields_that_stand_for_others_lose_nothing(model: Model) -> None:
    _, lossless, single = some(model)
    found = situations(walked(model, lossless))
    assert found == situations(walked(model, Narrowing(alike=frozenset({"colour"}))))
    assert situations(walked(model, single)) <= found


def test_one_field_at_a_time_is_in_use(model: Model) -> None:
    *_, narrow = some(model)
    space = walked(model, narrow)
    assert all(len(event.fields) == 1 for event in changes(space) if event.action == "edit")
    for item in range(1, len(space.compiled.items)):
        shape = space.abstract_item(item)
        assert shape is not None
        says = [dict(some) for some in (shape.values, (shape.copy or ("", ()))[1], *(shape.agreed or ()))]
        assert not all(
            any(said.get(name, begun) != begun for said in says)
            for name, begun in (("text", "text 1"), ("size", "small"))
        )


def test_what_was_left_out_is_told(model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    *_, narrow = some(model)
    steps = len(walked(model, narrow).compiled.table.part)
    monkeypatch.setattr(walking, "WHOLE", 0)
    monkeypatch.setattr(walking, "MOST_STEPS", steps)
    for _ in ("walked", "kept"):
        space = space_of(model, Combinations(model.policy))
        assert space.abstraction.narrowing == narrow
    assert left_out(model) == (
        "of the fields that are only carried and compared (text, size), one at a time had other values than an item "
        "begins with"
    )
    monkeypatch.setattr(walking, "MOST_STEPS", steps - 1)
    with pytest.raises(TooMuch):
        walked(model, narrow, steps - 1)
    with pytest.raises(SimsyncError) as raised:
        space_of(model, Combinations(model.policy), kept=False)
    assert [one.code for one in raised.value.diagnostics] == [Code.TOO_MANY]


def test_two_trackers_see_as_much_with_one_field_at_a_time() -> None:
    model = load_model(ROOT / "tests/policies/trackers")
    *_, two, one = some(model)
    assert (two.together, one.together) == (2, 1)
    assert len(situations(walked(model, one))) == 60


@pytest.mark.thorough
def test_two_trackers_see_as_much_with_all_fields_at_once() -> None:
    model = load_model(ROOT / "tests/policies/trackers")
    whole, two, one = some(model)
    assert situations(walked(model, whole)) == situations(walked(model, two)) == situations(walked(model, one))
