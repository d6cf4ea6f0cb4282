"""A campaign's scenarios and pictures as files."""

from __future__ import annotations

import os
from collections.abc import Mapping

from simsync.files import distinct, file_stem, write_together
from simsync.generated_marker import marked, marked_picture, refuse_foreign
from simsync.questions.conform.campaign.pictures import history, picture
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.overlap.written import ENDING, as_written
from simsync.questions.conform.report.rounds import is_disrupted, scenario_of
from simsync.questions.conform.report.text import scenario
from simsync.scenarios.writing import as_yaml


def pictures_of(report: Report) -> dict[int, str]:
    """The picture of each finding, by its number."""
    return {number: picture(report, finding) for number, finding in enumerate(report.findings, 1)}


def histories_of(report: Report) -> dict[int, str]:
    """What the system did in each finding, as a picture, by its number."""
    return {number: history(report, finding) for number, finding in enumerate(report.findings, 1)}


def write_findings(report: Report, pictures: Mapping[int, str], folder: str) -> dict[int, list[str]]:
    """Write each finding's scenario and picture; gives the paths by the finding's number. Of overlap, the scenario,
    and with disruptions the rounds.

    Raises :class:`SimsyncError` where a file of someone else stands in the way.
    """
    names = distinct(file_stem(finding.head or finding.rules[0].id) for finding in report.findings)
    contents: dict[str, bytes] = {}
    written: dict[int, list[str]] = {}
    for number, (name, finding) in enumerate(zip(names, report.findings, strict=True), 1):
        text, picture_of_it = (os.path.join(folder, f"{name}.{ending}") for ending in ("yaml", "svg"))
        written[number] = [text, picture_of_it]
        contents[text] = marked("conform", as_yaml(scenario(report, finding)))
        contents[picture_of_it] = marked_picture("conform", pictures[number])
    for number, found in enumerate(report.rounds.all if report.rounds else (), 1):
        path = os.path.join(folder, f"overlap-{number}")
        contents[f"{path}.yaml"] = marked("conform", as_yaml(scenario_of(found)))
        if is_disrupted(found):
            contents[f"{path}{ENDING}"] = marked("conform", as_written(found.driven.drive))
    refuse_foreign(contents)
    os.makedirs(folder, exist_ok=True)
    write_together(contents)
    return written
