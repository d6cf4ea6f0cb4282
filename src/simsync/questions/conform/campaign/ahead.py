"""What a campaign is about to ask of a system: its sequences, its rounds, and how many requests that takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from simsync.questions.conform.campaign.estimate import AHEAD, asked_in, asked_in_rounds
from simsync.questions.conform.campaign.overlapping import OverlapOptions, PlannedRounds, planned
from simsync.questions.conform.campaign.plan import Plan, as_read
from simsync.questions.conform.diagnosis.estimate import Estimate
from simsync.questions.conform.sequences.drives import Drive


class Ahead(NamedTuple):
    """The sequences, the rounds (None where nothing is to overlap), and what all of it comes to."""

    drives: Iterator[Drive]
    rounds: PlannedRounds | None
    estimate: Estimate


def looked_ahead(plan: Plan, hourly: int | None = None) -> Ahead:
    """What a plan leads to, where so many requests can be made in an hour. Raises :class:`SystemFault`."""
    drives = plan.drives()
    first = [*islice(drives, AHEAD)]
    more = [*islice(drives, 1)]
    rounds = _rounds(plan)
    estimate = Estimate(
        sequences=len(first),
        requests=asked_in(plan.system, first),
        drives=0 if rounds is None else len(rounds.drives),
        in_drives=0 if rounds is None else asked_in_rounds(plan.system, rounds.drives),
        more=bool(more),
        hourly=hourly,
    )
    return Ahead(_all(first, more, drives), rounds, estimate)


def _all(first: list[Drive], more: list[Drive], rest: Iterator[Drive]) -> Iterator[Drive]:
    """All of them, none kept longer than it is needed."""
    first.reverse()
    while first:
        yield first.pop()
    yield from more
    yield from rest


def _rounds(plan: Plan) -> PlannedRounds | None:
    """The rounds that are wanted of the system."""
    sources, model, system = plan.sources, plan.model, plan.system
    scenarios = [one for one in sources.scenarios if one.rounds and as_read(model.readings, one)]
    if sources.overlap is None and not scenarios:
        return None
    options = sources.overlap or OverlapOptions(wanted=False)
    if not options.asked_of(system):
        options = replace(options, drives=0)
    if not scenarios and options.drives == 0:
        return None
    return planned(system, model, options, scenarios, sources.seed)
