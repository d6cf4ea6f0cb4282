"""What tests cost, in seconds of the processor's time, with what their child processes took: a plugin of pytest's.

`pytest -p costs --costs FILE` (see `make costs`) writes into FILE what all tests take together, which functions take a
second or more with all their parameters, and which fixtures do that several tests share. A machine that is loaded does
not change these numbers much; how long a test takes on the wall it does.
"""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

DEAR = 1.0
"""From how many seconds on something is listed."""


def spent() -> float:
    """The processor's time that this process has taken until now, and its children that have ended."""
    who = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


class Costs:
    """Notes in each report what its phase took; where the reports come together, it writes the list of the dearest."""

    def __init__(self, out: Path, gathers: bool) -> None:
        self.out, self.gathers = out, gathers
        self.number = 0
        self.tests: Counter[str] = Counter()
        self.fixtures: Counter[str] = Counter()
        self.since = 0.0
        self.shared: dict[str, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self) -> None:
        self.since = spent()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        before = spent()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                took, within = spent() - before, sum(self.shared.values())
                self.shared[f"{fixturedef.baseid}::{fixturedef.argname}"] = took - within
                self.since += took - within

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        report: Any = yield
        now = spent()
        report.cost, report.shared = now - self.since, dict(self.shared)
        self.since = now
        self.shared.clear()
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        if self.gathers:
            self.number += report.when == "setup"
            self.tests[report.nodeid.partition("[")[0]] += report.cost
            for name, cost in report.shared.items():
                self.fixtures[name] += cost

    def pytest_sessionfinish(self) -> None:
        if self.gathers:
            self.out.write_text("".join(f"{line}\n" for line in self.lines()), encoding="utf-8")

    def lines(self) -> Iterator[str]:
        yield "# Written by `make costs`: seconds of the processor's time."
        yield f"total = {self.tests.total() + self.fixtures.total():.0f}"
        yield f"tests = {self.number}"
        for table, costs in (("dear", self.tests), ("shared", self.fixtures)):
            yield f"\n[{table}]"
            for name, cost in sorted(costs.items(), key=lambda one: (-round(one[1], 1), one[0])):
                if cost >= DEAR:
                    yield f'"{name}" = {cost:.1f}'


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--costs", type=Path, metavar="FILE", help="write into FILE what the dearest tests cost")


def pytest_configure(config: pytest.Config) -> None:
    if out := config.getoption("costs"):
        config.pluginmanager.register(Costs(out, gathers=not hasattr(config, "workerinput")))
