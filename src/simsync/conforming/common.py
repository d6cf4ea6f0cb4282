"""What findings that nothing explains have in common: those that show alike are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simsync.analysis.system.conformity import Finding
from simsync.analysis.system.symptoms import symptom_of


def in_common(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, the shortest first: of those that nothing explains, one for all that show alike.

    The others' drives are kept. It is headed by what they have in common, where that is no rule of synchronization,
    and by the likeliest rule of each otherwise.
    """
    made: list[Finding] = []
    alike: dict[object, list[Finding]] = {}
    for one in sorted(findings, key=lambda finding: finding.driven.steps):
        if one.explanation is None:
            alike.setdefault(_nature(one), []).append(one)
        else:
            made.append(one)
    made += map(_joined, alike.values())
    return sorted(made, key=lambda finding: finding.driven.steps)


def _nature(finding: Finding) -> object:
    """How a finding shows: in what, how late, whether each time, and after what."""
    found, recurrence = finding.divergence, finding.recurrence
    late = found.late and found.later is not None and bool(found.later.changes)
    after = tuple(drive.key for drive in recurrence.after)
    symptom = symptom_of(found.outcomes, found.unlike)
    return symptom, found.late, late, recurrence.how, after, finding.failed


def _joined(same: list[Finding]) -> Finding:
    first, *others = same
    symptom = symptom_of(first.divergence.outcomes, first.divergence.unlike)
    likeliest = {rule.id: rule for one in same for rule in one.rules[:1]}
    bearing = {rule.id: rule for one in same for rule in one.rules}
    return replace(
        first,
        rules=tuple({**likeliest, **bearing}.values()),
        seen_in=tuple(dict.fromkeys(source for one in same for source in one.seen_in)),
        symptom=symptom,
        left=sum(one.left for one in same),
        others=tuple(one.driven for one in others),
    )
