"""How to wait for a system that synchronizes late."""

from __future__ import annotations

from dataclasses import dataclass

LATE = 5.0
"""Seconds that a system which cannot say when it has come to rest is given for it."""
QUIET = 0.1
"""Seconds for which what was as expected must stay so, where nobody says that the system is at rest."""
UNSEEN = 1.0
"""Seconds to look on after a sequence for what should not come, while nothing has come late yet."""
SLOWER, SLOWEST = 1.5, 10
"""By how much a pause before it is looked again grows, and up to how many times it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """How to wait for a system that synchronizes late. ``seconds`` None: by whether it knows ``settle``.

    ``quiet``: for so many seconds a system that does not know ``settle`` is looked on at for what should not come.
    None: a short time after a step, and longer after the last one of a sequence, by how late the system was so far.
    ``poll``: seconds before it is looked again, at first.
    """

    seconds: float | None = None
    quiet: float | None = None
    poll: float = 0.02
