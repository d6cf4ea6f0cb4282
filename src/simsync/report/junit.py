"""A run as JUnit XML, for continuous integration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from simsync.errors import Diagnostic
from simsync.files import whole_file
from simsync.report import phrases
from simsync.scenarios.simulate import ScenarioResult

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class _Suite:
    name: str
    cases: list[str] = field(default_factory=list)
    failures: int = 0
    errors: int = 0


class JUnit:
    """Collects a line or two of XML a scenario, and writes the file at the end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._suites: dict[str, _Suite] = {}

    def _suite(self, file: str) -> _Suite:
        return self._suites.setdefault(file, _Suite(file))

    def add(self, result: ScenarioResult) -> None:
        """Add a scenario as a test case of its file's suite."""
        scenario = result.scenario
        suite = self._suite(scenario.file)
        case = f"    <testcase classname={attribute(scenario.file)} name={attribute(scenario.name)}"
        case += f' file={attribute(scenario.file)} line="{scenario.line}"'
        if result.answered:
            told = '      <properties><property name="expectations" value="0"/></properties>'
            said = f"      <system-out>{content(phrases.ANSWERED)}</system-out>"
            suite.cases.append(f"{case}>\n{told}\n{said}\n    </testcase>")
            return
        if result.passed:
            suite.cases.append(case + "/>")
            return
        suite.failures += 1
        lines = [
            "{}:{}: {}: expected {}, found {}".format(scenario.file, f.line, phrases.place(f), *phrases.sides(f))
            for step in result.steps
            for f in step.failures
        ]
        failure = f"      <failure message={attribute(lines[0])}>{content(chr(10).join(lines))}</failure>"
        suite.cases.append(f"{case}>\n{failure}\n    </testcase>")

    def close(self, _summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Add bad input as errors and write the file."""
        for found in diagnostics:
            suite = self._suite(found.file)
            suite.errors += 1
            case = f"    <testcase classname={attribute(found.file)} name={attribute(f'line {found.line}')}>"
            suite.cases.append(f"{case}\n      <error message={attribute(str(found))}/>\n    </testcase>")
        suites = self._suites.values()
        totals = [sum(len(s.cases) for s in suites), sum(s.failures for s in suites), sum(s.errors for s in suites)]
        with whole_file(self._path) as stream:
            stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
            stream.write('<testsuites name="simsync" tests="{}" failures="{}" errors="{}">\n'.format(*totals))
            for suite in suites:
                stream.write(f'  <testsuite name={attribute(suite.name)} tests="{len(suite.cases)}"')
                stream.write(f' failures="{suite.failures}" errors="{suite.errors}">\n')
                stream.write("\n".join(suite.cases) + "\n  </testsuite>\n")
            stream.write("</testsuites>\n")


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def attribute(text: str) -> str:
    """A text as an attribute of XML, in quotes; what XML cannot hold is replaced."""
    return f'"{escape(_clean(text))}"'


def content(text: str) -> str:
    """A text inside an element of XML; what XML cannot hold is replaced."""
    return escape(_clean(text), quote=False)
