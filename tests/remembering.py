"""What test after test reads is read once in a process, as long as it says the same: files of rules, and policies."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import simsync.app
import simsync.policy.loading.edit
import simsync.policy.loading.files
import simsync.policy.loading.policy
from simsync.policy.loading.nodes import Node, Problems, compose
from simsync.policy.loading.policy import load_policy
from simsync.policy.policy import Policy

MOST = 200
"""How many files, and how many policies, are remembered: those that came last."""
K = TypeVar("K")
T = TypeVar("T")
_texts: OrderedDict[bytes, list[Node]] = OrderedDict()
_as_written: OrderedDict[bytes, list[Node]] = OrderedDict()
_policies: OrderedDict[tuple[object, ...], Policy] = OrderedDict()


def remember() -> None:
    """Have the functions that read rules remember them in this process, whoever calls them."""
    for module, reads, remembers in (
        (simsync.app, load_policy, loaded),
        (simsync.policy.loading.files, compose, composed),
        (simsync.policy.loading.edit, compose, composed_to_edit),
    ):
        assert vars(module)[reads.__name__] in (reads, remembers), f"{module.__name__} reads otherwise"
        setattr(module, reads.__name__, remembers)


def loaded(directory: str | Path) -> Policy:
    """The policy of a directory, by how it is called and what its files say. One with faults is not remembered."""
    try:
        says = [(one.name, one.read_bytes()) for one in sorted(Path(directory).iterdir())]
    except (OSError, ValueError):
        return load_policy(directory)
    return _known(_policies, (str(directory), *says), lambda: load_policy(directory))


def composed(data: bytes, problems: Problems) -> Iterator[Node]:
    """The documents of a file, by what it says. What has problems is not remembered."""
    return _composed(_texts, data, problems)


def composed_to_edit(data: bytes, problems: Problems) -> Iterator[Node]:
    """The same for who edits files: as they are written, without the sources that what is read inherits."""
    return _composed(_as_written, data, problems)


def _composed(kept: OrderedDict[bytes, list[Node]], data: bytes, problems: Problems) -> Iterator[Node]:
    documents = kept.get(data) or list(compose(data, problems))
    if not problems:
        _known(kept, data, lambda: documents)
    return iter(documents)


def _known(kept: OrderedDict[K, T], key: K, make: Callable[[], T]) -> T:
    if key not in kept:
        kept[key] = make()
        if len(kept) > MOST:
            kept.popitem(last=False)
    return kept[key]
