"""The traceability matrix as CSV: a line for each statement, rule or transition, and scenario."""

from __future__ import annotations

import csv
from typing import TextIO

from simsync.report.phrases import inert
from simsync.rulebook.traceability import Traceability

ABOUT_STATEMENT = ("statement", "place", "says")
ABOUT_ELEMENT = ("rule", "transition", "table or machine", "reading", "declared at")
ABOUT_SCENARIO = ("scenario", "file", "line")


def write_matrix(traced: Traceability, stream: TextIO) -> None:
    """Write it; where nothing rests on a statement, or no scenario exercises that, the cells are empty."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((*ABOUT_STATEMENT, *ABOUT_ELEMENT, *ABOUT_SCENARIO))
    cited = traced.policy.citations
    for statement, element, result in traced.lines():
        cells = [statement, cited.place(statement), cited.statements[statement]]
        if element is None:
            cells += [""] * len(ABOUT_ELEMENT)
        else:
            ids = ("", element.id) if element.transition else (element.id, "")
            cells += [*ids, element.home, element.reading or "", str(element.span)]
        if result is None:
            cells += [""] * len(ABOUT_SCENARIO)
        else:
            cells += [result.scenario.name, result.scenario.file, str(result.scenario.line)]
        writer.writerow([inert(cell) for cell in cells])
