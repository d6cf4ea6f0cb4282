"""The rules of a policy as plain data, under all readings at once: what the page's engine reads.

A row or transition says under which options of readings it is there. So nothing is left to merge where they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from simsync.engine.actions import Action
from simsync.engine.checked import grammar_of
from simsync.engine.model import ModelFactory
from simsync.policy.facts import CREATE, EDIT, SINCE
from simsync.policy.fields import Field
from simsync.policy.joining import parts_of
from simsync.policy.policy import ALONE, Claim, Effect, MachineSpec, Policy, Reading, Row, Table, Then, Transition, When
from simsync.policy.words import NOUNS
from simsync.version import __version__

Data = dict[str, Any]
Under = dict[str, tuple[str, ...]]
"""The options under which something is there, of the readings that bear on it."""


def rules_of(factory: ModelFactory) -> Data:
    """All that the page's engine needs to know of a policy, as data that JSON can say."""
    policy, words = factory.policy, factory.policy.vocabulary
    return {
        "version": __version__,
        "digest": policy.digest,
        "alone": ALONE,
        "words": {noun: _noun(getattr(words.words, noun)) for noun in NOUNS},
        "order": _order(policy),
        "partners": dict(words.partners),
        "actors": dict(words.actors),
        "kinds": {name: list(kind.fields) for name, kind in words.kinds.items()},
        "kindsAbout": {name: kind.about for name, kind in words.kinds.items() if kind.about},
        "fields": {name: _field(field) for name, field in words.fields.items()},
        "fixed": {reading: _delivered_under(policy, reading) for reading in policy.fixed},
        "watched": [name for name in words.fields if name in factory.watched],
        "shows": [
            {"name": s.name, "about": s.about, "field": s.field, "negated": s.negated, "ticket": s.ticket}
            for s in words.shows
        ],
        "memories": [{"name": m.name, "about": m.about, "when": _when(m.when)} for m in words.history.values()],
        "recipients": dict(words.recipients),
        "compared": list(factory.compared),
        "present": list(factory.present),
        "tracks": not SINCE.keys().isdisjoint(factory.compared),
        "tested": list(factory.tested),
        "never": [_never(p) for p in policy.properties if p.claim is Claim.NEVER],
        "tables": [_table(factory, table) for table in policy.tables.values()],
        "status": _status(policy),
        "machines": [_machine(policy, machine) for machine in policy.machines or (policy.status,)],
        "link": _link(policy),
        "readings": {name: _reading(reading) for name, reading in policy.readings.items()},
        "bearing": {name: sorted(found) for name, found in factory.readings_by_row.items() if found},
        "moving": {name: sorted(found) for name, found in factory.readings_by_trigger.items() if found},
        "cited": {name: policy.citations.text(name) for name in policy.citations},
        "statements": list(policy.citations.statements),
        "open": _open(policy),
        "settable": _settable(factory),
        "made": [row.id for row in policy.rows if row.then.create],
    }


def _reading(reading: Reading) -> Data:
    return {
        "question": reading.question,
        "gap": reading.gap,
        "evidence": reading.evidence,
        "sources": list(reading.sources),
        "options": {option.name: option.about for option in reading.options.values()},
    }


def _open(policy: Policy) -> list[str]:
    """The gaps of which no reading says what else might be meant."""
    covered = {reading.gap for reading in policy.readings.values()}
    return [*policy.citations.gaps_among(tuple(policy.citations), covered)]


def _order(policy: Policy) -> Data:
    """The names whose order means something: objects of JavaScript put names that are numbers first."""
    words = policy.vocabulary
    return {
        "partners": list(words.partners),
        "actors": list(words.actors),
        "kinds": list(words.kinds),
        "fields": list(words.fields),
        "states": list(policy.status.states),
        "phases": list(policy.status.phases),
        "links": list(policy.link.states),
        "readings": list(policy.readings),
        "options": {name: list(reading.options) for name, reading in policy.readings.items()},
    }


def _noun(noun: Any) -> Data:
    return {"one": noun.one, "many": noun.many, "a": noun.a}


def _when(when: When) -> list[list[Any]]:
    return [[fact, list(values)] for fact, values in when]


def _under(under: Mapping[str, Iterable[str]]) -> list[list[Any]]:
    return [[name, list(options)] for name, options in under.items()]


def _field(field: Field) -> Data:
    how = field.delivered
    return {
        "values": list(field.values),
        "default": field.default,
        "set_by": list(field.set_by),
        "compared": field.compared,
        "mirrored": field.mirrored,
        "delivered": how
        and {"by": list(how.by), "when": str(how.when), "maps": {who: [*map(list, some)] for who, some in how.maps}},
    }


def _delivered_under(policy: Policy, reading: str) -> Data:
    """What fields are like under each option of a reading that says how they are delivered."""
    fields = policy.vocabulary.fields
    return {
        option.name: {name: _field(replace(fields[name], delivered=how)) for name, how in option.delivered.items()}
        for option in policy.readings[reading].options.values()
    }


def _never(prop: Any) -> Data:
    return {"name": prop.name, "what": _when(prop.what), "sources": list(prop.sources)}


def _settable(factory: ModelFactory) -> Data:
    """The fields that a creation sets, and an edit: of one's own item, or of the copy of the other's."""
    grammar, words = grammar_of(factory), factory.policy.vocabulary
    first, second = words.partners
    create, edit = Action(CREATE, None, "N"), Action(EDIT, None, "N")
    return {
        "create": {kind: list(grammar.fields(create, kind, first, first)) for kind in words.kinds},
        "edit": {kind: list(grammar.fields(edit, kind, first, first)) for kind in words.kinds},
        "copy": {
            owner: {kind: list(grammar.fields(edit, kind, owner, other)) for kind in words.kinds}
            for owner, other in ((first, second), (second, first))
        },
    }


# ---- tables


def _table(factory: ModelFactory, table: Table) -> Data:
    return {
        "name": table.name,
        "question": table.question,
        "decides": str(table.decides),
        "once": table.once,
        "gives": table.gives,
        "scope": _when(table.scope),
        "rows": [_row(row, under) for row, under in rows_under(factory.policy, table)],
    }


def rows_under(policy: Policy, table: Table) -> Iterator[tuple[Row, Under]]:
    """Every row that a table can have, in order, each with the options under which it is there."""
    found: list[tuple[Row, Under]] = [(row, {}) for row in table.rows]
    for reading in policy.readings.values():
        kept: list[tuple[Row, Under]] = []
        for row, under in found:
            replacing = [o for o in reading.options.values() if row.id in o.replace]
            others = tuple(name for name, o in reading.options.items() if row.id not in o.replace)
            kept.append((row, {**under, reading.name: others} if replacing else under))
            kept += [(new, {**under, reading.name: (o.name,)}) for o in replacing for new in o.replace[row.id]]
        for option in reading.options.values():
            kept += [(row, {reading.name: (option.name,)}) for row in option.add.get(table.name, ())]
        found = kept
    yield from found


def _row(row: Row, under: Under) -> Data:
    return {
        "id": row.id,
        "when": _when(row.when),
        "then": _then(row.then),
        "sources": list(row.sources),
        "under": _under(under),
    }


def _then(then: Then) -> Data:
    """What a row decides, without what it does not."""
    made = then.create
    found = {
        "refuse": then.refuse,
        "fact": then.fact,
        "value": then.value,
        "effect": None if then.effect is Effect.NONE else str(then.effect),
        "link": then.link,
        "kind": then.kind,
        "fields": [*map(list, then.fields)] or None,
        "notify": list(then.notify) or None,
        "create": made
        and {"kind": made.kind, "owner": made.owner, "both": made.both, "link": made.link, "fields": dict(made.fields)},
        "move": [*map(list, then.move)] or None,
        "again": then.again or None,
    }
    return {key: value for key, value in found.items() if value is not None}


# ---- machines


def _states(spec: MachineSpec) -> Data:
    return {
        name: {"about": s.about, "final": s.final, "phase": s.phase, "parts": dict(s.parts)}
        for name, s in spec.states.items()
    }


def _transitions(policy: Policy, spec: MachineSpec) -> list[Data]:
    """Every transition that a machine can have, in the order in which it is tried."""
    found: list[tuple[Transition, Under]] = [(t, {}) for t in spec.transitions]
    for reading in policy.readings.values():
        for option in reading.options.values():
            found += [(t, {reading.name: (option.name,)}) for t in option.transitions.get(spec.name, ())]
    return [_transition(t, under) for t, under in found]


def _transition(t: Transition, under: Under) -> Data:
    found = {
        "id": t.id,
        "trigger": t.trigger,
        "source": list(t.source),
        "dest": t.dest,
        "actors": list(t.actors),
        "when": _when(t.when),
        "sources": list(t.sources),
        "declared": list(t.declared),
        "under": _under(under),
    }
    followed = {
        "followed": [[row.table, row.id, list(row.sources)] for row in t.followed],
        "followers": list(t.followers),
    }
    return found | {key: value for key, value in followed.items() if value}


def _status(policy: Policy) -> Data:
    spec = policy.status
    phases = {
        name: {"about": p.about, "tickets": list(p.tickets), "gone": list(p.takes_away), "facts": dict(p.facts)}
        for name, p in spec.phases.items()
    }
    ways = [[*key, [_transition(t, {}) for t in some]] for key, some in spec.ways.items()]
    return {
        "name": spec.name,
        "begin": spec.begin,
        "initial": spec.initial,
        "aliases": dict(spec.aliases),
        "phases": phases,
        "states": _states(spec),
        "transitions": _transitions(policy, spec),
        "several": bool(spec.ways or policy.machines),
        "ways": ways,
    }


def _machine(policy: Policy, machine: MachineSpec) -> Data:
    """A status machine as it is declared: what refusals speak of, and what is drawn."""
    parts = parts_of(policy.machines, tuple(policy.vocabulary.partners))
    return {
        "name": machine.name,
        "keys": [part.key for part in parts if part.spec.name == machine.name],
        "states": list(machine.states),
        "transitions": _transitions(policy, machine),
    }


def _link(policy: Policy) -> Data:
    spec = policy.link
    return {
        "name": spec.name,
        "initial": spec.initial,
        "states": _states(spec),
        "transitions": _transitions(policy, spec),
    }
