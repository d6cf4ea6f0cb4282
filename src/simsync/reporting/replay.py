"""A log held against the rules, for a reader and for programs, written as it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simsync.analysis.system.replaying import Gap, Illegal, Replay
from simsync.core.model import Model
from simsync.model.log import Logged, Unreadable
from simsync.model.policy import Field
from simsync.reporting import phrases

MOST_NAMED = 12


def illegal_lines(model: Model, path: str, found: Illegal) -> Iterator[tuple[str, str]]:
    """A ticket's first illegal step."""
    yield _head(path, found.logged, model.vocabulary.fields), "bold red"
    for at, (rules, log) in found.apart.items():
        yield (
            f"   {phrases.printable_line(at)}: by the rules {phrases.printable_line(rules)}; in the log {_cut(log)}",
            "",
        )
    for rule in found.rules[:1]:
        yield f"   {rule.id} [{' '.join(rule.sources)}], in {rule.status}", "dim"


def gap_lines(path: str, found: Gap, fields: Mapping[str, Field]) -> Iterator[tuple[str, str]]:
    """A line that shows that the log leaves something out."""
    yield _head(path, found.logged, fields), "yellow"
    yield f"   {found.reason}: {phrases.printable_line(found.message)}", ""


def _head(path: str, logged: Logged, fields: Mapping[str, Field]) -> str:
    where = f"{phrases.printable_line(path)}:{logged.line}"
    event = phrases.action(logged.event, fields)
    return f"{where}: ticket {phrases.printable_line(logged.ticket)}: {logged.event.actor}: {event}"


def _cut(text: str) -> str:
    return phrases.printable_line(text[:200])


def unreadable_line(path: str, found: Unreadable) -> str:
    """A line that cannot be read."""
    return f"{phrases.printable_line(path)}:{found.line}:{found.column}: syntax: {phrases.printable_line(found.why)}"


def alike_line(path: str, why: str, count: int) -> str:
    """That more lines have a trouble that was told of one."""
    more = phrases.counted(count, "more line")
    return f"{phrases.printable_line(path)}: {more} like that: {phrases.printable_line(why)}"


def summary_lines(
    replay: Replay, counts: dict[str, int], unseen: list[str], unread: list[str]
) -> Iterator[tuple[str, str]]:
    """What was counted."""
    yield "", ""
    kept = counts["tickets"] - counts["illegal"] - counts["incomplete"]
    lines, tickets = phrases.counted(counts["lines"], "line"), phrases.counted(counts["tickets"], "ticket")
    steps = phrases.counted(counts["steps"], "step")
    doubtful = f", {counts['incomplete']:,} as far as can be said" if counts["incomplete"] else ""
    yield (
        f"{lines}, {tickets}, {steps} held against the rules: {kept:,} {'keeps' if kept == 1 else 'keep'} them"
        f"{doubtful}, {counts['illegal']:,} {'does' if counts['illegal'] == 1 else 'do'} not",
        "bold",
    )
    if counts["gaps"]:
        unjudged = phrases.counted(counts["unjudged"], "step")
        yield f"  {phrases.counted(counts['gaps'], 'gap')} in the log; {unjudged} could not be judged", "yellow"
    if counts["left_out"]:
        yield f"  {phrases.counted(counts['left_out'], 'step')} after a ticket's first illegal one were left out", ""
    if counts["unreadable"]:
        yield f"  {phrases.counted(counts['unreadable'], 'line')} could not be read", "red"
    if replay.broken:
        yield "broken, by the rule that decides otherwise", ""
        yield from ((f"  {count:>9,}  {rule}", "") for rule, count in replay.broken.most_common())
    if replay.rules:
        yield "decided, by rule", ""
        yield from ((f"  {count:>9,}  {rule}", "dim") for rule, count in sorted(replay.rules.items(), key=_by_count))
    if unseen:
        yield f"never seen: {_most(unseen)}", ""
    if unread:
        yield f"not looked at, since no name of ours: {phrases.printable_line(_most(unread))}", ""


def _most(names: list[str]) -> str:
    more = f", and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _by_count(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def illegal_json(found: Illegal) -> dict[str, Any]:
    """A ticket's first illegal step, for programs."""
    outcome, logged = found.outcome, found.logged
    cited = {source for rule in found.rules for source in rule.sources}
    return {
        "line": logged.line,
        "ticket": logged.ticket,
        "actor": logged.event.actor,
        "action": str(logged.event),
        "rules": [rule.id for rule in found.rules],
        "sources": [source for source in found.model.policy.citations.statements if source in cited],
        "status": outcome.before.status if outcome else None,
        "differences": [{"at": at, "expected": one, "actual": other} for at, (one, other) in found.apart.items()],
    }


def gap_json(found: Gap) -> dict[str, Any]:
    """A line that shows that the log leaves something out, for programs."""
    logged = found.logged
    said = {"line": logged.line, "ticket": logged.ticket, "actor": logged.event.actor, "action": str(logged.event)}
    return {**said, "reason": str(found.reason), "message": found.message}


def summary_json(replay: Replay, counts: dict[str, int], unseen: list[str]) -> dict[str, Any]:
    """What was counted, for programs."""
    return {
        "summary": counts,
        "broken": dict(sorted(replay.broken.items())),
        "rules": dict(sorted(replay.rules.items())),
        "kinds": dict(sorted(replay.kinds.items())),
        "unseen": unseen,
    }
