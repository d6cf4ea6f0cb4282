"""How much a campaign asks of a system, and how long that takes."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a system that follows the rules is asked: so many ``sequences`` with so many ``requests``.

    ``rounds_drives`` are those in which actions overlap or it is disrupted, with ``rounds_requests``. ``more``: there
    are more sequences than were counted. ``hourly``: so many requests can be made in an hour. ``each``: seconds that a
    request takes with all that comes with it, None while nobody knows; it was measured on the first ``measured`` ones.
    So many were made ``before``, by a campaign that is gone on with. ``limited``: there is only so much time.
    """

    sequences: int
    requests: int
    rounds_drives: int = 0
    rounds_requests: int = 0
    more: bool = False
    hourly: int | None = None
    each: float | None = None
    measured: int = 0
    before: int = 0
    limited: bool = False

    @property
    def all_requests(self) -> int:
        """Those of sequences and drives together."""
        return self.requests + self.rounds_requests

    @property
    def left(self) -> int:
        """Those that were not made before."""
        return max(0, self.all_requests - self.before)

    @property
    def waited(self) -> float:
        """Seconds that are waited for room in the hour, whatever the system."""
        return 0.0 if self.hourly is None else max(0, self.left - 1) // self.hourly * HOUR

    @property
    def seconds(self) -> float | None:
        """How long it takes; None while nobody knows."""
        if self.each is None:
            return None
        whole = 0 if self.hourly is None else max(0, self.left - 1) // self.hourly * self.hourly
        return max(self.left * self.each, self.waited + (self.left - whole) * self.each)
