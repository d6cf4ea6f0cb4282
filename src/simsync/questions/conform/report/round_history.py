"""What a system did in rounds, as a sequence diagram with what overlaps drawn as such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simsync.drawing.rounds_svg import Drawn, DrawnAct, DrawnRound, DrawnRounds, rounds_svg
from simsync.drawing.sequence import LaneSide
from simsync.engine.world import Event
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.overlap.campaign import OverlapFinding, RoundFailure
from simsync.questions.conform.overlap.rounds import ActAnswer, Acts, AnswerSpan, RoundSeen
from simsync.report import phrases
from simsync.report.terminal import UNICODE

MOST_FATES = 6
"""Sentences on what no order explains that stand in a picture."""


def round_history(report: Report, finding: OverlapFinding | RoundFailure) -> str:
    """The rounds of a finding as one SVG document."""
    words, driven = report.model.words, finding.driven
    lanes = dict(zip(report.model.vocabulary.partners, LaneSide, strict=True))
    name = phrases.printable_line(report.name) or "this system"
    parallel = report.rounds is not None and report.rounds.parallel
    drawn = [_judged(report, finding, seen, lanes) for seen in driven.seen]
    if isinstance(finding, RoundFailure):
        parts = _parts(report, driven.drive.rounds[-1], (), (), (), lanes)
        drawn.append(DrawnRound(parts=tuple(parts), settled="the system failed here"))
        apart = [f"the system failed: {finding.fault.message}"]
    else:
        apart = [str(finding.mismatch.nature), *(fate.told for fate in finding.fates[:MOST_FATES])]
    return rounds_svg(
        DrawnRounds(
            title=f"what {name} did",
            given=f"given {driven.drive.status}; a line where all had settled",
            how="at once, nothing settled between" if parallel else "nothing settled between",
            partners={side: f"{partner}'s {words.ticket}" for partner, side in lanes.items()},
            rounds=tuple(drawn),
            apart=tuple(map(phrases.printable_line, apart)),
        )
    )


def _judged(
    report: Report, finding: OverlapFinding | RoundFailure, seen: RoundSeen, lanes: dict[str, LaneSide]
) -> DrawnRound:
    last = isinstance(finding, OverlapFinding) and seen is finding.mismatch.seen
    refused = finding.mismatch.refused if isinstance(finding, OverlapFinding) and last else ()
    apart = [finding.mismatch.nearest.events[place] for place in refused] if isinstance(finding, OverlapFinding) else []
    parts = _parts(report, seen.acts, seen.answers, seen.spans, apart, lanes)
    status = "" if not seen.shown.status else f", {report.model.words.status}: {seen.shown.status}"
    return DrawnRound(parts=tuple(parts), settled=phrases.printable_line(f"settled{status}"))


def _parts(
    report: Report,
    acts: Acts,
    answers: Sequence[ActAnswer],
    spans: Sequence[AnswerSpan],
    apart: Sequence[Event],
    lanes: dict[str, LaneSide],
) -> Iterator[Drawn]:
    number = 0
    for act in acts:
        if not isinstance(act, Event):
            yield phrases.printable_line(act.what)
            continue
        side = lanes.get(act.actor)
        action = phrases.action(act, report.model.vocabulary.fields).replace("  ", f" {UNICODE.dot} ", 1)
        span = spans[number] if number < len(spans) else None
        yield DrawnAct(
            side=side,
            action=action if side is not None else f"{act.actor}: {action}",
            answer=str(answers[number]) if number < len(answers) else "",
            sent=span.sent if span else None,
            answered=span.answered if span else None,
            apart=any(act is one for one in apart),
        )
        number += 1
