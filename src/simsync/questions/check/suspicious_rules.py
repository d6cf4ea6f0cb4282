"""What rules say in today's language that whoever wrote them may not have meant."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.policy.facts import CREATE, NO_CHANGE, testable_readings
from simsync.policy.policy import Policy, Row
from simsync.questions.check.findings import Finding

OTHER = ("other",)


def misread(policy: Policy) -> Iterator[Finding]:
    """Values asked of the owner where the other partner acts, and tickets that a phase takes away."""
    for row in policy.rows:
        yield from _owners_values(policy, row)
    yield from _taken_away(policy)
    yield from _hidden(policy)


def _hidden(policy: Policy) -> Iterator[Finding]:
    """Readings that are called like a fact, which rows test instead."""
    tested = testable_readings(policy)
    for name, reading in policy.readings.items():
        if name not in tested:
            yield Finding(
                code="reading-hidden",
                where=reading.span,
                message=f"reading '{name}' is called like a fact, so that '{name}' in a row is that fact, and no row "
                "can test the reading's option; name one of the two otherwise",
            )


def _owners_values(policy: Policy, row: Row) -> Iterator[Finding]:
    """A row about the other partner's change that tests a field: it is asked about the value that the owner has."""
    table = policy.tables[row.table]
    conditions = dict((*table.scope, *row.when))
    changes = conditions.get("change", ())
    if conditions.get("by") != OTHER or (changes and {*changes} <= {CREATE, NO_CHANGE}):
        return
    words = policy.vocabulary.words
    for fact, values in row.when:
        if fact in policy.vocabulary.fields:
            told = " or ".join(str(value).lower() if isinstance(value, bool) else value for value in values)
            yield Finding(
                code="owners-value",
                where=row.span,
                message=f"row '{row.id}' is about the other {words.partner}'s change, and '{fact}: {told}' asks about "
                f"the value that the owner's {words.item} has, neither about the copy's nor about what the change "
                "makes of it",
                table=row.table,
                rows=(row.id,),
                when=((fact, values),),
            )


def _taken_away(policy: Policy) -> Iterator[Finding]:
    """Transitions after which a partner who had a ticket has none: what is on it stays on show, and nobody may act."""
    spec = policy.status
    found: dict[tuple[str, str, str], str] = {}
    for transition in policy.transitions(spec):
        after = str(spec.states[transition.dest].phase)
        for source in transition.source:
            before = str(spec.states[source].phase)
            for partner in spec.phases[before].tickets:
                if partner not in (*spec.phases[after].tickets, *spec.phases[after].takes_away):
                    found.setdefault((partner, before, after), transition.id)
    words = policy.vocabulary.words
    spans = {transition.id: transition.span for transition in policy.transitions(spec)}
    for (partner, before, after), name in found.items():
        yield Finding(
            code="ticket-taken-away",
            where=spans[name],
            message=f"transition '{name}' leads from phase '{before}' to '{after}', in which the {partner} "
            f"{words.partner} has no {words.ticket} any more; what was on it is still shown, and rows that ask for "
            f"{words.ticket.a} refuse whatever is done; where the {words.ticket} is gone with all that is on it, "
            f"write 'takes away: [{partner}]'",
        )
