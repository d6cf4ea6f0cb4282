"""What a check can find, by stable codes; a finding with its place and the shortest way there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simsync.engine.decision import Defect
from simsync.engine.trace import Trace
from simsync.policy.policy import Value, When
from simsync.policy.source import Span


class Severity(StrEnum):
    """An error is a fault of the rules; a warning is something in them that does nothing."""

    ERROR = "error"
    WARNING = "warning"


class FindingKind(NamedTuple):
    """What all findings with one code have in common; ``help`` says what to do about it."""

    severity: Severity
    about: str
    help: str
    reachable: bool = True


FINDING_KINDS: Mapping[str, FindingKind] = {
    "undecided": FindingKind(
        Severity.ERROR,
        "A situation that {a_item} can come to has no deciding row in a table.",
        "Add a row for what the finding names, or widen one.",
    ),
    "ambiguous": FindingKind(
        Severity.ERROR,
        "A situation that {a_item} can come to has two deciding rows or more in a table.",
        "Add a condition to one of the rows, so that only one matches.",
    ),
    "scope": FindingKind(
        Severity.ERROR,
        "Exactly one table must decide a situation, but the scopes of none or of several take it in.",
        "Change the scopes so that one does.",
    ),
    "cannot-fire": FindingKind(
        Severity.ERROR,
        "A row fires a trigger that the link machine does not have in that state of the link.",
        "Name another trigger in the row, exclude that link by a condition, or add a transition.",
    ),
    "property": FindingKind(
        Severity.ERROR,
        "A step breaks what a property says must never be.",
        "Change the row that decides the step, or what it rests on; or the property, if it claims too much.",
    ),
    "row-breaks-property": FindingKind(
        Severity.ERROR,
        "A row contradicts a property: every step that it decides breaks it.",
        "One of the two is wrong.",
    ),
    "row-never-used": FindingKind(
        Severity.WARNING,
        "A row decides nothing that can come about under any combination of readings.",
        "Take the row away, or mend the condition that keeps it from matching.",
    ),
    "outcome-idle": FindingKind(
        Severity.WARNING,
        "What a row decides never changes anything: no copy to remove, or a link that stays as it is.",
        "Leave it out, or mend the row.",
    ),
    "transition-never-used": FindingKind(
        Severity.WARNING,
        "A transition never fires, or never from one of its sources, under any combination of readings.",
        "Take the transition or the source away, or let a row fire its trigger there.",
    ),
    "state-never-reached": FindingKind(
        Severity.WARNING,
        "Nothing ever comes to a state, under any combination of readings.",
        "Take the state away, or add a transition to it.",
    ),
    "trigger-never-fired": FindingKind(
        Severity.WARNING,
        "No row ever fires a trigger of the link machine.",
        "Take its transitions away, or let a row fire it.",
    ),
    "option-never-matters": FindingKind(
        Severity.WARNING,
        "Nobody could tell an option of a reading from another one, whatever is done.",
        "Take the option away, or mend the rows that were to make the difference.",
    ),
    "owners-value": FindingKind(
        Severity.WARNING,
        "A row about the other {partner}'s change tests a field, and so is asked about the owner's value.",
        "Leave the condition out: of the copy's own values, and of those that a change would give it, no row can ask.",
    ),
    "reading-hidden": FindingKind(
        Severity.WARNING,
        "A reading is called like a fact, so that no row can test its option.",
        "Name the reading, or the field or memory that is the fact, otherwise.",
    ),
    "ticket-taken-away": FindingKind(
        Severity.WARNING,
        "A phase has no {ticket} for {a_partner} who had one before: its {items} stay on show, though nothing can be"
        " done.",
        "Let the {partner} keep its {ticket} in that phase, and refuse there what is not to be done.",
    ),
    "condition-redundant": FindingKind(
        Severity.WARNING,
        "A condition can be left out of a row: the row's other conditions imply it.",
        "Leave it out.",
    ),
    "bounded": FindingKind(
        Severity.WARNING,
        "What {a_item} comes to depends on others, so that they were tried together, up to a bound.",
        "Nothing is to be done; beyond the bound nothing is said.",
    ),
    "statement-not-cited": FindingKind(
        Severity.WARNING,
        "No row, transition or state rests on a statement.",
        "Add the rule that implements it, or cite it where it is implemented.",
    ),
    "condition-idle": FindingKind(
        Severity.WARNING,
        "A condition only keeps a row from what never comes about.",
        "It may stay: it says what the row is about, and shows a hole should that ever come about.",
        reachable=False,
    ),
    "undecided-impossible": FindingKind(
        Severity.WARNING,
        "A table has no row for facts that never come together.",
        "Nothing is to be done, as long as the reason holds.",
        reachable=False,
    ),
    "ambiguous-impossible": FindingKind(
        Severity.WARNING,
        "A table has several rows for facts that never come together.",
        "Nothing is to be done, as long as the reason holds.",
        reachable=False,
    ),
    "scope-impossible": FindingKind(
        Severity.WARNING,
        "The scopes of none or several tables take in facts that never come together.",
        "Nothing is to be done, as long as the reason holds.",
        reachable=False,
    ),
}
"""Every code with what it means. Programs may rely on the codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundUnder:
    """How many of the combinations of readings have a finding, and the options that all of these share."""

    count: int
    total: int
    always: Mapping[str, str]


FOLLOWING = frozenset(
    {
        *("row-never-used", "outcome-idle", "transition-never-used", "state-never-reached"),
        *("trigger-never-fired", "option-never-matters"),
    }
)
"""What may be so only because nothing was tried beyond a step with an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something found. ``where`` is what to look at first, ``related`` what else has to do with it.

    ``when`` is a conjunction for all that a hole or a clash takes in, ``situation`` the facts of one situation that
    shows it, ``defect`` what a step says of it there, ``way`` the
    shortest scenario to it; ``reason`` says why it cannot come about at all, where that is so; ``mend``
    what would take a hole in.
    """

    code: str
    where: Span
    message: str
    table: str | None = None
    rows: tuple[str, ...] = ()
    when: When = ()
    situation: Mapping[str, Value | None] = field(default_factory=dict)
    under: FoundUnder | None = None
    way: Trace | None = None
    defect: Defect | None = None
    related: tuple[tuple[str, Span], ...] = ()
    reason: str | None = None
    mend: str | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return FINDING_KINDS[self.code].severity

    @property
    def reachable(self) -> bool:
        """Whether it concerns anything that can come about."""
        return FINDING_KINDS[self.code].reachable
