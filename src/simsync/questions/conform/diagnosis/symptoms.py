"""How a divergence shows: what is the same of many that have one cause, and no rule of synchronization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from simsync.engine.outcome import Outcome
from simsync.engine.view import entry_on
from simsync.policy.facts import CREATE, DELETE
from simsync.policy.words import Words
from simsync.questions.conform.fault_localization import APPEARANCE, KIND, StepMismatch


class SymptomKind(StrEnum):
    """What a symptom is about.

    The ticket of whoever acted; a status that changes although nobody changed it, or does not stay as it was changed;
    or what the rules make of a step.
    """

    ACTING = "acting"
    STATUS = "status"
    RULES = "rules"


class Symptom(NamedTuple):
    """How a divergence shows, in a sentence."""

    sort: SymptomKind
    about: str

    @property
    def head(self) -> str | None:
        """What such a finding is called; None where the rules that are broken say it."""
        return None if self.sort is SymptomKind.RULES else self.about


def symptom_of(outcomes: Sequence[Outcome], unlike: StepMismatch) -> Symptom:
    """How a system that is unlike the model after the last step is so, what is nearest to the action first."""
    words = outcomes[-1].model.words
    acting = _on_acting_ticket(outcomes[-1], unlike)
    if acting is not None:
        return Symptom(SymptomKind.ACTING, acting)
    if unlike.aspects == ("status",) and outcomes[-1].event.item is not None:
        return Symptom(SymptomKind.STATUS, words.say("the {status} does not stay as the {status} machine has it"))
    return Symptom(SymptomKind.RULES, "; ".join(_by_the_rules(outcomes[-1], unlike)))


def _on_acting_ticket(outcome: Outcome, unlike: StepMismatch) -> str | None:
    """What the actor's own ticket shows otherwise of the item that was just made or changed; None where it does not.

    Where the rules themselves undo what was set, it is for them to say.
    """
    event = outcome.event
    if event.item is None or outcome.refused is not None or "refused" in unlike.aspects:
        return None
    item, shown = outcome.after.items.get(event.item), unlike.items.get((event.actor, event.item))
    if item is None or shown is None:
        return None
    entry, words = entry_on(item, event.actor), outcome.model.vocabulary
    if APPEARANCE in shown:
        return _appearing(words.words, event.action, there=entry is not None)
    if entry is None or any(entry.fields.get(name) != value for name, value in event.fields.items()):
        return None
    names = dict.fromkeys([KIND] if KIND in shown else [])
    names |= dict.fromkeys(show.field for show in words.shows if show.name in shown)
    return f"the acting {words.words.ticket} does not show what was set: {', '.join(names)}"


def _appearing(words: Words, action: str, *, there: bool) -> str | None:
    if action == DELETE:
        return None if there else f"the acting {words.ticket} still shows what was deleted"
    if not there:
        return None
    return f"the acting {words.ticket} does not show what was {'created' if action == CREATE else 'edited'}"


def _by_the_rules(outcome: Outcome, unlike: StepMismatch) -> Iterator[str]:
    """What differs, said without the names of items."""
    if "refused" in unlike.aspects:
        yield "what is allowed is refused" if outcome.refused is None else "what is refused is done"
        return
    if "status" in unlike.aspects:
        yield f"another {outcome.model.words.status}"
    found: dict[str, None] = {}
    for (partner, name), shown in unlike.items.items():
        item = outcome.after.items.get(name)
        side = "the original" if item is not None and item.owner == partner else "the copy"
        if APPEARANCE not in shown:
            found |= dict.fromkeys(f"{side} shows another {one}" for one in sorted(shown))
        elif item is None:
            found[f"there is {outcome.model.words.item.a} that nobody created"] = None
        else:
            there = entry_on(item, partner) is not None
            found[f"{side} is {'not there' if there else 'there, and should not be'}"] = None
    yield from found
    if "notified" in unlike.aspects:
        yield "somebody is not notified" if unlike.told and unlike.told == unlike.missed else "others are notified"
