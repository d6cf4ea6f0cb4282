"""What tests of `simsync conform` share: a campaign on a system made here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from conftest import ROOT
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.questions.conform.systems.protocol import AnswerLimits
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.settling import Settling
from simsync.questions.conform.systems.sut import System
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
    pool = Pool(lambda _number: System(connect, model, names, AnswerLimits(seconds=5, size=size), settling), jobs)
    scenarios = SCENARIOS if model is MODEL else ()
    try:
        return campaign(pool, model, sources or Sources(scenarios=scenarios, walks=25, systematic=True), terms)
    finally:
        pool.close()


FEW = Sources(scenarios=SCENARIOS[:40])
