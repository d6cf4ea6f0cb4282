"""The shapes of the seven files of a machines directory, given the names that the files before them declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simsync.policy.facts import FACTS, HERE, LATE, NEXT, STATE_FACTS, THERE, of_machine
from simsync.policy.joining import EACH
from simsync.policy.loading.fields import fields_shape
from simsync.policy.loading.nodes import MappingNode, Node, Problems
from simsync.policy.loading.shapes import (
    BAD,
    AnyValue,
    Choice,
    Flag,
    Key,
    ListOf,
    MapOf,
    Record,
    Schema,
    Shape,
    Text,
    entries,
)
from simsync.policy.policy import SAME, Claim, Decides, Effect, Value
from simsync.policy.words import NOUNS, USUAL_WORDS

BOTH, OWNER = "both", "owner"
"""On whose ticket an item of the product's own is."""
OTHERS = "others"
"""Which items are decided again."""
STATUS = "status"
"""The machine that moves, where there is one."""

SAID = Text(empty=False)
NAME = Text(empty=False, name=True)
ID = Text("an id, unique among rows and transitions", pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TEXT = "of a free text, which no condition can test; those of both tickets are tested by 'alike' and 'carries'"
"""What a condition on a free text is."""
ABOUT = Text("what it means, for the reader")
OFTEN = (Decides.NOTIFICATION, Decides.CONSEQUENCE)
"""What is decided for each item, or once for the step."""
STEP_FACTS = ("actor", "change", "phase", "next phase", "synced")


@dataclass(kw_only=True)
class DeclaredNames:
    """Every name that the files declare; see :func:`simsync.policy.loading.gather.gather`."""

    partners: tuple[str, ...]
    actors: tuple[str, ...]
    kinds: tuple[str, ...]
    fields: tuple[str, ...]
    recipients: tuple[str, ...]
    memories: tuple[str, ...]
    gaps: tuple[str, ...]
    pages: tuple[str, ...]
    citable: tuple[str, ...]
    phases: tuple[str, ...]
    values: Mapping[str, tuple[Value, ...]]  # of each field, none of a free text
    states: Mapping[str, tuple[str, ...]]  # by the part that declares the machine: "status", "status 2", "link"
    machine_names: Mapping[str, str]  # a machine's own name to that part
    machines: Mapping[str, str] = field(default_factory=dict)  # of several status machines the key of each, its part
    phases_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by the part that declares them
    marks: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)  # enumerated fields not always delivered
    tables: dict[str, Decides] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)  # row id to its table
    triggers: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()  # those whose option a row may test like a fact
    domain: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    state_domain: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by reading
    transitions: tuple[str, ...] = ()  # the ids of both machines'

    @property
    def roles(self) -> tuple[Decides, ...]:
        """What tables can decide: how statuses follow only where there are several."""
        return tuple(role for role in Decides if role is not Decides.STATUS or self.machines)

    def machine_facts(self, *, after: bool = True) -> tuple[str, ...]:
        """The facts of several status machines, those after the step too."""
        return tuple(f for f in self.domain if self.machines and of_machine(f) and (after or not f.startswith(NEXT)))

    def facts(self, *, late: bool = False, derived: bool = False) -> tuple[str, ...]:
        """The facts that may be tested at some point of a step."""
        left = {"moved", *(() if late else LATE), *(() if derived else self.derived), *self.readings}
        return tuple(fact for fact in self.domain if fact not in left)


def sources(names: DeclaredNames) -> ListOf:
    """What a rule cites."""
    cited = Choice("a statement, gap or page", names.citable, about="an id from statements.yaml")
    return ListOf(cited, "what this rests on", least=1)


def cited_by(names: DeclaredNames) -> Key:
    """The sources of a rule, which it needs where there are statements."""
    return Key(sources(names), bool(names.citable), inherited=True)


def when(
    names: DeclaredNames, facts: Iterable[str], about: str = "", domain: Mapping[str, tuple[Value, ...]] | None = None
) -> MapOf:
    """A conjunction of facts with their values, by default from the domain of the tables."""
    each: dict[str, Shape] = {}
    hints, values = (FACTS, names.domain) if domain is None else (STATE_FACTS, domain)
    for fact in facts:
        one = Choice(f"a value of '{fact}'", values[fact], about=USUAL_WORDS.say(hints.get(fact, "")))
        each[fact] = ListOf(one, least=1, or_one=True)
    texts = [name for name, known in names.values.items() if not known]
    others = {_TEXT: [one for name in texts for one in (name, f"{HERE}.{name}", f"{THERE}.{name}")]}
    return MapOf("a condition", AnyValue(), tuple(each), each, about, others)


def vocabulary_shape(names: DeclaredNames) -> Record:
    """`vocabulary.yaml`."""
    cites = cited_by(names)
    a_field = Choice("a field", names.fields)
    a_partner = Choice("a partner", names.partners)
    kind = Record("a kind", {"fields": Key(ListOf(a_field), True), "sources": cites})
    show = Record("a thing shown", {"field": Key(a_field, True), "negated": Key(Flag()), "ticket": Key(a_partner)})
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
    facts = names.facts(derived=True) if machine == "link" else names.machine_facts(after=False)
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


def then_shape(names: DeclaredNames, decides: Decides) -> Shape:
    """What a row of a table decides."""
    if decides is Decides.PERMISSION:
        either = {"allow": Key(Choice("an outcome", [True])), "refuse": Key(SAID)}
        return Record("an outcome", either, just_one=True)
    if decides is Decides.FACT:
        facts = {f: Key(Choice(f"a value of '{f}'", names.domain[f])) for f in names.derived}
        return Record("an outcome", facts, just_one=True)
    if decides is Decides.CHANGE:
        link = Key(Choice("a trigger of the link machine", names.triggers))
        return Record("an outcome", {"effect": Key(Choice("an effect", list(Effect)), True), "link": link})
    if decides is Decides.COPY:
        keys = {"kind": Key(Choice("a kind", (*names.kinds, SAME)), True)}
        keys.update({f: Key(Choice(f"a value of '{f}'", values)) for f, values in names.marks.items()})
        return Record("an outcome", keys)
    if decides is Decides.CONSEQUENCE:
        return _consequence_shape(names)
    if decides is Decides.STATUS:
        return Record("an outcome", {"move": _moves(names)})
    return Record("an outcome", {"notify": Key(ListOf(Choice("a recipient", names.recipients)), True)})


def _consequence_shape(names: DeclaredNames) -> Record:
    """What a step brings about beyond itself."""
    fields: dict[str, Key] = {
        name: Key(Choice(f"a value of '{name}'", values) if values else Text(f"the {name} that it has"))
        for name, values in names.values.items()
    }
    creation = Record(
        "an item of the product's own",
        {
            "kind": Key(Choice("a kind", names.kinds), True),
            "owner": Key(Choice("a partner", names.partners), True),
            "on": Key(Choice("on whose ticket it is", (BOTH, OWNER), about="both tickets, or its owner's alone"), True),
            "link": Key(Choice("a trigger of the link machine", names.triggers)),
            **fields,
        },
    )
    again = Choice("which items are decided again", (OTHERS,), about="as at a status action that changes no phase")
    return Record("an outcome", {"create": Key(creation), "move": _moves(names), "decide again": Key(again)})


def _moves(names: DeclaredNames) -> Key:
    """The machines that rules move, each by its key, with the state that it goes to."""
    of = {key: names.states[part] for key, part in names.machines.items()} or {STATUS: names.states["status"]}
    own = [of.get(partner) for partner in names.partners]
    if all(own):
        of |= dict.fromkeys((HERE, THERE), tuple(dict.fromkeys(state for some in own for state in some or ())))
    each = {key: Choice(f"a state of '{key}'", states) for key, states in of.items()}
    return Key(MapOf("the machines that move", AnyValue(), tuple(of), each, "it moves if a transition leads there"))


def facts_of_table(names: DeclaredNames, decides: Decides, once: str) -> tuple[str, ...]:
    """The facts that are known when a table is asked."""
    if decides is Decides.PERMISSION:
        return names.facts()
    if decides in (Decides.FACT, Decides.CHANGE):
        return names.facts(derived=True)
    if decides is Decides.STATUS:
        return ("actor", "moved", *names.machine_facts(), *(f for f in ("phase", "next phase") if f in names.domain))
    if once == "step":
        return tuple(fact for fact in (*STEP_FACTS, *names.machine_facts()) if fact in names.domain)
    return names.facts(late=True, derived=True)


def row_shape(names: DeclaredNames, decides: Decides, once: str = "item") -> Record:
    """A row of a table."""
    return Record(
        "a row",
        {
            "id": Key(ID, True),
            "when": Key(when(names, (*facts_of_table(names, decides, once), *names.readings)), True),
            "then": Key(then_shape(names, decides), True),
            "sources": cited_by(names),
        },
    )


def table_shape(names: DeclaredNames, decides: Decides, once: str) -> Record:
    """A decision table of one role."""
    early = decides in (Decides.PERMISSION, Decides.CHANGE)
    keys = {
        "table": Key(NAME, True),
        "question": Key(SAID, True),
        "decides": Key(Choice("what a table decides", [decides]), True),
        "hit policy": Key(Choice("a hit policy", ["unique"]), True),
        "rows": Key(ListOf(row_shape(names, decides, once), least=1), True),
    }
    if decides is not Decides.FACT:
        facts = names.facts() if early else facts_of_table(names, decides, once)
        keys["scope"] = Key(when(names, facts, "the table is asked only where this holds"))
    keys["sources"] = Key(sources(names))
    if decides in OFTEN:
        keys["once"] = Key(Choice("how often it is asked in a step", [once]), True)
    return Record("a table", keys)


class TableShape:
    """A decision table; what it decides settles which keys it has."""

    def __init__(self, names: DeclaredNames) -> None:
        self._by_role = {
            (decides, once): table_shape(names, decides, once)
            for decides in names.roles
            for once in (("item", "step") if decides in OFTEN else ("item",))
        }

    def read(self, node: Node, problems: Problems) -> Any:
        found = entries(node, Problems(problems.file), "a table")
        role = {name: getattr(value, "value", None) for name, (_, value) in found.items()}
        roles = list(dict.fromkeys(decides for decides, _ in self._by_role))
        if role.get("decides") not in roles:
            wanted = {"decides": Key(Choice("what a table decides", roles), True)}
            Record("a table", {**{n: Key(_Whatever()) for n in found}, **wanted}).read(node, problems)
            return BAD
        once = "step" if role.get("once") == "step" else "item"
        decides = Decides(str(role["decides"]))
        shape = self._by_role.get((decides, once)) or self._by_role[decides, "item"]
        return shape.read(node, problems)

    def schema(self) -> Schema:
        return {"anyOf": [shape.schema() for shape in self._by_role.values()]}


class _Whatever:
    def read(self, node: Node, problems: Problems) -> Any:
        return node

    def schema(self) -> Schema:
        return {}


def rules_shape(names: DeclaredNames) -> Record:
    """`sync_rules.yaml`."""
    tables = Key(ListOf(TableShape(names), least=1), True)
    return Record("the rules file", {"tables": tables, "sources": Key(sources(names))})


def readings_shape(names: DeclaredNames) -> Record:
    """`readings.yaml`."""
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
    option = Record(
        "an option",
        {"about": Key(SAID, True), "replace": Key(replace), "add": Key(add), "transitions": Key(transitions)},
    )
    reading = Record(
        "a reading",
        {
            "reading": Key(ID, True),
            "question": Key(SAID, True),
            "gap": Key(Choice("a gap, or a page that says more", (*names.gaps, *names.pages)), bool(names.gaps)),
            "evidence": Key(SAID, True),
            "sources": cited_by(names),
            "options": Key(MapOf("the options", option, about="the first is the default"), True),
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
