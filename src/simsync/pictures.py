"""The use cases behind `simsync diagrams` and `simsync draw`: pictures of a model or of a run, written or compared."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from simsync.core.model import Model
from simsync.core.simulate import ScenarioResult
from simsync.diagrams.dot import graph_dot, grid_dot
from simsync.diagrams.extract import file_stem, graphs, link_graph, status_graph
from simsync.diagrams.graph import Graph, Grid, Path
from simsync.diagrams.mermaid import graph_mermaid, sequence_mermaid
from simsync.diagrams.plantuml import graph_plantuml, sequence_plantuml
from simsync.diagrams.render import FORMS, Job, rasterized, rendered
from simsync.diagrams.sequence_svg import sequence_svg
from simsync.files import whole_file
from simsync.reporting.tables import Role, Sheet, sheet_of
from simsync.sequences import paths_of, sequence_of

ENDINGS = (".dot", ".mmd", ".puml")
MARK = re.compile(r"(//|%%|') simsync [0-9a-f]+\n")
"""How each text that was drawn begins."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One diagram: its name, its texts by file ending, and how many edges a picture of it must have.

    Where there is no ``dot`` among the texts, ``svg`` is one of them.
    """

    name: str
    texts: Mapping[str, str]
    edges: int = 0


def drawings(model: Model) -> list[Drawing]:
    """The two machines, both together, and one drawing a decision table."""
    drawn = [_graph_drawing(graph.name, graph) for graph in graphs(model)]
    for lookup in model.tables.values():
        sheet = sheet_of(lookup.table)
        grid = _grid(sheet, model.policy.digest)
        drawn.append(Drawing(grid.name, {"dot": grid_dot(grid)}))
    return drawn


def run_drawings(model: Model, result: ScenarioResult) -> list[Drawing]:
    """A run as a sequence diagram, and the two machines with its path through them."""
    model = model.under(result.readings)
    scenario = result.scenario
    stem = f"{file_stem(os.path.splitext(os.path.basename(scenario.file))[0])}-{scenario.line}"
    sequence = sequence_of(model, result)
    texts = {
        "svg": sequence_svg(sequence),
        "mmd": sequence_mermaid(sequence),
        "puml": sequence_plantuml(sequence),
    }
    status_path, link_path = paths_of(model, result)
    status, link = status_graph(model), link_graph(model)
    return [
        Drawing(stem, texts),
        _graph_drawing(f"{stem}-{status.name}", status, status_path),
        _graph_drawing(f"{stem}-{link.name}", link, link_path),
    ]


def _graph_drawing(name: str, graph: Graph, path: Path | None = None) -> Drawing:
    texts = {
        "dot": graph_dot(graph, path),
        "mmd": graph_mermaid(graph, path),
        "puml": graph_plantuml(graph, path),
    }
    return Drawing(name, texts, graph.arrows)


def _grid(sheet: Sheet, digest: str) -> Grid:
    return Grid(
        name=f"table_{file_stem(sheet.name)}",
        title=f"{sheet.name}: {sheet.about}",
        headings=sheet.headings,
        rows=sheet.rows,
        outcomes=tuple(n for n, column in enumerate(sheet.columns) if column.role is Role.THEN),
        digest=digest,
    )


def stale(model: Model, folder: str) -> Iterator[str]:
    """The files in a folder that are not what the model gives: other texts, pictures of other rules, left-overs.

    Texts are compared as they are, pictures by the digest in them, since renderers differ.
    """
    wanted: set[str] = set()
    for drawing in drawings(model):
        wanted |= {f"{drawing.name}.{ending}" for ending in (*drawing.texts, *FORMS)}
        for ending, text in drawing.texts.items():
            path = os.path.join(folder, f"{drawing.name}.{ending}")
            if _content(path) != text:
                yield path
        picture = _content(os.path.join(folder, f"{drawing.name}.svg"))
        if picture is not None and model.policy.digest not in picture:
            yield os.path.join(folder, f"{drawing.name}.svg")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        path = os.path.join(folder, name)
        if name not in wanted and name.endswith(ENDINGS) and MARK.match(_content(path) or ""):
            yield path


def _content(path: str) -> str | None:
    """What a text file says, None where there is none."""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return None


def write_drawings(drawn: Iterable[Drawing], folder: str, renderer: str | None) -> Iterator[str]:
    """Write drawings' texts and, as far as there is what renders them, pictures; gives the paths.

    All is rendered before anything is written. Raises :class:`RenderError` where the renderer fails.
    """
    drawn = list(drawn)
    by_dot = [d for d in drawn if "dot" in d.texts] if renderer else []
    jobs = [Job(d.name, d.texts["dot"], d.edges) for d in by_dot]
    pictures = {d.name: p for d, p in zip(by_dot, rendered(renderer or "", jobs), strict=True)}
    for d in drawn:
        if "dot" not in d.texts and (png := rasterized(d.texts["svg"])):
            pictures[d.name] = {"png": png}
    os.makedirs(folder, exist_ok=True)
    for d in drawn:
        texts = {ending: text.encode() for ending, text in d.texts.items()}
        for ending, content in {**texts, **pictures.get(d.name, {})}.items():
            path = os.path.join(folder, f"{d.name}.{ending}")
            with whole_file(path) as stream:
                stream.buffer.write(content)
            yield path
