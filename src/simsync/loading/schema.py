"""JSON Schemas of scenario and machine files, made from the shapes that read them and the names of a policy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simsync.core.model import Workshop
from simsync.loading import policy_shapes as shapes
from simsync.loading.policy import FILES, names_in
from simsync.loading.scenario_shapes import ScenarioShape
from simsync.loading.shapes import Schema

DIALECT = "http://json-schema.org/draft-07/schema#"


def schemas(workshop: Workshop, directory: str | Path) -> Mapping[str, Schema]:
    """The schema of scenario files (`scenario`) and of each file of a machines directory, by what it declares."""
    names = names_in(directory)
    made = {
        "scenario": ScenarioShape(workshop).schema(),
        "vocabulary": shapes.vocabulary_shape(names).schema(),
        "statements": shapes.statements_shape().schema(),
        "status": shapes.machine_shape(names, "status").schema(),
        "link": shapes.machine_shape(names, "link").schema(),
        "rules": shapes.rules_shape(names).schema(),
        "readings": shapes.readings_shape(names).schema(),
        "properties": shapes.properties_shape(names).schema(),
    }
    return {part: {"$schema": DIALECT, "title": f"simsync: {part}", **_shared(schema)} for part, schema in made.items()}


def file_name(part: str) -> str:
    """The file that a schema is shipped as."""
    stem = FILES[part].removesuffix(".yaml") if part in FILES else part
    return f"{stem}.schema.json"


def editor_settings() -> dict[str, dict[str, list[str]]]:
    """The mapping from schema to files, as VS Code's YAML extension wants it."""
    mapping = {f"./schemas/{file_name('scenario')}": ["scenarios/**/*.yaml", "scenarios/**/*.yml"]}
    mapping |= {f"./schemas/{file_name(part)}": [f"machines/{name}"] for part, name in FILES.items()}
    return {"yaml.schemas": mapping}


def _shared(schema: Schema) -> Schema:
    """The schema with parts that occur several times moved to its definitions, so that it stays small."""
    import json

    counts: dict[str, int] = {}

    def count(node: object) -> None:
        if isinstance(node, dict):
            key = json.dumps(node, sort_keys=True)
            counts[key] = counts.get(key, 0) + 1
            if counts[key] == 1:
                for value in node.values():
                    count(value)
        elif isinstance(node, list):
            for value in node:
                count(value)

    count(schema)
    definitions: dict[str, object] = {}
    names: dict[str, str] = {}

    def share(node: object) -> object:
        if isinstance(node, list):
            return [share(value) for value in node]
        if not isinstance(node, dict):
            return node
        key = json.dumps(node, sort_keys=True)
        if counts.get(key, 0) < 2 or len(key) < 200:
            return {name: share(value) for name, value in node.items()}
        if key not in names:
            names[key] = f"part{len(names) + 1}"
            definitions[names[key]] = {name: share(value) for name, value in node.items()}
        return {"$ref": f"#/definitions/{names[key]}"}

    root = {name: share(value) for name, value in schema.items()}
    return {**root, "definitions": definitions} if definitions else root
