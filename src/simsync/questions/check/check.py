"""Holes, clashes and idle parts of the rules: over everything that can happen, and over the tables' whole domain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from simsync.engine.decision import Defect
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.policy.policy import Row, Table, Value, When
from simsync.policy.source import NOWHERE, Span
from simsync.progress import EndAsked, Progress, silent, told
from simsync.questions.check.bounded import BoundedSearch
from simsync.questions.check.cubes import boxes, each_alone
from simsync.questions.check.findings import Finding, FoundUnder
from simsync.questions.check.nearest_row import nearest_row
from simsync.questions.check.static_completeness import StaticCompleteness, said, shared
from simsync.questions.check.suspicious_rules import misread
from simsync.questions.check.unused_rules import unused_rules
from simsync.statespace.abstraction import with_texts
from simsync.statespace.grid import Cell, facts_of
from simsync.statespace.reachability import DefectKey, Reached, Witness


def check(model: Model, progress: Progress = silent) -> Iterator[Finding]:
    """What is wrong with a policy under any combination of its readings.

    First the faults that a step can run into, each with the shortest scenario under the combination that differs least
    from the model's readings; then what plays no part; then what no item comes to, with the reason. Raises
    :class:`SimsyncError` where there are more combinations than can be walked through, and :class:`EndAsked` after
    the faults that were known when it was.
    """
    if model.factory.present:
        yield from BoundedSearch.of(model).findings()
        return
    reached = Reached(model, progress)
    found = [*_holes(reached), *_other_faults(reached)]
    yield from sorted(found, key=lambda finding: len(finding.way.events) if finding.way else 0)
    yield from misread(model.policy)
    if reached.stopped is not None:
        raise EndAsked(reached.stopped)
    yield from unused_rules(reached)
    whole = list(told(StaticCompleteness(reached).findings(), progress, "remarks on the tables alone", 0))
    yield from (finding for finding in whole if finding.reachable)
    yield from (finding for finding in whole if not finding.reachable)


def _holes(reached: Reached) -> Iterator[Finding]:
    """Situations without a row, those that have conditions in common together."""
    holes: dict[str, dict[Cell, DefectKey]] = {}
    for key in reached.faults:
        kind, tables, _, _, cell = key
        if kind == "undecided":
            holes.setdefault(tables[0], {})[cell] = key
    for name, keys in holes.items():
        table = reached.model.policy.tables[name]
        facts = facts_of(reached.model.policy, table)
        decided = (cell for cell in reached.cells([table], facts) if cell not in keys)
        for box in boxes(facts, keys, [*decided]) if reached.stopped is None else each_alone(facts, keys):
            witnesses = [witness for cell in box.cells for witness in reached.faults[keys[cell]]]
            what = f"table '{name}' has no row for {said(box.when)}" if box.when else f"table '{name}' never has a row"
            yield _at_nearest_row(reached, table, replace(_fault(reached, witnesses, what, table.span), when=box.when))


def _at_nearest_row(reached: Reached, table: Table, hole: Finding) -> Finding:
    """A hole at the row that would have to be mended, where one is near."""
    readings = hole.way.readings if hole.way else {}
    rows = reached.model.under({**reached.model.readings, **readings}).tables[table.name].table.rows
    near = nearest_row(rows, hole.when, dict(hole.situation))
    if near is None:
        return hole
    row, mend = near
    return replace(hole, where=row.span, mend=mend, related=((f"table '{table.name}'", table.span), *hole.related))


def _other_faults(reached: Reached) -> Iterator[Finding]:
    policy = reached.model.policy
    rows = {row.id: row for row in policy.rows}
    properties = {claim.name: claim for claim in policy.properties}
    always = _always_broken(reached) if reached.stopped is None else {}
    for (kind, tables, names, broken, _), witnesses in reached.faults.items():
        own = [rows[name] for name in names]
        places = [(f"row '{row.id}'", row.span) for row in own] or [
            (f"table '{name}'", policy.tables[name].span) for name in tables
        ]
        message = witnesses[0].defect.message
        if kind == "ambiguous":
            which = "both" if len(own) == 2 else "all"
            common = _common(own)
            what = said(common) if common else "everything"
            message = f"rows {_listed(names)} of table '{tables[0]}' {which} decide {what}"
        elif broken is not None:
            places.append((f"property '{broken}'", properties[broken].span))
            if own and broken in always.get(names[0], ()):
                kind = "row-breaks-property"
                message = f"row '{names[0]}' breaks property '{broken}' in every step that it decides: {message}"
            elif own:
                message = f"row '{names[0]}' decides a step that breaks property '{broken}': {message}"
        if kind != "undecided":
            where = places[0][1] if places else NOWHERE
            yield _fault(reached, witnesses, message, where, code=kind, related=tuple(places[1:]))


def _fault(
    reached: Reached,
    witnesses: Sequence[Witness],
    message: str,
    where: Span,
    *,
    code: str = "undecided",
    related: tuple[tuple[str, Span], ...] = (),
) -> Finding:
    """A fault with the shortest way to it, under the combination with it that is nearest to the readings chosen."""
    combos = 0
    for witness in witnesses:
        combos |= witness.combos
    made = reached.combinations
    readings = made.first(combos, reached.model.readings)
    one = made.under(readings)
    first = min((w for w in witnesses if w.combos & one), key=lambda witness: witness.number)
    model = reached.model.under(readings)
    # what is not the default, neither the policy's nor the one that was chosen for scenarios that do not say
    said_out = model.chosen | {
        name: option for name, option in readings.items() if option != reached.model.readings[name]
    }
    status, events = reached.space.path(first.state, readings)
    outcome = step(model, reached.space.abstraction.world(reached.space.abstract_state(first.state)), first.event)
    defect = next(d for d in outcome.defects if _same(d, first.defect))
    return Finding(
        code=code,
        where=where,
        message=message,
        table=defect.tables[0] if defect.tables else None,
        rows=defect.rows,
        situation={fact: value for fact, value in first.facts.items() if value is not None},
        under=_under(reached, combos),
        way=Trace(status=status, readings=said_out, events=with_texts(model, (*events, first.event))),
        defect=defect,
        related=related,
    )


def _under(reached: Reached, combos: int) -> FoundUnder | None:
    """How many combinations have a fault; None where that is not known of all."""
    if reached.stopped is not None:
        return None
    return FoundUnder(count=combos.bit_count(), total=reached.combinations.size, always=shared(reached, combos))


def _same(one: Defect, other: Defect) -> bool:
    return (one.kind, one.tables, one.rows, one.broken) == (other.kind, other.tables, other.rows, other.broken)


def _always_broken(reached: Reached) -> dict[str, set[str]]:
    """The properties that are broken whenever a row of a change table decides."""
    rules, frame = reached.space.rules, reached.frame
    rows, broken = rules.rows_of(frame, rules.change), rules.broken(frame)
    decides = ~frame.stopped & (rows >= 0)
    names = [(claim.name, flags) for claim, flags in zip(reached.model.never, broken, strict=True)]
    return {
        rules.rows[row].id: {name for name, flags in names if flags[decides & (rows == row)].all()}
        for row in {*rows[decides].tolist()}
    }


def _common(rows: Sequence[Row]) -> When:
    """The conjunction of what all the rows ask for."""
    values: dict[str, tuple[Value, ...]] = {}
    for row in rows:
        for fact, wanted in row.when:
            values[fact] = tuple(value for value in values.get(fact, wanted) if value in wanted)
    return tuple(values.items())


def _listed(names: Sequence[str]) -> str:
    *most, last = (f"'{name}'" for name in names)
    return f"{', '.join(most)} and {last}" if most else last
