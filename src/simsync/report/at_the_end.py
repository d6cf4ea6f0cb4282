"""Who sees what where a run ends, and who was told on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simsync.engine.model import Model
from simsync.engine.world import World
from simsync.policy.policy import ALONE
from simsync.report import who_sees_what


def at_the_end(
    model: Model, world: World, told: Mapping[str, list[int]] | None, *, asked: bool, bar: str, place: str
) -> Iterator[RenderableType]:
    """Both tickets side by side, what is not said of them, the status and the links, and who was told.

    ``told`` is None where that depends on an order. ``asked``: with what words mean that are not everybody's.
    ``place`` says what numbers the steps.
    """
    vocabulary = model.vocabulary
    yield _side_by_side(model, world)
    meanings = who_sees_what.meanings(vocabulary, world) if asked else {}
    for sentence in (*map(": ".join, meanings.items()), *who_sees_what.unsaid(model, world)):
        yield Text(sentence, "dim")
    links = [f"{name} {item.link}" for name, item in world.items.items() if item.link != ALONE]
    states = [*([] if world.status == ALONE else [world.status]), *links]
    about = [f" {bar} ".join(states)] if states else []
    if vocabulary.recipients and told is not None:
        about.append(f"told: {who_sees_what.told_in_words(told, place) or 'nobody'}")
    yield Text("\n".join(about), "bold")
    for who in (told or {}) if asked else ():
        yield Text(f"{who}: {vocabulary.recipients[who]}", "dim")


def _side_by_side(model: Model, world: World) -> Table:
    """Both tickets, item by item."""
    words, none = model.words, who_sees_what.without_ticket(model, world)
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="bold underline")
    table.add_column("who sees what")
    for partner in model.vocabulary.partners:
        table.add_column(
            f"{partner}: no {words.ticket}" if partner in none else f"{partner}'s {words.ticket}", overflow="fold"
        )
    for row in who_sees_what.rows(model.vocabulary, world):
        style = "" if row.fact else "bold"
        table.add_row(Text(f"  {row.fact}" if row.fact else row.item, style), *(Text(one, style) for one in row.says))
    if not world.items:
        table.add_row(f"no {words.item}")
    return table
