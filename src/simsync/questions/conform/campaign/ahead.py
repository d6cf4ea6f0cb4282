"""What a campaign is about to ask of a system: its sequences, its rounds, and how many requests that takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from simsync.questions.conform.campaign.plan import Plan, as_read
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions, PlannedRounds, planned
from simsync.questions.conform.campaign.request_counts import AHEAD, FEW, asked_in, asked_in_rounds
from simsync.questions.conform.campaign.stopping import Stop
from simsync.questions.conform.diagnosis.estimate import Estimate
from simsync.questions.conform.sequences.drives import Drive


class Ahead(NamedTuple):
    """The sequences, the rounds (None where nothing is to overlap), and what all of it comes to."""

    drives: Iterator[Drive]
    rounds: PlannedRounds | None
    estimate: Estimate


def looked_ahead(plan: Plan, stop: Stop, most: int = AHEAD) -> Ahead:
    """What a plan leads to, of which so many sequences are counted, and few where the time for all of it is limited.

    Raises :class:`SystemFault`, and :class:`Interrupted` where it is stopped meanwhile.
    """
    drives = plan.drives()
    first = _begun(drives, min(most, FEW) if stop.limited else most, stop)
    more = [*islice(drives, 1)]
    rounds = _rounds(plan)
    estimate = Estimate(
        sequences=len(first),
        requests=asked_in(plan.system, first),
        rounds_drives=0 if rounds is None else len(rounds.drives),
        rounds_requests=0 if rounds is None else asked_in_rounds(plan.system, rounds.drives),
        more=bool(more),
        hourly=stop.hourly,
        limited=stop.limited,
    )
    stop.check()
    return Ahead(_all(first, more, drives), rounds, estimate)


def _begun(drives: Iterator[Drive], most: int, stop: Stop) -> list[Drive]:
    """The first of them, made for as long as nobody stops it."""
    made = []
    for drive in islice(drives, most):
        stop.check()
        made.append(drive)
    return made


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
