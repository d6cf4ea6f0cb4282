"""What a step rests on, so that it is known without taking it again whether a change of the rules can change it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from simsync.engine.deciding import decide
from simsync.engine.facts import Facts, Situation, holds
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.policy.facts import CHANGES, NO_CHANGE
from simsync.policy.policy import Decides, Policy, Table, Value
from simsync.questions.coverage.goals import situations
from simsync.questions.mutate.mutants import Reach

T = TypeVar("T", bound=Hashable)


class Use(NamedTuple):
    """Something that a step rests on.

    ``what`` is a table with what it saw, ``link`` with the state, the trigger and what its transitions test, ``action``
    with the status and who did what, ``status``, or ``memory`` for a memory that rows of the model test.
    """

    what: str
    name: str
    seen: tuple[Value | None, ...] = ()


TABLE, LINK, ACTION, STATUS, MEMORY = "table", "link", "action", "status", "memory"


class Uses:
    """Tells what steps rest on. Of one policy; the models may be under any of its readings."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.tested: dict[str, tuple[str, ...]] = {}
        for row in policy.rows:
            table = policy.tables[row.table]
            facts = dict.fromkeys((*self.tested.get(table.name, ()), *(f for f, _ in (*table.scope, *row.when))))
            self.tested[table.name] = tuple(facts)
        self.moving = tuple(dict.fromkeys(f for t in policy.transitions(policy.link) for f, _ in t.when))
        self._item = [table for table in policy.tables.values() if not _of_step(table)]
        self._step = [table for table in policy.tables.values() if _of_step(table)]
        self._of_situation: dict[tuple[int, Situation], tuple[Use, ...]] = {}
        self._memories_of: dict[int, dict[str, None]] = {}
        self._kept: list[Model] = []

    def of(self, outcome: Outcome) -> dict[Use, None]:
        """What a step rests on; it may be more than what really mattered."""
        model, event = outcome.model, outcome.event
        memories = self._memories(model)
        change = event.action if event.action in CHANGES else NO_CHANGE
        statuses = outcome.before.status, outcome.after.status
        before, after = map(model.phase, statuses)
        found: dict[Use, None] = {}
        for synced in (True, False):  # of a status action, that of other items counts too
            facts: Facts = {
                "actor": event.actor, "change": change, "phase": before, "next phase": after, "synced": synced
            }  # fmt: skip
            found.update(dict.fromkeys(self._asked(self._step, facts)))
        for _, situation in situations(outcome):
            key = id(model), situation
            if key not in self._of_situation:
                self._of_situation[key] = tuple(self._rests_on(model, situation))
            found.update(dict.fromkeys(self._of_situation[key]))
        if event.item is None:
            found[Use(ACTION, event.action, (statuses[0], event.actor))] = None
        found.update((Use(STATUS, status), None) for status in statuses)
        found.update((Use(MEMORY, name), None) for name in memories)
        return found

    def _asked(self, tables: list[Table], facts: Mapping[str, Value | None]) -> Iterator[Use]:
        for table in tables:
            if holds(table.scope, facts):
                yield Use(TABLE, table.name, tuple([facts.get(name) for name in self.tested[table.name]]))

    def _rests_on(self, model: Model, situation: Situation) -> Iterator[Use]:
        decision = decide(model, situation)
        yield from self._asked(self._item, decision.facts)
        if decision.then is not None and decision.then.link is not None:
            seen = tuple([decision.facts.get(name) for name in self.moving])
            yield Use(LINK, decision.then.link, (situation.link, *seen))

    def _memories(self, model: Model) -> dict[str, None]:
        """The memories that rows of a model test."""
        found = self._memories_of.get(id(model))
        if found is None:
            facts = (fact for lookup in model.tables.values() for fact in lookup.facts)
            found = {fact: None for fact in facts if fact in self.policy.vocabulary.history}
            self._memories_of[id(model)] = found
            self._kept.append(model)  # so that no other model gets its id
        return found

    def reached(self, reach: Reach) -> Matters:
        """Whether a mutant can reach what rests on something, under whatever readings; it may be that it does not."""

        def reached(use: Use) -> bool:
            facts = dict(zip(self.tested[use.name], use.seen, strict=True))
            return any(holds(row.when, facts) for row in reach.rows[use.name])

        kinds = {LINK: reach.links, ACTION: reach.actions, STATUS: reach.statuses}
        whole = {(kind, name) for kind, names in kinds.items() for name in names}
        if reach.memory is not None:
            whole.add((MEMORY, reach.memory))
        return Matters({**dict.fromkeys(whole), **{(TABLE, name): cache(reached) for name in reach.rows}})


class Matters:
    """Which of the things that steps rest on matter: by kind and name, all (None) or those that a test picks."""

    def __init__(self, kinds: Mapping[tuple[str, str], Callable[[Use], bool] | None]) -> None:
        self.kinds = kinds

    def __call__(self, use: Use) -> bool:
        key = use.what, use.name
        if key not in self.kinds:
            return False
        test = self.kinds[key]
        return test is None or test(use)


def _of_step(table: Table) -> bool:
    """Whether a table is asked once for a step, not for an item."""
    return table.decides is Decides.NOTIFICATION and table.once == "step"


class StepFile(Generic[T]):
    """Steps, each with a tag, filed under what they rest on."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        self._filed: dict[tuple[str, str], dict[Use, dict[T, None]]] = {}

    def add(self, outcome: Outcome, tag: T) -> None:
        """File a step."""
        for use in self.uses.of(outcome):
            self._filed.setdefault((use.what, use.name), {}).setdefault(use, {})[tag] = None

    def where(self, matters: Matters) -> dict[T, None]:
        """The tags of the steps that rest on something that matters."""
        found: dict[T, None] = {}
        for kind in matters.kinds:
            for use, tags in self._filed.get(kind, {}).items():
                if matters(use):
                    found.update(tags)
        return found
