"""The readings for reading: gap, question, evidence, options."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from simsync.core.model import Model
from simsync.model.policy import Option, Policy, Reading


def touched(option: Option) -> list[str]:
    """What an option exchanges, in a few words each."""
    replaced = [f"{old}: {', '.join(r.id for r in new) or 'nothing'}" for old, new in option.replace.items()]
    added = [row.id for rows in option.add.values() for row in rows]
    added += [t.id for transitions in option.transitions.values() for t in transitions]
    return [*(f"replaces {text}" for text in replaced), *(f"adds {name}" for name in added)]


def print_readings(console: Console, model: Model) -> None:
    """Every reading in a terminal; the option in force is marked."""
    for reading in model.policy.readings.values():
        console.print(Text.assemble((reading.name, "bold"), (f"  {reading.gap}", "dim"), f"  {reading.question}"))
        for option in reading.options.values():
            mark = "*" if model.readings[reading.name] == option.name else " "
            default = " (default)" if option.name == reading.default else ""
            line = Text.assemble(f"{mark} ", (option.name, "cyan"), f"{default}: {option.about}")
            console.print(Padding(line, (0, 0, 0, 2)))
        evidence = Text(f"Evidence [{' '.join(reading.sources)}]: {reading.evidence}", "dim")
        console.print(Padding(evidence, (0, 0, 0, 4)))
        console.print()


def as_markdown(policy: Policy) -> str:
    """Every reading as Markdown."""
    parts = ["# Readings\n"]
    for reading in policy.readings.values():
        gap = f"{reading.gap}: {policy.citations.text(reading.gap)}"
        parts.append(f"## {reading.name}\n\n{reading.question}\n\n*{gap}*\n")
        parts += [
            f"- **{o.name}**{' (default)' if o.name == reading.default else ''}: {o.about}"
            for o in reading.options.values()
        ]
        parts.append(f"\nEvidence ({', '.join(reading.sources)}): {reading.evidence}\n")
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
