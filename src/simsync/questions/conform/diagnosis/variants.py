"""The same rules with some of them changed alike: what a system that gets something wrong could be following."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any, cast

from simsync.engine.facts import Facts
from simsync.engine.model import Model, ModelFactory
from simsync.mutation import operators
from simsync.policy.facts import CHANGES, NO_CHANGE
from simsync.policy.policy import Decides, Effect, Row, State, Table, Then, Transition, Value, When

EFFECTS = {
    Effect.NONE: "nothing crosses over",
    Effect.DELIVER: "it is delivered",
    Effect.REMOVE: "the copy is removed",
    Effect.TAKE: "the original takes over what the copy says",
    Effect.REMOVE_ORIGINAL: "the original is removed",
    Effect.REVERT: "the change is undone",
    Effect.AGREE: "both count as agreed",
}
REFUSED = "refused by this variant"
MOST_NAMED = 4

Moved = tuple[Transition, ...]
Only = tuple[tuple[str, Value | None], ...]


@dataclass(frozen=True)
class RuleChange:
    """Rows, transitions or states of one choice of readings, changed alike. ``about`` says how, as a half-sentence.

    ``alike`` says what several have in common that no other such rule has. ``only`` restricts a change of rows to
    situations in which facts have these values. ``again`` makes the same of another transition, None where it cannot.
    """

    base: Model
    about: str
    rows: tuple[tuple[Row, Then], ...] = ()
    transitions: tuple[tuple[Transition, Moved], ...] = ()
    states: tuple[State, ...] = ()
    alike: str = ""
    only: Only = ()
    again: Callable[[Transition], Moved | None] | None = field(default=None, compare=False, repr=False)

    @property
    def rules(self) -> tuple[str, ...]:
        """What is changed."""
        moved = (transition.id for transition, _ in self.transitions)
        return (*(row.id for row, _ in self.rows), *moved, *(state.name for state in self.states))

    @property
    def touches(self) -> frozenset[str]:
        """Rows, transitions, triggers and statuses: what is without them goes as it does without the change."""
        triggers = (transition.trigger for transition, _ in self.transitions)
        entered = (t.id for t in self.base.status_spec.transitions if any(t.dest == s.name for s in self.states))
        return frozenset((*self.rules, *triggers, *entered))

    def __str__(self) -> str:
        names = self.rules if len(self.rules) <= MOST_NAMED else self.rules[: MOST_NAMED - 1]
        more = len(self.rules) - len(names)
        *first, last = (*names, *([f"{more} more"] if more else []))
        who = f"{', '.join(first)} and {last}" if first else last
        where = " and ".join(f"{fact} is {_said(value)}" for fact, value in self.only)
        alike = f" ({self.alike})" if self.alike else ""
        return f"as if {who} {self.about}{f' where {where}' if where else ''}{alike}"

    @cached_property
    def model(self) -> Model:
        """The rules with the change made, no readings left to choose; properties of the policy are not looked at."""
        plain = _plain(self.base)
        policy = plain.policy
        news = {row.id: tuple(self._instead(row, then)) for row, then in self.rows}
        tables = {name: _exchanged(table, news) for name, table in policy.tables.items()}
        status = policy.status
        if self.transitions or self.states:
            moved = {old.id: new for old, new in self.transitions}
            kept = tuple(one for t in status.transitions for one in moved.get(t.id, (t,)))
            states = {**status.states, **{state.name: state for state in self.states}}
            status = replace(status, transitions=kept, states=states)
        return plain.variant(replace(policy, tables=tables, status=status)).model({})

    def _instead(self, row: Row, then: Then) -> Iterator[Row]:
        """The row changed, where it is; then, for each fact that may be otherwise, what is left of it as it was."""
        when = dict(row.when)
        for number, (fact, value) in enumerate(self.only):
            allowed = when.get(fact) or cast("tuple[Value, ...]", _values(self.base, fact))
            others = tuple(one for one in allowed if one != value)  # None among them: an item without such a field
            if others:
                yield replace(row, id=f"{row.id} (else {number})", when=_when({**when, fact: others}))
            when[fact] = cast("tuple[Value, ...]", (value,))
        yield replace(row, then=then, when=_when(when))

    def restricted(self, facts: Mapping[str, Value | None], size: int = 1) -> Iterator[RuleChange]:
        """The same change of rows made only where so many of some facts are as they are."""
        fit = [(fact, value) for fact, value in facts.items() if self._tells(fact, value)]
        for only in combinations(fit, size if self.rows else len(fit) + 1):
            yield replace(self, only=only)

    def _tells(self, fact: str, value: Value | None) -> bool:
        """Whether a fact divides the situations of each row, and none is left without."""
        every = [dict(row.when).get(fact) or _values(self.base, fact) for row, _ in self.rows]
        return all(value in allowed for allowed in every) and any(len(allowed) > 1 for allowed in every)

    def widened(self) -> Iterator[RuleChange]:
        """The same change of all rules that have something in common with the one changed, the fewest first."""
        found: dict[tuple[str, ...], RuleChange] = {}
        for change in (*self._of_more_rows(), *self._of_more_transitions()):
            if len(change.rules) > 1:
                found.setdefault(change.rules, change)
        yield from sorted(found.values(), key=lambda change: len(change.rules))

    def _of_more_rows(self) -> Iterator[RuleChange]:
        for row, then in self.rows[:1]:
            decides = self.base.tables[row.table].table.decides
            like = [
                (other, changed)
                for lookup in self.base.tables.values()
                if lookup.table.decides is decides
                for other in lookup.table.rows
                if (changed := _likewise(row.then, then, other.then)) is not None
            ]
            for where, names in _in_common(row, [other for other, _ in like]):
                rows = tuple((other, changed) for other, changed in like if other.id in names)
                yield replace(self, rows=rows, alike=f"every such rule{where}")

    def _of_more_transitions(self) -> Iterator[RuleChange]:
        for one, _ in self.transitions[:1]:
            every = [(t, self.again(t)) for t in self.base.status_spec.transitions] if self.again else []
            like = [(other, moved) for other, moved in every if moved is not None]
            common = (
                ("", None),
                (f" for '{one.trigger}'", one.trigger),
                (f" for the {' or '.join(one.actors)}", one.actors),
            )
            for where, wanted in common:
                some = tuple(pair for pair in like if wanted in (None, pair[0].trigger, pair[0].actors))
                yield replace(self, transitions=some, alike=f"every such rule{where}")


@lru_cache(maxsize=4)
def _plain(model: Model) -> ModelFactory:
    """A factory of a model's tables and machines with no readings to choose; variants of it share what they keep."""
    tables = {name: lookup.table for name, lookup in model.tables.items()}
    policy = replace(
        model.policy,
        tables=tables,
        status=model.status_spec,
        link=model.link_spec,
        readings={},
        properties=(),
        fixed={},
    )
    return model.factory.of(policy)


def _exchanged(table: Table, news: Mapping[str, tuple[Row, ...]]) -> Table:
    """The table with other rows in the place of some; itself where it has none of them."""
    if not any(row.id in news for row in table.rows):
        return table
    return replace(table, rows=tuple(new for row in table.rows for new in news.get(row.id, (row,))))


def _when(conditions: Mapping[str, tuple[Value | None, ...]]) -> When:
    return cast("When", tuple(conditions.items()))


def _likewise(old: Then, new: Then, other: Then) -> Then | None:
    """What another row would decide if it were changed as the old one is; None where that cannot be."""
    if other.fact != old.fact:
        return None
    changed: dict[str, Any] = {}
    for name in (one.name for one in fields(Then)):
        was, becomes, its = (getattr(then, name) for then in (old, new, other))
        if was == becomes:
            continue
        if name == "fields":
            apart = dict(set(becomes) - set(was))
            fits = all(dict(its).get(one) == dict(was)[one] for one in apart)
            becomes = tuple((one, apart.get(one, value)) for one, value in its)
        elif name == "refuse":
            fits = (its is None) == (was is None)  # whatever the reason
        else:
            fits = its == was or (becomes is Effect.NONE and its is not Effect.NONE)  # whatever it is that crossed over
        if not fits:
            return None
        changed[name] = becomes
    return replace(other, **changed)


def _in_common(row: Row, others: Sequence[Row]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Those of some rows that have something in common with one, by name: nothing, a value of a fact, or a source."""
    yield "", tuple(other.id for other in others)
    for fact, values in row.when:
        sharing: dict[tuple[str, ...], list[Value]] = {}
        for value in values:
            names = tuple(other.id for other in others if value in dict(other.when).get(fact, ()))
            sharing.setdefault(names, []).append(value)
        for names, shared in sharing.items():
            yield f" where {fact} is {' or '.join(map(_said, shared))}", names
    for source in row.sources:
        yield f" of {source}", tuple(other.id for other in others if source in other.sources)


def _values(model: Model, fact: str) -> tuple[Value | None, ...]:
    """The values of a fact that a change can be restricted by; none for any other."""
    words = model.vocabulary
    partners, phases = tuple(words.partners), tuple(model.status_spec.phases)
    given: dict[str, tuple[Value | None, ...]] = {
        "actor": partners,
        "owner": partners,
        "kind": tuple(words.kinds),
        "change": (*CHANGES, NO_CHANGE),
        "phase": phases,
        "next phase": phases,
        "link": tuple(model.link_spec.states),
        "copy": ("present", "absent"),
        "arrives": (False, True),
        "synced": (False, True),
    }
    given |= {one.name: (*one.values, None) for one in words.fields.values() if one.values}
    given |= dict.fromkeys(words.history, (False, True))
    return given.get(fact, ())


def restrictable(model: Model, facts: Facts) -> dict[str, Value | None]:
    """The facts of a situation that a change could be restricted by."""
    return {fact: value for fact, value in facts.items() if value is not None and value in _values(model, fact)}


def changes_of(model: Model, rule: str, status: str) -> Iterator[RuleChange]:
    """Every change of one row, status transition or status; ``status`` is where a transition could be added."""
    for lookup in model.tables.values():
        for row in lookup.table.rows:
            if row.id == rule:
                for then, about in _outcomes(model, lookup.table, row):
                    yield RuleChange(model, about, rows=((row, then),))
    for transition in model.status_spec.transitions:
        if transition.id == rule:
            for about, again in _redirected(model, transition, status):
                yield RuleChange(model, about, transitions=((transition, again(transition) or ()),), again=again)
    for state in model.status_spec.states.values():
        if state.name == rule:
            for other in operators.phases(state, model.status_spec.phases):
                yield RuleChange(model, f"were {other.phase}", states=(other,))


def _outcomes(model: Model, table: Table, row: Row) -> Iterator[tuple[Then, str]]:
    then = row.then
    if table.decides is Decides.PERMISSION:
        yield operators.permission(then, REFUSED), "were refused" if then.refuse is None else "were allowed"
    elif table.decides is Decides.FACT:
        for other in operators.values(then, dict.fromkeys(one.then.value for one in table.rows)):
            if other.value != then.value:
                yield other, f"said {table.gives}: {_said(other.value)}"
    elif table.decides is Decides.CHANGE:
        yield from _effects(model, then)
    elif table.decides is Decides.COPY:
        yield from _forms(model, then)
    elif table.decides is Decides.CONSEQUENCE:
        yield from operators.consequences(then, model.policy)
    else:
        for other in operators.tellings(then, model.vocabulary.recipients):
            if sorted(other.notify) != sorted(then.notify):
                yield other, f"told {', '.join(other.notify) or 'nobody'}"


def _effects(model: Model, then: Then) -> Iterator[tuple[Then, str]]:
    """Every other effect, trigger, or both; those first that change one of them."""
    triggers = dict.fromkeys(transition.trigger for transition in model.link_spec.transitions)
    every = (other for one in operators.effects(then, model.policy.effects) for other in operators.links(one, triggers))
    for other in sorted(every, key=lambda one: (one.effect != then.effect) + (one.link != then.link)):
        about = []
        if other.effect != then.effect:
            about.append(f"meant that {EFFECTS[other.effect]}")
        if other.link != then.link:
            about.append(f"fired '{other.link}'" if other.link else f"did not fire '{then.link}'")
        if about:
            yield other, " and ".join(about)


def _forms(model: Model, then: Then) -> Iterator[tuple[Then, str]]:
    words = model.vocabulary
    for other in operators.kinds(then, words):
        if other.kind != then.kind:
            yield other, f"made the copy a {other.kind}"
    for name, given in then.fields:
        for value, other in operators.field_values(then, name, words):
            if value != given:
                yield other, f"made the copy's {name} {_said(value)}"


def _redirected(
    model: Model, transition: Transition, status: str
) -> Iterator[tuple[str, Callable[[Transition], Moved | None]]]:
    """Ways to change a transition, each of which may change others too."""
    if status not in transition.source:
        yield f"were possible in {status} too", lambda t: _leaving(t, status) if status not in t.source else None
    else:
        yield f"were not possible in {status}", lambda t: _leaving(t, status) if status in t.source else None
        if len(transition.source) > 1:
            yield "were not possible", lambda _: ()
    for led in operators.leading(transition, model.status_spec.states):
        if led.dest != transition.dest:
            yield f"led to {led.dest}", _leading(led.dest)
    who, words = transition.actors, model.vocabulary
    if len(who) == 1 and who[0] in words.partners:
        other = words.other(who[0])
        yield f"were open to both {words.words.partner.many}", lambda t: _open_to(words.partners, t)
        yield f"were for the {other}", lambda t: (_by_other(t, other),) if other not in t.actors else None


def _leading(dest: str) -> Callable[[Transition], Moved | None]:
    return lambda transition: tuple(operators.leading(transition, [dest])) if transition.dest != dest else None


def _leaving(transition: Transition, source: str) -> Moved:
    """The transition from one state more or less; nothing where none is left."""
    changed = operators.leaving(transition, source)
    return (changed,) if changed.source else ()


def _open_to(partners: Iterable[str], transition: Transition) -> Moved | None:
    """The transition with one for each partner whom it was not for; None where there is none."""
    more = tuple(_by_other(transition, who) for who in partners if who not in transition.actors)
    return (transition, *more) if more else None


def _by_other(transition: Transition, actor: str) -> Transition:
    return replace(transition, id=f"{transition.id} (by {actor})", actors=(actor,))


def _said(value: Value | None) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def distinct_changes(model: Model, rules: Iterable[tuple[str, str]]) -> Iterator[RuleChange]:
    """Every single change of some rules, each given with the status in which it was looked at."""
    for rule, status in dict.fromkeys(rules):
        yield from changes_of(model, rule, status)
