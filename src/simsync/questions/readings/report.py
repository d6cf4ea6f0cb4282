"""The readings for reading: gap, question, evidence, options."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simsync.engine.model import Model
from simsync.policy.policy import Option, Policy, Reading
from simsync.report.terminal import print_to


def touched(option: Option) -> list[str]:
    """What an option exchanges, in a few words each."""
    replaced = [f"{old}: {', '.join(r.id for r in new) or 'nothing'}" for old, new in option.replace.items()]
    return [*(f"replaces {text}" for text in replaced), *(f"adds {name}" for name in added(option))]


def added(option: Option) -> list[str]:
    """The ids of the rows and transitions that an option adds without replacing any."""
    rows = [row.id for rows in option.add.values() for row in rows]
    return rows + [t.id for transitions in option.transitions.values() for t in transitions]


def print_readings(console: Console, model: Model) -> None:
    """Every reading in a terminal; the option in force is marked."""
    if not model.policy.readings:
        print_to(console, "no reading: these rules leave nothing open")
    for reading in model.policy.readings.values():
        head = Text.assemble((reading.name, "bold"), (f"  {reading.gap}".rstrip(), "dim"), f"  {reading.question}")
        print_to(console, head)
        grid = Table.grid(padding=(0, 1, 0, 0))
        for option in reading.options.values():
            mark = "  *" if model.readings[reading.name] == option.name else ""
            default = " (default)" if option.name == reading.default else ""
            grid.add_row(mark, Text.assemble((option.name, "cyan"), f"{default}: {option.about}"))
        cited = f" [{' '.join(reading.sources)}]" if reading.sources else ""
        grid.add_row("   ", Text(f"Evidence{cited}: {reading.evidence}", "dim"))
        print_to(console, grid)
        print_to(console, "")


def as_markdown(policy: Policy) -> str:
    """Every reading as Markdown."""
    parts = ["# Readings\n"]
    for reading in policy.readings.values():
        gap = f"\n*{reading.gap}: {policy.citations.text(reading.gap)}*\n" if reading.gap else ""
        parts.append(f"## {reading.name}\n\n{reading.question}\n{gap}")
        parts += [
            f"- **{o.name}**{' (default)' if o.name == reading.default else ''}: {o.about}"
            for o in reading.options.values()
        ]
        cited = f" ({', '.join(reading.sources)})" if reading.sources else ""
        parts.append(f"\nEvidence{cited}: {reading.evidence}\n")
    return "\n".join(parts)


def as_json(model: Model) -> dict[str, Any]:
    """Every reading for programs."""
    return {"readings": [_reading(model, reading) for reading in model.policy.readings.values()]}


def _reading(model: Model, reading: Reading) -> dict[str, Any]:
    return {
        "reading": reading.name,
        "question": reading.question,
        "gap": reading.gap,
        "gap_text": model.policy.citations.text(reading.gap),
        "evidence": reading.evidence,
        "sources": list(reading.sources),
        "default": reading.default,
        "chosen": model.readings[reading.name],
        "options": [{"option": o.name, "about": o.about, "changes": touched(o)} for o in reading.options.values()],
    }
