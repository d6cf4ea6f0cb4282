"""What a scenario that was made is for, as a title in words: what is done in its last step, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.engine.world import Event
from simsync.policy.facts import CREATE, DELETE
from simsync.policy.policy import ALONE
from simsync.policy.words import Noun

MOST = 98
"""About how long a title may be: of what came of the step, less is told where that is too long."""


def title_in_words(model: Model, way: Trace, at: int = -1, before: int | None = None) -> str:
    """A scenario by what is done in one of its steps, the last one if none is named, and what comes of it.

    ``before`` is an earlier step that matters as well.
    """
    outcomes = simulate(model.under(way.readings), way)
    last = outcomes[at]
    steps = [last] if before is None or outcomes[before] is last else [outcomes[before], last]
    where = _where(steps[0])
    did = gist(steps[0]) if len(steps) == 1 else f"{gist(steps[0])}, then {gist(last, steps[0])}"
    readings = f" ({', '.join(f'{name}={option}' for name, option in way.readings.items())})" if way.readings else ""
    came = list(came_of(last))
    while len(came) > 1 and len(where) + len(did) + len(", ".join(came)) + len(readings) > MOST:
        came.pop()
    return f"{f'Given {where}, ' if where else ''}{did}{f', and {listed(came)}' if came else ''}{readings}"


def titles_in_words(model: Model, ways: Iterable[Trace]) -> list[str]:
    """The titles of scenarios that stand side by side.

    One that is there already names an earlier step too, the latest that tells it apart, or bears a number.
    """
    found: list[str] = []
    done: set[str] = set()
    for way in ways:
        title, again = title_in_words(model, way), repr(way) in done
        if title in found and not again:
            earlier = (title_in_words(model, way, before=at) for at in reversed(range(len(way.events) - 1)))
            title = next((one for one in earlier if one not in found), title)
        found.append(title)
        done.add(repr(way))
    return told_apart(found)


def told_apart(titles: Iterable[str]) -> list[str]:
    """The titles, with a number behind each that is there already.

    >>> told_apart(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    counted: Counter[str] = Counter()
    found = []
    for title in titles:
        counted[title] += 1
        found.append(title if counted[title] == 1 else f"{title} ({counted[title]})")
    return found


def _where(outcome: Outcome) -> str:
    """The status before a step: of several machines the actor's own, and shared ones that are not as usual."""
    spec, actor = outcome.model.status_spec, outcome.event.actor
    if not (parts := spec.parts(outcome.before.status)):
        return "" if outcome.before.status == ALONE else outcome.before.status
    begin, partners = spec.parts(spec.begin), outcome.model.vocabulary.partners
    own = [parts[actor]] if actor in parts else []
    shared = [state for key, state in parts.items() if key not in partners and (not own or state != begin[key])]
    return ", ".join((*shared, *own)) or ", ".join(parts.values())


def listed(parts: Sequence[str]) -> str:
    """Parts as a sentence joins them."""
    *rest, last = parts
    return f"{', '.join(rest)} and {last}" if rest else last


def gist(outcome: Outcome, behind: Outcome | None = None) -> str:
    """What was done, without names and texts; ``behind`` another step it does not say again who and what."""
    event, item = outcome.event, outcome.before.items.get(outcome.event.item or "")
    who = "" if behind and behind.event.actor == event.actor else f"{event.actor} "
    if event.item is None:
        return f"{who}does {event.action}"
    kind = event.kind or (item.original.kind if item else "")
    if event.action == CREATE:
        return f"{who}creates {Noun.of(kind).a}{_set(event, outcome.model)}"
    whose = f"its {kind}" if item is None or item.owner == event.actor else f"{item.owner}'s {kind}"
    if behind and behind.event.item == event.item:
        whose = "it"
    if event.action == DELETE:
        return f"{who}deletes {whose}"
    return f"{who}changes {whose}{_set(event, outcome.model)}"


def _set(event: Event, model: Model) -> str:
    """The fields of few values that an action sets to something else than their default, or at all in an edit."""
    fields = model.vocabulary.fields
    said = []
    for name, value in event.fields.items():
        if fields[name].values and (event.action != CREATE or value != fields[name].default):
            flag = name.replace("_", " ")
            said.append(flag if value is True else f"not {flag}" if value is False else f"{flag} {value}")
    return f" ({', '.join(said)})" if said else ""


def came_of(outcome: Outcome) -> Iterator[str]:
    """What anybody can see of what came of a step, the most telling first."""
    model, event = outcome.model, outcome.event
    if outcome.refused is not None:
        yield "that is refused"
        return
    if outcome.defects:
        yield "the rules leave it open"
        return
    if outcome.before.status != outcome.after.status:
        yield f"that leads to {_moved(outcome)}"
    crossed = [_crossed(outcome, partner) for partner in model.vocabulary.partners if partner != event.actor]
    yield from filter(None, crossed)
    unmoved = outcome.before.status == outcome.after.status and bool(outcome.before.items)
    if (event.item is not None or unmoved) and not any(crossed):
        yield "nothing crosses over"
    for old, new in outcome.links.values():
        if old != new and new != ALONE and event.item is not None:
            yield f"its link is {new}"
    if outcome.notified:
        yield f"{listed([*dict.fromkeys(outcome.notified)])} is told"


def _moved(outcome: Outcome) -> str:
    spec = outcome.model.status_spec
    was, now = spec.parts(outcome.before.status), spec.parts(outcome.after.status)
    return " and ".join(f"{key} {state}" for key, state in now.items() if state != was[key]) or outcome.after.status


def _crossed(outcome: Outcome, partner: str) -> str:
    """What became of a ticket other than the actor's."""
    changes = outcome.changes(partner).values()
    verbs = {
        "appears": any(old is None for old, _ in changes),
        "changes": any(old is not None and new is not None for old, new in changes),
        "is gone": any(new is None for _, new in changes),
    }
    said = " and ".join(verb for verb, so in verbs.items() if so)
    what = "it" if outcome.event.item else outcome.model.words.item.a
    return f"{what} {said} on {partner}'s {outcome.model.words.ticket}" if said else ""
