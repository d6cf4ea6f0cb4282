"""What a check found, as SARIF 2.1.0, for the tools that show findings beside the lines of a code review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simsync.policy.source import Span
from simsync.policy.words import Words
from simsync.questions.check.findings import FINDING_KINDS, Finding
from simsync.questions.check.report import scenario, sentence
from simsync.report.sarif import SarifLevel, fingerprint, sarif_location, sarif_log, sarif_rule
from simsync.scenarios.writing import as_yaml


def _level(code: str) -> str:
    sort = FINDING_KINDS[code]
    return str(SarifLevel[sort.severity.name] if sort.reachable else SarifLevel.NOTE)


def as_sarif(findings: Sequence[Finding], root: str, words: Words) -> dict[str, Any]:
    """One run with a rule for every code and a result for every finding.

    File names become URIs relative to ``root``; those of files outside of it are absolute.
    """
    codes = list(FINDING_KINDS)
    results = [_result(finding, codes.index(finding.code), root) for finding in findings]
    return sarif_log([_rule(code, words) for code in codes], results)


def _rule(code: str, words: Words) -> dict[str, Any]:
    sort = FINDING_KINDS[code]
    return sarif_rule(code, words.say(sort.about), words.say(sort.help), _level(code))


def _result(finding: Finding, index: int, root: str) -> dict[str, Any]:
    text, shown = sentence(finding), scenario(finding)
    if shown is not None:
        text += f"\n\nThe shortest scenario that shows it:\n\n{as_yaml(shown)}"
    properties: dict[str, Any] = {"reachable": finding.reachable, "rows": list(finding.rows)}
    if finding.table is not None:
        properties["table"] = finding.table
    if finding.situation:
        properties["situation"] = dict(finding.situation)
    if finding.under is not None:
        properties["combinations"] = {"count": finding.under.count, "total": finding.under.total}
    if shown is not None:
        properties["scenario"] = shown
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _level(finding.code),
        "message": {"text": text},
        "locations": [_location(finding.where, root)],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
        "properties": properties,
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": what}, **_location(span, root)}
            for number, (what, span) in enumerate(finding.related, 1)
        ]
    return result


def _location(span: Span, root: str) -> dict[str, Any]:
    return sarif_location(span.file, span.line, span.col, root)


def _fingerprint(finding: Finding) -> str:
    return fingerprint(finding.code, finding.table or "", *finding.rows, finding.message)
