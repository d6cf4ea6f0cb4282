"""The policy written by hand for other checkers, to measure against, is the shipped policy: all count the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

from checker_runs import need
from conftest import ROOT
from simsync.app import load_model
from simsync.statespace.properties import Exploration
from simsync.statespace.transition_table import transition_table


@pytest.fixture
def checkers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    yield import_module("checkers")
    for name in ("checkers", "measure"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(("form", "name"), [("promela", "Spin, depth first"), ("murphi", "Rumur, 1 thread")])
@pytest.mark.thorough
def test_a_peer_counts_the_same_by_rules_of_its_own(form: str, name: str, checkers: ModuleType) -> None:
    need(form)
    (contestant,) = (one for one in checkers.CONTESTANTS if one.name == name)
    ran = checkers.measured(contestant, 1, 600)
    explored = Exploration(transition_table(load_model(ROOT / "machines")))
    assert (ran.states, ran.transitions) == (explored.states, explored.transitions)


def test_peers_that_do_not_count_alike_are_told(checkers: ModuleType) -> None:
    numbers = {"items": 1, "compiled": 0.0, "seconds": 1.0, "core_seconds": 1.0, "megabytes": 1.0}
    one = checkers.Ran(checker="one", symmetry=False, states=10, transitions=20, **numbers)
    reduced = checkers.Ran(checker="reduced", symmetry=True, states=5, transitions=9, **numbers)
    late = checkers.Ran(checker="late", symmetry=False, **numbers)
    other = checkers.Ran(checker="other", symmetry=False, states=10, transitions=21, **numbers)
    assert checkers.disagreement([one, reduced, late]) is None
    assert "other counts 10 states and 21 transitions, but one" in checkers.disagreement([one, reduced, late, other])


@pytest.mark.thorough
def test_a_checker_over_the_limit_has_no_counts(checkers: ModuleType) -> None:
    need("promela")
    slow = checkers.spin("slow", "", "-m100000")
    ran = checkers.measured(slow, 2, 0.001)
    assert (ran.states, ran.transitions) == (None, None)
    assert "not in time" in checkers.table([ran])
