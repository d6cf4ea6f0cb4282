"""The published JSON Schemas say what the parser reads: the same keys, the same names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.policy.loading.files import USUAL
from simsync.questions.start.editor import editor_settings
from simsync.questions.start.schema import schema_files
from simsync.questions.start.start import schemas_of
from simsync.scenarios.loading import ScenarioLoader


class Core(yaml.SafeLoader):
    """PyYAML with the booleans of YAML 1.2's core schema, as editors read it."""


Core.yaml_implicit_resolvers = {
    first: [
        (tag, regexp) for tag, regexp in found if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Core.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("true|false"), list("tf"))


@pytest.fixture(scope="module")
def schemas(model: Model) -> Any:
    return schemas_of(model, ROOT / "machines")


def test_the_shipped_schemas_are_those_of_the_shipped_rules(schemas: Any) -> None:
    for part, schema in schemas.items():
        shipped = ROOT / "schemas" / schema_files(ROOT / "machines")[part]
        assert json.loads(shipped.read_text()) == schema, f"{shipped.name} is stale; run: make schemas"
    assert len(list((ROOT / "schemas").iterdir())) == len(schemas)


def test_they_are_mapped_for_vs_code() -> None:
    assert json.loads((ROOT / ".vscode" / "settings.json").read_text()) == editor_settings(ROOT / "machines")


def test_the_schemas_are_valid(schemas: Any) -> None:
    for schema in schemas.values():
        jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.thorough
def test_every_shipped_scenario_and_machine_file_validates(schemas: Any) -> None:
    scenario = jsonschema.Draft7Validator(schemas["scenario"])
    for path in sorted((ROOT / "scenarios").rglob("*.yaml")):
        for document in yaml.load_all(path.read_text(), Loader=Core):
            assert list(scenario.iter_errors(document)) == [], path
    for part, name in USUAL.items():
        document = yaml.load((ROOT / "machines" / name).read_text(), Loader=Core)
        assert list(jsonschema.Draft7Validator(schemas[part]).iter_errors(document)) == [], name


WRONG = [
    "scenario: x\nsteps: []\n",
    "scenario: x\nsteps: [{lead: complete}]\nextra: 1\n",
    "steps: [{lead: complete}]\n",
    "scenario: x\ngiven: {status: Sent}\nsteps: [{lead: complete}]\n",
    "scenario: x\ngiven: {readings: {resume: drop}}\nsteps: [{lead: complete}]\n",
    "scenario: x\nsteps: [{lead: create memo N1}]\n",
    "scenario: x\nsteps: [{lead: approve}]\n",
    "scenario: x\nsteps: [{lead: complete, service: start}]\n",
    "scenario: x\nsteps: [{lead: create note N1, internal: maybe}]\n",
    "scenario: x\nsteps: [{lead: create note N1, text: 5}]\n",
    "scenario: x\nsteps: [{lead: create note N1, expect: {link: gone}}]\n",
    "scenario: x\nsteps: [{lead: create note N1, expect: {rule: own-creat}}]\n",
    "scenario: x\nsteps: [{lead: create note N1, expect: {lead: {txt: a}}}]\n",
    "scenario: x\nsteps: [{lead: create note N1, expect: {items: {N1: {lnk: local}}}}]\n",
    "scenario: x\nsteps: [{lead: complete}]\nfinally: {statis: Complete}\n",
]


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_the_parser_rejects_the_schema_rejects(schemas: Any, loader: ScenarioLoader, text: str) -> None:
    assert loader.load_bytes(text.encode(), "f").diagnostics
    assert list(jsonschema.Draft7Validator(schemas["scenario"]).iter_errors(yaml.load(text, Loader=Core)))


NAMES = [
    ("status", "  Declined:", "  ' Declined':"),
    ("status", "  Declined:", "  '':"),
    ("status", "trigger: decline,", "trigger: ' decline',"),
    ("status", "machine: outsource status", "machine: 'outsource status '"),
    ("vocabulary", "  charge:", "  'charge ':"),
    ("rules", "- table: sends", "- table: ' sends'"),
    ("statements", "  S1:", "  ' S1':"),
    ("readings", "  evidence: ", "  evidence: ' ' #"),
    ("readings", "    freeze:", "    ' freeze':"),
]


@pytest.mark.parametrize(("part", "old", "new"), NAMES, ids=range(len(NAMES)))
def test_names_that_the_parser_rejects_the_schema_rejects(
    schemas: Any, tmp_path: Path, part: str, old: str, new: str
) -> None:
    folder = shutil.copytree(ROOT / "machines", tmp_path / "machines")
    path = folder / USUAL[part]
    text = path.read_text().replace(old, new, 1)
    assert text != path.read_text()
    path.write_text(text)
    with pytest.raises(SimsyncError):
        load_model(folder)
    assert list(jsonschema.Draft7Validator(schemas[part]).iter_errors(yaml.load(text, Loader=Core)))


def keys_in(schema: Any, root: Any) -> set[str]:
    """Every property name of a schema."""
    found: set[str] = set()
    seen: set[int] = set()

    def walk(node: Any) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, dict):
            found.update(node.get("properties", {}))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(schema)
    walk(root.get("definitions", {}))
    return found


def test_the_scenario_schema_has_the_parsers_keys(schemas: Any, loader: ScenarioLoader) -> None:
    shape = loader.shape
    parser = {*shape.keys, *shape.steps.keys, *shape.expectations.keys, *shape.expectations.shown, "status", "readings"}
    parser |= set(shape.steps.grammar.policy.readings) | {"together", "outcomes"}
    assert keys_in(schemas["scenario"], schemas["scenario"]) == parser


def test_schemas_can_be_printed_and_written(cli: Any, tmp_path: Path) -> None:
    code, out, _ = cli("schema", "rules")
    assert code == 0
    assert json.loads(out)["title"] == "simsync: rules"
    code, out, _ = cli("schema", "--out", tmp_path / "new")
    assert code == 0
    assert len(out.splitlines()) == len(list((tmp_path / "new").iterdir())) == 9
    code, _, err = cli("schema", "ruels")
    assert code == 2
    assert "did you mean 'rules'?" in err
