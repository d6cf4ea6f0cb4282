"""The terminal: rich where it is one, plain text where it is not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

PLAIN_WIDTH = 100
WIDEST = 120
NARROWEST = 60


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs used in dialogues."""

    to_right: str
    to_left: str
    refused: str
    defect: str
    cut: str
    passed: str
    answered: str
    failed: str
    bar: str
    dot: str
    arrow: str


UNICODE = Glyphs("━━━━▶", "◀━━━━", "✗", "‼", "✂", "✔", "○", "✘", "│", "·", "→")
ASCII = Glyphs("---->", "<----", "x", "!!", "-/-", "ok", "--", "FAILED", "|", "-", "->")


def glyphs_for(stream: TextIO) -> Glyphs:
    """Unicode signs where the stream can carry them."""
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    return UNICODE if encoding.startswith("utf") else ASCII


def is_terminal(stream: TextIO) -> bool:
    """Whether colours may be used: a terminal, and NO_COLOR not set."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write_styled(stream: TextIO, lines: Iterable[tuple[str, str]]) -> None:
    """Write lines, each with its style if this is a terminal."""
    if not is_terminal(stream):
        stream.writelines(f"{line}\n" for line, _ in lines)
        return
    from rich.text import Text

    console = console_for(stream)
    for line, style in lines:
        console.print(Text(line, style), soft_wrap=True)


def print_to(console: Console, *what: RenderableType) -> None:
    """Print, without the blanks that fill lines up where nobody sees a colour behind them."""
    if not console.no_color:
        console.print(*what)
        return
    with console.capture() as captured:
        console.print(*what)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def console_for(stream: TextIO) -> Console:
    """A console on the stream; plain output has a fixed width, so that it is the same everywhere."""
    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns if stream.isatty() else PLAIN_WIDTH
    return console_on(stream, coloured=is_terminal(stream), width=width)


def console_on(stream: TextIO, *, coloured: bool, width: int) -> Console:
    """A console on a stream of which somebody else knows what it can show; ``width`` in cells, kept in bounds."""
    from rich.console import Console

    return Console(
        file=stream,
        force_terminal=coloured,
        no_color=not coloured,
        width=min(max(width, NARROWEST), WIDEST),
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        legacy_windows=False,
    )
