"""The generated scenarios, translated mechanically to the feature files of the peers.

Only scenarios under the default readings: neither peer's model has others. To the peers' advantage one Gherkin step
states a fact of all items at once where the tool has a step that can, and what the peer's model does not hold is not
stated at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]
PARTNERS = ("lead", "service")
FIELDS = ("text", "internal", "type")
PER_FILE = 50


def default_scenarios(folder: Path, count: int) -> list[Document]:
    """The first scenarios that name no reading."""
    found: list[Document] = []
    for path in sorted(folder.glob("*.yaml")):
        documents = yaml.load_all(path.read_bytes(), Loader=yaml.CSafeLoader)
        found += [d for d in documents if "readings" not in d["given"]]
        if len(found) >= count:
            break
    return found[:count]


def trimmed(document: Document) -> Document:
    """The scenario with no more expectations than pytest-bdd's translation has: the verdict, the status, the links."""
    steps = []
    for step in document["steps"]:
        kept = {k: v for k, v in step["expect"].items() if k in ("refused", "synced", "status")}
        items = {name: {"link": item["link"]} for name, item in step["expect"].get("items", {}).items()}
        steps.append({**step, "expect": kept | ({"items": items} if items else {})})
    return {**document, "steps": steps}


def write_scenarios(documents: list[Document], folder: Path) -> None:
    """The same scenarios for simsync."""
    folder.mkdir(parents=True)
    for number, batch in enumerate(_batches(documents)):
        text = yaml.dump_all(batch, Dumper=yaml.CSafeDumper, sort_keys=False, explicit_start=True)
        (folder / f"walks-{number:03}.yaml").write_text(text, encoding="utf-8")


def write_features(documents: list[Document], folder: Path, lines_of: Callable[[Document], Iterator[str]]) -> None:
    """Feature files of the scenarios."""
    folder.mkdir(parents=True)
    for number, batch in enumerate(_batches(documents)):
        lines = [f"Feature: Random walks {number}"]
        for document in batch:
            lines += ["", f"  Scenario: {document['scenario']}", *(f"    {line}" for line in lines_of(document))]
        (folder / f"walks-{number:03}.feature").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _batches(documents: list[Document]) -> Iterator[list[Document]]:
    yield from (documents[start : start + PER_FILE] for start in range(0, len(documents), PER_FILE))


def _actor(step: Document) -> str:
    return next(partner for partner in PARTNERS if partner in step)


def sismic_lines(document: Document) -> Iterator[str]:
    """With sismic's own steps: the status, and the link of the first item there is, are checked after each step."""
    yield f"Given I send event begin with status={document['given']['status']!r}"
    for step in document["steps"]:
        expected = step["expect"]
        yield from _sismic_event(step)
        yield f"Then state {expected['status']} is active"
        first = next(iter(expected.get("items", {}).values()), None)
        yield f"And state {first['link'] if first else 'no item'} is active"


def _sismic_event(step: Document) -> Iterator[str]:
    actor = _actor(step)
    words = step[actor].split()
    parameters: dict[str, object] = {"actor": actor}
    name = step[actor]
    if words[0] in ("create", "edit", "delete"):
        name = words[0]
        internal = step.get("internal", False if name == "create" else None)
        parameters |= {"item": words[-1], "kind": step.get("type", "file"), "internal": internal}
    if len(parameters) == 1:
        yield f"When I send event {name} with actor={actor!r}"
        return
    yield f"When I send event {name}"
    yield "  | parameter | value |"
    yield from (f"  | {parameter} | {value!r} |" for parameter, value in parameters.items())


def pytest_lines(document: Document) -> Iterator[str]:
    """With the steps of `test_scenarios.py`: refused or synced, the status and every link are checked."""
    yield f"Given the ticket is {document['given']['status']}"
    for step in document["steps"]:
        expected = step["expect"]
        actor = _actor(step)
        fields = {name: step[name] for name in FIELDS if name in step}
        yield f"When the {actor} does {step[actor]}" + (f" with {json.dumps(fields)}" if fields else "")
        verdict = "refused" if "refused" in expected else "synced" if expected["synced"] else "not synced"
        yield f"Then the step is {verdict}"
        yield f"And the status is {expected['status']}"
        links = {name: item["link"] for name, item in expected.get("items", {}).items()}
        yield f"And the links are {json.dumps(links)}"
