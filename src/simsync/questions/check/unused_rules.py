"""What never plays a part: rows, transitions, states, triggers, options of readings, statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations

import numpy as np

from simsync.engine.model import Model
from simsync.policy.options import looked_at
from simsync.policy.policy import Effect, MachineSpec, Policy, Property, Row, Transition, Value
from simsync.questions.check.findings import Finding
from simsync.statespace.observations import Observations
from simsync.statespace.product_search import Sides, are_apart
from simsync.statespace.reachability import Reached

Possible = dict[str, set[Value]]

NEEDING = {
    Effect.REMOVE: "there is never a copy to remove",
    Effect.TAKE: "there is never a copy to take from",
    Effect.REMOVE_ORIGINAL: "there is never an original to remove",
}
"""What effects need to have any, said where it is never there."""


def unused_rules(reached: Reached) -> Iterator[Finding]:
    """Everything that the rules declare and that makes no difference under any combination of readings."""
    policy = reached.model.policy
    yield from _rows(reached)
    for machine in policy.declared:
        yield from _transitions(reached, machine)
        for state in machine.states.values():
            if state.name not in reached.states:
                message = f"nothing ever comes to the state '{state.name}'"
                yield Finding(code="state-never-reached", where=state.span, message=message)
    yield from _outcomes(reached)
    yield from _options(reached)
    yield from _statements(policy)


def _rows(reached: Reached) -> Iterator[Finding]:
    for row in reached.model.policy.rows:
        if row.id not in reached.rows and looked_at(reached.model.policy, row):
            broken = [p for p in reached.model.never if _breaks(reached.model, row, p)]
            would = ", and would always break property " + " and ".join(f"'{p.name}'" for p in broken) if broken else ""
            yield Finding(
                code="row-never-used",
                where=row.span,
                message=f"row '{row.id}' decides nothing that can come about{_as(row.reading)}{would}",
                table=row.table,
                rows=(row.id,),
                related=tuple((f"property '{p.name}'", p.span) for p in broken),
            )


def _outcomes(reached: Reached) -> Iterator[Finding]:
    """Rows that remove a copy where there never is one, or fire a trigger that always leaves the link as it is."""
    rules, frame = reached.space.rules, reached.frame
    at, true = rules.columns.at, rules.columns.code("synced", True)
    rows = np.where(frame.faulty, -1, rules.rows_of(frame, rules.change))
    decided, synced, moved = (
        {rules.rows[row].id for row in {*rows[where & (rows >= 0)].tolist()}}
        for where in (
            ~frame.refused,
            frame.facts[:, at["synced"]] == true,
            frame.facts[:, at["link"]] != frame.facts[:, at["next link"]],
        )
    )
    for row in reached.model.policy.rows:
        if row.id in decided:
            idle = [f"effect: {row.then.effect}"] if row.then.effect in NEEDING and row.id not in synced else []
            idle += [f"link: {row.then.link}"] if row.then.link is not None and row.id not in moved else []
            for what in idle:
                why = NEEDING[row.then.effect] if what.startswith("effect") else "the link always stays as it is"
                yield Finding(
                    code="outcome-idle",
                    where=row.span,
                    message=f"{{{what}}} of row '{row.id}' changes nothing: {why}",
                    table=row.table,
                    rows=(row.id,),
                )


def _transitions(reached: Reached, machine: MachineSpec) -> Iterator[Finding]:
    policy = reached.model.policy
    declared = [one for one in policy.transitions(machine) if looked_at(policy, one)]
    fired = {transition for transition, _ in reached.fired}
    silent = {t.trigger for t in declared} - {t.trigger for t in declared if t.id in fired}
    if machine is reached.model.policy.link:
        for trigger in dict.fromkeys(t.trigger for t in declared if t.trigger in silent):
            first = next(t for t in declared if t.trigger == trigger)
            message = f"no row ever fires the trigger '{trigger}'"
            yield Finding(code="trigger-never-fired", where=first.span, message=message)
    for transition in declared:
        if not transition.actors and machine is not reached.model.policy.link:
            continue  # nobody fires it: it is a way for what follows
        unused = [source for source in transition.source if (transition.id, source) not in reached.fired]
        if unused and not (machine is reached.model.policy.link and transition.trigger in silent):
            yield _unused(transition, unused)


def _unused(transition: Transition, sources: list[str]) -> Finding:
    from_ = "" if len(sources) == len(transition.source) else f" from {' or '.join(sources)}"
    message = f"transition '{transition.id}' never fires{from_}{_as(transition.reading)}"
    return Finding(code="transition-never-used", where=transition.span, message=message)


def _as(reading: str | None) -> str:
    return f" as {reading}" if reading else ""


def _statements(policy: Policy) -> Iterator[Finding]:
    """Statements that nothing in the rules rests on."""
    cited = {source for row in policy.rows for source in row.sources}
    for machine in policy.declared:
        cited.update(source for t in policy.transitions(machine) for source in t.sources)
        cited.update(source for state in machine.states.values() for source in state.sources)
    for statement in policy.citations.in_scope:
        if statement not in cited:
            text = policy.citations.text(statement)
            where = policy.citations.spans.get(statement, policy.status.span)
            message = f"no row, transition or state rests on statement {statement}: {text}"
            yield Finding(code="statement-not-cited", where=where, message=message)


def _options(reached: Reached) -> Iterator[Finding]:
    """Options of a reading that nobody could tell from one before."""
    sides, told = Sides(Observations(reached.space)), set[tuple[str, str]]()
    as_first = reached.combinations.as_first
    for reading in reached.model.policy.readings.values():
        for pair in combinations(reached.combinations.options[reading.name], 2):
            if (reading.name, pair[1]) not in told and not told_apart(sides, as_first, reading.name, pair):
                told.add((reading.name, pair[1]))
                yield Finding(
                    code="option-never-matters",
                    where=reading.span,
                    message=f"nobody can tell {reading.name}={pair[1]} from {reading.name}={pair[0]}, "
                    "under any combination of the other readings",
                )


def told_apart(sides: Sides, as_first: Callable[..., int], reading: str, pair: tuple[str, str]) -> bool:
    """Whether anybody could see a difference between two options, all else equal, in any number of steps.

    ``as_first`` is that of the combinations. Walks through pairs of places that look alike so far, under all
    combinations of the other readings at once.
    """
    ones, others = (partial(as_first, reading=reading, option=option) for option in pair)
    contexts = ones(sides.left.space.variants.everything)
    return are_apart(sides, ones, others, contexts)


def _breaks(model: Model, row: Row, claim: Property) -> bool:
    """Whether a row of a change table says by itself what a property says must never be."""
    if row.then.fact is not None or model.policy.tables[row.table] not in [lookup.table for lookup in model.change]:
        return False
    possible = _possible(model, row)
    return all(fact in possible and possible[fact] <= set(values) for fact, values in claim.what)


def _possible(model: Model, row: Row) -> Possible:
    """The values that facts can have where a row decides, of those that it and its table settle."""
    possible: Possible = {}
    for fact, values in (*model.policy.tables[row.table].scope, *row.when):
        possible[fact] = possible.get(fact, set(values)) & set(values)
    copies = possible.get("copy", {"present", "absent"})
    if row.then.effect is Effect.DELIVER:
        possible["synced"] = {True}
        possible["arrives"] = {copy == "absent" for copy in copies}
    else:
        possible["arrives"] = {False}
        there = {
            Effect.REMOVE: copies,
            Effect.TAKE: copies,
            Effect.REMOVE_ORIGINAL: possible.get("original", {"present"}),
        }
        possible["synced"] = {what == "present" for what in there.get(row.then.effect, {"absent"})}
    links = {str(link) for link in possible.get("link", model.policy.link.states)}
    if row.then.link is None:
        possible["next link"] = {*links}
    else:
        moves = [t for t in model.policy.transitions(model.policy.link) if t.trigger == row.then.link]
        possible["next link"] = {t.dest for t in moves if links & {*t.source}}
    if not possible["next link"]:
        del possible["next link"]
    return possible
