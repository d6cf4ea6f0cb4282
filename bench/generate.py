"""Scenarios for the benchmark: random walks through the policy, every step with full expectations.

Each step says whether it synced or is refused, the status, who is notified, and of every item its link and what both
tickets show. The walks are driven through simsync's own engine, so all of them pass; what is measured is the cost of
reading and checking them. The files are what `yaml.safe_dump` writes (block style, keys in the order given): neither
friendlier nor harder to parse than what a person would write. The same seed gives the same bytes.

    python bench/generate.py DIR --scenarios 2000 --files 40 --seed 1
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from simsync import Event, Model, Outcome, World, load_model, step
from simsync.app import packaged
from simsync.engine.actions import Action, Grammar
from simsync.engine.view import shown
from simsync.engine.world import Item

Document = dict[str, Any]

STARTS = {"In Progress": 10, "Accepted": 3, "Unsent": 3, "Assigned": 2, "Waiting Approval": 2, "Complete": 1}
SUBJECTS = ("Disk", "Router", "Customer's laptop", "Mail server", "Backup job", "Printer on floor 2", "Firewall")
EVENTS = ("replaced", "checked and found in order", "restarted: it answers again", "ordered", "needs a new cable")
SHORTEST, LONGEST = 5, 13


class Walk:
    """One random walk, which becomes one scenario."""

    def __init__(self, chance: random.Random, model: Model, grammar: Grammar) -> None:
        """Choose a status to start from."""
        self.chance = chance
        self.model = model
        self.grammar = grammar
        self.partners = tuple(model.vocabulary.partners)
        self.kinds = tuple(model.vocabulary.kinds)
        self.status = chance.choices(tuple(STARTS), tuple(STARTS.values()))[0]
        self.world = World(self.status)
        self.named = 0

    def document(self, name: str) -> Document:
        """The scenario as it is written to a file."""
        readings = {r: o for r, o in self.model.readings.items() if o != self.model.policy.readings[r].default}
        given: Document = {"status": self.status} | ({"readings": readings} if readings else {})
        length = self.chance.randint(SHORTEST, LONGEST)
        return {"scenario": name, "given": given, "steps": [self._step() for _ in range(length)]}

    def _step(self) -> Document:
        event = self._event()
        outcome = step(self.model, self.world, event)
        assert not outcome.defects, outcome.defects
        self.world = outcome.after
        return {event.actor: str(event), **event.fields, "expect": self._expected(outcome)}

    def _expected(self, outcome: Outcome) -> Document:
        verdict = {"refused": True} if outcome.refused is not None else {"synced": outcome.synced}
        items = {name: self._item(item) for name, item in outcome.after.items.items()}
        expected = {**verdict, "status": outcome.after.status, "notified": list(outcome.notified)}
        return expected | ({"items": items} if items else {})

    def _item(self, item: Item) -> Document:
        views = {p: shown(self.model.vocabulary, item, p) for p in self.partners}
        return {"link": item.link, **{p: "absent" if view is None else view for p, view in views.items()}}

    def _event(self) -> Event:
        what = self.chance.random()
        if what < 0.25:
            return self._status_action()
        if what < 0.5 or not self.world.items:
            return self._creation()
        return self._change("edit" if what < 0.85 else "delete")

    def _status_action(self) -> Event:
        policy = self.model.policy
        actors = {one.trigger: one.actors[0] for one in policy.transitions(policy.status)}
        actions = [(actor, trigger) for trigger, actor in actors.items()]
        possible = [a for a in actions if self.model.move(self.world.status, *a)]
        actor, trigger = self.chance.choice(possible if possible and self.chance.random() < 0.9 else actions)
        return Event(actor=actor, action=trigger)

    def _creation(self) -> Event:
        kind = self.chance.choice(self.kinds)
        actor = self.chance.choice(self.partners)
        self.named += 1
        name = f"{kind[0].upper()}{self.named}"
        fields = self._fields(self.grammar.fields(Action("create", kind, name), kind, actor, actor), 0.25)
        return Event(actor=actor, action="create", item=name, kind=kind, fields={"text": self._text(), **fields})

    def _change(self, action: str) -> Event:
        item = self.chance.choice(tuple(self.world.items.values()))
        others = tuple(p for p in self.partners if p != item.owner)
        actor = item.owner if self.chance.random() < 0.7 else others[0]
        allowed = self.grammar.fields(Action(action, None, item.name), item.original.kind, item.owner, actor)
        fields = self._fields(allowed, 0.3) if action == "edit" else {}
        if action == "edit" and not fields:
            fields = {"text": self._text()}
        return Event(actor=actor, action=action, item=item.name, fields=fields)

    def _fields(self, allowed: tuple[str, ...], share: float) -> dict[str, Any]:
        declared = self.model.vocabulary.fields
        chosen = [f for f in allowed if declared[f].values and self.chance.random() < share]
        return {f: self.chance.choice(declared[f].values) for f in chosen}

    def _text(self) -> str:
        return f"{self.chance.choice(SUBJECTS)} {self.chance.choice(EVENTS)}"


def documents(scenarios: int, seed: int) -> Iterator[Document]:
    """The scenarios, every other one under a random mix of readings, the rest under the defaults."""
    chance = random.Random(seed)
    model = load_model(packaged("machines"))
    grammar = Grammar(model.factory)
    for number in range(scenarios):
        mix = {r.name: chance.choice(tuple(r.options)) for r in model.policy.readings.values()} if number % 2 else {}
        yield Walk(chance, model.under(mix), grammar).document(f"Random walk {number + 1}")


def generate(folder: Path, scenarios: int, files: int, seed: int) -> int:
    """Write the scenarios into a number of files; returns how many steps they have."""
    folder.mkdir(parents=True, exist_ok=True)
    source = documents(scenarios, seed)
    steps = 0
    for number in range(files):
        share = scenarios * (number + 1) // files - scenarios * number // files
        batch = [next(source) for _ in range(share)]
        steps += sum(len(document["steps"]) for document in batch)
        text = yaml.dump_all(batch, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, explicit_start=True)
        (folder / f"walks-{number + 1:03}.yaml").write_text(text, encoding="utf-8")
    return steps


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenarios", type=int, default=2000)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    steps = generate(asked.folder, asked.scenarios, asked.files, asked.seed)
    print(f"{asked.scenarios} scenarios, {steps} steps, {asked.files} files")


if __name__ == "__main__":
    main()
