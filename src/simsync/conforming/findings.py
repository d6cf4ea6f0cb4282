"""What the divergences of a campaign come to: confirmed, shrunk, explained, one finding for each cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from simsync.analysis.system.blame import Rule
from simsync.analysis.system.conformity import Finding
from simsync.analysis.system.driven import Driven, Fault, Trouble
from simsync.conformance.sut import System
from simsync.conforming.common import in_common
from simsync.conforming.evidence import Evidence
from simsync.conforming.explaining import Cause, Group, explain
from simsync.conforming.shortest import Shrinking, key_of
from simsync.core.model import Model

ROUNDS = 3
"""How often what no cause explained yet is looked at anew; the last time without looking for causes."""
MOST_EXPLAINED = 12
"""Groups for which an explanation is looked for."""


class Findings:
    """Finds what the divergences of a campaign come to; ``unstable`` are those that did not come back."""

    def __init__(self, system: System, model: Model, driven: Sequence[Driven], *, jumps: bool) -> None:
        self._system, self._model, self._driven, self._jumps = system, model, driven, jumps
        self._causes: list[Cause] = []
        self.unstable: list[Driven] = []

    def all(self) -> list[Finding]:
        """Each confirmed, shrunk and explained; the shortest first."""
        left = [one for one in self._driven if one.divergence is not None]
        found: list[Finding] = []
        evidence: Evidence | None = None
        for number in range(ROUNDS):
            groups = list(self._confirmed(left, evidence))
            if not groups:
                break
            if evidence is None:
                evidence = self._evidence(groups)
            causes = explain(evidence, groups[:MOST_EXPLAINED]) if number < ROUNDS - 1 else []
            self._causes += causes
            found += (self._explained(cause, groups) for cause in causes)
            done = {id(one) for cause in causes for one in cause.runs}
            left = []
            for n, (shortest, group) in enumerate(groups):
                rest = [one for one in group if id(one) not in done]
                if any(n in cause.shortest for cause in causes):
                    left += rest
                elif rest:
                    found.append(_finding(shortest.divergence.rules if shortest.divergence else (), shortest, rest))
        return in_common(found)

    def _confirmed(self, left: Iterable[Driven], evidence: Evidence | None) -> Iterator[Group]:
        """Each group of divergences with the shortest drive that shows it, as no cause that was found explains."""
        groups: dict[str, list[Driven]] = {}
        for one in left:
            groups.setdefault(key_of(one), []).append(one)

        def counts(driven: Driven) -> bool:
            known = [cause.candidate.behaviour for cause in self._causes]
            return evidence is None or not any(evidence.agrees(behaviour, driven).wholly for behaviour in known)

        found: list[Group] = []
        for group in groups.values():
            shortest = Shrinking(self._system, self._model, counts, jumps=self._jumps).shortest(group)
            if shortest is None:
                self.unstable.append(_unstable(group[0]))
            else:
                found.append((shortest, group))
        yield from sorted(found, key=lambda pair: pair[0].steps)

    def _evidence(self, groups: Sequence[Group]) -> Evidence:
        """All that was observed but the divergences that did not come back."""
        confirmed = {id(one) for _, group in groups for one in group}
        sure = [one for one in self._driven if one.divergence is None or id(one) in confirmed]
        return Evidence(self._system, self._model, sure)

    def _explained(self, cause: Cause, groups: Sequence[Group]) -> Finding:
        """The finding of a cause: by the shortest drive that it explains; what it changes first."""
        runs = {id(one) for one in cause.runs}
        some = [shortest for n, (shortest, _) in enumerate(groups) if n in cause.shortest]
        blamed = {rule.id: rule for one in some for rule in (one.divergence.rules if one.divergence else ())}
        changed = {rule.id: rule for rule in _cited(self._model, cause.explanation.rules)}
        stated = any(
            source in self._model.policy.citations.statements for r in changed.values() for source in r.sources
        )
        rules = {**changed, **blamed} if stated else {**blamed, **changed}
        found = _finding(tuple(rules.values()), some[0], ())
        seen_in = dict.fromkeys(one.drive.source for one in self._driven if id(one) in runs)
        return replace(found, seen_in=tuple(seen_in), explanation=cause.explanation)


def _finding(rules: tuple[Rule, ...], shortest: Driven, group: Sequence[Driven]) -> Finding:
    seen_in = dict.fromkeys(one.drive.source for one in group)
    return Finding(rules=rules, driven=shortest, seen_in=tuple(seen_in))


def _cited(model: Model, rules: Iterable[str]) -> Iterator[Rule]:
    """Rules by their names, with what they cite."""
    cited = {row.id: row.sources for lookup in model.tables.values() for row in lookup.table.rows}
    cited |= {transition.id: transition.sources for transition in model.status_spec.transitions}
    cited |= {state.name: state.sources for state in model.status_spec.states.values()}
    yield from (Rule(id=rule, sources=cited[rule], status="") for rule in rules)


def _unstable(driven: Driven) -> Driven:
    assert driven.divergence is not None
    event = driven.drive.events[driven.divergence.at]
    message = f"what it did at '{event.actor}: {event}' was not what it did when the same was done again"
    return replace(driven, divergence=None, fault=Fault(trouble=Trouble.UNSTABLE, message=message, trace=()))
