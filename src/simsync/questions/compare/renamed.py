"""What two versions of the rules call otherwise: found where what is declared says the same, or given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simsync.app import load_model
from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.policy.loading.renaming import (
    DECLARED,
    Files,
    declarations,
    declared,
    files_of,
    model_files,
    renamed_policy,
)

PROSE = ("id", "about", "sources", "question", "evidence", "says", "place")
"""What may be otherwise where something has another name only."""

INSIDE = ("rows", "options", "states", "phases", "transitions", "initial")
"""What is declared inside, and has names of its own."""

NAMING = ("machine", "table", "trigger", "reading", "property", "field")
"""The keys that name what they stand in; a ticket mostly shows a field by its own name."""


class Rename(NamedTuple):
    """Something that is called otherwise."""

    sort: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.sort} {self.old} -> {self.new}"


def as_in(left: str | Path, right: str | Path, given: Iterable[Rename] = ()) -> tuple[Model, tuple[Rename, ...]]:
    """The policy of a directory as it is in the names of another one, and what it calls otherwise.

    Raises :class:`SimsyncError` for what is wrong with the policies, and for given names that they do not have.
    """
    files, others = files_of(left), files_of(right)
    found = [*given]
    for one in found:
        files = renamed_policy(files, *one)
    before = -1
    while before != len(found):  # what one is called may be what another one is told by
        before = len(found)
        for sort in DECLARED:
            for one in _of_sort(files, others, sort):
                try:
                    files = renamed_policy(files, *one)
                except SimsyncError:  # a name that is not free there: it is told as a difference
                    continue
                found.append(one)
    if any(one.sort == "partner" for one in found) and declared(files, "kind") != declared(others, "kind"):
        return load_model(left), ()  # nothing in common but that there are two
    with model_files(files) as folder:
        return load_model(folder), tuple(found)


def _of_sort(left: Files, right: Files, sort: str) -> Iterator[Rename]:
    """What is declared on one side only, and says the same there under another name."""
    ours, theirs = _said(left, sort), _said(right, sort)
    free = {name: said for name, said in theirs.items() if name not in ours}
    for name, said in ours.items():
        if name not in theirs:
            new = next((new for new, its in free.items() if its == said), None)
            if new is not None:
                del free[new]
                yield Rename(sort, name, new.rpartition("=")[2] if sort == "option" else new)


def _said(files: Files, sort: str) -> dict[str, list[Any]]:
    """What each name of a sort is declared as, but for names and prose."""
    found: dict[str, list[Any]] = {}
    for data in files.values():
        for name, node, what in declarations(data, sort):
            found.setdefault(name, []).append(_but_for_names(what, node.value) if isinstance(what, dict) else None)
    return found


def _but_for_names(what: dict[str, Any], name: str) -> dict[str, Any]:
    """What stands beside a name, without itself, prose, and what has names of its own."""
    return {
        key: value
        for key, value in what.items()
        if key not in (*PROSE, *INSIDE) and not (key in NAMING and value == name)
    }
