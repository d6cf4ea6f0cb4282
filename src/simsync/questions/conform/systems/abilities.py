"""What a system says that it can do, and cannot: which actions, by whom, on whose items, of which kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from simsync.engine.actions import Grammar
from simsync.engine.model import Model
from simsync.engine.world import Event, World
from simsync.policy.facts import CHANGES, CREATE
from simsync.policy.policy import Vocabulary
from simsync.questions.conform.systems.mapping import SAME, Names

OWN, OTHERS = "own", "other's"
"""On whose items, as an ability says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Some actions, said as one; what is None may be anything.

    >>> str(Deed(action="edit", actor="b", whose=OTHERS, kind="event"))
    "b: edit other's event"
    """

    action: str
    actor: str | None = None
    whose: str | None = None
    kind: str | None = None

    def __str__(self) -> str:
        words = " ".join(word for word in (self.action, self.whose, self.kind) if word)
        return f"{self.actor}: {words}" if self.actor else words

    def covers(self, other: Deed) -> bool:
        """Whether an action is among them."""
        pairs = ((self.actor, other.actor), (self.whose, other.whose), (self.kind, other.kind))
        return self.action == other.action and all(mine in (None, one) for mine, one in pairs)


class Deeds:
    """Reads deeds as a system or a mapping says them: `delete`, `create note`, `b: create`, `edit other's event`."""

    def __init__(self, words: Vocabulary, triggers: Iterable[str], names: Names = SAME) -> None:
        self._triggers = {names.actions.get(one, one): one for one in triggers}
        self._changes = {names.actions.get(one, one): one for one in CHANGES}
        self._actors = {names.partners.get(one, one): one for one in words.acting}
        self._kinds = {str(names.kinds.get(one, one)): one for one in words.kinds}
        for ours, known in ((triggers, self._triggers), (CHANGES, self._changes), (words.kinds, self._kinds)):
            for one in ours:  # our own names are understood, too
                known.setdefault(one, one)

    @property
    def plain(self) -> list[str]:
        """Those of anybody, on anybody's items."""
        kinds = [f"{change} {kind}" for change in CHANGES for kind in self._kinds.values()]
        return list(dict.fromkeys((*CHANGES, *kinds, *self._triggers.values())))

    def read(self, text: str) -> Deed | None:
        """What a text says, None if it is nothing that can be done here."""
        head, colon, rest = text.partition(":")
        actor = self._actors.get(head.strip()) if colon else None
        said = rest.strip() if actor is not None else text
        if said in self._triggers:
            return Deed(action=self._triggers[said], actor=actor)
        for name, change in self._changes.items():
            if said == name or said.startswith(f"{name} "):
                return self._change(change, actor, said.removeprefix(name).strip())
        return None

    def _change(self, change: str, actor: str | None, rest: str) -> Deed | None:
        whose = next((one for one in (OWN, OTHERS) if rest == one or rest.startswith(f"{one} ")), None)
        kind = rest.removeprefix(whose or "").strip()
        if (kind and kind not in self._kinds) or (whose is not None and change == CREATE):
            return None
        return Deed(action=change, actor=actor, whose=whose, kind=self._kinds[kind] if kind else None)


class Ability:
    """Which actions a system can do, as far as it or the mapping says."""

    def __init__(self, model: Model, names: Names, can: Collection[str], cannot: Collection[str]) -> None:
        triggers = Grammar(model.factory).triggers
        self.known = Deeds(model.vocabulary, triggers, names)
        ours = Deeds(model.vocabulary, triggers)
        read = {one: self.known.read(one) for one in (*can, *cannot)}
        self._only = [deed for one in sorted(can) if (deed := read[one])]
        never = [*(read[one] for one in sorted(cannot)), *map(ours.read, names.cannot)]
        self._never = [deed for deed in never if deed]
        self.strange = tuple(sorted(one for one in cannot if read[one] is None))
        """What it says it cannot do that is no action here."""

    @property
    def limited(self) -> bool:
        """Whether there is anything that the system cannot do."""
        return bool(self._only or self._never)

    def lacks(self, world: World, event: Event) -> str | None:
        """What the system would have to be able to do for this event, and cannot; None if it can do it."""
        asked = _asked(world, event)
        never = next((deed for deed in self._never if deed.covers(asked)), None)
        if never is not None and (never.actor or never.whose):
            return str(never)
        if never is not None or (self._only and not any(deed.covers(asked) for deed in self._only)):
            return str(Deed(action=asked.action, kind=asked.kind))
        return None


def _asked(world: World, event: Event) -> Deed:
    """What has to be done for an event."""
    if event.item is None:
        return Deed(action=event.action, actor=event.actor)
    kind, whose = event.kind, OWN
    if event.action != CREATE and (item := world.items.get(event.item)) is not None:
        whose = OWN if item.owner == event.actor else OTHERS
        kind = item.copy.kind if item.copy and item.owner != event.actor else item.original.kind
    return Deed(action=event.action, actor=event.actor, whose=whose, kind=kind)


def as_schema(words: Vocabulary, plain: Iterable[str], more: Iterable[str]) -> Mapping[str, object]:
    """The JSON Schema of a text that says a deed, or one of ``more``."""
    kinds = "|".join(_escaped(kind) for kind in words.kinds)
    change, whose = "|".join(one for one in CHANGES if one != CREATE), f"{OWN}|{OTHERS}"
    actors = "|".join(_escaped(one) for one in words.acting)
    some = "|".join(_escaped(one) for one in plain)
    pattern = f"^(({actors}): ?)?({some}|({change}) ({whose})( ({kinds}))?)$"
    return {"anyOf": [{"enum": [*plain, *more]}, {"type": "string", "pattern": pattern}]}


def _escaped(text: str) -> str:
    """A text as a part of a regular expression of JSON Schema, which knows fewer escapes than Python."""
    return "".join(f"\\{one}" if one in r"\^$.|?*+()[]{}/" else one for one in text)
