"""Searches that end early and go on, and what the command says of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT, Run
from simsync.errors import SimsyncError
from simsync.questions.explore.asked import ExploreOptions
from simsync.questions.explore.explore import explored
from simsync.statespace.checkpoint import resumed, save
from simsync.statespace.counting import CountingAbstraction
from simsync.statespace.explicit import ExplicitSearch, SearchLimits, Stopped
from simsync.statespace.table_cache import kept_table
from simsync.statespace.transition_table import TransitionTable
from transition_tables import BASE, OTHER, table_of


@pytest.mark.thorough
def test_transition_tables_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, first = kept_table(BASE, folder=tmp_path / "kept")
    (path,) = (tmp_path / "kept").iterdir()
    monkeypatch.setattr("simsync.statespace.table_cache.transition_table", None)  # it is not made again
    kept, second = kept_table(BASE, folder=tmp_path / "kept")
    assert first == second
    for name in TransitionTable.__dataclass_fields__:
        one, other = getattr(made, name), getattr(kept, name)
        if name not in ("model", "engine"):
            assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
    monkeypatch.undo()
    path.write_bytes(path.read_bytes()[:1000])
    again, _ = kept_table(BASE, folder=tmp_path / "kept")
    assert np.array_equal(again.next, made.next)
    other, _ = kept_table(OTHER, folder=tmp_path / "kept")
    assert other.next.shape != made.next.shape
    (tmp_path / "taken").write_text("")
    assert np.array_equal(kept_table(BASE, folder=tmp_path / "taken")[0].next, made.next)


@pytest.mark.thorough
def test_a_stopped_search_goes_on_where_it_was(tmp_path: Path) -> None:
    path = str(tmp_path / "kept.npz")
    whole = ExplicitSearch(table_of(BASE), 2)
    whole.run()
    search = ExplicitSearch(table_of(BASE), 2)
    with pytest.raises(Stopped, match="more than 1,000 states"):
        search.run(SearchLimits(states=1000))
    save(search, path)
    again = resumed(path, table_of(BASE), 2)
    assert again.counts() == search.counts()
    again.run()
    assert again.counts() == whole.counts()
    for wrong, items, words in ((table_of(OTHER), 2, "other rules or readings"), (table_of(BASE), 3, "--items 2")):
        with pytest.raises(SimsyncError, match=words):
            resumed(path, wrong, items)
    Path(path).write_bytes(Path(path).read_bytes()[:-100])
    with pytest.raises(SimsyncError, match="no checkpoint"):
        resumed(path, table_of(BASE), 2)
    with pytest.raises(SimsyncError, match="left as it is"):
        save(search, path)


def test_bounds_end_in_an_honest_incomplete(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    plain = ("--no-symmetry", "--format", "json")
    for options, stopped in (
        (("--max-states", "1000", "--format", "json"), "there are more than 1,000 states"),
        (("--timeout", "0", "--format", "json"), "the time is up"),
        ((*plain, "--max-states", "1000", "--checkpoint", kept), "there are more than 1,000 states"),
        ((*plain, "--timeout", "0"), "the time is up"),
        ((*plain, "--max-memory", "10k"), "it takes about"),
    ):
        code, out, _ = cli("explore", *options)
        found = json.loads(out)
        assert (code, found["verdict"], found["any_number_of_items"]) == (1, "incomplete", False)
        assert found["stopped"].startswith(stopped)
        assert "violated" not in {one["verdict"] for one in found["properties"]}
        assert found["states"] < 130_215
    code, out, _ = cli("explore", *plain, "--resume", kept)
    found = json.loads(out)
    assert (code, found["verdict"], found["states"]) == (0, "holds", 130_215)


@pytest.mark.thorough
def test_a_violation_within_the_bounds_is_one(cli: Run) -> None:
    options = ("--property", "linked-is-never-stale", "--reading", "resume=discard", "--format", "json")
    code, out, _ = cli("explore", *options, "--max-states", "60000")
    found = json.loads(out)
    assert (code, found["verdict"], found["stopped"]) == (1, "violated", "there are more than 60,000 states")


def test_an_interrupt_keeps_the_search(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, level = tmp_path / "kept.npz", ExplicitSearch._level

    def interrupted(self: ExplicitSearch, *more: object) -> int:
        if self.depth == 3:
            raise KeyboardInterrupt
        return level(self, *more)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr(ExplicitSearch, "_level", interrupted)
    code, out, err = cli("explore", "--no-symmetry", "--checkpoint", kept)
    assert code == 130
    assert "stopped, interrupted; visited so far" in out
    assert f"--resume {kept}" in err
    monkeypatch.undo()
    monkeypatch.chdir(ROOT)
    code, out, _ = cli("explore", "--no-symmetry", "--resume", kept)
    assert (code, "2 items: 130,215 states" in out) == (0, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--items", "0"), "1 to 1,000 items, not 0"),
        (("--items", "-1"), "1 to 1,000 items, not -1"),
        (("--items", "1000000000"), "1 to 1,000 items"),
        (("--items", "many"), "not a valid integer"),
        (("--max-memory", "lots"), "is no size"),
        (("--resume", "kept.npz"), "goes with --no-symmetry"),
        (("--no-symmetry", "--resume", "none.npz"), "there is no such file"),
        (("--no-symmetry", "--checkpoint", "README.md", "--timeout", "0"), "left as it is"),
        (("--no-symmetry", "--resume", "README.md"), "no checkpoint"),
        (("--machines", "no-such-directory"), "no-such-directory"),
    ],
)
def test_bad_options_are_told(cli: Run, options: tuple[str, ...], words: str) -> None:
    before = (ROOT / "README.md").read_bytes()
    code, out, err = cli("explore", *options)
    assert (code, out) == (2, "")
    assert words in err
    assert (ROOT / "README.md").read_bytes() == before


def test_counterexamples_are_written_whole_and_over_nothing(cli: Run, tmp_path: Path) -> None:
    options = ("--property", "linked-is-never-stale", "--reading", "resume=discard", "--write", tmp_path / "found")
    assert cli("explore", *options, "--several", "2")[0] == 1
    files = sorted((tmp_path / "found").iterdir())
    assert [path.name for path in files] == ["linked-is-never-stale-2.yaml", "linked-is-never-stale.yaml"]
    assert cli("run", *files)[0] == 0
    assert cli("explore", *options)[0] == 1  # its own files are replaced
    files[1].write_text("scenario: mine\n")
    code, _, err = cli("explore", *options)
    assert (code, files[1].read_text()) == (2, "scenario: mine\n")
    assert "not written by simsync" in err


@pytest.mark.thorough
def test_many_items_take_no_longer_to_count(cli: Run) -> None:
    code, out, _ = cli("explore", "--items", "1000")
    assert code == 0
    assert "about 4.58e253 states" in out
    assert "30 hold" in out


def test_a_disagreement_of_counts_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        ExplicitSearch, "counts", lambda self: CountingAbstraction(table_of(BASE)).counts(5, symmetry=False)
    )
    with pytest.raises(AssertionError, match="as visited one by one"):
        explored(BASE, ExploreOptions())
