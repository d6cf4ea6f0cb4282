"""The same rules with one of them changed: what a system that gets one rule wrong could be following."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import cast

from simsync.core.facts import CHANGES, Facts
from simsync.core.model import Model, StateMachine, Workshop
from simsync.model.policy import Decides, Effect, MachineSpec, Policy, Row, Table, Then, Transition, Value

EFFECTS = {Effect.NONE: "nothing crosses over", Effect.DELIVER: "it is delivered", Effect.REMOVE: "the copy is removed"}
REFUSED = "refused by this variant"


@dataclass(frozen=True)
class Change:
    """One change of the rules under one choice of readings. ``rule`` is what is changed, ``about`` a half-sentence.

    ``only`` restricts it to situations in which a fact has a value. Two changes are the same if they say the same.
    """

    rule: str
    about: str
    base: Model
    row: Row | None = None
    then: Then | None = None
    status: MachineSpec | None = None
    only: tuple[str, Value | None] | None = None

    @cached_property
    def model(self) -> Model:
        """The rules with the change made; a property of the policy is not looked at."""
        tables = {name: lookup.table for name, lookup in self.base.tables.items()}
        if self.row is not None and self.then is not None:
            table = tables[self.row.table]
            rows = [new for row in table.rows for new in (self._rows() if row.id == self.row.id else (row,))]
            tables[table.name] = replace(table, rows=tuple(rows))
        return _alone(self.base, tables, self.status)

    def _rows(self) -> Iterator[Row]:
        assert self.row is not None
        assert self.then is not None
        if self.only is None:
            yield replace(self.row, then=self.then)
            return
        fact, value = self.only
        when = tuple((name, values) for name, values in self.row.when if name != fact)
        allowed = dict(self.row.when).get(fact) or _values(self.base, fact)
        others = tuple(one for one in allowed if one != value)
        yield replace(self.row, then=self.then, when=(*when, (fact, cast("tuple[Value, ...]", (value,)))))
        if others:  # None among them: an item without such a field
            rest = cast("tuple[Value, ...]", others)
            yield replace(self.row, id=f"{self.row.id} (else)", when=(*when, (fact, rest)))

    def restricted(self, facts: Mapping[str, Value | None]) -> Iterator[Change]:
        """The same change made only where one of some facts is as it is."""
        if self.row is None:
            return
        for fact, value in facts.items():
            allowed = dict(self.row.when).get(fact) or _values(self.base, fact)
            if len(allowed) > 1 and value in allowed:
                yield replace(self, only=(fact, value))


def _alone(base: Model, tables: Mapping[str, Table], status: MachineSpec | None) -> Model:
    """A model of these tables with no readings left to choose, which shares the machines that are not changed."""
    spec = status or base.status_spec
    policy: Policy = replace(base.policy, tables=tables, status=spec, link=base.link_spec, readings={}, properties=())

    def build(wanted: MachineSpec) -> StateMachine:
        if wanted.name == base.link_spec.name:
            return base.link
        return base.status if status is None else base.workshop.of(policy).machine(spec, {})[1]

    return Workshop(policy, build).model({})


def _values(model: Model, fact: str) -> tuple[Value | None, ...]:
    """The values of a fact that a change can be restricted by; none for any other."""
    words = model.vocabulary
    partners, phases = tuple(words.partners), tuple(model.status_spec.phases)
    given: dict[str, tuple[Value | None, ...]] = {
        "actor": partners,
        "owner": partners,
        "kind": tuple(words.kinds),
        "change": CHANGES,
        "phase": phases,
        "next phase": phases,
        "link": tuple(model.link_spec.states),
        "copy": ("present", "absent"),
    }
    given |= {field.name: (*field.values, None) for field in words.fields.values() if field.values}
    return given.get(fact, ())


def restrictable(model: Model, facts: Facts) -> dict[str, Value | None]:
    """The facts of a situation that a change could be restricted by."""
    return {fact: value for fact, value in facts.items() if value is not None and value in _values(model, fact)}


def changes_of(model: Model, rule: str, status: str) -> Iterator[Change]:
    """Every single change of a row or status transition; ``status`` is where a transition could be added."""
    for lookup in model.tables.values():
        for row in lookup.table.rows:
            if row.id == rule:
                for then, about in _outcomes(model, lookup.table, row):
                    yield Change(rule, about, model, row, then)
    for transition in model.status_spec.transitions:
        if transition.id == rule:
            for changed, about in _redirected(model.status_spec, transition, status):
                yield Change(rule, about, model, status=changed)


def _outcomes(model: Model, table: Table, row: Row) -> Iterator[tuple[Then, str]]:
    then = row.then
    if table.decides is Decides.PERMISSION:
        if then.refuse is None:
            yield Then(refuse=REFUSED), "were refused"
        else:
            yield Then(), "were allowed"
    elif table.decides is Decides.FACT:
        values = dict.fromkeys(one.then.value for one in table.rows)
        for value in values:
            if value != then.value:
                yield replace(then, value=value), f"said {table.gives}: {_said(value)}"
    elif table.decides is Decides.CHANGE:
        yield from _effects(model, then)
    elif table.decides is Decides.COPY:
        yield from _forms(model, then)
    else:
        for told in _tellings(model):
            if set(told) != set(then.notify):
                yield replace(then, notify=told), f"told {', '.join(told) or 'nobody'}"


def _effects(model: Model, then: Then) -> Iterator[tuple[Then, str]]:
    links: dict[str | None, None] = {None: None}
    links |= dict.fromkeys(transition.trigger for transition in model.link_spec.transitions)
    for effect, link in sorted(
        product(EFFECTS, links), key=lambda pair: (pair[0] != then.effect) + (pair[1] != then.link)
    ):
        about = []
        if effect != then.effect:
            about.append(f"meant that {EFFECTS[effect]}")
        if link != then.link:
            about.append(f"fired '{link}'" if link else f"did not {then.link}")
        if about:
            yield replace(then, effect=effect, link=link), " and ".join(about)


def _forms(model: Model, then: Then) -> Iterator[tuple[Then, str]]:
    words = model.vocabulary
    for kind in words.kinds:
        if kind != then.kind:
            yield replace(then, kind=kind), f"made the copy a {kind}"
    for number, (name, value) in enumerate(then.fields):
        for other in words.fields[name].values:
            if other != value:
                fields = (*then.fields[:number], (name, other), *then.fields[number + 1 :])
                yield replace(then, fields=fields), f"made the copy's {name} {_said(other)}"


def _tellings(model: Model) -> Iterator[tuple[str, ...]]:
    recipients = tuple(model.vocabulary.recipients)
    yield ()
    yield from ((one,) for one in recipients)
    yield from ((one, one) for one in recipients)
    yield recipients


def _redirected(spec: MachineSpec, transition: Transition, status: str) -> Iterator[tuple[MachineSpec, str]]:
    def with_instead(*changed: Transition) -> MachineSpec:
        kept = [one for t in spec.transitions for one in (changed if t.id == transition.id else (t,))]
        return replace(spec, transitions=tuple(kept))

    if status not in transition.source:
        wider = replace(transition, source=(*transition.source, status))
        yield with_instead(wider), f"were possible in {status} too"
    else:
        left = tuple(one for one in transition.source if one != status)
        yield with_instead(*([replace(transition, source=left)] if left else [])), f"were not possible in {status}"
    for dest in spec.states:
        if dest != transition.dest:
            yield with_instead(replace(transition, dest=dest)), f"led to {dest}"


def _said(value: Value | None) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def distinct_changes(model: Model, rules: Iterable[tuple[str, str]]) -> Iterator[Change]:
    """Every single change of some rules, each given with the status in which it was looked at."""
    for rule, status in dict.fromkeys(rules):
        yield from changes_of(model, rule, status)
