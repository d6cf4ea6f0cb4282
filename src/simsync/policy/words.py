"""What a policy calls the things of its world: ticket, page, partner, status, item, in the words of its users."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

_VOWEL = re.compile(r"[aeiou]|hour|heir|hono|honest", re.IGNORECASE)
_SPOKEN = re.compile(r"eu|uni|use|usu|uti|one\b|once", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Noun:
    """A word in its forms.

    >>> party = Noun.of("party")
    >>> str(party), party.many, party.a, party.count(2)
    ('party', 'parties', 'a party', '2 parties')
    >>> [Noun.of(one).many for one in ("status", "inbox", "storage", "day")]
    ['statuses', 'inboxes', 'storages', 'days']
    >>> [Noun.of(one).a for one in ("item", "user", "hour")]
    ['an item', 'a user', 'an hour']
    """

    one: str
    many: str

    @classmethod
    def of(cls, one: str) -> Noun:
        """A word with its regular plural."""
        if re.search(r"(s|x|z|ch|sh)$", one):
            return cls(one, f"{one}es")
        return cls(one, re.sub(r"(?<=[^aeiou])y$", "ie", one) + "s")

    def __str__(self) -> str:
        return self.one

    @property
    def a(self) -> str:
        """The word with its article."""
        vowel = _VOWEL.match(self.one) and not _SPOKEN.match(self.one)
        return f"{'an' if vowel else 'a'} {self.one}"

    def count(self, number: int) -> str:
        """A number of them."""
        return f"{number:,} {self.one if number == 1 else self.many}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The nouns of a policy's world, for every sentence about it.

    >>> Words(ticket=Noun.of("storage")).say("{A_ticket} shows {items} to {a_partner}.")
    'A storage shows items to a partner.'
    """

    ticket: Noun = Noun("ticket", "tickets")
    page: Noun = Noun("page", "pages")
    partner: Noun = Noun("partner", "partners")
    status: Noun = Noun("status", "statuses")
    item: Noun = Noun("item", "items")

    def say(self, text: str) -> str:
        """A text with these words in their places: `{ticket}`, `{tickets}`, `{a_ticket}`, also `{Ticket}`."""
        return text.format_map(_forms(self))


@cache
def _forms(words: Words) -> Mapping[str, str]:
    """Each word in each form, by its place in a text."""
    found: dict[str, str] = {}
    for name in NOUNS:
        noun: Noun = getattr(words, name)
        plural = Noun.of(name).many
        for key, form in ((name, noun.one), (plural, noun.many), (f"a_{name}", noun.a)):
            found[key] = form
            found[key[0].upper() + key[1:]] = form[0].upper() + form[1:]
    return found


NOUNS = tuple(field.name for field in dataclasses.fields(Words))
"""What a policy can have words of its own for."""
USUAL_WORDS = Words()
"""The words of policies that have none of their own."""
