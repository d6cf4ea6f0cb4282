"""The names that a machines directory declares, gathered before anything about them is checked.

A rule may name what another file declares, and a derived fact's values are those that its rows give it. So the
names come first; whatever does not fit is passed over here and reported when the files are read in earnest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simsync.policy.facts import PHASE, STATUS, FactNames, Shows, row_domain, state_domain
from simsync.policy.joining import EACH
from simsync.policy.loading.declared_names import DeclaredNames
from simsync.policy.loading.files import is_status
from simsync.policy.loading.nodes import MappingNode, Node, ScalarNode, SequenceNode
from simsync.policy.loading.shapes import written
from simsync.policy.policy import Decides, Value

_ROWS_IN_READINGS = ("readings", "*", "options", "*")


def gather(roots: Mapping[str, Node]) -> DeclaredNames:
    """Every name declared in the files, which are given by what they declare: vocabulary, statements, status, ..."""
    vocabulary, statements, rules, readings = (
        roots[name] for name in ("vocabulary", "statements", "rules", "readings")
    )
    machines = {part: root for part, root in roots.items() if part == "link" or is_status(part)}
    names = DeclaredNames(
        partners=keys(vocabulary, "partners"),
        actors=keys(vocabulary, "actors"),
        kinds=keys(vocabulary, "kinds"),
        fields=keys(vocabulary, "fields"),
        recipients=keys(vocabulary, "recipients"),
        memories=keys(vocabulary, "history"),
        gaps=keys(statements, "gaps"),
        pages=keys(statements, "pages"),
        citable=tuple(c for part in ("statements", "gaps", "pages") for c in keys(statements, part)),
        phases=_phases(roots),
        values={},
        states={part: keys(root, "states") for part, root in machines.items()},
        machine_names={_text(root, "machine") or part: part for part, root in machines.items()},
        machines=_machines(roots, keys(vocabulary, "partners")),
        phases_by={part: keys(root, "phases") for part, root in roots.items() if is_status(part)},
    )
    enumerated = {name: _values(vocabulary, name) for name in names.fields}
    names.values = enumerated
    names.marks = {
        name: values
        for name, values in enumerated.items()
        if values and not _flag(vocabulary, "fields", name, "delivered")
    }
    _gather_tables(names, rules)
    _gather_triggers(names, roots["link"], readings)
    names.transitions = tuple(
        str(one.value) for machine in names.states for one in descend(roots[machine], "transitions", "*", "id")
    )
    _gather_facts(names, roots)
    _gather_readings(names, readings)
    return names


def _gather_facts(names: DeclaredNames, roots: Mapping[str, Node]) -> None:
    """What rows and properties may test, with the values of each."""
    words = FactNames(
        partners=names.partners,
        actors=names.actors,
        kinds=names.kinds,
        fields={name: values for name, values in names.values.items() if values},
        memories=names.memories,
        phases=names.phases,
        links=names.states["link"],
        derived=_derived(names, roots["rules"], roots["readings"]),
        machines=_machine_facts(roots, names.machines),
    )
    names.domain = row_domain(words)
    names.state_domain = state_domain(words, names.states["status"], _shown(roots["vocabulary"], names.values))
    if names.machines:
        unknown = {"status", *(() if names.phases else ("phase", "next phase"))}
        names.domain = {fact: values for fact, values in names.domain.items() if fact not in unknown}
        names.domain["moved"] = tuple(names.machines)
        names.state_domain = {fact: values for fact, values in names.state_domain.items() if fact not in unknown}


def _gather_readings(names: DeclaredNames, readings: Node) -> None:
    """The options of each reading; rows may test those that are called like no fact."""
    for reading in descend(readings, "readings", "*"):
        name = _text(reading, "reading") or ""
        names.options[name] = (*names.options.get(name, ()), *keys(reading, "options"))
    tested = {name: options for name, options in names.options.items() if name not in names.domain}
    names.readings, names.domain = tuple(tested), {**names.domain, **tested}


def _machines(roots: Mapping[str, Node], partners: tuple[str, ...]) -> dict[str, str]:
    """Of several status machines, or of those of tickets, the key of each, and the part that declares it."""
    parts = {part: (_text(root, "of"), _text(root, "machine")) for part, root in roots.items() if is_status(part)}
    if len(parts) == 1 and not any(of for of, _ in parts.values()):
        return {}
    found = {str(name): part for part, (of, name) in parts.items() if of is None}
    for partner in partners:
        found |= {key: part for part, (of, _) in parts.items() if of in (key := partner, EACH)}
    return found


def _machine_facts(roots: Mapping[str, Node], machines: Mapping[str, str]) -> dict[str, tuple[Value, ...]]:
    """The facts of several status machines."""
    found: dict[str, tuple[Value, ...]] = {}
    for key, part in machines.items():
        found[f"{key}.{STATUS}"] = keys(roots[part], "states")
        if phases := keys(roots[part], "phases"):
            found[f"{key}.{PHASE}"] = phases
    return found


def _phases(roots: Mapping[str, Node]) -> tuple[str, ...]:
    """The phases of the one status machine that declares some; none where several do."""
    each = [found for part, root in roots.items() if is_status(part) and (found := keys(root, "phases"))]
    single = len(each) == 1 and not any(_text(r, "of") == EACH and keys(r, "phases") for r in roots.values())
    return each[0] if single else ()


def _shown(vocabulary: Node, enumerated: Mapping[str, tuple[Value, ...]]) -> Iterator[Shows]:
    """What tickets show of an item, but for free texts."""
    for name, _ in _pairs(vocabulary, "shows"):
        values = enumerated.get(_text(vocabulary, "shows", name, "field") or "")
        if values:
            yield Shows(name, values, _text(vocabulary, "shows", name, "ticket"))


def _gather_tables(names: DeclaredNames, rules: Node) -> None:
    for table in descend(rules, "tables", "*"):
        name, decides = _text(table, "table"), _text(table, "decides")
        if name is None or decides not in names.roles:
            continue
        names.tables[name] = Decides(decides)
        names.once[name] = _text(table, "once") or "item"
        names.rows.update({_text(row, "id") or "": name for row in descend(table, "rows", "*")})


def _gather_triggers(names: DeclaredNames, link: Node, readings: Node) -> None:
    name = next((n for n, machine in names.machine_names.items() if machine == "link"), "")
    found = [
        *descend(link, "transitions", "*", "trigger"),
        *descend(readings, *_ROWS_IN_READINGS, "transitions", name, "*", "trigger"),
    ]
    names.triggers = tuple(dict.fromkeys(str(node.value) for node in found))


def _derived(names: DeclaredNames, rules: Node, readings: Node) -> dict[str, tuple[Value, ...]]:
    """The derived facts with every value that a row, or a row of a reading, gives them."""
    derived: dict[str, tuple[Value, ...]] = {}
    for table in descend(rules, "tables", "*"):
        if _text(table, "decides") == Decides.FACT:
            for row in descend(table, "rows", "*"):
                for fact, node in _pairs(row, "then"):
                    _note(derived, fact, node)
    names.derived = tuple(derived)
    for rows in ("replace", "add"):
        for row in descend(readings, *_ROWS_IN_READINGS, rows, "*", "*"):
            for fact, node in _pairs(row, "then"):
                if fact in derived:
                    _note(derived, fact, node)
    return derived


def _note(derived: dict[str, tuple[Value, ...]], fact: str, node: Node) -> None:
    value = written(node) if isinstance(node, ScalarNode) else None
    known = derived.setdefault(fact, ())
    if value is not None and value not in known:
        derived[fact] = (*known, value)


def _values(vocabulary: Node, field: str) -> tuple[Value, ...]:
    found = (written(n) for n in descend(vocabulary, "fields", field, "values", "*") if isinstance(n, ScalarNode))
    return tuple(value for value in found if value is not None)


def _flag(node: Node, *path: str) -> bool:
    return any(isinstance(n, ScalarNode) and written(n) is True for n in descend(node, *path))


def _text(node: Node, *path: str) -> str | None:
    return next((str(n.value) for n in descend(node, *path) if isinstance(n, ScalarNode)), None)


def _pairs(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    for inner in descend(node, key):
        if isinstance(inner, MappingNode):
            yield from ((str(k.value), v) for k, v in inner.value)


def keys(node: Node, key: str) -> tuple[str, ...]:
    """The keys of the mapping under a key."""
    return tuple(name for name, _ in _pairs(node, key))


def descend(node: Node, *path: str) -> Iterator[Node]:
    """The nodes at a path; ``*`` stands for every value of a list or mapping."""
    if not path:
        yield node
        return
    step, rest = path[0], path[1:]
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if step in ("*", key.value):
                yield from descend(value, *rest)
    elif isinstance(node, SequenceNode) and step == "*":
        for value in node.value:
            yield from descend(value, *rest)
