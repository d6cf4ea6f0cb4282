"""What findings that nothing explains have in common: those that show alike are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simsync.questions.conform.diagnosis.conformity import ConformanceFinding
from simsync.questions.conform.diagnosis.symptoms import symptom_of

LATE = "what differs comes just as late"
MANY = 20
"""Steps from which on what nothing explains is taken for a matter of how much was done."""


def in_common(findings: Iterable[ConformanceFinding]) -> list[ConformanceFinding]:
    """The findings, the shortest first: of those that nothing explains, one for all that show alike or
    come as late, and for all that take as much.

    The others' drives are kept. It is headed by what they have in common, where that is no rule of synchronization,
    and by the likeliest rule of each otherwise.
    """
    made: list[ConformanceFinding] = []
    alike: dict[object, list[ConformanceFinding]] = {}
    for one in sorted(findings, key=lambda finding: finding.driven.steps):
        if one.explanation is None:
            alike.setdefault(_nature(one), []).append(one)
        else:
            made.append(one)
    made += map(_joined, alike.values())
    return sorted(made, key=lambda finding: finding.driven.steps)


def _nature(finding: ConformanceFinding) -> object:
    """How a finding shows: in what, whether each time, and after what; of what is late, with what it comes."""
    found, recurrence = finding.divergence, finding.recurrence
    after = tuple(drive.trace for drive in recurrence.after)
    symptom = symptom_of(found.outcomes, found.unlike)
    changes = len(found.later.changes) if found.late and found.later is not None else None
    many = changes is None and finding.steady and finding.driven.steps >= MANY
    shows = symptom.head if changes is not None or many else symptom
    return shows, many, changes, recurrence.how, after, finding.failed


def _joined(same: list[ConformanceFinding]) -> ConformanceFinding:
    first, *others = same
    symptoms = dict.fromkeys(symptom_of(one.divergence.outcomes, one.divergence.unlike) for one in same)
    symptom = next(iter(symptoms))
    likeliest = {rule.id: rule for one in same for rule in one.rules[:1]}
    bearing = {rule.id: rule for one in same for rule in one.rules}
    about = (
        LATE
        if first.divergence.late
        else f"of what was tried, nothing of fewer than {first.driven.steps:,} steps shows it"
    )
    return replace(
        first,
        rules=tuple({**likeliest, **bearing}.values()),
        seen_in=tuple(dict.fromkeys(source for one in same for source in one.seen_in)),
        symptom=symptom if len(symptoms) == 1 else symptom._replace(about=about),
        left=sum(one.left for one in same),
        others=tuple(one.driven for one in others),
    )
