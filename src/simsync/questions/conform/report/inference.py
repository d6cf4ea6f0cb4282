"""Which readings a system follows, for a reader and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.engine.model import Model
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict
from simsync.questions.conform.diagnosis.inference import Inference, Probe, Unexplained
from simsync.questions.conform.driven import Seen
from simsync.questions.conform.report import as_json as conformance_json
from simsync.questions.conform.report.as_json import fault_json, seen_json
from simsync.questions.conform.report.differences import shows
from simsync.questions.conform.report.text import fault_lines, findings_text
from simsync.questions.conform.sequences.drives import Drive
from simsync.report import phrases
from simsync.scenarios.writing import document


def verdict(found: Inference) -> CampaignVerdict:
    """Whether some readings explain everything, and what was run under them; an error where nothing could be asked."""
    if found.stopped:
        return CampaignVerdict.INTERRUPTED
    if found.unexplained:
        return CampaignVerdict.DIVERGES
    nothing = bool(found.open) and not found.asked
    if found.faults or nothing:
        return CampaignVerdict.ERROR
    return found.confirmation.verdict if found.confirmation else CampaignVerdict.CONFORMS


def as_text(found: Inference, again: str) -> Iterator[tuple[str, str]]:
    """The report in lines with their style; ``again`` is the command that begins a campaign on the same system."""
    name = phrases.printable_line(found.name) or "the system"
    asked = phrases.counted(len(found.asked), "scenario")
    steps = phrases.counted(sum(len(one.drive.trace.events) for one in found.asked), "step")
    fixed = found.model.policy.fixed
    settled, among = (len(some.keys() - fixed.keys()) for some in (found.settled, found.model.policy.readings))
    yield f"{name}: {settled} of {among} readings settled", "bold"
    yield f"  {asked}, {steps}; {found.left:,} of {found.all:,} combinations explain what was seen", ""
    if found.stopped:
        yield f"  stopped: {found.stopped}", "bold"
    yield "", ""
    wide = max((len(one) for one in found.model.policy.readings), default=0)
    for reading in found.model.policy.readings.values():
        if reading.name in found.settled:
            option, number = found.settled[reading.name]
            by = f"by scenario {number}" if number else "as given"
            by = "not asked: it is about how fields are delivered" if reading.name in fixed else by
            yield f"  {reading.name:<{wide}}  {option:<18}  {by}", "green"
        elif reading.name in found.open:
            left = found.open[reading.name]
            yield f"  {reading.name:<{wide}}  inconclusive: {' or '.join(left.options)}; {left.why}", "yellow"
            if left.drive is not None:
                yield from ((f"      {line}", "dim") for line in _drive_lines(found.model, left.drive))
    yield "", ""
    yield from _confirmation(found)
    for number, one in enumerate(found.asked, 1):
        yield "", ""
        yield from _asked(found.model, number, one)
    for strange in found.unexplained:
        yield "", ""
        yield from _unexplained(found.model, strange)
    for fault in found.faults:
        yield "", ""
        yield from fault_lines(fault)
    if found.settled:
        defaults = found.model.policy.readings
        chosen = [f"--reading {n}={o}" for n, o in found.readings.items() if o != defaults[n].default]
        yield "", ""
        yield f"next: {' '.join([again, *chosen])}", "bold"


def _confirmation(found: Inference) -> Iterator[tuple[str, str]]:
    """What came of the sequences that were run under the readings found."""
    report = found.confirmation
    if report is None:
        yield "nothing else was run under these readings, and a bug may pass for one of them", "yellow"
        return
    done = f"{phrases.counted(report.sequences, 'random walk')}, {phrases.counted(report.steps, 'step')}"
    if report.verdict is CampaignVerdict.CONFORMS:
        yield f"confirmed by {done} under these readings: all go as the rules say", "green"
    elif report.verdict is CampaignVerdict.DIVERGES:
        apart = report.sequences - report.conforming
        yield f"under these readings the system diverges, in {apart:,} of {done}", "bold red"
        yield (
            "  it breaks a rule, then; where a finding bears on a reading, the bug may have passed for the reading",
            "",
        )
        yield from findings_text(report, {})
    elif report.interrupted:
        yield f"{done} were run under these readings; stopped: {report.stopped}", "bold"
        yield from findings_text(report, {})
    for fault in report.faults[:1]:
        yield from fault_lines(fault)


def _drive_lines(model: Model, drive: Drive) -> Iterator[str]:
    yield f"given {drive.trace.status}"
    for number, event in enumerate(drive.trace.events, 1):
        yield f"{number}. {event.actor}: {phrases.action(event, model.vocabulary.fields)}"


def _asked(model: Model, number: int, asked: Probe) -> Iterator[tuple[str, str]]:
    told = ", ".join(f"{name} is not {' or '.join(options)}" for name, options in asked.ruled_out.items())
    yield f"scenario {number}: {told or 'told nothing new'}", "bold"
    yield from ((f"   {line}", "") for line in _drive_lines(model, asked.drive))
    yield f"   seen at last: {_seen(model, asked.seen[-1])}", "dim"


def _seen(model: Model, seen: Seen) -> str:
    if seen.refused is not None:
        return f"refused ({phrases.printable_line(seen.refused)[:400]})"
    shown = seen.shown
    words = model.words
    tickets = "; ".join(
        f"{partner}'s {words.ticket} shows {', '.join(f'{n} ({shows(v)})' for n, v in items.items()) or 'nothing'}"
        for partner, items in shown.tickets.items()
    )
    told = ", ".join(shown.notified or ()) or "nobody"
    return phrases.printable_line(f"{shown.status}; {tickets}; told: {told}")


def _unexplained(model: Model, one: Unexplained) -> Iterator[tuple[str, str]]:
    yield f"no readings explain step {one.at + 1} of this:", "bold red"
    yield from ((f"   {line}", "") for line in _drive_lines(model, one.drive))
    yield f"   seen: {_seen(model, one.actual)}", ""
    yield f"   the rules, at the nearest reading: {', '.join(one.expected.rules)}", "dim"


def as_json(found: Inference) -> dict[str, Any]:
    """The report for programs."""
    readings: dict[str, dict[str, Any]] = {}
    for name in found.model.policy.readings:
        if name in found.settled:
            option, number = found.settled[name]
            readings[name] = {"verdict": "settled", "option": option, "decided_by": number or None}
        elif name in found.open:
            left = found.open[name]
            readings[name] = {"verdict": "inconclusive", "options": list(left.options), "why": left.why}
    return {
        "verdict": verdict(found),
        "stopped": found.stopped,
        "system": found.name,
        "readings": readings,
        "combinations": {"all": found.all, "left": found.left},
        "scenarios": [
            {
                "scenario": _scenario(one.drive, f"scenario {n}"),
                "seen": [seen_json(seen) for seen in one.seen],
                "ruled_out": {name: list(options) for name, options in one.ruled_out.items()},
                "left": one.left,
            }
            for n, one in enumerate(found.asked, 1)
        ],
        "unexplained": [
            {"scenario": _scenario(one.drive, "unexplained"), "step": one.at + 1, "actual": seen_json(one.actual)}
            for one in found.unexplained
        ],
        "errors": [fault_json(one) for one in found.faults],
        "confirmation": conformance_json.as_json(found.confirmation, {}) if found.confirmation else None,
    }


def _scenario(drive: Drive, title: str) -> dict[str, Any]:
    return document(title, drive.trace)
