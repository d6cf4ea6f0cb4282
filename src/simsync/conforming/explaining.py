"""What would explain what was observed: other readings, or one rule changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

from simsync.analysis.system.blame import Rule, suspects
from simsync.analysis.system.conformity import Explanation
from simsync.analysis.system.driven import Driven, Seen
from simsync.analysis.system.drives import simulated
from simsync.analysis.system.variants import Change, distinct_changes, restrictable
from simsync.conformance.lockstep import aspects_of, expected_of
from simsync.conformance.sut import System
from simsync.core.model import Model
from simsync.core.step import step
from simsync.model.policy import Value
from simsync.model.world import World

MOST_RULES = 30
"""Suspects whose changes are tried for each finding."""
MOST_TRIED = 40
"""Changes of the rules that explain a finding and are tried on everything else."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Rules that may be those that the system follows."""

    model: Model
    explanation: Explanation


Fit = tuple[frozenset[int], Candidate]
"""A candidate, and the numbers of the groups that it explains."""


class Evidence:
    """Everything that was observed in a campaign, to hold other rules against."""

    def __init__(self, system: System, model: Model, driven: Iterable[Driven]) -> None:
        self._system = system
        self.model = model
        self._observed = {id(one): (one, self._seen(one)) for one in driven if one.fault is None}

    def _seen(self, driven: Driven) -> list[Seen]:
        """What was seen at each step that was judged."""
        count = driven.steps - (1 if driven.divergence else 0)
        drive = driven.drive
        world, seen = World(drive.status), list[Seen]()
        for event in drive.events[:count]:
            outcome = step(self.model, world, event)
            seen.append(expected_of(self._system, outcome))
            world = outcome.after
        return [*seen, driven.divergence.actual] if driven.divergence else seen

    def explained(self, model: Model, driven: Driven, *, whole: bool = True) -> bool:
        """Whether rules account for all that was seen in a drive; unless ``whole``, for what was as expected."""
        known = self._observed.get(id(driven))
        seen = known[1] if known else self._seen(driven)
        if not whole and driven.divergence is not None:
            seen = seen[:-1]
        world = World(driven.drive.status)
        for event, actual in zip(driven.drive.events, seen, strict=False):
            outcome = step(model, world, event)
            if outcome.defects or aspects_of(self._system, expected_of(self._system, outcome), actual):
                return False
            world = outcome.after
        return True

    def contradicted(self, model: Model, explained: Sequence[Driven]) -> bool:
        """Whether something observed contradicts rules that are to explain some divergences, and not all."""
        whole = {id(one) for one in explained}
        return not all(
            self.explained(model, driven, whole=driven.divergence is None or key in whole)
            for key, (driven, _) in self._observed.items()
        )


Groups = Sequence[tuple[Driven, Sequence[Driven]]]
"""For each way in which a system diverges, the shortest drive that shows it, and all that do."""


def explain(evidence: Evidence, groups: Groups, *, complete: bool = True) -> list[Explanation | None]:
    """An explanation of each group.

    One that explains all groups is looked for first; then for each group the one that explains most of them.
    ``complete``: these are all groups that there are.
    """
    fitting: list[Fit] = []
    for candidate in _candidates(evidence, [driven for driven, _ in groups]):
        which = _explains(evidence, groups, candidate)
        if len(which) == len(groups) and not _contradicted(evidence, groups, candidate, which):
            return [_whole(candidate.explanation, complete)] * len(groups)
        if which and len(fitting) < MOST_TRIED * len(groups):
            fitting.append((which, candidate))
    partial: list[Fit] = []
    for narrow in (_as_they_are, _where_seen):
        for which, candidate in fitting:
            partial += narrow(evidence, groups, candidate, which)
            if partial and len(partial[-1][0]) == len(groups):
                return [_whole(partial[-1][1].explanation, complete)] * len(groups)
        if {n for which, _ in partial for n in which} == set(range(len(groups))):
            break
    return [_best(partial, number) for number in range(len(groups))]


def _explains(evidence: Evidence, groups: Groups, candidate: Candidate) -> frozenset[int]:
    """The groups whose shortest drive is explained."""
    return frozenset(n for n, (one, _) in enumerate(groups) if evidence.explained(candidate.model, one))


def _contradicted(evidence: Evidence, groups: Groups, candidate: Candidate, which: frozenset[int]) -> bool:
    return evidence.contradicted(candidate.model, [one for n in which for one in groups[n][1]])


def _best(partial: Sequence[Fit], number: int) -> Explanation | None:
    """Of what explains a group, the one that explains most others too."""
    fitting = [fit for fit in partial if number in fit[0]]
    return max(fitting, key=lambda fit: len(fit[0]))[1].explanation if fitting else None


def _whole(explanation: Explanation, complete: bool) -> Explanation:
    return replace(explanation, everything=complete)


def _as_they_are(evidence: Evidence, groups: Groups, candidate: Candidate, which: frozenset[int]) -> Iterator[Fit]:
    """The candidate itself, for all groups that it explains or for one of them, where nothing contradicts it."""
    for fewer in (which, *(frozenset([n]) for n in sorted(which) if len(which) > 1)):
        if not _contradicted(evidence, groups, candidate, fewer):
            yield fewer, candidate
            return


def _where_seen(evidence: Evidence, groups: Groups, candidate: Candidate, which: frozenset[int]) -> Iterator[Fit]:
    """The change of a rule made only in the kind of situation that was seen, where nothing contradicts that."""
    if not isinstance(candidate, ChangedRule):
        return
    for number in sorted(which):
        facts = _situation(evidence.model, groups[number][0], candidate.change.rule)
        for change in candidate.change.restricted(facts):
            narrow = ChangedRule.of(change)
            also = _explains(evidence, groups, narrow)
            if number in also and not _contradicted(evidence, groups, narrow, also):
                yield also, narrow
                return


@dataclass(frozen=True, slots=True)
class ChangedRule(Candidate):
    """One rule changed."""

    change: Change

    @staticmethod
    def of(change: Change) -> ChangedRule:
        """The candidate that a change makes."""
        where = ""
        if change.only is not None:
            fact, value = change.only
            said = ("true" if value else "false") if isinstance(value, bool) else value
            where = f" where {fact} is {said}"
        about = f"as if {change.rule} {change.about}{where}"
        return ChangedRule(change.model, Explanation(about=about, rule=change.rule), change)


def _situation(model: Model, driven: Driven, rule: str) -> dict[str, Value | None]:
    """The facts of the situation in which a rule decided, in a drive."""
    for outcome in simulated(model, driven.drive):
        for hit in outcome.hits:
            if hit.row.id == rule:
                facts = dict(hit.actual)
                name = outcome.event.item or ""
                item = outcome.after.items.get(name) or outcome.before.items.get(name)
                if item is not None:
                    facts |= {"kind": item.original.kind, "owner": item.owner, **item.original.fields}
                facts |= {"actor": outcome.event.actor, "phase": model.phase(outcome.before.status)}
                return restrictable(model, facts)
    return {}


def _candidates(evidence: Evidence, shortest: Sequence[Driven]) -> Iterator[Candidate]:
    """The nearest first: one reading, two readings, one rule changed."""
    model = evidence.model
    others = [
        [(reading.name, option) for option in reading.options if option != model.readings[reading.name]]
        for reading in model.policy.readings.values()
    ]
    for size in (1, 2):
        for some in combinations(others, size):
            for chosen in product(*some):
                about = "as read by " + " and ".join(f"{name}={option}" for name, option in chosen)
                yield Candidate(model.under(dict(chosen)), Explanation(about=about, readings=dict(chosen)))
    rules: dict[str, Rule] = {}
    for driven in shortest:
        divergence = driven.divergence
        assert divergence is not None
        found = suspects(divergence.outcomes, divergence.unlike)
        rules |= {rule.id: rule for rule in found[:MOST_RULES] if rule.id not in rules}
    for change in distinct_changes(model, [(rule.id, rule.status) for rule in rules.values()]):
        yield ChangedRule.of(change)
