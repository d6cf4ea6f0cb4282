"""The options that say how a system under test is reached and spoken to, and its instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

from simsync.commands.options import Amount
from simsync.errors import Code, usage_error

if TYPE_CHECKING:
    from simsync.engine.model import Model
    from simsync.questions.conform.campaign.pool import Pool
    from simsync.questions.conform.systems.mapping import Names
    from simsync.questions.conform.systems.protocol import AnswerLimits
    from simsync.questions.conform.systems.sut import Connect

AGAIN = {
    "command": "--sut",
    "urls": "--sut-http",
    "factory": "--sut-python",
    "mapping": "--map",
    "seconds": "--timeout",
    "size": "--max-answer",
    "patience": "--settle-timeout",
    "quiet": "--quiet-time",
    "poll": "--poll",
    "requests": "--max-requests",
}
"""What says which system is meant, and how it is spoken to."""
FINITE = Amount(min=0, min_open=True, max=86_400)
OPTIONS = (
    click.option("--sut", "command", metavar="COMMAND", help="A program that answers in JSON Lines."),
    click.option("--sut-http", "urls", metavar="URL", multiple=True, help="A service to POST to; repeatable."),
    click.option("--sut-python", "factory", metavar="MODULE:FACTORY", help="What makes a Python object that answers."),
    click.option(
        "--map", "mapping", metavar="FILE", type=click.Path(), help="What the system calls things, and lacks."
    ),
    click.option("--timeout", "seconds", type=FINITE, default=10.0, show_default=True, help="Seconds for an answer."),
    click.option("--max-answer", "size", type=click.IntRange(100), default=1_000_000, help="Bytes of an answer."),
    click.option(
        "--settle-timeout",
        "patience",
        type=Amount(0, 86_400),
        help="Look again for so many seconds until all is as expected. Default: 5 if it cannot settle, else 0.",
    ),
    click.option(
        "--quiet-time",
        "quiet",
        metavar="SECONDS",
        type=Amount(0, 86_400),
        help="Look on so long for what should not come, where it cannot settle. Default: 0.1, longer at the end.",
    ),
    click.option(
        "--poll",
        metavar="SECONDS",
        type=Amount(0, 3600),
        default=0.02,
        show_default=True,
        help="Pause before it is looked again, where it cannot settle; it grows up to ten times as long.",
    ),
    click.option(
        "--max-requests", "requests", metavar="N", type=click.IntRange(1), help="So many requests an hour at most."
    ),
)


def system_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with these options."""
    return reduce(lambda made, option: option(made), reversed(OPTIONS), command)


def connections(options: Mapping[str, Any], jobs: int) -> list[Connect]:
    """The way to each instance of the system."""
    from simsync.questions.conform.systems.ways import by_command, by_http, by_python

    command, urls, factory = (options[name] for name in ("command", "urls", "factory"))
    if (command is not None) + bool(urls) + (factory is not None) != 1:
        message = "exactly one of --sut, --sut-http and --sut-python says what is to be tested"
        raise usage_error("--sut", message, code=Code.USAGE)
    if twice := next((url for url in urls if urls.count(url) > 1), None):
        message = f"'{twice}' is given twice; sequences on one service would mix"
        raise usage_error("--sut-http", message, code=Code.USAGE)
    if urls and jobs not in (1, len(urls)):
        message = f"each of {jobs} instances needs a --sut-http of its own; sequences on one service would mix"
        raise usage_error("--jobs", message, code=Code.USAGE)
    if command is not None:
        return [by_command(command)] * jobs
    return [by_http(url) for url in urls] if factory is None else [by_python(factory)] * jobs


def spoken_to(model: Model, options: Mapping[str, Any]) -> tuple[Names, AnswerLimits]:
    """What the system calls things, and how long and large an answer may be."""
    from simsync.questions.conform.systems.files import load_names
    from simsync.questions.conform.systems.mapping import SAME
    from simsync.questions.conform.systems.protocol import AnswerLimits

    names = SAME if options["mapping"] is None else load_names(options["mapping"], model)
    return names, AnswerLimits(seconds=options["seconds"], size=options["size"])


def pool_of(model: Model, options: Mapping[str, Any]) -> Pool:
    """The instances of the system."""
    from simsync.questions.conform.campaign.elsewhere import SystemParts
    from simsync.questions.conform.campaign.pool import ClusterPool, Pool
    from simsync.questions.conform.systems.settling import Settling
    from simsync.workers.workers import where

    jobs, cluster = where(options["jobs"], options["cluster"], otherwise=1)
    connect = connections(options, jobs)
    if options["factory"] is not None and cluster is not None:
        message = "the workers of a cluster have no Python object of this process; --sut or --sut-http reach a system"
        raise usage_error("--cluster", message, code=Code.USAGE)
    names, limits = spoken_to(model, options)
    settling = Settling(seconds=options["patience"], quiet=options["quiet"], poll=options["poll"])
    starts = options["command"] is not None
    parts = SystemParts(connect=connect, starts=starts, model=model, names=names, limits=limits, settling=settling)
    return ClusterPool(parts, cluster) if cluster is not None else Pool(parts.made, len(connect))
