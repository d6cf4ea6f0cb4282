"""What would explain what was observed: other readings, or rules changed alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, product

from simsync.engine.model import Model
from simsync.engine.trace import simulate
from simsync.policy.facts import NO_CHANGE
from simsync.policy.policy import Value
from simsync.questions.conform.diagnosis.behaviour import Behaviour
from simsync.questions.conform.diagnosis.conformity import Explanation
from simsync.questions.conform.diagnosis.evidence import Evidence
from simsync.questions.conform.diagnosis.texts import TRAITS, Said, Trait, longer_than
from simsync.questions.conform.diagnosis.value_faults import twisted
from simsync.questions.conform.diagnosis.variants import RuleChange, distinct_changes, restrictable
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.fault_localization import Rule, decision_of, suspects

MOST_RULES = 30
"""Suspects whose changes are tried for each group."""
MOST_TRIED = 40
"""Changes that explain a group, and are tried on more rules or in fewer situations."""
MOST_NARROWED = 5
"""Changes that are tried both where a fact and where a text is as was seen."""
NARROWEST = 2
"""Facts by which a change is restricted."""

Group = tuple[Driven, Sequence[Driven]]
"""One way in which a system diverges: the shortest drive that shows it, and all that do."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be how the system behaves; ``touches`` as in :class:`RuleChange`, None where that is everything."""

    behaviour: Behaviour
    explanation: Explanation
    touches: frozenset[str] | None
    change: RuleChange | None = None


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
    for stage in search.stages():
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

    def stages(self) -> Iterator[Iterator[Fit]]:
        """What is looked for, the nearest first; several rules only in some situations come last."""
        yield self.nearest()
        yield self.of_values()
        yield self.narrower(1)
        yield self.of_texts()
        yield self.wider()
        yield self.of_texts()
        yield from (self.narrower(size + 1) for size in range(NARROWEST))
        yield self.of_one_text()

    def _tried(self, candidates: Iterable[Candidate]) -> Iterator[Fit]:
        """The candidates that explain some group's shortest drive, held against everything."""
        for candidate in candidates:
            if candidate.explanation.about in self._seen:
                continue
            self._seen.add(candidate.explanation.about)
            shortest = frozenset(n for n, (one, _) in enumerate(self._groups) if self._explains(candidate, one))
            if shortest:
                explained = self._evidence.explained(candidate.behaviour, candidate.touches)
                fit = Fit(candidate, shortest, explained or (), explained is None)
                self._fits.append(fit)
                yield fit

    def _explains(self, candidate: Candidate, driven: Driven) -> bool:
        return self._evidence.agrees(candidate.behaviour, driven).wholly

    def nearest(self) -> Iterator[Fit]:
        """One reading, two readings, one rule."""
        model = self._evidence.model
        return self._tried(chain(_other_readings(model), _single_changes(model, [one for one, _ in self._groups])))

    def of_values(self) -> Iterator[Fit]:
        """Values that become others, for what no rule explains."""
        evidence, left = self._evidence, [self._groups[number][0] for number in self._unexplained()]
        if left:
            found = twisted(evidence.model, evidence.system.names, evidence.diverging, left)
            yield from self._tried(Candidate(one.behaviour, one.explanation, None) for one in found)

    def of_texts(self) -> Iterator[Fit]:
        """Changes only where something holds of a text, for what explains a group that nothing else does."""
        evidence = self._evidence
        for number in self._unexplained():
            driven = self._groups[number][0]
            assert driven.divergence is not None
            traits = traits_of(driven, evidence.longest_passed)
            blamed = [(rule.id, rule.status) for rule in driven.divergence.rules]
            for change in (*self._changes_of(number), *distinct_changes(evidence.model, blamed)):
                yield from self._tried(_where(evidence.model, change, trait) for trait in traits)
            for change in self._changes_of(number)[:MOST_NARROWED]:
                for only in change.restricted(_situation(evidence.model, driven, change.rules), 1):
                    yield from self._tried(_where(evidence.model, only, trait) for trait in traits)

    def of_one_text(self) -> Iterator[Fit]:
        """One change where one thing holds of a text, for what several changes explain where something does."""
        evidence = self._evidence
        causes = [one for one in self.cover() if one.candidate.behaviour.where is not None]
        groups = [self._groups[number][0] for number in sorted({n for one in causes for n in one.shortest})]
        if len(causes) < 2:
            return
        held = [{one.about: one for one in traits_of(driven, evidence.longest_passed)} for driven in groups]
        traits = [trait for about, trait in held[0].items() if all(about in others for others in held)]
        blamed = [{rule.id: rule.status for rule in one.divergence.rules} for one in groups if one.divergence]
        common = [(rule, status) for rule, status in blamed[0].items() if all(rule in others for others in blamed)]
        for change in distinct_changes(evidence.model, common):
            for facts in (_situation(evidence.model, driven, change.rules) for driven in groups):
                for only in (change, *change.restricted(facts)):
                    yield from self._tried(_where(evidence.model, only, trait) for trait in traits)

    def _unexplained(self) -> Iterator[int]:
        """The groups that nothing found so far explains."""
        for number in range(len(self._groups)):
            if not any(number in cause.shortest for cause in self.cover()):
                yield number

    def _changes_of(self, number: int) -> list[RuleChange]:
        """The changes that explain a group's shortest drive, in all situations."""
        changes = [f.candidate.change for f in self._fits if number in f.shortest and f.candidate.change]
        return [one for one in changes if not one.only][:MOST_TRIED]

    def wider(self) -> Iterator[Fit]:
        """The same change of several rules, for what explains a group as a change of one."""
        some = [fit.candidate.change for fit in self._fits if fit.candidate.change is not None]
        wider = (change for one in some[: MOST_TRIED * len(self._groups)] for change in one.widened())
        yield from self._tried([_changed(change) for change in {str(change): change for change in wider}.values()])

    def narrower(self, size: int) -> Iterator[Fit]:
        """Changes only where so many facts are as was seen, for what explains a group that nothing else does."""
        for number in self._unexplained():
            driven = self._groups[number][0]
            for change in self._changes_of(number):
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


def _changed(change: RuleChange) -> Candidate:
    return Candidate(
        Behaviour(change.model), Explanation(about=str(change), rules=change.rules), change.touches, change
    )


def _where(model: Model, change: RuleChange, trait: Trait) -> Candidate:
    """A change made only for items of whose text something holds."""
    and_where = " and " if change.only else " where "
    explanation = Explanation(about=f"{change}{and_where}{model.words.say(trait.about)}", rules=change.rules)
    return Candidate(Behaviour(model, otherwise=change.model, where=trait), explanation, change.touches)


def _other_readings(model: Model) -> Iterator[Candidate]:
    """One reading otherwise, then two."""
    factory = model.factory
    others = [
        [(reading.name, option) for option in reading.options if option != model.readings[reading.name]]
        for reading in model.policy.readings.values()
    ]
    by_what = {**factory.readings_by_row, **factory.readings_by_trigger}
    if fixed := model.policy.fixed.keys():  # how fields are delivered bears on whatever is delivered
        by_what |= {row.id: by_what.get(row.id, set()) | fixed for row in model.policy.rows}
    for size in (1, 2):
        for some in combinations(others, size):
            for chosen in product(*some):
                names = dict(chosen)
                about = "as read by " + " and ".join(f"{name}={option}" for name, option in chosen)
                touches = frozenset(what for what, readings in by_what.items() if readings & names.keys())
                yield Candidate(Behaviour(model.under(names)), Explanation(about=about, readings=names), touches)


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


def traits_of(driven: Driven, longest_passed: int) -> list[Trait]:
    """What holds of the texts of what differs in the end."""
    divergence = driven.divergence
    assert divergence is not None
    said = Said(divergence.outcomes[0].model.vocabulary)
    for outcome in divergence.outcomes:
        said.hear(outcome.event)
        said.see(outcome)
    last = divergence.outcomes[-1]
    names = [name for name in dict.fromkeys((*divergence.unlike.names, last.event.item)) if name is not None]
    owners = {name: last.after.items[name].owner if name in last.after.items else last.event.actor for name in names}
    return [
        trait
        for trait in (*TRAITS, longer_than(longest_passed))
        if any(said.has(last.after, name, owner, trait.holds) for name, owner in owners.items())
    ]


def _situation(model: Model, driven: Driven, rules: Sequence[str]) -> dict[str, Value | None]:
    """The facts of the situation in which one of some rules decided last, in a drive, whether or not a row tests them.

    Where that was a status action, what is said of an item is said of the one that differs in the end.
    """
    assert driven.divergence is not None
    differing = next(iter(driven.divergence.unlike.names), "")
    for outcome in reversed(simulate(model, driven.drive.trace)):
        for hit in outcome.hits:
            if hit.row.id in rules:
                event = outcome.event
                item = outcome.after.items.get(event.item or differing) or outcome.before.items.get(
                    event.item or differing
                )
                facts = {**decision_of(outcome, event.item or differing).facts, **dict(hit.actual)} | {
                    "change": event.action if event.item else NO_CHANGE,
                    "actor": event.actor,
                }
                facts |= {"phase": model.phase(outcome.before.status), "next phase": model.phase(outcome.after.status)}
                facts |= {"synced": outcome.synced}
                if item is not None:
                    facts |= {"kind": item.original.kind, "owner": item.owner, **item.original.fields}
                return restrictable(model, facts)
    return {}
