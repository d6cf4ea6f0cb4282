"""A scenario as a dialogue of the two tickets: who did what, what crossed over, and which rule said so."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.simulate import ScenarioResult, StepResult
from simsync.core.verdicts import Failure
from simsync.core.view import ticket
from simsync.model.policy import Value
from simsync.reporting import phrases
from simsync.reporting.terminal import Glyphs

_INDENT = 7
View = Mapping[str, Mapping[str, Value]]


class Dialogue:
    """Draws scenarios for one policy; ``width`` is the console's, in cells."""

    def __init__(self, model: Model, glyphs: Glyphs, width: int) -> None:
        self.model = model
        self.glyphs = glyphs
        self.partners = tuple(model.vocabulary.partners)
        self._middle = 7
        self._pane = (width - _INDENT - self._middle - 2) // 2
        self._flags = {
            show.name: show.name.replace("_", " ")
            for show in model.vocabulary.shows
            if all(isinstance(v, bool) for v in model.vocabulary.fields[show.field].values or ("",))
        }

    def scenario(self, result: ScenarioResult) -> RenderableType:
        """The whole scenario."""
        return Group(
            self._head(result),
            self._columns("", self._heading(0), Text(""), self._heading(1)),
            *(part for step in result.steps for part in self.step(step)),
            Text(""),
        )

    def _head(self, result: ScenarioResult) -> Text:
        scenario, glyphs = result.scenario, self.glyphs
        sign, style = (glyphs.passed, "green") if result.passed else (glyphs.failed, "red")
        text = Text.assemble((f"{sign} ", f"bold {style}"), (phrases.printable(scenario.name), "bold"))
        text.append(f"  {scenario.file}:{scenario.line}", "dim")
        given = [scenario.status, *(f"{name}={option}" for name, option in scenario.readings.items())]
        text.append(f"\n  given {', '.join(given)}", "dim")
        if scenario.sources:
            text.append(f"  about {' '.join(scenario.sources)}", "dim")
        return text

    def _heading(self, side: int) -> Text:
        return Text(f"{self.partners[side]}'s ticket", "bold underline")

    def _columns(self, number: str, left: Text, middle: Text, right: Text) -> Table:
        grid = Table.grid(padding=0)
        grid.add_column(width=_INDENT - 1, justify="right", style="dim")
        grid.add_column(width=1)
        grid.add_column(width=self._pane, overflow="fold")
        grid.add_column(width=self._middle + 2, justify="center")
        grid.add_column(width=self._pane, overflow="fold")
        grid.add_row(number, "", left, middle, right)
        return grid

    def step(self, result: StepResult) -> Iterator[RenderableType]:
        """One step: the two panes, the reason, and what was expected but not so."""
        outcome = result.outcome
        panes = {partner: self._pane_text(outcome, partner) for partner in self.partners}
        first, second = self.partners
        yield self._columns(str(result.step.line), panes[first], self._signal(outcome), panes[second])
        yield Padding(self._why(outcome), (0, 0, 0, _INDENT))
        if result.failures:
            yield Padding(self.failures(result.failures), (0, 0, 0, _INDENT))

    def _pane_text(self, outcome: Outcome, partner: str) -> Text:
        lines: list[Text] = []
        if outcome.event.actor == partner:
            lines.append(Text(phrases.action(outcome.event), "bold red" if outcome.refused else "bold"))
        if outcome.event.item is None or outcome.event.actor != partner:
            before = ticket(self.model.vocabulary, outcome.before, partner)
            after = ticket(self.model.vocabulary, outcome.after, partner)
            lines += self._changes(before, after)
        return Text("\n").join(lines)

    def _changes(self, before: View, after: View) -> Iterator[Text]:
        for name in dict.fromkeys((*before, *after)):
            old, new = before.get(name), after.get(name)
            if old == new:
                continue
            if new is None:
                yield Text(f"- {name}", "magenta")
            elif old is None:
                yield Text(f"+ {name} {self._described(new)}", "green")
            else:
                changed = {k: v for k, v in new.items() if old.get(k) != v}
                yield Text(f"~ {name} {self._described(changed)}", "cyan")

    def _described(self, view: Mapping[str, Value]) -> str:
        words: list[str] = []
        for name, value in view.items():
            if name in self._flags:
                words.append(self._flags[name] if value else f"not {self._flags[name]}")
            elif name == "kind":
                words.append(str(value))
            else:
                words.append(phrases.quoted(value) if isinstance(value, str) else phrases.value(value))
        return f" {self.glyphs.dot} ".join(words)

    def _signal(self, outcome: Outcome) -> Text:
        if outcome.refused is not None or outcome.defects:
            return Text(self.glyphs.refused, "bold red")
        if outcome.synced and outcome.event.item is not None:
            to_second = outcome.event.actor == self.partners[0]
            return Text(self.glyphs.to_right if to_second else self.glyphs.to_left, "green")
        if outcome.synced:
            return Text(self._deliveries(outcome), "green")
        if outcome.event.item is not None and any(self.model.link_spec.states[f.dest].final for f in outcome.fired):
            return Text(self.glyphs.cut, "bold yellow")
        return Text(self.glyphs.bar, "dim")

    def _deliveries(self, outcome: Outcome) -> str:
        owners = {
            item.owner for name, item in outcome.after.items.items() if item.copy != outcome.before.items[name].copy
        }
        if len(owners) == 2:
            return self.glyphs.to_left[:2] + self.glyphs.to_right[-2:]
        return self.glyphs.to_right if self.partners[0] in owners else self.glyphs.to_left

    def _why(self, outcome: Outcome) -> Text:
        """The verdict in a line: what became of status and links, the rows and their sources, who was told."""
        arrow, text = self.glyphs.arrow, Text()
        if outcome.refused is not None:
            text.append(f"refused: {phrases.printable_line(outcome.refused)}\n", "red")
        told = []
        if outcome.before.status != outcome.after.status:
            told.append(f"{outcome.before.status} {arrow} {outcome.after.status}")
        told += [
            f"{name} {new}" if old is None else f"{name} {old} {arrow} {new}"
            for name, (old, new) in outcome.links.items()
            if old != new
        ]
        text.append(", ".join(told), "bold")
        told_who = f"told: {', '.join(outcome.notified)}" if outcome.notified else ""
        reasons = self._reasons(outcome)
        readings = [f"{name}={self.model.readings[name]}" for name in outcome.readings]
        under = f"reading {', '.join(readings)}" if readings else ""
        rest = [part for part in (reasons, told_who, under) if part]
        gap = "   " if told else ""
        return text.append(gap + f" {self.glyphs.bar} ".join(rest), "dim")

    def _reasons(self, outcome: Outcome) -> str:
        cited = {hit.row.id: hit.row.sources for hit in outcome.hits}
        if outcome.moved:
            cited = {outcome.moved.transition.id: outcome.moved.transition.sources, **cited}
        return f" {self.glyphs.dot} ".join(f"{rule} [{' '.join(sources)}]" for rule, sources in cited.items())

    def failures(self, failures: tuple[Failure, ...]) -> Table:
        """Expected and found, side by side; where two texts differ is set off."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="red underline", show_edge=False)
        for heading in ("line", "at", "expected", "found"):
            table.add_column(heading, overflow="fold")
        for failure in failures:
            expected, actual = phrases.value(failure.expected), phrases.value(failure.actual)
            if failure.at == "refused" and failure.expected is None:
                expected = "not refused"
            table.add_row(str(failure.line), failure.at, *_set_off(expected, actual))
        return table


def _set_off(expected: str, actual: str) -> tuple[Text, Text]:
    """Both texts, with the parts that the other lacks underlined."""
    left, right = Text(expected, "green"), Text(actual, "red")
    for kind, a, b, c, d in difflib.SequenceMatcher(None, expected, actual, autojunk=False).get_opcodes():
        if kind != "equal":
            left.stylize("bold underline", a, b)
            right.stylize("bold underline", c, d)
    return left, right
