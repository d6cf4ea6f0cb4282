"""A run as text: what failed by name, then scenarios as dialogues, a line a file, and a summary."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from typing import TextIO

import click

from simsync.engine.model import Model
from simsync.errors import Diagnostic
from simsync.report import phrases
from simsync.report.terminal import Glyphs, console_for, console_on, glyphs_for, is_terminal, print_to
from simsync.scenarios.scenario import NO_FILE
from simsync.scenarios.simulate import ScenarioResult

ALL, FAILED, NONE = "all", "failed", "none"
MOST_DRAWN = 10
"""Scenarios that are drawn where nobody says how many."""


class Signs:
    """The signs and colours of verdicts on a stream."""

    def __init__(self, stream: TextIO) -> None:
        self.glyphs = glyphs_for(stream)
        self._coloured = is_terminal(stream)

    def styled(self, text: str, colour: str) -> str:
        """A text in a colour, where colours may be used."""
        return click.style(text, fg=colour, bold=True) if self._coloured else text

    def line(self, result: ScenarioResult) -> str:
        """A scenario's verdict, place and title in one line."""
        scenario, glyphs = result.scenario, self.glyphs
        sign, colour = (glyphs.passed, "green") if result.passed else (glyphs.failed, "red")
        if result.answered:
            sign, colour = glyphs.answered, "cyan"
        place = f"{phrases.printable_line(scenario.file)}:{scenario.line}"
        return f"{self.styled(sign, colour)} {place}  {phrases.printable(scenario.name)}\n"

    def summary(self, counts: dict[str, int], found: Sequence[Diagnostic], whose: str) -> str:
        """The last line: how many there were, and what became of them."""
        answered = counts["answered"]
        parts = [f"{counts['passed'] - answered:,} passed", f"{counts['failed']:,} failed"]
        parts += [f"{answered:,} answered, nothing expected"] if answered else []
        text = f"{phrases.counted(counts['scenarios'], 'scenario')}: {', '.join(parts)}"
        text += f"; {phrases.counted(counts['steps'], 'step')} checked against the table{whose}"
        if found:
            bad = len({d.file for d in found})
            text += f"; {phrases.counted(len(found), 'problem')} in {phrases.counted(bad, 'file')} not run"
        good = "cyan" if answered == counts["passed"] else "green"
        return self.styled(text, "red" if found or counts["failed"] else good) + "\n"


class RunText:
    """Writes one run to a stream once it is over: what failed comes first.

    ``show`` is which scenarios are drawn: ``all``, ``none``, or ``failed`` for those that failed and those in which
    nothing is expected; None stands for the first ten of the latter. ``chosen`` are the options under which it runs, as
    they are said on the command line; ``wanting`` tells of a question what would make its refusals possible.
    """

    def __init__(
        self,
        stream: TextIO,
        model: Model,
        show: str | None,
        *,
        packaged: bool,
        chosen: Sequence[str] = (),
        wanting: Callable[[ScenarioResult], Iterable[tuple[str, str]]] = lambda _: (),
    ) -> None:
        self._stream, self._model, self._show, self._chosen = stream, model, show, chosen
        self._wanting, self._refusals = wanting, ""
        self._shrinkable: str | None = None
        self._asked = dict[str, None]()
        self._whose = " that ships with simsync" if packaged else ""
        self._signs = Signs(stream)
        self._file: str | None = None
        self._passed = self._answered = self._failed = 0
        self._drawn = self._undrawn = 0
        self._failing: list[str] = []
        self._body = StringIO()

    def add(self, result: ScenarioResult) -> None:
        """Count a scenario and draw it if it is to be shown."""
        if result.scenario.file != self._file:
            self._end_file()
            self._file = result.scenario.file
        if result.answered:
            self._answered += 1
            self._refusals = phrases.refusals(result)
        elif result.passed:
            self._passed += 1
        else:
            self._failed += 1
            self._failing.append(self._signs.line(result))
            if self._shrinkable is None and _can_be_shrunk(result):
                self._shrinkable = f"{result.scenario.file}:{result.scenario.line}"
        if self._show == ALL or (self._show != NONE and (result.answered or not result.passed)):
            if self._show is None and self._drawn == MOST_DRAWN:
                self._undrawn += 1
            else:
                self._draw(result)

    def _draw(self, result: ScenarioResult) -> None:
        from rich.text import Text

        from simsync.report.dialogue import INDENT, Dialogue

        width = console_for(self._stream).width
        dialogue = Dialogue(self._model.under(result.readings), self._signs.glyphs, width)
        if self._drawn == 0:
            self._body.write("\n")
        self._drawn += 1
        if not result.scenario.expectations:
            self._asked[result.scenario.file] = None
        console = console_on(self._body, coloured=is_terminal(self._stream), width=width)
        print_to(console, dialogue.scenario(result))
        if told := [*self._wanting(result)]:
            for line, style in told:
                console.print(Text(f"{' ' * INDENT}{line}".rstrip(), style), soft_wrap=True)
            self._body.write("\n")

    def _end_file(self) -> None:
        if self._file is None:
            return
        signs, file = self._signs, phrases.printable_line(self._file)
        answered = f"{self._answered} answered, nothing expected"
        circle = signs.styled(signs.glyphs.answered, "cyan")
        counts = [f"{self._passed} passed"] if self._passed else []
        counts += [f"{self._failed} failed"] if self._failed else []
        if counts:
            failed, passed = signs.styled(signs.glyphs.failed, "red"), signs.styled(signs.glyphs.passed, "green")
            also = f"; {circle} {answered}" if self._answered else ""
            self._body.write(f"{failed if self._failed else passed} {file}: {', '.join(counts)}{also}\n")
        else:
            said = f"answered: {self._refusals}" if self._refusals else answered
            self._body.write(f"{circle} {file}: {said}\n")
        self._file, self._passed, self._answered, self._failed = None, 0, 0, 0

    def close(self, summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Write what failed by name, all that was drawn, and the summary."""
        self._end_file()
        if len(self._failing) > 1 and self._show != NONE:
            self._stream.write("failed:\n" + "".join(self._failing))
        self._stream.write(self._body.getvalue())
        if self._undrawn:
            self._stream.write(f"{self._undrawn:,} more are not drawn here; --show {FAILED} draws them all\n")
        if self._drawn:
            self._stream.write(f"{self._legend()}\n".lstrip("\n"))
        if self._shrinkable is not None and self._show != NONE:
            command = phrases.printable_line(shlex.join(["simsync", "shrink", self._shrinkable, *self._chosen]))
            self._stream.write(f"such a failure in as few steps as it takes: {command}\n")
        self._stream.write(self._signs.summary(summary, list(diagnostics), self._whose))

    def _legend(self) -> str:
        """What stands in a drawing and is not everybody's word; of questions in one file how to try other readings."""
        policy = self._model.policy
        told = ["in [brackets] what it rests on (simsync table statements)"] if policy.citations.statements else []
        if policy.readings:
            asked, others = [*self._asked], "see simsync readings"
            if len(asked) == 1:
                again = (
                    ["the same with"] if asked == [NO_FILE] else ["simsync run", shlex.join([*asked, *self._chosen])]
                )
                others = f"what else the {self._model.words.page} may mean: {' '.join(again)} --all-readings"
            told.append(f"as read: {phrases.printable_line(others)}")
        return ("\n" if self._asked else "; ").join(told)


def _can_be_shrunk(result: ScenarioResult) -> bool:
    """Whether `shrink` may make a failure shorter: one in a file, without rounds, after the first step."""
    return result.scenario.file != NO_FILE and not result.stages and not result.steps[0].failures


class RunList:
    """Writes the titles of a run's scenarios with their verdicts: those that failed first, then what was answered."""

    def __init__(self, stream: TextIO, *, packaged: bool) -> None:
        self._stream, self._signs = stream, Signs(stream)
        self._whose = " that ships with simsync" if packaged else ""
        self._lines: tuple[list[str], list[str], list[str]] = [], [], []

    def add(self, result: ScenarioResult) -> None:
        """Keep a scenario's line."""
        self._lines[0 if not result.passed else 1 if result.answered else 2].append(self._signs.line(result))

    def close(self, summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Write them all, and the summary."""
        for some in self._lines:
            self._stream.writelines(some)
        self._stream.write(self._signs.summary(summary, list(diagnostics), self._whose))


def drawn(model: Model, result: ScenarioResult, *, glyphs: Glyphs, coloured: bool, width: int) -> str:
    """One scenario as `run` draws it, for those who print it themselves; ``width`` is in cells."""
    from simsync.report.dialogue import Dialogue

    stream = StringIO()
    console = console_on(stream, coloured=coloured, width=width)
    print_to(console, Dialogue(model.under(result.readings), glyphs, console.width).scenario(result))
    return stream.getvalue()
