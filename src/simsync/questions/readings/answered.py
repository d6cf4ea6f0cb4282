"""What a filled-in sheet settles: which readings, what is still open, what no reading explains."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from simsync.engine.model import Model
from simsync.errors import Code, Diagnostic, SimsyncError, named, not_among
from simsync.questions.readings.answers import Clue
from simsync.questions.readings.filled_in import NO_SHEET, FilledIn, SheetPlace, Tick
from simsync.questions.readings.question_sheet import means
from simsync.questions.readings.questions import STEPS, QuestionSheet, sheet
from simsync.questions.readings.vendor_sheet import OTHERWISE, AnswerBox, Ask, VendorSheet, vendor_sheet
from simsync.report import phrases
from simsync.statespace.describing import described

WIDTH = 100
"""Characters of a line in which a reading is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer: the box that was ticked, and where."""

    ask: Ask
    box: AnswerBox
    place: SheetPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """A question to which the answer is none of those that readings give."""

    ask: Ask
    note: str
    place: SheetPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetAnswers:
    """What follows. ``left`` are the combinations of readings that the answers leave.

    ``unclear`` is what is wrong with single boxes; what it is about counts as not answered.
    """

    model: Model
    sheet: QuestionSheet
    given: tuple[Given, ...]
    otherwise: tuple[Otherwise, ...]
    unanswered: tuple[Ask, ...]
    unclear: tuple[Diagnostic, ...]
    left: int

    @property
    def asked(self) -> Mapping[str, tuple[str, ...]]:
        """The readings that the sheet was to settle, with their options."""
        return {name: options for name, options in self._within(self.sheet.within).items() if len(options) > 1}

    @property
    def settled(self) -> dict[str, str]:
        """The readings that follow."""
        return {
            name: options[0]
            for name, options in self._within(self.left).items()
            if len(options) == 1 and name in self.asked
        }

    @property
    def open(self) -> dict[str, tuple[str, ...]]:
        """The readings that are still open, with the options that are left."""
        return {name: options for name, options in self._within(self.left).items() if len(options) > 1}

    @property
    def holds(self) -> bool:
        """Whether every question was answered, and as some reading has it."""
        return not self.otherwise and not self.unanswered and not self.unclear

    def _within(self, bits: int) -> dict[str, tuple[str, ...]]:
        among = self.sheet.among
        return {
            name: tuple(option for option in options if bits & among.with_option(name, option))
            for name, options in among.options.items()
        }

    def behind(self, reading: str) -> list[str]:
        """The labels of the answers from which a reading follows, each by itself."""
        within = self._within(self.sheet.within)[reading]
        return [g.ask.label for g in self.given if len(self._within(g.box.clue.combos)[reading]) < len(within)]

    def would_settle(self, reading: str) -> list[str]:
        """The labels of the questions without an answer, or with another one, that are about a reading."""
        left = self._within(self.left)[reading]
        rest = (*self.unanswered, *(one.ask for one in self.otherwise))
        bits = ((ask.label, [box.clue.combos & self.left for box in ask.boxes]) for ask in rest)
        return [label for label, some in bits if any(one and self._within(one)[reading] != left for one in some)]

    def together(self) -> str:
        """What options that are left go with which, where not every one goes with every other; else nothing."""
        within = self.sheet.among.under(self.settled) & self.sheet.within
        cubes = described(self.left, self.sheet.among, within)
        return "" if cubes == [{}] else means(cubes)


def judged(model: Model, filled: FilledIn) -> SheetAnswers:
    """What a filled-in sheet settles; raises :class:`SimsyncError` with every place that cannot be so or be read."""
    settled = filled.settled
    try:
        model = model.under(settled)
    except SimsyncError as error:
        raise SimsyncError(filled.at.fault(one.code, one.message) for one in error.diagnostics) from error
    made = sheet(model, set(settled), filled.steps or STEPS)
    asked = vendor_sheet(model, made, settled)
    if filled.digest not in ("", asked.digest):
        message = (
            "this sheet asks something else than these rules leave open; were they changed since it was made, or is it"
            " of others? A sheet of these: simsync readings --questions --format html"
        )
        raise SimsyncError([filled.at.fault(Code.UNKNOWN_NAME, message)])
    return answered(model, made, asked, filled)


def answered(model: Model, made: QuestionSheet, asked: VendorSheet, filled: FilledIn) -> SheetAnswers:
    """What answers settle; a question with a box that nobody can read, or with two answers, counts as not answered."""
    by_label = {ask.label: ask for ask in asked.asks}
    if by_label and not filled.digest and not any(tick.label in by_label for tick in filled.ticks):
        raise SimsyncError([filled.at.fault(Code.SYNTAX, NO_SHEET)])
    unclear: list[Diagnostic] = []
    vague: set[str] = set()
    answers: list[Given | Otherwise] = []
    for tick in filled.ticks:
        found = _answer(tick, by_label)
        if isinstance(found, Diagnostic):
            unclear.append(found)
            vague.add(tick.label)
        elif found:
            answers.append(found)
    for label, fault in _twice(answers):
        unclear.append(fault)
        vague.add(label)
    answers = [one for one in answers if one.ask.label not in vague]
    given = [one for one in answers if isinstance(one, Given)]
    if problems := [*_contradictions(given, made.within)]:
        raise SimsyncError(sorted((*problems, *unclear), key=lambda one: (one.line, one.col)))
    left = made.within
    for one in given:
        left &= one.box.clue.combos
    known = {one.ask.label for one in answers}
    return SheetAnswers(
        model=model,
        sheet=made,
        given=tuple(given),
        otherwise=tuple(one for one in answers if isinstance(one, Otherwise)),
        unanswered=tuple(ask for label, ask in by_label.items() if label not in known),
        unclear=tuple(sorted(unclear, key=lambda one: (one.line, one.col))),
        left=left,
    )


def _answer(tick: Tick, asks: Mapping[str, Ask]) -> Given | Otherwise | Diagnostic | None:
    """What a box says, or what is wrong with it; None if it was not ticked."""
    ask = asks.get(tick.label)
    if ask is None:
        message = (
            not_among("a question of this sheet", tick.label, asks)
            if tick.label
            else "this box stands below no question"
        )
        return tick.place.fault(Code.UNKNOWN_NAME, message)
    if tick.ticked is None:
        message = f"{named(tick.mark)} is neither an empty box nor a ticked one; say [x] or [ ]"
        return tick.place.fault(Code.SYNTAX, message)
    if tick.says == OTHERWISE:
        return Otherwise(ask=ask, note=tick.note, place=tick.place) if tick.ticked or tick.note else None
    boxes = {_plain(box.says): box for box in ask.boxes}
    box = boxes.get(_plain(tick.says))
    if box is None:
        says = [*(one.says for one in ask.boxes), OTHERWISE]
        return tick.place.fault(Code.UNKNOWN_NAME, not_among(f"an answer to {ask.label}", tick.says, says))
    return Given(ask=ask, box=box, place=tick.place) if tick.ticked else None


def _plain(text: str) -> str:
    """A text as editors leave it alike: one blank, straight quotes, no case."""
    return " ".join(text.translate(_STRAIGHT).casefold().split())


_STRAIGHT = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "\u00a0": " "}
)


def _twice(ticked: Sequence[Given | Otherwise]) -> Iterator[tuple[str, Diagnostic]]:
    """The questions with two answers, each with what is wrong there."""
    first: dict[str, Given | Otherwise] = {}
    for one in sorted(ticked, key=lambda one: (one.place.line, one.place.col)):
        known = first.setdefault(one.ask.label, one)
        if known is not one and _says(known) != _says(one):
            here, there = named(_says(one)), f"{named(_says(known))} in line {known.place.line}"
            message = f"{one.ask.label} is answered twice: {here} here, {there}; only one of them can be so"
            yield one.ask.label, one.place.fault(Code.READING_CLASH, message)


def _says(one: Given | Otherwise) -> str:
    return one.box.says if isinstance(one, Given) else OTHERWISE


def _contradictions(given: Sequence[Given], within: int) -> Iterator[Diagnostic]:
    """Answers that no combination of readings gives together, each with the fewest earlier ones that it is against."""
    left, before = within, list[Given]()
    for one in given:
        if not left & one.box.clue.combos:
            against = _fewest(one.box.clue, before, within)
            said = " and ".join(f"{o.ask.label} {named(o.box.says)} (line {o.place.line})" for o in against)
            both = f"{one.ask.label} {named(one.box.says)} cannot be so together with {said}"
            yield one.place.fault(Code.READING_CLASH, f"{both}: under no reading are all of them seen")
            continue
        left &= one.box.clue.combos
        before.append(one)


def _fewest(clue: Clue, before: Sequence[Given], within: int) -> Sequence[Given]:
    for size in range(1, len(before)):
        for some in combinations(before, size):
            left = within & clue.combos
            for other in some:
                left &= other.box.clue.combos
            if not left:
                return some
    return before


def as_text(told: SheetAnswers) -> Iterator[str]:
    """Which readings are settled, what is still open, what was seen otherwise, and what to say to other commands."""
    asked, words = told.asked, told.model.words
    if not asked:
        yield "No reading is open that anybody could settle: there was nothing to ask"
        return
    yield f"The answers settle {len(told.settled)} of {phrases.counted(len(asked), 'reading')}"
    for name, option in told.settled.items():
        reading = told.model.policy.readings[name]
        yield f"  {name}={option}  [{', '.join(told.behind(name)) or 'together'}]"
        said = f"{reading.question} {reading.options[option].about}"
        yield from textwrap.wrap(said, WIDTH, initial_indent="    ", subsequent_indent="    ")
    if told.open:
        yield "Still open"
    for name, options in told.open.items():
        labels = told.would_settle(name)
        why = f"{', '.join(labels)} would tell" if labels else "nobody can tell"
        yield f"  {name}: {' or '.join(options)}  ({why})"
    if told.open and (joint := told.together()):
        yield f"  of these only: {joint}"
    if told.otherwise:
        yield f"Seen otherwise: there the {words.page} is understood wrongly, whatever the readings"
    for one in told.otherwise:
        note = f": {phrases.printable_line(one.note)}" if one.note else ""
        yield f"  {one.ask.label}, line {one.place.line}{note}"
        yield f"    {one.ask.says}"
    if not told.given and not told.otherwise and not told.unclear:
        yield "Nothing is answered: was the page saved with its last button? What a browser saves may lack the answers"
    if told.unanswered:
        yield f"Not answered: {', '.join(ask.label for ask in told.unanswered)}"
    yield from _to_go_on(told)


def _to_go_on(told: SheetAnswers) -> Iterator[str]:
    other = {
        name: option for name, option in told.settled.items() if told.model.policy.readings[name].default != option
    }
    if other:
        yield "For other commands, what is not the default"
        yield "  " + " ".join(f"--reading {shlex.quote(f'{name}={option}')}" for name, option in other.items())
    elif told.settled:
        which = "It is the default" if len(told.settled) == 1 else "All of these are the defaults"
        yield f"{which}: other commands need no --reading for it"


def as_json(told: SheetAnswers) -> dict[str, Any]:
    """The same for programs."""
    return {
        "combinations": told.sheet.combinations,
        "left": told.left.bit_count(),
        "settled": told.settled,
        "open": {
            name: {"options": list(options), "asked_in": told.would_settle(name)} for name, options in told.open.items()
        },
        "answers": [{"question": one.ask.label, "says": one.box.says, "line": one.place.line} for one in told.given],
        "otherwise": [{"question": one.ask.label, "says": one.note, "line": one.place.line} for one in told.otherwise],
        "unanswered": [ask.label for ask in told.unanswered],
        "unclear": [{"line": one.line, "col": one.col, "message": one.message} for one in told.unclear],
    }
