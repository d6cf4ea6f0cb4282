"""What findings that nothing explains have in common: those that show alike are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from simsync.analysis.system.conformity import Finding
from simsync.analysis.system.symptoms import Symptom, symptom_of


def in_common(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, the shortest first: of those that nothing explains, one for all that show alike.

    The others' drives are kept. It is headed by what they have in common, where that is no rule of synchronization,
    and by the likeliest rule of each otherwise.
    """
    made: list[Finding] = []
    alike: dict[Symptom, list[Finding]] = {}
    for one in sorted(findings, key=lambda finding: finding.driven.steps):
        if one.explanation is None:
            alike.setdefault(symptom_of(one.divergence.outcomes, one.divergence.unlike), []).append(one)
        else:
            made.append(one)
    made += (_joined(symptom, same) for symptom, same in alike.items())
    return sorted(made, key=lambda finding: finding.driven.steps)


def _joined(symptom: Symptom, same: list[Finding]) -> Finding:
    first, *others = same
    likeliest = {rule.id: rule for one in same for rule in one.rules[:1]}
    bearing = {rule.id: rule for one in same for rule in one.rules}
    return replace(
        first,
        rules=tuple({**likeliest, **bearing}.values()),
        seen_in=tuple(dict.fromkeys(source for one in same for source in one.seen_in)),
        symptom=symptom,
        others=tuple(one.driven for one in others),
    )
