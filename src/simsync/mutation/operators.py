"""The mutation operators: what one declaration of a policy could say instead.

Whoever changes rules takes them from here: mutants of a policy change one declaration, and explanations of what a
system does change all that have something in common. What an operator gives may be what was said already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from simsync.errors import listed
from simsync.policy.policy import Effect, Policy, State, Then, Transition, Value, Vocabulary, When


def permission(then: Then, reason: str) -> Then:
    """It is refused for a reason instead of being allowed, or allowed instead of being refused."""
    return replace(then, refuse=reason if then.refuse is None else None)


def values(then: Then, known: Iterable[Value | None]) -> Iterator[Then]:
    """Each value for the fact that is derived."""
    return (replace(then, value=value) for value in known)


def effects(then: Then, known: Iterable[Effect]) -> Iterator[Then]:
    """Each of some effects."""
    return (replace(then, effect=effect) for effect in known)


def links(then: Then, triggers: Iterable[str]) -> Iterator[Then]:
    """Nothing fired, and each trigger of the link machine."""
    return (replace(then, link=trigger) for trigger in (None, *triggers))


def kinds(then: Then, words: Vocabulary) -> Iterator[Then]:
    """Each kind for a new copy."""
    return (replace(then, kind=kind) for kind in words.kinds)


def field_values(then: Then, name: str, words: Vocabulary) -> Iterator[tuple[Value, Then]]:
    """Each value for a field of a new copy."""
    for value in words.fields[name].values:
        yield value, replace(then, fields=tuple(dict(then.fields, **{name: value}).items()))


def told(then: Then, recipients: Iterable[str]) -> Iterator[tuple[str, Then]]:
    """Each recipient told no more, or told too."""
    for name in recipients:
        fewer = tuple(other for other in then.notify if other != name)
        yield name, replace(then, notify=fewer if name in then.notify else (*then.notify, name))


def tellings(then: Then, recipients: Iterable[str]) -> Iterator[Then]:
    """Nobody told, each recipient alone, each twice, and all of them."""
    each = tuple(recipients)
    told_once, told_twice = ((one,) for one in each), ((one, one) for one in each)
    return (replace(then, notify=some) for some in ((), *told_once, *told_twice, each))


def consequences(then: Then, policy: Policy) -> Iterator[tuple[Then, str]]:
    """Nothing brought about; an item made elsewhere, for the other partner, or with another flag; another move."""
    if then != Then():
        yield Then(), "brings nothing about"
    made, words = then.create, policy.vocabulary
    if made is not None:
        nouns = words.words
        where = f"on its owner's {nouns.ticket} alone" if made.both else f"on both {nouns.ticket.many}"
        yield replace(then, create=replace(made, both=not made.both)), f"makes the {nouns.item} {where}"
        other = words.other(made.owner)
        yield replace(then, create=replace(made, owner=other)), f"makes the {nouns.item} for {other}"
        for name, given in made.fields:
            for value in words.fields[name].values:
                if value != given:
                    fields = tuple(dict(made.fields, **{name: value}).items())
                    yield replace(then, create=replace(made, fields=fields)), f"makes it with {name}: {listed([value])}"
    for key, state in then.move:
        called = words.words.status if key == "status" else key
        for dest in policy.status.states:
            if dest != state:
                moves = tuple(dict(then.move, **{key: dest}).items())
                yield replace(then, move=moves), f"moves the {called} to {dest} instead of {state}"


def conditions(when: When, domain: Mapping[str, tuple[Value, ...]]) -> Iterator[tuple[When, str]]:
    """Each test of a condition dropped, inverted, or with one of its values less; and what that is in words."""
    for number, (fact, wanted) in enumerate(when):
        before, after = when[:number], when[number + 1 :]
        yield (*before, *after), f"no longer tests {fact}"
        others = tuple(value for value in domain[fact] if value not in wanted)
        if others:
            yield (*before, (fact, others), *after), f"tests {fact}: {listed(others)} instead of {listed(wanted)}"
        for value in wanted if len(wanted) > 1 else ():
            fewer = tuple(other for other in wanted if other != value)
            yield (*before, (fact, fewer), *after), f"no longer takes {fact}: {listed([value])}"


def never(when: When, fact: str) -> When:
    """A condition that nothing meets, whatever a fact is."""
    return ((fact, ()), *when)


def leaving(transition: Transition, source: str) -> Transition:
    """A transition that is not there from a source where it was, or is there from one where it was not."""
    fewer = tuple(one for one in transition.source if one != source)
    return replace(transition, source=fewer if source in transition.source else (*transition.source, source))


def leading(transition: Transition, states: Iterable[str]) -> Iterator[Transition]:
    """A transition to each state."""
    return (replace(transition, dest=state) for state in states)


def for_others(transition: Transition, words: Vocabulary) -> Iterator[tuple[Transition, str]]:
    """A transition that is for one of several actors less, or for the other partner instead of one."""
    actors = transition.actors
    if len(actors) > 1:
        for who in actors:
            yield replace(transition, actors=tuple(one for one in actors if one != who)), f"is not for {who}"
    elif actors and actors[0] in words.partners:
        other = words.other(actors[0])
        yield replace(transition, actors=(other,)), f"is for {other} instead of {actors[0]}"


def phases(state: State, known: Iterable[str]) -> Iterator[State]:
    """A state in each other phase."""
    return (replace(state, phase=phase) for phase in known if phase != state.phase)
