"""A system under test, spoken to in a policy's words."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, TypeVar

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.questions.conform.driven import Instance, Observed, Trouble, joined
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.questions.conform.systems.own_items import Made
from simsync.questions.conform.systems.pipe import PipeConnection
from simsync.questions.conform.systems.protocol import (
    ABILITIES,
    NOTIFIED,
    PROTOCOL,
    RESET,
    RESET_TO_STATUS,
    SETTLE,
    ActedAtOnce,
    Answered,
    AnswerLimits,
    Connection,
    Exchange,
    Hello,
    Json,
    OtherStatus,
    ShownNames,
    SystemFault,
    Timed,
    UnknownRequest,
    answered_of,
    excerpt,
    hello_of,
    observed_of,
    ok_of,
)
from simsync.questions.conform.systems.settling import LATE, QUIET, SLOWER, SLOWEST, UNSEEN, Settling
from simsync.questions.conform.systems.translation import Translation
from simsync.questions.conform.systems.used_world import UsedWorld, led_to

T = TypeVar("T")
Connect = Callable[[AnswerLimits], Connection]
TRACE = 40
"""Exchanges that are kept, to be shown where something goes wrong."""

LIMITS, SETTLING = AnswerLimits(), Settling()


class System:
    """One instance of a system under test.

    It is started when it is first needed, and anew after a :class:`SystemFault`. ``trace`` has the last exchanges of
    the present sequence. ``place`` tells it from others that are driven side by side.

    Whether it knows ``settle`` shows when it is first asked to, on empty tickets: if it fails twice, it is looked at
    again and again instead, and asked once more in each sequence. Once it came to rest, an error says of one
    synchronization that it failed, and no more.

    >>> class Deaf:
    ...     def hello(self, protocol): return {"protocol": 1, "name": "deaf", "can": ["reset_to_status"]}
    ...     def reset(self, status): self.status = status
    ...     def act(self, **request): return {"refused": "I never listen"}
    ...     def observe(self):
    ...         return {"status": self.status, "tickets": {}, "notified": []}
    >>> from simsync.app import load_model
    >>> from simsync.questions.conform.systems.python import PythonConnection
    >>> model = load_model()
    >>> system = System(partial(PythonConnection, Deaf), model)
    >>> system.begin(model.status_spec.begin).status == model.status_spec.begin
    True
    >>> system.close()
    """

    def __init__(
        self,
        connect: Connect,
        model: Model,
        names: Names = SAME,
        limits: AnswerLimits = LIMITS,
        settling: Settling = SETTLING,
    ) -> None:
        self._connect = connect
        self.limits = limits
        self._settling = settling
        self._connection: Connection | None = None
        self._ids: dict[str, str] = {}
        self._made = Made(model, names.own)
        self._said: Hello | None = None
        self._ability: Ability | None = None
        self.settles: bool | None = None  # None while nobody asked it to
        self.latest = 0.0  # seconds that it was late at most
        self._left_out: set[tuple[str, str]] = set()
        self._world = UsedWorld()
        self._started, self._begun, self._anew = 0, 0, False
        self.requests = 0  # but for hello
        self.before_each: Callable[[], None] = lambda: None  # it may raise what ends a campaign
        self.failed_at_reset: list[str] = []
        self.unsettled: str | None = None  # what it says to ``settle`` where it cannot do that
        self.model, self.place = model, 0
        self.names = names
        self.translation = Translation(model, names)
        self.trace: deque[Exchange] = deque(maxlen=TRACE)

    @property
    def hello(self) -> Hello:
        """What the system says of itself; asks where that is not known yet. Raises :class:`SystemFault`."""
        if self._said is None:
            self._greet()
        assert self._said is not None
        return self._said

    @property
    def ability(self) -> Ability:
        """What the system can do; raises :class:`SystemFault`."""
        if self._ability is None:
            can, cannot = (frozenset(one - set(ABILITIES)) for one in (self.hello.can, self.hello.cannot))
            self._ability = Ability(self.model, self.names, can, cannot)
        return self._ability

    @property
    def resets_to_status(self) -> bool:
        """Whether it can begin in any status; raises :class:`SystemFault`."""
        return RESET_TO_STATUS in self.hello.can - self.hello.cannot

    @property
    def goes_on(self) -> bool:
        """Whether it cannot be reset, and each sequence begins where the one before ended; raises as above."""
        return RESET in self.hello.cannot

    @property
    def instance(self) -> Instance:
        """The present instance, which is in the middle of a sequence."""
        return Instance(place=self.place, number=self._started, before=max(0, self._begun - 1))

    def renew(self) -> bool:
        """Begin the next sequence on a fresh instance; gives whether there is such a thing."""
        if self._anew:
            self.close()
        return self._anew

    def goes_on_after(self, instance: int) -> None:
        """Count instances from here on: so many were there before."""
        self._started = max(self._started, instance)

    def leave_out(self, partner: str, item: str) -> None:
        """Take no notice of an item on a ticket for the rest of the sequence."""
        self._left_out.add((partner, item))

    def _greet(self) -> None:
        self.trace.clear()
        said = hello_of(self._ask({"op": "hello", "protocol": PROTOCOL}))
        said = replace(said, cannot=said.cannot | set(self.names.cannot))
        if said != self._said:
            self._said, self._ability = said, None
        if SETTLE in said.cannot:
            self.settles = False
        if NOTIFIED in said.cannot and NOTIFIED not in self.translation.names.unseen:
            names = replace(self.names, unseen=(*self.names.unseen, NOTIFIED))
            self.translation = Translation(self.model, names)

    def _ask(self, request: Json) -> Json:
        self.before_each()
        self.requests += request["op"] != "hello"
        try:
            if self._connection is None:
                self._started, self._begun = self._started + 1, 0
                self._connection = self._connect(self.limits)
                self._anew = self._connection.anew
            answer = self._connection.exchange(request)
        except UnknownRequest as fault:
            self.trace.append(Exchange(request, fault.message))
            raise
        except SystemFault:
            self.trace.append(Exchange(request, None))
            self.close()
            raise
        self.trace.append(Exchange(request, answer))
        return answer

    def begin(self, status: str) -> Observed:
        """Reset to a status with empty tickets; gives what is shown then.

        A system without ``reset_to_status`` always begins in the first status. Raises :class:`SystemFault`.
        """
        if self._connection is None or self._said is None:
            self._greet()  # a fresh start belongs to no sequence
        self.trace.clear()
        self._ids = {}
        self._left_out = set()
        self._begun += 1
        self._made = Made(self.model, self.names.own)
        if self.goes_on:
            shown = led_to(self, status)
            self._world.leave_behind(self._begun)
            self._made = Made(self.model, self.names.own)
            return shown
        self._guarded(lambda: ok_of(self._ask({"op": "reset", "status": self.translation.status(status)})))
        self._settle_at_first()
        shown = self.look()
        left = [item for items in shown.tickets.values() for item in items]
        if left:
            raise self._broken(SystemFault(Trouble.RESET, f"after a reset to {status}, there is {excerpt(left[0])}"))
        if self.translation.statuses_unlike(status, shown):
            message = f"after a reset to {status}, {self.translation.statuses_told(status, shown)}"
            raise self._broken(OtherStatus(message, shown.status))
        return shown

    def seen_at_rest(self) -> Observed:
        """What is shown once what is under way after a reset has come to rest. Raises :class:`SystemFault`."""
        self._settle_at_first()
        return self.look()

    def act(self, event: Event) -> str | None:
        """Do something; gives the reason where it is refused. Raises :class:`SystemFault`."""
        request = self._request(event)
        return self._noted(event, self._guarded(lambda: answered_of(self._ask(request))))

    def act_or_error(self, event: Event) -> str | Literal[False] | None:
        """The same; False where the system answers with an error, so that nobody knows whether it was done."""
        request = self._request(event)
        try:
            return self._noted(event, self._guarded(lambda: answered_of(self._ask(request)), keep=UnknownRequest))
        except UnknownRequest:
            return False

    def act_together(self, events: Sequence[Event]) -> list[ActedAtOnce]:
        """Do some things at once, each actor's one after the other. Raises :class:`SystemFault`."""
        self.requests += len(events)
        connection, queues = self._connection, dict[str, list[int]]()
        assert connection is not None
        for number, event in enumerate(events):
            self.before_each()
            queues.setdefault(event.actor, []).append(number)
        asked = [[self._request(events[n]) for n in queue] for queue in queues.values()]
        heard = self._guarded(lambda: connection.at_once(asked))
        came: dict[int, Timed] = {}
        for queue, requests, answers in zip(queues.values(), asked, heard, strict=True):
            came |= zip(queue, answers, strict=True)
            self.trace.extend(Exchange(request, one.answer) for request, one in zip(requests, answers, strict=True))
        done: list[ActedAtOnce] = []
        for number, event in enumerate(events):
            refused = self._noted(event, self._guarded(partial(answered_of, came[number].answer)))
            done.append(ActedAtOnce(refused, came[number].sent, came[number].came))
        return done

    def disrupt(self, what: str) -> bool:
        """Disrupt the system in a way that it names; gives whether it did anything. Raises :class:`SystemFault`."""
        answer = self._guarded(lambda: self._ask({"op": "disrupt", "what": what}))
        ok_of(answer)
        return answer.get("struck") is not False

    def _request(self, event: Event) -> Json:
        """The request for an action; what an earlier sequence made in a world that is not reset may have its name."""
        if event.item is not None and self.goes_on:
            self._ids.setdefault(event.item, self._world.named(event.item))
        self._made.note(event)
        return self.translation.request(event, self._ids)

    def _noted(self, event: Event, answered: Answered) -> str | None:
        """Why an action was refused; the system's id of an item is kept."""
        if self.names.ids and answered.id is not None and event.item is not None:
            self._ids[event.item] = answered.id
        return answered.refused

    def look(self, expected: Observed | None = None) -> Observed:
        """What is shown now, in our names. Raises :class:`SystemFault`.

        By what is ``expected`` items of the product's own are recognized that the rules have.
        """
        shown: Observed = self._guarded(lambda: self._read(observed_of(self._ask({"op": "observe"})), expected))
        if not self.translation.tells(shown):
            message = f'it does not say who was notified; if it cannot, its hello says "cannot": ["{NOTIFIED}"]'
            raise self._broken(SystemFault(Trouble.PROTOCOL, message))
        if not self._left_out:
            return shown
        kept = {
            partner: {name: view for name, view in items.items() if (partner, name) not in self._left_out}
            for partner, items in shown.tickets.items()
        }
        return replace(shown, tickets=kept)

    def _read(self, shown: ShownNames, expected: Observed | None) -> Observed:
        if self.goes_on:
            shown = self._world.without_former(shown)
        if expected is not None and not self._made.has_all(expected.tickets):
            self._ids |= self._made.recognized(expected.tickets, self.translation.views(shown, self._ids))
        return self.translation.read(shown, self._ids, self._made)

    @property
    def quiet(self) -> float | None:
        """Seconds for which it is looked on at for what should not come; None where it says when it rests."""
        return self._looked_on(last=False) if self.settles is False else None

    def _looked_on(self, *, last: bool) -> float:
        if self._settling.quiet is not None:
            return self._settling.quiet
        return max(QUIET, 3 * self.latest or UNSEEN) if last else QUIET

    def observe(self, expected: Observed | None = None, *, last: bool = False) -> Observed:
        """What is shown once synchronization has come to rest. Raises :class:`SystemFault`.

        Where nobody can say when that is, it is looked at again and again until it is as expected, or time is up;
        longer after the ``last`` step, since nobody looks later.
        """
        quiet = self._looked_on(last=last)
        if expected is None:
            return self._observed_until(None, None, quiet)
        return self._observed_until(lambda shown: not self.translation.aspects(expected, shown), expected, quiet)

    def observe_until(self, fits: Callable[[Observed], bool], *, last: bool, early: bool) -> Observed:
        """The same, until it is as something wants it; ``early``: which may be so before it rests. Raises as above.

        Where it may not, what comes late and is as wanted is taken at once: it is looked at again after what follows.
        """
        quiet = max(self._looked_on(last=last), 3 * self.latest if early else 0.0)
        return self._observed_until(fits, None, quiet, at_once=not (early or last or self._settling.quiet))

    def _observed_until(
        self, fits: Callable[[Observed], bool] | None, expected: Observed | None, quiet: float, *, at_once: bool = False
    ) -> Observed:
        rests = self.settles is not False
        failed = self._settle() if rests else None
        shown = replace(self.look(expected), failed=failed)
        patience = self._settling.seconds
        if patience is None:
            patience = 0.0 if rests else LATE
        if not patience or fits is None:
            return shown
        start = time.monotonic()
        pause = poll = min(self._settling.poll, patience)
        while not fits(shown) and time.monotonic() < start + patience:
            time.sleep(pause)
            pause = min(SLOWER * pause, SLOWEST * poll, patience)
            shown = joined(shown, self.look(expected))
            if fits(shown):
                self.latest = max(self.latest, time.monotonic() - start)
                quiet = 0.0 if at_once else quiet
        if not rests and quiet and fits(shown):
            time.sleep(min(quiet, patience))
            shown = joined(shown, self.look())
        return shown

    def _settle(self) -> str | None:
        """Wait until synchronization has come to rest; gives the system's words where it failed."""
        try:
            self._guarded(lambda: ok_of(self._ask({"op": "settle"})), keep=UnknownRequest)
        except UnknownRequest as failure:
            return failure.words
        return None

    def _settle_at_first(self) -> None:
        """Settle after a reset; a system that fails at that each time does not know how to, unless it did once."""
        if self._said is not None and SETTLE in self._said.cannot:
            return
        words = self._settle()
        if words is None:
            self.settles = True
            return
        if self.settles is not False:
            again = self._settle()
            if again is not None and self.settles:
                raise self._broken(SystemFault(Trouble.FAILED, f"after a reset, synchronization failed: {again}"))
            self.settles = again is None
        if self.settles:
            self.failed_at_reset.append(words)
        else:
            self.unsettled = words

    def _guarded(self, ask: Callable[[], T], keep: type[Exception] | None = None) -> T:
        """Ask; whoever gives a wrong answer is started anew before the next sequence."""
        try:
            return ask()
        except SystemFault as fault:
            if keep is None or not isinstance(fault, keep):
                self.close()
            raise

    def _broken(self, fault: SystemFault) -> SystemFault:
        self.close()
        return fault

    def kill(self) -> None:
        """End the system at once where it is a program of ours; whoever waits for its answer learns that it ended."""
        if isinstance(self._connection, PipeConnection):
            self._connection.kill()

    def close(self) -> None:
        """Let go of the system; it is started again when it is next needed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
