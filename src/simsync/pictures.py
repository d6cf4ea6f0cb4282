"""The use case behind `simsync diagrams`: every picture of a model, written or compared."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from simsync.core.model import Model
from simsync.diagrams.dot import graph_dot, grid_dot
from simsync.diagrams.extract import file_stem, graphs
from simsync.diagrams.graph import Grid
from simsync.diagrams.mermaid import graph_mermaid
from simsync.diagrams.plantuml import graph_plantuml
from simsync.diagrams.render import rendered
from simsync.files import whole_file
from simsync.reporting.tables import Sheet, sheet_of

PICTURES = ("svg", "png")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One diagram: its name, its texts by file ending, and how many edges a picture of it must have."""

    name: str
    texts: Mapping[str, str]
    edges: int


def drawings(model: Model) -> list[Drawing]:
    """The two machines, both together, and one drawing a decision table."""
    drawn = [
        Drawing(g.name, {"dot": graph_dot(g), "mmd": graph_mermaid(g), "puml": graph_plantuml(g)}, g.arrows)
        for g in graphs(model)
    ]
    for lookup in model.tables.values():
        sheet = sheet_of(lookup.table)
        grid = _grid(sheet, model.policy.digest)
        drawn.append(Drawing(grid.name, {"dot": grid_dot(grid)}, 0))
    return drawn


def _grid(sheet: Sheet, digest: str) -> Grid:
    return Grid(
        name=f"table_{file_stem(sheet.name)}",
        title=f"{sheet.name}: {sheet.about}",
        headings=sheet.headings,
        rows=sheet.rows,
        outcomes=tuple(n for n, heading in enumerate(sheet.headings) if heading.startswith("=>")),
        digest=digest,
    )


def stale(model: Model, folder: str) -> Iterator[str]:
    """The files in a folder whose text is not what the model gives, and those that are missing."""
    for drawing in drawings(model):
        for ending, text in drawing.texts.items():
            path = os.path.join(folder, f"{drawing.name}.{ending}")
            try:
                with open(path, encoding="utf-8") as stream:
                    fresh = stream.read() == text
            except (OSError, UnicodeDecodeError):
                fresh = False
            if not fresh:
                yield path


def write_drawings(model: Model, folder: str, renderer: str | None) -> Iterator[str]:
    """Write every drawing's texts and, where there is a renderer, pictures; gives the paths.

    All is rendered before anything is written. Raises :class:`RenderError` where the renderer fails.
    """
    drawn = drawings(model)
    wanted = [(drawing, form) for drawing in drawn for form in PICTURES] if renderer else []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pictures = list(
            pool.map(lambda job: rendered(renderer or "", job[0].texts["dot"], job[1], job[0].edges), wanted)
        )
    os.makedirs(folder, exist_ok=True)
    for drawing in drawn:
        for ending, text in drawing.texts.items():
            yield _write(folder, drawing, ending, text.encode())
    for (drawing, form), picture in zip(wanted, pictures, strict=True):
        yield _write(folder, drawing, form, picture)


def _write(folder: str, drawing: Drawing, ending: str, content: bytes) -> str:
    path = os.path.join(folder, f"{drawing.name}.{ending}")
    with whole_file(path) as stream:
        stream.buffer.write(content)
    return path
