"""Which rules and transitions rest on each statement, and which scenarios put them to use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simsync.core.simulate import ScenarioResult
from simsync.model.policy import Policy, Row, Transition
from simsync.model.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A row of a table or a transition of a machine, ``home`` being the table's or machine's name."""

    id: str
    home: str
    transition: bool
    sources: tuple[str, ...]
    reading: str | None
    span: Span


def elements(policy: Policy) -> Iterator[Element]:
    """Every row and every transition, with those of all readings."""
    for row in policy.rows:
        yield _element(row, row.table, transition=False)
    for machine in (policy.status, policy.link):
        for transition in policy.transitions(machine):
            yield _element(transition, machine.name, transition=True)


def _element(one: Row | Transition, home: str, *, transition: bool) -> Element:
    return Element(id=one.id, home=home, transition=transition, sources=one.sources, reading=one.reading, span=one.span)


def exercised(result: ScenarioResult) -> set[str]:
    """The ids of the rows that decided something in a run, and of the transitions that fired."""
    rows = {hit.row.id for one in result.steps for hit in one.outcome.hits}
    return rows | {fired.transition.id for one in result.steps for fired in one.outcome.fired}


@dataclass(frozen=True, slots=True)
class Traceability:
    """The matrix. ``users`` are, by element, the positions in ``results`` of the scenarios that exercise it."""

    policy: Policy
    elements: Mapping[str, Element]
    results: Sequence[ScenarioResult]
    users: Mapping[str, Sequence[int]]

    def resting_on(self, cited: str) -> list[Element]:
        """The elements that cite a statement, gap or page."""
        return [element for element in self.elements.values() if cited in element.sources]

    def scenarios_of(self, cited: str) -> list[int]:
        """The positions of the scenarios that exercise anything that rests on it."""
        return sorted({n for element in self.resting_on(cited) for n in self.users[element.id]})

    def lines(self) -> Iterator[tuple[str, Element | None, ScenarioResult | None]]:
        """Every statement with every element that rests on it with every scenario that exercises that.

        Where there is no element, or no scenario, None stands in its place.
        """
        for statement in self.policy.citations.statements:
            resting = self.resting_on(statement)
            if not resting:
                yield statement, None, None
            for element in resting:
                if not self.users[element.id]:
                    yield statement, element, None
                for number in self.users[element.id]:
                    yield statement, element, self.results[number]


def trace(policy: Policy, results: Iterable[ScenarioResult]) -> Traceability:
    """The traceability of a policy's statements through some runs."""
    results = list(results)
    found = {element.id: element for element in elements(policy)}
    users: dict[str, list[int]] = {name: [] for name in found}
    for number, result in enumerate(results):
        for name in exercised(result):
            users[name].append(number)
    return Traceability(policy, found, results, users)
