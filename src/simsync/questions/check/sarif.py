"""What a check found, as SARIF 2.1.0, for the tools that show findings beside the lines of a code review."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from enum import StrEnum, auto
from pathlib import Path
from typing import Any
from urllib.parse import quote

from simsync.policy.source import Span
from simsync.policy.words import Words
from simsync.questions.check.findings import FINDING_KINDS, Finding
from simsync.questions.check.report import scenario, sentence
from simsync.scenarios.writing import as_yaml
from simsync.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class SarifLevel(StrEnum):
    """The standard's levels; what cannot come about is told at the lowest."""

    ERROR = auto()
    WARNING = auto()
    NOTE = auto()


def _level(code: str) -> str:
    sort = FINDING_KINDS[code]
    return str(SarifLevel[sort.severity.name] if sort.reachable else SarifLevel.NOTE)


def as_sarif(findings: Sequence[Finding], root: str, words: Words) -> dict[str, Any]:
    """One run with a rule for every code and a result for every finding.

    File names become URIs relative to ``root``; those of files outside of it are absolute.
    """
    codes = list(FINDING_KINDS)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "simsync",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": [_rule(code, words) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, codes.index(finding.code), root) for finding in findings],
            }
        ],
    }


def _rule(code: str, words: Words) -> dict[str, Any]:
    sort = FINDING_KINDS[code]
    name = "".join(word.capitalize() for word in code.split("-"))
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": words.say(sort.about)},
        "fullDescription": {"text": words.say(sort.about)},
        "help": {"text": words.say(sort.help)},
        "defaultConfiguration": {"level": _level(code)},
    }


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
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(span.file, root)},
            "region": {"startLine": span.line, "startColumn": span.col},
        }
    }


def uri(file: str, root: str) -> str:
    """A file's name as a URI, relative to ``root`` if it lies below.

    >>> uri("machines/my rules.yaml", "/home/me")
    'machines/my%20rules.yaml'
    """
    path = os.path.normpath(os.path.join(root, file))
    inside = os.path.relpath(path, root)
    if inside.split(os.sep)[0] == os.pardir or os.path.isabs(inside):
        return Path(path).as_uri()
    return quote(inside.replace(os.sep, "/"))


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines have moved."""
    said = "\0".join([finding.code, finding.table or "", *finding.rows, finding.message])
    return hashlib.sha256(said.encode()).hexdigest()[:32]
