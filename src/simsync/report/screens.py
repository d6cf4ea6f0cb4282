"""What both tickets show at one moment, line by line, in the words of one who looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simsync.engine.outcome import Outcome
from simsync.engine.view import ticket
from simsync.report.sentences import statuses_on
from simsync.report.step_summary import StepSummarizer
from simsync.report.terminal import UNICODE

Tickets = tuple[tuple[str, tuple[str, ...]], ...]
"""The name of each ticket, and its lines."""


def screens(outcomes: Sequence[Outcome], places: Mapping[object, str] | None = None) -> Tickets:
    """Both tickets after a step, as it came out; if it may come out in several ways, what only some have is left open.

    ``places`` says by partner and item where what is open is asked about.
    """
    model = outcomes[0].model
    return tuple(
        (f"{partner}'s {model.words.ticket}", tuple(_lines(outcomes, partner, places or {})))
        for partner in model.vocabulary.partners
    )


def _lines(outcomes: Sequence[Outcome], partner: str, places: Mapping[object, str]) -> Iterator[str]:
    """What a ticket shows; what is not so in all outcomes is told with its alternative."""
    model = outcomes[0].model
    statuses = [statuses_on(model, one.after.status, partner) for one in outcomes]
    for key in statuses[0]:
        yield f"{key}: {' or '.join(dict.fromkeys(one[key] for one in statuses))}"
    if not any(_has_ticket(one, partner) for one in outcomes):
        yield f"(no {model.words.ticket})"
        return
    summarizer, empty = StepSummarizer(model, UNICODE.dot), True
    for item in dict.fromkeys(name for one in outcomes for name in one.after.items):
        shown = [*dict.fromkeys(_shown(summarizer, one, partner, item) for one in outcomes)]
        if shown == [""]:
            continue
        empty = False
        place = f" (see {places[partner, item]})" if (partner, item) in places else ""
        alike = " or ".join(filter(None, shown)) + (", or not there" if "" in shown else "")
        yield alike if len(shown) < 3 else f"{item}, in some way{place}"
    if empty:
        yield f"(no {model.words.item})"


def _shown(summarizer: StepSummarizer, outcome: Outcome, partner: str, item: str) -> str:
    view = ticket(outcome.model.vocabulary, outcome.after, partner).get(item)
    if view is None:
        return ""
    return f"{item} {summarizer.described({key: value for key, value in view.items() if value is not False})}".rstrip()


def _has_ticket(outcome: Outcome, partner: str) -> bool:
    spec = outcome.model.status_spec
    phase = spec.states[outcome.after.status].phase
    return phase is None or partner in spec.phases[phase].tickets
