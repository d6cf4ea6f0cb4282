"""What happened in a step, in words, before anyone lays it out: who did what, what crossed over, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from simsync.engine.dependence import deciding_who_is_told, readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.view import View, ticket
from simsync.engine.world import World
from simsync.policy.policy import ALONE, Value
from simsync.report import phrases
from simsync.scenarios.simulate import StepResult
from simsync.scenarios.verdicts import Failure


class Signal(StrEnum):
    """What went on between the two tickets."""

    TO_FIRST = "to first"
    TO_SECOND = "to second"
    BOTH = "both"
    NOTHING = "nothing"
    CUT = "cut"
    REFUSED = "refused"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class TicketChange:
    """An item that appeared (``+``), changed (``~``) or vanished (``-``) on a ticket, and what it shows there."""

    sign: str
    item: str
    says: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.sign, self.item, self.says) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMove:
    """A link that moved, ``before`` None for a new item's; ``row`` is what decided it, in a status action."""

    item: str
    before: str | None
    after: str
    row: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSummary:
    """One step in words. ``changes`` are by partner; ``reasons`` pair a deciding row's id with what it cites.

    ``notices`` are those of the ``readings`` that decide only who is told. ``side`` is the partner beside whose ticket
    it is told: the actor, or the first one if the actor has none.
    """

    line: int
    side: str
    action: str
    signal: Signal
    changes: Mapping[str, tuple[TicketChange, ...]]
    refused: str | None
    defects: tuple[str, ...]
    statuses: tuple[tuple[str, str], ...]
    links: tuple[LinkMove, ...]
    reasons: tuple[tuple[str, tuple[str, ...]], ...]
    notified: tuple[str, ...]
    readings: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    failures: tuple[Failure, ...]


class StepSummarizer:
    """Gives accounts of steps, in the words of one model; ``dot`` stands between the things that a ticket shows."""

    def __init__(self, model: Model, dot: str) -> None:
        self.model = model
        self.dot = dot
        values = {show.name: model.vocabulary.fields[show.field].values for show in model.vocabulary.shows}
        self._choices = {name for name, allowed in values.items() if allowed}
        self._flags = {
            name: name.replace("_", " ") for name in self._choices if all(isinstance(v, bool) for v in values[name])
        }

    def summary(self, result: StepResult) -> StepSummary:
        """One step of a run."""
        outcome, partners = result.outcome, self.model.vocabulary.partners
        actor, action = outcome.event.actor, phrases.action(outcome.event, self.model.vocabulary.fields)
        action = f"{action} (undone)" if outcome.undone else action
        cited = {hit.row.id: hit.row.sources for hit in outcome.hits}
        if outcome.moved:
            cited = {**dict.fromkeys(outcome.moved.transition.declared, outcome.moved.transition.sources), **cited}
        readings = readings_behind(outcome)
        return StepSummary(
            line=result.step.line,
            side=actor if actor in partners else next(iter(partners)),
            action=action if actor in partners else f"{actor}: {action}",
            signal=self._signal(outcome),
            changes={partner: self._changes_on(outcome, partner) for partner in self.model.vocabulary.partners},
            refused=None if outcome.refused is None else phrases.printable_line(outcome.refused),
            defects=tuple(phrases.printable_line(defect.message) for defect in outcome.defects),
            statuses=tuple(self._statuses(outcome)),
            links=tuple(
                LinkMove(item=name, before=old, after=new, row=outcome.row_of.get(name))
                for name, (old, new) in outcome.links.items()
                if old != new and new != ALONE
            ),
            reasons=tuple(cited.items()),
            notified=outcome.notified,
            readings=tuple((name, self.model.readings[name]) for name in readings),
            notices=tuple(deciding_who_is_told(outcome, readings)),
            # what the rules themselves failed at is among the defects
            failures=tuple(f for f in result.failures if not f.at.startswith("rules.")),
        )

    def _statuses(self, outcome: Outcome) -> Iterator[tuple[str, str]]:
        """What the status was and is, where it moved; of several status machines those that did, by their keys."""
        before, after, spec = outcome.before.status, outcome.after.status, self.model.status_spec
        if before == after:
            return
        was, now = spec.parts(before), spec.parts(after)
        if not now:
            yield before, after
        for key, state in now.items():
            if state != was[key]:
                yield f"{key}: {was[key]}", state

    def _changes_on(self, outcome: Outcome, partner: str) -> tuple[TicketChange, ...]:
        """What changed on a ticket; what an actor did to an item on its own ticket is the action itself."""
        changes = outcome.changes(partner)
        if outcome.event.actor == partner:
            changes.pop(outcome.event.item or "", None)
        return tuple(self._changes(changes))

    def _changes(self, changes: Mapping[str, tuple[View | None, View | None]]) -> Iterator[TicketChange]:
        for name, (old, new) in changes.items():
            if new is None:
                yield TicketChange("-", name)
            elif old is None:
                yield TicketChange("+", name, self.described({k: v for k, v in new.items() if v is not False}))
            else:
                yield TicketChange("~", name, self.described({k: v for k, v in new.items() if old.get(k) != v}))

    def changed_on(self, before: World, after: World, partner: str) -> list[TicketChange]:
        """What a ticket shows otherwise in a later world, whoever changed it."""
        words = self.model.vocabulary
        was, now = (ticket(words, world, partner) for world in (before, after))
        names = [name for name in dict.fromkeys((*was, *now)) if was.get(name) != now.get(name)]
        return list(self._changes({name: (was.get(name), now.get(name)) for name in names}))

    def described(self, view: Mapping[str, Value]) -> str:
        """What a ticket shows of an item, in words."""
        words: list[str] = []
        for name, value in view.items():
            if name in self._flags:
                words.append(self._flags[name] if value else f"not {self._flags[name]}")
            elif name == "kind":
                words.append(str(value))
            elif name in self._choices:
                words.append(f"{name}: {phrases.value(value)}")
            else:
                words.append(phrases.quoted(value))
        return f" {self.dot} ".join(words)

    def _signal(self, outcome: Outcome) -> Signal:
        if outcome.refused is not None:
            return Signal.REFUSED
        if outcome.defects:
            return Signal.DEFECT
        first, _ = self.model.vocabulary.partners
        if reached := outcome.reached:
            return Signal.BOTH if len(reached) == 2 else Signal.TO_FIRST if first in reached else Signal.TO_SECOND
        return Signal.CUT if outcome.severs else Signal.NOTHING
