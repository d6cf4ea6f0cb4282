"""The use cases behind `simsync explore` and `simsync find`: every state of N items, and what is claimed of them."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.errors import Code, not_among, usage_error
from simsync.policy.policy import Claim, Property
from simsync.progress import Progress, silent
from simsync.questions.explore.asked import Explored, ExploreOptions, Found
from simsync.statespace.abstraction import with_texts
from simsync.statespace.checkpoint import may_save, resumed, save
from simsync.statespace.consequences import joins_items
from simsync.statespace.counting import CountingAbstraction, Counts
from simsync.statespace.explicit import OVER, ExplicitSearch, Joint, Stopped, more_than
from simsync.statespace.following import Following, follow, strangers
from simsync.statespace.independence import Independence
from simsync.statespace.last_step import shortest_to
from simsync.statespace.properties import (
    Exploration,
    JudgedProperty,
    Verdict,
    breaking,
    breaking_event,
    condition,
    trace_of,
)
from simsync.statespace.query import Query
from simsync.statespace.table_cache import kept_table
from simsync.statespace.transition_table import TransitionTable

CHECKED, FEW = 2, 2_000_000
"""Up to how many items, and how many states, counts are checked by a plain search."""


INTERRUPTION = "interrupted"
"""What stopped a search that somebody interrupted."""

MOST_ITEMS = 1000
SAVED_EVERY = 60
"""Seconds after which a search that has a checkpoint is saved again."""


def explored(model: Model, asked: ExploreOptions, progress: Progress = silent) -> Explored:
    """Explore a loaded model. ``progress`` is told of each level of a search.

    An interrupt ends a search early, like a limit. Raises :class:`SimsyncError` for properties that there are not, for
    too many items, and for a checkpoint that is of another search, or that something is in the way of.
    """
    _check(model, asked)
    began = time.monotonic()
    claims = [one for one in model.policy.properties if _wanted(one, model, asked.names)]
    with collector_paused():
        table, independent = kept_table(model)
        one = Exploration(table)
        if asked.symmetry and independent:
            found = _counted(table, one, claims, asked)
        else:
            found = _searched(table, one, independent, claims, asked, progress)
        followed = follow(model) if joins_items(model) or strangers(table) else None
        undecided = one.defect()
        if followed is not None:
            found = replace(found, judged=tuple(_as_followed(judged, followed) for judged in found.judged))
            undecided = undecided or next((way for fault, way in followed.faults if fault.broken is None), None)
    return Explored(
        model=model,
        asked=asked,
        found=found,
        independence=independent,
        seconds=time.monotonic() - began,
        undecided=undecided,
        followed=followed,
        unclaimed=tuple(p for p in model.policy.properties if not asked.names and p not in claims),
    )


def _as_followed(judged: JudgedProperty, followed: Following) -> JudgedProperty:
    """A verdict once it is known what was seen where the product acted by itself."""
    against = followed.against(judged.claim)
    if against is None or judged.verdict is Verdict.VIOLATED:
        return replace(judged, any_number=False)
    return replace(judged, verdict=Verdict.VIOLATED, traces=(against,), any_number=False)


def _check(model: Model, asked: ExploreOptions) -> None:
    declared = {one.name: one for one in model.policy.properties}
    problems = [not_among("a property", name, declared) for name in asked.names if name not in declared]
    if problems:
        raise usage_error("--property", *problems)
    if not 1 <= asked.items <= MOST_ITEMS:
        message = f"there can be 1 to {MOST_ITEMS:,} {model.words.item.many}, not {asked.items:,}"
        raise usage_error("--items", message, code=Code.USAGE)


def _wanted(one: Property, model: Model, names: Collection[str]) -> bool:
    return one.name in names if names else one.claimed(model.readings)


def _counted(table: TransitionTable, one: Exploration, claims: Sequence[Property], asked: ExploreOptions) -> Found:
    """What holds of one item holds of any number; how many states they have is counted without visiting them."""
    counting = CountingAbstraction(table)
    counts = counting.counts(asked.items, symmetry=True)
    stopped: str | None = None
    most = asked.limits.states
    if asked.limits.over:
        stopped, one, counts = OVER, Exploration(table, 0), Counts(0, 0, 0)
    elif most is not None and counts.states > most:
        depth, states = counting.within(asked.items, most, symmetry=True)
        one = Exploration(table, max(depth, 0))
        stopped, counts = more_than(most), Counts(states, 0, max(depth, 0))
    judged = tuple(_for_any_number(one.judge(claim, asked.several)) for claim in claims)
    if stopped:
        return Found(counts=counts, judged=judged, stopped=stopped)
    plain = counting.counts(asked.items, symmetry=False)
    checked = tuple(_checked(table, counting, range(1, min(asked.items, CHECKED) + 1)))
    return Found(counts=counts, plain=plain, judged=judged, checked=checked)


def _for_any_number(judged: JudgedProperty) -> JudgedProperty:
    return replace(judged, any_number=judged.verdict is not Verdict.INCOMPLETE)


def _checked(
    table: TransitionTable, counting: CountingAbstraction, numbers: Iterable[int]
) -> Iterator[tuple[int, Counts]]:
    """Counts that a plain search agrees with; if it did not, nothing here could be believed."""
    for items in numbers:
        counts = counting.counts(items, symmetry=False)
        if counts.states <= FEW:
            search = ExplicitSearch(table, items)
            search.run()
            if search.counts() != counts:
                message = f"{items} of them have {counts} as counted, and {search.counts()} as visited one by one"
                raise AssertionError(message)
            yield items, counts


def _searched(
    table: TransitionTable,
    one: Exploration,
    independent: Independence,
    claims: Sequence[Property],
    asked: ExploreOptions,
    progress: Progress,
) -> Found:
    """Every state is visited, each item told from the others."""
    needed, allowed = ExplicitSearch.bytes_for(table, asked.items), asked.limits.memory or _half_of_memory()
    if needed > allowed:
        stopped = f"it takes about {needed / 1e6:,.0f} MB of memory, and {allowed / 1e6:,.0f} MB are allowed"
        judged = tuple(JudgedProperty(claim=claim, verdict=Verdict.INCOMPLETE) for claim in claims)
        return Found(counts=Counts(0, 0, 0), judged=judged, stopped=stopped)
    if asked.checkpoint:
        may_save(asked.checkpoint)
    search = resumed(asked.resume, table, asked.items) if asked.resume else ExplicitSearch(table, asked.items)
    unfinished = _run(search, asked, progress)
    if unfinished and asked.checkpoint:
        save(search, asked.checkpoint)
    alone = one if independent or asked.items == 1 else None
    judged = tuple(_judged(search, claim, alone, asked.several, complete=unfinished is None) for claim in claims)
    return Found(counts=search.counts(), judged=judged, stopped=unfinished)


def _run(search: ExplicitSearch, asked: ExploreOptions, progress: Progress) -> str | None:
    """Search to the end, or to where something stops it: what that was. Long searches are saved now and then."""
    saved = time.monotonic()

    def level(what: str, done: int, of: int) -> None:
        nonlocal saved
        progress(what, done, of)
        if asked.checkpoint and time.monotonic() > saved + SAVED_EVERY:
            save(search, asked.checkpoint)
            saved = time.monotonic()

    try:
        search.run(asked.limits, level)
    except Stopped as stop:
        return str(stop)
    except KeyboardInterrupt:
        return INTERRUPTION
    return None


def _judged(
    search: ExplicitSearch, claim: Property, alone: Exploration | None, several: int, *, complete: bool
) -> JudgedProperty:
    """A property's verdict after a search; ``alone`` are the states of one item, where those speak for several."""
    table, unsure = search.table, Verdict.HOLDS if complete else Verdict.INCOMPLETE
    if claim.claim in (Claim.ALWAYS_CAN, Claim.EVENTUALLY):
        if alone is None:
            return JudgedProperty(claim=claim, verdict=Verdict.INCOMPLETE)
        judged = alone.judge(claim, several)
        return judged if judged.verdict is Verdict.VIOLATED else replace(judged, verdict=unsure, any_number=complete)
    flags = breaking(table, claim) if claim.claim is Claim.NEVER else condition(table, claim.what)
    nearest = search.first(flags)
    if claim.claim is Claim.CAN:
        lacking = Verdict.VIOLATED if complete else Verdict.INCOMPLETE
        return JudgedProperty(
            claim=claim, verdict=lacking if nearest is None else Verdict.HOLDS, any_number=alone is not None
        )
    if nearest is None:
        return JudgedProperty(claim=claim, verdict=unsure, any_number=complete and alone is not None)
    traces = [_trace(search, claim, nearest)]
    if alone is not None and several > 1:
        traces = list(alone.judge(claim, several).traces)
    return JudgedProperty(claim=claim, verdict=Verdict.VIOLATED, traces=tuple(traces), any_number=alone is not None)


def _trace(search: ExplicitSearch, claim: Property, state: Joint) -> Trace:
    status, events = search.trace(state)
    last = breaking_event(search.table, claim, *state) if claim.claim is Claim.NEVER else None
    return trace_of(search.table.model, status, [*events, *([last] if last else [])])


def _half_of_memory() -> int:
    """Half of the machine's memory, in bytes; a great deal where that cannot be known."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):
        return 2**34


def sought(model: Model, wanted: Query) -> Trace | None:
    """The shortest way to where a query holds, from empty tickets in any status; None if there is none at all.

    Where items are independent, None is a proof for any number of further items. Raises :class:`SimsyncError` where
    they are not and several are asked about.
    """
    with collector_paused():
        table, independent = kept_table(model, wanted.facts)
        if not independent and len(wanted.items) > 1:
            why = f"{model.words.item.many} influence each other, so that only one can be asked about"
            raise usage_error("QUERY", f"{why}: {'; '.join(independent.against)}", code=Code.USAGE)
        return way_in(table, wanted)


def way_in(table: TransitionTable, wanted: Query) -> Trace | None:
    """The shortest way in a table, whose items are independent if several are asked about."""
    goals = [condition(table, when) for when in wanted.conditions]
    if wanted.last:
        return shortest_to(table, wanted.last, goals[0])
    counting = CountingAbstraction(table)
    found = counting.way(goals, least=1) or counting.way(goals)
    if found is None:
        return None
    status, events = found
    names = list(wanted.items)
    return Trace(
        status=status,
        events=with_texts(table.model, [e if number < 0 else replace(e, item=names[number]) for number, e in events]),
    )
