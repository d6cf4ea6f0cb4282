"""Where in the page each thing stands: an anchor for every statement, row, transition, reading and scenario."""

from __future__ import annotations

import os
from collections.abc import Iterable

from simsync.core.simulate import ScenarioResult
from simsync.diagrams.extract import file_stem
from simsync.model.policy import Policy


class Links:
    """The page's anchors, all of them distinct; each method gives an anchor without the ``#``."""

    def __init__(self, policy: Policy, results: Iterable[ScenarioResult]) -> None:
        self._taken: set[str] = set()
        self._anchors: dict[tuple[str, ...], str] = {}
        for cited in policy.citations:
            self._add("cite", cited)
        for machine in (policy.status, policy.link):
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
        self.labels = [scenario_label(result) for result in results]
        self._scenarios = [self._fresh(f"scenario-{file_stem(label.replace(':', '-'))}") for label in self.labels]

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


def scenario_label(result: ScenarioResult) -> str:
    """A scenario's short name: its file's and its line.

    >>> from simsync.app import packaged, load_model, run_scenarios_at
    >>> scenario_label(run_scenarios_at(str(packaged("scenarios") / "severing.yaml") + ":3", load_model())[0])
    'severing:3'
    """
    stem = os.path.splitext(os.path.basename(result.scenario.file))[0]
    return f"{stem}:{result.scenario.line}"
