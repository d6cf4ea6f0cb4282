"""A history in the fragment of a link to the page, as the page itself has it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from simsync.engine.trace import Trace

Said = list[Any]
"""An event as the page has it in links: who, the words of the action, the fields."""


def steps_said(trace: Trace) -> list[Said]:
    """The events of a trace."""
    return [[event.actor, str(event), dict(event.fields)] for event in trace.events]


def fragment(trace: Trace, at: int | None = None) -> str:
    """What stands behind the # of a link that opens the page with a trace, at one of its steps or at its end.

    >>> fragment(Trace(status="Open"))
    'WyJPcGVuIix7fSxbXV0'
    """
    said: Sequence[Any] = [trace.status, dict(trace.readings), steps_said(trace), *([] if at is None else [at])]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
