"""`simsync why`: the deciding rows with every condition's value, the statements, and what would turn the verdict."""

from __future__ import annotations

from typing import Any

from simsync.engine.decision import Fired, Hit
from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.policy.policy import ALONE, MachineSpec, Transition
from simsync.questions.why.why import FactChange, Flip, StepExplanation, StepVerdict
from simsync.report import phrases
from simsync.report.carriage import carriage
from simsync.report.tables import decided

Line = tuple[str, str]
"""A line and its style."""


def lines(model: Model, explanation: StepExplanation, moment: str, arrow: str) -> list[Line]:
    """The explanation as a few short paragraphs; ``moment`` says when it is that this happened or is tried."""
    outcome = explanation.outcome
    asked = f"{outcome.event.actor}: {phrases.action(outcome.event, model.vocabulary.fields)}"
    told = [(asked, "bold"), (f"  {phrases.printable_line(moment)}", "dim")]
    if outcome.before.status != ALONE:
        told.append((f"  {model.words.status!s:<7} {outcome.before.status}", ""))
    told.append((f"  verdict {explanation.verdict}", "bold"))
    if outcome.refused is not None:
        told.append((f"  reason  {phrases.printable_line(outcome.refused)}", "red"))
    if outcome.before.status != outcome.after.status:
        told.append((f"  {model.words.status!s:<7} {outcome.before.status} {arrow} {outcome.after.status}", ""))
    for name, (old, new) in outcome.links.items():
        if old != new and new != ALONE:
            told.append((f"  link    {name}: {old or 'new'} {arrow} {new}", ""))
    if outcome.notified:
        told.append((f"  told    {', '.join(outcome.notified)}", ""))
    told += [(f"  defect  {phrases.printable_line(defect.message)}", "red") for defect in outcome.defects]
    told += [*_decided_by(model, outcome), *_carried(model, outcome)]
    return [*told, *_readings(model, explanation), *_flips(model, explanation)]


def _decided_by(model: Model, outcome: Outcome) -> list[Line]:
    told: list[Line] = []
    if outcome.moved:
        told += _moved(model, outcome.moved)
    elif outcome.event.item is None and not outcome.defects:
        spec = model.status_spec
        told.append((f"  no transition of '{spec.name}': none takes this action from {outcome.before.status}", ""))
    for hit in {hit.row.id: hit for hit in outcome.hits}.values():
        told += _hit(model, hit)
    return [("", ""), ("Decided by", "bold"), *told] if told else []


def _carried(model: Model, outcome: Outcome) -> list[Line]:
    """How those fields that an action sets are carried that are not simply carried, or simply not."""
    fields = [model.vocabulary.fields[name] for name in outcome.event.fields]
    told = [
        (f"  {field.name}: {carriage(model.words, model.vocabulary, field)}", "")
        for field in fields
        if field.delivered and not field.mirrored
    ]
    return [("", ""), ("Of what it sets", "bold"), *told] if told else []


def _hit(model: Model, hit: Hit) -> list[Line]:
    told = [(f"  {hit.row.id}  (table '{hit.table}')", "")]
    actual = dict(hit.actual)
    for fact, allowed in hit.row.when:
        needed = f"  (any of: {phrases.values(allowed)})" if len(allowed) > 1 else ""
        is_so = phrases.value(actual[fact]) if fact in actual else phrases.values(allowed)
        told.append((f"    {fact}: {is_so}{needed if fact in actual else ''}", ""))
    told.append((f"    => {decided(model.tables[hit.table].table, hit.row)}", ""))
    return told + _citations(model, hit.row.sources)


def _moved(model: Model, moved: Fired) -> list[Line]:
    """The transition of the status that fired; of several machines, that of each that an action moved."""
    own = {t.id: (t, machine) for machine in model.status_machines for t in machine.transitions}
    return [line for name in moved.transition.declared for line in _transition(model, *own[name])]


def _transition(model: Model, transition: Transition, machine: MachineSpec) -> list[Line]:
    way = f"{phrases.values(transition.source)} to {transition.dest}"
    head = f"  {transition.id}  (machine '{machine.name}')"
    told = f"    {phrases.values(transition.actors)}: {transition.trigger}, from {way}"
    return [(head, ""), (told, ""), *_citations(model, transition.sources)]


def _citations(model: Model, sources: tuple[str, ...]) -> list[Line]:
    known = model.policy.citations
    return [
        (f"    {c}{' (page)' if c in known.pages else ''}: {phrases.printable_line(known.text(c))}", "dim")
        for c in sources
    ]


def _readings(model: Model, explanation: StepExplanation) -> list[Line]:
    told: list[Line] = []
    for name in readings_behind(explanation.outcome):
        reading = model.policy.readings[name]
        others = ", ".join(o for o in reading.options if o != model.readings[name])
        gap = f" [{reading.gap}]" if reading.gap else ""
        told.append((f"  {name}={model.readings[name]} (or {others}): {reading.question}{gap}", ""))
    return [("", ""), (f"It depends on how the {model.words.page} is read", "bold"), *told] if told else []


def _flips(model: Model, explanation: StepExplanation) -> list[Line]:
    if explanation.outcome.defects:
        return []
    if not explanation.flips:
        return [("", ""), ("No change of up to three facts would turn the verdict.", "bold")]
    by_verdict: dict[StepVerdict, list[Flip]] = {}
    for flip in explanation.flips:
        by_verdict.setdefault(flip.becomes, []).append(flip)
    told: list[Line] = []
    for verdict, flips in by_verdict.items():
        words = "not be synced" if verdict is StepVerdict.NOT_SYNCED else f"be {verdict}"
        told += [("", ""), (f"It would {words}, all else being equal, with", "bold")]
        told += [(f"  {' and '.join(texts)}", "") for texts in _merged(model, flips)]
    return told


def _merged(model: Model, flips: list[Flip]) -> list[list[str]]:
    """Flips that differ only in the last fact's value, told as one."""
    merged: dict[tuple[tuple[FactChange, ...], str], list[FactChange]] = {}
    for flip in flips:
        *first, last = flip.changes
        merged.setdefault((tuple(first), last.fact), []).append(last)
    return [
        [*(_told(model, [change]) for change in changes), _told(model, lasts)] for (changes, _), lasts in merged.items()
    ]


def _told(model: Model, changes: list[FactChange]) -> str:
    """A fact with the values that it would have to have, any of them."""
    wanted = " or ".join(_value(model, change.fact, change.then) for change in changes)
    return f"{changes[0].fact}: {wanted} (instead of {phrases.value(changes[0].now)})"


def _value(model: Model, fact: str, value: object) -> str:
    """A value as a reader knows it: a phase with the statuses that are in it, where its name does not tell them."""
    if fact != "phase" or model.policy.machines:
        return phrases.value(value)
    statuses = [name for name, state in model.status_spec.states.items() if state.phase == value]
    return f"{value} ({', '.join(statuses)})"


def as_json(explanation: StepExplanation, moment: str) -> dict[str, Any]:
    """The same for programs."""
    outcome = explanation.outcome
    return {
        "moment": moment,
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
            for hit in dict.fromkeys(outcome.hits)  # of several items each would have the same
        ],
        "transition": outcome.moved.transition.id if outcome.moved else None,
        "sources": list(outcome.sources),
        "readings": list(readings_behind(outcome)),
        "flips": [
            {
                "changes": [{"fact": c.fact, "from": c.now, "to": c.then} for c in flip.changes],
                "becomes": str(flip.becomes),
            }
            for flip in explanation.flips
        ],
    }
