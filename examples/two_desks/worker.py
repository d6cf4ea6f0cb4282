"""The synchronizing worker: it brings each desk's messages to the other desk, in the form that belongs there.

It keeps nothing. Where it stands is in the outboxes: a message is in its sender's until the other desk has it. So the
worker may die at any moment; the next one brings the message again, and the receiving desk sees that it is no news.
"""

from __future__ import annotations

import os
import sys
import threading
import time

from examples.two_desks.client import Client, UnreachableError
from examples.two_desks.faults import faulty, repeats
from examples.two_desks.lifeline import when_parent_is_gone
from examples.two_desks.records import ATTACHMENT, CHARGE, FILE, NOTE, TIME_ENTRY, Json

WAIT = 20.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0


def translated(message: Json) -> Json | None:
    """A message as the other desk is to get it; None for what does not concern it."""
    if message["type"] == "deletion" and faulty("deletions-not-passed-on"):
        return None
    if message["type"] != "item":
        return message
    item = dict(message["item"])
    from_service = message["sender"] == "service"
    if item["kind"] == CHARGE and faulty("charges-not-synced"):
        return None
    if item["kind"] == ATTACHMENT and not _crosses(item["attachment_type"]):
        return None
    item["internal_users_only"] = _internal_users_only(item["kind"], from_service=from_service)
    if item["kind"] == TIME_ENTRY and not from_service and not faulty("time-entry-stays-time-entry"):
        item["kind"] = NOTE
    return {**message, "item": item}


def _crosses(attachment_type: str) -> bool:
    """Only files cross: a path or an address means nothing on the other side."""
    return attachment_type == FILE or (attachment_type == "URL" and faulty("address-crosses"))


def _internal_users_only(kind: str, *, from_service: bool) -> bool:
    """Whether a new copy is for internal users only, as the service partner's notes and attachments are."""
    if kind == NOTE:
        return (from_service and not faulty("service-note-not-marked")) or faulty("lead-note-marked")
    return kind == ATTACHMENT and from_service and not faulty("service-attachment-not-marked")


def carry(source: Client, target: Client) -> None:
    """Bring one desk's messages to the other, for ever. A desk that does not answer is asked again, ever slower."""
    delivered, pause = 0, FIRST_PAUSE
    while True:
        try:
            waiting = source.ask("POST", "/outbox/take", {"delivered": delivered, "wait": WAIT})["messages"]
            for entry in waiting:
                message = translated(entry["message"])
                if message is not None:
                    for _ in range(1 + repeats()):
                        target.ask("POST", "/inbox", {"number": entry["number"], "message": message})
                delivered = entry["number"]
            pause = FIRST_PAUSE
        except UnreachableError as problem:
            print(f"worker: {problem}; again in {pause:g} s", file=sys.stderr)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def main() -> None:
    """Run between the desks at the two addresses on the command line, until the parent is gone."""
    one, other = sys.argv[1:]
    for source, target in ((one, other), (other, one)):
        threading.Thread(target=carry, args=(Client(source), Client(target)), daemon=True).start()
    when_parent_is_gone()
    os._exit(0)  # its threads wait on the network, and have nothing to lose


if __name__ == "__main__":
    main()
