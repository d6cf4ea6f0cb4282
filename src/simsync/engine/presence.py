"""Whether tickets show any item of a kind, as a step finds it: the facts that join items."""

from __future__ import annotations

from collections.abc import Iterable

from simsync.engine.compared import Compared
from simsync.engine.view import entry_on
from simsync.engine.world import World
from simsync.policy.facts import ANY, HERE, THERE
from simsync.policy.policy import Vocabulary


def presence(tested: Iterable[str], vocabulary: Vocabulary, world: World, actor: str) -> Compared:
    """Those of some facts that are tested, in a world that somebody acts in; without a ticket nothing is here."""
    sides: dict[str, str] = {partner: partner for partner in vocabulary.partners}
    if actor in vocabulary.partners:
        sides |= {HERE: actor, THERE: vocabulary.other(actor)}
    found = []
    for fact in tested:
        side, _, what = fact.partition(".")
        kind = what.removeprefix(ANY)
        found.append((fact, any(_shows(world, sides[side], kind)) if side in sides else None))
    return tuple(found)


def _shows(world: World, partner: str, kind: str) -> Iterable[bool]:
    entries = (entry_on(item, partner) for item in world.items.values())
    return (entry is not None and entry.kind == kind for entry in entries)
