"""A hypothesis state machine made from a model: random actions, the system under test judged after each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from simsync.engine.actions import Action, Grammar
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.extras import lacking
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.policy.policy import Value
from simsync.questions.conform.campaign.trial import as_result, differences, undecided_step
from simsync.questions.conform.driven import Seen
from simsync.questions.conform.lockstep import expected_of
from simsync.questions.conform.sequences.drives import ways_from_the_first
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.sut import System
from simsync.questions.run.report import drawn
from simsync.report.terminal import PLAIN_WIDTH, UNICODE
from simsync.scenarios.scenario import Scenario, Step
from simsync.scenarios.verdicts import Failure
from simsync.scenarios.writing import as_yaml, document

try:
    import hypothesis
    from hypothesis import strategies
    from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, precondition, rule
except ImportError as missing:  # pragma: no cover - the tests have it
    raise ImportError(lacking("a state machine", "hypothesis")) from missing

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
    a system that cannot be judged raises its `SystemFault`, and an object what it raises.

    >>> from simsync import load_model
    >>> machine = state_machine(load_model(), object)
    >>> machine.__name__, machine.model.chosen
    ('PolicyMachine', {})
    """
    rules = {f"rule {number:03}": made for number, made in enumerate(_Maker(model, texts).rules(), 1)}
    begin = initialize(status=_statuses(model))(_Judged.begin)
    members = {
        "model": model,
        "abilities": {},
        "given": staticmethod(system) if not isinstance(system, System) else system,
    }
    return type("PolicyMachine", (_Judged, RuleBasedStateMachine), {**members, "begin": begin, **rules})


def _statuses(model: Model) -> strategies.SearchStrategy[str]:
    """Where an example can begin: half of them where scenarios begin, which is simplest too."""
    spec = model.status_spec
    return strategies.just(spec.begin) | strategies.sampled_from([*ways_from_the_first(model)])


class _Judged:
    """What a state machine does with its rules' events: the model's step, the system's, and the comparison."""

    model: Model
    given: System | Factory
    abilities: dict[tuple[frozenset[str], frozenset[str]], Ability]
    """What systems can do that say this of themselves; much the same is said in every example."""

    def __init__(self) -> None:
        super().__init__()
        self.system = self.given if isinstance(self.given, System) else by_object(self.given(), self.model)
        self.world = World(self.model.status_spec.initial)
        self._start = self.world.status
        self._outcomes: list[Outcome] = []

    def begin(self, status: str) -> None:
        """Reset the system, and drive it to the status where it cannot be reset to that."""
        way: tuple[Event, ...] = ()
        if not self.system.resets_to_status:
            way = ways_from_the_first(self.model)[status]
            status = self.model.status_spec.initial
        said = self.system.hello.can, self.system.hello.cannot
        if said not in self.abilities:
            self.abilities[said] = self.system.ability
        self._ability = self.abilities[said]
        self.system.begin(status)
        self.world, self._start = World(status), status
        for event in way:
            self.do(event)

    def new_name(self) -> str:
        """A name that no item has had."""
        return f"N{sum(1 for one in self._outcomes if one.event.action == CREATE) + 1}"

    def do(self, event: Event) -> bool:
        """Do an event, and say whether that came to anything: it was not refused, and the system can do it.

        One that the system says it cannot do leaves all as it is, and is told among hypothesis' statistics.
        """
        lacking = self._ability.lacks(self.world, event)
        if lacking is not None:
            hypothesis.event(f"not tried: {lacking}")
            return False
        outcome = step(self.model, self.world, event)
        if outcome.defects:
            raise Unsaid(f"The rules do not say what comes of '{undecided_step(outcome)}. The system is not to blame.")
        self._outcomes.append(outcome)
        self.world = outcome.after
        expected = expected_of(self.system, outcome)
        actual = Seen(refused=self.system.act(event), shown=self.system.observe(expected.shown))
        failures = tuple(differences(self.system, expected, actual, len(self._outcomes)))
        if failures:
            raise Diverged(self.model, self._start, self._outcomes, failures)
        return outcome.refused is None


class Unsaid(AssertionError):  # noqa: N818 - what was found in the rules, not an error of ours
    """A step that the rules do not decide: nothing can be said of what a system does there."""


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
        trace = Trace(status=self.start, readings=self.model.chosen, events=tuple(events))
        text = as_yaml(document(FOUND, trace))
        last = f"What the system shows after step {len(events)} is not what the rules say, which is drawn and expected."
        return f"{last}\n\n{dialogue}\nAs a scenario file:\n\n{text}"


class _Maker:
    """Makes the rules: one for each status action, and for what each partner can do with items.

    No finer, since hypothesis leaves some rules out of each example, and a story needs several to go together.
    """

    def __init__(self, model: Model, texts: strategies.SearchStrategy[str]) -> None:
        self._model = model
        self._grammar = Grammar(model.factory)
        self._items = Bundle("item")
        known = model.vocabulary.fields
        self._values: dict[str, strategies.SearchStrategy[Value]] = {
            name: strategies.sampled_from(field.values) if field.values else texts for name, field in known.items()
        }

    def rules(self) -> Iterator[Any]:
        """Every rule: status actions first, then what can be done with items."""
        policy = self._model.policy
        events = [
            Event(actor=actor, action=trigger)
            for actor, trigger in dict.fromkeys(
                (a, t.trigger) for t in policy.transitions(policy.status) for a in t.actors
            )
        ]
        yield from map(self._status_action, events)
        yield self._out_of_turn(events)
        for actor in policy.vocabulary.partners:
            yield self._creation(actor)
            yield self._edit(actor)
            yield self._deletion(actor)

    def _status_action(self, event: Event) -> Any:
        """A status action, where it is possible: most are refused at most times, and would crowd out all else."""
        model = self._model
        there = {s for s in model.status_spec.states if step(model, World(s), event).refused is None}

        def act(self: _Judged) -> None:
            self.do(event)

        possible = precondition(lambda self: self.world.status in there)
        return possible(rule()(_named(act, event.actor, event.action)))

    def _out_of_turn(self, events: list[Event]) -> Any:
        """Any status action, and any creation, whoever has a ticket: most likely one that is to be refused."""
        words = self._model.vocabulary
        creations = [Event(actor=a, action=CREATE, kind=k, item="") for a in words.partners for k in words.kinds]
        by_words = {f"{event.actor}: {event}".rstrip(): event for event in (*events, *creations)}

        def act(self: _Judged, action: str) -> None:
            event = by_words[action]
            self.do(event if event.item is None else replace(event, item=self.new_name()))

        return rule(action=strategies.sampled_from([*by_words]))(_named(act, "out_of_turn"))

    def _creation(self, actor: str) -> Any:
        model, settable = self._model, self._settable(actor)
        phases = model.status_spec.phases
        there = {status for status in model.status_spec.states if actor in phases[model.phase(status)].tickets}

        def create(self: _Judged, kind: str, fields: Mapping[str, Value]) -> Any:
            name = self.new_name()
            given = settable(CREATE, kind, actor, fields)
            created = self.do(Event(actor=actor, action=CREATE, item=name, kind=kind, fields=given))
            return name if created else multiple()

        made = rule(
            target=self._items, kind=strategies.sampled_from([*model.vocabulary.kinds]), fields=self._fields(CREATE)
        )
        return precondition(lambda self: self.world.status in there)(made(_named(create, actor, "creates")))

    def _edit(self, actor: str) -> Any:
        def edit(self: _Judged, item: str, fields: Mapping[str, Value]) -> None:
            there = self.world.items[item]
            given = settable(EDIT, there.original.kind, there.owner, fields)
            if given:
                self.do(Event(actor=actor, action=EDIT, item=item, fields=given))

        settable = self._settable(actor)
        return rule(item=self._items, fields=self._fields(EDIT).filter(bool))(_named(edit, actor, "edits"))

    def _deletion(self, actor: str) -> Any:
        def delete(self: _Judged, item: str) -> None:
            self.do(Event(actor=actor, action=DELETE, item=item))

        return rule(item=self._items)(_named(delete, actor, "deletes"))

    def _fields(self, change: str) -> strategies.SearchStrategy[dict[str, Value]]:
        """Values of some of the fields that a change can set, whatever the kind."""
        known = self._model.vocabulary.fields
        optional = {name: values for name, values in self._values.items() if change in known[name].set_by}
        return strategies.fixed_dictionaries({}, optional=optional)

    def _settable(self, actor: str) -> Callable[[str, str, str, Mapping[str, Value]], dict[str, Value]]:
        """What is left of some fields when only those stay that an actor can set on an owner's item of a kind."""

        def settable(change: str, kind: str, owner: str, fields: Mapping[str, Value]) -> dict[str, Value]:
            allowed = self._grammar.fields(Action(change, kind, "it"), kind, owner, actor)
            return {name: value for name, value in fields.items() if name in allowed}

        return settable


def _named(function: Callable[..., Any], *words: str) -> Callable[..., Any]:
    """The function with a name that reads well where hypothesis prints what it called."""
    function.__name__ = _identifier(*words)
    return function


def _identifier(*words: str) -> str:
    """Words as one name.

    >>> _identifier("shop", "close the commission")
    'shop_close_the_commission'
    """
    name = re.sub(r"\W+", "_", "_".join(words))
    return name if name.isidentifier() else f"_{name}"
