"""The reference of the language has each key of each file in machines/, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from conftest import ROOT
from simsync.policy.facts import CARRIES, FACTS, SINCE
from simsync.policy.loading import policy_shapes as shapes
from simsync.policy.loading.nodes import Problems, compose
from simsync.policy.loading.policy import names_in
from simsync.policy.loading.shapes import Record
from simsync.policy.loading.table_shapes import then_shape
from simsync.policy.policy import Decides, Effect
from simsync.policy.words import NOUNS

PAGE = (ROOT / "docs" / "language.md").read_text()
ZENDESK = ROOT / "examples" / "policies" / "zendesk" / "machines"
SECTION = re.compile(r"^### (.+)\n((?:(?!^##).*\n)*)", re.MULTILINE)
ROW = re.compile(r"^\| `([^`]+)` \| (.+) \| `(.+)` \|$", re.MULTILINE)
DOCUMENTED = {what: ROW.findall(text) for what, text in SECTION.findall(PAGE)}
"""By heading, the keys, each with what is said of it and an example."""


def records(shape: object, seen: set[int]) -> Iterator[Record]:
    """Every record that a shape is made of."""
    if id(shape) in seen or isinstance(shape, str):
        return
    seen.add(id(shape))
    if isinstance(shape, Record):
        yield shape
    inner = shape.values() if isinstance(shape, dict) else shape if isinstance(shape, (list, tuple)) else ()
    attributes = [*vars(shape).values()] if hasattr(shape, "__dict__") else []
    for one in (*inner, *attributes, *(vars(type(shape)).values() if attributes or not inner else ())):
        if type(one).__module__.startswith("simsync") or isinstance(one, (dict, list, tuple)):
            yield from records(one, seen)


def declared() -> dict[str, set[str]]:
    """The keys of each sort of mapping in the files of a policy."""
    names = names_in(ZENDESK)
    files = [
        shapes.vocabulary_shape(names),
        shapes.statements_shape(),
        shapes.machine_shape(names, "status"),
        shapes.machine_shape(names, "link"),
        shapes.rules_shape(names),
        shapes.readings_shape(names),
        shapes.properties_shape(names),
    ]
    found: dict[str, set[str]] = {}
    for file in files:
        for record in records(file, set()):
            if record.what != "an outcome":
                found.setdefault(record.what, set()).update(record.keys)
    found["an item of the product's own"] -= {*names.fields}
    for decides in Decides:
        outcome = then_shape(names, decides)
        assert isinstance(outcome, Record)
        found[f"an outcome of {decides}"] = outcome.keys.keys() - {*names.fields, *names.derived}
    return found


DECLARED = declared()


@pytest.mark.parametrize("what", sorted({*DECLARED, *DOCUMENTED}))
def test_the_reference_has_each_key_and_no_other(what: str) -> None:
    told = [key for key, _, _ in DOCUMENTED.get(what, ())]
    assert sorted(told) == sorted(DECLARED.get(what, ())), f"docs/language.md: ### {what}"


@pytest.mark.parametrize("what", sorted(DOCUMENTED))
def test_each_example_is_of_its_key(what: str) -> None:
    for key, says, example in DOCUMENTED[what]:
        (node,) = compose(example.encode(), Problems(""))
        assert [name.value for name, _ in node.value] == [key], example
        assert says.strip()


def test_it_has_each_effect_fact_and_word() -> None:
    facts = dict(re.findall(r"^\| `([^`]+)` \| (.+?) \|", PAGE[PAGE.index("## The facts") :], re.MULTILINE))
    several = ["stale", "NAME.any KIND", "NAME.status", "NAME.phase", "next NAME.status", "moved"]
    assert sorted(facts) == sorted([*FACTS, *SINCE, CARRIES, "here.FIELD", "there.FIELD", *several])
    for name in (*Effect, *Decides, *NOUNS):
        assert f"`{name}`" in PAGE
