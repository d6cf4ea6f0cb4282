"""Which rules and transitions rest on each statement, and which scenarios put them to use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simsync.policy.policy import Policy, Row, Transition
from simsync.policy.source import Span
from simsync.scenarios.simulate import ScenarioResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A row of a table or a transition of a machine, ``home`` being the table's or machine's name."""

    id: str
    home: str
    transition: bool
    sources: tuple[str, ...]
    reading: str | None
    span: Span


NOTHING = ("",)
"""What stands for the statement of a rule that cites none."""


def elements(policy: Policy) -> Iterator[Element]:
    """Every row and every transition, with those of all readings."""
    for row in policy.rows:
        yield _element(row, row.table, transition=False)
    for machine in policy.declared:
        for transition in policy.transitions(machine):
            yield _element(transition, machine.name, transition=True)


def _element(one: Row | Transition, home: str, *, transition: bool) -> Element:
    return Element(id=one.id, home=home, transition=transition, sources=one.sources, reading=one.reading, span=one.span)


def exercised(result: ScenarioResult) -> Iterator[tuple[str, str]]:
    """What a run puts to use: the id of a row or transition, with each statement for which it does.

    A deciding row, or a transition of the status, does so for all that it cites. A link's transition serves many rows:
    it counts for what it has in common with the rows that decided the step.
    """
    for one in result.steps:
        outcome = one.outcome
        own = {hit.row.id: hit.row.sources for hit in outcome.hits}
        if outcome.moved:
            own |= dict.fromkeys(outcome.moved.transition.declared, outcome.moved.transition.sources)
        for name, sources in own.items():
            yield from ((name, cited) for cited in sources or NOTHING)
        for fired in outcome.fired:
            sources = fired.transition.sources
            common = outcome.cited.intersection(sources) if sources else NOTHING
            for name in fired.transition.declared:
                if name not in own:
                    yield from ((name, cited) for cited in common)


@dataclass(frozen=True, slots=True)
class Traceability:
    """The matrix. ``pairs`` are, by element and statement, the positions in ``results`` of the scenarios for both."""

    policy: Policy
    elements: Mapping[str, Element]
    results: Sequence[ScenarioResult]
    pairs: Mapping[tuple[str, str], Sequence[int]]

    def resting_on(self, cited: str) -> list[Element]:
        """The elements that cite a statement, gap or page."""
        return [element for element in self.elements.values() if cited in element.sources]

    def users(self, element: str) -> list[int]:
        """The positions of the scenarios that exercise an element."""
        cites = self.elements[element].sources or NOTHING
        return sorted({n for cited in cites for n in self.pairs.get((element, cited), ())})

    def scenarios_of(self, cited: str) -> list[int]:
        """The positions of the scenarios that exercise what rests on a statement."""
        return sorted({n for element in self.resting_on(cited) for n in self.pairs.get((element.id, cited), ())})

    def lines(self) -> Iterator[tuple[str, Element | None, ScenarioResult | None]]:
        """Every statement with every element that rests on it with every scenario that exercises that.

        Where there is no element, or no scenario, None stands in its place.
        """
        for statement in self.policy.citations.statements:
            resting = self.resting_on(statement)
            if not resting:
                yield statement, None, None
            for element in resting:
                numbers = self.pairs.get((element.id, statement), ())
                if not numbers:
                    yield statement, element, None
                for number in numbers:
                    yield statement, element, self.results[number]


def trace(policy: Policy, results: Iterable[ScenarioResult]) -> Traceability:
    """The traceability of a policy's statements through some runs."""
    results = list(results)
    pairs: dict[tuple[str, str], list[int]] = {}
    for number, result in enumerate(results):
        for pair in set(exercised(result)):
            pairs.setdefault(pair, []).append(number)
    return Traceability(policy, {element.id: element for element in elements(policy)}, results, pairs)
