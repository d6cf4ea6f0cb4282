"""The shape of a round in a scenario file: overlapping actions, and what is expected whatever their order."""

from __future__ import annotations

from typing import Any

from simsync.engine.actions import Created
from simsync.errors import Code
from simsync.policy.loading import hints
from simsync.policy.loading.nodes import Node, Problems, ScalarNode, SequenceNode
from simsync.policy.loading.shapes import Number, Schema, Shape, entries, unknown_key, written, wrong
from simsync.scenarios.scenario import Check, Step, Together
from simsync.scenarios.shapes import TOGETHER, Mentions, Steps

MOST_TOGETHER = 12
"""Actions of a round: they can be done in up to 924 orders, and each is followed."""

OF_A_ROUND = ("refused", "synced", "status", "notified")
"""What can be expected of a step, and is expected of a round just so."""


class _Count:
    """How many different outcomes the orders give."""

    def read(self, node: Node, problems: Problems) -> Any:
        value = written(node) if isinstance(node, ScalarNode) else None
        if isinstance(value, Number) and value.isdecimal() and len(value) < 9 and int(value) > 0:
            return int(value)
        return wrong(node, problems, "a whole number from 1 on")

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": 1, "description": "how many different outcomes the orders give"}


class Rounds:
    """The rounds of a scenario; ``steps`` reads their actions."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._expectations = expectations = steps.expectations
        self._plain: dict[str, Shape] = {name: expectations.plain[name] for name in OF_A_ROUND}
        self._plain["outcomes"] = _Count()

    def is_one(self, keys: set[str]) -> bool:
        """Whether a step with these keys is a round; a partner or a field of the policy may be called so."""
        return TOGETHER in keys and TOGETHER not in self._steps.keys

    def read(
        self, node: Node, problems: Problems, created: Created, mentions: Mentions, first: int
    ) -> tuple[list[Step], Together]:
        """The steps of a round that begins at a position, and the round."""
        found = entries(node, problems, "a round")
        for name, pair in found.items():
            if name not in (TOGETHER, "expect"):
                elsewhere = {TOGETHER: self._steps.keys, "expect": self._expectations.keys}
                unknown_key(pair, problems, "a round", (TOGETHER, "expect"), elsewhere)
        steps = self._actions(found[TOGETHER][1], problems, created, mentions)
        expect = found.get("expect")
        checks = self._read_expect(expect[1], problems, mentions) if expect else ()
        return steps, Together(first=first, count=len(steps), line=node.start_mark.line + 1, checks=checks)

    def _actions(self, node: Node, problems: Problems, created: Created, mentions: Mentions) -> list[Step]:
        if not isinstance(node, SequenceNode) or len(node.value) < 2:
            wrong(node, problems, "a list of at least two actions that overlap", hints.as_steps(node))
            return []
        if len(node.value) > MOST_TOGETHER:
            message = f"{len(node.value)} actions at once have too many orders; {MOST_TOGETHER} are the most"
            problems.at(node, Code.TOO_MANY, message)
        steps = [self._steps.read(one, problems, created, mentions, self._of_action) for one in node.value]
        return [step for step in steps if step is not None]

    def _of_action(self, node: Node, problems: Problems, item: str | None, mentions: Mentions) -> tuple[Check, ...]:
        """What is expected of one of the actions: its answer alone, since nothing settles before the next."""
        checks = []
        for name, (key, value) in entries(node, problems, "an action's expectation").items():
            if name == "refused":
                expected = self._plain[name].read(value, problems)
                checks.append(Check(name, key.start_mark.line + 1, name, expected, item))
            elif name in (*self._expectations.keys, *self._plain):
                message = f"'{name}' is not known of an action that overlaps with others; expect it of the round"
                problems.at(key, Code.MISPLACED_FIELD, f"{message}, beside '{TOGETHER}'")
            else:
                unknown_key((key, value), problems, "an action's expectation", ("refused",))
        return tuple(checks)

    def _read_expect(self, node: Node, problems: Problems, mentions: Mentions) -> tuple[Check, ...]:
        return self._expectations.read_round(node, problems, mentions, self._plain)

    def schema(self) -> Schema:
        """The JSON Schema of a round."""
        refused = {"refused": self._plain["refused"].schema()}
        expect = {"type": "object", "properties": refused, "additionalProperties": False}
        actions = {
            "type": "array",
            "minItems": 2,
            "maxItems": MOST_TOGETHER,
            "items": self._steps.schema(expect),
            "description": "actions that overlap: done in one round, with no settling between",
        }
        properties = {TOGETHER: actions, "expect": self._expectations.round_schema(self._plain)}
        return {"type": "object", "properties": properties, "required": [TOGETHER], "additionalProperties": False}
