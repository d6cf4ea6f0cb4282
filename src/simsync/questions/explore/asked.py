"""What can be asked of an exploration, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.policy.policy import Property
from simsync.statespace.counting import Counts
from simsync.statespace.explicit import SearchLimits
from simsync.statespace.following import Following
from simsync.statespace.independence import Independence
from simsync.statespace.properties import JudgedProperty, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreOptions:
    """What to explore: how many items, which of the properties (those named even where they are not claimed), and how.

    With ``symmetry``, states that differ in which item is which are one. ``several`` is how many counterexamples are
    wanted of each property. ``checkpoint`` and ``resume`` name files; both go with a search, so not with symmetry.
    """

    items: int = 2
    names: Collection[str] = ()
    several: int = 1
    symmetry: bool = True
    limits: SearchLimits = field(default_factory=SearchLimits)
    checkpoint: str | None = None
    resume: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an engine came to. ``stopped`` says why not every state was visited.

    ``plain`` are the counts with every item told from the others, where ``counts`` are those without; ``checked`` are
    counts that a plain search came to as well, by the number of items.
    """

    counts: Counts
    judged: tuple[JudgedProperty, ...]
    plain: Counts | None = None
    checked: tuple[tuple[int, Counts], ...] = ()
    stopped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explored:
    """What came of it. ``undecided`` leads to a hole in the rules; ``unclaimed`` properties assume other readings."""

    model: Model
    asked: ExploreOptions
    found: Found
    independence: Independence
    followed: Following | None
    seconds: float
    undecided: Trace | None = None
    unclaimed: tuple[Property, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of the verdicts."""
        verdicts = {one.verdict for one in self.found.judged}
        if self.undecided is not None or Verdict.VIOLATED in verdicts:
            return Verdict.VIOLATED
        return Verdict.INCOMPLETE if self.found.stopped or Verdict.INCOMPLETE in verdicts else Verdict.HOLDS
