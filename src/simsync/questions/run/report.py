"""A run as text: a line a file, the scenarios that a reader asked for as dialogues, and a summary."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import TextIO

import click

from simsync.engine.model import Model
from simsync.errors import Diagnostic
from simsync.report import phrases
from simsync.report.terminal import Glyphs, console_for, console_on, glyphs_for, is_terminal, print_to
from simsync.scenarios.simulate import ScenarioResult


class RunText:
    """Writes one run to a stream. ``show`` is which scenarios are drawn: ``all``, ``none``, or ``failed``
    for those that failed and those in which nothing is expected.

    ``chosen`` are the options under which it runs, as they are said on the command line.
    """

    def __init__(self, stream: TextIO, model: Model, show: str, *, packaged: bool, chosen: Sequence[str] = ()) -> None:
        self._stream = stream
        self._model = model
        self._show = show
        self._chosen = chosen
        self._shrinkable: str | None = None
        self._whose = " that ships with simsync" if packaged else ""
        self._glyphs = glyphs_for(stream)
        self._coloured = is_terminal(stream)
        self._file: str | None = None
        self._passed = self._answered = self._failed = 0
        self._drawn = 0

    def add(self, result: ScenarioResult) -> None:
        """Count a scenario and draw it if it is to be shown."""
        if result.scenario.file != self._file:
            self._end_file()
            self._file = result.scenario.file
        if result.answered:
            self._answered += 1
        elif result.passed:
            self._passed += 1
        else:
            self._failed += 1
            if self._shrinkable is None and not result.steps[0].failures:
                self._shrinkable = f"{result.scenario.file}:{result.scenario.line}"
        if self._show == "all" or (self._show == "failed" and (result.answered or not result.passed)):
            self._draw(result)

    def _draw(self, result: ScenarioResult) -> None:
        from simsync.report.dialogue import Dialogue

        console = console_for(self._stream)
        dialogue = Dialogue(self._model.under(result.readings), self._glyphs, console.width)
        if self._drawn == 0:
            self._stream.write("\n")
        self._drawn += 1
        print_to(console, dialogue.scenario(result))

    def _end_file(self) -> None:
        if self._file is None:
            return
        glyphs, file = self._glyphs, phrases.printable_line(self._file)
        answered = f"{self._answered} answered, nothing expected"
        counts = [f"{self._passed} passed"] if self._passed else []
        counts += [f"{self._failed} failed"] if self._failed else []
        if counts:
            sign = self._styled(glyphs.failed, "red") if self._failed else self._styled(glyphs.passed, "green")
            also = f"; {self._styled(glyphs.answered, 'cyan')} {answered}" if self._answered else ""
            self._stream.write(f"{sign} {file}: {', '.join(counts)}{also}\n")
        else:
            self._stream.write(f"{self._styled(glyphs.answered, 'cyan')} {file}: {answered}\n")
        self._file, self._passed, self._answered, self._failed = None, 0, 0, 0

    def _styled(self, text: str, colour: str) -> str:
        return click.style(text, fg=colour, bold=True) if self._coloured else text

    def close(self, summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Write the last file's line and the summary."""
        self._end_file()
        if self._shrinkable is not None and self._show != "none":
            command = phrases.printable_line(shlex.join(["simsync", "shrink", self._shrinkable, *self._chosen]))
            self._stream.write(f"such a failure in as few steps as it takes: {command}\n")
        found = list(diagnostics)
        answered = summary["answered"]
        parts = [f"{summary['passed'] - answered:,} passed", f"{summary['failed']:,} failed"]
        parts += [f"{answered:,} answered, nothing expected"] if answered else []
        text = f"{phrases.counted(summary['scenarios'], 'scenario')}: {', '.join(parts)}"
        text += f"; {phrases.counted(summary['steps'], 'step')} checked against the table{self._whose}"
        if found:
            bad = len({d.file for d in found})
            text += f"; {phrases.counted(len(found), 'problem')} in {phrases.counted(bad, 'file')} not run"
        good = "cyan" if answered == summary["passed"] else "green"
        self._stream.write(self._styled(text, "red" if found or summary["failed"] else good) + "\n")


def drawn(model: Model, result: ScenarioResult, *, glyphs: Glyphs, coloured: bool, width: int) -> str:
    """One scenario as `run` draws it, for those who print it themselves; ``width`` is in cells."""
    from simsync.report.dialogue import Dialogue

    stream = StringIO()
    console = console_on(stream, coloured=coloured, width=width)
    print_to(console, Dialogue(model.under(result.readings), glyphs, console.width).scenario(result))
    return stream.getvalue()
