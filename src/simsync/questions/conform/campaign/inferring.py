"""Which readings of the page a system follows, found out by asking it as little as possible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.progress import Progress, silent
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import Sources, lacks
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.stopping import Interrupted, Stop
from simsync.questions.conform.diagnosis.inference import Inference, Open, Partition, Probe, Unexplained, VersionSpace
from simsync.questions.conform.driven import Driven, Observed, Seen, Trouble
from simsync.questions.conform.lockstep import aspects_of, expected_of, traced
from simsync.questions.conform.sequences.drives import Drive, driven_there, ways_from_the_first
from simsync.questions.conform.systems.protocol import SystemFault
from simsync.questions.conform.systems.sut import System

NOTHING = Observed(status="", tickets={}, notified=None)
"""What no system shows: it is looked at until time is up."""
MOST_FAULTS = 3
UNASKED = "it was ended before that was asked"
WALKS = 25
"""Random walks by which what was inferred is confirmed, where nothing else is asked."""


def infer(
    system: System,
    model: Model,
    fixed: Mapping[str, str],
    progress: Progress = silent,
    stop: Stop | None = None,
) -> Inference:
    """Find out which readings explain what a system does; ``fixed`` are not in question.

    Where somebody ends it by ``stop``, it gives what is known by then.
    """
    stop = stop or Stop()
    system.before_each = stop.before_request
    try:
        with stop.waiting():
            name = system.hello.name
        return _Inferring(system, model, fixed, progress, stop).run(name)
    except Interrupted as asked:
        return Inference(name="", model=model, stopped=str(asked))
    except SystemFault as fault:
        driven = Driven(drive=Drive(trace=Trace(status="", events=())), steps=0, fault=traced(system, fault))
        return Inference(name="", model=model, faults=(driven,))


def confirmed(pool: Pool, found: Inference, sources: Sources, stop: Stop | None = None) -> Inference:
    """The same, with what more sequences come to under the readings that it ends with, those left open by default.

    One question may have decided a reading, and a bug pass for it. Nothing more is asked of a system with faults.
    """
    if found.faults or found.stopped or not found.settled or not sources.walks:
        return found
    report = campaign(pool, found.model.under(found.readings), sources, Terms(), stop=stop)
    return replace(found, confirmation=report)


class _Inferring:
    def __init__(self, system: System, model: Model, fixed: Mapping[str, str], progress: Progress, stop: Stop) -> None:
        self._system, self._model, self._fixed = system, model, fixed
        self._progress, self._stop = progress, stop
        self._ability, self._jumps = system.ability, system.resets_to_status
        self._ways = ways_from_the_first(model)
        self.beliefs = VersionSpace(model, fixed, self._possible, self._same)
        self.asked: list[Probe] = []
        self.unexplained: list[Unexplained] = []
        self.faults: list[Driven] = []

    def run(self, system: str) -> Inference:
        """Ask until nothing more can be told apart, or somebody wants it to end."""
        stopped: str | None = None
        while len(self.faults) < MOST_FAULTS:
            try:
                with self._stop.waiting():
                    found = self.beliefs.next()
                    if found is None:
                        break
                    self._ask(*found)
            except Interrupted as asked:
                stopped = str(asked)
                break
            left = self.beliefs.remaining.bit_count()
            self._progress(f"{left:,} combinations of readings left; asked", len(self.asked), 0)
        settled: dict[str, tuple[str, int]] = {}
        undecided: dict[str, tuple[str, ...]] = {}
        for name, options in self.beliefs.options().items():
            if len(options) > 1:
                undecided[name] = options
            else:
                settled[name] = options[0], 0 if name in self._fixed else self._deciding(name)
        return Inference(
            name=system,
            model=self._model,
            asked=tuple(self.asked),
            settled=settled,
            open={
                name: self.beliefs.why_open(name) if stopped is None else Open(options=options, why=UNASKED)
                for name, options in undecided.items()
            },
            unexplained=tuple(self.unexplained),
            faults=tuple(self.faults),
            left=self.beliefs.remaining.bit_count(),
            all=self.beliefs.total,
            stopped=stopped,
        )

    def _deciding(self, name: str) -> int:
        """The number of the drive that left a reading with one option."""
        return max((n for n, asked in enumerate(self.asked, 1) if name in asked.ruled_out), default=0)

    def _ask(self, drive: Drive, parts: Sequence[Partition]) -> None:
        before = self.beliefs.options()
        try:
            seen = self._seen(drive, parts)
            explained = any(self._explains(part.outcomes, seen) for part in parts)
            if not explained and not self._alike(self._seen(drive, parts), seen):
                message = "what it did was not what it did when the same was done again"
                raise SystemFault(Trouble.UNSTABLE, message)
        except SystemFault as fault:
            self.faults.append(Driven(drive=drive, steps=0, fault=traced(self._system, fault)))
            return
        self.beliefs.remaining = self._explaining(drive, parts, seen)
        after = self.beliefs.options()
        ruled_out = {
            name: tuple(option for option in options if option not in after[name])
            for name, options in before.items()
            if options != after[name]
        }
        left = self.beliefs.remaining.bit_count()
        self.asked.append(Probe(drive=drive, seen=tuple(seen), ruled_out=ruled_out, left=left))

    def _seen(self, drive: Drive, parts: Sequence[Partition]) -> list[Seen]:
        """What the system does at every step; raises :class:`SystemFault`."""
        way = () if self._jumps else self._ways[drive.trace.status]
        self._system.begin(self._model.status_spec.initial if way else drive.trace.status)
        awaited = (*self._awaited_on(way), *self._awaited(parts))
        return [
            Seen(refused=self._system.act(event), shown=self._system.observe(expected))
            for event, expected in zip((*way, *drive.trace.events), awaited, strict=True)
        ][len(way) :]

    def _awaited_on(self, way: Sequence[Event]) -> Iterator[Observed]:
        world = World(self._model.status_spec.initial)
        for event in way:
            outcome = step(self._model, world, event)
            world = outcome.after
            yield expected_of(self._system, outcome).shown

    def _awaited(self, parts: Sequence[Partition]) -> Iterator[Observed]:
        """What to wait for after each step, where all possible readings say the same.

        Where they do not, one may say what is shown only until another's change has arrived: all the time is given.
        """
        for outcomes in zip(*(part.outcomes for part in parts), strict=True):
            first, *others = (expected_of(self._system, outcome) for outcome in outcomes)
            alike = not any(aspects_of(self._system, first, other) for other in others)
            yield first.shown if alike else NOTHING

    def _explaining(self, drive: Drive, parts: Sequence[Partition], seen: Sequence[Seen]) -> int:
        """The combinations that explain what was seen; where none does, those that explain most steps of it."""
        explained = [(self._steps(part.outcomes, seen), part) for part in parts]
        most = max(steps for steps, _ in explained)
        kept = [part for steps, part in explained if steps == most]
        if most < len(seen):
            wanted, actual = kept[0].outcomes[most], seen[most]
            self.unexplained.append(Unexplained(drive=drive, at=most, expected=wanted, actual=actual))
        combos = 0
        for part in kept:
            combos |= part.combos
        return combos

    def _steps(self, outcomes: Sequence[Outcome], seen: Sequence[Seen]) -> int:
        """How many steps some outcomes explain before one that they do not; where no rule decides, none is such."""
        for number, (outcome, actual) in enumerate(zip(outcomes, seen, strict=True)):
            if outcome.defects:
                break
            if aspects_of(self._system, expected_of(self._system, outcome), actual):
                return number
        return len(seen)

    def _explains(self, outcomes: Sequence[Outcome], seen: Sequence[Seen]) -> bool:
        return self._steps(outcomes, seen) == len(seen)

    def _alike(self, one: Sequence[Seen], other: Sequence[Seen]) -> bool:
        return not any(aspects_of(self._system, a, b) for a, b in zip(one, other, strict=True))

    def _same(self, one: Sequence[Outcome], other: Sequence[Outcome]) -> bool:
        """Whether two runs look the same, as far as this system shows it."""
        mine, its = ([expected_of(self._system, outcome) for outcome in run] for run in (one, other))
        return self._alike(mine, its)

    def _possible(self, drive: Drive) -> bool:
        if not self._jumps and drive.trace.status not in self._ways:
            return False
        there = drive if self._jumps else driven_there(drive, self._ways, self._model.status_spec.initial)
        return lacks(self._model, self._ability, there) is None
