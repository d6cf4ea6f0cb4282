"""What a line of a log says that tickets show of an item, in a policy's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsync.policy.policy import Vocabulary
from simsync.questions.conform.systems.mapping import SYSTEM, in_a_cell
from simsync.questions.replay.log.columns import LogNames
from simsync.questions.replay.log.misspelt_keys import Keys
from simsync.questions.replay.log.names import turned
from simsync.questions.replay.log.text import BadLine

KIND = "kind"


class ShownViews:
    """Reads what tickets show of items. ``kinds`` are their names of kinds to ours, ``keys`` what a view may have.

    ``settled``: nothing is to be said of a key.
    """

    def __init__(self, words: Vocabulary, names: LogNames, kinds: Mapping[str, str], *, settled: bool) -> None:
        self._kinds = kinds
        self._settled = settled
        self._shown = {show.name: names.shown.get(show.name, show.name) for show in words.shows}
        self._values = {
            show.name: turned(
                names.values.get(show.name, names.values.get(show.field, {})), words.fields[show.field].values
            )
            for show in words.shows
        }
        self.keys = Keys("shown of an item", (KIND, SYSTEM, *self._shown.values()), names.ignored)

    def read(self, view: Mapping[str, object]) -> Mapping[str, object]:
        """A view in our names; a value that is none of ours stays as it is. Raises :class:`BadLine`."""
        if not self._settled and (misspelt := self.keys.misspelt(view)):
            raise BadLine(misspelt[0])
        ours: dict[str, object] = {}
        if KIND in view:
            ours[KIND] = _read(self._kinds, view[KIND])
        for name, theirs in self._shown.items():
            if theirs in view:
                ours[name] = _read(self._values[name], view[theirs])
        if view.get(SYSTEM) is True and SYSTEM not in self._shown.values():
            ours[SYSTEM] = True
        return ours

    def are_said_alike(self, view: Mapping[str, object]) -> bool:
        """Whether the log has our words for what a ticket shows of an item."""
        return self.keys.known.issuperset(view) and self.read(view) == view


def _read(names: Mapping[str, Any], value: object) -> object:
    return value if not names or isinstance(value, (dict, list)) else names.get(in_a_cell(value), value)
