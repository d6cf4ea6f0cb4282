"""Systems under test in this process: right ones, wrong in one rule, and wrong in ways that no single rule has."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.questions.conform.diagnosis.variants import changes_of
from simsync.reference import ReferenceSystem

MACHINES = Path(__file__).resolve().parents[2] / "machines"
MODEL = load_model(MACHINES)


def right() -> ReferenceSystem:
    return ReferenceSystem(MODEL)


def changed(rule: str, about: str, status: str = "In Progress", model: Model = MODEL) -> Callable[[], ReferenceSystem]:
    """The rules with one of them changed."""
    (change,) = [one for one in changes_of(model, rule, status) if one.about == about]
    return lambda: ReferenceSystem(change.model)


def alike(about: str, *rules: str, model: Model = MODEL) -> Callable[[], ReferenceSystem]:
    """The rules with some of them changed in the same way."""
    for rule in rules:
        model = changed(rule, about, model=model)().model
    return lambda: ReferenceSystem(model)


def as_read(**readings: str) -> Callable[[], ReferenceSystem]:
    return lambda: ReferenceSystem(MODEL.under(readings))


class Slow(ReferenceSystem):
    """What crosses over can be seen only at the second look."""

    def __init__(self, model: Model = MODEL, *, settles: bool = False) -> None:
        super().__init__(model)
        self._settles = settles
        self._shown: dict[str, Any] | None = None
        self._looks = 0

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        self._shown = self._stale()
        self._looks = 0
        return super().act(*arguments, **request)

    def _stale(self) -> dict[str, Any]:
        told = list(self._told)
        shown = super().observe()
        self._told = told
        return copy.deepcopy({**shown, "notified": []})

    def reset(self, status: str) -> dict[str, Any]:
        self._shown = None
        return super().reset(status)

    def settle(self) -> dict[str, Any]:
        if not self._settles:
            return {"error": "there is no op 'settle'"}
        self._shown = None
        return {"ok": True}

    def observe(self) -> dict[str, Any]:
        self._looks += 1
        if self._shown is not None and self._looks < 2:
            return self._shown
        return super().observe()


class LeaksLate(ReferenceSystem):
    """Shows the partner what is internal, a while after each step, and cannot say when it has come to rest."""

    def __init__(self) -> None:
        super().__init__(MODEL)
        self._since = 0.0

    def settle(self) -> dict[str, Any]:
        return {"error": "there is no op 'settle'"}

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        self._since = time.monotonic()
        return super().act(*arguments, **request)

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        if time.monotonic() - self._since > 0.2:
            for item, view in shown["tickets"]["service"].items():
                if view.get("internal_users_only"):
                    shown["tickets"]["lead"].setdefault(item, view)
        return shown


class FromTheStart(ReferenceSystem):
    """It cannot jump to a status."""

    def hello(self, protocol: int) -> dict[str, Any]:
        return {"protocol": protocol, "name": "from the start", "can": []}

    def reset(self, status: str) -> dict[str, Any]:
        return super().reset(self.model.status_spec.initial)


class SlowFromTheStart(FromTheStart, Slow):
    """It can neither jump to a status nor say when it has come to rest."""


class Chargeless(ReferenceSystem):
    """Fails whenever a charge is made."""

    def __init__(self) -> None:
        super().__init__(MODEL)

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        if request.get("kind") == "charge":
            raise RuntimeError("there is no table for charges")
        return super().act(*arguments, **request)


class Talking(ReferenceSystem):
    """Prints what it is asked."""

    def __init__(self) -> None:
        super().__init__(MODEL)

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        print("asked to", request["action"])
        return super().act(*arguments, **request)


class Lacking(ReferenceSystem):
    """As the vendor's interface: notes cannot be deleted, attachments not edited, nobody tells who was notified."""

    def hello(self, protocol: int) -> dict[str, Any]:
        cannot = ["delete note", "edit attachment", "notified"]
        return {"protocol": protocol, "name": "lacking", "can": ["reset_to_status"], "cannot": cannot}

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        kind = request.get("kind") or self._kind(request["actor"], request.get("item", ""))
        assert (request["action"], kind) not in {("delete", "note"), ("edit", "attachment")}
        return super().act(*arguments, **request)

    def _kind(self, actor: str, item: str) -> object:
        return self._simulation.ticket(actor).get(item, {}).get("kind")

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        del shown["notified"]
        return shown


class Faulty(ReferenceSystem):
    """Changes what is shown, in a way that no table of rules could."""

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        self.spoil(shown)
        return shown

    def spoil(self, shown: dict[str, Any]) -> None:
        raise NotImplementedError


class ByTitle(Faulty):
    """The service partner's copies are keyed by their text: of two that say the same, one is lost."""

    def spoil(self, shown: dict[str, Any]) -> None:
        seen: set[tuple[str, str]] = set()
        world = self._simulation.world
        for name, view in list(shown["tickets"]["lead"].items()):
            if world.items[name].owner == "service":
                key = (view["kind"], view["text"])
                if key in seen:
                    del shown["tickets"]["lead"][name]
                seen.add(key)


class TwiceAtResume(Faulty):
    """What was held is delivered twice by the rejection."""

    def spoil(self, shown: dict[str, Any]) -> None:
        outcomes = self._simulation.outcomes
        twice = {n for o in outcomes if o.moved for n in o.after.items if o.row_of.get(n) == "resume-delivers"}
        for name in twice:
            for items in shown["tickets"].values():
                if name in items:
                    items[f"{name} (2)"] = dict(items[name])


class NotifiedTwice(Faulty):
    """With two time entries on the ticket, the resource is told twice."""

    def spoil(self, shown: dict[str, Any]) -> None:
        entries = [v for v in shown["tickets"]["lead"].values() if v["kind"] == "time entry"]
        if len(entries) > 1 and "assigned resource" in shown["notified"]:
            shown["notified"].append("assigned resource")


class AtCrossing(Faulty):
    """Does something wrong where a partner's own change has just crossed over."""

    def spoil(self, shown: dict[str, Any]) -> None:
        outcomes = self._simulation.outcomes
        if outcomes and outcomes[-1].synced and outcomes[-1].event.item is not None:
            self.crossed(outcomes[-1].event, shown)

    def crossed(self, event: Event, shown: dict[str, Any]) -> None:
        raise NotImplementedError


class FlagReset(AtCrossing):
    """The owner's edit puts the flag of the copy on the lead's ticket back to the original's."""

    def crossed(self, event: Event, shown: dict[str, Any]) -> None:
        original = shown["tickets"]["service"].get(event.item, {})
        if (event.actor, event.action) == ("service", "edit") and "internal_users_only" in original:
            shown["tickets"]["lead"][event.item]["internal_users_only"] = original["internal_users_only"]


class Telling(AtCrossing):
    """The resource is told of some changes that cross over, once of each."""

    told: object = None

    def crossed(self, event: Event, shown: dict[str, Any]) -> None:
        if self.tells(event, shown) and self.told is not self._simulation.outcomes[-1]:
            shown["notified"] = ["assigned resource"]
        self.told = self._simulation.outcomes[-1]

    def tells(self, event: Event, shown: dict[str, Any]) -> bool:
        raise NotImplementedError


class EntriesToldAgain(Telling):
    """The resource is told of each edit of a time entry that reaches the lead's ticket."""

    def tells(self, event: Event, shown: dict[str, Any]) -> bool:
        copy = shown["tickets"]["lead"].get(event.item, {})
        return (event.actor, event.action, copy.get("kind")) == ("service", "edit", "time entry")


class LeadEntriesTold(Telling):
    """The resource is told of the lead's own time entries, too."""

    def tells(self, event: Event, shown: dict[str, Any]) -> bool:
        return (event.actor, event.kind) == ("lead", "time entry")


class Flaky(ReferenceSystem):
    """It loses the first thing that crosses over, once and never again."""

    lost = False

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        if shown["tickets"]["lead"] and not Flaky.lost:
            Flaky.lost = True
            return {**shown, "tickets": {**shown["tickets"], "lead": {}}}
        return shown


wrong_for_reports = changed("other-edit", "did not fire 'sever'")
other_readings = as_read(resume="discard")
nothing_crosses = changed("own-create", "meant that nothing crosses over")


def lacking() -> Lacking:
    return Lacking(MODEL)


def hanging() -> Callable[[Any], Any]:
    from threading import Event

    return lambda request: Event().wait()


def raising() -> Callable[[Any], Any]:
    def fail(request: Any) -> Any:
        raise SystemExit("gone")

    return fail


def nonsense() -> Callable[[Any], Any]:
    return lambda request: {1, 2}


def unmade() -> None:
    raise RuntimeError("no such desk")


forgets_to_sever = alike(
    "did not fire 'sever'", "other-edit", "other-delete", "other-edit-charge", "other-delete-charge"
)
shows_clients = alike("made the copy's internal false", "service-note-copy", "service-attachment-copy")
