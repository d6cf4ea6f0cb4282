"""The part of a campaign in which actions overlap and the system is disrupted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from simsync.engine.model import Model
from simsync.progress import Progress
from simsync.questions.conform.campaign.checkpoint import Kept
from simsync.questions.conform.campaign.planned_rounds import PlannedRounds
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.stopping import Interrupted, Stop
from simsync.questions.conform.overlap.campaign import Asked, OverlapReport, RoundsCampaign
from simsync.questions.conform.overlap.driving import RoundsDriven, drive_rounds
from simsync.questions.conform.overlap.explained_orders import Explaining
from simsync.questions.conform.overlap.plan import MOST_DRIVES
from simsync.questions.conform.systems.protocol import PARALLEL
from simsync.questions.conform.systems.sut import System


def overlapped(
    pool: Pool,
    model: Model,
    plan: PlannedRounds,
    progress: Progress,
    stop: Stop,
    kept: Kept,
) -> OverlapReport:
    """Drive the instances of a system through rounds; what is known if it is ended. What was ``kept`` is not redone."""
    first, order, many = pool.first, plan.options.order, len(plan.drives)
    parallel, disruptions = PARALLEL in first.hello.can, first.hello.disruptions
    rounds = RoundsCampaign(first, Explaining(model, first.translation, order), parallel=parallel, kept=kept.done)
    about = plan.situations, disruptions

    def one(system: System, asked: Asked) -> RoundsDriven:
        return drive_rounds(system, Explaining(model, system.translation, order), asked[0], parallel=parallel)

    def now(some: Iterable[Asked]) -> Iterator[RoundsDriven]:
        return pool.each(some, one)

    try:
        with stop.waiting():
            with closing(kept.each(((drive, False) for drive in plan.drives), now)) as driven:
                rounds.drive_all(driven, lambda done, apart: progress(f"rounds ({apart:,} unexplained)", done, many))
            if plan.options.again is not None:
                return _tried_again(rounds.report(*about, shrink=False))
            return _bounded(rounds.report(*about, shrink=True), plan)
    except Interrupted as asked:
        return replace(_bounded(rounds.report(*about, shrink=False), plan), stopped=str(asked))


def _tried_again(report: OverlapReport) -> OverlapReport:
    """What came of one drive that was done again and again; what was seen was seen in so many of these."""
    findings = (replace(one, again=one.seen, tries=report.drives) for one in report.findings)
    failures = (replace(one, again=one.seen, tries=report.drives) for one in report.failures)
    return replace(report, findings=tuple(findings), failures=tuple(failures), most=report.drives)


def _bounded(report: OverlapReport, plan: PlannedRounds) -> OverlapReport:
    return replace(
        report,
        combinations=plan.combinations,
        most=plan.most,
        fewer=plan.options.drives is None and plan.most < MOST_DRIVES,
    )
