"""A state space that was kept is the one that was walked through, and a damaged one is made anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT
from planted import without_row
from simsync import api
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.questions.readings.question_sheet import as_text
from simsync.questions.readings.questions import sheet
from simsync.statespace import array_cache
from simsync.statespace.combinations import Combinations
from simsync.statespace.space import Space
from simsync.statespace.walking import space_of

ATELIER = ROOT / "tests" / "policies" / "atelier"
QUESTIONS: dict[str, Callable[[Model], str]] = {
    "check": lambda model: str(api.check(model, impossible=True)),
    "coverage": lambda model: str(api.coverage(model, ATELIER.parent / f"{ATELIER.name}_scenarios").as_dict()),
    "readings": lambda model: "\n".join(as_text(model, sheet(model))),
    "generate": lambda model: str(api.generate(model, "transitions")),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where spaces are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "simsync"


def spaces(path: Path) -> tuple[Space, Space]:
    """The space of a policy as it is made, and as it was kept."""
    model = load_model(path)
    one, other = (space_of(model, Combinations(model.policy)) for _ in range(2))
    return one, other


def same(one: Space, other: Space) -> None:
    assert one.layers == other.layers
    assert list(one.came) == list(other.came)
    assert one.sets.bits == other.sets.bits
    for state, bits in one.came.items():
        assert one.abstract_state(state) == other.abstract_state(state)
        assert one.possible(state) == other.possible(state)
        readings = one.variants.readings_of(bits.bit_length() - 1)
        assert one.path(state, readings) == other.path(state, readings)
        for event in one.possible(state):
            assert list(one.taken(state, event)) == list(other.taken(state, event))


def test_a_space_that_was_kept_is_the_one_that_was_made() -> None:
    same(*spaces(ATELIER))


@pytest.mark.thorough
def test_the_space_of_the_shipped_rules_is_kept_as_it_is() -> None:
    same(*spaces(ROOT / "machines"))


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_the_same_from_a_space_that_was_kept(question: str, folder: Path) -> None:
    first = QUESTIONS[question](load_model(ATELIER))
    assert [*folder.iterdir()]
    assert QUESTIONS[question](load_model(ATELIER)) == first


def test_what_is_kept_is_of_these_rules_alone(folder: Path) -> None:
    model = load_model(ATELIER)
    row = next(iter(model.policy.rows)).id
    for one in (model, without_row(model, row), model.under({}), load_model(ATELIER)):
        space_of(one, Combinations(one.policy))
    assert len([*folder.iterdir()]) == 2


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-100], lambda data: data[:90] + data[91:]])
def test_a_damaged_space_is_made_anew(damage: Callable[[bytes], bytes], folder: Path) -> None:
    one, _ = spaces(ATELIER)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    same(one, spaces(ATELIER)[0])
    assert path.stat().st_size == len(whole)


def test_no_more_is_kept_than_there_is_room_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaces(ATELIER)
    (first,) = folder.iterdir()
    monkeypatch.setattr(array_cache, "MOST", first.stat().st_size * 3 // 2)
    model = load_model(ATELIER)
    reading = next(iter(model.policy.readings.values()))
    other = model.under({reading.name: [*reading.options][-1]})
    space_of(other, Combinations(model.policy))
    (left,) = folder.iterdir()
    assert left != first


def test_where_nothing_can_be_kept_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/no/such")
    same(*spaces(ATELIER))
