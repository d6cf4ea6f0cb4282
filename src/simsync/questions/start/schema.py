"""JSON Schemas of scenario and machine files, made from the shapes that read them and the names of a policy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from simsync.engine.model import ModelFactory
from simsync.policy.loading import policy_shapes as shapes
from simsync.policy.loading.files import USUAL, file_names
from simsync.policy.loading.policy import names_in
from simsync.policy.loading.shapes import Schema
from simsync.report.table_data import table_schema
from simsync.scenarios.document_shape import ScenarioShape

TRANSITIONS = "transition-table"
WORTH_SHARING = 200  # characters
DIALECT = "http://json-schema.org/draft-07/schema#"


def schemas(factory: ModelFactory, directory: str | Path) -> Mapping[str, Schema]:
    """The schema of scenario files (`scenario`), of each file of a machines directory, by what it declares, and of a
    transition table that is exported."""
    names = names_in(directory)
    made = {
        "scenario": ScenarioShape(factory).schema(),
        "vocabulary": shapes.vocabulary_shape(names).schema(),
        "statements": shapes.statements_shape().schema(),
        "status": shapes.machine_shape(names, "status").schema(),
        "link": shapes.machine_shape(names, "link").schema(),
        "rules": shapes.rules_shape(names).schema(),
        "readings": shapes.readings_shape(names).schema(),
        "properties": shapes.properties_shape(names).schema(),
    }
    found = {part: {"$schema": DIALECT, "title": f"simsync: {part}", **_shared(one)} for part, one in made.items()}
    return found | {TRANSITIONS: table_schema()}


def schema_files(directory: str | Path) -> dict[str, str]:
    """How the file of each schema is called: like the file that it is of, or like the part that no file declares."""
    named = {part: part for part in ("scenario", *USUAL, TRANSITIONS)} | file_names(directory)
    return {part: f"{Path(name).stem}.schema.json" for part, name in named.items()}


def _shared(schema: Schema) -> Schema:
    """The schema with large parts that occur several times moved to its definitions, so that it stays small."""
    texts: dict[int, str] = {}

    counts: Counter[str] = Counter()

    def count(node: Schema) -> Schema:
        if id(node) not in texts:
            texts[id(node)] = json.dumps(node, sort_keys=True)
        if len(texts[id(node)]) >= WORTH_SHARING:  # nothing inside a smaller one is larger
            counts[texts[id(node)]] += 1
            _with_parts(node, count)
        return node

    count(schema)
    names: dict[str, str] = {}
    definitions: dict[str, Schema] = {}

    def share(node: Schema) -> Schema:
        key = texts[id(node)]
        if len(key) < WORTH_SHARING:
            return node
        if counts[key] < 2:
            return _with_parts(node, share)
        if key not in names:
            names[key] = f"part{len(names) + 1}"
            definitions[names[key]] = _with_parts(node, share)
        return {"$ref": f"#/definitions/{names[key]}"}

    root = _with_parts(schema, share)
    return {**root, "definitions": definitions} if definitions else root


def _with_parts(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """The schema with each schema directly inside it changed."""
    changed = dict(schema)
    if "properties" in schema:
        changed["properties"] = {name: change(part) for name, part in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            changed[key] = change(schema[key])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            changed[key] = [change(part) for part in schema[key]]
    return changed
