"""A history in the fragment of a link to the page, as the page itself has it."""

from __future__ import annotations

import base64
import json
from typing import Any

from simsync.engine.overlap import OverlappingTrace
from simsync.engine.world import Event

Said = list[Any]
"""A step as the page has it in links: who, the words of the action, the fields; or the list of those of a round."""


def rounds_said(trace: OverlappingTrace) -> list[Said]:
    """The rounds of a trace; without an order, the page takes the one in which actions are written."""
    return [_said(one[0]) if len(one) == 1 else [[_said(event) for event in one]] for one in trace.rounds]


def _said(event: Event) -> Said:
    return [event.actor, str(event), dict(event.fields)]


def fragment(trace: OverlappingTrace, at: int | None = None) -> str:
    """What stands behind the # of a link that opens the page with a trace, after one of its rounds or at its end.

    >>> fragment(OverlappingTrace(status="Open"))
    'WyJPcGVuIix7fSxbXV0'
    """
    said = [trace.status, dict(trace.readings), rounds_said(trace), *([] if at is None else [at])]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
