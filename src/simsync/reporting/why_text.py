"""`simsync why`: the deciding rows with every condition's value, the statements, and what would turn the verdict."""

from __future__ import annotations

from typing import Any

from simsync.core.model import Model
from simsync.core.why import Change, Explanation, Flip
from simsync.model.decision import Hit
from simsync.model.policy import Transition
from simsync.reporting import phrases


def as_text(model: Model, explanation: Explanation, arrow: str) -> str:
    """The explanation as a few short paragraphs."""
    outcome = explanation.outcome
    lines = [
        f"{outcome.event.actor}: {phrases.action(outcome.event, model.vocabulary.fields)}",
        f"  status  {outcome.before.status}",
    ]
    lines.append(f"  verdict {explanation.verdict}")
    if outcome.refused is not None:
        lines.append(f"  reason  {phrases.printable_line(outcome.refused)}")
    if outcome.before.status != outcome.after.status:
        lines.append(f"  status  {outcome.before.status} {arrow} {outcome.after.status}")
    for name, (old, new) in outcome.links.items():
        if old != new:
            lines.append(f"  link    {name}: {old or 'new'} {arrow} {new}")
    if outcome.notified:
        lines.append(f"  told    {', '.join(outcome.notified)}")
    lines += [f"  defect  {defect.message}" for defect in outcome.defects]
    lines += ["", "Decided by"]
    if outcome.moved:
        lines += _transition(model, outcome.moved.transition)
    seen: set[str] = set()
    for hit in outcome.hits:
        if hit.row.id not in seen:
            seen.add(hit.row.id)
            lines += _hit(model, hit)
    if not outcome.moved and not outcome.hits:
        spec = model.status_spec
        lines.append(f"  no transition of '{spec.name}': none takes this action from {outcome.before.status}")
    lines += _readings(model, explanation)
    lines += _flips(explanation)
    return "\n".join(lines) + "\n"


def _hit(model: Model, hit: Hit) -> list[str]:
    lines = [f"  {hit.row.id}  (table '{hit.table}')"]
    actual = dict(hit.actual)
    for fact, allowed in hit.row.when:
        needed = f"  (any of: {phrases.values(allowed)})" if len(allowed) > 1 else ""
        lines.append(f"    {fact}: {phrases.value(actual[fact])}{needed}")
    return lines + _citations(model, hit.row.sources)


def _transition(model: Model, transition: Transition) -> list[str]:
    way = f"{phrases.values(transition.source)} to {transition.dest}"
    head = f"  {transition.id}  (machine '{model.status_spec.name}')"
    return [head, f"    {transition.actor}: {transition.trigger}, from {way}", *_citations(model, transition.sources)]


def _citations(model: Model, sources: tuple[str, ...]) -> list[str]:
    return [f"    {cited}: {phrases.printable_line(model.policy.citations.text(cited))}" for cited in sources]


def _readings(model: Model, explanation: Explanation) -> list[str]:
    names = explanation.outcome.readings
    if not names:
        return []
    lines = ["", "It depends on how the page is read"]
    for name in names:
        reading = model.policy.readings[name]
        others = [o for o in reading.options if o != model.readings[name]]
        lines.append(f"  {name}={model.readings[name]} (or {', '.join(others)}): {reading.question} [{reading.gap}]")
    return lines


def _flips(explanation: Explanation) -> list[str]:
    if not explanation.flips:
        return ["", "No change of up to three facts would turn the verdict."]
    by_verdict: dict[str, list[Flip]] = {}
    for flip in explanation.flips:
        by_verdict.setdefault(flip.becomes, []).append(flip)
    lines = []
    for verdict, flips in by_verdict.items():
        lines += ["", f"It would be {verdict}, all else being equal, with"]
        lines += [f"  {' and '.join(texts)}" for texts in _merged(flips)]
    return lines


def _merged(flips: list[Flip]) -> list[list[str]]:
    """Flips that differ only in the last fact's value, told as one."""
    merged: dict[tuple[tuple[Change, ...], str], list[Change]] = {}
    for flip in flips:
        *first, last = flip.changes
        merged.setdefault((tuple(first), last.fact), []).append(last)
    told = []
    for (changes, fact), lasts in merged.items():
        texts = [_told(c.fact, c.now, phrases.value(c.then)) for c in changes]
        told.append([*texts, _told(fact, lasts[0].now, " or ".join(phrases.value(c.then) for c in lasts))])
    return told


def _told(fact: str, now: object, then: str) -> str:
    return f"{fact}: {then} (instead of {phrases.value(now)})"


def as_json(explanation: Explanation) -> dict[str, Any]:
    """The same for programs."""
    outcome = explanation.outcome
    return {
        "actor": outcome.event.actor,
        "action": str(outcome.event),
        "verdict": str(explanation.verdict),
        "refused": outcome.refused,
        "synced": outcome.synced,
        "rules": [
            {
                "id": hit.row.id,
                "table": hit.table,
                "conditions": [
                    {"fact": fact, "actual": value, "allowed": list(dict(hit.row.when).get(fact, ())) or None}
                    for fact, value in hit.actual
                ],
                "sources": list(hit.row.sources),
            }
            for hit in outcome.hits
        ],
        "transition": outcome.moved.transition.id if outcome.moved else None,
        "sources": list(outcome.sources),
        "readings": list(outcome.readings),
        "flips": [
            {
                "changes": [{"fact": c.fact, "from": c.now, "to": c.then} for c in flip.changes],
                "becomes": str(flip.becomes),
            }
            for flip in explanation.flips
        ],
    }
