"""A declared machine as a `transitions` Machine, used as a pure function from state and trigger to transition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from simsync.engine.decision import Fired
from simsync.policy.policy import MachineSpec, Transition, Value

if TYPE_CHECKING:
    from transitions import EventData, Machine


class _Subject:
    """What the machine moves: one throw-away holder of a state."""

    simsync_state: Any
    fired: Transition | None = None


class TransitionsMachine:
    """The library's machine for a declaration.

    Automatic transitions are off and invalid triggers are not ignored: both would hide refusals.
    """

    def __init__(self, spec: MachineSpec) -> None:
        self.spec = spec
        tested = [fact for t in spec.transitions for fact, _ in t.when]
        if any(t.actors for t in spec.transitions):
            tested.append("actor")
        self._facts = tuple(dict.fromkeys(tested))
        self._fired: dict[tuple[object, ...], Fired | None] = {}

    @cached_property
    def _machine(self) -> Machine:
        """The library's machine, made when something is first fired."""
        from transitions import Machine

        return Machine(**self._declaration(), model=None, model_attribute="simsync_state")

    def drawable(self) -> Machine:
        """A machine of the library that can be triggered and drawn: ``trigger(name, facts={...})``, ``get_graph()``."""
        from transitions.extensions import GraphMachine

        return GraphMachine(**self._declaration(), title=self.spec.name, graph_engine="graphviz")

    def _declaration(self) -> dict[str, Any]:
        from transitions import State

        return {
            "states": [State(name, final=state.final) for name, state in self.spec.states.items()],
            "initial": self.spec.initial,
            "transitions": [_declared(transition) for transition in self.spec.transitions],
            "auto_transitions": False,
            "ignore_invalid_triggers": False,
            "send_event": True,
        }

    def fire(self, state: str, trigger: str, facts: Mapping[str, Value | None]) -> Fired | None:
        """The transition that ``trigger`` takes from ``state``, or None where the machine refuses it."""
        key = (state, trigger, *(facts.get(fact) for fact in self._facts))
        if key not in self._fired:
            self._fired[key] = self._really_fire(state, trigger, facts)
        return self._fired[key]

    def _really_fire(self, state: str, trigger: str, facts: Mapping[str, Value | None]) -> Fired | None:
        if trigger not in self._machine.events or not self._machine.get_transitions(trigger, state):
            return None
        subject = _Subject()
        self._machine.set_state(state, subject)
        self._machine.events[trigger].trigger(subject, facts=facts)
        return Fired(subject.fired, state, str(subject.simsync_state)) if subject.fired else None


def _declared(transition: Transition) -> dict[str, object]:
    return {
        "trigger": transition.trigger,
        "source": list(transition.source),
        "dest": transition.dest,
        "conditions": [_condition(fact, values) for fact, values in _conditions(transition)],
        "after": _recorder(transition),
    }


def _conditions(transition: Transition) -> list[tuple[str, tuple[Value, ...]]]:
    actor = [("actor", transition.actors)] if transition.actors else []
    return [*actor, *transition.when]


def _condition(fact: str, values: tuple[Value, ...]) -> Callable[[EventData], bool]:
    def condition(event: EventData) -> bool:
        return event.kwargs["facts"].get(fact) in values

    return condition


def _recorder(transition: Transition) -> Callable[[EventData], None]:
    def record(event: EventData) -> None:
        subject: Any = event.model
        subject.fired = transition

    return record
