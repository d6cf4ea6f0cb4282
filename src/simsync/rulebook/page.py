"""The rulebook's chapters as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simsync.drawing.graph import Edge, Graph, Node, Standing
from simsync.drawing.inline import page_style
from simsync.drawing.sequence_svg import STYLE, shared_legend
from simsync.engine.model import Model
from simsync.files import file_stem
from simsync.policy.policy import ALONE, MachineSpec, Vocabulary
from simsync.progress import Progress, told
from simsync.questions.coverage.coverage import Coverage
from simsync.questions.coverage.goals import PAINTABLE
from simsync.questions.coverage.usage_overlay import painted_machines
from simsync.report import phrases
from simsync.report.step_summary import Signal
from simsync.rulebook.acting import Acting
from simsync.rulebook.chapters import Chapters
from simsync.rulebook.inline import Stands, inline_svg
from simsync.rulebook.links import Links
from simsync.rulebook.races_chapter import races_chapter
from simsync.rulebook.traceability import Traceability
from simsync.version import __version__

T = TypeVar("T")
MANY = 400
"""From how many scenarios on their bodies are laid out only when they are unfolded."""


def signs(vocabulary: Vocabulary) -> dict[Signal, tuple[str, str]]:
    """The sign of what went on between the two partners' tickets, and its meaning in words."""
    (first, second), ticket = vocabulary.partners, vocabulary.words.ticket
    return {
        Signal.TO_FIRST: ("\u25c0\u2501\u2501", f"reached {first}'s {ticket}"),
        Signal.TO_SECOND: ("\u2501\u2501\u25b6", f"reached {second}'s {ticket}"),
        Signal.BOTH: ("\u25c0\u2501\u25b6", f"reached both {ticket.many}"),
        Signal.NOTHING: ("\u2502", "nothing crossed over"),
        Signal.CUT: ("\u2702", "the link was cut, or ended"),
        Signal.REFUSED: ("\u2717", "refused"),
        Signal.DEFECT: ("\u203c", "the rules fail here"),
    }


BOTH = " both"
"""The picture of both machines together; no machine has such a name."""
Pictures = dict[str, tuple[Graph, bytes]]


def page(
    traced: Traceability, covered: Coverage, pictures: Pictures, acting: Acting, progress: Progress
) -> Iterator[str]:
    """The page in pieces; ``pictures`` are the rendered graphs by name, none of them where nothing renders.

    ``covered`` is what those scenarios cover that pass, as the rules are read in it.
    """
    model = covered.model
    links = Links(model.policy, traced.results)
    environment = Environment(
        loader=PackageLoader("simsync.rulebook", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        link=links.at,
        scenario_link=links.scenario,
        labels=links.labels,
        acting=acting,
        cited=model.policy.citations.text,
        signs=signs(model.vocabulary),
        sides=phrases.sides,
    )
    environment.filters["printable"] = phrases.printable
    template = environment.get_template("page.html")
    chapters = Chapters(covered, traced, links, _arrows(pictures))
    results = traced.results
    scenarios = told(map(chapters.scenario, results), progress, "scenarios written", len(results))
    yield from template.generate(scenarios=scenarios, **_context(covered, traced, links, chapters, pictures))


def _context(
    covered: Coverage, traced: Traceability, links: Links, chapters: Chapters, pictures: Pictures
) -> dict[str, Any]:
    model = covered.model
    races, races_go = races_chapter(model)
    specs = (spec for spec in (*model.status_machines, model.link_spec) if spec.initial != ALONE)
    shares = [(len(tally.covered), tally.total, PAINTABLE[c]) for c, tally in covered.tallies.items() if tally.total]
    return {
        "policy": model.policy,
        "words": model.words,
        "alone": ALONE,
        "partners": tuple(model.vocabulary.partners),
        "readings_in_force": model.readings,
        "version": __version__,
        "tables": chapters.tables(),
        "machines": [(spec, chapters.machine(spec)) for spec in specs],
        "readings": chapters.readings(),
        "races": races,
        "races_go": races_go,
        "statements": chapters.statements(),
        "gaps": chapters.gaps(),
        "pages": chapters.pages(),
        "count": len(traced.results),
        "failing": [n for n, result in enumerate(traced.results) if not result.passed],
        "moves": _moves,
        "missing": chapters.state,
        "both": BOTH,
        "many": len(traced.results) > MANY,
        "failed": sum(not result.passed for result in traced.results),
        "conjunction": phrases.conjunction,
        "claim": phrases.claim,
        "meaning": phrases.meaning,
        "whole": all(covered == total for covered, total, _ in shares),
        "shares": shares,
        "svg": _inlined(covered, links, pictures),
        "style": Markup(page_style()) + _own("style.css") + Markup(STYLE),
        "legend": Markup(shared_legend(str(model.words.ticket))),
        "script": _own("script.js"),
    }


def _inlined(covered: Coverage, links: Links, pictures: Pictures) -> dict[str, Markup]:
    """By name, the diagrams as they stand in the page."""
    model, stands = covered.model, _stands(covered)
    return {
        name: _svg(name, model, links, graph, picture, stands.get(name, {}))
        for name, (graph, picture) in pictures.items()
    }


def _stands(covered: Coverage) -> dict[str, Stands]:
    """By machine, how its states and the edges of its diagram stand."""
    found: dict[str, Stands] = {}
    specs = (*covered.model.status_machines, covered.model.link_spec)
    for spec, graph in zip(specs, painted_machines(covered), strict=True):
        stands: dict[str | tuple[str, str], Standing] = {node.id: node.use.standing for node in graph.nodes if node.use}
        stands |= {(edge.source, edge.target): edge.standing for edge in graph.edges if edge.standing}
        found[spec.name] = stands
    return found


def _own(name: str) -> Markup:
    return Markup(resources.files("simsync.rulebook").joinpath(name).read_text(encoding="utf-8"))


def _anchor(name: str, number: int) -> str:
    return f"arrow-{file_stem(name)}-{number}"


def _arrows(pictures: Pictures) -> dict[str, list[tuple[str, str]]]:
    """By row or transition, the arrows that stand for it in the machines' diagrams: where they are, and their label."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, (graph, _) in pictures.items():
        labels = {node.id: node.label for node in graph.nodes}
        if any(node.connector for node in graph.nodes):
            continue  # the same arrows again, phase by phase
        for number, edge in enumerate(graph.edges):
            label = f"{labels[edge.source]} \u2192 {labels[edge.target]}"
            for line in edge.lines:
                found.setdefault(line.ref, []).append((_anchor(name, number), label))
    return found


def _moves(spec: MachineSpec, state: str) -> list[tuple[str, list[str]]]:
    """The transitions that lead to a state, and those that leave it."""
    return [
        ("reached by", [t.id for t in spec.transitions if t.dest == state]),
        ("left by", [t.id for t in spec.transitions if state in t.source]),
    ]


def _svg(name: str, model: Model, links: Links, graph: Graph, picture: bytes, stands: Stands) -> Markup:
    """A graph with its states leading to where they are described, and its edges naming their rows."""
    spec = next((machine for machine in model.status_machines if machine.name == name), model.link_spec)

    def node_href(node: Node) -> str:
        state = node.label.rpartition(": ")[2] if node.connector else node.label
        return f"#{links.at('state', spec.name, state)}" if state in spec.states else ""

    def edge_refs(edge: Edge) -> str:
        return " ".join(dict.fromkeys(links.at("rule", line.ref) for line in edge.lines))

    return Markup(inline_svg(picture, graph, node_href, edge_refs, lambda number: _anchor(name, number), stands))
