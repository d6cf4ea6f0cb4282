"""Where two models first differ in what anybody can see: the shortest scenario, or the proof that there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from simsync.analysis.life import Place, Sketch, statuses, way_back, with_texts
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.core.view import View, ticket
from simsync.model.world import Event


class Seen(NamedTuple):
    """What can be seen of a step; the names of links are nobody's to see."""

    refused: bool
    status: str
    tickets: dict[str, dict[str, View]]
    notified: tuple[str, ...]


def seen(outcome: Outcome) -> Seen:
    """What can be seen of a step: whether it was refused, the status, both tickets, who was told."""
    words = outcome.model.vocabulary
    return Seen(
        refused=outcome.refused is not None,
        status=outcome.after.status,
        tickets={partner: ticket(words, outcome.after, partner) for partner in words.partners},
        notified=tuple(sorted(outcome.notified)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The shortest way to a difference: the status to begin in, and events, the last of which shows it."""

    status: str
    events: tuple[Event, ...]


def first_difference(left: Model, right: Model) -> Difference | None:
    """The shortest scenario with one item after which something can be seen to differ; None if there is none.

    Both models have the same vocabulary. All pairs of places that look alike so far are tried, breadth first, so that
    None is a proof for one item, and for any number of them as far as items do not influence each other.
    """
    sketches = Sketch(left), Sketch(right)
    common = [status for status in statuses(left) if status in statuses(right)]
    waiting = [(Place(status, None), Place(status, None)) for status in common]
    came: dict[Pair, tuple[Pair, Event] | None] = dict.fromkeys(waiting)
    for pair in waiting:  # grows while we walk
        worlds = [sketch.world(place) for sketch, place in zip(sketches, pair, strict=True)]
        for event in _events(sketches, pair):
            one, two = (step(model, world, event) for model, world in zip((left, right), worlds, strict=True))
            if seen(one) != seen(two):
                (start, _), events = way_back(came, pair)
                return Difference(status=start.status, events=with_texts(left, [*events, event]))
            after = sketches[0].place(one.after), sketches[1].place(two.after)
            if after not in came:
                came[after] = pair, event
                waiting.append(after)
    return None


Pair = tuple[Place, Place]


def _events(sketches: tuple[Sketch, Sketch], pair: Pair) -> list[Event]:
    """The events that make sense on either side."""
    events: list[Event] = []
    for sketch, place in zip(sketches, pair, strict=True):
        events += [event for event in sketch.events(place.shape) if event not in events]
    return events
