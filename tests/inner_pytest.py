"""Runs of pytest inside the run: what their tests share."""

from __future__ import annotations

import pytest
import rich.padding
import rich.table
import rich.text

LOADED = (rich.padding, rich.table, rich.text)
"""Loaded before any inner run: what is first loaded in one is forgotten after it, and what others keep of it is not."""

GOOD = """\
# A comment, and a blank line.

scenario: A note arrives
sources: [S4, S9]
steps:
  - service: create note N1
    text: Disk replaced
    expect: {synced: true, lead: {text: Disk replaced}}
---
scenario: A severed note stays as it is
sources: [S16, G17]
steps:
  - service: create note N1
  - lead: edit N1
    text: Mine now
    expect: {link: severed}
"""


def write(pytester: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        path = pytester.path / "scenarios" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("--strict-markers", "--strict-config", "-W", "error", *arguments)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs within these tests are no workers, even where the tests themselves are run by some."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
