"""A campaign: sequences driven, divergences confirmed, shrunk, grouped and explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from simsync.analysis.system.blame import Rule, blamed
from simsync.analysis.system.conformity import Explanation, Finding, Report
from simsync.analysis.system.driven import Divergence, Driven, Fault, Trouble
from simsync.analysis.system.drives import Drive, shrunk, simulated
from simsync.conformance.lockstep import drive_through
from simsync.conformance.protocol import SystemFault
from simsync.conformance.sut import System
from simsync.conforming.explaining import Evidence, explain
from simsync.conforming.plan import Plan, Sources, lacks
from simsync.conforming.pool import Pool
from simsync.core.model import Model
from simsync.model.deviation import Deviation

MOST_FAULTS = 5
"""A campaign is given up once so many more sequences ended in a fault than could be judged."""
TRIES = 3
"""Sequences that are tried again before a divergence is taken for one that does not come back."""
MOST_RUNS = 300
"""Drives that shrinking one divergence may take."""
MOST_EXPLAINED = 12
"""Groups for which an explanation is looked for."""

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
    findings, unstable = _findings(pool.first, model, run, jumps=not given_up and pool.first.resets_to_status)
    findings, unused, expired = _with_known(findings, terms)
    judged = [one for one in run.driven if one.fault is None]
    return Report(
        name=name,
        model=model,
        seed=sources.seed,
        sequences=len(run.driven),
        steps=sum(one.steps for one in run.driven),
        conforming=sum(one.divergence is None for one in judged),
        findings=tuple(findings),
        faults=(*run.faults, *unstable),
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
            "after a step may not have been seen, or laid to a later step; --quiet-time looks on longer"
        )


def _unstarted(system: System, model: Model, sources: Sources, fault: SystemFault) -> Report:
    trace = tuple((one.request, one.answer) for one in system.trace)
    found = Fault(trouble=fault.trouble, message=fault.message, trace=trace)
    driven = Driven(drive=Drive(status="", events=()), steps=0, fault=found)
    return Report(
        name="", model=model, seed=sources.seed, sequences=0, steps=0, faults=(driven,), stopped="it never answered"
    )


def _drive_all(run: _Run, driven: Iterator[Driven], terms: Terms, progress: Progress) -> None:
    for one in driven:
        run.driven.append(one)
        run.in_vain += -1 if one.fault is None else 1
        if one.divergence is not None:
            run.diverged += 1
            suspects = blamed(one.divergence.outcomes, one.divergence.unlike)
            run.unknown += not any(terms.allows(rule.id) for rule in suspects)
        progress(len(run.driven), run.diverged)
        if run.given_up(terms):
            run.stopped = f"given up, since {terms.most_faults} sequences more failed than could be judged"
            break
        if terms.most_divergences is not None and run.unknown >= terms.most_divergences:
            run.stopped = f"once {run.unknown:,} of the sequences diverged, as asked for"
            break


def _key(divergence: Divergence) -> str:
    """What is the same of divergences that are probably one and the same."""
    return blamed(divergence.outcomes, divergence.unlike)[0].id


def _findings(system: System, model: Model, run: _Run, *, jumps: bool) -> tuple[list[Finding], list[Driven]]:
    """What was found, each confirmed, shrunk and explained, and the divergences that did not come back."""
    groups: dict[str, list[Driven]] = {}
    for one in run.driven:
        if one.divergence is not None:
            groups.setdefault(_key(one.divergence), []).append(one)
    confirmed: list[tuple[Driven, list[Driven]]] = []
    unstable: list[Driven] = []
    for key, group in groups.items():
        shortest = _Shrinking(system, model, key, jumps=jumps).shortest(group)
        if shortest is None:
            unstable.append(_unstable(group[0]))
        else:
            confirmed.append((shortest, group))
    confirmed.sort(key=lambda pair: pair[0].steps)
    judged = [one for one in run.driven if one.fault is None and not _lost(one, groups, confirmed)]
    explanations: list[Explanation | None] = [None] * len(confirmed)
    if confirmed:
        told = confirmed[:MOST_EXPLAINED]
        found = explain(Evidence(system, model, judged), told, complete=len(told) == len(confirmed))
        explanations[: len(found)] = found
    return list(_merged(confirmed, explanations)), unstable


def _lost(driven: Driven, groups: dict[str, list[Driven]], confirmed: list[tuple[Driven, list[Driven]]]) -> bool:
    """Whether it is a divergence that did not come back."""
    kept = [id(group) for _, group in confirmed]
    return driven.divergence is not None and id(groups[_key(driven.divergence)]) not in kept


def _unstable(driven: Driven) -> Driven:
    assert driven.divergence is not None
    event = driven.drive.events[driven.divergence.at]
    message = f"what it did at '{event.actor}: {event}' was not what it did when the same was done again"
    return replace(driven, divergence=None, fault=Fault(trouble=Trouble.UNSTABLE, message=message, trace=()))


class _Shrinking:
    """Runs a group's drives again, and shorter ones, as long as the system is sound."""

    def __init__(self, system: System, model: Model, key: str, *, jumps: bool) -> None:
        self._system, self._model, self._key, self._jumps = system, model, key, jumps
        self._runs = self._faults = 0
        self._found: dict[str, Driven] = {}

    def shortest(self, group: Sequence[Driven]) -> Driven | None:
        """The shortest drive that diverges like the group's; None where none of them does so again."""
        for driven in sorted(group, key=lambda one: one.steps)[:TRIES]:
            start = self._sooner(self._cut(driven.drive, driven.steps))
            if self._fails(start):
                drive = shrunk(start, self._fails, self._later)
                drive = self._renamed(drive)
                return self._found[drive.key]
        return None

    def _sooner(self, drive: Drive) -> Drive:
        """Up to where it diverges if one looks longer: what crosses late may belong to an earlier step."""
        if self._system.quiet is None:
            return drive
        driven = drive_through(self._system, self._model, drive, careful=True)
        if driven.divergence is not None:
            self._key = _key(driven.divergence)
            return self._cut(drive, driven.steps)
        return drive

    def _cut(self, drive: Drive, steps: int) -> Drive:
        return replace(drive, events=drive.events[:steps])

    def _fails(self, drive: Drive) -> bool:
        if self._runs >= MOST_RUNS or self._faults > 1 or lacks(self._model, self._system.ability, drive):
            return False
        self._runs += 1
        driven = drive_through(self._system, self._model, drive, careful=True)
        self._faults += driven.fault is not None
        divergence = driven.divergence
        if divergence is None or driven.steps != len(drive.events) or _key(divergence) != self._key:
            return False
        self._found[drive.key] = driven
        return True

    def _later(self, drive: Drive) -> Iterable[Drive]:
        """The drive without the status actions that it begins with, in the status that they lead to."""
        outcomes = self._found[drive.key]
        assert outcomes.divergence is not None
        count = next((n for n, event in enumerate(drive.events) if event.item is not None), len(drive.events) - 1)
        if self._jumps:
            for skipped in range(count, 0, -1):
                status = outcomes.divergence.outcomes[skipped - 1].after.status
                yield replace(drive, status=status, events=drive.events[skipped:])

    def _renamed(self, drive: Drive) -> Drive:
        """The drive with its items and its free texts numbered from 1, if it still diverges."""
        free = {field.name for field in self._model.vocabulary.fields.values() if not field.values}
        items = dict.fromkeys(e.item for e in drive.events if e.item is not None)
        texts = dict.fromkeys(value for e in drive.events for name, value in e.fields.items() if name in free)
        names = {item: f"N{number}" for number, item in enumerate(items, 1)}
        said = {text: f"text {number}" if text else text for number, text in enumerate(texts, 1)}
        events = tuple(
            replace(
                event,
                item=None if event.item is None else names[event.item],
                fields={name: said[value] if name in free else value for name, value in event.fields.items()},
            )
            for event in drive.events
        )
        renamed = replace(drive, events=events)
        return renamed if events == drive.events or self._fails(renamed) else drive


def _merged(
    confirmed: Sequence[tuple[Driven, Sequence[Driven]]], explanations: Sequence[Explanation | None]
) -> Iterator[Finding]:
    """One finding for each group, but one for all that the same changed rule explains."""
    by_rule: dict[str, list[int]] = {}
    for number, explanation in enumerate(explanations):
        rule = explanation.rule if explanation else None
        by_rule.setdefault(f"changed {rule}" if rule else f"group {number}", []).append(number)
    for numbers in by_rule.values():
        first = numbers[0]
        driven, explanation = confirmed[first][0], explanations[first]
        assert driven.divergence is not None
        rules = blamed(driven.divergence.outcomes, driven.divergence.unlike)
        seen_in = dict.fromkeys(one.drive.source for n in numbers for one in confirmed[n][1])
        yield Finding(
            rules=tuple(_with_changed(driven, rules, explanation)),
            driven=driven,
            seen_in=tuple(seen_in),
            explanation=explanation,
        )


def _with_changed(driven: Driven, rules: list[Rule], explanation: Explanation | None) -> list[Rule]:
    """The rules blamed, the one first whose change explains it all."""
    if explanation is None or explanation.rule is None:
        return rules
    divergence = driven.divergence
    assert divergence is not None
    model = divergence.outcomes[0].model
    cited = {row.id: row.sources for lookup in model.tables.values() for row in lookup.table.rows}
    cited |= {transition.id: transition.sources for transition in model.status_spec.transitions}
    first = Rule(id=explanation.rule, sources=cited[explanation.rule], status=driven.drive.status)
    return [first, *(rule for rule in rules if rule.id != first.id)]


def _with_known(
    findings: Iterable[Finding], terms: Terms
) -> tuple[list[Finding], tuple[Deviation, ...], tuple[Deviation, ...]]:
    """The findings with the deviations that allow them, those that allow none, and those that did once."""
    made: list[Finding] = []
    used: set[str] = set()
    expired: dict[str, Deviation] = {}
    by_rule = {deviation.rule: deviation for deviation in terms.known}
    for finding in findings:
        broken = finding.rules[0].id
        used.add(broken)
        known = terms.allows(broken)
        if known is None and broken in by_rule:
            expired[broken] = by_rule[broken]
        made.append(replace(finding, known=known))
    unused = tuple(one for one in terms.known if one.rule not in used)
    return made, unused, tuple(expired.values())


def _untested(model: Model, judged: Iterable[Driven]) -> Iterator[str]:
    """The rules that no judged step rests on."""
    used: set[str] = set()
    for driven in judged:
        cut = replace(driven.drive, events=driven.drive.events[: driven.steps])
        for outcome in simulated(model, cut):
            used |= set(outcome.rules)
    for transition in model.status_spec.transitions:
        if transition.id not in used:
            yield transition.id
    for lookup in model.tables.values():
        yield from (row.id for row in lookup.table.rows if row.id not in used)
