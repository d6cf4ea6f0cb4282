"""What tests read again and again is remembered only as long as it says the same, and is what reading gives."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from pathlib import Path

import pytest

import simsync.app
from conftest import ROOT
from remembering import MOST, _known, composed, loaded
from simsync.errors import SimsyncError
from simsync.policy.loading.files import USUAL
from simsync.policy.loading.nodes import Problems, compose
from simsync.policy.loading.policy import load_policy

ATELIER = ROOT / "tests" / "policies" / "atelier"


def test_what_is_remembered_is_what_reading_gives() -> None:
    assert vars(simsync.app)["load_policy"] is loaded
    assert loaded(ATELIER) is loaded(ATELIER)
    assert loaded(ATELIER) == load_policy(ATELIER)
    assert loaded(str(ATELIER)).status.span == load_policy(str(ATELIER)).status.span


def test_an_edited_file_is_read_anew_and_a_fault_is_told_each_time(policy: Path) -> None:
    before = loaded(policy)
    rules = policy / USUAL["rules"]
    text = rules.read_text()
    rules.write_text(text.replace("id: own-create", "id: mine-create"))
    for _ in range(2):
        with pytest.raises(SimsyncError) as told:
            loaded(policy)
        assert {one.file for one in told.value.diagnostics} <= {str(policy / name) for name in USUAL.values()}
    rules.write_text(text)
    assert loaded(policy) is before
    (policy / USUAL["rules"]).unlink()
    with pytest.raises(SimsyncError):
        loaded(policy)


def test_problems_with_a_text_are_told_each_time() -> None:
    for _ in range(2):
        ours, theirs = Problems("ours"), Problems("ours")
        assert list(composed(b"a: [", ours)) == list(compose(b"a: [", theirs)) == []
        assert ours.found == theirs.found != []


def test_only_what_came_last_is_remembered() -> None:
    kept: OrderedDict[int, int] = OrderedDict()
    assert [_known(kept, number, partial(int, number)) for number in range(MOST + 1)] == [*range(MOST + 1)]
    assert list(kept) == list(range(1, MOST + 1))
