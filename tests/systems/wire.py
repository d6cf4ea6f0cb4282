"""The third policy, which says what the shipped one does not, and simulations of it."""

from __future__ import annotations

from pathlib import Path

from simsync import Simulation
from simsync.app import load_model

WIRE = load_model(Path(__file__).resolve().parents[1] / "policies" / "wire")


def at(status: str, *actions: str, **readings: str) -> Simulation:
    """A simulation from a status on, in which some actions were done."""
    simulation = Simulation(WIRE.under(readings), status)
    for action in actions:
        simulation.do(action)
    return simulation
