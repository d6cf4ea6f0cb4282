"""Questions that settle the readings: as text, with what each answer means, and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from string import ascii_lowercase
from typing import Any

from simsync.engine.model import Model
from simsync.questions.readings.answers import Clue
from simsync.questions.readings.questions import Question, QuestionSheet
from simsync.report import phrases
from simsync.scenarios.writing import as_yaml, document
from simsync.statespace.describing import Cube
from simsync.statespace.differences import Observable


def as_text(model: Model, sheet: QuestionSheet) -> Iterator[str]:
    """The questions as scenarios that can be run, with what to look at and what it means as comments."""
    yield from (f"# {line}" for line in summary(model, sheet))
    for number, question in enumerate(sheet.questions, 1):
        if number > 1:
            yield "---"
        yield from as_yaml(_scenario(sheet, number)).splitlines()
        for look, clues in by_look(question):
            yield f"# {_ask(model, question, look)}"
            for clue in clues:
                yield f"#   {_value(clue, clues)}: {means(sheet.meaning(clue))}"
    if sheet.silent:
        yield from ("#", *(f"# {line}" for line in _interplay(sheet)))
    if sheet.questions:
        yield "#"
        yield "# How much each reading matters: the share of situations in which another option gives another outcome,"
        yield "# and in which the step itself shows it; first under the defaults, then over all combinations"
    width = max((len(reading) for reading, *_ in _weights(sheet)), default=0)
    for reading, *shares in _weights(sheet):
        cells = [f"{share:7.2%}" for share in shares]
        yield f"#   {reading:{width}} {cells[0]} {cells[1]} | {cells[2]} {cells[3]}"


def as_json(model: Model, sheet: QuestionSheet) -> dict[str, Any]:
    """Everything for programs; a set of combinations is a list of choices of options, one of which holds."""
    return {
        "combinations": sheet.combinations,
        "different": sheet.different,
        "steps": sum(len(question.trace.events) for question in sheet.questions),
        "at_least": {"questions": sheet.bound.questions, "steps": sheet.bound.steps, "of_at_most": sheet.limit},
        "questions": [_question_json(model, sheet, number) for number in range(1, len(sheet.questions) + 1)],
        "undecidable": [
            {"reading": need.reading, "options": [need.first, need.second], "where": list(where)}
            for need, where in sheet.silent
        ],
        "weights": {
            reading: {
                "defaults": {"depends": shares[0], "at_once": shares[1]},
                "all": {"depends": shares[2], "at_once": shares[3]},
            }
            for reading, *shares in _weights(sheet)
        },
    }


def _question_json(model: Model, sheet: QuestionSheet, number: int) -> dict[str, Any]:
    question = sheet.questions[number - 1]
    return {
        "scenario": _scenario(sheet, number),
        "ask": [
            {
                "step": look.step + 1,
                "what": look.what,
                **({"ticket": look.partner, "item": look.item} if look.partner else {}),
                "question": _ask(model, question, look),
                "answers": [
                    {"seen": clue.value, "says": _value(clue, clues), "means": sheet.meaning(clue)} for clue in clues
                ],
            }
            for look, clues in by_look(question)
        ],
    }


def _scenario(sheet: QuestionSheet, number: int) -> dict[str, Any]:
    question = sheet.questions[number - 1]
    return document(f"Question {number} of {len(sheet.questions)}", question.trace)


def by_look(question: Question) -> list[tuple[Observable, list[Clue]]]:
    """What to look at, in the order of the clues, with what can be seen there."""
    return [(look, list(clues)) for look, clues in groupby(question.clues, key=lambda clue: clue.look)]


def letters() -> Iterator[str]:
    """a, b, ... z, aa, ab and so on."""
    yield from ascii_lowercase
    for one in letters():
        yield from (one + letter for letter in ascii_lowercase)


def _ask(model: Model, question: Question, look: Observable) -> str:
    """A question in words."""
    event = question.trace.events[look.step]
    step = f"step {look.step + 1} ({event.actor}: {phrases.printable_line(str(event))})"
    if look.what == "refused":
        return f"Is {step} refused?"
    if look.what == "undecided":
        return f"Do the rules say what {step} does?"
    if look.what == "status":
        return f"What is the {model.words.status} after {step}?"
    if look.what == "notified":
        return f"Who is told of {step}?"
    return f"What does {look.partner}'s {model.words.ticket} show of {look.item} after {step}?"


def _value(clue: Clue, clues: list[Clue]) -> str:
    """What is seen, in words; of an item, as much as tells it from what else could be seen."""
    value = clue.value
    if isinstance(value, bool):
        return "yes" if value is (clue.look.what != "undecided") else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "nobody"
    if isinstance(value, str):
        return value
    if value is None:
        return f"no {clue.look.item}"
    others = [other.value for other in clues if isinstance(other.value, Mapping) and other.value != value]
    differing = {k: v for k, v in value.items() if any(other.get(k) != v for other in others)}
    return f"{clue.look.item}, {', '.join(f'{k}: {phrases.value(v)}' for k, v in differing.items())}".rstrip(", ")


def means(cubes: Iterable[Cube]) -> str:
    """A set of combinations in words."""
    told = [" and ".join(f"{name}={option}" for name, option in cube.items()) for cube in cubes]
    return ", or ".join(told) or "nothing"


def summary(model: Model, sheet: QuestionSheet) -> Iterator[str]:
    """How many questions there are, and how few there could be."""
    count, steps = len(sheet.questions), sum(len(question.trace.events) for question in sheet.questions)
    if not count:
        yield "No reading is open that anybody could settle: there is nothing to ask"
        return
    yield (
        f"Of {phrases.counted(sheet.combinations, 'combination')} of readings {sheet.different:,} are truly different;"
        " nobody can tell the others from one of these"
        if sheet.different < sheet.combinations
        else f"{phrases.counted(sheet.combinations, 'combination')} of readings, all of them truly different"
    )
    if told := phrases.as_delivered(model.policy):
        yield f"Nothing is asked of how fields are delivered: {told}"
    counted = phrases.counted(count, "question"), phrases.counted(steps, "step")
    yield f"{counted[0]}, {counted[1]} in all; whatever is answered, it leaves one of these"
    limit, bound = phrases.counted(sheet.limit, "step"), sheet.bound
    if sheet.beyond:
        yield f"{sheet.beyond} of them had to be longer than {limit}"
    elif count > bound.questions:
        yield f"At least {phrases.counted(bound.questions, 'question')} of at most {limit} would be needed"
    elif steps > bound.steps:
        yield f"No fewer questions of at most {limit} could do, and so few take at least {bound.steps} steps"
    else:
        yield f"No fewer questions of at most {limit} could do, and so few take no fewer steps"


def _interplay(sheet: QuestionSheet) -> Iterator[str]:
    for need, where in sheet.silent:
        name, first, second = need
        told = f"with {means(where)}" if all(where) else "whatever else is chosen"
        yield f"Whether {name} is {first} or {second} cannot be seen, nor does it matter, {told}"


def _weights(sheet: QuestionSheet) -> list[tuple[str, float, float, float, float]]:
    """By reading, the weightiest over all first: under the defaults at all and at once, over all at all and at once."""
    by_default, over_all = sheet.weights
    ordered = sorted(over_all, key=lambda reading: -over_all[reading].at_all)
    return [(r, by_default[r].at_all, by_default[r].at_once, over_all[r].at_all, over_all[r].at_once) for r in ordered]
