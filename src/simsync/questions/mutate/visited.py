"""What the runs of a suite rest on, so that it is known without another run whether a mutant can change any of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simsync.engine.facts import Facts
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.mutation.mutants import Mutant
from simsync.policy.facts import CHANGES, NO_CHANGE
from simsync.questions.coverage.goals import situations
from simsync.questions.mutate.touching import Touching
from simsync.scenarios.simulate import ScenarioResult
from simsync.statespace.columns import Columns
from simsync.statespace.combinations import Sets, Variants
from simsync.statespace.featured_rules import STEP_FACTS, FeaturedRules


class Visited:
    """The situations that the runs of a suite came to, with what the rules say there under the readings of each run.

    [k]: ``_part[k]`` is the number of a part of what the rules say, ``_run[k]`` that of a run that rests on it.
    """

    def __init__(self, model: Model, runs: Sequence[ScenarioResult]) -> None:
        readings = (model.readings, *(dict(run.readings) for run in runs))
        listed = list({tuple(one.items()): one for one in readings}.values())
        number = {tuple(one.items()): 1 << n for n, one in enumerate(listed)}
        self._readings = [run.readings for run in runs]
        self._acted: dict[str, set[int]] = {}
        self._statuses: dict[str, set[int]] = {}
        columns, sets = Columns(model), Sets(Variants(model.policy, listed))
        rules = FeaturedRules(model, columns, sets)
        rows: dict[tuple[int, ...], set[int]] = {}
        for n, run in enumerate(runs):
            for outcome in run.tried():
                self._note(n, outcome)
                for facts in _asked(outcome):
                    rows.setdefault(_row(columns, facts), set()).add(n)
        codes = np.array([*rows], np.int16).reshape(-1, len(columns.facts))
        frame = rules.decide(codes, codes[:, columns.at["owner"]] > 0)
        of, parts = [*rows.values()], zip(frame.situation.tolist(), frame.sets.tolist(), strict=True)
        bits = [number[tuple(one.items())] for one in self._readings]
        pairs = [(part, n) for part, (at, some) in enumerate(parts) for n in of[at] if bits[n] & sets.bits[some]]
        self._part, self._run = np.array(pairs, np.int32).reshape(-1, 2).T
        self._touching = Touching(rules, frame)

    def _note(self, number: int, outcome: Outcome) -> None:
        if outcome.event.item is None:
            self._acted.setdefault(outcome.event.action, set()).add(number)
        for status in (outcome.before.status, outcome.after.status):
            self._statuses.setdefault(status, set()).add(number)

    def by(self, mutant: Mutant) -> list[int]:
        """The runs that a mutant may change; it may be that it does not."""
        reach = mutant.reach
        found = {*self._run[self._touching.parts(mutant)[self._part]].tolist()}
        found |= {n for action in reach.actions for n in self._acted.get(action, ())}
        found |= {n for status in reach.statuses for n in self._statuses.get(status, ())}
        name, _, option = (mutant.reading or "").partition("=")
        return [n for n in sorted(found) if not name or self._readings[n][name] == option]


def _asked(outcome: Outcome) -> Iterator[Facts]:
    """The facts that are known where a step asks the tables, of each item, or of the step where there is none."""
    model, event = outcome.model, outcome.event
    found = [situation.facts(model.vocabulary, model.status_spec.phases) for _, situation in situations(outcome)]
    yield from found
    if not found:
        change = event.action if event.action in CHANGES else NO_CHANGE
        phases = map(model.phase, (outcome.before.status, outcome.after.status))
        yield dict(zip(STEP_FACTS, (event.actor, change, *phases), strict=False))


def _row(columns: Columns, facts: Facts) -> tuple[int, ...]:
    return tuple([columns.code(fact, facts.get(fact)) for fact in columns.facts])
