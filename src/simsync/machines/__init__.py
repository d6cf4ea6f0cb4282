"""State machines by the `transitions` library; nothing else in simsync imports it."""

from simsync.machines.engine import TransitionsMachine

__all__ = ["TransitionsMachine"]
