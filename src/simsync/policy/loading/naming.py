"""The rule for names: none is empty, has outer blanks or a break in it, and no two are alike but for case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from simsync.errors import Code
from simsync.policy.facts import FACTS
from simsync.policy.loading.files import is_status
from simsync.policy.loading.gather import descend
from simsync.policy.loading.nodes import MappingNode, Node, Problems, ScalarNode
from simsync.policy.loading.shapes import A_NAME, BAD, Schema, Text, written
from simsync.policy.names import folded, too_alike, wrong_with

Path = tuple[str, ...]

_OPTIONS = ("readings", "*", "options", "*")

KEYS: Mapping[str, tuple[tuple[str, Path], ...]] = {
    "a partner": (("vocabulary", ("partners",)), ("vocabulary", ("actors",))),
    "a kind": (("vocabulary", ("kinds",)),),
    "a fact": (("vocabulary", ("fields",)), ("vocabulary", ("history",))),
    "a thing shown": (("vocabulary", ("shows",)),),
    "a recipient": (("vocabulary", ("recipients",)),),
    "a statement, gap or page": tuple(("statements", (part,)) for part in ("statements", "gaps", "pages")),
    "a phase": (("status", ("phases",)),),
    "a status": (("status", ("states",)), ("status", ("aliases",))),
    "a state of the link": (("link", ("states",)),),
}
"""What is named by the keys of mappings: the part that declares it, and the path to the mapping."""

VALUES: Mapping[str, tuple[tuple[str, Path], ...]] = {
    "a machine": (("status", ("machine",)), ("link", ("machine",))),
    "a status action": (
        ("status", ("transitions", "*", "trigger")),
        ("readings", (*_OPTIONS, "transitions", "*", "*", "trigger")),
    ),
    "a trigger of the link": (("link", ("transitions", "*", "trigger")),),
    "a table": (("rules", ("tables", "*", "table")),),
    "a row or transition": (
        ("rules", ("tables", "*", "rows", "*", "id")),
        ("status", ("transitions", "*", "id")),
        ("link", ("transitions", "*", "id")),
        ("readings", (*_OPTIONS, "replace", "*", "*", "id")),
        ("readings", (*_OPTIONS, "add", "*", "*", "id")),
        ("readings", (*_OPTIONS, "transitions", "*", "*", "id")),
    ),
    "a word": (("vocabulary", ("words", "*")), ("vocabulary", ("words", "*", "*"))),
    "a reading": (("readings", ("readings", "*", "reading")),),
    "a property": (("properties", ("properties", "*", "property")),),
}
"""What is named by a value; such a name may stand in several places."""

SHAPED = ("a row or transition", "a reading", "a property")
"""Names of a form that leaves no blanks in them anyway."""


def check_names(roots: Mapping[str, Node], problems: Mapping[str, Problems]) -> None:
    """Report, where it stands, each name that cannot be one, or that is too much like another of its sort."""
    machines = [part for part in roots if is_status(part)]
    for what, places in KEYS.items():
        if places[0][0] == "status":  # each machine has states and phases of its own
            for machine in machines:
                _check(what, chain.from_iterable(_keys(machine, roots[machine], path) for _, path in places), problems)
        else:
            _check(what, chain.from_iterable(_keys(part, roots[part], path) for part, path in places), problems)
    for what, places in VALUES.items():
        every = [(p, path) for part, path in places for p in (machines if part == "status" else [part])]
        named = ((part, n) for part, path in every for n in descend(roots[part], *path) if _named(n))
        _check(what, named, problems)
    for reading in descend(roots["readings"], "readings", "*"):
        _check("an option", _keys("readings", reading, ("options",)), problems)


def _named(node: Node) -> bool:
    """Whether there is a name at all; what is none is reported where it is read."""
    return isinstance(node, ScalarNode) and type(written(node)) is str and bool(node.value.strip())


def _keys(part: str, root: Node, path: Path) -> Iterator[tuple[str, Node]]:
    for node in descend(root, *path):
        if isinstance(node, MappingNode):
            yield from ((part, key) for key, _ in node.value)


def _check(what: str, names: Iterable[tuple[str, Node]], problems: Mapping[str, Problems]) -> None:
    known = {folded(fact): fact for fact in FACTS} if what == "a fact" else {}
    for part, node in names:
        if not isinstance(node, ScalarNode):
            continue
        wrong = None if what in SHAPED else wrong_with(what, node.value)
        other = known.setdefault(folded(node.value), node.value)
        if wrong is not None:
            problems[part].at(node, Code.BAD_NAME, wrong)
        elif other != node.value:
            problems[part].at(node, Code.BAD_NAME, too_alike(node.value, other))


@dataclass(frozen=True)
class Name:
    """A name that a file gives to something: text that is not empty, without outer blanks."""

    what: str

    def read(self, node: Node, problems: Problems) -> Any:
        value = Text(empty=False).read(node, problems)
        wrong = None if value is BAD else wrong_with(self.what, value)
        if wrong is None:
            return value
        problems.at(node, Code.BAD_NAME, wrong)
        return BAD

    def schema(self) -> Schema:
        return {"type": "string", "pattern": A_NAME}
