"""Steps that are told one by one, as the scenario that a file with them would have."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from simsync.errors import Diagnostic
from simsync.scenarios.loading import ScenarioFile, ScenarioLoader
from simsync.scenarios.scenario import NO_FILE, Scenario, Step
from simsync.scenarios.writing import as_yaml, document_of

TITLE = "What comes of these steps"
_BEFORE, _AFTER = "  - {", "}"


def asked(loader: ScenarioLoader, steps: Sequence[str], status: str | None, path: str) -> tuple[ScenarioFile, str]:
    """The scenario of some steps, and its text.

    A step is what stands in the braces of one in a file: ``actor: action, text: "a text"``. ``status`` is where it
    begins, None where scenarios begin that do not say. ``path`` names the file that the text is for: its lines number
    the steps, which are 1, 2, 3 where it is for none. Of steps with anything wrong the file has the problems alone.
    """
    given = "" if status is None else f"given: {{status: {status}}}\n"
    head = f"scenario: {TITLE}\n{given}steps:\n"
    told = head + "".join(f"{_BEFORE}{step}{_AFTER}\n" for step in steps)
    file = loader.load_bytes(told.encode(errors="replace"), NO_FILE)
    if file.diagnostics:
        return replace(file, diagnostics=tuple(_as_told(file.diagnostics, steps, head.count("\n")))), told
    text = as_yaml(*map(document_of, file.scenarios)) + "\n"
    file = loader.load_bytes(text.encode(), path)
    scenarios = tuple(replace(one, question=True) for one in file.scenarios)
    return replace(file, scenarios=tuple(map(_numbered, scenarios)) if path == NO_FILE else scenarios), text


def _as_told(found: Sequence[Diagnostic], steps: Sequence[str], head: int) -> Iterator[Diagnostic]:
    """Problems by the number of the step, and where they are in it."""
    firsts = [head + 1, *accumulate((step.count("\n") + 1 for step in steps), initial=head + 1)][1:-1]
    for one in found:
        if one.line <= head:
            yield replace(one, file="--given", line=0, excerpt=None) if one.line == head - 1 and head > 2 else one
            continue
        number = bisect_right(firsts, one.line)
        first = one.line == firsts[number - 1]
        excerpt = one.excerpt.removeprefix(_BEFORE).removesuffix(_AFTER) if one.excerpt and first else one.excerpt
        yield replace(one, line=number, col=max(1, one.col - len(_BEFORE)) if first else one.col, excerpt=excerpt)


def _numbered(scenario: Scenario) -> Scenario:
    """A scenario whose steps are numbered from 1, as those are that are in no file."""
    steps = tuple(_at(number, step) for number, step in enumerate(scenario.steps, 1))
    rounds = tuple(
        replace(one, line=one.first + 1, checks=tuple(check._replace(line=one.first + 1) for check in one.checks))
        for one in scenario.rounds
    )
    return replace(scenario, steps=steps, rounds=rounds)


def _at(number: int, step: Step) -> Step:
    return replace(step, line=number, checks=tuple(check._replace(line=number) for check in step.checks))
