"""`simsync replay`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from simsync.commands.help import Command
from simsync.commands.options import cluster_option, format_option, jobs_option, model_of, model_options
from simsync.commands.progress_line import watching
from simsync.errors import Code, usage_error

if TYPE_CHECKING:
    from simsync.engine.model import Model
    from simsync.progress import Progress
    from simsync.questions.replay.following import Found
    from simsync.questions.replay.judging.ticket import Summary

MOST_LISTED = 1000
"""Unreadable lines and gaps that are kept for the JSON report; all unreadable ones are told on standard error."""


@click.command(
    cls=Command,
    short_help="Hold a production log against the rules.",
    examples=[
        ("replay --example > log.jsonl", "what a log looks like"),
        ("replay log.jsonl", "the first illegal step of each {ticket}, counts by rule, what was never seen"),
        ("replay - < log.jsonl", "from standard input"),
        ('replay "log*.jsonl"', "all files of a pattern; a {ticket}'s lines may be anywhere in them"),
        ("replay log.jsonl --jobs 4", "a large log, by four processes; told when all is read"),
        ("replay log.jsonl --late 2", "what a change brings may be there up to two lines of the {ticket} later"),
        ("replay log.jsonl --format json --reading {reading}", "for programs, under another reading"),
    ],
)
@click.argument("paths", metavar="LOG...", nargs=-1)
@click.option("--map", "mapping", metavar="FILE", type=click.Path(), help="How columns and values are called.")
@click.option(
    "--log-format", "kind", type=click.Choice(["jsonl", "csv", "parquet"]), help="Default: by the file's ending."
)
@click.option(
    "--late", metavar="N", type=click.IntRange(0), help="What arrives up to N lines of the {ticket} later is right."
)
@click.option(
    "--clocks",
    metavar="SECONDS",
    type=click.FloatRange(0),
    help="How far apart the clocks of two desks may be. Default: 1.",
)
@click.option("--allow-gaps", is_flag=True, help="What the log leaves out is told, but no reason to exit with 2.")
@click.option("--example", is_flag=True, help="Print an example of a log instead.")
@jobs_option("one, which tells while it reads where no line has a time")
@cluster_option
@click.option(
    "--scratch",
    metavar="FOLDER",
    help="Where lines are kept by {ticket} meanwhile: a directory or an address that all workers reach.",
)
@format_option("text", "json")
@model_options
@click.pass_context
def replay(
    context: click.Context, /, paths: tuple[str, ...], machines: str | None, readings: tuple[str, ...], **options: Any
) -> None:
    """Check a production log against the rules: one event a line, as JSON Lines, CSV with a header, or Parquet.

    A line says `ticket`, `actor`, `action`, and of a change the `item` (a creation: its kind) and the fields that it
    sets; as far as it is known, also when it was (`time`), the {status} before it (`before`), and what came of it:
    `refused`, `status`, `notified`, `tickets`. Without times, the order of lines is taken for that of time. {A_ticket}
    is followed up to its first illegal step. The log may be larger than memory.

    Several files may be named, or a pattern in quotes, such as "logs/*.jsonl", and addresses such as
    s3://bucket/june.parquet, which fsspec reaches. The lines of {a_ticket} may be anywhere in them.

    Exit code 1 if {a_ticket} breaks the rules; 2 if a line cannot be read, the log leaves something out, the rules do
    not decide a line, or nothing in it could be held against the rules. See docs/replay.md.
    """
    model = model_of(machines, readings)
    if options["example"]:
        _print_example(model)
        return
    if not paths:
        raise usage_error("LOG", "name a log, or - for standard input, or say --example", code=Code.USAGE)
    path = _called(paths)
    summary = _print(model, path, paths, options)
    if summary is None or not summary.steps:
        raise usage_error(path, "nothing in this log could be held against the rules", code=Code.NO_EVENT)
    gaps = summary.holes or (summary.gaps and not options["allow_gaps"])
    context.exit(2 if summary.unreadable else 1 if summary.illegal else 2 if gaps else 0)


def _called(paths: tuple[str, ...]) -> str:
    """What a log is called: the file that it is, also where a pattern stands for just that one."""
    from simsync.questions.replay.log.sources import PATTERN, sources

    if len(paths) > 1:
        return f"{paths[0]} and {len(paths) - 1} more"
    files = sources(paths) if any(sign in paths[0] for sign in PATTERN) else ()
    return files[0].name if len(files) == 1 else paths[0]


def _print_example(model: Model) -> None:
    from simsync.questions.replay import replay as replaying

    for line in replaying.example(model):
        click.echo(line)


def _print(model: Model, path: str, paths: tuple[str, ...], options: Mapping[str, Any]) -> Summary | None:
    """Print what is found in a log, which is called ``path``, as it is found; what was counted."""
    from simsync.questions.replay import report
    from simsync.report.terminal import write_styled

    with watching() as progress:
        told = _Told(path, _found(model, paths, options, progress), form=options["form"])
        if options["form"] == "json":
            for piece in report.as_json(model, told, MOST_LISTED, sys.stdout):
                sys.stdout.write(piece)
        else:
            write_styled(sys.stdout, report.as_text(model, path, told))
    return told.summary


def _found(
    model: Model, paths: tuple[str, ...], options: Mapping[str, Any], progress: Progress
) -> Iterator[Found | Summary]:
    """What is found in a log, and the summary."""
    from simsync.questions.replay import replay as replaying
    from simsync.questions.replay.judging.order import CLOCKS
    from simsync.questions.replay.log.columns import LogNames
    from simsync.questions.replay.log.names import load_log_names
    from simsync.workers.workers import where

    mapping, clocks = options["mapping"], options["clocks"]
    return replaying.replayed(
        model,
        paths,
        options["kind"],
        LogNames() if mapping is None else load_log_names(mapping, model),
        progress,
        late=options["late"],
        clocks=CLOCKS if clocks is None else clocks,
        place=where(options["jobs"], options["cluster"], otherwise=1),
        scratch=options["scratch"],
    )


class _Told:
    """What is found, on its way to a report; of lines that cannot be read it tells on standard error.

    That is the first of those that have the same trouble, and in the end how many more there are. ``summary`` is what
    comes last.
    """

    def __init__(self, path: str, found: Iterator[Found | Summary], *, form: str) -> None:
        self.summary: Summary | None = None
        self._path, self._found, self._form = path, found, form

    def __iter__(self) -> Iterator[Found | Summary]:
        from simsync.questions.replay.judging.ticket import Summary
        from simsync.questions.replay.log.columns import Unreadable
        from simsync.questions.replay.report import alike_line, unreadable_line

        alike: Counter[str] = Counter()
        for one in self._found:
            if isinstance(one, Unreadable):
                if not alike[one.why]:
                    click.echo(unreadable_line(self._path, one), err=True)
                if one.why in alike or len(alike) < MOST_LISTED:
                    alike[one.why] += 1
                if self._form == "text":
                    continue
            if isinstance(one, Summary):
                self.summary = one
                for why, count in alike.items():
                    if count > 1:
                        click.echo(alike_line(self._path, why, count - 1), err=True)
            yield one
