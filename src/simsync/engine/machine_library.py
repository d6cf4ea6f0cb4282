"""What the engine needs of a state machine library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from simsync.engine.decision import Fired
from simsync.policy.policy import MachineSpec, Value


class StateMachine(Protocol):
    """What the engine needs of a state machine library."""

    def drawable(self) -> Any:
        """The library's own machine, in its initial state, for whoever knows that library."""
        ...

    def fire(self, state: str, trigger: str, facts: Mapping[str, Value | None]) -> Fired | None:
        """What firing a trigger in a state does, None where it is refused; nothing is remembered."""
        ...


Builder = Callable[[MachineSpec], StateMachine]
