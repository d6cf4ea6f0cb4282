"""What a line says of several statuses apart: of those on each partner's ticket, or of several machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simsync.engine.model import Model
from simsync.errors import listed, not_among
from simsync.questions.conform.systems.mapping import in_a_cell
from simsync.questions.replay.log.columns import LogNames
from simsync.questions.replay.log.names import turned
from simsync.questions.replay.log.text import BadLine


class StatusesApart:
    """Reads statuses that a line says apart. ``statuses`` are the log's names of statuses to ours.

    ``of_each`` are the same by machine, where there are several, and ``desks`` its names of partners.
    """

    def __init__(self, model: Model, names: LogNames, statuses: Mapping[str, str], columns: Mapping[str, str]) -> None:
        self._words, self._spec, partners = model.words, model.policy.status, model.vocabulary.partners
        self._statuses, self._columns, self._status_columns = statuses, columns, names.status_columns
        theirs, states = names.theirs.get("statuses", {}), self._spec.states_of_each
        self.of_each = {key: turned(theirs, states_of_one) for key, states_of_one in states.items()}
        self.desks = {**turned({}, partners), **turned(names.theirs.get("partners", {}), partners)}
        of = (*self.of_each,) or tuple(partners)
        self._status_keys = {name: key for name, key in {**{key: key for key in of}, **self.desks}.items() if key in of}

    def after(self, said: Mapping[str, Any]) -> Mapping[str, str]:
        """The status that each partner's ticket shows: an object, or a column for each; none for one without any."""
        column = self._columns["status"]
        shown = said.get(column)
        columns = {partner: theirs for partner, theirs in self._status_columns.items() if theirs in said}
        if columns and shown not in (None, "") and column not in columns.values():
            raise BadLine(f"'{column}' and '{next(iter(columns.values()))}' both say the {self._words.status}")
        if columns:
            return self._each_status({partner: said[theirs] for partner, theirs in columns.items()}, columns)
        if not isinstance(shown, dict):
            return {}
        return self._each_status(self._by_key(shown, column), dict.fromkeys(self._status_keys.values(), column))

    def before(self, said: Mapping[str, Any]) -> str | None:
        """The state that several machines were in, each by its key; None where it is said by a name, or not at all."""
        column = self._columns["before"]
        shown = said.get(column)
        if not self.of_each or not isinstance(shown, dict):
            return None
        found = self._each_status(self._by_key(shown, column), dict.fromkeys(self._status_keys.values(), column))
        if missing := [key for key in self.of_each if key not in found]:
            raise BadLine(f"'{column}' does not say the {self._words.status} of {listed(missing)}")
        state = self._spec.at(found)
        if state is None:
            raise BadLine(f"'{column}' is {self._words.status.a} that these together never have")
        return state

    def _each_status(self, shown: Mapping[str, Any], columns: Mapping[str, str]) -> Mapping[str, str]:
        found = {}
        for partner, value in shown.items():
            text = "" if value is None else in_a_cell(value).strip()
            known = self.of_each.get(partner, self._statuses)
            if text and text not in known:
                raise BadLine(f"'{columns[partner]}': {not_among(self._words.status.a, text, known)}")
            if text:
                found[partner] = known[text]
        return found

    def _by_key(self, said: Mapping[str, Any], column: str) -> dict[str, Any]:
        """What an object says of each status: of each partner's, or of each of several machines'."""
        if not self.of_each:
            return self.by_partner(said, column)
        unknown = next((key for key in said if key not in self._status_keys), None)
        if unknown is not None:
            raise BadLine(
                f"'{column}': {not_among(f'one of the {self._words.status.many}', unknown, self._status_keys)}"
            )
        return {self._status_keys[key]: shown for key, shown in said.items()}

    def by_partner(self, said: Mapping[str, Any], column: str) -> dict[str, Any]:
        """What an object says of each partner, in our names."""
        unknown = next((partner for partner in said if partner not in self.desks), None)
        if unknown is not None:
            raise BadLine(not_among(self._words.partner.a, unknown, self.desks))
        found = {self.desks[partner]: shown for partner, shown in said.items()}
        if len(found) < len(said):
            raise BadLine(f"'{column}' shows the {self._words.ticket} of one {self._words.partner} twice")
        return found
