"""The shortest drive through which a system diverges in some way, found by running it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from simsync.engine.trace import Trace
from simsync.questions.conform.campaign.plan import lacks
from simsync.questions.conform.campaign.reproduction import DivergenceKey, Repeating, shown_at_end
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.sequences.hard_texts import plain, plainer
from simsync.scenarios.shrinking import Shrinker

MOST_RUNS = 300
"""Drives that shrinking one divergence may take."""
MOST_STEPS = 5_000
"""Steps of these drives together: a long one is shrunk by what takes most away, and then left as it is."""
MOST_FRESH = 40
"""Drives where each is on a fresh instance."""


class Shrinking:
    """Runs shorter drives than one that shows something; ``counts`` says of one that does so whether it is the same.

    ``fresh``: each on a fresh instance.
    """

    def __init__(
        self, again: Repeating, key: DivergenceKey, counts: Callable[[Driven], bool], *, fresh: bool = False
    ) -> None:
        self._again, self._key, self._counts, self._fresh = again, key, counts, fresh
        self._model = again.model
        self._ability, self._jumps = again.system.ability, again.system.resets_to_status or again.system.goes_on
        self._left = MOST_FRESH if fresh else MOST_RUNS
        self._steps = 0
        self._found: dict[Trace, Driven] = {}
        self._source = ""

    def shortest(self, shown: Driven) -> Driven:
        """The shortest drive found that shows the same as one that did so at its end."""
        self._source, start = shown.drive.source, shown.drive.trace
        self._found[start] = shown
        simple = plain(self._model, start)
        shrinker = Shrinker(self._model.factory, self._fails, self._later, pairs_up_to=0)
        trace = plainer(self._model, shrinker.shrink(simple if self._fails(simple) else start), self._fails)
        return self._found[self._renamed(trace)]

    def _fails(self, trace: Trace) -> bool:
        if trace in self._found:
            return True
        drive = Drive(trace=trace, source=self._source)
        if self._left <= 0 or self._steps >= MOST_STEPS or lacks(self._model, self._ability, drive):
            return False
        self._left -= 1
        run = self._again.do(drive, fresh=self._fresh)
        self._steps += 0 if run is None else run.steps
        driven = shown_at_end(run, self._key)
        if driven is None or not self._counts(driven):
            return False
        self._found[trace] = driven
        return True

    def _later(self, trace: Trace) -> Iterable[Trace]:
        """The trace without the status actions that it begins with, in the status that they lead to."""
        divergence = self._found[trace].divergence
        assert divergence is not None
        count = next((n for n, event in enumerate(trace.events) if event.item is not None), len(trace.events) - 1)
        if self._jumps:
            for skipped in range(count, 0, -1):
                status = divergence.outcomes[skipped - 1].after.status
                yield replace(trace, status=status, events=trace.events[skipped:])

    def _renamed(self, trace: Trace) -> Trace:
        """The trace with its items numbered from 1, if it still diverges."""
        items = dict.fromkeys(e.item for e in trace.events if e.item is not None)
        names = {item: f"N{number}" for number, item in enumerate(items, 1)}
        events = tuple(replace(e, item=None if e.item is None else names[e.item]) for e in trace.events)
        renamed = replace(trace, events=events)
        return renamed if renamed == trace or self._fails(renamed) else trace
