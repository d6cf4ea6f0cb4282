"""Statuses that a system calls otherwise than the rules and the mapping do: what a mapping would have to say."""

from __future__ import annotations

from collections.abc import Iterable

from simsync.engine.model import Model
from simsync.inline_yaml import inline_yaml
from simsync.questions.conform.driven import Driven, Trouble
from simsync.questions.conform.systems.protocol import OtherStatus, SystemFault
from simsync.questions.conform.systems.sut import System


def mapping_needed(system: System, model: Model, faults: Iterable[Driven]) -> str | None:
    """The statuses that are shown after a reset by names that the rules do not know, each reset to, as a sentence.

    None where no reset failed, or where two of ours would be called the same.
    """
    if not any(one.fault is not None and one.fault.trouble is Trouble.RESET for one in faults):
        return None
    spec = model.status_spec
    found: dict[str, str] = {}
    try:
        for status in spec.states if system.resets_to_status else [spec.initial]:
            try:
                system.begin(status)
            except OtherStatus as other:
                if other.shown not in spec.states:
                    found[status] = other.shown
    except SystemFault:
        pass  # it can be asked no more: what was seen by then is told
    if not found or len(set(found.values())) < len(found):
        return None
    named = ", ".join(f"{inline_yaml(ours)}: {inline_yaml(theirs)}" for ours, theirs in found.items())
    return f"where that is what the system calls them, --map says: statuses: {{{named}}}"
