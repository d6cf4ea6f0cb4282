"""What a system is to be driven through where actions overlap and it is disrupted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from simsync.engine.model import Model
from simsync.errors import Code, not_among, usage_error
from simsync.questions.conform.overlap.explained_orders import Order
from simsync.questions.conform.overlap.plan import FEWER_DRIVES, MOST_DRIVES, Overlapping, RoundsPlan
from simsync.questions.conform.overlap.rounds import RoundsDrive, disruptions_of
from simsync.questions.conform.systems.protocol import PARALLEL, RESET
from simsync.questions.conform.systems.sut import System
from simsync.scenarios.scenario import Scenario

TRIES = 20
"""How often a drive is done that is to be seen again, where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapOptions:
    """Whether actions are to overlap (None: where the system says that they can), how, and in how many drives.

    ``drives`` None: as many as there is time for, by whether the system can say when it rests. ``again``: the only
    drive, which is done so often.
    """

    wanted: bool | None = None
    order: Order = Order.ANY
    drives: int | None = None
    again: RoundsDrive | None = None

    def of(self, system: System) -> int:
        """How many drives at most: as many as are asked for, or fewer than usual where each round takes a while."""
        usual = TRIES if self.again is not None else MOST_DRIVES if system.quiet is None else FEWER_DRIVES
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRounds:
    """What a system is to be driven through, in order, ``most`` of a sort, from so many settled ``situations``.

    ``combinations``: so many there are of a kind of action before or after a disruption.
    """

    options: OverlapOptions
    drives: tuple[RoundsDrive, ...]
    most: int
    situations: int
    combinations: int = 0


def planned(
    system: System, model: Model, options: OverlapOptions, scenarios: Sequence[Scenario], seed: int
) -> PlannedRounds:
    """Rounds of scenarios, then of overlapping actions, with disruptions in turns.

    Raises :class:`SystemFault`, and :class:`SimsyncError` for disruptions that the system does not name.
    """
    parallel, disruptions = PARALLEL in system.hello.can, system.hello.disruptions
    most = options.of(system)
    if options.again is not None:
        _check_named(options.again, disruptions)
        return PlannedRounds(options=options, drives=(options.again,) * most, most=most, situations=0)
    wanted = Overlapping(drives=most, seed=seed, both=not parallel, disruptions=disruptions)
    ability = system.ability
    plan = RoundsPlan(
        model, wanted, lambda world, event: ability.lacks(world, event) is None, jumps=system.resets_to_status
    )
    drives = (*map(plan.of_scenario, scenarios), *plan.all())
    return PlannedRounds(
        options=options,
        drives=drives,
        most=most,
        situations=len(plan.situations),
        combinations=plan.combinations,
    )


def _check_named(drive: RoundsDrive, disruptions: Sequence[str]) -> None:
    for what in chain.from_iterable(map(disruptions_of, drive.rounds)):
        if what not in disruptions:
            message = not_among("a disruption that this system names", what, disruptions)
            raise usage_error("--again", message, code=Code.USAGE)
