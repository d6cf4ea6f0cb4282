"""What a campaign finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from simsync.engine.model import Model
from simsync.policy.facts import CREATE
from simsync.questions.conform.diagnosis.symptoms import Symptom
from simsync.questions.conform.driven import Divergence, Driven
from simsync.questions.conform.fault_localization import Rule
from simsync.questions.conform.overlap.campaign import OverlapReport
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.deviation import Deviation


class CampaignVerdict(StrEnum):
    """What can be said of a system; only the first is a good one."""

    CONFORMS = "conforms"
    DIVERGES = "diverges"
    ERROR = "error"
    INTERRUPTED = "interrupted"


class Recurs(StrEnum):
    """Whether what was seen came back when the same was done again."""

    ALWAYS = "each time that it was tried"
    SOMETIMES = "not every time"
    USED = "on used instances only"
    UNTRIED = "not tried again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """How often a finding's drive showed it, of how often that was done.

    ``otherwise`` is a run of the same drive that did not show it. ``after`` are the drives that the instance had to go
    through before, for one that shows on used instances only. ``why`` it could not be tried again.
    """

    how: Recurs
    seen: int = 1
    tries: int = 1
    otherwise: Driven | None = None
    after: tuple[Drive, ...] = ()
    why: str | None = None


FAILED = "a failed synchronization"
EVERY_TIME = Recurrence(how=Recurs.ALWAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What would make a system do what it did: other readings, some rules changed alike, or values that become others.

    ``rules`` are those changed, none for the others; ``about`` says it in words. ``head`` is what such a finding is
    called, where it is no rule that is broken, ``hint`` what a mapping says to it. ``everything``: it explains all that
    was observed; otherwise what it is an explanation of, and nothing that was observed contradicts it.
    """

    about: str
    rules: tuple[str, ...] = ()
    readings: Mapping[str, str] | None = None
    everything: bool = False
    head: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformanceFinding:
    """One way in which the system breaks the rules: the shortest drive that shows it, and all in which it was seen.

    ``rules`` are those that it breaks: first those that its explanation changes, unless these rest on no statement,
    then the likeliest. ``known`` is the deviation that allows it. Where nothing explains it, ``symptom`` is how it
    shows, and ``others`` are the shortest drives of what shows alike elsewhere. ``driven`` is left at the divergence;
    where it came back, it is the shortest drive found. ``left`` are the sequences that were not followed further.
    """

    rules: tuple[Rule, ...]
    driven: Driven
    seen_in: tuple[str, ...]
    explanation: Explanation | None = None
    known: Deviation | None = None
    symptom: Symptom | None = None
    others: tuple[Driven, ...] = ()
    recurrence: Recurrence = EVERY_TIME
    left: int = 0

    @property
    def steady(self) -> bool:
        """Whether it comes every time."""
        return self.recurrence.how is Recurs.ALWAYS

    @property
    def failed(self) -> str | None:
        """What the system said of a synchronization that failed there."""
        return self.divergence.actual.shown.failed

    @property
    def head(self) -> str | None:
        """What it is called, where no rule of synchronization is broken; the rules are those that it shows in."""
        if self.failed is not None:
            return FAILED
        if self.explanation:
            return self.explanation.head or None
        return self.symptom.head if self.symptom else None

    @property
    def parts(self) -> tuple[tuple[Rule, ...], ...]:
        """The rules of each drive that shows it, where nothing explains it."""
        return tuple(one.divergence.rules for one in (self.driven, *self.others) if one.divergence is not None)

    @property
    def broken(self) -> tuple[Rule, ...]:
        """The rules that it is laid to: those first ones that its explanation changes, or the likeliest."""
        if self.head:
            return ()
        changed = self.explanation.rules if self.explanation else [rules[0].id for rules in self.parts if rules]
        return tuple(takewhile(lambda rule: rule.id in changed, self.rules)) or self.rules[:1]

    @property
    def divergence(self) -> Divergence:
        """Where it shows."""
        assert self.driven.divergence is not None
        return self.driven.divergence


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRun:
    """A failure of the system that does not come each time: the shortest drive that showed it, and ``all`` of them."""

    driven: Driven
    all: tuple[Driven, ...]
    seen_in: tuple[str, ...]
    recurrence: Recurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTested:
    """A sequence that was left out, because the system lacks an ability."""

    source: str
    lacks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Up to what a system was tried: the most items of a partner and actions in a sequence, the longest text.

    ``alike`` items of a partner were of one kind, at least, whichever kind that is.
    """

    items: int = 0
    alike: int = 0
    actions: int = 0
    characters: int = 0


def extent_of(driven: Iterable[Driven]) -> Extent:
    """Up to what a system was tried in some drives, as far as these were judged."""
    items = actions = characters = 0
    alike: Counter[tuple[str, str | None]] = Counter()
    for one in driven:
        judged = one.drive.trace.events[: one.steps]
        made = Counter(event.actor for event in judged if event.action == CREATE)
        alike |= Counter((event.actor, event.kind) for event in judged if event.action == CREATE)
        texts = (value for event in judged for value in event.fields.values() if isinstance(value, str))
        items = max(items, *made.values(), 0)
        actions = max(actions, len(judged))
        characters = max(characters, max(map(len, texts), default=0))
    return Extent(items=items, alike=min(alike.values(), default=0), actions=actions, characters=characters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A campaign: ``sequences`` that were run, ``steps`` that were judged, and the ``extent`` of these.

    ``failures`` did not come back each time when the same was done again; ``faults`` are those that did, or might have.
    ``undecided`` sequences end before a step that the rules do not decide. ``own`` says how many items of the product's
    own were left out, in each sequence that had some. ``not_applicable`` sequences are about other readings.
    ``untested`` are rules that no judged step rests on. ``rounds``: what came of actions that overlapped.
    So many ``requests`` were made for all that came to its end. ``never_reset``: all went on in one world.
    """

    name: str
    model: Model
    seed: int
    sequences: int
    steps: int
    extent: Extent = Extent()
    own: tuple[int, ...] = ()
    conforming: int = 0
    findings: tuple[ConformanceFinding, ...] = ()
    failures: tuple[FailedRun, ...] = ()
    faults: tuple[Driven, ...] = ()
    undecided: tuple[Driven, ...] = ()
    not_tested: tuple[NotTested, ...] = ()
    not_applicable: int = 0
    untested: tuple[str, ...] = ()
    unused: tuple[Deviation, ...] = ()
    expired: tuple[Deviation, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: str | None = None
    interrupted: bool = False
    rounds: OverlapReport | None = None
    never_reset: bool = False
    requests: int = 0

    @property
    def verdict(self) -> CampaignVerdict:
        """The verdict; where nothing was found, rules with holes and what a system ended make it an error."""
        if self.interrupted:
            return CampaignVerdict.INTERRUPTED
        rounds = self.rounds
        if self.failures or any(finding.known is None for finding in self.findings) or (rounds and rounds.diverges):
            return CampaignVerdict.DIVERGES
        if rounds and (rounds.faults or rounds.alone or rounds.undecided or rounds.stopped):
            return CampaignVerdict.ERROR
        nothing = not self.sequences and not (rounds and rounds.drives)
        if self.faults or self.undecided or self.stopped or nothing:
            return CampaignVerdict.ERROR
        return CampaignVerdict.CONFORMS
