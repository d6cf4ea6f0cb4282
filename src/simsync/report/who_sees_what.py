"""Who sees what of each item: both tickets side by side, and in words what the rules leave unsaid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.view import entry_on, shown
from simsync.engine.world import Item, World
from simsync.errors import listed
from simsync.policy.policy import Shown, Value, Vocabulary
from simsync.policy.words import Noun
from simsync.report import phrases

NOT_SAID = "not said"
"""What a flag says of an item of a kind that has no such flag."""
NOT_THERE = "not there"

Sight = dict[str, Value | None]
"""What a ticket shows of an item; None stands for a flag that its kind does not have."""


@dataclass(frozen=True, slots=True)
class SeenFact:
    """A line of the table: what it is about, and what each ticket says of it, the first partner's first.

    ``item`` is whose line it is; its first one has no ``fact`` and says the kind.
    """

    item: str
    fact: str
    says: tuple[str, ...]


def is_flag(vocabulary: Vocabulary, show: Shown) -> bool:
    """Whether it is true or false."""
    values = vocabulary.fields[show.field].values
    return bool(values) and all(isinstance(value, bool) for value in values)


def sight(vocabulary: Vocabulary, item: Item, partner: str) -> Sight | None:
    """What a partner's ticket shows of an item, flags that it does not have included; None where it is not there."""
    view = shown(vocabulary, item, partner)
    if view is None:
        return None
    unsaid = [s.name for s in _on(vocabulary, partner) if s.name not in view and is_flag(vocabulary, s)]
    return {**view, **dict.fromkeys(unsaid)}


def sights(vocabulary: Vocabulary, world: World) -> dict[str, dict[str, Sight | None]]:
    """What each partner's ticket shows of each item."""
    return {n: {p: sight(vocabulary, item, p) for p in vocabulary.partners} for n, item in world.items.items()}


def _on(vocabulary: Vocabulary, partner: str) -> Iterator[Shown]:
    return (show for show in vocabulary.shows if show.ticket in (None, partner))


def rows(vocabulary: Vocabulary, world: World) -> Iterator[SeenFact]:
    """What both tickets say, item by item, what is on neither included."""
    names = list(dict.fromkeys(show.name for show in vocabulary.shows))
    for name, seen in sights(vocabulary, world).items():
        yield SeenFact(name, "", tuple(NOT_THERE if one is None else str(one["kind"]) for one in seen.values()))
        for fact in names:
            if any(fact in one for one in seen.values() if one is not None):
                free = not any(vocabulary.fields[s.field].values for s in vocabulary.shows if s.name == fact)
                says = tuple(_said(one, fact, free=free) for one in seen.values())
                yield SeenFact(name, fact.replace("_", " "), says)


def _said(one: Sight | None, fact: str, *, free: bool) -> str:
    if one is None or fact not in one:
        return ""
    what = one[fact]
    if what is None:
        return NOT_SAID
    if isinstance(what, bool):
        return "yes" if what else "no"
    return phrases.quoted(what) if free else phrases.value(what)


def unsaid(model: Model, world: World) -> Iterator[str]:
    """A sentence for each field by which tickets show flags of some items, and not of others, which do not have it."""
    vocabulary = model.vocabulary
    by_field: dict[str, list[Shown]] = {}
    for show in vocabulary.shows:
        if is_flag(vocabulary, show):
            by_field.setdefault(show.field, []).append(show)
    for field, shows in by_field.items():
        kinds, names = dict[str, None](), dict[str, None]()
        for (name, item), partner in product(world.items.items(), vocabulary.partners):
            entry = entry_on(item, partner)
            if entry is not None and field not in entry.fields and any(s.ticket in (None, partner) for s in shows):
                kinds[entry.kind] = names[name] = None
        if names:
            have = " and ".join(Noun.of(kind).a for kind in kinds)
            yield f"{NOT_SAID}: of {have} ({listed(names)}) the {model.words.page} {_silent_on(shows)}"


def _silent_on(shows: Iterable[Shown]) -> str:
    """What is not said where tickets lack some flags: by what they mean, or by their names where nothing says that."""
    plain = dict.fromkeys(f"'{show.name.replace('_', ' ')}'" for show in shows if not show.about)
    meant = dict.fromkeys(
        f"{show.about[0].lower()}{show.about[1:].rstrip('.')} ({show.name.replace('_', ' ')})"
        for show in shows
        if show.about
    )
    nothing = f"nothing about {' and '.join(plain)}" if plain else ""
    if not meant:
        return f"says {nothing}"
    return f"does not say {' or '.join(meant)}{f', and {nothing}' if nothing else ''}"


def meanings(vocabulary: Vocabulary, world: World) -> dict[str, str]:
    """What the rules say of the kinds of what is there, and of what a ticket shows in other words than a field's."""
    views = [one for seen in sights(vocabulary, world).values() for one in seen.values() if one is not None]
    there = {fact for one in views for fact, value in one.items() if value is not None}
    there_too = {str(one["kind"]) for one in views}
    kinds = {name: kind.about for name, kind in vocabulary.kinds.items() if kind.about and name in there_too}
    shows = {s.name.replace("_", " "): s.about for s in vocabulary.shows if s.about and s.name in there}
    return {**kinds, **shows}


def left_open(model: Model, outcomes: Iterable[Outcome]) -> dict[str, str]:
    """The gaps that outcomes rest on and that no reading is about, each with what it leaves open."""
    policy = model.policy
    cited = frozenset[str]().union(*(outcome.cited for outcome in outcomes))
    return policy.citations.gaps_among(cited, {reading.gap for reading in policy.readings.values()})


def without_ticket(model: Model, world: World) -> list[str]:
    """The partners who have no ticket in the world's status."""
    there = model.status_spec.phases[model.phase(world.status)].tickets
    return [partner for partner in model.vocabulary.partners if partner not in there]


def told(outcomes: Iterable[tuple[int, Outcome]]) -> Mapping[str, list[int]]:
    """Who was told in a run, each with the lines of the steps, once for each time."""
    found: dict[str, list[int]] = {}
    for line, outcome in outcomes:
        for one in outcome.notified:
            found.setdefault(one, []).append(line)
    return found


def told_in_words(told: Mapping[str, list[int]], place: str = "line") -> str:
    """Who was told, how often and where.

    >>> told_in_words({"owner": [4], "desk": [4, 7]})
    'owner once (line 4), desk 2 times (lines 4, 7)'
    """
    return ", ".join(f"{who} {_times(lines, place)}" for who, lines in told.items())


def _times(lines: list[int], place: str) -> str:
    where = listed(dict.fromkeys(lines))
    return f"once ({place} {where})" if len(lines) == 1 else f"{len(lines)} times ({place}s {where})"
