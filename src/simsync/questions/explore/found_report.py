"""What `simsync find` answers: a scenario that can be run, or that there is none, and what that rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.engine.model import Model
from simsync.engine.trace import Trace, simulate
from simsync.policy.policy import ALONE
from simsync.policy.words import Noun
from simsync.questions.explore.other_readings import OtherWays
from simsync.questions.explore.report import witness
from simsync.report.phrases import counted, printable_line
from simsync.scenarios.writing import as_yaml, expected
from simsync.statespace.consequences import acts_alone
from simsync.statespace.narrowing import left_out
from simsync.statespace.query import Query


def found_text(model: Model, wanted: Query, trace: Trace | None, others: OtherWays | None) -> str:
    """The answer to a query: a scenario that can be run, or that there is none."""
    words = model.words
    if trace is None:
        lines = [*_unsaid(model, wanted), f"There is no way to: {wanted.text}", *_bound(model, wanted)]
        return "".join(f"{line}\n" for line in [*lines, *(_otherwise(model, others) if others else ())])
    if not trace.events:
        where = "" if trace.status == ALONE else f" in {trace.status}"
        return f"{wanted.text}: so it is{where} with empty {words.ticket.many}, to which no step leads.\n"
    steps = counted(len(trace.events), "step")
    return as_yaml(_found(model, wanted, trace)) + f"# the shortest way there: {steps} from empty {words.ticket.many}\n"


def _bound(model: Model, wanted: Query) -> Iterator[str]:
    """How far it goes that there is no way."""
    words = model.words
    if said := left_out(model):
        yield f"That goes as far as was looked at: {said}."
    elif alone := acts_alone(model):
        but = f"what the product does by itself was not looked at: {alone}"
        yield f"That goes for what {words.partner.many} do alone; {but}."
    else:
        under = ", under the readings in force" if model.policy.readings else ""
        bound = f"one {words.item}" if wanted.last else f"any number of {words.item.many}"
        yield f"That is a proof, for {bound}{under}."
        if wanted.last:
            yield f"What a last step does to several {words.item.many} at once is not looked at."


def _otherwise(model: Model, others: OtherWays) -> Iterator[str]:
    """With which other option of one reading there is a way, as far as that was looked at."""
    if not model.policy.readings:
        return
    if not others.looked_at:
        yield "With another reading there may be one; that was not looked at: --reading NAME=OPTION looks."
    elif not others.ways:
        tried = f"{others.looked_at} were looked at" if others.looked_at > 1 else "there is one"
        yield f"Nor is there one with another option of a single reading; {tried}."
    else:
        yield "With another option of a single reading there is one:"
    for one in others.ways:
        about = printable_line(model.policy.readings[one.reading].options[one.option].about)
        chosen = f"{one.reading}={one.option}"
        yield f"  {about} ({chosen} instead of {model.readings[one.reading]})"
        yield f"    {counted(one.steps, 'step')}; the same with --reading {chosen} shows the way"


def _unsaid(model: Model, wanted: Query) -> Iterator[str]:
    """What a query asks tickets to show of kinds that have no such field: it has no value there, sought or not."""
    vocabulary = model.vocabulary
    for asked in map(dict, wanted.items.values()):
        for show in vocabulary.shows:
            for partner in vocabulary.partners if show.ticket is None else (show.ticket,):
                fact = f"{partner}.{show.name}"
                kinds = asked.get(f"{partner}.kind", asked.get("kind", ())) if fact in asked else ()
                lack = [Noun.of(kind).a for kind in map(str, kinds) if show.field not in vocabulary.kinds[kind].fields]
                if lack:
                    of = f"{' or '.join(lack)}, to which in these rules no '{show.field}' belongs"
                    yield f"{fact} is not said of {of}: what is seen there is open."


def _found(model: Model, wanted: Query, trace: Trace) -> dict[str, Any]:
    """The scenario that answers a query; where the last step was asked about, it expects all that comes of it."""
    made = witness(model, wanted.text, trace)
    if wanted.last:
        made["steps"][-1]["expect"] = expected(simulate(model, trace)[-1])
    return made


def found_json(model: Model, wanted: Query, trace: Trace | None, others: OtherWays | None) -> dict[str, Any]:
    """The answer to a query for programs."""
    told: dict[str, Any] = {"query": wanted.text, "found": trace is not None, "readings": model.readings}
    if trace is not None and trace.events:
        told["scenario"] = _found(model, wanted, trace)
    if others is not None:
        told["other_readings"] = {
            "looked_at": others.looked_at,
            "found": [{"reading": one.reading, "option": one.option, "steps": one.steps} for one in others.ways],
        }
    return told
