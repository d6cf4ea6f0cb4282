"""The words of an action: `create KIND NAME`, `edit NAME`, `delete NAME`, or a status action."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import NamedTuple

from simsync.engine.model import ModelFactory
from simsync.errors import Code, listed, named, nearest, not_among
from simsync.policy.facts import CHANGES, CREATE, DELETE, EDIT
from simsync.policy.names import folded, too_alike
from simsync.policy.policy import Creation, Decides, Transition

_OTHER_WORDS = {
    CREATE: ("add", "enter", "insert", "log", "make", "new", "write"),
    EDIT: ("alter", "change", "modify", "set", "update"),
    DELETE: ("drop", "erase", "remove"),
}
"""What people call a change, by our word for it."""

_NUMBER = re.compile(r"-([2-9]|[1-9]\d+)$")
"""Which item of the product's own it is, of those that are called alike."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action as written; ``kind`` only of a creation, ``item`` None for a status action."""

    name: str
    kind: str | None = None
    item: str | None = None


class ActionError(ValueError):
    """An action that cannot be read; the message is a sentence."""


class Created(dict[str, tuple[str, str | None]]):
    """The items created so far, each with its owner and its kind (None if that could not be read).

    ``exact``: names are a system's own, which may differ in case only.
    """

    def __init__(self, items: Mapping[str, tuple[str, str | None]] | None = None, *, exact: bool = False) -> None:
        super().__init__(items or {})
        self._exact = exact
        self._folded: dict[str, str] = {}
        self._looked_at = 0

    def alike(self, name: str) -> str | None:
        """The item whose name differs from this one in case or normalization only."""
        if self._exact:
            return None
        for other in islice(self, self._looked_at, None):
            self._folded.setdefault(folded(other), other)
        self._looked_at = len(self)
        return self._folded.get(folded(name))


class Misuse(NamedTuple):
    """An action that makes no sense where it stands; ``field`` is the one at fault, if it is one."""

    code: Code
    sentence: str
    field: str | None = None


class Grammar:
    """Reads actions and knows which fields each may set, for one policy."""

    def __init__(self, factory: ModelFactory) -> None:
        self.policy = factory.policy
        self.triggers = factory.triggers
        self._transitions = tuple(self.policy.transitions(self.policy.status))
        self._words = self.policy.vocabulary.words
        self._status_actions = {trigger: Action(trigger) for trigger in self.triggers}
        self._kinds = {tuple(kind.split()): kind for kind in self.policy.vocabulary.kinds}
        self._set_by = {
            change: {f.name for f in self.policy.vocabulary.fields.values() if change in f.set_by} for change in CHANGES
        }
        self._made_by = {row.id: row.then.create for row in self.policy.rows if row.then.create}
        self._creates = {kind: self._settable(CREATE, kind) for kind in self.policy.vocabulary.kinds}
        self._edits_copy = {
            (owner, kind): self._settable(EDIT, *self._copied_as(owner, kind))
            for owner in self.policy.vocabulary.partners
            for kind in self.policy.vocabulary.kinds
        }
        self._edits_own = {kind: self._settable(EDIT, kind) for kind in self.policy.vocabulary.kinds}

    def _created_twice(self, name: str, kind: str | None) -> str:
        """What to do where a name is taken; what a thing is called on tickets is another matter."""
        words, vocabulary = self._words, self.policy.vocabulary
        handle = f"a name is the handle of one {words.item} for good, and no {words.ticket} shows it"
        sentence = f"'{name}' was created already; {handle}: give the new one another"
        if kind is None:
            return sentence
        said = " or ".join(f"'{one}'" for one in vocabulary.kinds[kind].fields if not vocabulary.fields[one].values)
        about = vocabulary.kinds[kind].about.rstrip(".")
        called = f"; what it is called is said with {said}" if said else ""
        return sentence + called + (f" ({kind}: {about})" if about else "")

    def product_item(self, name: str, created: Collection[str]) -> tuple[str, str] | None:
        """The owner and the kind of the item that rules make under a name, beside others; None where none do."""
        made = self.made_by_rules(name, created)
        return None if made is None else (made.owner, made.kind)

    def made_by_rules(self, name: str, created: Collection[str]) -> Creation | None:
        """By what rules make the item of a name, beside others; None where none do."""
        for row, made in self._made_by.items():
            about = name.removeprefix(row)
            if about != name and any(self._is_about(one, created) for one in (about, _NUMBER.sub("", about))):
                return made
        return None

    def _is_about(self, words: str, created: Collection[str]) -> bool:
        """Whether an item of the product's own can be about what the rest of its name says, if it says anything."""
        item = words.removeprefix("-of-")
        return not words or (item != words and (item in created or self.product_item(item, created) is not None))

    def _settable(self, change: str, *kinds: str) -> tuple[str, ...]:
        fields = (f for kind in kinds for f in self.policy.vocabulary.kinds[kind].fields)
        return tuple(dict.fromkeys(f for f in fields if f in self._set_by[change]))

    def fields(self, action: Action, kind: str, owner: str, actor: str) -> tuple[str, ...]:
        """The fields that an action may set on an item of a kind: its owner's, or what the other's copy of it is."""
        if action.name == CREATE:
            return self._creates[kind]
        if action.name != EDIT:
            return ()
        return self._edits_own[kind] if actor == owner else self._edits_copy[owner, kind]

    def misuses(self, action: Action, actor: str, created: Created, fields: Collection[str]) -> Iterator[Misuse]:
        """What is wrong with an action by an actor, given what was created before and the fields that it sets."""
        owner, kind = actor, action.kind
        if action.item is not None and actor in self.policy.vocabulary.actors:
            which = f"; those who have: {', '.join(self.policy.vocabulary.partners)}"
            yield Misuse(
                Code.BAD_ACTION, f"'{actor}' has no {self._words.ticket}, and so changes no {self._words.item}{which}"
            )
            return
        if action.item is not None and action.name == CREATE:
            if action.item in created:
                yield Misuse(Code.DUPLICATE_ITEM, self._created_twice(action.item, action.kind))
            elif other := created.alike(action.item):
                yield Misuse(Code.BAD_NAME, too_alike(action.item, other))
            elif self.product_item(action.item, created):
                sentence = f"'{action.item}' is what {self._words.item.a} of the product's own is called"
                yield Misuse(Code.DUPLICATE_ITEM, f"{sentence}; name this one otherwise")
        elif action.item is not None:
            known = created.get(action.item) or self.product_item(action.item, created)
            owner, kind = known or (actor, None)
            if known is None:
                what = not_among(f"{self._words.item.a} that was created before", action.item, created)
                yield Misuse(Code.UNKNOWN_ITEM, what)
        unknown = action.item is not None and kind is None
        allowed = self.fields(action, kind, owner, actor) if kind is not None else ()
        if action.name == EDIT and not fields:
            which = f": {' or '.join(allowed)}" if allowed else ""
            yield Misuse(Code.EMPTY_EDIT, f"an edit changes at least one field{which}")
        for field in fields:
            if field not in allowed and not unknown:
                words = " ".join(word for word in (action.name, action.kind, action.item) if word)
                what = f"allowed here: {', '.join(allowed)}" if allowed else f"'{action.name}' takes no fields"
                yield Misuse(Code.MISPLACED_FIELD, f"the field '{field}' does not belong to '{words}'; {what}", field)

    def _copied_as(self, owner: str, kind: str) -> dict[str, None]:
        """The kinds that a copy of an item can be of, in the order of the rows."""
        here = {"owner": owner, "kind": kind}
        fits = (
            row
            for row in self.policy.rows
            if self.policy.tables[row.table].decides is Decides.COPY
            and all(fact not in here or here[fact] in values for fact, values in row.when)
        )
        return dict.fromkeys(row.then.kind or kind for row in fits) or {kind: None}

    def parse(self, text: str, actor: str | None = None) -> Action:
        """The action that some words mean; raises :class:`ActionError` with what would be right for the actor."""
        if not text.isprintable():
            meant = " ".join("".join(c if c.isprintable() else " " for c in text).split())
            odd = next(c for c in text if not c.isprintable())
            why = f"an action, and so {self._words.item.a}'s name, has printable characters only, not U+{ord(odd):04X}"
            raise ActionError(f"{why}; write: {meant}" if meant and odd.isspace() else why)
        words = text.split()
        status_action = self._status_actions.get(" ".join(words))
        if status_action is not None:
            return status_action
        if not words:
            raise ActionError(f"an action is wanted here. Allowed: {', '.join(self._allowed(actor))}")
        if words[0] == CREATE:
            return self._parse_create(words)
        if words[0] in CHANGES:
            if len(words) != 2:
                one = "_".join(words[1:])
                why = "; a name has no blanks in it" if one else ""
                message = (
                    f"'{words[0]}' takes the name of one {self._words.item}{why}, as in '{words[0]} {one or 'N1'}'"
                )
                raise ActionError(message)
            return Action(words[0], None, words[1])
        if (instead := self.meant(words)) is not None:
            what = text if instead == f"{CREATE} {' '.join(words)}" else words[0]
            raise ActionError(f"{named(what)} is not an action; did you mean: {instead}")
        allowed = self._allowed(actor)
        if nearest(text, allowed) is None and (other := self._related(words, actor)) is not None:
            what = f"{named(text)} is not an action; did you mean {named(other.trigger)}, {self._told(other, actor)}?"
            raise ActionError(f"{what} Allowed: {', '.join(allowed)}")
        raise ActionError(not_among("an action", text, allowed))

    def _related(self, words: Iterable[str], actor: str | None) -> Transition | None:
        """The transition that is called, or leads to what is called, most like some words; an actor's own, if any."""
        names = {name.casefold() for name in self.policy.vocabulary.acting}
        said = {word.casefold() for word in words} - names
        like = [(_likeness(said, one, names), one) for one in self.policy.status.transitions]
        like = [one for one in like if one[0]]
        own = [one for one in like if actor in one[1].actors]
        return max(own or like, key=lambda one: one[0], default=(0, None))[1]

    def _told(self, transition: Transition, actor: str | None) -> str:
        """Whom a transition is for, if not for the actor; else where it leads."""
        if actor is not None and actor not in transition.actors:
            return f"which is for {listed(transition.actors)}"
        return f"which leads to {transition.dest}"

    def meant(self, words: list[str]) -> str | None:
        """The change that was called by another word than ours, or by none; None where that cannot be told."""
        if len(words) < 2:
            return None
        if tuple(words[:-1]) in self._kinds:
            return f"{CREATE} {' '.join(words)}"
        first = words[0].casefold()
        called = (ours for ours, others in _OTHER_WORDS.items() if first in (ours, *others))
        meant = next(called, None) or nearest(first, (*CHANGES, *(trigger.split()[0] for trigger in self.triggers)))
        if meant not in CHANGES:
            return None
        rest = " ".join(words[1:])
        kinds = {kind.casefold(): kind for kind in self._creates}
        given = rest.rpartition(" ")[0]
        rest = rest.replace(given, kinds.get(given.casefold(), given), 1)
        return f"{meant} {rest}"

    def _parse_create(self, words: list[str]) -> Action:
        kind = self._kinds.get(tuple(words[1:-1]))
        if kind is not None:
            return Action(CREATE, kind, words[-1])
        whole = self._kinds.get(tuple(words[1:]))
        if whole is not None:
            raise ActionError(
                f"'create {whole}' needs a name for the new {self._words.item}, as in 'create {whole} N1'"
            )
        for number in range(len(words), 1, -1):
            if kind := self._kinds.get(tuple(words[1:number])):
                one = "_".join(words[number:])
                raise ActionError(f"a name has no blanks in it; write: {CREATE} {kind} {one}")
        if len(words) < 3:
            raise ActionError(
                f"a creation names a kind and the new {self._words.item}, as in 'create {next(iter(self._creates))} N1'"
            )
        raise ActionError(not_among(f"a kind of {self._words.item}", " ".join(words[1:-1]), self._creates))

    def _allowed(self, actor: str | None) -> tuple[str, ...]:
        """What an actor can do in some status, or anybody if nobody is named."""
        forms = ("create KIND NAME", "edit NAME", "delete NAME") if actor not in self.policy.vocabulary.actors else ()
        own = (one.trigger for one in self._transitions if actor is None or actor in one.actors)
        return (*forms, *dict.fromkeys(own))


def _likeness(said: Iterable[str], one: Transition, names: Collection[str]) -> int:
    """How much of a transition some words name: the action, the transition itself, the status that it leads to.

    The ``names`` of those who act tell no transition from another.
    """
    called = " ".join(word for word in one.id.casefold().split("-") if word not in names)
    return 3 * _alike(said, one.trigger) + 2 * _alike(said, called) + _alike(said, one.dest)


def _alike(said: Iterable[str], name: str) -> int:
    """How many of some words begin as a word of a name does: with four letters at least, and half of either word."""
    named_so = name.casefold().split()
    return sum(any(_begin_alike(word, other) for other in named_so) for word in said)


def _begin_alike(one: str, other: str) -> bool:
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return common >= max(4, (max(len(one), len(other)) + 1) // 2)
