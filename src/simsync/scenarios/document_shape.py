"""The shape of a scenario document for one policy: what reads it and what its JSON Schema says."""

from __future__ import annotations

from simsync.engine.model import ModelFactory
from simsync.policy.loading.shapes import Choice, Key, ListOf, MapOf, Record, Schema, Shape, Text, described
from simsync.scenarios.rounds import Rounds
from simsync.scenarios.shapes import Expectations, Steps


class ScenarioShape:
    """One document of a scenario file."""

    def __init__(self, factory: ModelFactory) -> None:
        policy = factory.policy
        self.begin = policy.status.begin
        self.words = policy.vocabulary.words
        self.expectations = Expectations(factory)
        self.steps = Steps(factory, self.expectations)
        self.rounds = Rounds(self.steps)
        each = {
            r.name: Choice(f"an option of '{r.name}'", r.options, about=r.question) for r in policy.readings.values()
        }
        readings = MapOf(
            "the readings", Text(), tuple(each), each, f"the {self.words.page}'s ambiguities, as read here"
        )
        given = {"status": Key(self.expectations.begin), "readings": Key(readings)}
        cited = Choice(f"a statement, gap or {self.words.page}", policy.citations)
        self.head: dict[str, Shape] = {
            "scenario": Text("what the scenario shows", empty=False),
            "about": Text("free text"),
            "sources": ListOf(cited, "what the scenario is about"),
            "given": Record("'given'", given, "where the scenario starts; the defaults where left out"),
        }
        self.keys = (*self.head, "steps", "finally")

    def schema(self) -> Schema:
        """The JSON Schema of a scenario document."""
        properties = {name: shape.schema() for name, shape in self.head.items()}
        properties["steps"] = {"type": "array", "minItems": 1, "items": self._step_schema()}
        properties["finally"] = described(self.expectations.end_schema(), "what must be so after the last step")
        return {
            "type": "object",
            "properties": properties,
            "required": ["scenario", "steps"],
            "additionalProperties": False,
        }

    def _step_schema(self) -> Schema:
        return {"anyOf": [self.steps.schema(), self.rounds.schema()]}
