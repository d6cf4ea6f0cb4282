"""What each reading changes, of many scenarios under all readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from simsync.policy.policy import Reading
from simsync.questions.run.all_readings import ReadEveryWay
from simsync.report import phrases

_Lines = dict[str, list[int]]
"""Where scenarios begin, by their files."""


class Digest:
    """Counts scenarios as they come, and says which come out otherwise by which reading.

    Those in which somebody sees something else are told apart from those in which only somebody else is told.
    """

    def __init__(self) -> None:
        self._many = self._otherwise = self._told = 0
        self._readings: dict[str, tuple[Reading, str]] = {}
        self._of_sight: dict[str, _Lines] = {}
        self._of_notices: dict[str, _Lines] = {}

    def add(self, made: ReadEveryWay) -> None:
        """Count a scenario."""
        self._many += 1
        self._otherwise += bool(made.of_sight)
        self._told += bool(made.of_notices and not made.of_sight)
        of_notices = (*(name for one in made.of_notices for name in one.readings), *made.elsewhere)
        for found, names in (
            (self._of_sight, [name for one in made.of_sight for name in one.readings]),
            (self._of_notices, of_notices),
        ):
            for name in names:
                self._readings.setdefault(name, (made.model.policy.readings[name], made.model.readings[name]))
                found.setdefault(name, {}).setdefault(made.scenario.file, []).append(made.scenario.line)

    def lines(self, *, after_list: bool) -> Iterator[RenderableType]:
        """By reading which scenarios come out otherwise; nothing of one scenario alone."""
        if self._many > 1:
            if after_list and self._readings:
                yield ""
            yield from self._by_reading(self._of_sight, "{} come out otherwise", "{} comes out otherwise")
            yield from self._by_reading(self._of_notices, "in {} others are told", "in {} others are told")

    def _by_reading(self, found: Mapping[str, _Lines], many: str, one: str) -> Iterator[RenderableType]:
        """Each reading with its scenarios, that which changes most first."""
        counts = {name: sum(map(len, lines.values())) for name, lines in found.items()}
        for name in sorted(found, key=lambda name: -counts[name]):
            count = counts[name]
            others = " or ".join(_others(*self._readings[name]))
            said = (one if count == 1 else many).format(phrases.counted(count, "scenario"))
            yield Text(f"{said} under {others}", "bold")
            places = (
                f"{phrases.printable_line(file)}:{', '.join(map(str, lines))}" for file, lines in found[name].items()
            )
            yield Padding(Text("\n".join(places), "dim"), (0, 0, 1, 2))

    def summary(self) -> str:
        """How many there were, and how many come out alike."""
        alike = self._many - self._otherwise - self._told
        told = f"{self._told:,} the same but for who is told, " if self._told else ""
        return (
            f"{phrases.counted(self._many, 'scenario')}: {self._otherwise:,} with different outcomes, {told}"
            f"{alike:,} the same however it is read"
        )


def _others(reading: Reading, now: str) -> Iterator[str]:
    """The options other than the one in force, each with what it says."""
    for option in reading.options.values():
        if option.name != now:
            yield f"{reading.name}={option.name}: {phrases.printable_line(option.about)}"
