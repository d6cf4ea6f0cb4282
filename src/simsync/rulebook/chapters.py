"""What each chapter of the rulebook shows, laid out for the template."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import NamedTuple

from markupsafe import Markup

from simsync.drawing.graph import Standing
from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence_svg import sequence_svg
from simsync.engine.dependence import readings_behind
from simsync.generated_marker import is_ours
from simsync.policy.policy import MachineSpec, Option, Policy, Reading, Row, Table, Transition
from simsync.questions.coverage.coverage import Coverage
from simsync.questions.coverage.goals import Criterion, Goal, TakenTransition, state, transition
from simsync.questions.coverage.usage_overlay import Brush
from simsync.questions.readings.report import added
from simsync.report.difference import as_text
from simsync.report.step_summary import StepSummarizer, StepSummary
from simsync.report.tables import Sheet, machine_sheet, sheet_of
from simsync.report.terminal import UNICODE
from simsync.rulebook.links import Links
from simsync.rulebook.traceability import Element, Traceability
from simsync.scenarios.simulate import ScenarioResult
from simsync.statespace.comparing import first_difference, observed
from simsync.statespace.product_search import Sides

SHOWN = 40
"""How many scenarios are listed where something is used by many; the CSV has them all."""


@dataclass(frozen=True, slots=True)
class Exercises:
    """The scenarios that exercise something: how many, and the first of them by position."""

    count: int
    first: Sequence[int]


class Missing(NamedTuple):
    """What is not covered, in words, and whether a scenario could cover it."""

    hole: bool
    says: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A row or transition with the cells of its sheet, and the scenarios that exercise it.

    ``exchanged`` are the readings that may replace it, ``drawn`` the arrows that stand for it: anchor and label.
    ``missing`` tells what no scenario that passes covers of it.
    """

    id: str
    cells: tuple[str, ...]
    sources: tuple[str, ...]
    reading: str | None
    where: str
    uses: Exercises
    exchanged: Sequence[str]
    drawn: Sequence[tuple[str, str]]
    missing: Sequence[Missing]


@dataclass(frozen=True, slots=True)
class TableChapter:
    """A decision table or a machine's transitions."""

    sheet: Sheet
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class OptionChapter:
    """An option: the ids that it adds, its own rows by table where they stand nowhere else, whether it is in force.

    ``consequence`` is the shortest scenario that tells it from the option in force, as text.
    """

    option: Option
    chosen: bool
    default: bool
    added: Sequence[str]
    tables: tuple[TableChapter, ...]
    consequence: str


@dataclass(frozen=True, slots=True)
class ReadingChapter:
    """A reading with its options and the scenarios whose outcome depends on it."""

    reading: Reading
    options: tuple[OptionChapter, ...]
    uses: Exercises


@dataclass(frozen=True, slots=True)
class StatementChapter:
    """A statement, gap or page with the rules and transitions resting on it, and what else cites it."""

    id: str
    text: str
    place: str
    rules: tuple[Element, ...]
    transitions: tuple[Element, ...]
    others: tuple[tuple[str, str], ...]
    uses: Exercises


@dataclass(frozen=True, slots=True)
class ScenarioChapter:
    """A scenario's run: its steps in words, and its sequence diagram, if somebody wrote it to be read."""

    result: ScenarioResult
    accounts: tuple[StepSummary, ...]
    picture: Markup | None


class Chapters:
    """Makes the chapters of one rulebook."""

    def __init__(
        self, covered: Coverage, traced: Traceability, links: Links, drawn: Mapping[str, Sequence[tuple[str, str]]]
    ) -> None:
        self.model = covered.model
        self.policy: Policy = self.model.policy
        self._brush = Brush(covered)
        self.traced = traced
        self.links = links
        self._drawn = drawn
        self._is_ours = cache(is_ours)
        self._exchanging: dict[str, list[str]] = {}
        for reading in self.policy.readings.values():
            for old in dict.fromkeys(old for option in reading.options.values() for old in option.replace):
                self._exchanging.setdefault(old, []).append(reading.name)
        self._depend: dict[str, list[int]] = {name: [] for name in self.policy.readings}
        for number, result in enumerate(traced.results):
            for name in dict.fromkeys(r for one in result.steps for r in readings_behind(one.outcome)):
                self._depend[name].append(number)

    def _lines(self, sheet: Sheet, declared: Sequence[Row | Transition]) -> TableChapter:
        lines = (
            RuleLine(
                one.id,
                cells,
                one.sources,
                one.reading,
                where=f"{os.path.basename(one.span.file)}:{one.span.line}",
                uses=_uses(self.traced.users(one.id)),
                exchanged=[] if one.reading else self._exchanging.get(one.id, []),
                drawn=self._drawn.get(one.id, []),
                missing=list(self._missing(sheet, one)),
            )
            for one, cells in zip(declared, sheet.rows, strict=True)
        )
        return TableChapter(sheet, tuple(lines))

    def _missing(self, sheet: Sheet, one: Row | Transition) -> Iterator[Missing]:
        if isinstance(one, Row):
            goals = {"": Goal(Criterion.RULES, one.id)}
        else:
            goals = {
                f"from {source}: ": transition(TakenTransition(sheet.name, one.id, source)) for source in one.source
            }
            goals = {"": next(iter(goals.values()))} if len(goals) == 1 else goals
        for where, goal in goals.items():
            yield from self._told(goal, where)

    def _told(self, goal: Goal, where: str = "") -> Iterator[Missing]:
        standing = self._brush.use(goal).standing
        if standing is not Standing.COVERED:
            yield Missing(standing is Standing.HOLE, where + self._brush.told(goal))

    def state(self, spec: MachineSpec, name: str) -> list[Missing]:
        """What no scenario that passes covers of a state."""
        return list(self._told(state(spec, name)))

    def tables(self) -> list[TableChapter]:
        """The decision tables under the readings in force."""
        return [self._table(lookup.table) for lookup in self.model.tables.values()]

    def _table(self, table: Table) -> TableChapter:
        return self._lines(sheet_of(table), table.rows)

    def machine(self, spec: MachineSpec) -> TableChapter:
        """A machine's transitions under the readings in force."""
        return self._lines(machine_sheet(spec), spec.transitions)

    def readings(self) -> list[ReadingChapter]:
        """Every reading."""
        return [self._reading(reading) for reading in self.policy.readings.values()]

    def _reading(self, reading: Reading) -> ReadingChapter:
        options = tuple(
            OptionChapter(
                option,
                chosen=self.model.readings[reading.name] == option.name,
                default=option.name == reading.default,
                added=added(option),
                tables=tuple(self._exchanged(reading, option)),
                consequence=self._consequence(reading, option),
            )
            for option in reading.options.values()
        )
        return ReadingChapter(reading, options, _uses(self._depend[reading.name]))

    @cached_property
    def _seen(self) -> Sides:
        """What can be seen under the readings in force, and with each other option."""
        options = ({r.name: name} for r in self.policy.readings.values() for name in r.options)
        return observed([self.model, *map(self.model.under, options)])

    def _consequence(self, reading: Reading, option: Option) -> str:
        chosen = self.model.readings[reading.name]
        if option.name == chosen:
            return ""
        other = self.model.under({reading.name: option.name})
        difference = first_difference(self.model, other, self._seen)
        sides = (f"{reading.name}={chosen}", self.model), (f"{reading.name}={option.name}", other)
        return "\n".join(as_text(difference, *sides)) if difference else ""

    def _exchanged(self, reading: Reading, option: Option) -> Iterator[TableChapter]:
        """What an option that is not in force would put in place; of the default, what has been replaced."""
        if self.model.readings[reading.name] == option.name:
            return
        replaced = {old for other in reading.options.values() for old in other.replace}
        default = option.name == reading.default
        for table in self.policy.tables.values():
            own = tuple(row for row in option.rows if row.table == table.name)
            if default:
                in_force = {row.id for row in self.model.tables[table.name].table.rows}
                own = tuple(row for row in table.rows if row.id in replaced and row.id not in in_force)
            if own:
                yield self._table(replace(table, rows=own))
        for machine in self.policy.declared:
            if added := option.transitions.get(machine.name):
                yield self._lines(machine_sheet(machine, added), added)

    def statements(self) -> list[StatementChapter]:
        """The source's statements."""
        cited = self.policy.citations
        return [self._cited(name, text, cited.place(name)) for name, text in cited.statements.items()]

    def gaps(self) -> list[StatementChapter]:
        """What the source leaves open."""
        return [self._cited(name, text, "") for name, text in self.policy.citations.gaps.items()]

    def pages(self) -> list[StatementChapter]:
        """Sibling pages."""
        return [self._cited(name, text, "") for name, text in self.policy.citations.pages.items()]

    def _cited(self, name: str, text: str, place: str) -> StatementChapter:
        resting = self.traced.resting_on(name)
        return StatementChapter(
            name,
            text,
            place,
            rules=tuple(one for one in resting if not one.transition),
            transitions=tuple(one for one in resting if one.transition),
            others=tuple(self._other_citing(name)),
            uses=_uses(self.traced.scenarios_of(name)),
        )

    def _other_citing(self, name: str) -> Iterator[tuple[str, str]]:
        """What else cites a statement: a label and where it stands."""
        for reading in self.policy.readings.values():
            if name in (*reading.sources, reading.gap):
                yield f"reading {reading.name}", self.links.at("reading", reading.name)
        for machine in self.policy.declared:
            for one in machine.states.values():
                if name in one.sources:
                    yield f"{machine.name} {one.name}", self.links.at("state", machine.name, one.name)
        for claimed in self.policy.properties:
            if name in claimed.sources:
                yield f"property {claimed.name}", self.links.at("property", claimed.name)

    def scenario(self, result: ScenarioResult) -> ScenarioChapter:
        """One scenario."""
        model = self.model.under(result.readings)
        accountant = StepSummarizer(model, UNICODE.dot)
        made = self._is_ours(result.scenario.file)
        picture = None if made else Markup(sequence_svg(sequence_of(model, result), styled=False))
        return ScenarioChapter(
            result,
            tuple(accountant.summary(one) for one in result.steps),
            picture,
        )


def _uses(numbers: Sequence[int]) -> Exercises:
    return Exercises(len(numbers), numbers[:SHOWN])
