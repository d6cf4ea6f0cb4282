"""A system asked through one sequence, and what looks wrong about its answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.world import World
from simsync.errors import not_among
from simsync.questions.conform.adapter_check.course import CheckCourse
from simsync.questions.conform.adapter_check.looking import Look, Sentence
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.mapping import Names
from simsync.questions.conform.systems.protocol import (
    ABILITIES,
    PROTOCOL,
    RESET,
    RESET_TO_STATUS,
    SETTLE,
    AnswerLimits,
    Connection,
    Exchange,
    Hello,
    Json,
    SystemFault,
    UnknownRequest,
    answered_of,
    hello_of,
    observed_of,
    ok_of,
)
from simsync.questions.conform.systems.sut import Connect
from simsync.questions.conform.systems.translation import Translation
from simsync.questions.conform.systems.used_world import UsedWorld

SLOW = 1.0
"""Seconds after which an answer is called slow."""
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What looks wrong, in a sentence, after so many exchanges; ``about`` is a word for programs."""

    after: int
    about: str
    sentence: str


@dataclass(slots=True)
class AdapterCheck:
    """All that was asked and answered, and what looks wrong. ``ended``: it was not gone through to its end."""

    model: Model
    name: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    steps: int = 0
    ended: bool = False


def check_adapter(
    connect: Connect, model: Model, names: Names, limits: AnswerLimits, clock: Clock = time.monotonic
) -> AdapterCheck:
    """Ask a system through one sequence; what its answers say is not held against the rules, but how they say it."""
    found = AdapterCheck(model)
    asking: _Asking | None = None
    try:
        asking = _Asking(found, connect(limits), names, clock)
        asking.through()
    except SystemFault as fault:
        found.remarks.append(Remark(after=len(found.exchanges), about=fault.trouble, sentence=fault.message))
        found.ended = True
    finally:
        if asking is not None:
            asking.connection.close()
    return found


class _Asking:
    """A sequence in the middle."""

    def __init__(self, found: AdapterCheck, connection: Connection, names: Names, clock: Clock) -> None:
        self.found, self.model, self.connection = found, found.model, connection
        self._names, self._clock = names, clock
        self._translation = Translation(self.model, names)
        self._ids: dict[str, str] = {}
        self._said: set[str] = set()

    def through(self) -> None:
        """The whole sequence; raises :class:`SystemFault` where it cannot go on."""
        hello = self._hello()
        cannot = hello.cannot | set(self._names.cannot)
        jumps = RESET_TO_STATUS in hello.can - cannot
        ability = Ability(self.model, self._names, hello.can - {*ABILITIES}, cannot - {*ABILITIES})
        spec = self.model.status_spec
        first = spec.begin if jumps else spec.initial
        self._look = Look(self.model, self._translation, notifies="notified" not in cannot)
        self._settles = SETTLE not in cannot
        self._used = UsedWorld() if RESET in cannot else None
        if self._used is not None:
            first = self._gone_on(self._used) or first
        course = CheckCourse(self.model, first, lambda world, event: ability.lacks(world, event) is None)
        if self._used is None:
            self._reset(first)
        for number, outcome in enumerate(course.outcomes):
            self._step(outcome, again=number == 0)
        world = course.outcomes[-1].after if course.outcomes else World(first)
        for what in hello.disruptions:
            self._disrupt(what, world)
        self._remark(*self._look.in_the_end(course.outcomes))
        if course.outcomes and self._used is None:
            self._reset(spec.initial)

    def _hello(self) -> Hello:
        hello = hello_of(self._ask({"op": "hello", "protocol": PROTOCOL}))
        self.found.name = hello.name
        if not hello.name:
            self._remark(("name", "it has no name; a report is headed by what hello says as 'name'"))
        deeds = Ability(self.model, self._names, (), ()).known
        for key, words, others in (("can", hello.can, [RESET_TO_STATUS]), ("cannot", hello.cannot, ABILITIES)):
            for one in sorted(words - {*ABILITIES}):
                if deeds.read(one) is None:
                    self._remark((key, f"in '{key}', {not_among('an action here', one, [*deeds.plain, *others])}"))
        return hello

    def _gone_on(self, world: UsedWorld) -> str | None:
        """Go on in a world that is not reset; gives its status."""
        self._settle()
        shown = world.without_former(observed_of(self._ask({"op": "observe"})))
        world.leave_behind(1)
        return self._translation.state_of(self._translation.read(shown._replace(tickets={}), {}))

    def _reset(self, status: str) -> None:
        self._ids = {}
        with self._told("reset"):
            ok_of(self._ask({"op": "reset", "status": self._translation.status(status)}))
        self._settle()
        self._observe(World(status), None)

    def _step(self, outcome: Outcome, *, again: bool) -> None:
        """Do a step, and look; ``again``: look twice, since nothing happens meanwhile."""
        event = outcome.event
        self.found.steps += 1
        if self._used is not None and event.item is not None:
            self._ids.setdefault(event.item, self._used.named(event.item))
        with self._told("act"):
            answered = answered_of(self._ask(self._translation.request(event, self._ids)))
            self._remark(*self._look.at_answer(outcome, answered))
            if self._names.ids and event.kind is not None and answered.refused is None:
                if answered.id is None:
                    self._remark(("id", "--map says that a new item has an id; the answer to its creation has none"))
                else:
                    self._ids[str(event.item)] = answered.id
        self._settle()
        self._observe(outcome.after, outcome)
        if again:
            self._observe(outcome.after, None)

    def _disrupt(self, what: str, world: World) -> None:
        """Disrupt it while nothing is done; what is shown is to be as it was."""
        with self._told("disrupt"):
            answer = self._ask({"op": "disrupt", "what": what})
            ok_of(answer)
            if not isinstance(answer.get("struck", True), bool):
                self._remark(("struck", '"struck" is true or false: whether the disruption had an effect'))
        self._settle()
        self._observe(world, None)

    def _settle(self) -> None:
        if self._settles:
            with self._told("settle"):
                ok_of(self._ask({"op": "settle"}))

    def _observe(self, world: World, outcome: Outcome | None) -> None:
        with self._told("observe"):
            shown = observed_of(self._ask({"op": "observe"}))
            shown = shown if self._used is None else self._used.without_former(shown)
            self._remark(*self._look.at(shown, self._ids, world, outcome))

    def _ask(self, request: Json) -> Json:
        begun = self._clock()
        try:
            answer = self.connection.exchange(request)
        except SystemFault:
            self.found.exchanges.append(Exchange(request, None))
            raise
        self.found.exchanges.append(Exchange(request, answer))
        took = self._clock() - begun
        if took > SLOW and request["op"] != "hello":  # which starts it
            about = f"{took:.1f} s for an answer to {request['op']}; a campaign asks some 20,000 times"
            self._remark(("slow", about))
        return answer

    @contextmanager
    def _told(self, op: str) -> Iterator[None]:
        """Go on where the system says that it failed."""
        try:
            yield
        except UnknownRequest as fault:
            self._remark((op, f"{op} is answered with an error, which says that the system failed: {fault.words}"))

    def _remark(self, *sentences: Sentence) -> None:
        for one in sentences:
            about, text = one
            if text not in self._said:
                self._said.add(text)
                self.found.remarks.append(Remark(after=len(self.found.exchanges), about=about, sentence=text))
