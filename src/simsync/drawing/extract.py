"""From a model to graphs: the two machines, and the link states inside each phase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from simsync.drawing.graph import Actor, Edge, Graph, LabelLine, Node
from simsync.engine.model import Model
from simsync.files import file_stem
from simsync.policy.facts import CREATE, NEXT, NO_CHANGE, PHASE
from simsync.policy.policy import ALONE, MachineSpec, Phase, Row, Table, Transition, Value

Labelled = tuple[str, str, LabelLine]


def graphs(model: Model) -> list[Graph]:
    """The status machines, the link machine, and both together."""
    return [*status_graphs(model), link_graph(model), product_graph(model)]


def _merged(labelled: Iterable[Labelled]) -> tuple[Edge, ...]:
    """Parallel edges as one with several lines, in the order in which they first appear."""
    lines: dict[tuple[str, str], dict[LabelLine, None]] = {}
    for source, target, line in labelled:
        lines.setdefault((source, target), {})[line] = None
    return tuple(Edge(source, target, tuple(found)) for (source, target), found in lines.items())


def _all_transitions(model: Model, spec: MachineSpec) -> Iterator[tuple[Transition, bool]]:
    """A status machine's transitions, then those that only a reading not chosen here would add."""
    chosen = {t.id for t in spec.transitions}
    yield from ((t, False) for t in spec.transitions)
    yield from ((t, True) for t in model.policy.transitions(spec) if t.id not in chosen)


def status_graphs(model: Model) -> list[Graph]:
    """Each status machine: states grouped by phase, edges with actor and trigger."""
    return [_status_graph(model, spec) for spec in model.status_machines]


def _status_graph(model: Model, spec: MachineSpec) -> Graph:
    partners = dict(zip(model.vocabulary.partners, (Actor.FIRST, Actor.SECOND), strict=True))
    who = partners | dict.fromkeys(model.vocabulary.actors, Actor.SYSTEM)
    nodes = [
        Node(name, name, state.phase or "", initial=name == spec.initial, final=state.final)
        for name, state in spec.states.items()
    ]
    labelled: list[Labelled] = []
    for t, optional in _all_transitions(model, spec):
        by = f"{', '.join(t.actors)}: " if t.actors else ""
        text = f"{by}{t.trigger}" + (f" (if {t.reading})" if optional else "")
        labelled += [(s, t.dest, LabelLine(text, _who(who, t.actors), optional, t.id)) for s in t.source]
    return Graph(
        name=file_stem(spec.name),
        title=_title(spec),
        groups={phase: f"synchronization: {phase}" for phase in spec.phases} or {"": ""},
        nodes=tuple(nodes),
        edges=_merged(labelled),
        actors=_meanings(model, partners, {line.actor for *_, line in labelled}),
        digest=model.policy.digest,
    )


def _title(spec: MachineSpec) -> str:
    name = f"{spec.name} (of {spec.of})" if spec.of else spec.name
    return f"{name}: {spec.about}" if spec.about else name


def _meanings(model: Model, partners: Mapping[str, Actor], seen: set[Actor]) -> dict[Actor, str]:
    """Who is behind each sign: the partners, and of the others those that are seen."""
    words = model.words
    found = {actor: f"{partner} {words.partner}" for partner, actor in partners.items()}
    if model.vocabulary.actors:
        found[Actor.SYSTEM] = f"{' or '.join(model.vocabulary.actors)}, who has no {words.ticket}"
    return {actor: said for actor, said in found.items() if actor in seen or actor in partners.values()}


_ROLES = {Actor.FIRST: "the {item}'s owner", Actor.SECOND: "the other {partner}", Actor.SYSTEM: "{a_status} action"}
_READ = "rows as read here; other readings have others"


def _who(partners: Mapping[str, Actor], actors: tuple[str, ...]) -> Actor:
    """Whose colour a transition has: a partner's where it is for that one alone."""
    return partners.get(actors[0], Actor.SEVERAL) if len(actors) == 1 else Actor.SEVERAL


def link_graph(model: Model) -> Graph:
    """The link machine: edges with trigger and the rows that fire it from a state in which they can find a link."""
    spec = model.link_spec
    reached = _reached(model, _placed_moves(model))
    labelled: list[Labelled] = []
    for t in spec.transitions:
        for source in t.source:
            for table, row in _change_rows(model):
                places = {_place(phase, source) for phase, _ in _phases(model, table, row)}
                if row.then.link == t.trigger and source in _sources(model, row) and places & reached:
                    line = LabelLine(f"{t.trigger}{_when(t)}: {row.id}", _role(table, row), ref=row.id)
                    labelled.append((source, t.dest, line))
    nodes = [
        Node(name, name, "", initial=name == spec.initial, final=state.final, about=state.about)
        for name, state in spec.states.items()
    ]
    return Graph(
        name=file_stem(spec.name),
        title=_title(spec),
        groups={"": ""},
        nodes=tuple(nodes),
        edges=_merged(labelled),
        actors={actor: model.words.say(role) for actor, role in _ROLES.items()},
        digest=model.policy.digest,
        note=_READ,
    )


def link_transitions(model: Model) -> Graph:
    """The link machine as declared: a line for each transition, whatever rows fire it, and those of other readings."""
    policy, drawn = model.policy, link_graph(model)
    chosen = {t.id for t in model.link_spec.transitions}
    labelled: list[Labelled] = []
    for t in policy.transitions(policy.link):
        firing = {_role(policy.tables[row.table], row) for row in policy.rows if row.then.link == t.trigger}
        actor = firing.pop() if len(firing) == 1 else Actor.SEVERAL
        text = f"{t.id}{_when(t)}" + ("" if t.id in chosen else f" (if {t.reading})")
        labelled += [(source, t.dest, LabelLine(text, actor, t.id not in chosen, t.id)) for source in t.source]
    return replace(drawn, edges=_merged(labelled), note="")


def _when(t: Transition) -> str:
    return "".join(f" if {fact} {' or '.join(map(str, values))}" for fact, values in t.when)


def _placed_moves(model: Model) -> list[Labelled]:
    """What moves a link from one place (a section and a link state) to another."""
    return [
        (_place(phase, link), _place(next_phase, dest), LabelLine(row.id, _role(table, row), ref=row.id))
        for table, row in _change_rows(model)
        for phase, next_phase in _phases(model, table, row)
        for link, dest in _moves(model, table, row)
        if (phase, link) != (next_phase, dest)
    ]


def _tested(table: Table, row: Row, fact: str) -> tuple[Value, ...] | None:
    """The values of a fact for which a row can decide, None for any."""
    return dict(row.when).get(fact) or dict(table.scope).get(fact)


def _role(table: Table, row: Row) -> Actor:
    if _tested(table, row, "change") == (NO_CHANGE,):
        return Actor.SYSTEM
    return Actor.SECOND if _tested(table, row, "by") == ("other",) else Actor.FIRST


def _sources(model: Model, row: Row) -> tuple[Value, ...]:
    """The link states in which a row can decide: a creation starts from the initial one."""
    when = dict(row.when)
    if when.get("change") == (CREATE,):
        return (model.link_spec.initial,)
    return when.get("link", tuple(model.link_spec.states))


def product_graph(model: Model) -> Graph:
    """The link states that can occur in each phase, and the rows that move a link or lead into the next phase.

    What leads into another phase ends in a connector, so that no edge runs across the phases.
    """
    spec, sections = model.link_spec, _sections(model)
    moves = _placed_moves(model)
    reached = _reached(model, moves)
    places = {_place(phase, link): (phase, link) for phase in sections for link in spec.states}
    nodes = [
        Node(place, link, phase, initial=link == spec.initial, final=spec.states[link].final)
        for place, (phase, link) in places.items()
        if place in reached
    ]
    labelled: list[Labelled] = []
    connectors: dict[str, Node] = {}
    for source, target, line in moves:
        (phase, _), (next_phase, link) = places[source], places[target]
        if source not in reached:
            continue
        if phase != next_phase:
            target = f"{phase} > {target}"
            connectors[target] = Node(target, f"{next_phase}: {link}", phase, connector=True)
        labelled.append((source, target, line))
    return Graph(
        name="product",
        title="What moves a link, inside each synchronization phase and from one to the next",
        groups={phase: f"synchronization: {phase}" if phase else "" for phase in sections},
        nodes=(*nodes, *connectors.values()),
        edges=_merged(labelled),
        actors={actor: model.words.say(role) for actor, role in _ROLES.items()},
        digest=model.policy.digest,
    )


def _place(phase: str, link: str) -> str:
    return f"{phase}/{link}"


def _change_rows(model: Model) -> Iterator[tuple[Table, Row]]:
    for lookup in model.change:
        yield from ((lookup.table, row) for row in lookup.table.rows)


Sections = Mapping[str, Mapping[str, Value]]
"""The phases by name, with what is known in each: of several status machines the phases that these declare."""


def _sections(model: Model) -> Sections:
    return dict(_section(phase) for phase in model.status_spec.phases.values())


def _section(phase: Phase) -> tuple[str, Mapping[str, Value]]:
    if not phase.facts and phase.name != ALONE:
        return phase.name, {PHASE: phase.name}
    known = {fact: value for fact, value in phase.facts if fact.endswith(f".{PHASE}")}
    return ", ".join(map(str, known.values())), known


def _phases(model: Model, table: Table, row: Row) -> Iterator[tuple[str, str]]:
    """The sections before and after a step that a row can decide."""
    status, sections = model.status_spec, _sections(model)
    name = {phase.name: _section(phase)[0] for phase in status.phases.values()}
    steps = {(name[model.phase(s)], name[model.phase(t.dest)]) for t in status.transitions for s in t.source}
    for one, two in product(sections, repeat=2):
        possible = (one, two) in steps if _role(table, row) is Actor.SYSTEM else one == two
        if possible and _fits(table, row, sections[one], "") and _fits(table, row, sections[two], NEXT):
            yield one, two


def _fits(table: Table, row: Row, known: Mapping[str, Value], when: str) -> bool:
    """Whether a row can decide where something is known, before or after."""
    tested = ((value, _tested(table, row, f"{when}{fact}")) for fact, value in known.items())
    return all(values is None or value in values for value, values in tested)


def _moves(model: Model, table: Table, row: Row) -> Iterator[tuple[str, str]]:
    """The link before and after, for each link state in which a row can decide."""
    allowed = _tested(table, row, "link")
    for link in _sources(model, row):
        if allowed is not None and link not in allowed:
            continue
        if row.then.link is None:
            yield str(link), str(link)
        for t in model.link_spec.transitions:
            if t.trigger == row.then.link and link in t.source:
                yield str(link), t.dest


def _reached(model: Model, labelled: list[Labelled]) -> set[str]:
    """The places that something can lead to, from the initial link state in every phase."""
    reached = {_place(phase, model.link_spec.initial) for phase in _sections(model)}
    ended = {source for source, _, _ in labelled}
    while True:
        more = {target for source, target, _ in labelled if source in reached} - reached
        if not more:
            return reached & (ended | {target for _, target, _ in labelled})
        reached |= more
