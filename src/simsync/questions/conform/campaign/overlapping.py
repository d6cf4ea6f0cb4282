"""The part of a campaign in which actions overlap and the system is disrupted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simsync.engine.model import Model
from simsync.progress import Progress
from simsync.questions.conform.campaign.stopping import Interrupted, Stop
from simsync.questions.conform.overlap.campaign import OverlapReport, RoundsCampaign
from simsync.questions.conform.overlap.orders import Explaining, Order
from simsync.questions.conform.overlap.plan import FEWER, ROUNDS, Overlapping, RoundsPlan
from simsync.questions.conform.systems.protocol import PARALLEL, RESET
from simsync.questions.conform.systems.sut import System
from simsync.scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapOptions:
    """Whether actions are to overlap (None: where the system says that they can), how, and in how many drives.

    ``drives`` None: as many as there is time for, by whether the system can say when it rests.
    """

    wanted: bool | None = None
    order: Order = Order.ANY
    drives: int | None = None

    def of(self, system: System) -> int:
        """How many drives at most: as many as are asked for, or fewer than usual where each round takes a while."""
        usual = ROUNDS if system.quiet is None else FEWER
        return usual if self.drives is None else self.drives

    def asked_of(self, system: System) -> bool:
        """Whether they are to overlap in this system; raises :class:`SystemFault`.

        A system that cannot be reset has no settled situations to begin in.
        """
        if RESET in system.hello.cannot:
            return False
        if self.wanted is not None:
            return self.wanted
        return PARALLEL in system.hello.can or bool(system.hello.disruptions)


def overlapped(
    system: System,
    model: Model,
    options: OverlapOptions,
    scenarios: Sequence[Scenario],
    seed: int,
    progress: Progress,
    stop: Stop,
) -> OverlapReport:
    """Drive a system through rounds of overlapping actions, then through disruptions; what is known if it is ended.

    Those of scenarios come first.
    """
    parallel, disruptions = PARALLEL in system.hello.can, system.hello.disruptions
    drives = options.of(system)
    wanted = Overlapping(drives=drives, seed=seed, both=not parallel, disruptions=disruptions)
    ability = system.ability
    plan = RoundsPlan(
        model, wanted, lambda world, event: ability.lacks(world, event) is None, jumps=system.resets_to_status
    )
    rounds = RoundsCampaign(system, Explaining(model, system.translation, options.order), parallel=parallel)
    about = len(plan.situations), disruptions
    try:
        with stop.waiting():
            rounds.drive_all(map(plan.of_scenario, scenarios), _silent)
            rounds.drive_all(plan.drives(), lambda done, apart: progress(f"rounds ({apart:,} unexplained)", done, 0))
            rounds.drive_all(plan.disrupted(), lambda done, apart: progress(f"rounds ({apart:,} unexplained)", done, 0))
            return _bounded(rounds.report(*about, shrink=True), options, drives)
    except Interrupted as asked:
        return replace(_bounded(rounds.report(*about, shrink=False), options, drives), stopped=str(asked))


def _bounded(report: OverlapReport, options: OverlapOptions, drives: int) -> OverlapReport:
    return replace(report, most=drives, fewer=options.drives is None and drives < ROUNDS)


def _silent(_done: int, _apart: int) -> None:
    """Scenarios are few."""
