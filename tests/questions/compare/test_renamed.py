"""What two versions of the rules only call otherwise is no difference."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from conftest import ROOT, Run

ATELIER = ROOT / "tests" / "policies" / "atelier"
MINIMAL = ROOT / "examples" / "policies" / "minimal" / "machines"
NAMES = ("kind note remark", "field text words", "row owner-writes writes", "state Open Begun", "partner home us")


@pytest.fixture
def here(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(MINIMAL, "old")
    shutil.copytree(MINIMAL, "new")
    for names in NAMES:
        assert cli("rename", *names.split(), "--machines", "new")[0] == 0
    return tmp_path


def test_it_says_so(cli: Run, here: Path) -> None:
    code, out, err = cli("compare", "old", "new")
    assert (code, err) == (0, "")
    first, second, _ = out.splitlines()
    assert first.startswith("the same by other names, old -> new: partner home -> us; ")
    assert {*first.partition("new: ")[2].split("; ")} == {
        f"{sort} {old} -> {new}" for sort, old, new in map(str.split, NAMES)
    }
    assert second == "no difference: whatever happens to one item, nobody can tell the two apart"
    report = json.loads(cli("compare", "old", "new", "--format", "json")[1])
    assert {"sort": "kind", "left": "note", "right": "remark"} in report["renamed"]
    assert cli("compare", "old", "new", "--format", "markdown")[1].count("The same by other names") == 1


def test_beside_a_change_only_the_change_is_a_difference(cli: Run, here: Path) -> None:
    rules = here / "new" / "rules.yaml"
    rules.write_text(rules.read_text().replace("{effect: remove}", "{effect: none}"))
    code, out, _ = cli("compare", "old", "new")
    assert code == 1
    assert out.startswith("# the same by other names, old -> new: ")
    assert out.partition("# rules, old -> new\n")[2].splitlines() == [
        "#   change: owner-deletes (other cells)",
        "#     effect: remove -> none",
        "# scenarios: 0 of 0 come out otherwise",
    ]


def test_what_cannot_be_found_can_be_given(cli: Run, here: Path) -> None:
    rules = here / "new" / "rules.yaml"
    rules.write_text(rules.read_text().replace("- {id: owner-deletes", "- {id: deletes").replace("remove}", "none}"))
    code, out, _ = cli("compare", "old", "new", "--renamed", "row", "owner-deletes", "deletes")
    assert (code, "change: deletes (other cells)" in out) == (1, True)
    for words, said in {
        "old new --renamed row nothing deletes": "'nothing' is not a row",
        "old new --renamed rwo a b": "'rwo' is not a sort of name; did you mean 'row'?",
        "old old --renamed row a b": "both sides must be directories, and not the same",
    }.items():
        code, _, err = cli("compare", *words.split())
        assert (code, said in err) == (2, True), err


def test_other_partners_of_other_things_have_nothing_in_common(cli: Run, here: Path) -> None:
    code, _, err = cli("compare", "old", ATELIER)
    assert (code, "the two have different partners" in err) == (2, True)
