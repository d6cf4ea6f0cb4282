"""The shapes of the seven files of a machines directory, given the names that the files before them declare."""

from __future__ import annotations

from typing import Any

from simsync.policy.joining import EACH
from simsync.policy.loading.declared_names import ABOUT, ID, NAME, SAID, DeclaredNames, cited_by, sources, when
from simsync.policy.loading.fields import deliveries_shape, fields_shape
from simsync.policy.loading.nodes import MappingNode, Node, Problems
from simsync.policy.loading.shapes import (
    AnyValue,
    Choice,
    Flag,
    Key,
    ListOf,
    MapOf,
    Record,
    Schema,
    Text,
)
from simsync.policy.loading.table_shapes import TableShape, row_shape
from simsync.policy.policy import Claim
from simsync.policy.words import NOUNS


def vocabulary_shape(names: DeclaredNames) -> Record:
    """`vocabulary.yaml`."""
    cites = cited_by(names)
    a_field = Choice("a field", names.fields)
    a_partner = Choice("a partner", names.partners)
    kind = Record("a kind", {"about": Key(ABOUT), "fields": Key(ListOf(a_field), True), "sources": cites})
    show = Record(
        "a thing shown",
        {"about": Key(ABOUT), "field": Key(a_field, True), "negated": Key(Flag()), "ticket": Key(a_partner)},
    )
    memory_when = when(names, names.facts(late=True))
    memory = Record(
        "a memory",
        {"about": Key(ABOUT, True), "when": Key(memory_when, True), "sources": cites},
    )
    return Record(
        "the vocabulary",
        {
            "sources": Key(sources(names)),
            "partners": Key(MapOf("the partners", ABOUT), True),
            "actors": Key(MapOf("those who act without a ticket", ABOUT)),
            "kinds": Key(MapOf("the kinds", kind), True),
            "fields": Key(fields_shape(names.partners, names.values), True),
            "shows": Key(MapOf("what a ticket shows", show), True),
            "history": Key(MapOf("what is remembered", memory)),
            "words": Key(MapOf("the policy's own words", _Word(), NOUNS)),
            "recipients": Key(MapOf("the recipients", ABOUT)),
        },
    )


class _Word:
    """A noun, or its two forms where the plural is not regular."""

    _forms = Record("a word", {"one": Key(NAME, True), "many": Key(NAME, True)})

    def read(self, node: Node, problems: Problems) -> Any:
        return (self._forms if isinstance(node, MappingNode) else NAME).read(node, problems)

    def schema(self) -> Schema:
        return {"anyOf": [NAME.schema(), self._forms.schema()]}


def statements_shape() -> Record:
    """`statements.yaml`."""
    beyond = Key(Text("why no rule says it", empty=False))
    statement = Record("a statement", {"text": Key(SAID, True), "place": Key(SAID, True), "out of scope": beyond})
    return Record(
        "the statements file",
        {
            "statements": Key(MapOf("the statements", statement), True),
            "gaps": Key(MapOf("the gaps", SAID)),
            "pages": Key(MapOf("the pages", SAID)),
        },
    )


def transition_shape(names: DeclaredNames, machine: str) -> Record:
    """A transition of the machine "status" or "link"."""
    state = Choice("a state of this machine", names.states[machine])
    keys = {
        "id": Key(ID, True),
        "trigger": Key(NAME, True),
        "source": Key(ListOf(state, least=1, or_one=True), True),
        "dest": Key(state, True),
        "sources": cited_by(names),
    }
    if machine != "link":
        who = Choice("a partner or an actor" if names.actors else "a partner", (*names.partners, *names.actors))
        keys["actor"] = Key(ListOf(who, least=1, or_one=True), not names.machines)
    facts = names.facts(derived=True) if machine == "link" else (*names.machine_facts(after=False), *names.presence)
    keys["when"] = Key(when(names, (*facts, *names.readings)))
    return Record("a transition", keys)


def machine_shape(names: DeclaredNames, machine: str) -> Record:
    """`outsource_status.yaml` ("status") or `sync_link.yaml` ("link")."""
    cites = cited_by(names)
    state = Choice("a state of this machine", names.states[machine])
    a_state = {"about": Key(ABOUT), "final": Key(Flag()), "sources": cites}
    keys = {
        "machine": Key(NAME, True),
        "about": Key(ABOUT),
        "initial": Key(state, True),
        "transitions": Key(ListOf(transition_shape(names, machine))),
    }
    if machine != "link":
        phases = names.phases_by[machine]
        keys["of"] = Key(Choice("whose machine it is", (*names.partners, EACH)))
        a_state["phase"] = Key(Choice("a phase", phases), bool(phases) or not names.machines)
        tickets = Key(ListOf(Choice("a partner", names.partners)), True)
        gone = ListOf(Choice("a partner", names.partners), "whose ticket is gone then, with all that is on it", least=1)
        a_phase = {"tickets": tickets, "takes away": Key(gone), "about": Key(ABOUT), "sources": cites}
        phase = Record("a phase", a_phase)
        alias = Record("an alias", {"state": Key(state, True), "sources": cites})
        keys["phases"] = Key(MapOf("the phases", phase), not names.machines)
        keys["aliases"] = Key(MapOf("the aliases", alias))
        keys["scenarios begin in"] = Key(state)
    keys["states"] = Key(MapOf("the states", Record("a state", a_state)), True)
    keys["sources"] = Key(sources(names))
    return Record("a machine file", keys)


def rules_shape(names: DeclaredNames) -> Record:
    """`sync_rules.yaml`."""
    tables = Key(ListOf(TableShape(names), least=1), True)
    return Record("the rules file", {"tables": tables, "sources": Key(sources(names))})


def _option_shape(names: DeclaredNames) -> Record:
    rows_of = {t: ListOf(row_shape(names, d, names.once.get(t, "item"))) for t, d in names.tables.items()}
    replace = MapOf(
        "the rows replaced",
        ListOf(AnyValue()),
        tuple(names.rows),
        {row: rows_of[table] for row, table in names.rows.items()},
        "row id: the rows that stand in its place, possibly none",
        {
            f"{what}; a row that is to be replaced is wanted here": those
            for what, those in (("a transition", names.transitions), ("a trigger of the link", names.triggers))
        },
    )
    add = MapOf("the tables added to", ListOf(AnyValue()), tuple(rows_of), rows_of)
    transitions = MapOf(
        "the machines added to",
        ListOf(AnyValue()),
        tuple(names.machine_names),
        {name: ListOf(transition_shape(names, machine), least=1) for name, machine in names.machine_names.items()},
    )
    return Record(
        "an option",
        {
            "about": Key(SAID, True),
            "replace": Key(replace),
            "add": Key(add),
            "transitions": Key(transitions),
            "delivered": Key(deliveries_shape(names.partners, names.values)),
        },
    )


def readings_shape(names: DeclaredNames) -> Record:
    """`readings.yaml`."""
    reading = Record(
        "a reading",
        {
            "reading": Key(ID, True),
            "question": Key(SAID, True),
            "gap": Key(Choice("a gap, or a page that says more", (*names.gaps, *names.pages)), bool(names.gaps)),
            "evidence": Key(SAID, True),
            "sources": cited_by(names),
            "options": Key(MapOf("the options", _option_shape(names), about="the first is the default"), True),
        },
    )
    return Record("the readings file", {"readings": Key(ListOf(reading), True), "sources": Key(sources(names))})


def properties_shape(names: DeclaredNames) -> Record:
    """`properties.yaml`."""
    options = {
        reading: ListOf(Choice(f"an option of '{reading}'", of), least=1, or_one=True)
        for reading, of in names.options.items()
    }
    claims = {
        Claim.NEVER: when(names, names.facts(late=True, derived=True), "what must not hold on any step of an item"),
        Claim.NO_STATE: state_condition(names, "what must not hold of any item at rest"),
        Claim.CAN: state_condition(names, "what some reachable state has"),
        Claim.ALWAYS_CAN: state_condition(names, "what can be reached from every state"),
        Claim.EVENTUALLY: state_condition(names, "what comes at last if all keep acting fairly"),
    }
    prop = Record(
        "a property",
        {
            "property": Key(ID, True),
            "says": Key(Text("what exactly is claimed, and of what, in a sentence for readers", empty=False)),
            **{str(claim): Key(shape) for claim, shape in claims.items()},
            "from": Key(state_condition(names, "the states that it is claimed of")),
            "assuming": Key(
                MapOf("the readings assumed", AnyValue(), tuple(options), options, "it is claimed under these only")
            ),
            "sources": cited_by(names),
        },
        one_of=tuple(map(str, claims)),
    )
    return Record("the properties file", {"properties": Key(ListOf(prop), True), "sources": Key(sources(names))})


def state_condition(names: DeclaredNames, about: str = "") -> MapOf:
    """A conjunction of facts of an item at rest; see :mod:`simsync.engine.state_facts`."""
    return when(names, names.state_domain, about, names.state_domain)
