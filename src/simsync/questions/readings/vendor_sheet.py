"""The sheet for whoever knows the product: what to do, what to look at, and a picture of each thing that may be seen.

It says nothing of readings, rows or scenario files; what an answer means, :mod:`answered` knows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.questions.readings.answers import Clue
from simsync.questions.readings.question_sheet import by_look, letters, summary
from simsync.questions.readings.questions import Question, QuestionSheet
from simsync.report.screens import Tickets, screens
from simsync.report.sentences import act, begins, status_lines
from simsync.report.step_summary import StepSummarizer
from simsync.statespace.differences import Observable

OTHERWISE = "something else"
"""The last box below each question."""
TITLE = "Questions about the synchronization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What both tickets show at one moment, each with its lines; what may be so or not is left open.

    ``told`` says who was told, where that is what is asked.
    """

    tickets: Tickets
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBox:
    """An answer to tick."""

    says: str
    clue: Clue
    screen: Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Something to look at, by its label."""

    label: str
    says: str
    boxes: tuple[AnswerBox, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayStep:
    """Something to do, and what to look at then."""

    says: str
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationToPlay:
    """A few steps on a fresh ticket. ``by_itself``: the items that the product makes."""

    begins: str
    steps: tuple[PlayStep, ...]
    by_itself: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSheet:
    """All situations. ``digest`` is of all that is asked; with what it was made of, it is the ``stamp``."""

    intro: tuple[str, ...]
    situations: tuple[SituationToPlay, ...]
    digest: str
    stamp: str

    @property
    def asks(self) -> Iterator[Ask]:
        """Every question."""
        for situation in self.situations:
            for step in situation.steps:
                yield from step.asks


def vendor_sheet(model: Model, sheet: QuestionSheet, settled: Mapping[str, str]) -> VendorSheet:
    """The questions in sentences; ``settled`` are the readings that were not to be asked."""
    situations = tuple(_situation(model, number, one) for number, one in enumerate(sheet.questions, 1))
    told = [
        (s.begins, [(p.says, [(a.label, a.says, [b.says for b in a.boxes]) for a in p.asks]) for p in s.steps])
        for s in situations
    ]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:12]
    stamp = json.dumps({"sheet": digest, "steps": sheet.limit, "settled": dict(settled)}).replace(">", "\\u003e")
    return VendorSheet(intro=tuple(_intro(model, sheet)), situations=situations, digest=digest, stamp=stamp)


def _intro(model: Model, sheet: QuestionSheet) -> Iterator[str]:
    words = model.words
    if not sheet.questions:
        yield from (f"{line}." for line in summary(model, sheet))
        return
    yield words.say(
        "Please play each of these short situations on a fresh {ticket}, and tick what you see: one answer a question."
        " Below each answer is what both {tickets} show then. If a step cannot be done, go on with the next one. If you"
        " see something else, tick the last answer and say what. What you do not know stays empty. Each {item} has a"
        " short name here, to speak of it."
    )
    for name, about in (*model.vocabulary.partners.items(), *model.vocabulary.actors.items()):
        yield f"{name}: {' '.join(about.split())}" if about else name


def _situation(model: Model, number: int, question: Question) -> SituationToPlay:
    looks = sorted(by_look(question), key=lambda one: one[0].step)
    labelled = list(zip(letters(), looks, strict=False))
    places = {look: f"{number}{letter}" for letter, (look, _) in labelled}
    steps = []
    for step, event in enumerate(question.trace.events):
        asks = (_ask(model, question, look, clues, places) for _, (look, clues) in labelled if look.step == step)
        steps.append(PlayStep(says=f"{act(event, model.vocabulary)}.", asks=tuple(asks)))
    made = {event.item for event in question.trace.events}
    by_itself = dict.fromkeys(look.item for look in places if look.item and look.item not in made)
    return SituationToPlay(
        begins=f"{begins(model, question.trace.status)}.", steps=tuple(steps), by_itself=tuple(by_itself)
    )


def _ask(
    model: Model, question: Question, look: Observable, clues: Sequence[Clue], places: Mapping[Observable, str]
) -> Ask:
    boxes = (
        AnswerBox(says=_answer(model, clue, clues), clue=clue, screen=_screen(model, question, clue, places))
        for clue in clues
    )
    return Ask(label=places[look], says=_asked(model, look, clues), boxes=tuple(boxes))


def _asked(model: Model, look: Observable, clues: Sequence[Clue]) -> str:
    words, ways = model.words, sum(isinstance(clue.value, Mapping) for clue in clues)
    return {
        "refused": "Can this be done?",
        "undecided": f"Does the {words.page} say what comes of it?",
        "status": f"What is the {words.status} now?",
        "notified": "Who is told of it, by email or otherwise?",
        "ticket": f"Is {look.item} on {look.partner}'s {words.ticket} now{', and how' if ways > 1 else ''}?",
    }[look.what]


def _answer(model: Model, clue: Clue, clues: Sequence[Clue]) -> str:
    """What is seen, as a sentence; of an item, as much as tells it from what else could be seen."""
    value, item = clue.value, clue.look.item
    if clue.look.what == "refused":
        return "no, it is refused" if value else "yes, it is done"
    if clue.look.what == "undecided":
        return "no" if value else "yes"
    if isinstance(value, tuple):
        return f"told: {', '.join(value) or 'nobody'}"
    if isinstance(value, str):
        return ", ".join(status_lines(model, value))
    if not isinstance(value, Mapping):
        return f"no, {item} is not there"
    others = [one.value for one in clues if isinstance(one.value, Mapping) and one is not clue]
    differing = {k: v for k, v in value.items() if any(k not in other or other[k] != v for other in others)}
    how = StepSummarizer(model, ",").described(differing)
    return f"yes, {item} is there{f': {how}' if how else ''}"


def _screen(model: Model, question: Question, clue: Clue, places: Mapping[Observable, str]) -> Screen:
    """Both tickets after the step that is asked about, as far as the answer settles what they show."""
    outcomes = [one.outcomes[clue.look.step] for one in question.answers if one.combos & clue.combos]
    elsewhere: dict[object, str] = {
        (look.partner, look.item): label for look, label in places.items() if look != clue.look
    }
    told = _answer(model, clue, [clue]) if clue.look.what == "notified" else ""
    return Screen(tickets=screens(outcomes, elsewhere), told=told)
