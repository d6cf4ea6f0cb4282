"""`simsync replay`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from simsync.commands.examples import Command
from simsync.commands.options import cluster_option, format_option, jobs_option, model_of, model_options
from simsync.commands.watching import watching
from simsync.errors import Code, usage_error

if TYPE_CHECKING:
    from simsync.engine.model import Model
    from simsync.questions.replay.judging.ticket import Gap, Illegal, Summary
    from simsync.questions.replay.log.values import Unreadable

    Found = Iterator[Illegal | Gap | Unreadable | Summary]

MOST_LISTED = 1000
"""Unreadable lines and gaps that are kept for the JSON report; all unreadable ones are told on standard error."""


@click.command(
    cls=Command,
    short_help="Hold a production log against the rules.",
    examples=[
        ("replay --example > log.jsonl", "what a log looks like"),
        ("replay log.jsonl", "the first illegal step of each ticket, counts by rule, what was never seen"),
        ("replay - < log.jsonl", "from standard input"),
        ("replay log.jsonl --jobs 4", "a large log, by four processes; told when all is read"),
        ("replay log.jsonl --late 2", "what a change brings may be there up to two lines of the ticket later"),
        ("replay log.jsonl --format json --reading {reading}", "for programs, under another reading"),
    ],
)
@click.argument("path", metavar="LOG", required=False)
@click.option("--map", "mapping", metavar="FILE", type=click.Path(), help="How columns and values are called.")
@click.option("--log-format", "kind", type=click.Choice(["jsonl", "csv"]), help="Default: by the file's ending.")
@click.option(
    "--late", metavar="N", type=click.IntRange(0), help="What arrives up to N lines of the ticket later is right."
)
@click.option(
    "--clocks",
    metavar="SECONDS",
    type=click.FloatRange(0),
    help="How far apart the clocks of two desks may be. Default: 1.",
)
@click.option("--allow-gaps", is_flag=True, help="What the log leaves out is told, but no reason to exit with 2.")
@click.option("--example", is_flag=True, help="Print an example of a log instead.")
@jobs_option("one, which tells while it reads")
@cluster_option
@format_option("text", "json")
@model_options
@click.pass_context
def replay(
    context: click.Context,
    path: str | None,
    mapping: str | None,
    kind: str | None,
    late: int | None,
    clocks: float | None,
    allow_gaps: bool,
    example: bool,
    jobs: int | None,
    cluster: str | None,
    form: str,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Check a production log against the rules: one event a line, as JSON Lines or CSV with a header.

    A line says ticket, actor, action, and of a change the item (a creation: its kind) and the fields that it sets; as
    far as it is known, also when it was (time), the status before it, and what came of it: refused, status, notified,
    tickets. Without times, the order of lines is taken for that of time. A ticket is followed up to its first illegal
    step. The log may be larger than memory.

    Exit code 1 if a ticket breaks the rules; 2 if a line cannot be read, the log leaves something out, the rules do not
    decide a line, or nothing in it could be held against the rules. See docs/replay.md.
    """
    from simsync.questions.replay import replay as replaying
    from simsync.questions.replay.judging.order import CLOCKS
    from simsync.questions.replay.log.names import load_log_names
    from simsync.questions.replay.log.values import LogNames
    from simsync.workers.workers import where

    model = model_of(machines, readings)
    if example:
        for line in replaying.example(model):
            click.echo(line)
        return
    if path is None:
        raise usage_error("LOG", "name a log, or - for standard input, or say --example", code=Code.USAGE)
    names = LogNames() if mapping is None else load_log_names(mapping, model)
    clocks = CLOCKS if clocks is None else clocks
    place = where(jobs, cluster, otherwise=1)
    with watching() as progress:
        found = replaying.replayed(model, path, kind, names, progress, late=late, clocks=clocks, place=place)
        summary = _as_json(model, path, found) if form == "json" else _as_text(model, path, found)
    if not summary.steps:
        raise usage_error(path, "nothing in this log could be held against the rules", code=Code.NO_EVENT)
    gaps = summary.holes or (summary.gaps and not allow_gaps)
    context.exit(2 if summary.unreadable else 1 if summary.illegal else 2 if gaps else 0)


def _as_text(model: Model, path: str, found: Found) -> Summary:
    from simsync.questions.replay import report
    from simsync.questions.replay.judging.ticket import Summary
    from simsync.questions.replay.log.values import Unreadable
    from simsync.report.terminal import write_styled

    unreadable = _Unreadables(path)
    for one in found:
        if isinstance(one, Summary):
            unreadable.end()
            write_styled(sys.stdout, report.summary_lines(one))
            return one
        if isinstance(one, Unreadable):
            unreadable.tell(one)
        else:
            write_styled(sys.stdout, report.found_lines(model, path, one))
    raise AssertionError("a summary comes last")


def _as_json(model: Model, path: str, found: Found) -> Summary:
    """One object, written as it goes; lines that cannot be read are told on standard error too."""
    from simsync.questions.replay import report
    from simsync.questions.replay.judging.ticket import Gap, Summary
    from simsync.questions.replay.log.values import Unreadable
    from simsync.report.as_json import dumps
    from simsync.version import __version__

    found = chain([next(found)], found)  # a log that cannot be opened is told of before anything is written
    sys.stdout.write(f'{{"simsync": {dumps(__version__)}, "illegal": [')
    comma = ""
    unreadable = _Unreadables(path)
    bad: list[dict[str, object]] = []
    gaps: list[dict[str, object]] = []
    for one in found:
        if isinstance(one, Summary):
            rest = report.summary_json(one) | {"gaps": gaps, "unreadable": bad}
            unreadable.end()
            sys.stdout.write("],\n" + dumps(rest, sys.stdout)[1:] + "\n")
            return one
        if isinstance(one, Unreadable):
            unreadable.tell(one)
            if len(bad) < MOST_LISTED:
                bad.append(report.unreadable_json(one))
        elif isinstance(one, Gap):
            if len(gaps) < MOST_LISTED:
                gaps.append(report.gap_json(one))
        else:
            sys.stdout.write(comma + "\n" + dumps(report.illegal_json(model, one), sys.stdout))
            comma = ","
    raise AssertionError("a summary comes last")


class _Unreadables:
    """Tells on standard error of lines that cannot be read: the first of those that have the same trouble."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._alike: Counter[str] = Counter()

    def tell(self, found: Unreadable) -> None:
        from simsync.questions.replay.report import unreadable_line

        if not self._alike[found.why]:
            click.echo(unreadable_line(self._path, found), err=True)
        if found.why in self._alike or len(self._alike) < MOST_LISTED:
            self._alike[found.why] += 1

    def end(self) -> None:
        """Tells how many more there were of each."""
        from simsync.questions.replay.report import alike_line

        for why, count in self._alike.items():
            if count > 1:
                click.echo(alike_line(self._path, why, count - 1), err=True)
