"""Findings about overlapping actions and disruptions, as a page shows them."""

from __future__ import annotations

from typing import Any

from simsync.engine.world import Event
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.overlap.campaign import OverlapFinding, RoundFailure
from simsync.questions.conform.overlap.explained_orders import Nature
from simsync.questions.conform.overlap.written import ENDING, as_written
from simsync.questions.conform.report.natures import exchanges_text
from simsync.questions.conform.report.round_history import round_history
from simsync.questions.conform.report.rounds import (
    about_orders,
    circumstances,
    first_alike,
    heading_of,
    is_disrupted,
    nearest_order,
    often,
    scenario_of,
    sources_of_round,
)
from simsync.questions.conform.report.seen_tickets import round_sides
from simsync.report import phrases
from simsync.scenarios.writing import as_yaml

MARK = "END-OF-SCENARIO"
"""What ends a scenario that a shell writes into a file."""


def round_findings(report: Report, again: str) -> list[dict[str, Any]]:
    """What a page shows of each finding; ``again`` is the command that speaks to the same system."""
    found = report.rounds
    if found is None:
        return []
    firsts = [*first_alike(found.findings), *range(len(found.findings) + 1, len(found.all) + 1)]
    shown = [_shown(report, n, one, again) for n, one in enumerate(found.all, 1)]
    return [{**one, "first": first} for one, first in zip(shown, firsts, strict=True)]


def _shown(report: Report, number: int, finding: OverlapFinding | RoundFailure, again: str) -> dict[str, Any]:
    yaml = as_yaml(scenario_of(finding))
    common = {
        "heading": heading_of(finding),
        "accuses": isinstance(finding, RoundFailure) or finding.accuses,
        "unwinnable": isinstance(finding, OverlapFinding) and finding.mismatch.nature is Nature.UNWINNABLE,
        "picture": round_history(report, finding),
        "often": often(finding),
        "again": _again(finding, number, yaml, again) if again else "",
        "disrupted": is_disrupted(finding),
        "yaml": yaml,
    }
    if isinstance(finding, RoundFailure):
        message = phrases.printable_line(finding.fault.message)
        trace = "\n".join(exchanges_text(finding.fault.trace[-1 - len(finding.driven.drive.rounds[-1]) :]))
        return {
            **common,
            "about": message,
            "statements": [],
            "sides": (),
            "order": [],
            "unexplained": [],
            "circumstances": [],
            "trace": trace,
        }
    texts = report.model.policy.citations
    return {
        **common,
        "about": about_orders(finding.mismatch),
        "statements": [(source, texts.text(source)) for source in sources_of_round(report, finding)],
        "sides": round_sides(report.model, finding.mismatch, report.name),
        "order": _order(report, finding),
        "unexplained": [phrases.printable_line(fate.told) for fate in finding.fates],
        "circumstances": list(circumstances(finding)),
        "trace": "",
    }


def _order(report: Report, finding: OverlapFinding) -> list[str]:
    """The actions of the last round in the nearest order; of a race that nobody can win none is near."""
    if not finding.accuses:
        return []
    nearest, fields = finding.mismatch.nearest, report.model.vocabulary.fields
    events: list[Event] = [nearest.events[place] for place in nearest.order]
    return [f"{one.actor}: {phrases.action(one, fields)}" for one in events] or [nearest_order(finding.mismatch)]


def _again(finding: OverlapFinding | RoundFailure, number: int, yaml: str, again: str) -> str:
    """The command that shows a finding again: by its scenario, or by its rounds where something is disrupted."""
    if is_disrupted(finding):
        name = f"overlap-{number}{ENDING}"
        return f"cat > {name} <<'{MARK}'\n{as_written(finding.driven.drive)}{MARK}\n{again} --again {name}"
    name = f"overlap-{number}.yaml"
    return f"cat > {name} <<'{MARK}'\n{yaml}{MARK}\n{again} {name}"
