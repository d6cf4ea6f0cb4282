"""A campaign's scenarios and pictures as files."""

from __future__ import annotations

import os
from collections.abc import Mapping

from simsync.analysis.system.conformity import Report
from simsync.conforming.pictures import picture
from simsync.errors import Code, usage_error
from simsync.files import distinct, file_stem, write_together
from simsync.reporting.conformance import scenario
from simsync.reporting.expected import expected_yaml


def pictures_of(report: Report) -> dict[int, str]:
    """The picture of each finding, by its number."""
    return {number: picture(report, finding) for number, finding in enumerate(report.findings, 1)}


def write_findings(report: Report, pictures: Mapping[int, str], folder: str) -> dict[int, list[str]]:
    """Write each finding's scenario and picture; gives the paths by the finding's number.

    Raises :class:`SimsyncError` where a file of someone else stands in the way.
    """
    stems = distinct(file_stem(finding.rules[0].id) for finding in report.findings)
    contents: dict[str, bytes] = {}
    written: dict[int, list[str]] = {}
    for number, (stem, finding) in enumerate(zip(stems, report.findings, strict=True), 1):
        made = {"yaml": expected_yaml(scenario(report, finding)), "svg": pictures[number]}
        written[number] = [os.path.join(folder, f"{stem}.{ending}") for ending in made]
        contents |= {os.path.join(folder, f"{stem}.{ending}"): text.encode() for ending, text in made.items()}
    for path in contents:
        only_ours(path)
    os.makedirs(folder, exist_ok=True)
    write_together(contents)
    return written


def only_ours(path: str) -> None:
    """Raise SimsyncError where a file of someone else is in the way."""
    if os.path.isfile(path):
        with open(path, "rb") as stream:
            if b"simsync" not in stream.read():
                message = "this file was not written by simsync; move it away, or choose another directory"
                raise usage_error(path, message, code=Code.NOT_EMPTY)
