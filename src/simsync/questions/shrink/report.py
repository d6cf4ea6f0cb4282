"""A scenario that was shrunk, as a file says it."""

from __future__ import annotations

from dataclasses import replace

from simsync.report import phrases
from simsync.scenarios.simulate import ScenarioResult
from simsync.scenarios.verdicts import Failure
from simsync.scenarios.writing import as_yaml, document_of


def comments(result: ScenarioResult, smallest: ScenarioResult, tries: int) -> list[str]:
    """Where it came from, how far it shrank, and how it fails."""
    scenario = result.scenario
    before, after = (phrases.counted(len(one.steps), "step") for one in (result, smallest))
    place = f"{phrases.printable_line(scenario.file)}:{scenario.line}"
    said = [f"# {place}: {before} shrunk to {after} in {phrases.counted(tries, 'run')}; it fails the same way:"]
    return said + [f"#   {phrases.printable_line(_told(failure))}" for failure in smallest.steps[-1].failures]


def _told(failure: Failure) -> str:
    if failure.at.startswith("rules."):
        return str(failure.actual)
    expected, actual = phrases.sides(failure)
    return f"{failure.at} is {actual}, expected {expected}"


def document(result: ScenarioResult, smallest: ScenarioResult, tries: int) -> str:
    """The smallest scenario, with comments."""
    shown = replace(smallest.scenario, about="")  # which is about the whole one
    return "\n".join(comments(result, smallest, tries)) + "\n" + as_yaml(document_of(shown))
