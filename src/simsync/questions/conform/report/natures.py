"""What kind of finding something is: plain, late, a failed synchronization, not every time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.engine.world import Event
from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, Recurrence, Recurs
from simsync.questions.conform.driven import Exchanges, Later
from simsync.report import phrases

MOST_TRACED = 12
MOST_NAMED = 4
WIDEST = 240
"""Characters of a request or an answer that are printed."""


def marks(finding: ConformanceFinding) -> list[str]:
    """What a heading says of a finding besides its rules, in a few words each."""
    late = ["late"] if finding.divergence.late and finding.failed is None else []
    how = [] if finding.steady else [str(finding.recurrence.how)]
    return [*late, *how, *(["known"] if finding.known else [])]


def natures(finding: ConformanceFinding) -> Iterator[str]:
    """What there is to say of how, when and how often a finding shows, in sentences, with how far it was looked."""
    if finding.failed is not None:
        yield f"the system said of it: {phrases.printable_line(finding.failed)}"
    if finding.divergence.later is not None:
        yield _later(finding)
    if not finding.steady:
        yield recurrence(finding.recurrence)


def _later(finding: ConformanceFinding) -> str:
    later, words = finding.divergence.later, finding.divergence.outcomes[-1].model.words
    assert later is not None
    if later.ended is not None:
        return f"whether it comes later was not seen to the end, since the system failed: {later.ended}"
    if not later.came:
        return f"it was still so {_looked(later)}"
    if finding.failed is not None and len(finding.divergence.unlike.aspects) == 1:
        return f"what both {words.ticket.many} show is as the rules say, all the same"
    if not later.changes:
        return "late: it came with the next settle"
    made = ", ".join(_made(event) for event in later.changes)
    which = "next change" if len(later.changes) == 1 else f"{_nth(len(later.changes))} change"
    return f"late: it came with the {which} after it ({made})"


def _looked(later: Later) -> str:
    """How far it was looked on."""
    more = phrases.counted(len(later.changes), "more change")
    again = next((f", {_made(event)} among them" for event in later.changes if event.item is None), "")
    return f"after one more settle and {more}{again}" if later.changes else "after one more settle"


def _made(event: Event) -> str:
    return f"{event.actor}: {event}"


def _nth(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth"}.get(number, f"{number}th")


def recurrence(found: Recurrence) -> str:
    """How often something came back, as a sentence."""
    if found.how is Recurs.UNTRIED:
        return f"it was not done again to see whether it comes back: {found.why}"
    often = f"seen {found.seen} of {phrases.counted(found.tries, 'time')} that it was tried"
    if found.how is Recurs.SOMETIMES:
        return f"not every time: {often}"
    names = [phrases.printable_line(drive.source) for drive in found.after]
    more = [f"{len(names) - MOST_NAMED:,} more"] if len(names) > MOST_NAMED else []
    first = ", ".join([*names[:MOST_NAMED], *more])
    return f"only on an instance that had done other things before ({often}); it shows again after {first}"


def runs(finding: ConformanceFinding) -> Iterator[tuple[str, Exchanges]]:
    """Where a finding does not show every time: the exchanges of the step that showed it, and of one that did not."""
    otherwise = finding.recurrence.otherwise
    if otherwise is not None:
        yield "when it was seen:", _since_last_act(finding.divergence.trace)
        if otherwise.exchanges:
            yield "when it was not:", _since_last_act(otherwise.exchanges)
        else:
            source = phrases.printable_line(otherwise.drive.source)
            yield f"when it was not, it was as the rules say (in {source}, of which no exchanges were kept)", ()


def _since_last_act(trace: Exchanges) -> Exchanges:
    """The exchanges of the last step."""
    acts = [number for number, (request, _) in enumerate(trace) if request.startswith('{"op": "act"')]
    return trace[acts[-1] :][-MOST_TRACED:] if acts else trace[-MOST_TRACED:]


def exchanges_text(trace: Exchanges) -> Iterator[str]:
    """Exchanges, a line for each request and each answer."""
    for request, answer in trace:
        yield f"-> {_short(request)}"
        yield f"<- {_short(answer) if answer is not None else '(nothing that could be used)'}"


def _short(text: str) -> str:
    shown = phrases.printable_line(text)
    return shown if len(shown) <= WIDEST else f"{shown[:WIDEST]}..."


def exchanges_json(trace: Exchanges) -> list[dict[str, Any]]:
    """The same for programs."""
    return [{"request": request, "answer": answer} for request, answer in trace]


def recurrence_json(found: Recurrence) -> dict[str, Any]:
    """How often something came back, for programs."""
    return {
        "how": found.how,
        "seen": found.seen,
        "tries": found.tries,
        "after": [drive.source for drive in found.after],
        "why": found.why,
    }


def natures_json(finding: ConformanceFinding) -> dict[str, Any]:
    """How, when and how often a finding shows, for programs."""
    later, found = finding.divergence.later, finding.recurrence
    looked = later and {
        "came": later.came,
        "settles": later.settles,
        "changes": [_made(event) for event in later.changes],
        "cut_short": later.ended,
    }
    shown = [] if found.otherwise is None else [(True, finding.divergence.trace), (False, found.otherwise.exchanges)]
    return {
        "failed": finding.failed,
        "late": finding.divergence.late,
        "later": looked,
        "recurrence": recurrence_json(found),
        "runs": [{"shown": seen, "trace": exchanges_json(trace)} for seen, trace in shown],
    }
