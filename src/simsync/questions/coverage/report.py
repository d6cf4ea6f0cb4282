"""What a suite covers: as text, and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simsync.engine.model import Model
from simsync.questions.coverage.coverage import Coverage, Hole, Tally
from simsync.questions.coverage.goals import Criterion, meaning, name_of
from simsync.report.phrases import as_delivered, counted, printable_line
from simsync.report.scenario_text import way_text
from simsync.scenarios.writing import document
from simsync.statespace.narrowing import left_out
from simsync.version import __version__

AIMS: Mapping[Criterion, str] = {
    Criterion.RULES: "a row that decides in no scenario could say anything, and no scenario would notice",
    Criterion.TRANSITIONS: "a move that no scenario makes could be missing, or lead elsewhere",
    Criterion.READINGS: "an option that no scenario depends on could be read either way",
    Criterion.PAIRS: "what goes wrong only after something else, such as a change after a change, is found by these",
    Criterion.STATEMENTS: "a statement that no scenario touches is not shown to be kept",
}
"""Which criteria to come to, one after the other, and why."""


def as_text(coverage: Coverage, shown: int, least: Mapping[Criterion, float]) -> Iterator[str]:
    """Counts, the counts of each file, the first holes of each criterion, and what is out of reach.

    ``shown``: how many holes of a criterion to tell.
    """
    if failed := len(coverage.failed):
        yield f"{counted(failed, 'scenario')} {'fails and is' if failed == 1 else 'fail and are'} not counted"
    scenarios, steps = counted(coverage.scenarios, "scenario"), counted(coverage.steps, "step")
    yield f"{scenarios} with {steps} in {counted(len(coverage.files), 'file')} cover"
    yield from _answers(coverage)
    if coverage.stopped is not None:
        yield from _so_far(coverage)
        return
    for criterion, tally in coverage.tallies.items():
        if not tally.total and criterion not in least:
            continue
        wanted = f"  below the {least[criterion]:g}% wanted" if below(tally, least) else ""
        of = f"{len(tally.covered):>6,} of {tally.total:>5,}"
        yield f"  {criterion:<12}{of}  {_share(tally):>6}  {meaning(criterion, coverage.model.policy)}{wanted}"
    if told := as_delivered(coverage.model.policy):
        yield f"  {told}"
    if len(coverage.files) > 1:
        yield ""
        yield from _by_file(coverage)
    for criterion, tally in coverage.tallies.items():
        if tally.missing and shown:
            yield ""
            yield from _holes(coverage.model, criterion, tally, shown)
    yield from _out_of_reach(coverage, shown)
    if any(tally.total for tally in coverage.tallies.values()):
        yield ""
        yield from _advice(coverage)


def _answers(coverage: Coverage) -> Iterator[str]:
    """That scenarios in which nothing is expected cover, and test nothing."""
    if coverage.answers:
        alone = ", ".join(f"{count:,} {criterion}" for criterion, count in coverage.untested.items() if count)
        yield f"  {coverage.answers:,} of these expect nothing: what happens in them is answered, and not tested"
        if alone:
            yield f"  covered by these alone, and so not tested: {alone}"


def _so_far(coverage: Coverage) -> Iterator[str]:
    """What is covered at least, where it is not known of how much, or what is left out."""
    for criterion, tally in coverage.tallies.items():
        yield f"  {criterion:<12}{len(tally.covered):>6,}  at least; {meaning(criterion, coverage.model.policy)}"
    yield "of how much, and which holes there are, was not looked at to the end"


def _out_of_reach(coverage: Coverage, shown: int) -> Iterator[str]:
    """What nothing can cover, with the reason; for each the first few."""
    reasons: dict[tuple[Criterion, str], list[str]] = {}
    for criterion, tally in coverage.tallies.items():
        for one in tally.unreachable:
            reasons.setdefault((criterion, one.why), []).append(one.name)
    if reasons:
        yield ""
        yield "out of reach, and in no total"
        if said := left_out(coverage.model):
            yield f"  as far as was looked at: {said}"
    for (criterion, why), names in reasons.items():
        yield f"  {criterion}: {why}"
        yield from (f"      {name}" for name in names[:shown])
        if len(names) > shown:
            yield f"      ... and {len(names) - shown:,} more: --holes all lists them"


def aim(coverage: Coverage) -> tuple[Criterion, str] | None:
    """The first criterion that is worth being covered and is not yet, of those measured, and why; None if all are."""
    for criterion, why in AIMS.items():
        tally = coverage.tallies.get(criterion)
        if tally is not None and tally.missing:
            return criterion, coverage.model.words.say(why)
    return None


def _advice(coverage: Coverage) -> Iterator[str]:
    if (found := aim(coverage)) is not None:
        criterion, why = found
        yield f"aim for {criterion}: {why}"
    elif said := ", ".join(c for c, tally in coverage.tallies.items() if c in AIMS and tally.total):
        yield f"covered: {said}; whether what is used is defended as well, simsync mutate tells"
    if Criterion.CELLS in coverage.tallies and coverage.tallies[Criterion.CELLS].missing:
        yield "cells need not all be covered: many are decided by the same row; simsync mutate tells if it is defended"


def below(tally: Tally, least: Mapping[Criterion, float]) -> bool:
    """Whether a criterion is covered less than wanted."""
    return tally.percent < least.get(tally.criterion, 0)


def _share(tally: Tally) -> str:
    """The share covered, never rounded up to the whole."""
    return f"{int(tally.percent * 10) / 10:.1f}%"


def _by_file(coverage: Coverage) -> Iterator[str]:
    width = max(len(printable_line(file)) for file in coverage.files)
    yield f"  {'':<{width}}" + "".join(f"{criterion:>13}" for criterion in coverage.tallies)
    for file, counts in coverage.files.items():
        yield f"  {printable_line(file):<{width}}" + "".join(f"{len(goals):>13,}" for goals in counts.values())


def _holes(model: Model, criterion: Criterion, tally: Tally, shown: int) -> Iterator[str]:
    yield f"{criterion}: {len(tally.missing):,} not covered, each with the shortest way to it"
    told = tally.missing[:shown]
    for hole in told:
        yield f"  {name_of(model, hole.goal)}"
        yield f"      {way_text(model, hole.way)}"
    if len(told) < len(tally.missing):
        yield f"  ... and {len(tally.missing) - len(told):,} more: --holes all lists them, --write DIR writes scenarios"


def as_json(coverage: Coverage, least: Mapping[Criterion, float]) -> dict[str, Any]:
    """Everything for programs."""
    return {
        "simsync": __version__,
        "model": coverage.model.policy.digest,
        "readings": coverage.model.readings,
        "scenarios": coverage.scenarios,
        "steps": coverage.steps,
        "nothing_expected": {
            "scenarios": coverage.answers,
            "covered_by_these_alone": {str(criterion): count for criterion, count in coverage.untested.items()},
        },
        **(_measured(coverage, least) if coverage.stopped is None else {"covered": _least_covered(coverage)}),
        "files": [
            {"file": file, "criteria": {str(c): len(goals) for c, goals in counts.items()}}
            for file, counts in coverage.files.items()
        ],
    }


def _measured(coverage: Coverage, least: Mapping[Criterion, float]) -> dict[str, Any]:
    return {
        "criteria": {str(c): _tally_json(coverage.model, tally, least) for c, tally in coverage.tallies.items()},
        "aim": {"criterion": str(found[0]), "why": found[1]} if (found := aim(coverage)) else None,
    }


def _least_covered(coverage: Coverage) -> dict[str, int]:
    return {str(criterion): len(tally.covered) for criterion, tally in coverage.tallies.items()}


def _tally_json(model: Model, tally: Tally, least: Mapping[Criterion, float]) -> dict[str, Any]:
    wanted = {"min": least[tally.criterion], "reached": not below(tally, least)} if tally.criterion in least else {}
    return {
        "covered": len(tally.covered),
        "total": tally.total,
        **wanted,
        "missing": [_hole_json(model, hole) for hole in tally.missing],
        "unreachable": [{"id": one.name, "why": one.why} for one in tally.unreachable],
    }


def _hole_json(model: Model, hole: Hole) -> dict[str, Any]:
    name, way = name_of(model, hole.goal), hole.way
    return {"id": name, "scenario": document(name, way)}
