"""Decision tables over their whole finite domain: what no item comes to, and what a row need not say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations, product
from typing import NamedTuple

from simsync.engine.decision import Hit
from simsync.engine.decision_table import DecisionTable
from simsync.engine.facts import Facts
from simsync.inline_yaml import inline_yaml
from simsync.policy.facts import CHANGES
from simsync.policy.policy import Decides, Row, Table, Value, When
from simsync.policy.source import Span
from simsync.questions.check.cubes import Box, boxes
from simsync.questions.check.findings import Finding
from simsync.statespace.grid import Cell, Domain, Grid, facts_of, matched, once_a_step, picked, rows_of
from simsync.statespace.reachability import Reached


class RowsUnder(NamedTuple):
    """Some combinations of readings, and the rows that a table has under them."""

    combos: int
    rows: tuple[Row, ...]


class StaticCompleteness:
    """Looks at each table of a policy by itself, with every combination of its facts that does not contradict itself.

    What is reached comes from a walk. Where the walk ran into faults of the rules it went no further, and so what lies
    behind them counts as never reached.
    """

    def __init__(self, reached: Reached) -> None:
        self.reached, self.model = reached, reached.model
        self._domain = Domain(self.model)

    def findings(self) -> Iterator[Finding]:
        """Conditions that are redundant, then holes and clashes that nothing comes to."""
        asked = (table for table in self.model.policy.tables.values() if table.decides is not Decides.STATUS)
        views = [_View(self.reached, self._domain, table) for table in asked]
        for view in views:
            yield from view.redundant()
        for view in views:
            yield from view.impossible()
        for decides in (Decides.PERMISSION, Decides.CHANGE, Decides.COPY):
            yield from self._scopes(decides)

    def _scopes(self, decides: Decides) -> Iterator[Finding]:
        """Where none of the tables that decide the same takes a situation in, or several do, but nothing comes to."""
        tables = [table for table in self.model.policy.tables.values() if table.decides is decides]
        if not tables:
            return
        must: When = (("arrives", (True,)),) if decides is Decides.COPY else (("change", CHANGES),)
        tested = (*(table.scope for table in tables), must)
        facts = tuple(dict.fromkeys(fact for when in tested for fact, _ in when))
        grid = self._domain.grid(facts, acts=decides is Decides.PERMISSION)
        known = self.reached.cells(tables, facts)
        once, twice = matched(grid, [table.scope for table in tables])
        for bits, which in ((grid.where(must) & ~once, "none"), (twice, "several")):
            cells = [cell for cell in grid.members(bits) if cell not in known]
            for box in boxes(facts, cells, known):
                yield Finding(
                    code="scope-impossible",
                    where=tables[0].span,
                    message=f"{which} of the tables that decide the {decides} {_takes(which)} {said(box.when)}",
                    when=box.when,
                    situation=dict(zip(facts, box.cells[0], strict=True)),
                    related=tuple((f"table '{table.name}'", table.span) for table in tables[1:]),
                    reason=_never(box.when, {}),
                )


class _View:
    """One table over its whole domain."""

    def __init__(self, reached: Reached, domain: Domain, table: Table) -> None:
        self.reached, self.table, self.model = reached, table, reached.model
        self._domain = domain
        self.facts = facts_of(self.model.policy, table)
        self.grid: Grid = domain.grid(self.facts, acts=table.decides is Decides.PERMISSION, step=once_a_step(table))
        self.scope = self.grid.where(table.scope)
        self.known = reached.cells([table], self.facts)
        self.each = tuple(self._each())

    def _each(self) -> Iterator[RowsUnder]:
        """The rows under every combination of the readings that exchange some of them."""
        factory = self.model.factory
        touching = factory.touching[self.table.name]
        for readings in self._options([self.table]):
            combos = self.reached.combinations.under({name: readings[name] for name in touching})
            yield RowsUnder(combos, factory.table(self.table.name, readings).table.rows)

    def impossible(self) -> Iterator[Finding]:
        """Holes and clashes that no item comes to, with the shortest reason why not."""
        holes: dict[Cell, int] = {}
        clashes: dict[tuple[Row, ...], dict[Cell, int]] = {}
        for under in self.each:
            once, twice = matched(self.grid, [row.when for row in under.rows])
            for cell in self.grid.members(self.scope & ~once):
                _add(holes, cell, under.combos)
            for cell in self.grid.members(self.scope & twice):
                rows = tuple(row for row in under.rows if self.grid.meets(cell, row.when))
                _add(clashes.setdefault(rows, {}), cell, under.combos)
        yield from self._explained("undecided-impossible", holes, ())
        for rows, cells in clashes.items():
            yield from self._explained("ambiguous-impossible", cells, rows)

    def _explained(self, code: str, cells: Mapping[Cell, int], rows: tuple[Row, ...]) -> Iterator[Finding]:
        """One finding for each reason; first the cells that are never reached, then those never under some readings."""
        by_combos: dict[int, list[Cell]] = {}
        for cell, combos in cells.items():
            came = self.known.get(cell, 0)
            if not came & combos:
                by_combos.setdefault(combos if came else self.reached.combinations.everything, []).append(cell)
        for combos, some in by_combos.items():
            others = [cell for cell, came in self.known.items() if came & combos]
            always = shared(self.reached, combos)
            for box in boxes(self.facts, some, others):
                yield self._impossible(code, box, rows, always)

    def _impossible(self, code: str, box: Box, rows: tuple[Row, ...], always: Mapping[str, str]) -> Finding:
        names = " and ".join(f"'{row.id}'" for row in rows)
        what = (
            f"{names} of table '{self.table.name}' all match" if rows else f"table '{self.table.name}' has no row for"
        )
        if len(rows) == 2:
            what = what.replace("all match", "both match")
        return Finding(
            code=code,
            where=rows[0].span if rows else self.table.span,
            message=f"{what} {said(box.when)}",
            table=self.table.name,
            rows=tuple(row.id for row in rows),
            when=box.when,
            situation=dict(zip(self.facts, box.cells[0], strict=True)),
            related=related_rows(rows[1:]),
            reason=_never(box.when, always),
        )

    def redundant(self) -> Iterator[Finding]:
        """Conditions that other conditions imply, and those that keep out only what nothing comes to anyway."""
        for row in rows_of(self.model.policy, self.table):
            if row.id not in self.reached.rows:
                continue
            for fact, values in row.when:
                if fact not in self.facts:  # the option of a reading
                    continue
                more = self._kept_out(row, fact)
                if more is None:
                    continue
                found = Finding(
                    code="condition-redundant",
                    where=row.span,
                    message=f"row '{row.id}' need not say {said(((fact, values),))}",
                    table=self.table.name,
                    rows=(row.id,),
                )
                yield self._idle(found, kept) if (kept := more & self._consistent) else self._implied(found, row, fact)

    def _idle(self, found: Finding, kept: int) -> Finding:
        """A condition that keeps some cells out, which nothing comes to anyway."""
        made = list(boxes(self.facts, [*self.grid.members(kept)], self.known))
        what = " or ".join(said(box.when) for box in made)
        return replace(
            found,
            code="condition-idle",
            message=f"{found.message}, as things are: it keeps out only {what}",
            situation=dict(zip(self.facts, made[0].cells[0], strict=True)),
            reason="nothing of that ever comes up where the table is asked",
        )

    def _implied(self, found: Finding, row: Row, fact: str) -> Finding:
        """A condition that others of its row imply: those, as few as can be."""
        others = [condition for condition in row.when if condition[0] != fact]
        without = self.scope & self._consistent & ~self.grid.where(tuple(c for c in row.when if c[0] == fact))
        enough = (
            some
            for size in range(len(others) + 1)
            for some in combinations(others, size)
            if not self.grid.where(some) & without
        )
        some = next(enough)
        why = f"{said(some)} implies it" if some else "it always holds where the table is asked"
        return replace(found, message=f"{found.message}: {why}")

    def _kept_out(self, row: Row, fact: str) -> int | None:
        """What only this condition keeps a row from deciding; None where another row decides some of that, or any of it
        comes about."""
        wider = tuple(condition for condition in row.when if condition[0] != fact)
        more = self.grid.where(wider) & self.scope & ~self.grid.where(row.when)
        for under in self.each:
            if row in under.rows:
                others, _ = matched(self.grid, [other.when for other in under.rows if other.id != row.id])
                if more & others or any(self.known.get(cell, 0) & under.combos for cell in self.grid.members(more)):
                    return None
        return more

    @cached_property
    def _consistent(self) -> int:
        """The cells whose derived facts some other facts and some readings give."""
        gives = {lookup.table.gives or "": lookup.table for lookup in self.model.derived}
        names = dict.fromkeys(self.facts)
        for fact in (waiting := [*self.facts]):  # grows while we walk
            if fact in gives:
                more = [name for name in facts_of(self.model.policy, gives[fact]) if name not in names]
                names |= dict.fromkeys(more)
                waiting += more
        wanted = {fact: table for fact, table in gives.items() if fact in names}
        if not wanted:
            return self.grid.everything
        plain = self._domain.grid([name for name in names if name not in wanted])
        asks = {fact for table in wanted.values() for fact in facts_of(self.model.policy, table)}
        tested = [name for name in plain.facts if name in asks]
        factory = self.model.factory
        asked = ([factory.table(t.name, one) for t in wanted.values()] for one in self._options(wanted.values()))
        settings = list({tuple(map(id, lookups)): lookups for lookups in asked}.values())
        known: dict[Cell, set[Cell]] = {}
        found: set[Cell] = set()
        seen, told = picked(plain.facts, tested), picked((*plain.facts, *wanted), self.facts)
        for cell in plain.cells:
            key = seen(cell)
            if key not in known:
                facts: Facts = dict(zip(tested, key, strict=True))
                known[key] = {_derived(facts, lookups) for lookups in settings}
            found |= {told((*cell, *values)) for values in known[key]}
        return self.grid.set_of(found)

    def _options(self, tables: Iterable[Table]) -> Iterator[dict[str, str]]:
        """Every combination of the readings that exchange rows of some tables, with all else as it was chosen."""
        policy, factory = self.model.policy, self.model.factory
        touching = dict.fromkeys(name for table in tables for name in factory.touching[table.name])
        for options in product(*(policy.readings[name].options for name in touching)):
            yield {**self.model.readings, **dict(zip(touching, options, strict=True))}


def _derived(facts: Facts, lookups: Iterable[DecisionTable]) -> Cell:
    """What some tables of derived facts give, each after those that it rests on; None where they have a defect."""
    known, given = dict(facts), list[Value | None]()
    for lookup in lookups:
        hit = lookup.decide(known)
        known[str(lookup.table.gives)] = hit.row.then.value if isinstance(hit, Hit) else None
        given.append(known[str(lookup.table.gives)])
    return tuple(given)


def _never(when: When, readings: Mapping[str, str]) -> str:
    what = "these never come together" if len(when) > 1 else "that never comes up"
    as_read = ", read as " + ", ".join(f"{name}={option}" for name, option in readings.items()) if readings else ""
    return f"{what} where the table is asked{as_read}"


def shared(reached: Reached, combos: int) -> dict[str, str]:
    """The options that all of some combinations have."""
    made = reached.combinations
    return {
        reading: option
        for reading, options in made.options.items()
        for option in options
        if not combos & ~made.with_option(reading, option)
    }


def related_rows(rows: Sequence[Row]) -> tuple[tuple[str, Span], ...]:
    """Rows as what has to do with a finding."""
    return tuple((f"row '{row.id}'", row.span) for row in rows)


def _add(cells: dict[Cell, int], cell: Cell, combos: int) -> None:
    cells[cell] = cells.get(cell, 0) | combos


def _takes(which: str) -> str:
    return "takes in" if which == "none" else "take in"


def said(when: When) -> str:
    """A conjunction as a row would say it, and which facts have no value there, such as fields that a kind has not."""
    told = inline_yaml({fact: values[0] if len(values) == 1 else [*values] for fact, values in when if values})
    return told + "".join(f" without '{fact}'" for fact, values in when if not values)
