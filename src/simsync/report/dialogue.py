"""A scenario as a dialogue of the two tickets: who did what, what crossed over, and which rule said so."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simsync.engine.model import Model
from simsync.report import phrases, who_sees_what
from simsync.report.at_the_end import at_the_end
from simsync.report.overlapped import Overlaps, Parted, worlds_at_the_end
from simsync.report.step_summary import Signal, StepSummarizer, StepSummary
from simsync.report.terminal import Glyphs
from simsync.scenarios.scenario import NO_FILE
from simsync.scenarios.simulate import ScenarioResult, StepResult
from simsync.scenarios.stages import StageResult
from simsync.scenarios.verdicts import Failure

INDENT = 7
_GAP = 3
_CHANGED = {"+": "green", "~": "cyan", "-": "magenta"}
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Dialogue:
    """Draws scenarios for one policy; ``width`` is the console's, in cells."""

    def __init__(self, model: Model, glyphs: Glyphs, width: int) -> None:
        self.model = model
        self.glyphs = glyphs
        self.partners = tuple(model.vocabulary.partners)
        self._middle, self._width = 7, width
        self._pane = (width - INDENT - self._middle - 2) // 2
        self.accountant = StepSummarizer(model, glyphs.dot)
        self.overlaps = Overlaps(model, glyphs)
        self._signals = {
            Signal.TO_FIRST: Text(glyphs.to_left, "green"),
            Signal.TO_SECOND: Text(glyphs.to_right, "green"),
            Signal.BOTH: Text(glyphs.to_left[:2] + glyphs.to_right[-2:], "green"),
            Signal.NOTHING: Text(glyphs.bar, "dim"),
            Signal.CUT: Text(glyphs.cut, "bold yellow"),
            Signal.REFUSED: Text(glyphs.refused, "bold red"),
            Signal.DEFECT: Text(glyphs.defect, "bold red"),
        }

    def scenario(self, result: ScenarioResult) -> RenderableType:
        """The whole scenario."""
        return Group(
            self._head(result),
            self._columns("", self._heading(0), Text(""), self._heading(1)),
            *(self._stages(result) if result.stages else self._steps(result)),
            *self._end(result),
            Text(""),
        )

    def _end(self, result: ScenarioResult) -> Iterator[RenderableType]:
        """Who sees what at the end, and who was told; not of a failure, unless nothing was expected."""
        if not result.passed and not result.refused_answer:
            return
        for told, world in worlds_at_the_end(result):
            yield Text("")
            if told:
                yield Padding(Text(f"after {told}", "bold underline"), (0, 0, 0, INDENT))
            steps = [] if result.stages else [(one.step.line, one.outcome) for one in result.steps]
            end = at_the_end(
                self.model,
                world,
                None if result.stages else who_sees_what.told(steps),
                asked=result.answered or result.refused_answer,
                bar=self.glyphs.bar,
                place=result.scenario.place,
            )
            yield from (Padding(part, (0, 0, 0, INDENT)) for part in end)
        if result.answered or result.refused_answer:
            yield from self._as_read(result)
            yield from self._left_open(result)
        if result.answered:
            yield Padding(Text(phrases.ANSWERED, "cyan"), (0, 0, 0, INDENT))
        if result.refused_answer or (result.refusals and result.scenario.file != NO_FILE):
            yield Padding(Text(phrases.REFUSED_ANSWER, "cyan"), (0, 0, 0, INDENT))

    def _as_read(self, result: ScenarioResult) -> Iterator[RenderableType]:
        """The readings that what happened depends on, as questions with their answers; last those of who is told."""
        summaries = [self.accountant.summary(one) for one in result.steps]
        behind = {name: option for one in summaries for name, option in one.readings}
        of_sight = {name for one in summaries for name, _ in one.readings if name not in one.notices}
        page = self.model.words.page
        for name in sorted(behind, key=lambda name: name not in of_sight):
            reading, option = self.model.policy.readings[name], behind[name]
            only = "" if name in of_sight else "of who is told, "
            told = f"{only}as the {page} is read: {reading.question} {reading.options[option].about} ({name}={option})"
            yield Padding(Text(phrases.printable_line(told), "dim"), (0, 0, 0, INDENT))

    def _left_open(self, result: ScenarioResult) -> Iterator[RenderableType]:
        """The gaps that what happened rests on, and that no reading is about."""
        for gap, said in who_sees_what.left_open(self.model, result.tried()).items():
            yield Padding(Text(f"{gap} is open, and no reading is about it: {said}", "dim"), (0, 0, 0, INDENT))

    def _head(self, result: ScenarioResult) -> Text:
        scenario, glyphs = result.scenario, self.glyphs
        sign, style = (glyphs.passed, "green") if result.passed else (glyphs.failed, "red")
        if result.answered:
            sign, style = glyphs.answered, "cyan"
        text = Text.assemble((f"{sign} ", f"bold {style}"), (phrases.printable(scenario.name), "bold"))
        text.append(f"  {phrases.printable_line(scenario.file)}:{scenario.line}", "dim")
        given = phrases.given(scenario)
        about = [f"given {given}"] if given else []
        about += [f"about {' '.join(scenario.sources)}"] if scenario.sources else []
        for number, part in enumerate(about):
            text.append(("  " if number else "\n  ") + part, "dim")
        return text

    def _heading(self, side: int) -> Text:
        return Text(f"{self.partners[side]}'s {self.model.words.ticket}", "bold underline")

    def _columns(self, number: str, left: Text, middle: Text, right: Text) -> Table:
        grid = Table.grid(padding=0)
        grid.add_column(width=INDENT - 1, justify="right", style="dim")
        grid.add_column(width=1)
        grid.add_column(width=self._pane, overflow="fold")
        grid.add_column(width=self._middle + 2, justify="center")
        grid.add_column(width=self._pane, overflow="fold")
        grid.add_row(number, "", left, middle, right)
        return grid

    def _steps(self, result: ScenarioResult) -> Iterator[RenderableType]:
        yield from (part for one in result.steps for part in self.step(one, result.scenario.place))

    def step(self, result: StepResult, place: str = "line") -> Iterator[RenderableType]:
        """One step: the two panes, the reason, and what was expected but not so; ``place`` is what its number is."""
        summary = self.accountant.summary(result)
        yield Text("")
        first, second = (self._pane_text(summary, partner) for partner in self.partners)
        yield self._columns(str(summary.line), first, self._signals[summary.signal], second)
        if why := self._why(summary):
            yield Padding(why, (0, 0, 0, INDENT))
        if summary.failures:
            yield Padding(self.failures(summary.failures, place, said=result.outcome.refused), (1, 0, 0, INDENT))

    def _stages(self, result: ScenarioResult) -> Iterator[RenderableType]:
        """Steps as they are, and rounds, and steps that are not the same in all worlds, by what their orders give."""
        number = 0
        for stage in result.stages:
            steps = result.steps[number : number + len(stage.stage.steps)]
            number += len(steps)
            parted = self.overlaps.parted(stage)
            if stage.stage.together is None and not parted.apart:
                yield from self.step(steps[0], result.scenario.place)
            else:
                yield from self._stage(stage, steps, parted, result.scenario.place)

    def _stage(
        self, stage: StageResult, steps: Sequence[StepResult], parted: Parted, place: str
    ) -> Iterator[RenderableType]:
        """Who does what, then what comes of it."""
        together = stage.stage.together is not None
        yield Text("")
        if together:
            told = Text(f"together, in any order: {phrases.counted(stage.outcomes, 'outcome')}", "bold cyan")
            yield self._columns(str(stage.stage.line), told, Text(""), Text(""))
        for one in steps:
            summary = self.accountant.summary(one)
            first, second = (Text(summary.action if summary.side == one else "", "bold") for one in self.partners)
            middle = Text(self.glyphs.bar, "cyan") if together else Text("")
            yield self._columns(str(summary.line), first, middle, second)
        yield from self._parted(parted)
        if stage.failures:
            yield Padding(self.failures(stage.failures, place), (1, 0, 0, INDENT))

    def _parted(self, parted: Parted) -> Iterator[RenderableType]:
        """What is common once, and the rest side by side."""
        head = "in every order: " if parted.apart else ""
        if parted.common:
            yield Padding(Text(head + f" {self.glyphs.bar} ".join(parted.common)), (0, 0, 0, INDENT))
        if parted.apart:
            yield Padding(_side_by_side(parted.apart, self._width - INDENT), (0, 0, 0, INDENT))

    def _pane_text(self, summary: StepSummary, partner: str) -> Text:
        lines: list[Text] = []
        if summary.side == partner:
            lines.append(Text(summary.action, "bold red" if summary.refused is not None else "bold"))
        lines += [Text(str(change), _CHANGED[change.sign]) for change in summary.changes[partner]]
        return Text("\n").join(lines)

    def _why(self, summary: StepSummary) -> Text:
        """What became of status and links, the row that decided it, who was told; then, dimmed, all else behind it."""
        bar, lines = f" {self.glyphs.bar} ", list[Text]()
        if summary.refused is not None:
            lines.append(Text(f"refused: {summary.refused}", "red"))
        lines += (Text(f"the rules fail here: {defect}", "red") for defect in summary.defects)
        reasons = [phrases.rule(rule, sources) for rule, sources in summary.reasons]
        first = [f"because {reasons[0]}"] if reasons else []
        told = [f"told: {', '.join(summary.notified)}"] if summary.notified else []
        lines.append(Text(bar.join([*self._moves(summary), *first, *told]), "bold"))
        rest = [f"also {f' {self.glyphs.dot} '.join(reasons[1:])}"] if len(reasons) > 1 else []
        rest += _as_read_here(summary)
        lines.append(Text(bar.join(rest), "dim"))
        return Text("\n").join(line for line in lines if line)

    def _moves(self, summary: StepSummary) -> list[str]:
        arrow = self.glyphs.arrow
        moved = [f" {arrow} ".join(status) for status in summary.statuses]
        for link in summary.links:
            by = f" by {link.row}" if link.row else ""
            moved.append(f"{link.item} {f'{link.before} {arrow} ' if link.before else ''}{link.after}{by}")
        return moved

    def failures(self, failures: Iterable[Failure], place: str = "line", said: str | None = None) -> Table:
        """Expected and found, side by side; where two texts differ is set off. A refusal was ``said`` already."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="red underline", show_edge=False)
        for heading in (place, "at", "expected", "found"):
            table.add_column(heading, overflow="fold")
        for failure in failures:
            expected, actual = phrases.sides(failure)
            if said is not None and failure.expected is None and failure.actual == said:
                actual = "refused, as said above"
            table.add_row(str(failure.line), phrases.place(failure), *_set_off(expected, actual))
        return table


def _as_read_here(summary: StepSummary) -> list[str]:
    """The readings that a step depends on, last those that decide only who is told."""
    of_sight = [f"{name}={option}" for name, option in summary.readings if name not in summary.notices]
    of_notices = [f"{name}={option}" for name, option in summary.readings if name in summary.notices]
    also = f"of who is told: {', '.join(of_notices)}"
    if not of_sight:
        return [f"as read, {also}"] if of_notices else []
    return [f"as read: {', '.join(of_sight)}{f'; {also}' if of_notices else ''}"]


def _set_off(expected: str, actual: str) -> tuple[Text, Text]:
    """Both texts, with the words that the other lacks underlined."""
    words, others = _WORDS.findall(expected), _WORDS.findall(actual)
    left, right = Text(style="green"), Text(style="red")
    for kind, a, b, c, d in difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        style = "" if kind == "equal" else "bold underline"
        left.append("".join(words[a:b]), style)
        right.append("".join(others[c:d]), style)
    return left, right


def _side_by_side(apart: Iterable[tuple[str, list[str]]], width: int) -> Table:
    """Outcomes beside each other, two in a row, each under the orders that lead to it."""
    grid = Table.grid(padding=(0, 0, 1, 0))
    pane = (width - _GAP) // 2
    for size in (pane, _GAP, pane):
        grid.add_column(width=size, overflow="fold")
    cells = [_cell(title, lines) for title, lines in apart]
    for left, right in zip(cells[::2], [*cells[1::2], Text("")], strict=False):
        grid.add_row(left, "", right)
    return grid


def _cell(title: str, lines: Iterable[str]) -> Text:
    return Text.assemble((title, "bold underline"), *(f"\n{line}" for line in lines))
