"""A campaign as one HTML page that needs no network."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, Report
from simsync.questions.conform.report.differences import differences, event_line
from simsync.questions.conform.report.natures import exchanges_text, marks, natures, recurrence, runs
from simsync.questions.conform.report.text import (
    behaves,
    end_there,
    explanations,
    heading,
    in_short,
    remaining,
    scenario,
    seen_in,
    summary,
    tried,
    unsaid,
)
from simsync.report import phrases
from simsync.scenarios.writing import as_yaml


def as_page(report: Report, pictures: Mapping[int, str]) -> str:
    """The page; ``pictures`` are SVG documents by the number of the finding."""
    environment = Environment(
        loader=PackageLoader("simsync.questions.conform.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    findings = [_finding(report, one, pictures.get(number)) for number, one in enumerate(report.findings, 1)]
    return environment.get_template("page.html").render(
        report=report,
        name=phrases.printable_line(report.name) or "The system",
        about=summary(report),
        tried=tried(report),
        explained=[behaves(report, one) for one in explanations(report) if one.everything],
        findings=findings,
        unsaid=[
            {
                "defect": same[0].undecided[-1].defects[0].message,
                "given": same[0].undecided[0].before.status,
                "steps": [event_line(outcome) for outcome in same[0].undecided],
                "seen_in": end_there(same),
            }
            for same in unsaid(report)
        ],
        faults=[
            *((one.driven, recurrence(one.recurrence)) for one in report.failures),
            *((one, "") for one in report.faults),
        ],
        rest=list(remaining(report)),
    )


def _finding(report: Report, finding: ConformanceFinding, picture: str | None) -> dict[str, object]:
    outcomes = finding.divergence.outcomes
    texts = report.model.policy.citations
    names, sources = heading(report, finding)
    return {
        "finding": finding,
        "heading": names,
        "behaves": behaves(report, finding.explanation) if finding.explanation else None,
        "in_short": list(in_short(finding)),
        "statements": [(source, texts.text(source)) for source in sources],
        "given": outcomes[0].before.status,
        "steps": [event_line(outcome) for outcome in outcomes],
        "differences": list(differences(finding)),
        "seen_in": seen_in(finding),
        "marks": marks(finding),
        "natures": list(natures(finding)),
        "runs": [(which, "\n".join(exchanges_text(trace))) for which, trace in runs(finding)],
        "picture": Markup(picture) if picture else None,
        "yaml": as_yaml(scenario(report, finding)),
    }
