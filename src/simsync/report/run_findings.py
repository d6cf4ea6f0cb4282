"""What did not hold in a run, one by one: in lines that editors understand, and as SARIF."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TextIO

from simsync.errors import Diagnostic
from simsync.files import whole_file
from simsync.report import phrases
from simsync.report.as_json import dumps
from simsync.report.sarif import SarifLevel, fingerprint, sarif_location, sarif_log, sarif_rule
from simsync.scenarios.simulate import ScenarioResult

EXPECTATION, UNDECIDED = "expectation", "rules"
ABOUT = {
    EXPECTATION: "what a scenario expects is not so",
    UNDECIDED: "the rules leave a step of a scenario open, or a property forbids it",
}


class RunFinding(NamedTuple):
    """One thing that did not hold, and where."""

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return phrases.printable_line(f"{self.file}:{self.line}:1: error: {self.code}: {self.message}")


def findings(result: ScenarioResult) -> Iterator[RunFinding]:
    """What did not hold in a scenario; nothing if it passed."""
    scenario = result.scenario
    for step in result.steps:
        for failure in step.failures:
            expected, found = phrases.sides(failure)
            message = f"{phrases.place(failure)}: expected {expected}, found {found} (scenario '{scenario.name}')"
            code = UNDECIDED if failure.at.startswith("rules.") else EXPECTATION
            yield RunFinding(scenario.file, failure.line, code, message)


class RunLines:
    """Prints a line for each thing that did not hold, as it comes, and the counts at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def add(self, result: ScenarioResult) -> None:
        """Print what did not hold in a scenario."""
        self._stream.writelines(f"{found}\n" for found in findings(result))

    def close(self, summary: dict[str, int], _diagnostics: Iterable[Diagnostic]) -> None:
        """Print the counts."""
        told = phrases.counted(summary["scenarios"], "scenario")
        self._stream.write(f"{told}: {summary['passed']} passed, {summary['failed']} failed\n")


class RunSarif:
    """Collects what did not hold, and writes it as SARIF at the end, with what is wrong in files."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._results: list[dict[str, Any]] = []
        self._rules: list[str] = []

    def add(self, result: ScenarioResult) -> None:
        """Add what did not hold in a scenario."""
        for found in findings(result):
            mark = fingerprint(found.code, found.file, result.scenario.name, found.message)
            self._add(found.code, found.message, (found.file, found.line, 1), mark)

    def close(self, _summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Add bad input and write the file."""
        for found in diagnostics:
            mark = fingerprint(found.code, found.file, found.message)
            self._add(str(found.code), found.message, (found.file, max(found.line, 1), max(found.col, 1)), mark)
        told = {code: ABOUT.get(code, "what stands there makes no sense") for code in self._rules}
        rules = [sarif_rule(code, about, about, SarifLevel.ERROR) for code, about in told.items()]
        with whole_file(self._path) as stream:
            stream.write(dumps(sarif_log(rules, self._results)) + "\n")

    def _add(self, code: str, message: str, where: tuple[str, int, int], mark: str) -> None:
        if code not in self._rules:
            self._rules.append(code)
        self._results.append(
            {
                "ruleId": code,
                "ruleIndex": self._rules.index(code),
                "level": str(SarifLevel.ERROR),
                "message": {"text": message},
                "locations": [sarif_location(*where, os.getcwd())],
                "partialFingerprints": {"finding/v1": mark},
            }
        )
