"""The list of mutants that are no different from the original: each has its reason, and is of code that is there."""

from __future__ import annotations

import tomllib

from conftest import ROOT

ENTRIES = tomllib.loads((ROOT / "tests" / "mutants" / "equivalent.toml").read_text())["equivalent"]


def source_of(function: str) -> str:
    """The module that a function's dotted name begins with."""
    parts = function.split(".")
    files = (ROOT.joinpath("src", *parts[:n]).with_suffix(".py") for n in range(len(parts), 0, -1))
    return next(file for file in files if file.is_file()).read_text()


def test_each_entry_is_whole_and_of_what_stands_in_the_source() -> None:
    assert ENTRIES
    for entry in ENTRIES:
        assert set(entry) == {"function", "change", "because"}
        lines = entry["change"].strip("\n").splitlines()
        assert {line[:1] for line in lines} <= {"-", "+"}, entry
        taken = [line[1:] for line in lines if line.startswith("-")]
        assert taken, entry
        source = source_of(entry["function"])
        assert f"def {entry['function'].rpartition('.')[2]}(" in source, entry
        assert all(line in source.splitlines() for line in taken), entry
        assert len(entry["because"].split()) >= 5


def test_no_entry_stands_twice() -> None:
    changes = [(entry["function"], entry["change"]) for entry in ENTRIES]
    assert len({*changes}) == len(changes)
