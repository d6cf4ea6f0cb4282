"""What rules, items and scenarios may cite."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from simsync.policy.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Citations:
    """What can be cited: the source's statements, its gaps, and sibling pages; id to text, in order.

    ``spans``: where each statement stands; ``beyond``: those that are out of scope, each with the reason.
    """

    statements: Mapping[str, str]
    places: Mapping[str, str]
    gaps: Mapping[str, str]
    pages: Mapping[str, str]
    spans: Mapping[str, Span] = dataclasses.field(default_factory=dict, compare=False)
    beyond: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __contains__(self, cited: str) -> bool:
        return cited in self.statements or cited in self.gaps or cited in self.pages

    def __iter__(self) -> Iterator[str]:
        yield from self.statements
        yield from self.gaps
        yield from self.pages

    @property
    def in_scope(self) -> tuple[str, ...]:
        """The statements that rules are to say."""
        return tuple(name for name in self.statements if name not in self.beyond)

    def place(self, statement: str) -> str:
        """Where the source says a statement, and why no rule does."""
        why = self.beyond.get(statement)
        return f"{self.places[statement]}; out of scope: {why}" if why else self.places[statement]

    def text(self, cited: str) -> str:
        """The sentence behind an id; none behind no id."""
        return self.statements.get(cited) or self.gaps.get(cited) or self.pages.get(cited, "")

    def gaps_among(self, cited: Collection[str], read: Collection[str]) -> dict[str, str]:
        """The gaps among ids that are cited, and their sentences; without those that are ``read`` in some way."""
        return {name: said for name, said in self.gaps.items() if name in cited and name not in read}
