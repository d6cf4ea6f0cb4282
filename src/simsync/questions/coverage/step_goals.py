"""What the steps of a state space cover, looked at once for all that are alike."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from simsync.engine.facts import Situation
from simsync.questions.coverage.goals import (
    Criterion,
    Goal,
    TakenTransition,
    cell,
    state,
    status_states,
    status_taken,
    transition,
)
from simsync.statespace.columns import Ints, distinct
from simsync.statespace.items import LINK
from simsync.statespace.member import Member, MemberVisit
from simsync.statespace.space import Space


class StepGoals:
    """Tells of visits which goals of some criteria they cover, as :func:`goals.reached` does of outcomes.

    What is no matter of a single step, pairs and readings, is not among them.
    """

    def __init__(self, space: Space, criteria: Collection[Criterion]) -> None:
        self.space, self.criteria = space, frozenset(criteria)
        self._links = space.item_links()
        self._trail = space.rules.trail(space.frame)
        self._of_part: dict[int, frozenset[Goal]] = {}
        following = bool(space.model.policy.machines) and Criterion.RULES in self.criteria
        self._by_place = following or bool(self.criteria - {Criterion.RULES, Criterion.CELLS, Criterion.PAIRS})
        self._rows: dict[int, frozenset[Goal]] = {}
        self._of_machines: dict[tuple[object, ...], frozenset[Goal]] = {}

    def alike(self, member: Member) -> tuple[Ints, Ints]:
        """Of the visits that cover the same and take the same transitions the first, and for each visit which it is."""
        visits = member.visits
        columns = [visits.part]
        if self._by_place or Criterion.PAIRS in self.criteria:
            status, item = np.array(member.states, np.int32).T
            link = self.space.compiled.items[item, LINK]
            places = visits.state, visits.after
            columns += [visits.transition, *(column[place] for column in (status, link) for place in places)]
        return distinct(np.stack(columns, axis=1))

    def of(self, visit: MemberVisit) -> frozenset[Goal]:
        """What a visit covers; a step that the rules leave open covers nothing."""
        part = visit.part
        if part >= 0 and self.space.frame.faulty[part]:
            return frozenset()
        if part not in self._of_part:
            self._of_part[part] = self._decided(part) if part >= 0 else frozenset()
        return self._of_part[part] | self._moved(visit) if self._by_place else self._of_part[part]

    def _moved(self, visit: MemberVisit) -> frozenset[Goal]:
        """What is covered of the machines, and by the status's transition."""
        status, link = tuple(self.statuses(visit)), self.link(visit)
        links = self._links[visit.state[1]], self._links[visit.after[1]]
        key = (status, link, visit.state[0], visit.after[0], *links)
        if key not in self._of_machines:
            found = set(self._states(visit)) if Criterion.STATES in self.criteria else set()
            if visit.transition and Criterion.STATEMENTS in self.criteria:
                found |= set(self._statements(visit.transition.sources))
            if visit.transition and Criterion.RULES in self.criteria:
                found |= {Goal(Criterion.RULES, row.id) for row in visit.transition.followed}
            if Criterion.TRANSITIONS in self.criteria:
                found |= {transition(one) for one in (*status, link) if one is not None}
            self._of_machines[key] = frozenset(found)
        return self._of_machines[key]

    def _decided(self, part: int) -> frozenset[Goal]:
        """What is covered by what the rules say."""
        rows = self.space.frame.answers[part][self._trail[part]].tolist()
        situation = self._situation(part) if Criterion.CELLS in self.criteria else None
        found = frozenset[Goal]() if situation is None else frozenset([cell(situation)])
        return found.union(*map(self._of_row, rows))

    def _of_row(self, number: int) -> frozenset[Goal]:
        """What is covered wherever a row decides."""
        if number not in self._rows:
            row, found = self.space.rules.rows[number], set[Goal]()
            if Criterion.RULES in self.criteria:
                found.add(Goal(Criterion.RULES, row.id))
            if Criterion.STATEMENTS in self.criteria:
                found |= set(self._statements(row.sources))
            self._rows[number] = frozenset(found)
        return self._rows[number]

    def _statements(self, sources: Collection[str]) -> Iterator[Goal]:
        statements = self.space.model.policy.citations.statements
        return (Goal(Criterion.STATEMENTS, name) for name in sources if name in statements)

    def _states(self, visit: MemberVisit) -> Iterator[Goal]:
        policy = self.space.model.policy
        for status in {visit.state[0], visit.after[0]}:
            yield from status_states(policy, self.space.statuses[status])
        if (link := self._links[visit.after[1]]) is not None:
            yield state(policy.link, self._links[visit.state[1]] or policy.link.initial)
            yield state(policy.link, link)

    def statuses(self, visit: MemberVisit) -> list[TakenTransition]:
        """The transitions of the status that fire: of several machines, each that moves."""
        if visit.transition is None or self.space.frame.faulty[visit.part]:
            return []
        return status_taken(self.space.model.policy, visit.transition, self.space.statuses[visit.state[0]])

    def status(self, visit: MemberVisit) -> TakenTransition | None:
        """The transition of the status that fires, where there is one machine."""
        return None if self.space.model.policy.machines else next(iter(self.statuses(visit)), None)

    def link(self, visit: MemberVisit) -> TakenTransition | None:
        """The transition of the item's link that fires."""
        frame, policy = self.space.frame, self.space.model.policy
        if visit.part < 0 or frame.faulty[visit.part] or frame.fired[visit.part] < 0:
            return None
        link = self._links[visit.state[1]] or policy.link.initial
        return TakenTransition(policy.link.name, self.space.rules.transitions[frame.fired[visit.part]].id, link)

    def _situation(self, part: int) -> Situation | None:
        """What the tables were asked about, without memories; None where there was no item."""
        facts = self.space.facts(part)
        if "owner" not in facts:
            return None
        shown, by = facts.get("shown"), facts.get("by")
        return Situation(
            actor=str(facts["actor"]),
            change=str(facts["change"]),
            by=None if by is None else str(by),
            owner=str(facts["owner"]),
            kind=str(facts["kind"]),
            values=tuple(facts.get(name) for name, _ in self.space.model.enumerated),
            phase=str(facts["phase"]),
            next_phase=str(facts["next phase"]),
            link=str(facts["link"]),
            copied=facts["copy"] == "present",
            present=facts["original"] == "present",
            ticket=facts["ticket"] == "present",
            shown=None if shown is None else bool(shown),
            history=frozenset(),
            compared=tuple((fact, facts.get(fact)) for fact in self.space.model.compared),
        )
