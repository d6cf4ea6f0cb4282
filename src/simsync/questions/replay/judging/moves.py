"""Status actions, asked of the engine once for no item and once for each form of item, and put together.

A status action decides each item by itself. What it comes to as a whole hangs on the items only through whether any of
them crossed over: who is told of the step, and by which rules.
"""

from __future__ import annotations

from simsync.engine.deciding import announce
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import NO_CHANGE
from simsync.questions.replay.judging.item_forms import ITEM, Alike, Form, Forms, Texts, sees_more
from simsync.questions.replay.log.known_lines import Meaning

MOST_PASSINGS = 200_000


class Passing:
    """What becomes of a form as the status moves; ``told`` are those who are told of the item, by ``rules``."""

    __slots__ = ("flow", "form", "is_same", "rules", "synced", "told")

    def __init__(self, outcome: Outcome, told: list[str], form: Form, flow: tuple[int, ...], is_same: bool) -> None:
        self.form, self.flow, self.is_same, self.told = form, flow, is_same, told
        self.synced, self.rules = outcome.synced, outcome.rules


class MoveAlone:
    """What a status action comes to without items; ``told`` are those who are told where nothing crossed, or did."""

    def __init__(self, model: Model, outcome: Outcome) -> None:
        phases = model.phase(outcome.before.status), model.phase(outcome.after.status)
        self.status, self.refused, self.synced = outcome.after.status, outcome.refused is not None, outcome.synced
        self.rules = outcome.rules
        self.told = tuple(
            [] if self.refused else [*announce(model, outcome.event.actor, NO_CHANGE, *phases, synced)[0]]
            for synced in (False, True)
        )
        self.passings: dict[tuple[Form, Alike], Passing | None] = {}


class Moves:
    """Remembers what status actions come to."""

    def __init__(self, model: Model, forms: Forms) -> None:
        self._model, self._forms = model, forms
        self._moves: dict[tuple[str, str, str], MoveAlone | None] = {}
        self._count = 0

    def of(self, status: str, actor: str, action: str) -> MoveAlone | None:
        """What an action comes to in a status; None where only a step with all items can tell."""
        key = (status, actor, action)
        if key not in self._moves:
            outcome = step(self._model, World(status), Event(actor=actor, action=action))
            is_wide = bool(self._model.factory.present) or outcome.defects or sees_more(outcome)
            self._moves[key] = None if is_wide else MoveAlone(self._model, outcome)
        return self._moves[key]

    def passing(self, move: MoveAlone, meaning: Meaning, status: str, form: Form, texts: Texts) -> Passing | None:
        """What becomes of a form of item with that; None where only a step with all items can tell."""
        key = (form, self._forms.alike(texts))
        if key not in move.passings:
            found = self._asked(move, meaning.event(None, ()), status, *key)
            if self._count >= MOST_PASSINGS:
                return found
            self._count += 1
            move.passings[key] = found
        return move.passings[key]

    def _asked(self, move: MoveAlone, event: Event, status: str, form: Form, alike: Alike) -> Passing | None:
        texts = self._forms.stand_ins(alike)
        outcome = step(self._model, World(status, {ITEM: self._forms.item(ITEM, form, texts)}), event)
        if outcome.defects or sees_more(outcome) or outcome.after.items.keys() != {ITEM}:
            return None
        after, left = self._forms.of(outcome.after.items[ITEM])
        told = [*outcome.notified]
        for one in move.told[outcome.synced]:
            told.remove(one)
        flow = tuple(map(texts.index, left))
        is_same = after is form and flow == tuple(range(len(texts)))
        return Passing(outcome, told, after, flow, is_same) if after.is_said else None


def rules_of(move: MoveAlone, passings: frozenset[Passing]) -> set[str]:
    """By which rules a status action comes to what it does: those of the step as a whole are of what crossed."""
    crossed = move.synced or any(one.synced for one in passings)
    found = {rule for one in passings for rule in one.rules if one.synced is crossed or rule not in move.rules}
    return found.union(move.rules if move.synced is crossed else ())
