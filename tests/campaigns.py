"""What tests of `simsync conform` share: a campaign on a system made here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from conftest import ROOT
from simsync.analysis.system.conformity import Report
from simsync.app import load_model, load_scenarios
from simsync.conformance.protocol import Limits
from simsync.conformance.python import PythonConnection
from simsync.conformance.sut import Settling, System
from simsync.conforming.campaign import Terms, campaign
from simsync.conforming.plan import Sources
from simsync.conforming.pool import Pool
from simsync.core.model import Model
from simsync.model.mapping import SAME, Names
from systems.desks import MODEL

SCENARIOS = load_scenarios(ROOT / "scenarios", model=MODEL)
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


TERMS, SETTLING = Terms(), Settling()


def judged(
    make: Callable[[], Any],
    *,
    model: Model = MODEL,
    sources: Sources | None = None,
    names: Names = SAME,
    terms: Terms = TERMS,
    settling: Settling = SETTLING,
    jobs: int = 1,
    size: int = 1_000_000,
) -> Report:
    connect = partial(PythonConnection, make)
    pool = Pool(lambda _number: System(connect, model, names, Limits(seconds=5, size=size), settling), jobs)
    scenarios = SCENARIOS if model is MODEL else ()
    try:
        return campaign(pool, model, sources or Sources(scenarios=scenarios, walks=25, systematic=True), terms)
    finally:
        pool.close()


FEW = Sources(scenarios=SCENARIOS[:40])
