"""Random valid scenarios in the contract's format, biased towards what is interesting; deterministic by seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from oracle.contract import ACTIONS, DEFAULTS, FLAGGED, KINDS, World

OPTIONS = {
    "resume": "discard",
    "made_internal": "withdraw",
    "late_publish": "never",
    "charges": "unsynced",
    "charge_sever": "follow",
    "lead_completes": "any_time",
    "submit_from_accepted": "yes",
    "existing_items": "left",
    "suspended_edits": "service_refused",
    "lead_copies": "read_only",
    "emails_on_sync": "yes",
    "time_entry_notice": "on_entry",
    "reason_note": "added",
    "outsource_again": "new_ticket",
}
STARTS = ["In Progress"] * 5 + ["Accepted", "Assigned", "Unsent", "Waiting Approval", "Waiting Acceptance", "Complete"]
STATUS_WEIGHT = {"approve completion": 0.5, "complete": 0.2, "cancel": 0.5, "decline": 0.5}
TEXTS = ["Disk replaced", "no", "off", "", "12", "two: words", "é ü 'quoted'", "# not a comment", "true", "null"]
TYPES = ["file", "file", "file", "file link", "folder link", "url"]
Step = dict[str, Any]


class Walk:
    """One scenario in the making; the oracle's world only serves to prefer actions that are permitted."""

    def __init__(self, rng: random.Random, given: dict[str, Any]) -> None:
        self.rng = rng
        self.world = World(given.get("status", "In Progress"), given.get("readings", {}))
        self.made: dict[str, tuple[str, str]] = {}

    def step(self) -> Step:
        roll = self.rng.random()
        if roll < 0.3:
            return self.status_action()
        if roll < 0.55 or not self.made:
            return self.create()
        return self.change()

    def actor(self) -> str:
        return self.rng.choice(["lead", "service"])

    def status_action(self) -> Step:
        if self.rng.random() < 0.1:
            return {self.actor(): self.rng.choice([action for _, action in ACTIONS])}
        possible = [(who, action) for (who, action), (froms, _) in ACTIONS.items() if self.world.status in froms]
        if self.world.status == "Complete" and self.world.r["outsource_again"] == "new_ticket":
            possible.append(("lead", "outsource"))
        if not possible:
            return self.create()
        weights = [STATUS_WEIGHT.get(action, 2) for _, action in possible]
        who, action = self.rng.choices(possible, weights)[0]
        return {who: action}

    def create(self) -> Step:
        actor = "lead" if self.world.phase == "none" and self.rng.random() < 0.9 else self.actor()
        kind = self.rng.choice(KINDS)
        name = f"{kind[0].upper()}{len(self.made) + 1}"
        self.made[name] = (actor, kind)
        step: Step = {actor: f"create {kind} {name}", **self.texts(0.85)}
        if kind in FLAGGED and self.rng.random() < 0.4:
            step["internal"] = self.rng.random() < 0.8
        if kind == "attachment" and self.rng.random() < 0.5:
            step["type"] = self.rng.choice(TYPES)
        return step

    def texts(self, chance: float) -> Step:
        if self.rng.random() > chance:
            return {}
        return {"text": self.rng.choice(TEXTS) if self.rng.random() < 0.1 else f"text {self.rng.randrange(1000)}"}

    def change(self) -> Step:
        own = {name: ("lead", "note") for name in self.world.items if name not in self.made}
        self.made |= own  # the product's own
        name = self.rng.choice(list(self.made)[-4:])
        owner, kind = self.made[name]
        other = "service" if owner == "lead" else "lead"
        actor = owner if self.rng.random() < 0.7 else other
        if self.rng.random() < 0.3:
            return {actor: f"delete {name}"}
        step: Step = {actor: f"edit {name}"}
        seen = "note" if (kind, owner, actor) == ("time entry", "lead", "service") else kind
        if seen in FLAGGED and self.rng.random() < 0.6:
            step["internal"] = self.rng.random() < 0.5
            return {**step, **self.texts(0.4)}
        return {**step, **self.texts(1)}


def scenarios(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """``count`` scenarios, half of them under several readings that are not the default."""
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        share = rng.choice([0, 0, 0.15, 0.5, 0.8])
        readings = {name: OPTIONS[name] for name in DEFAULTS if rng.random() < share}
        given: dict[str, Any] = {"status": rng.choice(STARTS)}
        if readings:
            given["readings"] = readings
        walk = Walk(rng, given)
        steps = []
        for _ in range(rng.randint(1, 22)):
            steps.append(walk.step())
            one = steps[-1]
            who = "lead" if "lead" in one else "service"
            walk.world.step(who, one[who], {k: v for k, v in one.items() if k != who})
        yield {"scenario": f"walk {seed}/{number}", "given": given, "steps": steps}
