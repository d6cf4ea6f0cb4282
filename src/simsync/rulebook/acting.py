"""Links from the rulebook into the page to act in, where one is written with it: a history, and a step of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from urllib.parse import quote

from simsync.engine.dependence import readings_behind
from simsync.engine.outcome import Outcome
from simsync.play.links import fragment
from simsync.scenarios.simulate import ScenarioResult


class Acting:
    """Gives the addresses of scenarios, and of steps that show a rule or a reading; empty ones where there are none.

    ``page`` is the page to act in and ``book`` the rulebook, as paths; without a page there is no address at all.
    """

    def __init__(self, results: Sequence[ScenarioResult], page: str | None, book: str) -> None:
        self._results = results
        beside = os.path.dirname(os.path.abspath(book))
        self._page = "" if page is None else quote(os.path.relpath(page, beside).replace(os.sep, "/"))

    def scenario(self, number: int, at: int | None = None) -> str:
        """Where a scenario can be acted in: at the end, or after the step at a position, counted from 1.

        Overlapping actions are taken in the order in which they are written, as in the rulebook.
        """
        if not self._page:
            return ""
        result = self._results[number]
        trace = result.scenario.overlapping
        readings = {**result.steps[0].outcome.model.chosen, **trace.readings}
        ends = accumulate(len(one) for one in trace.rounds)
        stage = None if at is None else 1 + sum(end < at for end in ends)
        return f"{self._page}#{fragment(replace(trace, readings=readings), stage)}"

    def rule(self, numbers: Iterable[int], name: str) -> str:
        """Where a row or transition can be seen to decide, in the first of some scenarios."""
        return self._first(numbers, lambda outcome: name in _rules(outcome))

    def reading(self, numbers: Iterable[int], name: str) -> str:
        """Where a step can be seen that depends on a reading."""
        return self._first(numbers, lambda outcome: name in readings_behind(outcome))

    def _first(self, numbers: Iterable[int], wanted: Callable[[Outcome], bool]) -> str:
        for number in numbers if self._page else ():
            found = (n for n, one in enumerate(self._results[number].steps, 1) if wanted(one.outcome))
            return self.scenario(number, next(found, None))
        return ""


def _rules(outcome: Outcome) -> set[str]:
    """The rows that decided a step, and the transitions that it fired."""
    return {*outcome.rules, *(name for one in outcome.fired for name in one.transition.declared)}
