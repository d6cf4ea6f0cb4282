"""A scenario as a dialogue of the two tickets: who did what, what crossed over, and which rule said so."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.simulate import ScenarioResult, StepResult
from simsync.core.verdicts import Failure
from simsync.core.view import View
from simsync.model.policy import Value
from simsync.reporting import phrases
from simsync.reporting.terminal import Glyphs

_INDENT = 7
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Dialogue:
    """Draws scenarios for one policy; ``width`` is the console's, in cells."""

    def __init__(self, model: Model, glyphs: Glyphs, width: int) -> None:
        self.model = model
        self.glyphs = glyphs
        self.partners = tuple(model.vocabulary.partners)
        self._middle = 7
        self._pane = (width - _INDENT - self._middle - 2) // 2
        values = {show.name: model.vocabulary.fields[show.field].values for show in model.vocabulary.shows}
        self._choices = {name for name, allowed in values.items() if allowed}
        self._flags = {
            name: name.replace("_", " ") for name in self._choices if all(isinstance(v, bool) for v in values[name])
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
        text.append(f"  {phrases.printable_line(scenario.file)}:{scenario.line}", "dim")
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
        yield Text("")
        panes = {partner: self._pane_text(outcome, partner) for partner in self.partners}
        first, second = self.partners
        yield self._columns(str(result.step.line), panes[first], self._signal(outcome), panes[second])
        yield Padding(self._why(outcome), (0, 0, 0, _INDENT))
        failures = [f for f in result.failures if not f.at.startswith("rules.")]  # these are told above
        if failures:
            yield Padding(self.failures(failures), (0, 0, 0, _INDENT))

    def _pane_text(self, outcome: Outcome, partner: str) -> Text:
        lines: list[Text] = []
        if outcome.event.actor == partner:
            lines.append(
                Text(
                    phrases.action(outcome.event, self.model.vocabulary.fields),
                    "bold red" if outcome.refused else "bold",
                )
            )
        if outcome.event.item is None or outcome.event.actor != partner:
            lines += self._changes(outcome.changes(partner))
        return Text("\n").join(lines)

    def _changes(self, changes: Mapping[str, tuple[View | None, View | None]]) -> Iterator[Text]:
        for name, (old, new) in changes.items():
            if new is None:
                yield Text(f"- {name}", "magenta")
            elif old is None:
                kept = {k: v for k, v in new.items() if v is not False}
                yield Text(f"+ {name} {self._described(kept)}", "green")
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
            elif name in self._choices:
                words.append(f"{name}: {phrases.value(value)}")
            else:
                words.append(phrases.quoted(value))
        return f" {self.glyphs.dot} ".join(words)

    def _signal(self, outcome: Outcome) -> Text:
        if outcome.refused is not None:
            return Text(self.glyphs.refused, "bold red")
        if outcome.defects:
            return Text(self.glyphs.defect, "bold red")
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
        """What became of status and links, the row that decided it, who was told; then, dimmed, all else behind it."""
        bar, text = f" {self.glyphs.bar} ", Text()
        if outcome.refused is not None:
            text.append(f"refused: {phrases.printable_line(outcome.refused)}\n", "red")
        for defect in outcome.defects:
            text.append(f"the rules fail here: {phrases.printable_line(defect.message)}\n", "red")
        reasons = self._reasons(outcome)
        first = [f"because {reasons[0]}"] if reasons else []
        told = [f"told: {', '.join(outcome.notified)}"] if outcome.notified else []
        text.append(bar.join([*self._moves(outcome), *first, *told]), "bold")
        rest = [f"also {f' {self.glyphs.dot} '.join(reasons[1:])}"] if len(reasons) > 1 else []
        if outcome.readings:
            read = ", ".join(f"{name}={self.model.readings[name]}" for name in outcome.readings)
            rest.append(f"as read: {read}")
        return text.append("\n" + bar.join(rest), "dim") if rest else text

    def _moves(self, outcome: Outcome) -> list[str]:
        arrow = self.glyphs.arrow
        moved = [f"{outcome.before.status} {arrow} {outcome.after.status}"] if outcome.moved else []
        for name, (old, new) in outcome.links.items():
            by = f" by {outcome.row_of[name]}" if name in outcome.row_of else ""
            if old != new:
                moved.append(f"{name} {new}{by}" if old is None else f"{name} {old} {arrow} {new}{by}")
        return moved

    def _reasons(self, outcome: Outcome) -> list[str]:
        cited = {hit.row.id: hit.row.sources for hit in outcome.hits}
        if outcome.moved:
            cited = {outcome.moved.transition.id: outcome.moved.transition.sources, **cited}
        return [f"{rule} [{' '.join(sources)}]" for rule, sources in cited.items()]

    def failures(self, failures: list[Failure]) -> Table:
        """Expected and found, side by side; where two texts differ is set off."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="red underline", show_edge=False)
        for heading in ("line", "at", "expected", "found"):
            table.add_column(heading, overflow="fold")
        for failure in failures:
            expected, actual = phrases.sides(failure)
            table.add_row(str(failure.line), failure.at, *_set_off(expected, actual))
        return table


def _set_off(expected: str, actual: str) -> tuple[Text, Text]:
    """Both texts, with the words that the other lacks underlined."""
    words, others = _WORDS.findall(expected), _WORDS.findall(actual)
    left, right = Text(style="green"), Text(style="red")
    for kind, a, b, c, d in difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        style = "" if kind == "equal" else "bold underline"
        left.append("".join(words[a:b]), style)
        right.append("".join(others[c:d]), style)
    return left, right
