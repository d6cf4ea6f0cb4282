"""The use cases behind `simsync diagrams` and `simsync draw`: pictures of a model or of a run, written or compared."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from simsync.drawing.dot import graph_dot, grid_dot
from simsync.drawing.extract import graphs, link_graph, status_graphs
from simsync.drawing.graph import Graph, RunPath, TableGrid
from simsync.drawing.mermaid import graph_mermaid, sequence_mermaid
from simsync.drawing.notebook import dot_svg
from simsync.drawing.plantuml import graph_plantuml, sequence_plantuml
from simsync.drawing.render import FORMS, Job, rasterized, rendered, stamped
from simsync.drawing.runs import paths_of, sequence_of
from simsync.drawing.sequence_svg import laid_out
from simsync.drawing.style import RACE
from simsync.engine.model import Model
from simsync.files import distinct, file_stem, write_together
from simsync.generated_marker import refuse_foreign, was_drawn
from simsync.report.phrases import labels
from simsync.report.tables import Role, Sheet, sheet_of
from simsync.scenarios.simulate import ScenarioResult

ENDINGS = (".dot", ".mmd", ".puml")
FILES_AT_ONCE = 200
MARK = re.compile(r"(//|%%|') simsync [0-9a-f]+\n")
"""How each text that was drawn begins."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One diagram: its name, its texts by file ending, its model's digest, how many edges a picture of it must have.

    ``area`` in pixels is that of a picture laid out already.

    Where there is no ``dot`` among the texts, ``svg`` is one of them.
    """

    name: str
    texts: Mapping[str, str]
    digest: str
    edges: int = 0
    area: float = 0

    def _repr_svg_(self) -> str | None:
        """For a notebook; None where there is nothing to draw with."""
        return self.texts.get("svg") or dot_svg(self.name, self.texts["dot"], self.edges)


def drawings(model: Model, marked: Sequence[Graph] = ()) -> list[Drawing]:
    """The two machines, both together, and one drawing a decision table; each has a digest of what it shows itself.

    ``marked`` graphs stand for those of the same name.
    """
    instead = {graph.name: graph for graph in marked}
    machines = [instead.get(graph.name, graph) for graph in graphs(model)]
    stems = distinct(graph.name for graph in machines)
    drawn = []
    for stem, graph in zip(stems, machines, strict=True):
        drawn.append(graph_drawing(stem, replace(graph, digest=_digest(graph_dot(replace(graph, digest=""))))))
    names = distinct(f"table_{file_stem(name)}" for name in model.tables)
    for name, lookup in zip(names, model.tables.values(), strict=True):
        grid = table_grid(name, sheet_of(lookup.table), "")
        grid = replace(grid, digest=_digest(grid_dot(grid)))
        drawn.append(Drawing(name, {"dot": grid_dot(grid)}, grid.digest))
    return drawn


def _digest(text: str) -> str:
    """By which a picture is known to be of a text, whoever rendered it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run_drawings(model: Model, results: Sequence[ScenarioResult]) -> list[Drawing]:
    """Each run as a sequence diagram, and the two machines with its path through them."""
    stems = distinct(file_stem(re.sub("[/:]", "-", name)) for name in labels([r.scenario for r in results]))
    return [one for stem, result in zip(stems, results, strict=True) for one in _run(model, stem, result)]


def _run(model: Model, stem: str, result: ScenarioResult) -> Iterator[Drawing]:
    model = model.under(result.readings)
    sequence = sequence_of(model, result)
    drawn = laid_out(sequence)
    texts = {
        "svg": drawn.svg(),
        "mmd": sequence_mermaid(sequence),
        "puml": sequence_plantuml(sequence),
    }
    yield Drawing(stem, texts, sequence.digest, area=drawn.width * drawn.y)
    for graph, path in zip((*status_graphs(model), link_graph(model)), paths_of(model, result), strict=True):
        yield graph_drawing(f"{stem}-{graph.name}", graph, path)


def graph_drawing(name: str, graph: Graph, path: RunPath | None = None) -> Drawing:
    """A graph in each notation, and with the path of a run through it."""
    texts = {
        "dot": graph_dot(graph, path),
        "mmd": graph_mermaid(graph, path),
        "puml": graph_plantuml(graph, path),
    }
    return Drawing(name, texts, graph.digest, graph.arrows)


def table_grid(name: str, sheet: Sheet, digest: str) -> TableGrid:
    """A decision table as a grid of cells, to be drawn."""
    return TableGrid(
        name=name,
        title=f"{sheet.name}: {sheet.about}",
        headings=sheet.headings,
        rows=sheet.rows,
        outcomes=tuple(n for n, column in enumerate(sheet.columns) if column.role is Role.THEN),
        digest=digest,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDrawings:
    """The files in a folder that are not what the model gives.

    ``changed`` are texts that are other ones now, and pictures of those, by drawing; ``left_over`` are of what there is
    no more; ``missing`` were not made yet, pictures only where they could be. ``made`` is how many files there are.
    """

    changed: Mapping[str, tuple[str, ...]]
    left_over: tuple[str, ...]
    missing: tuple[str, ...]
    made: int

    @property
    def stale(self) -> tuple[str, ...]:
        """All that is there and should not be as it is."""
        return (*(path for paths in self.changed.values() for path in paths), *self.left_over)


def shows_races(folder: str) -> bool:
    """Whether a drawing of a machine in a folder has races marked."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    texts = (_content(os.path.join(folder, name)) or "" for name in names if name.endswith(ENDINGS))
    return any(MARK.match(text) and f"{RACE} n: " in text for text in texts)


def checked(drawn: Sequence[Drawing], folder: str, *, pictures: bool) -> CheckedDrawings:
    """Which drawings in a folder show something else than those of the rules.

    Texts are compared as they are, pictures by the digest in them, which is of what they show: renderers differ.
    """
    changed: dict[str, tuple[str, ...]] = {}
    missing: list[str] = []
    made = 0
    for one in drawn:
        endings = (*one.texts, *(FORMS if pictures else ()))
        paths = {ending: os.path.join(folder, f"{one.name}.{ending}") for ending in dict.fromkeys((*endings, *FORMS))}
        there = {ending: path for ending, path in paths.items() if os.path.exists(path)}
        made += len(there)
        missing += [path for ending, path in paths.items() if ending in endings and ending not in there]
        if apart := tuple(path for ending, path in there.items() if not _shows(path, ending, one)):
            changed[one.name] = apart
    wanted = {f"{one.name}.{ending}" for one in drawn for ending in (*one.texts, *FORMS)}
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    others = (os.path.join(folder, name) for name in names if name not in wanted and name.endswith(ENDINGS))
    left_over = tuple(path for path in others if MARK.match(_content(path) or ""))
    return CheckedDrawings(changed=changed, left_over=left_over, missing=tuple(missing), made=made)


def _shows(path: str, ending: str, one: Drawing) -> bool:
    """Whether a file shows what a drawing does."""
    if ending in one.texts:
        return _content(path) == one.texts[ending]
    with open(path, "rb") as stream:
        return one.digest.encode() in stream.read()


def _content(path: str) -> str | None:
    """What a text file says, None where there is none."""
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return None


def write_svgs(drawn: Sequence[Drawing], folder: str) -> list[str]:
    """Write the sequence diagrams alone, as SVG; gives the paths."""
    contents = {
        os.path.join(folder, f"{one.name}.svg"): one.texts["svg"].encode() for one in drawn if "svg" in one.texts
    }
    refuse_foreign(contents, was_drawn)
    os.makedirs(folder, exist_ok=True)
    paths = list(contents)
    for start in range(0, len(paths), FILES_AT_ONCE):
        write_together({path: contents[path] for path in paths[start : start + FILES_AT_ONCE]})
    return paths


def write_drawings(drawn: Sequence[Drawing], folder: str, renderer: str | None) -> list[str]:
    """Write drawings' texts and, as far as there is what renders them, pictures; gives the paths.

    All is rendered, and there is room for all, before anything is in its place. Raises :class:`RenderError` where the
    renderer fails.
    """
    by_dot = [d for d in drawn if "dot" in d.texts] if renderer else []
    jobs = [Job(d.name, d.texts["dot"], d.edges) for d in by_dot]
    pictures = {d.name: p for d, p in zip(by_dot, rendered(renderer or "", jobs), strict=True)}
    for d in drawn:
        if "dot" not in d.texts and (png := rasterized(d.texts["svg"], d.area)):
            pictures[d.name] = {"png": png}
    contents: dict[str, bytes] = {}
    for d in drawn:
        texts = {ending: text.encode() for ending, text in d.texts.items()}
        for ending, content in {**texts, **pictures.get(d.name, {})}.items():
            picture = stamped(content, d.digest) if ending == "png" else content
            contents[os.path.join(folder, f"{d.name}.{ending}")] = picture
    refuse_foreign(contents, was_drawn)
    os.makedirs(folder, exist_ok=True)
    paths = list(contents)
    for start in range(0, len(paths), FILES_AT_ONCE):
        write_together({path: contents[path] for path in paths[start : start + FILES_AT_ONCE]})
    return paths
