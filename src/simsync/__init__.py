"""simsync: an explicit state-machine simulator for two-party synchronization policies.

>>> import simsync
>>> simulation = simsync.Simulation(simsync.load_model())
>>> outcome = simulation.do("service: create note N1", text="Disk replaced")
>>> outcome.synced, simulation.ticket("lead")["N1"]["internal_users_only"]
(True, True)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simsync.version import __version__

if TYPE_CHECKING:
    from simsync.answer import Answer
    from simsync.api import (
        all_readings,
        check,
        compare,
        conform,
        coverage,
        diagrams,
        explain,
        explore,
        find,
        generate,
        mutate,
        races,
        replay,
    )
    from simsync.app import load_model, load_scenarios
    from simsync.engine.checked import step
    from simsync.engine.dependence import readings_behind
    from simsync.engine.model import Model
    from simsync.engine.outcome import Outcome
    from simsync.engine.simulation import Simulation
    from simsync.engine.world import Event, World
    from simsync.errors import Diagnostic, SimsyncError
    from simsync.questions.conform.systems.sut import System
    from simsync.scenarios.scenario import Scenario
    from simsync.scenarios.simulate import ScenarioResult, StepResult, run_scenario

_HOMES = {
    "Answer": "simsync.answer",
    "all_readings": "simsync.api",
    "check": "simsync.api",
    "compare": "simsync.api",
    "conform": "simsync.api",
    "coverage": "simsync.api",
    "diagrams": "simsync.api",
    "explain": "simsync.api",
    "explore": "simsync.api",
    "races": "simsync.api",
    "find": "simsync.api",
    "generate": "simsync.api",
    "mutate": "simsync.api",
    "replay": "simsync.api",
    "load_model": "simsync.app",
    "load_scenarios": "simsync.app",
    "Model": "simsync.engine.model",
    "Outcome": "simsync.engine.outcome",
    "ScenarioResult": "simsync.scenarios.simulate",
    "StepResult": "simsync.scenarios.simulate",
    "run_scenario": "simsync.scenarios.simulate",
    "Simulation": "simsync.engine.simulation",
    "step": "simsync.engine.checked",
    "readings_behind": "simsync.engine.dependence",
    "Diagnostic": "simsync.errors",
    "SimsyncError": "simsync.errors",
    "Scenario": "simsync.scenarios.scenario",
    "System": "simsync.questions.conform.systems.sut",
    "Event": "simsync.engine.world",
    "World": "simsync.engine.world",
}

__all__ = [
    "Answer",
    "Diagnostic",
    "Event",
    "Model",
    "Outcome",
    "Scenario",
    "ScenarioResult",
    "SimsyncError",
    "Simulation",
    "StepResult",
    "System",
    "World",
    "__version__",
    "all_readings",
    "check",
    "compare",
    "conform",
    "coverage",
    "diagrams",
    "explain",
    "explore",
    "races",
    "find",
    "generate",
    "load_model",
    "load_scenarios",
    "mutate",
    "readings_behind",
    "replay",
    "run_scenario",
    "step",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import simsync` costs next to nothing."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'simsync' has no attribute '{name}'")
    import importlib

    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
