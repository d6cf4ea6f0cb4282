"""A round of overlapping actions in a dialogue: what its orders have in common, and where they part side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.overlap import Fork, Reply, RoundOutcome
from simsync.engine.world import Event, World
from simsync.policy.policy import ALONE
from simsync.report import phrases
from simsync.report.step_summary import StepSummarizer
from simsync.report.terminal import Glyphs
from simsync.scenarios.simulate import ScenarioResult
from simsync.scenarios.stages import StageResult, words_of


class Parted(NamedTuple):
    """What some forks have in common, line by line, and what each has besides, under what it is called."""

    common: list[str]
    apart: list[tuple[str, list[str]]]


class Overlaps:
    """Tells rounds, and steps in several worlds, in the words of one model."""

    def __init__(self, model: Model, glyphs: Glyphs) -> None:
        self._model, self._glyphs = model, glyphs
        self._summarizer = StepSummarizer(model, glyphs.dot)

    def parted(self, result: StageResult) -> Parted:
        """What the forks of a stage come to."""
        titles = [self._title(result, fork, told) for fork, told in zip(result.forks, result.told, strict=True)]
        return parted(titles, [self.lines(fork.outcome) for fork in result.forks])

    def _title(self, result: StageResult, fork: Fork, told: str) -> str:
        if result.stage.together is None:
            return f"after {told}"
        whole = sum(one.outcome.orders for one in result.forks if one.before == fork.before)
        several = fork.outcome.orders > 1
        return f"{told or words_of(fork.outcome)}" + (f" ({fork.outcome.orders} of {whole} orders)" if several else "")

    def lines(self, outcome: RoundOutcome) -> list[str]:
        """What some orders of a round come to, a line for each thing."""
        rules = dict.fromkeys(one.rules[0] for one in outcome.outcomes if one.rules)
        which = "" if outcome.orders == 1 else "in the first of these orders "
        because = [f"{which}because {', '.join(rules)}"] if rules else []
        seen = [*self._answers(outcome), *self._moves(outcome), *self._links(outcome), *self._told(outcome)]
        return [*seen, *because]

    def seen(self, outcome: RoundOutcome) -> list[str]:
        """What anybody sees of an outcome: answers without their reasons, no links, no rules."""
        answers = (f"{self._glyphs.refused} {e.actor}: {e} is refused" for e in refused_in(outcome))
        return [*answers, *self._moves(outcome), *self._told(outcome)]

    def _told(self, outcome: RoundOutcome) -> list[str]:
        """What changed on the tickets, and who was told."""
        lines: list[str] = []
        for partner in self._model.vocabulary.partners:
            changes = self._summarizer.changed_on(outcome.before, outcome.after, partner)
            lines += [f"{partner}'s {self._model.words.ticket}: {change}" for change in changes]
        return [*lines, *([f"told: {', '.join(outcome.notified)}"] if outcome.notified else [])]

    def _answers(self, outcome: RoundOutcome) -> Iterator[str]:
        for position, answer in enumerate(outcome.answers):
            event, done = outcome.events[position], outcome.of(position)
            who = f"{event.actor}: {event}"
            if answer is Reply.NOT_SENT:
                yield f"{self._glyphs.refused} {who} is not sent: this round makes it, and it has not arrived"
            elif done is not None and done.refused is not None:
                yield f"{self._glyphs.refused} {who} is refused: {phrases.printable_line(done.refused)}"
            elif done is not None:
                yield from (f"the rules fail here: {phrases.printable_line(one.message)}" for one in done.defects)

    def _moves(self, outcome: RoundOutcome) -> Iterator[str]:
        arrow, spec = self._glyphs.arrow, self._model.status_spec
        before, after = outcome.before.status, outcome.after.status
        if before != after:
            was, now = spec.parts(before), spec.parts(after)
            moved = [f"{key}: {was[key]} {arrow} {state}" for key, state in now.items() if was[key] != state]
            yield from moved or [f"{before} {arrow} {after}"]

    def _links(self, outcome: RoundOutcome) -> Iterator[str]:
        arrow = self._glyphs.arrow
        for name, (old, new) in outcome.links.items():
            if old != new and new != ALONE:
                yield f"{name} {f'{old} {arrow} ' if old else ''}{new}"


def refused_in(outcome: RoundOutcome) -> list[Event]:
    """The actions of a round that are refused."""
    return [e for e, reply in zip(outcome.events, outcome.answers, strict=True) if reply is Reply.REFUSED]


def worlds_at_the_end(result: ScenarioResult) -> list[tuple[str, World]]:
    """The worlds that a run ends in, each with the orders that lead to it where there are several."""
    if not result.stages:
        return [("", result.steps[-1].outcome.after)]
    last, after = result.stages[-1], dict[int, tuple[str, World]]()
    for fork, told in zip(last.forks, last.told, strict=True):
        after.setdefault(fork.after, (told, fork.outcome.after))
    return [*after.values()] if len(after) > 1 else [("", world) for _, world in after.values()]


def parted(titles: Sequence[str], lines: Sequence[list[str]]) -> Parted:
    """What several lists of lines have in common, and what each has besides, under its title."""
    common = [line for line in lines[0] if all(line in others for others in lines)]
    if len(lines) == 1 or all(one == common for one in lines):
        return Parted(common, [])
    apart = [[line for line in one if line not in common] or ["nothing else"] for one in lines]
    return Parted(common, [*zip(titles, apart, strict=True)])
