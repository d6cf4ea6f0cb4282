"""What deliveries carry of fields, for many items at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simsync.policy.fields import Field
from simsync.policy.policy import Value, Vocabulary
from simsync.statespace.columns import Ints


class Carriage:
    """The fields that are told apart, with what they become on the other ticket; ``values`` by the field, in turn.

    Codes of partners are their places in the vocabulary, from 1 on; the code 0 of a value is none.
    """

    def __init__(
        self, words: Vocabulary, fields: Sequence[Field], values: Mapping[str, Sequence[Value | None]]
    ) -> None:
        self._mirrored = np.array([field.mirrored for field in fields], np.bool_)
        self._becomes = {
            number: _becomes(words, field, values[field.name])
            for number, field in enumerate(fields)
            if field.delivered and not field.mirrored
        }

    def carried(self, by: Ints, values: Ints, there: Ints) -> Ints:
        """What values [n, F] on partners' tickets become on the other one, which has ``there``; 0: it is left alone."""
        found: Ints = np.where(self._mirrored, values, 0)
        for number, becomes in self._becomes.items():
            found[:, number] = becomes[by, values[:, number], there[:, number]]
        return found


def _becomes(words: Vocabulary, field: Field, values: Sequence[Value | None]) -> Ints:
    """By partner, value and what is there the code of what the value becomes."""
    code = {value: number for number, value in enumerate(values)}
    found = np.zeros((1 + len(words.partners), len(values), len(values)), np.int32)
    for number, partner in enumerate(words.partners, 1):
        for value in values[1:]:
            for there in values:
                became = field.carried(partner, value, there) if value is not None else None
                found[number, code[value], code[there]] = 0 if became is None else code[became]
    return found
