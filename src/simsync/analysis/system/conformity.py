"""What a campaign finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from simsync.analysis.system.blame import Rule
from simsync.analysis.system.driven import Divergence, Driven
from simsync.core.model import Model
from simsync.model.deviation import Deviation


class Verdict(StrEnum):
    """What can be said of a system; only the first is a good one."""

    CONFORMS = "conforms"
    DIVERGES = "diverges"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Rules under which the system would do what it did: other readings, or some rules changed alike.

    ``rules`` are those changed, none for readings; ``about`` says it in words. ``everything``: it explains all that was
    observed; otherwise what it is an explanation of, and nothing that was observed contradicts it.
    """

    about: str
    rules: tuple[str, ...] = ()
    readings: Mapping[str, str] | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way in which the system breaks the rules: the shortest drive that shows it, and all in which it was seen.

    ``rules`` are those that it breaks: first those that its explanation changes, unless these rest on no statement,
    then the likeliest. ``known`` is the deviation that allows it.
    """

    rules: tuple[Rule, ...]
    driven: Driven
    seen_in: tuple[str, ...]
    explanation: Explanation | None = None
    known: Deviation | None = None

    @property
    def broken(self) -> tuple[Rule, ...]:
        """The rules that it is laid to: those first ones that its explanation changes, or the likeliest."""
        changed = self.explanation.rules if self.explanation else ()
        return tuple(takewhile(lambda rule: rule.id in changed, self.rules)) or self.rules[:1]

    @property
    def divergence(self) -> Divergence:
        """Where it shows."""
        assert self.driven.divergence is not None
        return self.driven.divergence


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTested:
    """A sequence that was left out, because the system lacks an ability."""

    source: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A campaign: ``sequences`` that were run, ``steps`` that were judged.

    ``not_applicable`` sequences are about other readings. ``untested`` are rules that no judged step rests on.
    """

    name: str
    model: Model
    seed: int
    sequences: int
    steps: int
    conforming: int = 0
    findings: tuple[Finding, ...] = ()
    faults: tuple[Driven, ...] = ()
    not_tested: tuple[NotTested, ...] = ()
    not_applicable: int = 0
    untested: tuple[str, ...] = ()
    unused: tuple[Deviation, ...] = ()
    expired: tuple[Deviation, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict; a campaign that was not carried through, or ran nothing, is an error."""
        if any(finding.known is None for finding in self.findings):
            return Verdict.DIVERGES
        if self.faults or self.stopped or not self.sequences:
            return Verdict.ERROR
        return Verdict.CONFORMS
