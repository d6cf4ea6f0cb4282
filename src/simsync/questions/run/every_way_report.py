"""What a scenario comes to under all readings, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_uppercase
from typing import TextIO

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simsync.errors import Diagnostic
from simsync.policy.policy import Reading, Value
from simsync.questions.run.all_readings import Deciding, DifferentOutcome, Parting, ReadEveryWay
from simsync.questions.run.by_reading import Digest
from simsync.report import phrases, who_sees_what
from simsync.report.at_the_end import at_the_end
from simsync.report.step_summary import StepSummarizer
from simsync.report.terminal import console_for, glyphs_for, print_to
from simsync.statespace.describing import Cube
from simsync.statespace.differences import Observable, Seen

ABREAST = 3
"""Up to how many outcomes stand side by side; more are told line by line."""

_MARGIN = (0, 0, 0, 2)


def letter(number: int) -> str:
    """What an outcome is called: A to Z, then A2 and so on."""
    again, at = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[at] + (str(again + 1) if again else "")


def choice(cube: Cube) -> str:
    """Options that are chosen together."""
    return " and ".join(f"{name}={option}" for name, option in cube.items()) or "any reading"


class EveryWayText:
    """Writes scenarios under all readings to a stream, and last what each reading changes, of several scenarios.

    ``combined``: also readings that decide nothing together are told as if they did, outcome by outcome. ``listed``: of
    each scenario no more than its title, and how many outcomes it has.
    """

    def __init__(self, stream: TextIO, *, combined: bool = False, listed: bool = False) -> None:
        self._stream, self._console, self._glyphs = stream, console_for(stream), glyphs_for(stream)
        self._combined, self._listed = combined, listed
        self._digest = Digest()

    def add(self, made: ReadEveryWay) -> None:
        """Write a scenario."""
        self._digest.add(made)
        if self._listed:
            self._stream.write(f"{_in_a_line(made)}\n")
        else:
            print_to(self._console, self._scenario(made))

    def close(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write what comes last."""
        for line in self._digest.lines(after_list=self._listed):
            print_to(self._console, line)
        bad = f"; {phrases.counted(len(diagnostics), 'problem')} in files not run" if diagnostics else ""
        self._stream.write(f"{self._digest.summary()}{bad}\n")

    def _scenario(self, made: ReadEveryWay) -> RenderableType:
        """The outcomes with the readings that lead to them, and where they come apart; if there is one, that one."""
        scenario = made.scenario
        head = Text.assemble((phrases.printable(scenario.name), "bold"))
        head.append(f"  {phrases.printable_line(scenario.file)}:{scenario.line}", "dim")
        given = phrases.given(scenario)
        head.append(f"\n  given {given}" if given else "", "dim")
        head.append("\n  what overlaps is done in the order in which it is written" if scenario.rounds else "", "dim")
        return Group(head, *self._outcomes(made), *_left_open(made), "")

    def _outcomes(self, made: ReadEveryWay) -> Iterator[RenderableType]:
        """What differs on tickets, or what they show in any case; then what decides only who is told."""
        many, of = len(made.outcomes), f"of {phrases.counted(made.combinations, 'combination')} of readings"
        if self._combined and many > 1:
            yield Text(f"  {many} different outcomes, {of}")
            yield from self._deciding(made, made.combined)
            return
        if (seen := made.sights) > 1:
            yield Padding(Text(f"{seen} different outcomes, {of}{_by_themselves(made.of_sight, seen)}"), _MARGIN)
        else:
            yield from self._the_one(made)
        for one in made.of_sight:
            yield from self._deciding(made, one)
        if made.of_notices:
            also = "Apart from that, only" if made.of_sight else "Only"
            yield Text(f"\n  {also} who is told depends on how the {made.model.words.page} is read:")
        for one in made.of_notices:
            yield from self._deciding(made, one)
        if made.elsewhere:
            names = ", ".join(made.elsewhere)
            yield Text(f"\n  where others are not as in force, who is told depends on these, too: {names}", "dim")

    def _the_one(self, made: ReadEveryWay) -> Iterator[RenderableType]:
        """What is refused, and who sees what in the end, however it is read; then which readings were tried."""
        scenario, outcomes = made.scenario, made.outcomes[0].outcomes
        steps = [*zip(scenario.steps, outcomes, strict=True)]
        for step, outcome in steps:
            if outcome.refused is not None:
                who = f"{scenario.place} {step.line}, {step.event.actor}: {step.event}"
                yield Padding(Text(f"{who} is refused: {phrases.printable_line(outcome.refused)}", "red"), _MARGIN)
        yield ""
        told = who_sees_what.told((step.line, outcome) for step, outcome in steps)
        world, bar = outcomes[-1].after, self._glyphs.bar
        for part in at_the_end(made.model, world, told, asked=True, bar=bar, place=scenario.place):
            yield Padding(part, _MARGIN)
        yield Padding(_tried(made), (1, 0, 0, 2))
        yield from _for_later(made)

    def _deciding(self, made: ReadEveryWay, one: Deciding) -> Iterator[RenderableType]:
        """What readings decide together: what they ask, what each choice comes to, and where that comes apart."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        if len(one.readings) == 1:
            reading = made.model.policy.readings[one.readings[0]]
            yield Padding(_question(reading), (1, 0, 0, 2))
            choices = [_alone(made, reading, outcome) for outcome in one.outcomes]
        else:
            yield ""
            for name in one.readings:
                reading = made.model.policy.readings[name]
                yield Padding(_question(reading), (0, 0, 0, 2))
                options = (f"{option.name}: {option.about}" for option in reading.options.values())
                yield Padding(Text("\n".join(map(phrases.printable_line, options))), (0, 0, 0, 4))
            if not self._combined:
                others = "others" if len(one.readings) > 2 else "other"
                yield Text(f"  decided together: what one comes to depends on the {others}\n", "dim")
            choices = [_several(outcome) for outcome in one.outcomes]
        for number, text in enumerate(choices):
            grid.add_row(Text(letter(number), "bold cyan"), text)
        yield Padding(grid, (0, 0, 0, 2))
        yield from self._partings(made, one)

    def _partings(self, made: ReadEveryWay, one: Deciding) -> Iterator[RenderableType]:
        """Step by step what differs; what has differed alike since the step before is not told again."""
        partings = list(one.partings)
        words = StepSummarizer(made.model, self._glyphs.dot)
        for at, step in enumerate(made.scenario.steps):
            here = [parting for parting in partings if parting.look.step == at]
            if not here:
                continue
            first = here[0] is partings[0]
            event = step.event
            said = f"{event.actor}: {phrases.action(event, made.model.vocabulary.fields)}"
            heading = Text(f"\n  {made.scenario.place} {step.line}, {said}", "bold")
            yield heading.append("   (here they first come apart)" if first else "", "dim")
            yield Padding(self._table(made, one, here, words), (0, 0, 0, 4))

    def _table(self, made: ReadEveryWay, by: Deciding, here: Sequence[Parting], words: StepSummarizer) -> Table:
        abreast = len(by.outcomes) <= ABREAST
        table = Table(
            box=None,
            padding=(0, 2, 0, 0),
            show_edge=False,
            header_style="bold cyan",
            show_header=abreast,
            expand=abreast,
        )
        names = [letter(number) for number in range(len(by.outcomes))]
        for name in ("", *names) if abreast else ("", "which", "what"):
            table.add_column(name, overflow="fold", ratio=1 if abreast and name else None)
        for one in here:
            said = [_said(one.look, *both, words) for both in zip(one.seen, by.outcomes, strict=True)]
            about = _about(made, one)
            if abreast:
                table.add_row(about, *said)
                continue
            for value in dict.fromkeys(said):
                who = ", ".join(name for name, other in zip(names, said, strict=True) if other == value)
                table.add_row(about, Text(who, "bold cyan"), value)
                about = ""
        return table


def _in_a_line(made: ReadEveryWay) -> str:
    """How many outcomes a scenario has, where it is, and its title."""
    what = phrases.counted(made.sights, "outcome") + (", others told" if made.of_notices else "")
    scenario = made.scenario
    return f"{what}  {phrases.printable_line(scenario.file)}:{scenario.line}  {phrases.printable(scenario.name)}"


def _question(reading: Reading) -> Text:
    """What a reading asks, with its name."""
    return Text(phrases.printable_line(f"{reading.question} ({reading.name})"), "bold")


def _alone(made: ReadEveryWay, reading: Reading, one: DifferentOutcome) -> Text:
    """The options of one reading that lead to an outcome, each in a sentence."""
    text = Text()
    for at, cube in enumerate(one.cubes):
        option = reading.options[cube[reading.name]]
        force = ", in force" if option.name == made.model.readings[reading.name] else ""
        about = phrases.printable_line(option.about)
        text.append(f"{chr(10) + 'or ' if at else ''}{about} ({choice(cube)}{force})")
    return text


def _several(one: DifferentOutcome) -> Text:
    """The choices of options of several readings that lead to an outcome."""
    text = Text(phrases.counted(one.combinations, "combination"), "bold")
    text.append(", with the readings in force among them" if one.in_force else "")
    for at, cube in enumerate(one.cubes):
        text.append(f"\n{'or ' if at else ''}{choice(cube)}", "")
    return text


def _by_themselves(told: Sequence[Deciding], many: int) -> str:
    """Which readings do not bear on each other's outcomes, where some do not."""
    if len(told) == 1:
        return ""
    joined = [" and ".join(one.readings) for one in told if len(one.readings) > 1]
    count = sum(len(one.readings) for one in told)
    by = f"{', '.join(joined)} together, all others each by itself" if joined else "each by itself"
    counts = " x ".join(str(len(one.outcomes)) for one in told)
    return (
        f".\n{count} readings decide them, {by}: {counts} = {many}. What comes of each is told with all others as they"
        " are in force; --combined tells outcome by outcome."
    )


def _tried(made: ReadEveryWay) -> Text:
    """That no reading changes what is seen, and which were tried."""
    words, model = made.model.words, made.model
    if not model.policy.readings:
        return Text(f"These rules have no readings: the {words.page} is taken to mean this alone.", "bold")
    given = [name for name in model.policy.readings if name not in made.open]
    if not made.open:
        return Text(f"Every reading is given, and so none was tried: {', '.join(given)}", "bold")
    what = "what is on tickets" if made.of_notices else "this"
    text = Text(f"No reading changes {what}. ", "bold")
    of = phrases.counted(made.combinations, "combination")
    text.append(f"Tried, in {of}: {', '.join(made.open)}", "dim")
    return text.append(f"; given, and not tried: {', '.join(given)}" if given else "", "dim")


def _for_later(made: ReadEveryWay) -> Iterator[Text]:
    """The readings that decide something of which nobody sees anything."""
    if made.unseen:
        told = ", ".join(f"{name} ({made.scenario.place} {line})" for name, line in made.unseen.items())
        yield Text(f"  of what these decide nobody sees anything: {told}", "dim")


def _left_open(made: ReadEveryWay) -> Iterator[RenderableType]:
    """What it rests on besides: the gaps that no reading is about."""
    if made.left_open:
        yield ""
    for gap, said in made.left_open.items():
        yield Padding(Text(f"{gap} is open, and no reading is about it: {said}", "dim"), (0, 0, 0, 2))


def _about(made: ReadEveryWay, one: Parting) -> str:
    look, words = one.look, made.model.words
    if look.what == "ticket":
        return f"{look.partner}'s {words.ticket}, {look.item}"
    return {"undecided": "the rules", "refused": "the action", "status": str(words.status), "notified": "told"}.get(
        look.what, ""
    )


def _said(look: Observable, value: Seen, outcome: DifferentOutcome, words: StepSummarizer) -> str:
    """What is seen, in words; of a refusal also why."""
    what = look.what
    if what == "ticket":
        view: dict[str, Value] | None = value if isinstance(value, dict) else None
        return "not there" if view is None else words.described({k: v for k, v in view.items() if v is not False})
    if what == "notified":
        return ", ".join(value) if isinstance(value, tuple) and value else "nobody"
    if what == "refused":
        why = outcome.outcomes[look.step].refused
        return "done" if why is None else f"refused: {phrases.printable_line(why)}"
    if what == "undecided":
        return "fail here" if value else "decide"
    return str(value)
