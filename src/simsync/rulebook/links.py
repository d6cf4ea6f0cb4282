"""Where in the page each thing stands: an anchor for every statement, row, transition, reading and scenario."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simsync.files import file_stem
from simsync.policy.policy import Policy
from simsync.report.phrases import labels
from simsync.scenarios.simulate import ScenarioResult


class Links:
    """The page's anchors, all of them distinct; each method gives an anchor without the ``#``."""

    def __init__(self, policy: Policy, results: Sequence[ScenarioResult]) -> None:
        self._taken: set[str] = set()
        self._anchors: dict[tuple[str, ...], str] = {}
        for cited in policy.citations:
            self._add("cite", cited)
        for machine in policy.declared:
            self._add("machine", machine.name)
            for state in machine.states:
                self._add("state", machine.name, state)
            for transition in policy.transitions(machine):
                self._add("rule", transition.id)
        for table in policy.tables:
            self._add("table", table)
        for row in policy.rows:
            self._add("rule", row.id)
        for reading in policy.readings.values():
            self._add("reading", reading.name)
        for one in policy.properties:
            self._add("property", one.name)
        self.labels = labels([result.scenario for result in results])
        self._scenarios = [self._fresh(f"scenario-{file_stem(re.sub('[/:]', '-', label))}") for label in self.labels]

    def _add(self, *key: str) -> None:
        self._anchors[key] = self._fresh("-".join(map(file_stem, key)))

    def _fresh(self, wanted: str) -> str:
        anchor, number = wanted, 2
        while anchor in self._taken:
            anchor, number = f"{wanted}-{number}", number + 1
        self._taken.add(anchor)
        return anchor

    def at(self, *key: str) -> str:
        """The anchor of a thing: its sort (cite, machine, state, table, rule, reading, property) and its names."""
        return self._anchors[key]

    def scenario(self, number: int) -> str:
        """The anchor of the scenario at a position."""
        return self._scenarios[number]
