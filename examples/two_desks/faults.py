"""The faults that can be switched on, one at a time: each a bug that such a system could well have.

The name of the fault that is on stands in a small file, which all processes of the system have mapped into memory: so
it can be switched while they run. Where a fault lives, the code asks `faulty(NAME)`. For each there is a witness in
`witnesses/`: a short scenario in which anybody can see it. `python -m examples.two_desks.faults` prints the table of
the README.
"""

from __future__ import annotations

import mmap
import os
import sys
from dataclasses import dataclass
from pathlib import Path

SWITCH = "TWO_DESKS_FAULT_SWITCH"  # the environment variable that names the file
LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A bug: where it lives, what it does, the statements that it breaks, and how little is enough to see it.

    Where no statement says so, `breaks` names the gap, or the page of the same help, that the rule goes back to.

    `steps` and `items` count what the witness does, from the status that it is given. What needs a restart, actions
    that overlap, or another disruption has no witness: no scenario with one action after the other can cause it.
    """

    name: str
    where: str
    what: str
    breaks: tuple[str, ...]
    steps: int
    items: int
    restart: bool = False
    needs: str = ""

    @property
    def alone(self) -> bool:
        """Whether one action after the other can show it."""
        return not self.restart and not self.needs


def _fault(
    name: str, where: str, what: str, breaks: str, steps: int, items: int = 1, *, restart: bool = False, needs: str = ""
) -> Fault:
    return Fault(
        name=name,
        where=where,
        what=what,
        breaks=tuple(breaks.split()),
        steps=steps,
        items=items,
        restart=restart,
        needs=needs,
    )


OVERLAP, DISRUPTION = "actions that overlap", "a disruption"


FAULTS = {
    fault.name: fault
    for fault in (
        _fault("cancel-after-acceptance", "lifecycle", "The lead can still cancel an accepted ticket.", "CA", 1, 0),
        _fault("decline-cancels", "lifecycle", "A declined ticket becomes Canceled.", "OV", 1, 0),
        _fault(
            "completes-while-waiting",
            "lifecycle",
            "The lead can complete over a submission that waits for approval.",
            "S21 S22",
            1,
            0,
        ),
        _fault(
            "submits-before-start", "lifecycle", "The service partner can submit before it has started.", "S20", 1, 0
        ),
        _fault("rejection-not-emailed", "desk", "A rejection sends no email to the primary contact.", "S5", 1, 0),
        _fault(
            "rejection-not-passed-on", "desk", "The service partner's desk never hears of a rejection.", "S21", 1, 0
        ),
        _fault("acceptance-copies-nothing", "desk", "What the lead wrote before acceptance is not copied.", "S2 S4", 2),
        _fault("acceptance-copies-internal", "desk", "Acceptance copies internal items, too.", "S11", 2),
        _fault(
            "internal-attachment-leaks", "desk", "Only notes are looked at for whether they are internal.", "S11", 1
        ),
        _fault("edited-internal-note-leaks", "desk", "An edit of an internal item is sent.", "S11", 2),
        _fault(
            "made-internal-leaks",
            "desk",
            "An edit is judged by the flag before it: what makes it internal is sent, what makes it public is not.",
            "S9 S11",
            2,
        ),
        _fault(
            "internal-delete-crosses", "desk", "Deleting an item that was made internal deletes its copy.", "S11", 3
        ),
        _fault(
            "edit-sends-only-what-changed",
            "desk",
            "An edit of the publish flag alone is sent with an empty text.",
            "S6 S9",
            2,
        ),
        _fault("severing-forgotten-on-edit", "desk", "Editing a copy does not sever it.", "S16 G11", 3),
        _fault(
            "severing-forgotten-on-delete",
            "desk",
            "A deleted copy comes back with its owner's next edit.",
            "S18 G11",
            3,
        ),
        _fault(
            "severing-forgotten-while-suspended",
            "desk",
            "Editing a copy while suspended does not sever it.",
            "S16 G11",
            5,
        ),
        _fault("other-edit-crosses", "desk", "Editing a copy changes the original.", "S7 S15", 2),
        _fault("other-delete-crosses", "desk", "Deleting a copy deletes the original.", "S7 S17", 2),
        _fault("edits-leak-while-suspended", "desk", "An edit while suspended is sent at once.", "S20", 3),
        _fault("deletes-leak-while-suspended", "desk", "A deletion while suspended is sent at once.", "S20", 3),
        _fault(
            "lead-is-not-suspended", "desk", "Only the service partner's changes are held while suspended.", "S20", 2
        ),
        _fault("held-delete-lost", "desk", "A deletion while suspended is not made up for on resuming.", "S21", 4),
        _fault("service-does-not-resume", "desk", "On resuming, only the lead's held changes are sent.", "S21", 3),
        _fault("resume-forgets-severing", "desk", "Resuming links again what was severed.", "S16 S18 G11", 5),
        _fault("approval-releases-held", "desk", "Approval sends what was held instead of dropping it.", "S8 S22", 3),
        _fault("changes-after-complete-cross", "desk", "What is done after Complete is still sent.", "S8 S22", 2),
        _fault(
            "lead-time-entry-notified",
            "desk",
            "The lead's own time entries notify the assigned resource.",
            "S19 G16",
            1,
        ),
        _fault(
            "notified-on-entry", "desk", "The assigned resource hears of a time entry before it arrives.", "S19 G16", 2
        ),
        _fault("resume-delivers-nothing", "outbox", "Resuming forgets what was held.", "S21", 3),
        _fault("first-held-version-wins", "outbox", "Of several held edits of an item, the first is kept.", "S21", 4),
        _fault(
            "deletions-lost-on-restart",
            "outbox",
            "Deletions wait in memory: a desk that is killed forgets them.",
            "S6 S9",
            2,
            restart=True,
        ),
        _fault("copies-keyed-by-text", "receiving", "Two items with the same text are taken for one.", "S4 S9", 2, 2),
        _fault("resume-duplicates", "receiving", "What was held arrives as a second copy.", "S21", 4),
        _fault(
            "publishing-makes-no-copy",
            "receiving",
            "An edit never makes a copy, not even of what is public now.",
            "S9",
            2,
        ),
        _fault(
            "delivery-resets-internal",
            "receiving",
            "An edit by the owner puts the copy's publish flag back to the original's.",
            "S12 S13",
            2,
        ),
        _fault("severed-copy-deleted", "receiving", "A severed copy is deleted along with its original.", "S16", 3),
        _fault(
            "time-entry-note-not-deleted",
            "receiving",
            "The note that a lead's time entry has become is not found for deletion.",
            "S6 S9",
            2,
        ),
        _fault("arrival-not-notified", "receiving", "A time entry arrives without notice.", "S19", 1),
        _fault("arrival-notified-twice", "receiving", "The notice of a time entry is sent twice.", "S19", 1),
        _fault("every-delivery-notified", "receiving", "Editing a time entry notifies again.", "S19", 2),
        _fault("time-entry-stays-time-entry", "worker", "The lead's time entry arrives as a time entry.", "S10", 1),
        _fault("service-note-not-marked", "worker", "The service partner's notes are copied for all users.", "S12", 1),
        _fault(
            "service-attachment-not-marked",
            "worker",
            "The service partner's attachments are copied for all users.",
            "S13",
            1,
        ),
        _fault("lead-note-marked", "worker", "The lead's notes, too, are copied for internal users only.", "S9 S12", 1),
        _fault("address-crosses", "worker", "An attachment that is only an address is copied.", "S14", 1),
        _fault("charges-not-synced", "worker", "Charges are left out.", "S3 S4", 1),
        _fault("deletions-not-passed-on", "worker", "Deletions do not reach the other desk.", "S6 S9", 2),
        *(
            _fault(name, where, what, breaks, steps, needs=OVERLAP)
            for name, where, what, breaks, steps in (
                (
                    "busy-desk-forgets-severing",
                    "desk",
                    "While a change waits, editing a copy does not sever it.",
                    "S16 G11",
                    3,
                ),
                (
                    "busy-outbox-drops-edits",
                    "outbox",
                    "While a new item waits, an edit is not sent.",
                    "S6 S9",
                    2,
                ),
            )
        ),
        *(
            _fault(name, where, what, breaks, steps, needs=DISRUPTION)
            for name, where, what, breaks, steps in (
                (
                    "repeated-delivery-copies-again",
                    "receiving",
                    "A delivery that comes twice makes two copies.",
                    "S4 S9",
                    1,
                ),
                (
                    "repeated-delivery-notified-again",
                    "receiving",
                    "A time entry that comes twice is announced twice.",
                    "S19",
                    1,
                ),
                (
                    "items-lost-on-restart",
                    "outbox",
                    "New items wait in memory: a desk that is killed forgets them.",
                    "S4 S9",
                    1,
                ),
                (
                    "edits-lost-on-restart",
                    "outbox",
                    "Edits wait in memory: a desk that is killed forgets them.",
                    "S6 S9",
                    2,
                ),
                (
                    "status-lost-on-restart",
                    "outbox",
                    "The status waits in memory: a desk that is killed forgets it.",
                    "S2",
                    1,
                ),
                ("held-lost-on-restart", "outbox", "A desk that is started again forgets what was held.", "S21", 3),
                (
                    "severing-lost-on-restart",
                    "outbox",
                    "A desk that is started again links what was severed.",
                    "S16 G11",
                    3,
                ),
                ("outbox-lost-on-restart", "outbox", "A desk that is started again forgets what waits.", "S4 S9", 1),
                ("emails-lost-on-restart", "outbox", "A desk that is started again forgets its last email.", "S5", 1),
                (
                    "backlog-delivered-backwards",
                    "outbox",
                    "Of what waits while cut off, the newest goes first.",
                    "S4 S9",
                    2,
                ),
            )
        ),
    )
}


class Switch:
    """A file with the name of the fault that is on, and of what disrupts; whoever has mapped it sees every change."""

    def __init__(self, path: Path) -> None:
        with path.open("a+b") as file:
            file.truncate(2 * LENGTH)
            self._names = mmap.mmap(file.fileno(), 2 * LENGTH)

    def on(self) -> str:
        """The fault that is on, empty if none is."""
        return self._names[:LENGTH].rstrip(b"\0").decode()

    def turn(self, name: str | None) -> None:
        """Switch on this fault and no other, or none; ValueError for one that is not in the table."""
        if name is not None and name not in FAULTS:
            raise ValueError(f"{name!r} is not a fault; there are: {', '.join(sorted(FAULTS))}")
        self._names[:LENGTH] = (name or "").encode().ljust(LENGTH, b"\0")

    @property
    def repeats(self) -> bool:
        """Whether the worker is to bring each message twice."""
        return self._names[LENGTH] != 0

    def repeat(self, wanted: bool) -> None:
        """Have the worker bring each message twice, or once."""
        self._names[LENGTH] = int(wanted)


_SWITCH = Switch(Path(os.environ[SWITCH])) if SWITCH in os.environ else None


def faulty(name: str) -> bool:
    """Whether this process is to have the fault now; KeyError for a fault that is not in the table."""
    return FAULTS[name].name == (_SWITCH.on() if _SWITCH else "")


def repeats() -> bool:
    """Whether each message is to be brought twice now."""
    return _SWITCH is not None and _SWITCH.repeats


def table() -> str:
    """All faults as a Markdown table."""
    lines = ["| fault | where | what it does | breaks | steps |", "| --- | --- | --- | --- | --- |"]
    for fault in FAULTS.values():
        needs = "a restart" if fault.restart else fault.needs
        steps = f"{fault.steps}, and {needs}" if needs else str(fault.steps)
        lines.append(f"| `{fault.name}` | {fault.where} | {fault.what} | {' '.join(fault.breaks)} | {steps} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
