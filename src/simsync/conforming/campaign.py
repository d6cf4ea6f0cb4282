"""A campaign: sequences driven, divergences confirmed, shrunk, grouped and explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from simsync.analysis.system.conformity import Finding, Report, extent_of
from simsync.analysis.system.driven import Driven
from simsync.analysis.system.drives import Drive
from simsync.conformance.lockstep import traced
from simsync.conformance.protocol import SystemFault
from simsync.conformance.sut import System
from simsync.conforming.findings import Findings
from simsync.conforming.plan import Plan, Sources
from simsync.conforming.pool import Pool
from simsync.core.model import Model
from simsync.model.deviation import Deviation

MOST_FAULTS = 5
"""A campaign is given up once so many more sequences ended in a fault than could be judged."""

Progress = Callable[[int, int], None]
"""Told how many sequences were run, and how many of them diverged."""


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
    """What was driven so far."""

    driven: list[Driven] = field(default_factory=list)
    diverged: int = 0
    unknown: int = 0
    in_vain: int = 0
    stopped: str | None = None

    @property
    def faults(self) -> list[Driven]:
        return [one for one in self.driven if one.fault is not None]

    def given_up(self, terms: Terms) -> bool:
        """Whether it had too many faults, not only as many divergences as were asked for."""
        return self.in_vain >= terms.most_faults


def campaign(
    pool: Pool, model: Model, sources: Sources, terms: Terms, progress: Progress = lambda _run, _diverged: None
) -> Report:
    """Drive a system through sequences and say how it keeps the rules. Everything but the system is deterministic."""
    plan = Plan(model, pool.first, sources)
    run = _Run()
    try:
        name = pool.first.hello.name
        _drive_all(run, pool.driven(model, plan.drives()), terms, progress)
        notes = tuple(_notes(pool.first))
    except SystemFault as fault:
        return _unstarted(pool.first, model, sources, fault)
    given_up = run.given_up(terms)
    if given_up:
        pool.first.close()
    found = Findings(pool.first, model, run.driven, jumps=not given_up and pool.first.resets_to_status)
    findings, unused, expired = _with_known(found.all(), terms)
    judged = [one for one in run.driven if one.fault is None]
    return Report(
        name=name,
        model=model,
        seed=sources.seed,
        sequences=len(run.driven),
        steps=sum(one.steps for one in run.driven),
        extent=extent_of(judged),
        own=tuple(len(one.own) for one in run.driven if one.own),
        conforming=sum(one.divergence is None for one in judged),
        findings=tuple(findings),
        faults=(*run.faults, *found.unstable),
        not_tested=tuple(plan.not_tested),
        not_applicable=plan.not_applicable,
        untested=tuple(_untested(model, judged)),
        unused=unused,
        expired=expired,
        notes=notes,
        stopped=run.stopped,
    )


def _notes(system: System) -> Iterator[str]:
    yield from (f"it says that it cannot '{one}', which is no action here" for one in system.ability.strange)
    if (quiet := system.quiet) is not None:
        yield (
            f"it cannot say when synchronization rests: what should not cross over and does so later than {quiet:g} s "
            "after a step may not have been seen, or laid to a later step; --quiet-time looks on longer, and --jobs N "
            "waits for N instances at once"
        )


def _unstarted(system: System, model: Model, sources: Sources, fault: SystemFault) -> Report:
    driven = Driven(drive=Drive(status="", events=()), steps=0, fault=traced(system, fault))
    return Report(
        name="", model=model, seed=sources.seed, sequences=0, steps=0, faults=(driven,), stopped="it never answered"
    )


def _drive_all(run: _Run, driven: Iterator[Driven], terms: Terms, progress: Progress) -> None:
    for one in driven:
        run.driven.append(one)
        run.in_vain += -1 if one.fault is None else 1
        if one.divergence is not None:
            run.diverged += 1
            run.unknown += not any(terms.allows(rule.id) for rule in one.divergence.rules)
        progress(len(run.driven), run.diverged)
        if run.given_up(terms):
            run.stopped = f"given up, since {terms.most_faults} sequences more failed than could be judged"
            break
        if terms.most_divergences is not None and run.unknown >= terms.most_divergences:
            run.stopped = f"once {run.unknown:,} of the sequences diverged, as asked for"
            break


def _with_known(
    findings: Iterable[Finding], terms: Terms
) -> tuple[list[Finding], tuple[Deviation, ...], tuple[Deviation, ...]]:
    """The findings with the deviations that allow them, those that allow none, and those that did once."""
    made: list[Finding] = []
    used: set[str] = set()
    expired: dict[str, Deviation] = {}
    by_rule = {deviation.rule: deviation for deviation in terms.known}
    for finding in findings:
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


def _parts(finding: Finding) -> list[list[str]]:
    """The rules of each drive that shows a finding, by name; those of all where something explains it."""
    parts = finding.parts if finding.explanation is None else (finding.rules,)
    return [[rule.id for rule in rules] for rules in parts]


def _untested(model: Model, judged: Iterable[Driven]) -> Iterator[str]:
    """The rules that no judged step rests on."""
    used = frozenset().union(*(driven.rules for driven in judged))
    yield from (transition.id for transition in model.status_spec.transitions if transition.id not in used)
    for lookup in model.tables.values():
        yield from (row.id for row in lookup.table.rows if row.id not in used)
