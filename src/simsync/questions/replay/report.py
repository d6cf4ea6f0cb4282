"""A log held against the rules, for a reader and for programs, written as it goes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, TextIO

from simsync import alike
from simsync.engine.model import Model
from simsync.policy.words import Words
from simsync.questions.replay.judging.ticket import FIRST_LINES, Gap, Illegal, Reason, Summary
from simsync.questions.replay.log.columns import Logged, Unreadable
from simsync.questions.replay.log.sources import line_json, place_of
from simsync.report import phrases
from simsync.report.as_json import dumps
from simsync.version import __version__

Told = Illegal | Gap | Unreadable | Summary
"""What is told of a log: what was found, and last what was counted."""
MOST_NAMED = 12
COUNTS = (
    "lines", "tickets", "steps", "illegal", "incomplete", "gaps", "unjudged", "left_out", "unreadable", "late", "own",
    "timeless",
)  # fmt: skip
_LIKE_A_TIME = re.compile(r"time|date|when|stamp|moment|[_ ]at\Z|At\Z", re.IGNORECASE)


def found_lines(model: Model, path: str, found: Illegal | Gap) -> Iterator[tuple[str, str]]:
    """What there is to tell of a line, with the style of each line of text."""
    return gap_lines(model, path, found) if isinstance(found, Gap) else illegal_lines(model, path, found)


def illegal_lines(model: Model, path: str, found: Illegal) -> Iterator[tuple[str, str]]:
    """A ticket's first illegal step."""
    yield _head(model, path, found.logged), "bold red"
    for one in found.apart:
        rules, log = alike.apart(one.rules, one.log)
        yield f"   {phrases.printable_line(one.at)}: by the rules {rules}; in the log {log}", ""
    for rule in found.rules[:1]:
        yield f"   {phrases.rule(rule.id, rule.sources)}, in {rule.status}", "dim"
    for note in found.notes:
        yield f"   {phrases.printable_line(note)}", "yellow"


def gap_lines(model: Model, path: str, found: Gap) -> Iterator[tuple[str, str]]:
    """A line of which not all could be judged."""
    yield _head(model, path, found.logged), "yellow"
    reason = f"unknown {model.words.item}" if found.reason is Reason.ITEM else found.reason
    yield f"   {reason}: {phrases.printable_line(found.message)}", ""


def _head(model: Model, path: str, logged: Logged) -> str:
    where = phrases.printable_line(place_of(path, logged.line))
    event = phrases.action(logged.event, model.vocabulary.fields)
    return f"{where}: {model.words.ticket} {phrases.printable_line(logged.ticket)}: {logged.event.actor}: {event}"


def as_text(model: Model, path: str, found: Iterable[Told]) -> Iterator[tuple[str, str]]:
    """What was found in a log as it comes, and then what was counted; each line with its style."""
    for one in found:
        if isinstance(one, Summary):
            yield from summary_lines(model.words, one)
        elif isinstance(one, Unreadable):
            yield unreadable_line(path, one), ""
        else:
            yield from found_lines(model, path, one)


def as_json(
    model: Model,
    found: Iterable[Told],
    most: int | None = None,
    stream: TextIO | None = None,
) -> Iterator[str]:
    """The same for programs: one object, in pieces as it comes, for a ``stream`` that may not carry every character.

    Of gaps, and of lines that cannot be read, it has the first so many.
    """
    coming = iter(found)
    found = chain([next(coming)], coming)  # a log that cannot be opened is told of before anything is written
    gaps, bad, comma = list[dict[str, Any]](), list[dict[str, Any]](), ""
    yield f'{{"simsync": {dumps(__version__)}, "illegal": ['
    for one in found:
        if isinstance(one, Summary):
            rest = summary_json(one) | {"gaps": gaps, "unreadable": bad}
            yield "],\n" + dumps(rest, stream)[1:] + "\n"
        elif isinstance(one, Illegal):
            yield comma + "\n" + dumps(illegal_json(model, one), stream)
            comma = ","
        elif most is None or len(gaps if isinstance(one, Gap) else bad) < most:
            gaps.append(gap_json(one)) if isinstance(one, Gap) else bad.append(unreadable_json(one))


def unreadable_json(found: Unreadable) -> dict[str, Any]:
    """A line that cannot be read, for programs."""
    return {**line_json(found.line), "column": found.column, "message": found.why}


def unreadable_line(path: str, found: Unreadable) -> str:
    """A line that cannot be read."""
    where = phrases.printable_line(place_of(path, found.line))
    return f"{where}:{found.column}: syntax: {phrases.printable_line(found.why)}"


def alike_line(path: str, why: str, count: int) -> str:
    """That more lines have a trouble that was told of one."""
    more = phrases.counted(count, "more line")
    return f"{phrases.printable_line(path)}: {more} like that: {phrases.printable_line(why)}"


def summary_lines(words: Words, summary: Summary) -> Iterator[tuple[str, str]]:
    """What was counted."""
    yield "", ""
    kept = summary.tickets - summary.illegal - summary.incomplete
    lines, tickets = phrases.counted(summary.lines, "line"), words.ticket.count(summary.tickets)
    steps = phrases.counted(summary.steps, "step")
    doubtful = f", {summary.incomplete:,} as far as can be said" if summary.incomplete else ""
    yield (
        f"{lines}, {tickets}, {steps} held against the rules: {kept:,} {'keeps' if kept == 1 else 'keep'} them"
        f"{doubtful}, {summary.illegal:,} {'does' if summary.illegal == 1 else 'do'} not",
        "bold",
    )
    if summary.steps:
        yield f"  {_order(words, summary)}", ""
    yield from _not_judged(words, summary)
    if summary.broken:
        yield "broken, by the rule that decides otherwise", ""
        yield from ((f"  {count:>9,}  {rule}", "") for rule, count in summary.broken.most_common())
    if summary.rules:
        yield "decided, by rule", ""
        yield from ((f"  {count:>9,}  {rule}", "dim") for rule, count in sorted(summary.rules.items(), key=_by_count))
    if summary.unseen:
        yield f"never seen: {_most(summary.unseen)}", ""
    if summary.unread:
        yield f"not looked at, since no name of ours: {phrases.printable_line(_most(summary.unread))}", ""


def _not_judged(words: Words, summary: Summary) -> Iterator[tuple[str, str]]:
    """What was judged but in part, or not at all."""
    holes = summary.holes.total()
    if holes:
        yield f"  {phrases.counted(holes, 'line')} that the rules do not decide; simsync check says why", "yellow"
    gaps = [f"{phrases.counted(summary.gaps, 'gap')} in the log"] if summary.gaps else []
    if unjudged := summary.unjudged - holes:
        gaps.append(f"{phrases.counted(unjudged, 'step')} could not be judged")
    if gaps:
        yield f"  {'; '.join(gaps)}", "yellow"
    if summary.late:
        yield f"  {phrases.counted(summary.late, 'change')} arrived late, in the time that --late gives", ""
    if summary.own:
        yield f"  not compared: {words.item.count(summary.own)} of the product's own", ""
    if summary.left_out:
        yield (
            f"  {phrases.counted(summary.left_out, 'step')} after {words.ticket.a}'s first illegal one were left out",
            "",
        )
    if summary.unreadable:
        yield f"  {phrases.counted(summary.unreadable, 'line')} could not be read", "red"


def _order(words: Words, summary: Summary) -> str:
    """In which order the lines were taken."""
    if summary.timed and summary.timeless:
        lines = phrases.counted(summary.timeless, "line")
        return f"in the order of time; {lines} without one after those of the {words.ticket} that stand before"
    if summary.timed:
        return "in the order of time"
    taken = "their order was taken for that of time"
    if later := summary.lines - summary.unreadable - summary.timeless:
        first = f"none of the first {FIRST_LINES} says when it was"
        return f"{taken}: {first}, though {phrases.counted(later, 'later line')} {'does' if later == 1 else 'do'}"
    said = f"no line says when it was: {taken}"
    times = [name for name in summary.unread if _LIKE_A_TIME.search(name)]
    return f"{said} (does '{times[0]}' say it? columns: {{time: {times[0]}}} in --map)" if times else said


def _most(names: list[str]) -> str:
    more = f", and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _by_count(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def illegal_json(model: Model, found: Illegal) -> dict[str, Any]:
    """A ticket's first illegal step, for programs."""
    logged = found.logged
    cited = {source for rule in found.rules for source in rule.sources}
    return {
        **line_json(logged.line),
        "ticket": logged.ticket,
        "actor": logged.event.actor,
        "action": str(logged.event),
        "rules": [rule.id for rule in found.rules],
        "sources": [source for source in model.policy.citations.statements if source in cited],
        "status": found.status,
        "differences": [{"at": one.at, "expected": one.rules, "actual": one.log} for one in found.apart],
        "notes": list(found.notes),
    }


def gap_json(found: Gap) -> dict[str, Any]:
    """A line that shows that the log leaves something out, for programs."""
    logged = found.logged
    said = {"ticket": logged.ticket, "actor": logged.event.actor, "action": str(logged.event)}
    return {**line_json(logged.line), **said, "reason": str(found.reason), "message": found.message}


def summary_json(summary: Summary) -> dict[str, Any]:
    """What was counted, for programs."""
    return {
        "summary": {name: getattr(summary, name) for name in COUNTS},
        "ordered_by": "time" if summary.timed else "line",
        "broken": dict(sorted(summary.broken.items())),
        "undecided": dict(sorted(summary.holes.items())),
        "rules": dict(sorted(summary.rules.items())),
        "kinds": dict(sorted(summary.kinds.items())),
        "unseen": summary.unseen,
        "unread": summary.unread,
    }
