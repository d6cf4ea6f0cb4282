"""A campaign as JUnit XML: a test case for each finding, for what went wrong, and for all that held."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, Report
from simsync.questions.conform.overlap.campaign import OverlapReport
from simsync.questions.conform.report.differences import differences, event_line
from simsync.questions.conform.report.natures import exchanges_text, marks, natures, recurrence, runs
from simsync.questions.conform.report.rounds import failure_lines, finding_lines
from simsync.questions.conform.report.text import (
    behaves,
    end_there,
    in_short,
    seen_in,
    sources_of,
    title,
    tried,
    unsaid,
)
from simsync.report.junit import attribute, content


def as_junit(report: Report) -> str:
    """The whole document."""
    cases = list(_cases(report))
    new = sum(finding.known is None for finding in report.findings)
    failures, skipped = new + len(report.failures), len(report.findings) - new + len(report.not_tested)
    errors = len(report.faults) + len(unsaid(report)) + report.interrupted
    errors += _is_nothing(report)
    if report.rounds is not None:
        rounds = report.rounds
        accusing = sum(finding.accuses for finding in rounds.findings)
        failures += accusing + len(rounds.failures)
        skipped += len(rounds.findings) - accusing
        errors += len(report.rounds.faults)
    head = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    name = attribute(report.name or "system under test")
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<testsuites {head}>", f"  <testsuite name={name} {head}>"]
    return "\n".join([*lines, *cases, "  </testsuite>", "</testsuites>"]) + "\n"


def _case(name: str, inside: str = "") -> str:
    start = f'    <testcase classname="simsync.conform" name={attribute(name)}'
    return f"{start}>\n      {inside}\n    </testcase>" if inside else f"{start}/>"


def _cases(report: Report) -> Iterator[str]:
    if report.conforming:
        yield _case(f"{report.conforming} sequences as the rules say; {tried(report)}")
    for finding in report.findings:
        sources = sources_of(report, finding)
        yield _case(title(finding) + (f" [{' '.join(sources)}]" if sources else ""), _outcome(report, finding))
    for same in unsaid(report):
        message = f"the rules do not say: {same[0].undecided[-1].defects[0].message}"
        steps = content("\n".join([*map(event_line, same[0].undecided), end_there(same)]))
        yield _case("the rules", f"<error message={attribute(message)}>{steps}</error>")
    for failure in report.failures:
        assert failure.driven.fault is not None
        message = attribute(f"{failure.driven.fault.trouble}: {failure.driven.fault.message}")
        said = content(recurrence(failure.recurrence))
        yield _case(failure.driven.drive.source, f"<failure message={message}>{said}</failure>")
    for driven in report.faults:
        assert driven.fault is not None
        message = f"{driven.fault.trouble}: {driven.fault.message}"
        yield _case(driven.drive.source or "hello", f"<error message={attribute(message)}/>")
    if report.interrupted:
        yield _case("carried through", f"<error message={attribute(f'stopped: {report.stopped}')}/>")
    if report.rounds is not None:
        yield from _round_cases(report, report.rounds)
    if _is_nothing(report):
        yield _case("sequences", '<error message="no sequence was run"/>')
    for one in report.not_tested:
        yield _case(one.source, f"<skipped message={attribute(f'not tested: it cannot {one.lacks}')}/>")


def _is_nothing(report: Report) -> bool:
    """Whether nothing at all was run."""
    return not report.sequences and not report.faults and not (report.rounds and report.rounds.drives)


def _round_cases(report: Report, found: OverlapReport) -> Iterator[str]:
    """What overlapped: as some order has it, as none has, and what nobody could have got right."""
    yield _case(f"{found.rounds} rounds, {found.overlapping} of them of several actions")
    for number, finding in enumerate(found.findings, 1):
        text = content("\n".join(line.strip() for line, _ in finding_lines(report, number, finding, number)))
        about = attribute(str(finding.mismatch.nature))
        if finding.accuses:
            yield _case(f"overlap {number}", f"<failure message={about}>{text}</failure>")
        else:
            yield _case(f"overlap {number}", f"<skipped message={about}/>\n      <system-out>{text}</system-out>")
    for number, failure in enumerate(found.failures, len(found.findings) + 1):
        text = content("\n".join(line.strip() for line, _ in failure_lines(report, number, failure)))
        about = attribute(f"{failure.fault.trouble}: {failure.fault.message}")
        yield _case(f"overlap {number}", f"<failure message={about}>{text}</failure>")
    for driven in found.faults:
        assert driven.fault is not None
        message = f"{driven.fault.trouble}: {driven.fault.message}"
        yield _case(driven.drive.source, f"<error message={attribute(message)}/>")


def _outcome(report: Report, finding: ConformanceFinding) -> str:
    """What came of it: a failure, but what is known is skipped."""
    steps = [event_line(outcome) for outcome in finding.divergence.outcomes]
    apart = [f"{at}: expected {one}, found {other}" for at, one, other in differences(finding)]
    said = behaves(report, finding.explanation) if finding.explanation else None
    lines = [
        f"given {finding.divergence.outcomes[0].before.status}",
        *steps,
        *apart,
        *([said] if said else []),
        *in_short(finding),
        *natures(finding),
    ]
    lines += [line for which, trace in runs(finding) for line in (which, *exchanges_text(trace))]
    text = content("\n".join([*lines, seen_in(finding)]))
    if finding.known is None:
        message = ": ".join([*marks(finding), apart[0]])
        return f"<failure message={attribute(message)}>{text}</failure>"
    known = f"known until {finding.known.expires.isoformat()}: {finding.known.reason}"
    return f"<skipped message={attribute(known)}/>\n      <system-out>{text}</system-out>"
