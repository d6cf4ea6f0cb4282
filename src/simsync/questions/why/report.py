"""`simsync why`: the deciding rows with every condition's value, the statements, and what would turn the verdict."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from simsync.engine.decision import Fired, Hit
from simsync.engine.dependence import deciding_who_is_told, readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.policy.facts import FACTS, SINCE
from simsync.policy.policy import ALONE, MachineSpec, Transition
from simsync.questions.why.allowing import Allowing
from simsync.questions.why.grounds import facts_tested
from simsync.questions.why.moment import Explained
from simsync.questions.why.why import FactChange, Flip, StepVerdict
from simsync.report import phrases
from simsync.report.carriage import carriage
from simsync.report.tables import decided

Line = tuple[str, str]
"""A line and its style."""


def lines(made: Explained, arrow: str, chosen: Sequence[str] = ()) -> list[Line]:
    """The explanation as a few short paragraphs; ``chosen`` are the options of rules and readings it was asked with."""
    model, explanation, outcome = made.model, made.explanation, made.explanation.outcome
    asked = f"{outcome.event.actor}: {phrases.action(outcome.event, model.vocabulary.fields)}"
    told = [(asked, "bold"), (f"  {phrases.printable_line(made.moment)}", "dim")]
    if outcome.before.status != ALONE:
        moved = f" {arrow} {outcome.after.status}" if outcome.before.status != outcome.after.status else ""
        told.append((f"  {model.words.status!s:<7} {outcome.before.status}{moved}", ""))
    told.append((f"  verdict {explanation.verdict}", "bold"))
    if outcome.refused is not None:
        told.append((f"  reason  {phrases.printable_line(outcome.refused)}", "red"))
    told += [(f"  link    {link}", "") for link in _links(outcome, arrow)]
    if outcome.notified:
        told.append((f"  told    {', '.join(outcome.notified)}", ""))
    told += [(f"  defect  {phrases.printable_line(defect.message)}", "red") for defect in outcome.defects]
    told += [*_allowing(made, arrow, chosen), *_grounds(made), *_decided_by(model, outcome)]
    return [*told, *_carried(model, outcome), *_flips(made)]


def wanting(made: Explained, arrow: str, chosen: Sequence[str] = ()) -> list[Line]:
    """Of a refused action, what would have it done."""
    return [*_allowing(made, arrow, chosen), *_flips(made)][1:]


def _links(outcome: Outcome, arrow: str) -> list[str]:
    """The links that an outcome moves."""
    moved = ((name, old, new) for name, (old, new) in outcome.links.items() if old != new and new != ALONE)
    return [f"{name}: {old or 'new'} {arrow} {new}" for name, old, new in moved]


def _allowing(made: Explained, arrow: str, chosen: Sequence[str]) -> list[Line]:
    """By which reading an action is refused, what would come of it by another, and the command that shows it."""
    words, readings = made.model.words, made.model.policy.readings
    if made.explanation.verdict is not StepVerdict.REFUSED or not readings:
        return []
    if not made.allowing:
        none = f"No reading of the {words.page} alone decides this: with any other option of one it is refused, too."
        return [("", ""), (none, "bold")]
    told = [("", ""), (f"How the {words.page} is read decides this: it would be allowed with", "bold")]
    for one in made.allowing:
        about = readings[one.reading].options[one.option].about
        told.append((f"  {about} ({one.reading}={one.option} instead of {one.now})", ""))
        told.append((f"    what would come of it: {_comes_of(one.outcome, arrow)}", ""))
        again = (*made.again, *chosen) if one.given else (*made.again, *_but(chosen, one))
        where = f", once the scenario's own readings say {one.reading}: {one.option}" if one.given else ""
        told.append((f"    to see it{where}: {shlex.join(again)}", ""))
    return told


def _comes_of(outcome: Outcome, arrow: str) -> str:
    """What would come of an action, in a line."""
    moved = [f"{outcome.before.status} {arrow} {outcome.after.status}"] if outcome.moved else []
    synced = ["synced" if outcome.synced else "not synced"] if outcome.event.item is not None else []
    links = [f"link of {link}" for link in _links(outcome, arrow)]
    told = [f"told: {', '.join(outcome.notified)}"] if outcome.notified else []
    return "; ".join([*moved, *synced, *links, *told]) or "done"


def _but(chosen: Sequence[str], one: Allowing) -> list[str]:
    """The options with another one of a reading."""
    pairs = list(zip(chosen[::2], chosen[1::2], strict=True))
    kept = [pair for pair in pairs if pair[0] != "--reading" or pair[1].partition("=")[0].strip() != one.reading]
    return [word for pair in (*kept, ("--reading", f"{one.reading}={one.option}")) for word in pair]


def _grounds(made: Explained) -> list[Line]:
    """In short what it depends on: the facts that were tested, then how the page is read."""
    model, outcome = made.model, made.explanation.outcome
    told: list[Line] = []
    if outcome.event.item is None and outcome.before.status != ALONE:
        told.append((f"  the {model.words.status} before: {outcome.before.status}", ""))
    for fact, values in facts_tested(outcome).items():
        said = " or ".join(_value(made, fact, value) for value in values)
        told.append((f"  {_about(model, fact)}: {said}", ""))
    known = {one.reading for one in made.allowing}
    behind = [name for name in readings_behind(outcome) if name not in known]
    of_notices = deciding_who_is_told(outcome, behind)
    told += [(f"  {_reading(model, name)}", "") for name in behind if name not in of_notices]
    told += [(f"  by what was done before: {_reading(model, name)}", "") for name in made.before if name not in known]
    told += [(f"  of who is told: {_reading(model, name)}", "") for name in of_notices]
    return [("", ""), ("It depends on", "bold"), *told] if told else []


def _about(model: Model, fact: str) -> str:
    """A fact in words, with its name; a field, and what only the policy knows, by the name."""
    memory = model.vocabulary.history.get(fact)
    about = FACTS.get(fact, SINCE.get(fact, "")) if memory is None else memory.about.rstrip(".")
    return f"{model.words.say(about)} ({fact})" if about else fact


def _reading(model: Model, name: str) -> str:
    """A reading with the answer that is in force, and what else it could be read as."""
    reading, now = model.policy.readings[name], model.readings[name]
    others = ", or ".join(option for option in reading.options if option != now)
    gap = f"[{reading.gap}] " if reading.gap else ""
    return phrases.printable_line(f"{reading.question} {reading.options[now].about} {gap}({name}={now}, or {others})")


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


def _flips(made: Explained) -> list[Line]:
    """What else would turn the verdict; of a refusal, also what it would come to, since all that is not one allows."""
    explanation = made.explanation
    if explanation.outcome.defects:
        return []
    known = {(one.reading, one.option) for one in made.allowing}
    flips = [flip for flip in explanation.flips if {(c.fact, c.then) for c in flip.changes} - known]
    if not flips:
        none = "No change of up to three facts would turn the verdict."
        return [] if made.allowing else [("", ""), (none, "bold")]
    if explanation.verdict is StepVerdict.REFUSED:
        also = " also" if made.allowing else ""
        head = f"It would{also} be allowed, all else being equal, with"
        said = [
            f"{text}{'' if verdict is StepVerdict.DONE else f': then {verdict}'}"
            for verdict, some in _by_verdict(flips)
            for text in _merged(made, some)
        ]
        return [("", ""), (head, "bold"), *((f"  {text}", "") for text in said)]
    told: list[Line] = []
    for verdict, some in _by_verdict(flips):
        words = "not be synced" if verdict is StepVerdict.NOT_SYNCED else f"be {verdict}"
        told += [("", ""), (f"It would {words}, all else being equal, with", "bold")]
        told += [(f"  {text}", "") for text in _merged(made, some)]
    return told


def _by_verdict(flips: Sequence[Flip]) -> list[tuple[StepVerdict, list[Flip]]]:
    """Flips by what they lead to."""
    found: dict[StepVerdict, list[Flip]] = {}
    for flip in flips:
        found.setdefault(flip.becomes, []).append(flip)
    return list(found.items())


def _merged(made: Explained, flips: Sequence[Flip]) -> list[str]:
    """Flips in words; those that differ only in the last fact's value as one."""
    merged: dict[tuple[tuple[FactChange, ...], str], list[FactChange]] = {}
    for flip in flips:
        *first, last = flip.changes
        merged.setdefault((tuple(first), last.fact), []).append(last)
    return [
        " and ".join([*(_told(made, [change]) for change in changes), _told(made, lasts)])
        for (changes, _), lasts in merged.items()
    ]


def _told(made: Explained, changes: list[FactChange]) -> str:
    """A fact with the values that it would have to have, any of them."""
    fact, now = changes[0].fact, changes[0].now
    wanted = " or ".join(_value(made, fact, change.then) for change in changes)
    return f"{fact}: {wanted} (instead of {phrases.value(now) if fact == 'phase' else _value(made, fact, now)})"


def _value(made: Explained, fact: str, value: object) -> str:
    """A value as a reader knows it: a phase with the statuses that are in it, whoever owns the item by name."""
    model, outcome = made.model, made.explanation.outcome
    if fact == "by" and (item := outcome.before.items.get(outcome.event.item or "")) is not None:
        return f"{value}, the {item.owner if value == 'owner' else model.vocabulary.other(item.owner)}"
    if fact != "phase" or model.policy.machines:
        return phrases.value(value)
    statuses = [name for name, state in model.status_spec.states.items() if state.phase == value]
    return f"{value} ({', '.join(statuses)})"


def as_json(made: Explained) -> dict[str, Any]:
    """The same for programs."""
    explanation, outcome = made.explanation, made.explanation.outcome
    return {
        "moment": made.moment,
        "actor": outcome.event.actor,
        "action": str(outcome.event),
        "verdict": str(explanation.verdict),
        "refused": outcome.refused,
        "synced": outcome.synced,
        "rules": [_hit_as_data(hit) for hit in dict.fromkeys(outcome.hits)],  # of several items each has the same
        "transition": outcome.moved.transition.id if outcome.moved else None,
        "sources": list(outcome.sources),
        "readings": list(readings_behind(outcome)),
        "depends_on": {"facts": facts_tested(outcome), "readings": [*readings_behind(outcome), *made.before]},
        "allowed_with": [
            {
                "reading": one.reading,
                "from": one.now,
                "to": one.option,
                "synced": one.outcome.synced,
                "given": one.given,
            }
            for one in made.allowing
        ],
        "flips": [
            {
                "changes": [{"fact": c.fact, "from": c.now, "to": c.then} for c in flip.changes],
                "becomes": str(flip.becomes),
            }
            for flip in explanation.flips
        ],
    }


def _hit_as_data(hit: Hit) -> dict[str, Any]:
    """A deciding row with every condition's value."""
    allowed = dict(hit.row.when)
    return {
        "id": hit.row.id,
        "table": hit.table,
        "conditions": [
            {"fact": fact, "actual": value, "allowed": list(allowed.get(fact, ())) or None}
            for fact, value in hit.actual
        ],
        "sources": list(hit.row.sources),
    }
