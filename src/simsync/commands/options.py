"""Options that commands share."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from simsync.engine.model import Model
from simsync.errors import BAD_INPUT, HELD, INTERRUPTED, SimsyncError
from simsync.progress import TIME_UP

if TYPE_CHECKING:
    from simsync.answer import Answer

ALL = sys.maxsize
"""As many as there are."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Size(click.ParamType[int]):
    """A number of bytes, as in 512M or 4G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes."""
        found = re.fullmatch(r"(\d{1,15})\s*([kmgt]?)i?b?", str(value).strip().lower())
        if found is None:
            self.fail(f"'{value}' is no size; say a number of bytes, or one such as 512M or 4G", param, ctx)
        return int(found[1] + "000" * " kmgt".index(found[2] or " "))


class Amount(click.FloatRange):
    """A number in a range; what is no number is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"'{value}' is no number", param, ctx)
        return number


class Duration(click.ParamType[float]):
    """A time that something may take, in seconds: a number of them, or one such as 90s, 10m or 1h30m."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number of seconds."""
        said = str(value).strip().lower()
        found = re.fullmatch(r"(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8}(?:\.\d+)?)s?)?", said)
        hours, minutes, seconds = (float(part or 0) for part in found.groups()) if found and said else (0.0, 0.0, 0.0)
        if not (amount := 3600 * hours + 60 * minutes + seconds):
            self.fail(f"'{value}' is no time; say a number of seconds, or one such as 90s, 10m or 1h30m", param, ctx)
        return amount


class HowMany(click.ParamType[int]):
    """How many of something to tell of: a number, or all of them, which is ``ALL``."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number."""
        said = str(value)
        if said == "all":
            return ALL
        if not said.isdecimal() or len(said) > 9:
            self.fail(f"'{value}' is neither a number nor 'all'", param, ctx)
        return int(said)


def _complete_reading(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from simsync.app import load_model

    try:
        readings = load_model(ctx.params.get("machines")).policy.readings
    except SimsyncError:
        return []
    choices = [f"{reading.name}={option}" for reading in readings.values() for option in reading.options]
    return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]


def model_options(command: Command) -> Command:
    """`--machines` and `--reading`."""
    command = click.option(
        "--reading",
        "readings",
        metavar="NAME=OPTION",
        multiple=True,
        shell_complete=_complete_reading,
        help="Read an ambiguity of the {page} this way, where a scenario does not say; repeatable.",
    )(command)
    return click.option(
        "--machines",
        metavar="DIR",
        type=click.Path(),
        help="The rules to use. Default: machines/ here, else the rules that ship with simsync.",
    )(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """`--format`, the first being the default."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="How to print it."
    )


def hand_written_option(command: Command) -> Command:
    """`--hand-written`."""
    return click.option("--hand-written", is_flag=True, help="Without the files that are as simsync wrote them.")(
        command
    )


def tell(answer: Answer[Any], form: str) -> None:
    """Print an answer as text or as JSON."""
    from simsync.report.as_json import dumps

    if form == "json":
        sys.stdout.write(dumps(answer.as_dict(), sys.stdout) + "\n")
    else:
        for line in answer.lines():
            click.echo(line)


def whole(answer: Answer[Any]) -> bool:
    """Whether all of an answer is there, so that files can be written of it; says so if not."""
    if answer.stopped is not None:
        click.echo("no file is written of what is not all", err=True)
    return answer.stopped is None


def exit_code(answer: Answer[Any]) -> int:
    """What a command exits with: 0 if it holds, 130 if it was interrupted, 2 if its time was up, else 1."""
    if answer.stopped is not None:
        return BAD_INPUT if answer.stopped.why == TIME_UP else INTERRUPTED
    return HELD if answer.holds else 1


def model_of(machines: str | None, readings: tuple[str, ...]) -> Model:
    """The model that the options ask for."""
    from simsync.app import chosen_readings, load_model

    return load_model(machines, chosen_readings(readings, "--reading"))


def jobs_option(default: str) -> Callable[[Command], Command]:
    """`--jobs`, with what its default is in words."""
    said = f"Processes at once. Default: {default}."
    return click.option("--jobs", metavar="N", type=click.IntRange(1, 256), help=said)


cluster_option = click.option(
    "--cluster", metavar="ADDRESS", help="The workers of a Dask cluster instead; local:N starts N of them here."
)
timeout_option = click.option(
    "--timeout", metavar="SECONDS", type=Amount(0), help="Stop when the time is up, as Ctrl-C does."
)
