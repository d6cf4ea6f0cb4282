"""A simulation to play with: actions in words, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from simsync.engine.actions import Grammar
from simsync.engine.checked import check_event, grammar_of
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.view import ticket
from simsync.engine.world import Event, World
from simsync.errors import not_among
from simsync.policy.policy import Value


class Simulation:
    """The two tickets, from a status on, with nothing on them; each :meth:`do` is one step.

    ``status`` None stands for the status in which scenarios begin; where there are several status machines, it maps
    the keys of some to their states.

    >>> from simsync import Simulation, load_model
    >>> simulation = Simulation(load_model())
    >>> first, second = simulation.model.vocabulary.partners
    >>> simulation.do(f"{first}: create note N1", text="Disk replaced").synced
    True
    >>> simulation.ticket(second)["N1"]["text"]
    'Disk replaced'
    >>> print(simulation.do(f"{second}: create note N2").refused)
    None
    """

    def __init__(self, model: Model, status: str | Mapping[str, str] | None = None) -> None:
        spec = model.status_spec
        if isinstance(status, Mapping):
            status = spec.at(status) or str(dict(status))
        status = spec.begin if status is None else spec.aliases.get(status, status)
        if status not in spec.states:
            raise ValueError(not_among(model.words.status.a, status, spec.states))
        self.model = model
        self.world = World(status)
        self.outcomes: list[Outcome] = []
        self._grammar = grammar_of(model.factory)

    def event(self, action: str, /, **fields: Value) -> Event:
        """The event that ``"actor: action"`` means here.

        Raises ValueError, with a sentence, where the words make no sense in this simulation: an unknown actor,
        action, kind, item or field, a name created twice, an edit of nothing. That is not a refusal.
        """
        return read_event(self._grammar, self.world, action, fields)

    def do(self, action: str, /, **fields: Value) -> Outcome:
        """Do ``"actor: action"``, such as ``"lead: edit N1"`` with ``text="..."``; the world moves on.

        A refusal is an outcome too: its ``refused`` is the reason, and the world stays as it was.
        Raises ValueError as :meth:`event` does.
        """
        outcome = step(self.model, self.world, self.event(action, **fields))
        self.world = outcome.after
        self.outcomes.append(outcome)
        return outcome

    def _repr_svg_(self) -> str | None:
        """What was done so far as a sequence diagram, for a notebook; None where nothing was."""
        svg: str | None = import_module("simsync.drawing.notebook").played_svg(self.outcomes)  # a room above
        return svg

    def ticket(self, partner: str) -> dict[str, dict[str, Value]]:
        """What a partner's ticket shows, by item; raises ValueError for someone who is no partner."""
        if partner not in self.model.vocabulary.partners:
            raise ValueError(not_among(self.model.words.partner.a, partner, self.model.vocabulary.partners))
        return ticket(self.model.vocabulary, self.world, partner)


def read_event(grammar: Grammar, world: World, text: str, fields: dict[str, Value]) -> Event:
    """The event that some words mean in a world; raises ValueError with a sentence where they mean none."""
    acting, nouns = grammar.policy.vocabulary.acting, grammar.policy.vocabulary.words
    actor, colon, words = text.partition(":")
    actor = actor.strip()
    if not colon or actor not in acting:
        raise ValueError(f"{not_among(nouns.partner.a, actor, acting)}; an action is written as '{acting[0]}: edit N1'")
    action = grammar.parse(words.strip(), actor)
    event = Event(actor=actor, action=action.name, item=action.item, kind=action.kind, fields=dict(fields))
    check_event(grammar, world, event)
    return event
