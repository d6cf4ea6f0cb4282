"""Of several status machines one may declare phases: *phase* is then a fact of that one."""

from __future__ import annotations

from dataclasses import replace

from simsync.policy.facts import NEXT, PHASE
from simsync.policy.joining import parts_of
from simsync.policy.policy import Option, Policy, Row, Table, Transition, When


def one_phase(policy: Policy) -> Policy:
    """The policy with each test of *phase* as one of the machine that declares phases, if one alone does."""
    phased = [part.key for part in parts_of(policy.machines, tuple(policy.vocabulary.partners)) if part.spec.phases]
    return _Renaming(f"{phased[0]}.{PHASE}").policy(policy) if len(phased) == 1 else policy


class _Renaming:
    """Calls the fact *phase* otherwise, wherever it is tested."""

    def __init__(self, name: str) -> None:
        self._names = {PHASE: name, f"{NEXT}{PHASE}": f"{NEXT}{name}"}

    def policy(self, policy: Policy) -> Policy:
        words = policy.vocabulary
        history = {name: replace(memory, when=self._when(memory.when)) for name, memory in words.history.items()}
        readings = {
            name: replace(reading, options={n: self._option(o) for n, o in reading.options.items()})
            for name, reading in policy.readings.items()
        }
        claims = (replace(p, what=self._when(p.what), start=self._when(p.start)) for p in policy.properties)
        return replace(
            policy,
            vocabulary=replace(words, history=history),
            link=replace(policy.link, transitions=self._transitions(policy.link.transitions)),
            tables={name: self._table(table) for name, table in policy.tables.items()},
            readings=readings,
            properties=tuple(claims),
        )

    def _when(self, when: When) -> When:
        return tuple((self._names.get(fact, fact), values) for fact, values in when)

    def _rows(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(replace(row, when=self._when(row.when)) for row in rows)

    def _transitions(self, transitions: tuple[Transition, ...]) -> tuple[Transition, ...]:
        return tuple(replace(t, when=self._when(t.when)) for t in transitions)

    def _table(self, table: Table) -> Table:
        return replace(table, scope=self._when(table.scope), rows=self._rows(table.rows))

    def _option(self, option: Option) -> Option:
        return replace(
            option,
            replace={row: self._rows(rows) for row, rows in option.replace.items()},
            add={table: self._rows(rows) for table, rows in option.add.items()},
            transitions={machine: self._transitions(some) for machine, some in option.transitions.items()},
        )
