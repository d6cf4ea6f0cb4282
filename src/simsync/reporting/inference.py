"""Which readings a system follows, for a reader and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.analysis.system.conformity import Verdict
from simsync.analysis.system.driven import Seen
from simsync.analysis.system.drives import Drive
from simsync.analysis.system.inference import Asked, Inference, Unexplained
from simsync.core.model import Model
from simsync.reporting import phrases
from simsync.reporting.conformance import fault_json, fault_lines, seen_json, shows
from simsync.reporting.findings import scenario_of


def verdict(found: Inference) -> Verdict:
    """Whether some readings explain everything; an error where the system could not be asked anything."""
    if found.unexplained:
        return Verdict.DIVERGES
    nothing = bool(found.open) and not found.asked
    return Verdict.ERROR if found.faults or nothing else Verdict.CONFORMS


def as_text(found: Inference) -> Iterator[tuple[str, str]]:
    """The report in lines with their style."""
    name = phrases.printable_line(found.name) or "the system"
    asked = phrases.counted(len(found.asked), "scenario")
    steps = phrases.counted(sum(len(one.drive.events) for one in found.asked), "step")
    yield f"{name}: {len(found.settled)} of {len(found.model.policy.readings)} readings settled", "bold"
    yield f"  {asked}, {steps}; {found.left:,} of {found.all:,} combinations explain what was seen", ""
    yield "", ""
    wide = max((len(one) for one in found.model.policy.readings), default=0)
    for reading in found.model.policy.readings.values():
        if reading.name in found.settled:
            option, number = found.settled[reading.name]
            by = f"by scenario {number}" if number else "as given"
            yield f"  {reading.name:<{wide}}  {option:<18}  {by}", "green"
        elif reading.name in found.open:
            left = found.open[reading.name]
            yield f"  {reading.name:<{wide}}  inconclusive: {' or '.join(left.options)}; {left.why}", "yellow"
            if left.drive is not None:
                yield from ((f"      {line}", "dim") for line in _drive_lines(found.model, left.drive))
    for number, one in enumerate(found.asked, 1):
        yield "", ""
        yield from _asked(found.model, number, one)
    for strange in found.unexplained:
        yield "", ""
        yield from _unexplained(found.model, strange)
    for fault in found.faults:
        yield "", ""
        yield from fault_lines(fault)
    chosen = {n: o for n, o in found.readings.items() if o != found.model.policy.readings[n].default}
    if found.settled:
        options = " ".join(f"--reading {n}={o}" for n, o in chosen.items()) or "(the defaults)"
        yield "", ""
        yield f"next: simsync conform under these readings: {options}", "bold"


def _drive_lines(model: Model, drive: Drive) -> Iterator[str]:
    yield f"given {drive.status}"
    for number, event in enumerate(drive.events, 1):
        yield f"{number}. {event.actor}: {phrases.action(event, model.vocabulary.fields)}"


def _asked(model: Model, number: int, asked: Asked) -> Iterator[tuple[str, str]]:
    told = ", ".join(f"{name} is not {' or '.join(options)}" for name, options in asked.ruled_out.items())
    yield f"scenario {number}: {told or 'told nothing new'}", "bold"
    yield from ((f"   {line}", "") for line in _drive_lines(model, asked.drive))
    yield f"   seen at last: {_seen(asked.seen[-1])}", "dim"


def _seen(seen: Seen) -> str:
    if seen.refused is not None:
        return f"refused ({phrases.printable_line(seen.refused)[:400]})"
    shown = seen.shown
    tickets = "; ".join(
        f"{partner}'s ticket shows {', '.join(f'{n} ({shows(v)})' for n, v in items.items()) or 'nothing'}"
        for partner, items in shown.tickets.items()
    )
    told = ", ".join(shown.notified or ()) or "nobody"
    return phrases.printable_line(f"{shown.status}; {tickets}; told: {told}")


def _unexplained(model: Model, one: Unexplained) -> Iterator[tuple[str, str]]:
    yield f"no readings explain step {one.at + 1} of this:", "bold red"
    yield from ((f"   {line}", "") for line in _drive_lines(model, one.drive))
    yield f"   seen: {_seen(one.actual)}", ""
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
    }


def _scenario(drive: Drive, title: str) -> dict[str, Any]:
    return scenario_of(title, drive.status, {}, drive.events)
