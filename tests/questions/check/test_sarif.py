"""What a check prints for code-review tools has the structure that SARIF 2.1.0 prescribes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import ROOT, Run
from exchange_tools import SARIF as SCHEMA
from exchange_tools import need
from simsync.cli import main
from simsync.questions.check.findings import FINDING_KINDS
from simsync.report.sarif import uri
from simsync.scenarios.writing import as_yaml

Log = dict[str, Any]

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "id": {"type": "integer", "minimum": 0},
        "message": TEXT,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "additionalProperties": False,
                    "properties": {"uri": {"type": "string", "pattern": "^[!-~]+$"}},
                },
                "region": {
                    "type": "object",
                    "required": ["startLine", "startColumn"],
                    "additionalProperties": False,
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                },
            },
        },
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
    "additionalProperties": False,
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": TEXT,
        "locations": {"type": "array", "minItems": 1, "maxItems": 1, "items": LOCATION},
        "relatedLocations": {"type": "array", "minItems": 1, "uniqueItems": True, "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "properties": {"type": "object"},
    },
}
RULE = {
    "type": "object",
    "required": ["id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string", "pattern": "^[A-Za-z]+$"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}},
    },
}
RUN = {
    "type": "object",
    "required": ["tool", "results", "columnKind"],
    "additionalProperties": False,
    "properties": {
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
        "tool": {
            "type": "object",
            "required": ["driver"],
            "properties": {
                "driver": {
                    "type": "object",
                    "required": ["name", "version", "rules"],
                    "additionalProperties": False,
                    "properties": {
                        "name": {"const": "simsync"},
                        "version": {"type": "string"},
                        "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
                        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
                    },
                }
            },
        },
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": RUN},
    },
}
"""The part of the standard's schema that we use, with nothing else allowed."""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Log:
    """What is told of rules with a hole, a clash and a property broken."""
    shutil.copytree(ROOT / "tests" / "policies" / "atelier", tmp_path / "our machines")
    file = tmp_path / "our machines" / "sync_rules.yaml"
    lines = file.read_text().splitlines(keepends=True)
    (cuts,) = [line for line in lines if "{id: cuts," in line]
    lines = [line for line in lines if "{id: already-loose," not in line]
    lines.insert(lines.index(cuts), cuts.replace("id: cuts", "id: cuts-too"))
    file.write_text(
        "".join(lines).replace("private: true}, then: {mirrorable: false}", "private: true}, then: {mirrorable: true}")
    )
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--machines", "our machines", "--format", "sarif"]) == 1
    told: Log = json.loads(capsys.readouterr().out)
    return told


def run_of(log: Log) -> Log:
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_the_structure_is_that_of_the_standard(log: Log) -> None:
    jsonschema.Draft202012Validator(SARIF).validate(log)


def test_the_standards_own_schema_takes_it(log: Log, cli: Run, tmp_path: Path) -> None:
    """What a check tells, what a run tells, and that of a run in which all holds."""
    need(SCHEMA)
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    wrong, right = tmp_path / "wrong.sarif", tmp_path / "right.sarif"
    assert cli("run", "docs/examples/slips.yaml", "docs/examples/wrong.yaml", "--sarif", wrong)[0] == 2
    assert cli("run", "scenarios/severing.yaml", "--sarif", right)[0] == 0
    told = [log, *(json.loads(path.read_text()) for path in (wrong, right))]
    assert [len(run_of(one)["results"]) for one in told] == [len(run_of(log)["results"]), 6, 0]
    for one in told:
        validator.validate(one)
    for key in ("version", "runs"):
        assert not validator.is_valid({name: value for name, value in log.items() if name != key})


def test_every_code_is_a_rule_and_every_result_names_its_own(log: Log) -> None:
    run = run_of(log)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*FINDING_KINDS]
    assert {result["ruleId"] for result in run["results"]} >= {"undecided", "ambiguous", "property"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_levels_follow_from_the_codes(log: Log) -> None:
    for result in run_of(log)["results"]:
        sort = FINDING_KINDS[str(result["ruleId"])]
        assert result["level"] == (str(sort.severity) if sort.reachable else "note")


def test_places_are_relative_to_where_it_was_run(log: Log, tmp_path: Path) -> None:
    for result in run_of(log)["results"]:
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"] in ("our%20machines/sync_rules.yaml", "our%20machines/readings.yaml")
    (clash,) = [result for result in run_of(log)["results"] if result["ruleId"] == "ambiguous"]
    (related,) = clash["relatedLocations"]
    assert related["message"]["text"] == "row 'cuts'"
    line = related["physicalLocation"]["region"]["startLine"]
    assert "{id: cuts," in (tmp_path / "our machines" / "sync_rules.yaml").read_text().splitlines()[line - 1]


def test_an_error_brings_the_scenario_that_shows_it(log: Log) -> None:
    errors = [result for result in run_of(log)["results"] if result["level"] == "error"]
    assert errors
    for result in errors:
        properties = result["properties"]
        assert isinstance(properties, dict)
        assert as_yaml(properties["scenario"]) in result["message"]["text"]
        assert properties["combinations"]["total"] == 2


def test_fingerprints_tell_findings_apart(log: Log) -> None:
    prints = [result["partialFingerprints"]["finding/v1"] for result in run_of(log)["results"]]
    assert len({*prints}) == len(prints) > 3


def test_files_elsewhere_have_absolute_names(tmp_path: Path) -> None:
    assert uri(str(tmp_path / "a b.yaml"), str(tmp_path)) == "a%20b.yaml"
    assert uri("../rules.yaml", str(tmp_path / "here")) == (tmp_path / "rules.yaml").as_uri()
