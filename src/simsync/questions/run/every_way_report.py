"""What a scenario comes to under all readings, as text and as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from string import ascii_uppercase
from typing import Any, TextIO

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simsync.errors import Diagnostic
from simsync.policy.policy import Value
from simsync.questions.run.all_readings import DifferentOutcome, Parting, ReadEveryWay
from simsync.report import as_json, phrases
from simsync.report.difference import outcome_json
from simsync.report.step_summary import StepSummarizer
from simsync.report.terminal import console_for, glyphs_for, print_to
from simsync.statespace.describing import Cube
from simsync.statespace.differences import Seen
from simsync.version import __version__

ABREAST = 3
"""Up to how many outcomes stand side by side; more are told line by line."""


def letter(number: int) -> str:
    """What an outcome is called: A to Z, then A2 and so on."""
    again, at = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[at] + (str(again + 1) if again else "")


def choice(cube: Cube) -> str:
    """Options that are chosen together."""
    return " and ".join(f"{name}={option}" for name, option in cube.items()) or "any reading"


class EveryWayText:
    """Writes scenarios under all readings to a stream, and last how many come out alike whatever is read."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._console, self._glyphs = stream, console_for(stream), glyphs_for(stream)
        self._many = self._alike = 0

    def add(self, made: ReadEveryWay) -> None:
        """Write a scenario."""
        self._many += 1
        self._alike += len(made.outcomes) == 1
        print_to(self._console, self._scenario(made))

    def close(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write what comes last."""
        told = f"{self._many - self._alike:,} with different outcomes, {self._alike:,} the same however it is read"
        bad = f"; {phrases.counted(len(diagnostics), 'problem')} in files not run" if diagnostics else ""
        self._stream.write(f"{phrases.counted(self._many, 'scenario')}: {told}{bad}\n")

    def _scenario(self, made: ReadEveryWay) -> RenderableType:
        """The outcomes with the readings that lead to them, then where they come apart."""
        scenario, many = made.scenario, len(made.outcomes)
        head = Text.assemble((phrases.printable(scenario.name), "bold"))
        head.append(f"  {phrases.printable_line(scenario.file)}:{scenario.line}", "dim")
        given = phrases.given(scenario)
        head.append(f"\n  given {given}" if given else "", "dim")
        head.append("\n  what overlaps is done in the order in which it is written" if scenario.rounds else "", "dim")
        of = phrases.counted(made.combinations, "combination")
        if many == 1:
            same = Text(f"  the same under {'the' if made.combinations == 1 else 'all'} {of} of readings")
            return Group(head, same, *_for_later(made), "")
        count = Text(f"  {many} different outcomes, of {of} of readings")
        outcomes = (self._outcome(number, one) for number, one in enumerate(made.outcomes))
        return Group(head, count, "", *outcomes, *self._partings(made), "")

    def _outcome(self, number: int, one: DifferentOutcome) -> RenderableType:
        text = Text(f"{phrases.counted(one.combinations, 'combination')}", "bold")
        text.append(", with the readings in force among them" if one.in_force else "")
        for at, cube in enumerate(one.cubes):
            text.append(f"\n{'or ' if at else ''}{choice(cube)}", "")
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_row(Text(letter(number), "bold cyan"), text)
        return Padding(grid, (0, 0, 0, 2))

    def _partings(self, made: ReadEveryWay) -> Iterator[RenderableType]:
        """Step by step what differs; what has differed alike since the step before is not told again."""
        partings = list(made.partings)
        words = StepSummarizer(made.model, self._glyphs.dot)
        for at, step in enumerate(made.scenario.steps):
            here = [one for one in partings if one.look.step == at]
            if not here:
                continue
            first = here[0] is partings[0]
            event = step.event
            said = f"{event.actor}: {phrases.action(event, made.model.vocabulary.fields)}"
            heading = Text(f"\n  line {step.line}, {said}", "bold")
            yield heading.append("   (here they first come apart)" if first else "", "dim")
            yield Padding(self._table(made, here, words), (0, 0, 0, 4))

    def _table(self, made: ReadEveryWay, here: Sequence[Parting], words: StepSummarizer) -> Table:
        abreast = len(made.outcomes) <= ABREAST
        table = Table(
            box=None,
            padding=(0, 2, 0, 0),
            show_edge=False,
            header_style="bold cyan",
            show_header=abreast,
            expand=abreast,
        )
        names = [letter(number) for number in range(len(made.outcomes))]
        for name in ("", *names) if abreast else ("", "which", "what"):
            table.add_column(name, overflow="fold", ratio=1 if abreast and name else None)
        for one in here:
            about, said = _about(made, one), [_said(one.look.what, value, words) for value in one.seen]
            if abreast:
                table.add_row(about, *said)
                continue
            for value in dict.fromkeys(said):
                who = ", ".join(name for name, other in zip(names, said, strict=True) if other == value)
                table.add_row(about, Text(who, "bold cyan"), value)
                about = ""
        return table


def _for_later(made: ReadEveryWay) -> Iterator[Text]:
    """The readings that decide something of which nobody sees anything."""
    if made.unseen:
        told = ", ".join(f"{name} (line {line})" for name, line in made.unseen.items())
        yield Text(f"  of what these decide nobody sees anything: {told}", "dim")


def _about(made: ReadEveryWay, one: Parting) -> str:
    look, words = one.look, made.model.words
    if look.what == "ticket":
        return f"{look.partner}'s {words.ticket}, {look.item}"
    return {"undecided": "the rules", "status": str(words.status), "notified": "told"}.get(look.what, "")


def _said(what: str, value: Seen, words: StepSummarizer) -> str:
    """What is seen, in words."""
    if what == "ticket":
        view: dict[str, Value] | None = value if isinstance(value, dict) else None
        return "not there" if view is None else words.described({k: v for k, v in view.items() if v is not False})
    if what == "notified":
        return ", ".join(value) if isinstance(value, tuple) and value else "nobody"
    if what == "refused":
        return "refused" if value else "done"
    if what == "undecided":
        return "fail here" if value else "decide"
    return str(value)


class EveryWayJson:
    """Writes scenarios under all readings as JSON."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._made: list[ReadEveryWay] = []

    def add(self, made: ReadEveryWay) -> None:
        """Keep a scenario."""
        self._made.append(made)

    def close(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write them all."""
        self._stream.write(as_json.dumps(all_as_data(self._made, diagnostics), self._stream) + "\n")


def all_as_data(made: Iterable[ReadEveryWay], diagnostics: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    """Scenarios under all readings, for programs."""
    found = [as_json.diagnostic(one) for one in diagnostics]
    return {"simsync": __version__, "scenarios": [as_data(one) for one in made], "diagnostics": found}


def as_data(made: ReadEveryWay) -> dict[str, Any]:
    """A scenario under all readings, for programs."""
    scenario, partings = made.scenario, list(made.partings)
    lines = [step.line for step in scenario.steps]
    return {
        "file": scenario.file,
        "line": scenario.line,
        "name": scenario.name,
        "combinations": made.combinations,
        "part_at": lines[partings[0].look.step] if partings else None,
        "outcomes": [
            {
                "combinations": one.combinations,
                "in_force": one.in_force,
                "readings": [dict(cube) for cube in one.cubes],
                "steps": [
                    {"line": line, "actor": o.event.actor, "action": str(o.event), **outcome_json(o)}
                    for line, o in zip(lines, one.outcomes, strict=True)
                ],
            }
            for one in made.outcomes
        ],
        "differences": [
            {
                "line": lines[one.look.step],
                "at": one.look.what if one.look.partner is None else one.look.partner,
                "item": one.look.item,
                "values": list(one.seen),
            }
            for one in partings
        ],
    }
