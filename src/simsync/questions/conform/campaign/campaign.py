"""A campaign: sequences driven, and what was seen judged: done again, shrunk, grouped and explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.progress import Progress, silent
from simsync.questions.conform.campaign.about import About, about_of
from simsync.questions.conform.campaign.ahead import looked_ahead
from simsync.questions.conform.campaign.checkpoint import Kept
from simsync.questions.conform.campaign.elsewhere import Heard
from simsync.questions.conform.campaign.failures import now_and_then
from simsync.questions.conform.campaign.findings import Findings
from simsync.questions.conform.campaign.misnamed import mapping_needed
from simsync.questions.conform.campaign.overlapping import overlapped
from simsync.questions.conform.campaign.plan import Plan, Sources
from simsync.questions.conform.campaign.planned_rounds import PlannedRounds
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.reproduction import Repeating
from simsync.questions.conform.campaign.request_counts import Announce, measured, unannounced
from simsync.questions.conform.campaign.stopping import Interrupted, Stop
from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, NotTested, Report, extent_of
from simsync.questions.conform.driven import Driven, Trouble
from simsync.questions.conform.lockstep import traced
from simsync.questions.conform.overlap.campaign import OverlapReport
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.deviation import Deviation
from simsync.questions.conform.systems.protocol import SystemFault
from simsync.questions.conform.systems.sut import System

MOST_FAULTS = 5
"""A campaign is given up once so many more sequences ended in a fault than could be judged."""
MOST_HUNG = 5
"""Time limits that are waited out in a campaign before it is given up."""
MOST_DOWN = 3
"""Sequences in a row that a system could not even begin before it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a campaign is given besides its sequences: deviations that are known, what day it is, when to give up.

    ``most_divergences``: sequences that may diverge, other than is known, until the campaign is ended; None for all.
    """

    known: Sequence[Deviation] = ()
    today: date = date.min
    most_faults: int = MOST_FAULTS
    most_divergences: int | None = None

    def allows(self, rule: str) -> Deviation | None:
        """The deviation that allows a rule to be broken today."""
        return next((one for one in self.known if one.rule == rule and one.expires >= self.today), None)


@dataclass(slots=True)
class _Run:
    """What was driven so far; ``stopped`` is why no more was, ``down`` whether the system can be asked no more."""

    driven: list[Driven] = field(default_factory=list)
    unreached: list[Driven] = field(default_factory=list)
    diverged: int = 0
    unknown: int = 0
    in_vain: int = 0
    unbegun: int = 0
    hung: int = 0
    stopped: str | None = None
    down: str | None = None

    @property
    def faults(self) -> list[Driven]:
        return [one for one in self.driven if one.fault is not None]

    def add(self, one: Driven, terms: Terms) -> None:
        """Count what came of a drive."""
        if one.unreached is not None:
            self.unreached.append(one)
            return
        self.driven.append(one)
        fault = one.fault
        self.in_vain += -1 if fault is None else 1
        self.unbegun = 0 if fault is None or fault.begun else self.unbegun + 1
        self.hung += fault is not None and fault.trouble is Trouble.TIMEOUT
        self.diverged += one.differs
        rules = [{rule.id for rule in each.divergence.rules} for each in one.occurrences() if each.divergence]
        self.unknown += any(not any(terms.allows(rule) for rule in each) for each in rules)

    def ended(self, terms: Terms) -> bool:
        """Whether that is enough, or too much; says why."""
        if self.unbegun >= MOST_DOWN:
            self.down = f"given up, since {MOST_DOWN} sequences in a row could not begin"
        elif self.in_vain >= terms.most_faults:
            self.down = f"given up, since {terms.most_faults} sequences more failed than could be judged"
        elif self.hung >= MOST_HUNG:
            self.stopped = f"given up, since {MOST_HUNG} answers did not come within the time limit"
        elif terms.most_divergences is not None and self.unknown >= terms.most_divergences:
            self.stopped = f"once {self.unknown:,} of the sequences diverged, as asked for"
        self.stopped = self.down or self.stopped
        return self.stopped is not None


def campaign(
    pool: Pool,
    model: Model,
    sources: Sources,
    terms: Terms,
    progress: Progress = silent,
    stop: Stop | None = None,
    kept: Kept | None = None,
    announce: Announce = unannounced,
) -> Report:
    """Drive a system through sequences and say how it keeps the rules. Everything but the system is deterministic.

    What was seen is reported whatever ends the campaign: the system, or somebody by ``stop``. What was ``kept`` from
    before is not done again. ``announce`` is told what is about to be asked, and once more when it is known how quickly
    the system answers. Raises :class:`SimsyncError` where what was kept is of another campaign.
    """
    made = _Campaign(pool, model, sources, terms, progress, stop or Stop(), kept or Kept(model))
    try:
        made.drive(announce)
    except SystemFault as fault:
        return _unstarted(pool.first, model, sources, fault)
    return made.reported()


class _Campaign:
    """A system that is driven through sequences, and reported on."""

    def __init__(
        self, pool: Pool, model: Model, sources: Sources, terms: Terms, progress: Progress, stop: Stop, kept: Kept
    ) -> None:
        self._pool, self._model, self._terms = pool, model, terms
        self._progress, self._stop, self._kept = progress, stop, kept
        self._plan, self._run = Plan(model, pool.first, sources), _Run()
        self._name = ""
        self._ability: Ability | None = None
        self._rounds: PlannedRounds | None = None
        self._found: OverlapReport | None = None

    def drive(self, announce: Announce) -> None:
        """Plan the sequences and do them. Raises :class:`SystemFault` where the system cannot even say who it is."""
        for system in self._pool.systems:
            system.before_each = self._stop.before_request
        try:
            with self._stop.waiting():
                name, ability = self._pool.first.hello.name, self._pool.first.ability
                if self._kept.wanted:
                    _go_on(self._pool, self._kept, about_of(self._pool.first, self._model, self._plan.sources))
                drives, rounds, estimate = looked_ahead(self._plan, self._stop)
                estimate = replace(estimate, before=self._kept.requests)
                announce(estimate)
        except Interrupted as asked:
            self._run.stopped = str(asked)
            return
        self._name, self._ability, self._rounds = name, ability, rounds
        told = self._progress, 0 if estimate.more else estimate.sequences
        left, now = iter(drives), partial(self._pool.driven, self._model)
        halved = rounds is not None and self._stop.limited
        some = _until(left, lambda: halved and self._stop.half_over)
        self._drive_all(some, lambda some: measured(now(some), estimate, announce), told)
        if halved and self._run.stopped is None and self._stop.half_over:
            self._found = self._overlapped()
            self._drive_all(left, now, told)

    def _drive_all(
        self,
        drives: Iterator[Drive],
        do: Callable[[Iterable[Drive]], Iterable[Driven]],
        told: tuple[Progress, int],
    ) -> None:
        """Drive the system through sequences, as many as are told beside the progress; 0 where nobody knows.

        At the end no instance is at work any more, so that each can be asked something else.
        """
        run, (progress, many) = self._run, told
        progress("sequences", len(run.driven), many)
        with closing(self._kept.each(drives, do)) as each:
            while not run.ended(self._terms):
                try:
                    with self._stop.waiting():
                        one = next(each, None)
                except Interrupted as asked:
                    run.stopped = str(asked)
                    return
                if one is None:
                    return
                run.add(one, self._terms)
                progress(f"sequences ({run.diverged:,} diverge, {len(run.faults):,} failed)", len(run.driven), many)

    def reported(self) -> Report:
        """What was seen, done again where it diverged, and what overlaps besides."""
        run, first, model = self._run, self._pool.first, self._model
        needed = None if self._stop.asked else mapping_needed(first, model, run.faults)
        if run.down is not None:
            first.close()
        again = Repeating(first, model, self._stop, run.down, run.driven, self._kept)
        findings, unused, expired = _with_known(Findings(again, model, run.driven, self._progress).all(), self._terms)
        failures = now_and_then(again, run.faults)
        found = self._found if self._found or again.ended is not None else self._overlapped()
        self._kept.save_rest()
        told = {id(one) for failure in failures for one in failure.all}
        return replace(
            self._counted(),
            findings=tuple(findings),
            failures=tuple(failures),
            faults=tuple(one for one in (*run.faults, *again.faulty) if id(one) not in told),
            unused=unused,
            expired=expired,
            notes=(*_notes(self._pool.heard, self._ability), *(one for one in (needed, self._kept.unsaved) if one)),
            stopped=self._stop.asked or run.stopped,
            interrupted=self._stop.asked is not None,
            rounds=found,
            never_reset=self._ability is not None and first.goes_on,
            requests=again.requests + sum(one.requests for one in run.driven) + (found.requests if found else 0),
        )

    def _overlapped(self) -> OverlapReport | None:
        """What came of the rounds, unless somebody has ended the campaign."""
        if self._rounds is None or self._stop.asked is not None:
            return None
        return overlapped(self._pool, self._model, self._rounds, self._progress, self._stop, self._kept)

    def _counted(self) -> Report:
        """How much was driven, and what was not."""
        driven, plan = self._run.driven, self._plan
        unreached = [NotTested(source=one.drive.source, lacks=str(one.unreached)) for one in self._run.unreached]
        return Report(
            name=self._name,
            model=self._model,
            seed=plan.sources.seed,
            sequences=len(driven),
            steps=sum(one.steps for one in driven),
            extent=extent_of(driven),
            own=tuple(len(one.own) for one in driven if one.own),
            conforming=sum(one.conforms for one in driven),
            undecided=tuple(one for one in driven if one.undecided),
            not_tested=(*plan.not_tested, *unreached),
            not_applicable=plan.not_applicable,
            untested=tuple(_untested(self._model, driven)),
        )


def _go_on(pool: Pool, kept: Kept, about: About) -> None:
    """Have instances go on where those of before ended. Raises :class:`SimsyncError` where they cannot."""
    kept.begin(about)
    for system, heard in zip(pool.systems, kept.heard_before, strict=False):
        heard.told_again(system)
        system.goes_on_after(kept.instances.get(system.place, 0))
    kept.heard = lambda: pool.heard


def _notes(systems: Sequence[Heard], ability: Ability | None) -> Iterator[str]:
    strange = ability.strange if ability is not None else ()
    yield from (f"it says that it cannot '{one}', which is no action here" for one in strange)
    quiet = next((system.quiet for system in systems if system.quiet is not None), None)
    if quiet is not None:
        words = next((f" (to 'settle' it answers: {one.unsettled})" for one in systems if one.unsettled), "")
        yield (
            f"it cannot say when synchronization rests{words}: what should not cross over and does so later than "
            f"{quiet:g} s after a step may not have been seen, or laid to a later step; --quiet-time looks on longer, "
            "and --jobs N waits for N instances at once"
        )
    failed = [words for system in systems for words in system.failed_at_reset]
    if failed:
        yield (
            f"after a reset, synchronization failed ({len(failed):,} times), and came to rest when it was asked for "
            f"again; the system said first: {failed[0]}"
        )


def _unstarted(system: System, model: Model, sources: Sources, fault: SystemFault) -> Report:
    driven = Driven(drive=Drive(trace=Trace(status="", events=())), steps=0, fault=traced(system, fault))
    return Report(
        name="", model=model, seed=sources.seed, sequences=0, steps=0, faults=(driven,), stopped="it never answered"
    )


def _until(drives: Iterator[Drive], over: Callable[[], bool]) -> Iterator[Drive]:
    """The first of some drives; the others are left for later."""
    while not over() and (one := next(drives, None)) is not None:
        yield one


def _with_known(
    findings: Iterable[ConformanceFinding], terms: Terms
) -> tuple[list[ConformanceFinding], tuple[Deviation, ...], tuple[Deviation, ...]]:
    """The findings with the deviations that allow them, those that allow none, and those that did once."""
    made: list[ConformanceFinding] = []
    used: set[str] = set()
    expired: dict[str, Deviation] = {}
    by_rule = {deviation.rule: deviation for deviation in terms.known}
    for finding in findings:
        if finding.failed is not None:
            made.append(finding)
            continue
        changed = finding.explanation.rules if finding.explanation else ()
        listed = [rule for rule in changed or [rule.id for rule in finding.rules] if rule in by_rule]
        allowing = [one for one in map(terms.allows, listed) if one is not None]
        wholly = (
            len(allowing) == len(changed) if changed else all(any(map(terms.allows, ids)) for ids in _parts(finding))
        )
        known = allowing[0] if allowing and wholly else None
        if known is None:
            expired |= {rule: by_rule[rule] for rule in listed if terms.allows(rule) is None}
        used |= set(listed)
        made.append(replace(finding, known=known))
    unused = tuple(one for one in terms.known if one.rule not in used)
    return made, unused, tuple(expired.values())


def _parts(finding: ConformanceFinding) -> list[list[str]]:
    """The rules of each drive that shows a finding, by name; those of all where something explains it."""
    parts = finding.parts if finding.explanation is None else (finding.rules,)
    return [[rule.id for rule in rules] for rules in parts]


def _untested(model: Model, judged: Iterable[Driven]) -> Iterator[str]:
    """The rules that no judged step rests on."""
    used = frozenset().union(*(driven.rules for driven in judged))
    moves = (t for machine in model.status_machines for t in machine.transitions if t.actors)
    yield from (transition.id for transition in moves if transition.id not in used)
    for lookup in model.tables.values():
        yield from (row.id for row in lookup.table.rows if row.id not in used)
