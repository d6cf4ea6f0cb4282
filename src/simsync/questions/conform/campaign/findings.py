"""What the divergences of a campaign come to: done again, shrunk, explained, one finding for each cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from simsync.engine.model import Model
from simsync.progress import Progress, silent
from simsync.questions.conform.campaign.reproduction import (
    CHANGE,
    FAR,
    DivergenceKey,
    Repeating,
    cut,
    ended_there,
    key_of,
    shown_at_end,
)
from simsync.questions.conform.campaign.shortest import Shrinking
from simsync.questions.conform.diagnosis.common import in_common
from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, Recurrence, Recurs
from simsync.questions.conform.diagnosis.evidence import Evidence
from simsync.questions.conform.diagnosis.explaining import Cause, Group, explain
from simsync.questions.conform.driven import Driven, Instance
from simsync.questions.conform.fault_localization import Rule
from simsync.questions.conform.lockstep import can_be_passed
from simsync.questions.conform.systems.protocol import NOTIFIED

ROUNDS = 3
"""How often what no cause explained yet is looked at anew; the last time without looking for causes."""
MOST_EXPLAINED = 12
"""Groups for which an explanation is looked for."""
MOST_TRIED = 40
"""Members of a group that are done again before it is taken for one that does not come every time."""
MOST_FRESH = 5
"""Of these, those that are done again on a fresh instance, too."""
MOST_SHRUNK = 3
"""Members of a group that are shrunk and then do not come every time."""

NOWHERE = Instance(place=0, number=0, before=0)
RANKS = {Recurs.ALWAYS: 0, Recurs.UNTRIED: 1, Recurs.USED: 2, Recurs.SOMETIMES: 3}
"""What is told first."""


@dataclass(frozen=True, slots=True)
class Case:
    """Divergences that are alike: the drive that shows them best, all in which they were seen, how often it does."""

    driven: Driven
    members: tuple[Driven, ...]
    recurrence: Recurrence

    @property
    def explicable(self) -> bool:
        """Whether rules could explain it: what is late, or failed, or not always so, is no matter of rules."""
        found = self.driven.divergence
        assert found is not None
        plain = not found.late and found.actual.shown.failed is None
        return plain and self.recurrence.how in (Recurs.ALWAYS, Recurs.UNTRIED)


class Findings:
    """Finds what the divergences of a campaign come to."""

    def __init__(self, again: Repeating, model: Model, driven: Sequence[Driven], told: Progress = silent) -> None:
        self._again, self._model, self._driven, self._told = again, model, driven, told
        self._causes: list[Cause] = []
        self._inexplicable: list[Case] = []

    def all(self) -> list[ConformanceFinding]:
        """Each tried again, shrunk and explained; what comes every time first, then the shortest."""
        left = [one for driven in self._driven for one in _each_once(driven)]
        found: list[ConformanceFinding] = []
        evidence: Evidence | None = None
        for number in range(ROUNDS):
            cases = self._cases(left, evidence)
            if not cases:
                break
            groups: list[Group] = [(case.driven, case.members) for case in cases]
            if evidence is None:
                evidence = self._evidence(groups)
            causes = self._explained_by(evidence, groups) if number < ROUNDS - 1 else []
            self._causes += causes
            causes = list(self._but_for_notices(evidence, causes, cases))
            found += (self._explained(cause, cases) for cause in causes)
            done = {id(one) for cause in causes for one in cause.runs}
            left = []
            for n, case in enumerate(cases):
                rest = [one for one in case.members if id(one) not in done]
                if any(n in cause.shortest for cause in causes):
                    left += rest
                elif rest:
                    found.append(_finding(replace(case, members=tuple(rest))))
        found += map(_finding, _together(self._inexplicable))
        return sorted(in_common(found), key=lambda one: RANKS[one.recurrence.how])

    def _explained_by(self, evidence: Evidence, groups: Sequence[Group]) -> list[Cause]:
        """What explains them, nothing more being claimed than that; nothing where somebody waits for the report."""
        if self._again.interrupted:
            return []
        self._told("looking for what explains it", 0, 0)
        causes = explain(evidence, groups[:MOST_EXPLAINED])
        return [_bounded(cause) for cause in causes] if self._inexplicable else causes

    def _cases(self, left: Iterable[Driven], evidence: Evidence | None) -> list[Case]:
        """What is alike, by the shortest drive that shows it as no cause that was found explains; what rules may."""
        groups: dict[DivergenceKey, list[Driven]] = {}
        for one in left:
            groups.setdefault(key_of(one), []).append(one)

        def counts(driven: Driven) -> bool:
            known = [cause.candidate.behaviour for cause in self._causes]
            return evidence is None or not any(evidence.agrees(behaviour, driven).wholly for behaviour in known)

        found: list[Case] = []
        for number, (key, members) in enumerate(groups.items()):
            self._told("done again, to see whether it comes back: kinds of difference", number, len(groups))
            for case in _Trying(self._again, key, counts).cases(members):
                (found if case.explicable else self._inexplicable).append(case)
        return sorted(found, key=lambda case: case.driven.steps)

    def _evidence(self, groups: Sequence[Group]) -> Evidence:
        """All that was observed but the divergences that no rules could explain."""
        as_said = [replace(one, fault=None) for one in self._driven if not one.differs]
        return Evidence(self._again.system, self._model, [*as_said, *(one for _, group in groups for one in group)])

    def _but_for_notices(self, evidence: Evidence, causes: Sequence[Cause], cases: Sequence[Case]) -> Iterator[Cause]:
        """The causes, each with the runs that no cause explains, and this one but for who was notified."""
        done = {id(one) for cause in causes for one in cause.runs}
        left = [one for case in cases for one in case.members if id(one) not in done and not _notices_only(one)]
        for cause in causes:
            behaviour, explanation = cause.candidate.behaviour, cause.explanation
            runs = [one for one in left if evidence.agrees(behaviour, one, told=False).wholly]
            if runs:
                left = [one for one in left if one not in runs]
                told = replace(explanation, about=f"{explanation.about}, but for who is notified")
                cause = replace(cause, candidate=replace(cause.candidate, explanation=told), runs=(*cause.runs, *runs))
            yield cause

    def _explained(self, cause: Cause, cases: Sequence[Case]) -> ConformanceFinding:
        """The finding of a cause: by the shortest drive that it explains; what it changes first."""
        runs = {id(one) for one in cause.runs}
        explained = [case for n, case in enumerate(cases) if n in cause.shortest]
        some = [case.driven for case in explained]
        blamed = {rule.id: rule for one in some for rule in (one.divergence.rules if one.divergence else ())}
        changed = {rule.id: rule for rule in _cited(self._model, cause.explanation.rules)}
        stated = any(
            source in self._model.policy.citations.statements for r in changed.values() for source in r.sources
        )
        rules = {**changed, **blamed} if stated else {**blamed, **changed}
        order = {one.drive.source: number for number, one in enumerate(self._driven)}
        members = [one for case in cases for one in case.members if id(one) in runs]
        members.sort(key=lambda one: order[one.drive.source])
        found = _finding(replace(explained[0], members=tuple(members)))
        return replace(found, rules=tuple(rules.values()), explanation=cause.explanation)


class _Trying:
    """Does what a group of divergences did again."""

    def __init__(self, again: Repeating, key: DivergenceKey, counts: Callable[[Driven], bool]) -> None:
        self._again, self._key, self._counts = again, key, counts
        self._missed: list[tuple[Driven, list[Driven]]] = []
        self._tries = 0

    def cases(self, members: Sequence[Driven]) -> Iterator[Case]:
        """The group by the shortest drive that shows it every time; what did not come back, by itself.

        Members are tried from the shortest on, so that one which comes every time is not hidden by others.
        """
        waning: list[Case] = []
        for member in sorted(members, key=lambda one: one.steps)[:MOST_TRIED]:
            shown = self._shown_again(member)
            if shown is None:
                continue
            case = self._shrunk(shown, member, members)
            if case.recurrence.how is Recurs.ALWAYS:
                missed = {id(one) for one, _ in self._missed}
                yield replace(case, members=tuple(one for one in members if id(one) not in missed))
                yield from self._not_back([one for one, _ in self._missed])
                return
            waning.append(case)
            if len(waning) >= MOST_SHRUNK:
                break
        if waning:
            yield min(waning, key=lambda case: case.driven.steps)
        else:
            yield from self._not_back(members)

    def _not_back(self, members: Sequence[Driven]) -> Iterator[Case]:
        if self._missed:
            shortest, runs = self._missed[0]
            recurrence = self._again.missed(shortest, self._key, runs)
            yield self._after_others(Case(ended_there(shortest), tuple(members), recurrence))
        elif members:
            shortest = min(members, key=lambda one: one.steps)
            yield Case(ended_there(shortest), tuple(members), self._again.untried())

    def _shown_again(self, member: Driven) -> Driven | None:
        """The member as it came back: at once, else on a fresh instance."""
        self._tries += 1
        drive, runs = cut(member), list[Driven]()
        for fresh in (False, True)[: 2 if self._tries <= MOST_FRESH else 1]:
            run = self._again.do(drive, fresh=fresh)
            shown = shown_at_end(run, self._key) or self._sooner(run)
            if shown is not None:
                return shown
            runs += [run] if run is not None else []
        if runs:
            self._missed.append((member, runs))
        return None

    def _sooner(self, run: Driven | None) -> Driven | None:
        """Where it diverges if one looks longer: what crosses late may belong to an earlier step."""
        if run is None or run.divergence is None or self._again.system.quiet is None:
            return None
        self._key = key_of(run)
        return ended_there(run)

    def _shrunk(self, shown: Driven, member: Driven, members: Sequence[Driven]) -> Case:
        """The shortest drive that shows the same, held against what else was seen and against fresh instances."""
        shortest, recurrence = shown, self._again.on_record(shown.drive, self._key)
        if recurrence.how is not Recurs.SOMETIMES:
            shortest, recurrence = self._shortest(shown, member)
        if recurrence.how is Recurs.SOMETIMES:
            return self._after_others(Case(shortest, tuple(members), recurrence))
        far = self._again.do(shortest.drive, ahead=FAR)
        looked = shown_at_end(far, self._key) or shown_at_end(far, self._key._replace(late=CHANGE))
        return Case(looked or shortest, tuple(members), recurrence)

    def _shortest(self, shown: Driven, member: Driven) -> tuple[Driven, Recurrence]:
        """The shortest drive, found on used instances; where fresh ones do not show it, found on these."""
        for fresh in (False, True):
            shortest = Shrinking(self._again, self._key, self._counts, fresh=fresh).shortest(shown)
            recurrence = self._again.recurrence(shortest, self._key, seen=2)
            if recurrence.how is Recurs.ALWAYS:
                break
            again = [shown_at_end(self._again.do(cut(member), fresh=True), self._key) for _ in range(2)]
            if again[0] is None or again[1] is None:
                break
            shown = again[0]
        return shortest, recurrence

    def _after_others(self, case: Case) -> Case:
        """The case, told as one of used instances where it shows after others, each time, and not on a fresh one."""
        run = self._again.do(cut(case.driven), fresh=True)
        if run is None or shown_at_end(run, self._key) is not None:
            return case
        first = min(case.members, key=lambda one: one.instance or NOWHERE)
        after = self._again.needed_before(first, self._key)
        if not after:
            return case
        recurrence = replace(case.recurrence, how=Recurs.USED, after=after)
        return replace(case, driven=ended_there(first), recurrence=recurrence)


def _notices_only(driven: Driven) -> bool:
    """Whether nothing differs but who was notified."""
    return driven.divergence is not None and driven.divergence.unlike.aspects == (NOTIFIED,)


def _each_once(driven: Driven) -> Iterator[Driven]:
    """The occurrences of a drive, but no two that are alike."""
    yield from {key_of(one): one for one in reversed(list(driven.occurrences()))}.values()


def _together(cases: Iterable[Case]) -> Iterator[Case]:
    """Cases, those as one that show after the same drives only."""
    found: dict[object, Case] = {}
    for case in cases:
        key = tuple(drive.trace for drive in case.recurrence.after) or id(case)
        first = found.setdefault(key, case)
        if first is not case:
            found[key] = replace(first, members=(*first.members, *case.members))
    return iter(found.values())


def _bounded(cause: Cause) -> Cause:
    """A cause that does not explain everything, since there is more than rules can explain."""
    explanation = replace(cause.candidate.explanation, everything=False)
    return replace(cause, candidate=replace(cause.candidate, explanation=explanation))


def _finding(case: Case) -> ConformanceFinding:
    found = case.driven.divergence
    assert found is not None
    seen_in = dict.fromkeys(one.drive.source for one in case.members)
    left = sum(one.divergence is not None and not can_be_passed(one.divergence) for one in case.members)
    return ConformanceFinding(
        rules=found.rules, driven=case.driven, seen_in=tuple(seen_in), recurrence=case.recurrence, left=left
    )


def _cited(model: Model, rules: Iterable[str]) -> Iterator[Rule]:
    """Rules by their names, with what they cite."""
    cited = {row.id: row.sources for lookup in model.tables.values() for row in lookup.table.rows}
    for machine in (model.status_spec, *model.status_machines):
        cited |= {transition.id: transition.sources for transition in machine.transitions}
        cited |= {state.name: state.sources for state in machine.states.values()}
    yield from (Rule(id=rule, sources=cited[rule], status="") for rule in rules)
