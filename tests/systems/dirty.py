"""Systems that do not do the same each time: flaky, late, failing, poisoned by what came before, down in the end."""

from __future__ import annotations

import copy
import os
import random
import signal
from collections.abc import Iterator
from functools import partial
from typing import Any

from simsync.engine.model import Model
from simsync.reference import ReferenceSystem
from systems.desks import MODEL, changed

SEVERS_NOT = changed("other-edit", "did not fire 'sever'")


class Doubling(ReferenceSystem):
    """Of the items that appear on a ticket, some are there twice; which, is by a chance that all instances share."""

    def __init__(self, chance: random.Random, rate: float, model: Model = MODEL) -> None:
        super().__init__(model)
        self._chance, self._rate = chance, rate

    def reset(self, status: str) -> dict[str, Any]:
        self._known: set[tuple[str, str]] = set()
        self._doubled: set[tuple[str, str]] = set()
        return super().reset(status)

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        for partner, items in shown["tickets"].items():
            for name in list(items):
                if (partner, name) not in self._known:
                    self._known.add((partner, name))
                    if self._chance.random() < self._rate:
                        self._doubled.add((partner, name))
                if (partner, name) in self._doubled:
                    items[f"{name}-2"] = dict(items[name])
        return shown


class Late(ReferenceSystem):
    """Deletions are passed on late: they are seen ``settles`` settles after the one that belongs to them.

    With ``changes``, so many changes after it. With ``emails``, they are late, too, by so many settles.
    """

    def __init__(self, *, settles: int = 0, changes: int = 0, emails: bool = False) -> None:
        super().__init__(MODEL)
        self._settles, self._changes, self._emails = settles, changes, emails
        self._unsent: list[str] = []
        self._waiting: list[tuple[str, str, Any, list[int]]] = []

    def reset(self, status: str) -> dict[str, Any]:
        self._waiting, self._unsent = [], []
        return super().reset(status)

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        before = copy.deepcopy(self._looked())
        answer = super().act(*arguments, **request)
        for one in self._waiting:
            one[3][1] -= 1
        after = self._looked()
        for partner, items in before.items():
            for name, view in items.items():
                if name not in after[partner] and request["actor"] != partner:
                    self._waiting.append((partner, name, view, [self._settles + 1, self._changes]))
        return answer

    def _looked(self) -> dict[str, Any]:
        return {partner: dict(self._simulation.ticket(partner)) for partner in ("lead", "service")}

    def settle(self) -> dict[str, Any]:
        for one in self._waiting:
            one[3][0] -= 1
        self._waiting = [one for one in self._waiting if one[3][0] > 0 or one[3][1] > 0]
        return {"ok": True}

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        for partner, name, view, _ in self._waiting:
            shown["tickets"][partner].setdefault(name, view)
        if self._emails:
            shown["notified"], self._unsent = self._unsent, shown["notified"]
        return shown


class EmailsOnSyncAlone(ReferenceSystem):
    """The primary contact hears of each change that crosses over, and of no status action."""

    def __init__(self) -> None:
        super().__init__(MODEL)

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        answer = super().act(*arguments, **request)
        last = self._simulation.outcomes[-1]
        crossed = last.synced and last.event.item is not None
        self._told = [*(one for one in self._told if one != "primary contact"), *["primary contact"] * crossed]
        return answer


class FailsToSettle(ReferenceSystem):
    """It says of some settles that they failed: of those whose number ``fails`` says so. It is right all the same."""

    def __init__(self, fails: Any, model: Model = MODEL) -> None:
        super().__init__(model)
        self._fails, self._asked = fails, 0

    def settle(self) -> dict[str, Any]:
        self._asked += 1
        return {"error": f"lock 0x{self._asked:x} timed out"} if self._fails(self._asked) else {"ok": True}


class Poisoned(ReferenceSystem):
    """Once a charge was deleted on an instance, second items are lost, until it is started anew."""

    def __init__(self) -> None:
        super().__init__(MODEL)
        self._poisoned = False

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        shown = self._simulation.ticket(request["actor"]).get(request.get("item", ""), {})
        answer = super().act(*arguments, **request)
        self._poisoned |= request["action"] == "delete" and shown.get("kind") == "charge"
        return answer

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        if self._poisoned:
            for items in shown["tickets"].values():
                for name in [one for one in items if one == "N2"]:
                    del items[name]
        return shown


class Failing:
    """A system that works for so many requests, over all its instances, and from then on goes wrong at some."""

    def __init__(self, counted: list[int], after: int, how: Any, every: int = 1) -> None:
        self.system = SEVERS_NOT()
        self._counted, self._after, self._how, self._every = counted, after, how, every

    def handle(self, request: dict[str, Any]) -> Any:
        self._counted[0] += 1
        over = self._counted[0] - self._after
        if over > 0 and over % self._every == 0:
            self._how()
        return self.system.handle(request)


class WrongOnce(ReferenceSystem):
    """At the so manyth reset or action, over all its instances, it goes wrong, once."""

    def __init__(self, counted: list[int], at: str, number: int) -> None:
        super().__init__(MODEL)
        self._counted, self._at, self._number = counted, at, number

    def _wrong(self, at: str) -> bool:
        self._counted[0] += at == self._at
        return at == self._at and self._counted[0] == self._number

    def reset(self, status: str) -> dict[str, Any]:
        return super().reset("Assigned" if self._wrong("reset") else status)

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        if self._wrong("act"):
            raise KeyError("session 4711")
        return super().act(*arguments, **request)


class Underscored(ReferenceSystem):
    """It calls its statuses otherwise than the rules do."""

    def __init__(self) -> None:
        super().__init__(MODEL)

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        return {**shown, "status": shown["status"].lower().replace(" ", "_")}


class Losing(ReferenceSystem):
    """What is on the lead's ticket is lost in those sequences of which ``wrong`` says so."""

    def __init__(self, wrong: Iterator[bool]) -> None:
        super().__init__(MODEL)
        self._wrong, self._loses = wrong, False

    def reset(self, status: str) -> dict[str, Any]:
        self._loses = next(self._wrong)
        return super().reset(status)

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        return {**shown, "tickets": {**shown["tickets"], "lead": {}}} if self._loses else shown


def _signalled(name: str) -> Failing:
    """It ends this very program by a signal, once, at its hundredth request."""
    seldom = 1_000_000
    return Failing([0], 100 - seldom, lambda: os.kill(os.getpid(), getattr(signal, name)), every=seldom)


ends_by_sigint = partial(_signalled, "SIGINT")
ends_by_sigterm = partial(_signalled, "SIGTERM")
ends_by_sighup = partial(_signalled, "SIGHUP")
