"""A deviation from the rules that is known, and put up with until a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from simsync.policy.source import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """The rule that is broken, why that is put up with, and the last day on which it is."""

    rule: str
    reason: str
    expires: date
    span: Span = field(default=NOWHERE, compare=False)
