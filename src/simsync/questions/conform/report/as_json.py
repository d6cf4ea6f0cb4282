"""A campaign against a system under test, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, Explanation, FailedRun, Report
from simsync.questions.conform.driven import Driven, Seen
from simsync.questions.conform.report.differences import differences
from simsync.questions.conform.report.natures import exchanges_json, natures_json, recurrence_json
from simsync.questions.conform.report.rounds import rounds_json
from simsync.questions.conform.report.text import explanations, scenario, sources_of, unsaid
from simsync.version import __version__


def as_json(report: Report, files: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """The report for programs."""
    return {
        "simsync": __version__,
        "verdict": report.verdict,
        "system": report.name,
        "sequences": report.sequences,
        "steps": report.steps,
        "requests": report.requests,
        "tried": {
            "items": report.extent.items,
            "items_of_each_kind": report.extent.alike,
            "actions": report.extent.actions,
            "characters": report.extent.characters,
        },
        "seed": report.seed,
        "readings": report.model.readings,
        "conforming": report.conforming,
        "undecided": [_undecided_json(same) for same in unsaid(report)],
        "divergences": [_finding_json(report, f, files.get(n, ())) for n, f in enumerate(report.findings, 1)],
        "diagnosis": [_explanation(one) for one in explanations(report)],
        "failures": [failure_json(one) for one in report.failures],
        "errors": [fault_json(driven) for driven in report.faults],
        "not_tested": [{"source": one.source, "lacks": one.lacks} for one in report.not_tested],
        "not_applicable": report.not_applicable,
        "untested_rules": list(report.untested),
        "known": {
            "divergences": sum(finding.known is not None for finding in report.findings),
            "unused": [one.rule for one in report.unused],
            "expired": [one.rule for one in report.expired],
        },
        "own_items": {"items": sum(report.own), "sequences": len(report.own)},
        "overlap": rounds_json(report),
        "notes": list(report.notes),
        "stopped": report.stopped,
        "carried_through": report.stopped is None,
    }


def _explanation(found: Explanation) -> dict[str, Any]:
    return {
        "about": found.about,
        "rules": list(found.rules),
        "readings": dict(found.readings) if found.readings else None,
        "explains_everything": found.everything,
        "mapping": found.hint or None,
    }


def _undecided_json(same: Sequence[Driven]) -> dict[str, Any]:
    outcomes = same[0].undecided
    defect = outcomes[-1].defects[0]
    steps = [{one.event.actor: str(one.event), **one.event.fields} for one in outcomes]
    return {
        "defect": defect.message,
        "tables": list(defect.tables),
        "rules": list(defect.rows),
        "scenario": {"given": {"status": outcomes[0].before.status}, "steps": steps},
        "seen_in": [one.drive.source for one in same],
    }


def _finding_json(report: Report, finding: ConformanceFinding, files: Sequence[str]) -> dict[str, Any]:
    known = finding.known
    return {
        "rules": [rule.id for rule in finding.rules],
        "head": finding.head,
        "sources": sources_of(report, finding),
        "scenario": scenario(report, finding),
        "expected": seen_json(finding.divergence.expected),
        "actual": seen_json(finding.divergence.actual),
        "differs": list(finding.divergence.unlike.aspects),
        "differences": [{"at": at, "expected": one, "actual": other} for at, one, other in differences(finding)],
        "seen_in": list(finding.seen_in),
        "explanation": _explanation(finding.explanation) if finding.explanation else None,
        **natures_json(finding),
        "known": {"reason": known.reason, "expires": known.expires.isoformat()} if known else None,
        "files": list(files),
    }


def seen_json(seen: Seen) -> dict[str, Any]:
    """What was seen of a step."""
    shown = seen.shown
    return {
        "refused": seen.refused,
        "status": dict(shown.statuses) or shown.status,
        "tickets": {partner: {n: dict(v) for n, v in items.items()} for partner, items in shown.tickets.items()},
        "notified": None if shown.notified is None else list(shown.notified),
        "failed": shown.failed,
    }


def failure_json(failure: FailedRun) -> dict[str, Any]:
    """A failure that does not come each time, for programs."""
    told = {"recurrence": recurrence_json(failure.recurrence), "seen_in": list(failure.seen_in)}
    return {**fault_json(failure.driven), **told}


def fault_json(driven: Driven) -> dict[str, Any]:
    """The same for programs."""
    fault = driven.fault
    assert fault is not None
    trace = exchanges_json(fault.trace)
    return {"source": driven.drive.source, "trouble": fault.trouble, "message": fault.message, "trace": trace}
