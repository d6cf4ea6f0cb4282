"""What would explain what was observed: other readings, or rules changed alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, product

from simsync.analysis.system.blame import Rule, suspects
from simsync.analysis.system.conformity import Explanation
from simsync.analysis.system.driven import Driven
from simsync.analysis.system.drives import simulated
from simsync.analysis.system.variants import Change, distinct_changes, restrictable
from simsync.conforming.evidence import Evidence
from simsync.core.facts import NO_CHANGE
from simsync.core.model import Model
from simsync.model.policy import Value

MOST_RULES = 30
"""Suspects whose changes are tried for each group."""
MOST_TRIED = 40
"""Changes that explain a group, and are tried on more rules or in fewer situations."""
NARROWEST = 2
"""Facts by which a change is restricted."""

Group = tuple[Driven, Sequence[Driven]]
"""One way in which a system diverges: the shortest drive that shows it, and all that do."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Rules that may be those that the system follows; ``touches`` as in :class:`Change`."""

    model: Model
    explanation: Explanation
    touches: frozenset[str]
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A candidate held against what was observed.

    ``shortest`` are the numbers of the groups whose shortest drive it explains, ``explained`` the diverging runs that
    it does, none where something ``contradicted`` it.
    """

    candidate: Candidate
    shortest: frozenset[int]
    explained: tuple[Driven, ...]
    contradicted: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """What explains some of the diverging runs, and no other cause before it did; ``shortest`` as in :class:`Fit`."""

    candidate: Candidate
    shortest: frozenset[int]
    runs: tuple[Driven, ...]

    @property
    def explanation(self) -> Explanation:
        """What it is."""
        return self.candidate.explanation


def explain(evidence: Evidence, groups: Sequence[Group]) -> list[Cause]:
    """As few causes as explain most of what diverges, none contradicted by anything observed.

    One that explains everything is looked for first, the nearest rules first; else the one that explains most, then
    the one that explains most of the rest. A cause explains most runs of some group, and its shortest drive.
    """
    search = _Search(evidence, groups)
    narrower = (search.narrower(size + 1) for size in range(NARROWEST))
    for stage in (search.nearest(), search.narrower(1), search.wider(), *narrower):
        for fit in stage:
            if len(fit.explained) == len(evidence.diverging):
                whole = replace(fit.candidate, explanation=replace(fit.candidate.explanation, everything=True))
                return [Cause(whole, fit.shortest, fit.explained)]
    return list(search.cover())


class _Search:
    def __init__(self, evidence: Evidence, groups: Sequence[Group]) -> None:
        self._evidence, self._groups = evidence, groups
        self._fits: list[Fit] = []
        self._seen: set[str] = set()

    def _tried(self, candidates: Iterable[Candidate]) -> Iterator[Fit]:
        """The candidates that explain some group's shortest drive, held against everything."""
        for candidate in candidates:
            if candidate.explanation.about in self._seen:
                continue
            self._seen.add(candidate.explanation.about)
            shortest = frozenset(n for n, (one, _) in enumerate(self._groups) if self._explains(candidate, one))
            if shortest:
                explained = self._evidence.explained(candidate.model, candidate.touches)
                fit = Fit(candidate, shortest, explained or (), explained is None)
                self._fits.append(fit)
                yield fit

    def _explains(self, candidate: Candidate, driven: Driven) -> bool:
        return self._evidence.agrees(candidate.model, driven).wholly

    def nearest(self) -> Iterator[Fit]:
        """One reading, two readings, one rule."""
        model = self._evidence.model
        return self._tried(chain(_other_readings(model), _single_changes(model, [one for one, _ in self._groups])))

    def wider(self) -> Iterator[Fit]:
        """The same change of several rules, for what explains a group as a change of one."""
        some = [fit.candidate.change for fit in self._fits if fit.candidate.change is not None]
        wider = (change for one in some[: MOST_TRIED * len(self._groups)] for change in one.widened())
        yield from self._tried([_changed(change) for change in {str(change): change for change in wider}.values()])

    def narrower(self, size: int) -> Iterator[Fit]:
        """Changes only where so many facts are as was seen, for what explains a group that nothing else does."""
        for number, (driven, _) in enumerate(self._groups):
            if any(number in cause.shortest for cause in self.cover()):
                continue
            changes = [f.candidate.change for f in self._fits if number in f.shortest and f.candidate.change]
            for change in [one for one in changes if not one.only][:MOST_TRIED]:
                facts = _situation(self._evidence.model, driven, change.rules)
                yield from self._tried(map(_changed, change.restricted(facts, size)))

    def cover(self) -> Iterator[Cause]:
        """Of what nothing contradicts, what explains most, then most of the rest, and so on; the nearest of several."""
        sound = [fit for fit in self._fits if not fit.contradicted]
        left = {id(one) for one in self._evidence.diverging}
        while True:
            best = max(sound, key=lambda fit: self._worth(fit, left), default=None)
            if best is None or not self._worth(best, left):
                return
            runs = tuple(one for one in best.explained if id(one) in left)
            yield Cause(best.candidate, best.shortest, runs)
            left -= {id(one) for one in runs}

    def _worth(self, fit: Fit, left: set[int]) -> int:
        """How many of the runs that are left a candidate explains; 0 where these are few of any group."""
        new = {id(one) for one in fit.explained} & left
        most = any(
            2 * sum(id(one) in new for one in self._groups[n][1]) > sum(id(one) in left for one in self._groups[n][1])
            for n in fit.shortest
        )
        return len(new) if most else 0


def _changed(change: Change) -> Candidate:
    return Candidate(change.model, Explanation(about=str(change), rules=change.rules), change.touches, change)


def _other_readings(model: Model) -> Iterator[Candidate]:
    """One reading otherwise, then two."""
    workshop = model.workshop
    others = [
        [(reading.name, option) for option in reading.options if option != model.readings[reading.name]]
        for reading in model.policy.readings.values()
    ]
    by_what = {**workshop.readings_by_row, **workshop.readings_by_trigger}
    for size in (1, 2):
        for some in combinations(others, size):
            for chosen in product(*some):
                names = dict(chosen)
                about = "as read by " + " and ".join(f"{name}={option}" for name, option in chosen)
                touches = frozenset(what for what, readings in by_what.items() if readings & names.keys())
                yield Candidate(model.under(names), Explanation(about=about, readings=names), touches)


def _single_changes(model: Model, shortest: Iterable[Driven]) -> Iterator[Candidate]:
    """One rule changed, of those that have a say in what differs."""
    rules: dict[str, Rule] = {}
    for driven in shortest:
        divergence = driven.divergence
        assert divergence is not None
        found = suspects(divergence.outcomes, divergence.unlike)[:MOST_RULES]
        statuses = {status: divergence.outcomes[0].model.status_spec.states[status] for status in _visited(driven)}
        found += (Rule(id=state.name, sources=state.sources, status=state.name) for state in statuses.values())
        rules |= {rule.id: rule for rule in found if rule.id not in rules}
    yield from map(_changed, distinct_changes(model, [(rule.id, rule.status) for rule in rules.values()]))


def _visited(driven: Driven) -> list[str]:
    """The statuses of a drive that diverges, the last first."""
    assert driven.divergence is not None
    outcomes = driven.divergence.outcomes
    return list(dict.fromkeys([outcome.after.status for outcome in reversed(outcomes)] + [outcomes[0].before.status]))


def _situation(model: Model, driven: Driven, rules: Sequence[str]) -> dict[str, Value | None]:
    """The facts of the situation in which one of some rules decided last, in a drive.

    Where that was a status action, what is said of an item is said of the one that differs in the end.
    """
    assert driven.divergence is not None
    differing = next(iter(driven.divergence.unlike.names), "")
    for outcome in reversed(simulated(model, driven.drive)):
        for hit in outcome.hits:
            if hit.row.id in rules:
                event = outcome.event
                item = outcome.after.items.get(event.item or differing) or outcome.before.items.get(
                    event.item or differing
                )
                facts = dict(hit.actual) | {"change": event.action if event.item else NO_CHANGE, "actor": event.actor}
                facts |= {"phase": model.phase(outcome.before.status), "next phase": model.phase(outcome.after.status)}
                facts |= {"synced": outcome.synced}
                if item is not None:
                    facts |= {"kind": item.original.kind, "owner": item.owner, **item.original.fields}
                return restrictable(model, facts)
    return {}
