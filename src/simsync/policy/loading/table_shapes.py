"""The shapes of decision tables: what a row of each role may test and decide."""

from __future__ import annotations

from typing import Any

from simsync.policy.facts import HERE, THERE
from simsync.policy.loading.declared_names import ID, NAME, SAID, DeclaredNames, cited_by, sources, when
from simsync.policy.loading.nodes import Node, Problems
from simsync.policy.loading.shapes import (
    BAD,
    AnyValue,
    Choice,
    Key,
    ListOf,
    MapOf,
    Record,
    Schema,
    Shape,
    Text,
    entries,
)
from simsync.policy.policy import SAME, Decides, Effect

BOTH, OWNER = "both", "owner"
"""On whose ticket an item of the product's own is."""
OTHERS = "others"
"""Which items are decided again."""
STATUS = "status"
"""The machine that moves, where there is one."""

OFTEN = (Decides.NOTIFICATION, Decides.CONSEQUENCE)
"""What is decided for each item, or once for the step."""
STEP_FACTS = ("actor", "change", "phase", "next phase", "synced")


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
