"""An engine of ninety lines, run by the table that `simsync export --to json` writes, and by nothing else.

    simsync export --to json --out table.json
    python engine.py table.json "lead: outsource" "lead: create note N1" "service: accept" "service: edit N1 text=new"

It knows no rule. It keeps the status and a number for each item, and looks up what an action makes of them.
"""

from __future__ import annotations

import json
import sys
from typing import Any


class Engine:
    """The tickets of both partners, by the table."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.table = table
        self.status: int = table["begin"]
        self.items: dict[str, int] = {}
        self.untold = {*table["texts"]["alike"], *table["texts"]["others"]}

    def do(self, actor: str, action: str, kind: str | None = None, item: str | None = None, **fields: Any) -> Any:
        """Do something; gives whether a change crossed over and who is told, or None if it is refused."""
        if item is None:
            return self._act(actor, action)
        t, before = self.table, self.items.get(item, 0)
        row = t["after"][t["statuses"][self.status]["phase"]][before]
        for number, event in enumerate(t["events"]):
            if row[number] >= -1 and self._is(event, actor, action, kind, fields):
                if row[number] == -1:
                    return None
                self.items[item] = row[number]
                return t["outcomes"][t["outcome"][t["statuses"][self.status]["phase"]][before][number]]
        raise ValueError(f"{actor}: {action} makes no sense here, or the rules leave it open")

    def _is(self, event: dict[str, Any], actor: str, action: str, kind: str | None, fields: dict[str, Any]) -> bool:
        """Whether an event is this action: a text that the table leaves out is as good as any other."""
        if (event["actor"], event["action"], event.get("kind")) != (actor, action, kind):
            return False
        said = {name: value for name, value in event["fields"].items() if name not in self.untold}
        told = {name: value for name, value in fields.items() if name not in self.untold}
        if action == "create":
            return all(told.get(name, value) == value for name, value in said.items())
        alike = set(self.table["texts"]["alike"])
        return said == told and bool(alike & fields.keys()) == bool(alike & event["fields"].keys())

    def _act(self, actor: str, action: str) -> Any:
        """A status action: the status moves, and each item sees a move."""
        t = self.table
        said = {"actor": actor, "action": action}
        number = t["actions"].index(said) if said in t["actions"] else None
        if number is None or t["status_after"][self.status][number] == -1:
            return None
        move = t["move"][self.status][number]
        fates = [t["outcomes"][t["fate"][move][state]] for state in self.items.values()]
        synced = t["moves"][move]["follows"] or any(fate["synced"] for fate in fates)
        self.items = {name: t["moved"][move][state] for name, state in self.items.items()}
        self.status = t["status_after"][self.status][number]
        once = t["announced"][move]["crossing" if synced else "quiet"]
        return {"synced": synced, "notified": [*once, *(who for fate in fates for who in fate["notified"])]}

    def ticket(self, partner: str) -> dict[str, Any]:
        """What a partner's ticket shows, without texts."""
        states = ((name, self.table["item_states"][state]) for name, state in self.items.items())
        return {name: state["tickets"][partner] for name, state in states if state and state["tickets"][partner]}


def main(path: str, *steps: str) -> None:
    """Do the steps and show what comes of each."""
    with open(path, encoding="utf-8") as stream:
        engine = Engine(json.load(stream))
    for step in steps:
        actor, _, words = step.partition(": ")
        if words in {action["action"] for action in engine.table["actions"]}:
            done = engine.do(actor, words)
        else:
            action, *about = (word for word in words.split(" ") if "=" not in word)
            fields = dict(word.split("=", 1) for word in words.split(" ") if "=" in word)
            done = engine.do(actor, action, " ".join(about[:-1]) or None, about[-1], **fields)
        print(step, "->", "refused" if done is None else done)
    for partner in engine.table["partners"]:
        print(partner, engine.ticket(partner))


if __name__ == "__main__":
    main(*sys.argv[1:])
