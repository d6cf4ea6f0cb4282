"""What an exploration came to: as text, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from simsync.analysis.explore import Exploration, Judged, Verdict
from simsync.core.model import Model
from simsync.errors import listed
from simsync.reporting.findings import as_yaml, scenario_of
from simsync.version import __version__


def scenario(model: Model, judged: Judged) -> dict[str, Any] | None:
    """The counterexample as a scenario, if there is one to show."""
    if judged.status is None or not judged.events:
        return None
    return scenario_of(f"{judged.claim.name} is violated", judged.status, model.chosen, judged.events)


def as_text(explored: Exploration, judged: Sequence[Judged]) -> Iterator[str]:
    """The verdicts, each counterexample as a scenario that can be run."""
    model = explored.table.model
    for one in judged:
        yield f"{one.verdict:8}  {one.claim.name} ({listed(one.claim.sources)})"
        if (shown := scenario(model, one)) is not None:
            yield "".join(f"    {line}\n" for line in as_yaml(shown).splitlines())
    if explored.undecided is not None:
        yield "violated  the rules leave a step open; simsync check tells which"
    violated = sum(one.verdict is Verdict.VIOLATED for one in judged)
    yield (
        f"one item: {explored.states:,} states, {explored.transitions:,} transitions, depth {explored.depth}; "
        f"properties: {len(judged)}, violated: {violated}"
    )


def as_json(explored: Exploration, judged: Sequence[Judged]) -> dict[str, Any]:
    """The verdicts for programs."""
    model = explored.table.model
    fine = explored.undecided is None and all(one.verdict is Verdict.HOLDS for one in judged)
    return {
        "verdict": str(Verdict.HOLDS if fine else Verdict.VIOLATED),
        "items": 1,
        "states": explored.states,
        "transitions": explored.transitions,
        "depth": explored.depth,
        "any_number_of_items": False,
        "properties": [
            {
                "id": one.claim.name,
                "verdict": str(one.verdict),
                "sources": list(one.claim.sources),
                **({"scenario": shown} if (shown := scenario(model, one)) is not None else {}),
            }
            for one in judged
        ],
        "certificate": {
            "model": model.policy.digest,
            "version": __version__,
            "engine": "tabulated",
            "bounds": {"items": 1, "readings": model.readings},
        },
    }
