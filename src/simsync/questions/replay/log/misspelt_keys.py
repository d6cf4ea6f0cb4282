"""The keys of a log's lines: known ones, misspelt ones, and those that say nothing to us."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from simsync.errors import not_among

ALIKE = 0.7
"""How like one of ours a key is that is taken for a misspelt one; others may say what they like."""
MOST_UNREAD = 1000
IGNORED = "ignored: [{}] in --map"
"""How it is said that a key is of no interest."""


class Keys:
    """The keys that something may have. ``known`` are ours and those to be ignored.

    ``unread`` are others that were met, but for misspelt ones.
    """

    def __init__(self, what: str, ours: Collection[str], ignored: Collection[str]) -> None:
        self._what = what
        self._ours = tuple(dict.fromkeys(ours))
        self.known = frozenset((*ours, *ignored))
        self.unread: dict[str, None] = {}

    def are_settled(self, keys: Collection[str]) -> bool:
        """Whether nothing is to be said of any of these keys, and nothing new to be kept in mind."""
        return self.known.issuperset(keys) or all(key in self.known or key in self.unread for key in keys)

    def misspelt(self, keys: Collection[str]) -> list[str]:
        """A sentence for each key that is likely to be one of ours, of those that are not there, with its spelling."""
        if self.known.issuperset(keys):
            return []
        found = []
        absent = [one for one in self._ours if one not in keys]
        for key in keys:
            if key in self.known or key in self.unread:
                continue
            if _is_like(key, absent):
                found.append(f"{not_among(self._what, key, absent)}; if it is something else: {IGNORED.format(key)}")
            elif len(self.unread) < MOST_UNREAD:
                self.unread[key] = None
        return found


def _is_like(key: str, names: Collection[str]) -> bool:
    folded = [name.casefold() for name in names]
    return bool(get_close_matches(key[:100].strip().casefold(), folded, n=1, cutoff=ALIKE))
