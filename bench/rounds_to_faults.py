"""At which request a fault of the two desks is found that shows only in rounds.

Run by `PYTHONPATH=. python bench/rounds_to_faults.py [FAULT]...`.

Of the rounds that `conform` does by default, in their order, up to the first that no order explains. Prints a table;
takes up to several minutes a fault. What depends on who is quicker is found sooner or later another time.
"""

from __future__ import annotations

import json
import sys

from examples.two_desks.faults import FAULTS
from examples.two_desks.protocol import Adapter
from examples.two_desks.running import TwoDesks
from measure import ROOT
from simsync.app import load_model
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions, PlannedRounds, planned
from simsync.questions.conform.overlap.driving import RoundsDriven, drive_rounds
from simsync.questions.conform.overlap.explained_orders import Explaining, Nature
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.sut import System

MODEL = load_model(ROOT / "machines")


def shows(driven: RoundsDriven) -> bool:
    """Whether it is laid to the system."""
    apart = driven.mismatch is not None and driven.mismatch.nature is not Nature.UNWINNABLE
    return driven.overlapped and (apart or driven.fault is not None)


def found(system: System, plan: PlannedRounds) -> tuple[int, int] | None:
    """How many drives and requests it takes to see something; None where all of them show nothing."""
    explaining, before = Explaining(MODEL, system.translation), system.requests
    for number, drive in enumerate(plan.drives, 1):
        if shows(drive_rounds(system, explaining, drive, parallel=False)):
            return number, system.requests - before
    return None


def main(names: list[str]) -> int:
    """The command line."""
    with TwoDesks() as running:
        running.wait()
        adapter = Adapter(running, disruptible=True)
        system = by_object(lambda request: json.loads(adapter.answer(json.dumps(request))), MODEL)
        plan = planned(system, MODEL, OverlapOptions(wanted=True), (), 0)
        print("| fault | found in drive | after requests |\n| --- | ---: | ---: |")
        for name in names or [name for name, fault in FAULTS.items() if not fault.alone]:
            running.fault.turn(name)
            seen = found(system, plan)
            drive, requests = ("none", "all") if seen is None else (f"{seen[0]:,}", f"{seen[1]:,}")
            print(f"| `{name}` | {drive} | {requests} |", flush=True)
        adapter.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
