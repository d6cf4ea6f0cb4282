"""What any step that is taken rests on, of all that was walked through."""

from __future__ import annotations

import numpy as np

from simsync.policy.policy import Transition
from simsync.statespace.columns import distinct, spread
from simsync.statespace.space import Space


def come_about(space: Space) -> list[int]:
    """For each part of the frame the combinations, as bits, under which it decides a step that is ever taken."""
    found = [0] * len(space.frame.sets)
    table, number = space.compiled.table, space.sets.number
    states = np.array([*space.came], np.int32)
    came = np.array([number(bits) for bits in space.came.values()], np.int32)
    turns, at = space.moving(states)
    moving = np.stack([space.sets.both_of(turns[:, 2], came[turns[:, 0]]), table.part[at]], axis=1)
    in_phase: dict[int, int] = {}
    for (s, i), bits in space.came.items():
        key = space.compiled.pair[space.phase[s], i]
        in_phase[key] = in_phase.get(key, 0) | bits
    came = np.array([number(in_phase.get(key, 0)) for key in range(len(table.item))], np.int32)
    pair, cells = spread(table.cells, np.arange(len(came), dtype=np.int32))
    owner, at = spread(table.steps, table.response[cells])
    rows = np.concatenate([moving, np.stack([came[pair[owner]], table.part[at]], axis=1)])
    rows[:, 0] = space.sets.both_of(rows[:, 0], space.frame.sets[rows[:, 1]])
    for sets, part in rows[distinct(rows)[0]].tolist():
        found[part] |= space.sets.bits[sets]
    return found


def transitions_taken(space: Space) -> list[tuple[Transition, str]]:
    """The transitions of the status that fire in any step that is taken, each with the status that it leaves."""
    came = np.array([space.sets.number(bits) for bits in space.came.values()], np.int32)
    states = np.array([*space.came], np.int32)
    turns, at = space.moving(states)
    table = space.compiled.table
    sets = space.sets.both_of(space.sets.both_of(turns[:, 2], came[turns[:, 0]]), space.frame.sets[table.part[at]])
    taken = np.stack([turns[:, 4], states[turns[:, 0], 0]], axis=1)[(table.after[at] >= 0) & (sets > 0)]
    return [(space.transitions[t], space.statuses[s]) for t, s in taken[distinct(taken)[0]].tolist()]
