"""A hypothesis state machine made from a model: random actions, the system under test judged after each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from simsync.conformance.lockstep import Seen, expected_of
from simsync.conformance.python import PythonConnection
from simsync.conformance.sut import System
from simsync.conformance.trial import approach, as_result, differences
from simsync.core.actions import Action, Grammar
from simsync.core.facts import CREATE, DELETE, EDIT
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.core.verdicts import Failure
from simsync.model.policy import Value
from simsync.model.scenario import Scenario, Step
from simsync.model.world import Event, World
from simsync.reporting.findings import as_yaml, scenario_of
from simsync.reporting.run_text import drawn
from simsync.reporting.terminal import PLAIN_WIDTH, UNICODE

try:
    import hypothesis
    from hypothesis import strategies
    from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
except ImportError as missing:  # pragma: no cover - the tests have it
    raise ImportError(
        "a state machine needs hypothesis; install it with: pip install 'simsync[hypothesis]'"
    ) from missing

FOUND = "A sequence that hypothesis found"
PRINTABLE = strategies.text(strategies.characters(min_codepoint=0x20, max_codepoint=0x17E, exclude_categories=["Cc"]))

Factory = Callable[[], Any]


def state_machine(
    model: Model, system: System | Factory, *, texts: strategies.SearchStrategy[str] = PRINTABLE
) -> type[RuleBasedStateMachine]:
    """A state machine whose rules are the policy's actions, done by the model and a system in lock step.

    ``system`` is a `System`, which all examples share, reset before each, and which its owner closes; or a factory,
    called for each example, of an object that speaks the protocol. ``texts`` are what free texts can be.
    A step at which the system does otherwise than the model is an AssertionError with the whole dialogue;
    a system that cannot be judged raises its `SystemFault`.

    >>> from simsync import load_model
    >>> machine = state_machine(load_model(), object)
    >>> machine.__name__, len(machine.rules()) > 20
    ('PolicyMachine', True)
    """
    rules = {f"rule {number:03}": made for number, made in enumerate(_Maker(model, texts).rules(), 1)}
    begin = initialize(status=strategies.sampled_from(_statuses(model)))(_Judged.begin)
    members = {"model": model, "given": staticmethod(system) if not isinstance(system, System) else system}
    return type("PolicyMachine", (_Judged, RuleBasedStateMachine), {**members, "begin": begin, **rules})


def _statuses(model: Model) -> list[str]:
    """Where an example can begin: first where simplest, in the first status."""
    return [status for status in model.status_spec.states if approach(model, status) is not None]


class _Judged:
    """What a state machine does with its rules' events: the model's step, the system's, and the comparison."""

    model: Model
    given: System | Factory

    def __init__(self) -> None:
        super().__init__()
        shared = self.given if isinstance(self.given, System) else None
        self._shared = shared is not None
        self.system = shared or System(partial(PythonConnection, self.given), self.model)  # type: ignore[arg-type]
        self.world = World(self.model.status_spec.initial)
        self._start = self.world.status
        self._outcomes: list[Outcome] = []

    def begin(self, status: str) -> None:
        """Reset the system, and drive it to the status where it cannot be reset to that."""
        way: tuple[Event, ...] = ()
        if not self.system.resets_to_status:
            way = approach(self.model, status) or ()
            status = self.model.status_spec.initial
        self._ability = self.system.ability
        self.system.begin(status)
        self.world, self._start = World(status), status
        for event in way:
            self.do(event)

    def do(self, event: Event) -> bool:
        """Do an event, and say whether that came to anything: it was not refused, and the system can do it.

        One that the system says it cannot do leaves all as it is, and is told among hypothesis' statistics.
        """
        lacking = self._ability.lacks(self.world, event)
        if lacking is not None:
            hypothesis.event(f"not tried: {lacking}")
            return False
        outcome = step(self.model, self.world, event)
        self._outcomes.append(outcome)
        self.world = outcome.after
        expected = expected_of(self.system, outcome)
        actual = Seen(refused=self.system.act(event), shown=self.system.observe(expected.shown))
        failures = tuple(differences(self.system, expected, actual, len(self._outcomes)))
        if failures:
            raise Diverged(self.model, self._start, self._outcomes, failures)
        return outcome.refused is None

    def teardown(self) -> None:
        """Close a system that was made for this example."""
        if not self._shared:
            self.system.close()


class Diverged(AssertionError):  # noqa: N818 - what was found, not an error of ours
    """A system that does otherwise than the model; it is drawn only when it is shown, which few of them are."""

    def __init__(self, model: Model, start: str, outcomes: list[Outcome], failures: tuple[Failure, ...]) -> None:
        super().__init__(model, start, outcomes, failures)
        self.model = model
        self.start = start
        self.outcomes = tuple(outcomes)
        self.failures = failures

    def __str__(self) -> str:
        """The dialogue of all that was done, drawn as the model does it, and the same as a scenario file."""
        events = [outcome.event for outcome in self.outcomes]
        steps = tuple(Step(event, number) for number, event in enumerate(events, 1))
        scenario = Scenario(file="hypothesis", line=1, name=FOUND, about="", sources=(), status=self.start, steps=steps)
        result = as_result(self.model, scenario, self.outcomes, self.failures)
        dialogue = drawn(self.model, result, glyphs=UNICODE, coloured=False, width=PLAIN_WIDTH)
        text = as_yaml(scenario_of(FOUND, self.start, self.model.chosen, events))
        last = f"What the system shows after step {len(events)} is not what the rules say, which is drawn and expected."
        return f"{last}\n\n{dialogue}\nAs a scenario file:\n\n{text}"


class _Maker:
    """Makes the rules: one for each action of each partner, by kind, and by whose item it is."""

    def __init__(self, model: Model, texts: strategies.SearchStrategy[str]) -> None:
        self._model = model
        self._texts = texts
        self._grammar = Grammar(model.workshop)
        words = model.vocabulary
        owned = [(owner, kind) for owner in words.partners for kind in words.kinds]
        self._items = {one: Bundle(_identifier(*one)) for one in owned}

    def rules(self) -> Iterator[Any]:
        """Every rule: status actions first, then what can be done with items."""
        policy = self._model.policy
        for actor, trigger in dict.fromkeys((t.actor or "", t.trigger) for t in policy.transitions(policy.status)):
            yield self._status_action(actor, trigger)
        for owner, kind in self._items:
            yield self._creation(owner, kind)
            for actor in self._model.vocabulary.partners:
                yield from self._changes(actor, owner, kind)

    def _status_action(self, actor: str, trigger: str) -> Any:
        def act(self: _Judged) -> None:
            self.do(Event(actor=actor, action=trigger))

        return rule()(_named(act, actor, trigger))

    def _creation(self, actor: str, kind: str) -> Any:
        settable = self._grammar.fields(Action(CREATE, kind, "new"), kind, actor, actor)

        def create(self: _Judged, fields: Mapping[str, Value]) -> Any:
            name = f"N{sum(1 for one in self._outcomes if one.event.action == CREATE) + 1}"
            created = self.do(Event(actor=actor, action=CREATE, item=name, kind=kind, fields=fields))
            return name if created else multiple()

        made = rule(target=self._items[actor, kind], fields=self._fields(settable))
        return made(_named(create, actor, "creates", kind))

    def _changes(self, actor: str, owner: str, kind: str) -> Iterator[Any]:
        settable = self._grammar.fields(Action(EDIT, None, "old"), kind, owner, actor)
        whose = "own" if actor == owner else "the other's"

        def edit(self: _Judged, item: str, fields: Mapping[str, Value]) -> None:
            self.do(Event(actor=actor, action=EDIT, item=item, fields=fields))

        def delete(self: _Judged, item: str) -> None:
            self.do(Event(actor=actor, action=DELETE, item=item))

        items = self._items[owner, kind]
        if settable:
            yield rule(item=items, fields=self._fields(settable).filter(bool))(
                _named(edit, actor, "edits", whose, kind)
            )
        yield rule(item=items)(_named(delete, actor, "deletes", whose, kind))

    def _fields(self, settable: tuple[str, ...]) -> strategies.SearchStrategy[dict[str, Value]]:
        known = self._model.vocabulary.fields
        choices: dict[str, strategies.SearchStrategy[Value]] = {
            name: strategies.sampled_from(known[name].values) if known[name].values else self._texts
            for name in settable
        }
        return strategies.fixed_dictionaries({}, optional=choices)


def _named(function: Callable[..., Any], *words: str) -> Callable[..., Any]:
    """The function with a name that reads well where hypothesis prints what it called."""
    function.__name__ = _identifier(*words)
    return function


def _identifier(*words: str) -> str:
    """Words as one name.

    >>> _identifier("lead", "edits", "the other's", "time entry")
    'lead_edits_the_others_time_entry'
    """
    name = re.sub(r"\W+", "_", "_".join(words).replace("'", ""))
    return name if name.isidentifier() else f"_{name}"
