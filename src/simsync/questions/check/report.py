"""What a check found: as text, as JSON, and as scenarios to run."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

from simsync.engine.model import Model
from simsync.questions.check.findings import FOLLOWING, Finding, Severity
from simsync.report.phrases import as_delivered, counted, printable_line
from simsync.scenarios.writing import as_yaml, document
from simsync.statespace.narrowing import left_out


def scenario(finding: Finding) -> dict[str, Any] | None:
    """The shortest scenario that shows a finding, if there is one to show."""
    way = finding.way
    return None if way is None else document(finding.message, way)


def sentence(finding: Finding) -> str:
    """What was found, under how many combinations of readings, or why it cannot come about."""
    under, told = finding.under, finding.message
    if under is not None and under.total > 1:
        which = "all" if under.count == under.total else f"{under.count:,} of the"
        always = ", ".join(f"{name}={option}" for name, option in under.always.items())
        told += (
            f" (under {which} {under.total:,} combinations of readings{f', always with {always}' if always else ''})"
        )
    more = finding.reason or finding.mend
    return f"{told}; {more}" if more else told


def as_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """Findings for programs."""
    return {"findings": [_as_json(finding) for finding in findings]}


def _as_json(finding: Finding) -> dict[str, Any]:
    told: dict[str, Any] = {
        "code": finding.code,
        "severity": str(finding.severity),
        "where": str(finding.where),
        "message": finding.message,
        "reachable": finding.reachable,
    }
    if finding.reason is not None:
        told["reason"] = finding.reason
    if finding.mend is not None:
        told["mend"] = finding.mend
    if finding.table is not None:
        told["table"] = finding.table
    told["rows"] = list(finding.rows)
    if finding.when:
        told["when"] = {fact: list(values) for fact, values in finding.when}
    if finding.situation:
        told["situation"] = dict(finding.situation)
    if finding.under is not None:
        under = finding.under
        told["combinations"] = {"count": under.count, "total": under.total, "always": dict(under.always)}
    if (shown := scenario(finding)) is not None:
        told["scenario"] = shown
    return told


def as_text(model: Model, findings: Iterable[Finding], *, impossible: bool, stopped: bool = False) -> Iterable[str]:
    """Findings for a reader, each with the shortest scenario that shows it.

    Without ``impossible``, of what cannot come about only the number is told. Where there are errors, so it is of what
    may follow from them. If it was ``stopped``, nothing is said of what was not found.
    """
    errors = warnings = unreachable = following = 0
    for finding in findings:
        if errors and finding.code in FOLLOWING:
            following += 1
            continue
        unreachable += not finding.reachable
        if finding.reachable:
            errors += finding.severity is Severity.ERROR
            warnings += finding.severity is Severity.WARNING
        elif not impossible:
            continue
        severity = finding.severity if finding.reachable else "impossible"
        yield printable_line(f"{finding.where}: {severity}: {finding.code}: {sentence(finding)}")
        if (shown := scenario(finding)) is not None:
            yield "".join(f"    {line}\n" for line in as_yaml(shown).splitlines())
    if errors or warnings or stopped:
        yield f"{counted(errors, 'error')}, {counted(warnings, 'warning')}{' so far' if stopped else ''}"
    else:
        yield _clean(model)
    if errors:
        unused = f" (what seems unused, in {counted(following, 'place')}, may follow from that and is not told)"
        yield (
            "beyond a step with an error nothing was tried: the rest may look different once it is mended"
            f"{unused if following else ''}"
        )
    if said := left_out(model):
        yield f"as far as was looked at: {said}"
    if unreachable and not impossible:
        yield f"{counted(unreachable, 'remark')} on what cannot come about: simsync check --impossible"
    if told := as_delivered(model.policy):
        yield told


def _clean(model: Model) -> str:
    readings = model.policy.readings.values()
    combinations = prod(len(reading.options) for reading in readings if reading.name not in model.policy.fixed)
    under = f", under all {combinations:,} combinations of readings" if combinations > 1 else ""
    decided = f"one row decides every situation that {model.words.item.a} can come to"
    return f"{decided}, and every row, transition and state is used{under}"
