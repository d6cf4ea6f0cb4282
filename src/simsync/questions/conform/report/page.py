"""A campaign as one HTML page that needs no network."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simsync.engine.trace import Trace
from simsync.policy.policy import ALONE
from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, Report
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.report import rounds
from simsync.questions.conform.report.differences import differences, event_line
from simsync.questions.conform.report.natures import exchanges_text, marks, natures, recurrence, runs
from simsync.questions.conform.report.round_findings import MARK, round_findings
from simsync.questions.conform.report.seen_tickets import both_sides
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
    title,
    tried,
    unsaid,
)
from simsync.report import phrases
from simsync.scenarios.writing import as_yaml, document

NO_FILES: Mapping[int, Sequence[str]] = MappingProxyType({})


def as_page(
    report: Report, pictures: Mapping[int, str], files: Mapping[int, Sequence[str]] = NO_FILES, again: str = ""
) -> str:
    """The page; ``pictures`` are SVG documents by the number of the finding, and ``files`` those that were written.

    ``again`` is the command that speaks to the same system.
    """
    environment = Environment(
        loader=PackageLoader("simsync.questions.conform.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    findings = [
        _finding(report, one, pictures.get(number), _seen_again(report, one, number, files.get(number, ()), again))
        for number, one in enumerate(report.findings, 1)
    ]
    return environment.get_template("page.html").render(
        report=report,
        name=phrases.printable_line(report.name) or "The system",
        about=summary(report),
        word=report.model.words,
        alone=ALONE,
        was_tried=list(_tried(report)),
        was_not=list(_not_tried(report)),
        rounds=list(rounds.tried(report.rounds)) if report.rounds else [],
        overlaps=[{**one, "picture": Markup(one["picture"])} for one in round_findings(report, again)],
        explained=[behaves(report, one) for one in explanations(report) if one.everything],
        findings=findings,
        unsaid=list(map(_left_open, unsaid(report))),
        faults=[
            *((one.driven, recurrence(one.recurrence)) for one in report.failures),
            *((one, "") for one in report.faults),
        ],
    )


def _left_open(same: Sequence[Driven]) -> dict[str, object]:
    """Where drives came to what the rules do not say."""
    steps = same[0].undecided
    return {
        "defect": steps[-1].defects[0].message,
        "given": steps[0].before.status,
        "steps": list(map(event_line, steps)),
        "seen_in": end_there(same),
    }


def _tried(report: Report) -> Iterator[str]:
    """What was tried, in lines."""
    done = f"{phrases.counted(report.sequences, 'sequence')}, {phrases.counted(report.steps, 'step')} judged"
    yield f"{done}, with seed {report.seed}"
    yield f"{report.conforming:,} of them {'goes' if report.conforming == 1 else 'go'} as the rules say"
    yield f"{phrases.counted(report.requests, 'request')} made for all that came to its end"
    yield tried(report).removeprefix("tried ")
    chosen = ", ".join(f"{name}={option}" for name, option in report.model.chosen.items())
    yield (
        f"held against the rules as read by {chosen}"
        if chosen
        else "held against the rules as they are read by default"
    )


def _not_tried(report: Report) -> Iterator[str]:
    """What was not tried, in lines."""
    yield from remaining(report)
    yield from rounds.not_tried(report)


def _seen_again(report: Report, finding: ConformanceFinding, number: int, files: Sequence[str], again: str) -> str:
    """The command that runs a finding's scenario on the system; it writes it first where no file has it."""
    if not again:
        return ""
    if files:
        return f"{again} {shlex.quote(files[0])}"
    name = f"finding-{number}.yaml"
    outcomes = finding.divergence.outcomes
    events = tuple(outcome.event for outcome in outcomes)
    trace = Trace(status=outcomes[0].before.status, readings=report.model.chosen, events=events)
    return f"cat > {name} <<'{MARK}'\n{as_yaml(document(title(finding), trace))}{MARK}\n{again} {name}"


def _finding(report: Report, finding: ConformanceFinding, picture: str | None, again: str) -> dict[str, object]:
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
        "differences": list(dict.fromkeys(at.replace("_", " ") for at, _, _ in differences(finding))),
        "sides": both_sides(finding, report.name),
        "failed": phrases.printable_line(finding.failed) if finding.failed is not None else "",
        "seen_in": seen_in(finding),
        "often": _often(finding),
        "again": again,
        "marks": marks(finding),
        "natures": list(natures(finding)),
        "runs": [(which, "\n".join(exchanges_text(trace))) for which, trace in runs(finding)],
        "picture": Markup(picture) if picture else None,
        "yaml": as_yaml(scenario(report, finding)),
    }


def _often(finding: ConformanceFinding) -> str:
    """In how many sequences, in a few words."""
    found, sequences = finding.recurrence, phrases.counted(len(finding.seen_in), "sequence")
    return sequences if finding.steady else f"{sequences}; {found.seen} of {found.tries} tries"
