"""The model in Murphi, for Rumur: one rule an event, one a status action in a status, and the tables as functions."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from simsync.policy.policy import Claim, Property
from simsync.questions.export.listing import OPEN, WIDTH, Listing, printable
from simsync.statespace.transition_table import Flags

KEYWORD = {Claim.NO_STATE: "invariant", Claim.CAN: "cover", Claim.ALWAYS_CAN: "liveness"}
"""What Rumur calls the claims about states; of those that can always come true, the ones about all states."""

BEGINNING = (
    "",
    'ruleset s: status_type do startstate "any status, no items"',
    "begin",
    "  status := s;",
    "  for k: index do item[k] := 0; end;",
    "end; end;",
)


def murphi(listing: Listing, file: str = "model.m") -> str:
    """The source, a whole file; ``file`` is what the commands in it call it."""
    parts = (_head(listing, file), _steps(listing), _moves(listing), BEGINNING, _claims(listing))
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(listing: Listing, file: str) -> Iterator[str]:
    run = (
        f"rumur --deadlock-detection off --output checker.c {shlex.quote(file)}",
        "gcc -std=c11 -O3 -march=native -mcx16 -o checker checker.c -lpthread",
        "./checker",
    )
    told = "Rumur counts transitions as rules fired."
    if listing.size is not None:
        told = f"Rumur has to say {listing.size.states} states, {listing.size.transitions} rules fired."
    told += " A claim that does not hold is named, with the way there. (-mcx16 is for x86-64; leave it out elsewhere.)"
    checked = (*listing.never, *(one for claim in KEYWORD for one in _sayable(listing, claim)))
    yield from (f"-- {line}".rstrip() for line in listing.header("Rumur", run, told, checked))
    yield "--"
    yield f"-- The {listing.model.words.item} states:"
    yield from (f"-- {i:5}  {state}" for i, state in enumerate(listing.states))
    yield ""
    yield f"const N: {listing.items};"
    yield ""
    yield "type"
    yield "  index: 0 .. N - 1;"
    yield f"  status_type: enum {{ {', '.join(listing.statuses)} }};"
    yield f"  phase_type: enum {{ {', '.join(listing.phases)} }};"
    yield f"  state: 0 .. {len(listing.states) - 1};"
    yield f"  after: {OPEN} .. {len(listing.states) - 1};  -- 0: refused; {OPEN}: the rules leave it open"
    yield ""
    yield "var"
    yield "  status: status_type;"
    yield "  item: array [index] of state;"
    yield ""
    yield "function phase(s: status_type): phase_type; begin"
    yield "  switch s"
    for s, status in enumerate(listing.statuses):
        yield f"  case {status}: return {listing.phases[listing.table.phase[s]]};"
    yield "  endswitch;"
    yield "end;"


def _steps(listing: Listing) -> Iterator[str]:
    broken = list(listing.broken_steps())
    for a, table in enumerate(listing.steps()):
        yield ""
        yield f"-- {table.label}"
        by_phase = [(listing.phases[p], entries) for p, entries in table.entries]
        yield from _nested(f"after_event_{a}(p: phase_type; i: state): after", "p", by_phase)
        asserts = []
        for k, one in enumerate(listing.never):
            flagged = [(listing.phases[p], _with(listing, entries, k)) for p, entries in broken[a].entries]
            if any(flags for _, flags in flagged):
                yield from _nested(f"event_{a}_breaks_{k}(p: phase_type; i: state): 0 .. 1", "p", flagged)
                asserts.append(f"assert {_quoted(one)} event_{a}_breaks_{k}(phase(status), item[k]) = 0;")
        yield f'ruleset k: index do rule "{table.label}"'
        yield f"  after_event_{a}(phase(status), item[k]) != 0 ==>"
        yield "begin"
        yield from (f"  {line}" for line in asserts)
        yield f"  {_decided(f'after_event_{a}(phase(status), item[k])')}"
        yield f"  item[k] := after_event_{a}(phase(status), item[k]);"
        yield "end; end;"


def _moves(listing: Listing) -> Iterator[str]:
    carried, broken = dict(listing.moves().entries), dict(listing.broken_moves().entries)
    asserts: dict[int, list[str]] = {}
    words = listing.model.words
    for m, move in enumerate(listing.table.moves):
        yield ""
        yield printable(
            f"-- what {words.status.a} action of {move.actor} from {move.phase} to {move.next_phase}"
            f" does to {words.item.a}"
        )
        yield from _flat(f"after_move_{m}(i: state): after", carried.get(m, {}))
        asserts[m] = []
        for k, one in enumerate(listing.never):
            if flags := _with(listing, broken.get(m, {}), k):
                yield from _flat(f"move_{m}_breaks_{k}(i: state): 0 .. 1", flags)
                asserts[m].append(f"assert {_quoted(one)} move_{m}_breaks_{k}(item[k]) = 0;")
    for action in listing.actions:
        yield ""
        yield f'rule "{action.label}"'
        yield f"  status = {listing.statuses[action.status]} ==>"
        yield "begin"
        yield "  for k: index do"
        yield from (f"    {line}" for line in asserts[action.move])
        yield f"    {_decided(f'after_move_{action.move}(item[k])')}"
        yield f"    item[k] := after_move_{action.move}(item[k]);"
        yield "  end;"
        yield f"  status := {listing.statuses[action.next_status]};"
        yield "end;"


def _sayable(listing: Listing, claim: Claim) -> tuple[Property, ...]:
    """What Rumur can check of them; what can happen is claimed of the whole policy, not of some kinds."""
    if claim is Claim.CAN and not listing.complete:
        return ()
    return tuple(one for one in listing.claims(claim) if not one.start)


def _claims(listing: Listing) -> Iterator[str]:
    for claim, keyword in KEYWORD.items():
        for n, one in enumerate(_sayable(listing, claim)):
            name = f"{keyword}_{n}"
            flags = listing.where(one.what)
            by_status = [(status, _flagged(flags, s)) for s, status in enumerate(listing.statuses)]
            yield ""
            yield from _nested(f"{name}(s: status_type; i: state): 0 .. 1", "s", by_status)
            if claim is Claim.NO_STATE:
                yield f"invariant {_quoted(one)} forall k: index do {name}(status, item[k]) = 0 endforall;"
            elif claim is Claim.CAN:
                yield f"cover {_quoted(one)} exists k: index do {name}(status, item[k]) = 1 endexists;"
            else:
                yield f"ruleset k: index do liveness {_quoted(one)} {name}(status, item[k]) = 1; end;"


def _flagged(flags: Flags, status: int) -> dict[int, int]:
    return {int(i): 1 for i in np.flatnonzero(flags[status])}


def _with(listing: Listing, entries: Mapping[int, int], k: int) -> dict[int, int]:
    """Where a claim is among those broken."""
    return {i: 1 for i, breach in entries.items() if k in listing.table.breaches[breach]}


def _quoted(one: Property) -> str:
    return f'"{printable(one.name)}"'


def _decided(after: str) -> str:
    return f'assert "the rules decide every step" {after} != {OPEN};'


def _nested(signature: str, on: str, cases: Iterable[tuple[str, Mapping[int, int]]]) -> Iterator[str]:
    """A function that first asks for the phase or status, then for the item state; 0 where it knows of nothing."""
    yield f"function {signature}; begin"
    known = [(name, entries) for name, entries in cases if entries]
    if known:
        yield f"  switch {on}"
        for name, entries in known:
            yield f"  case {name}:"
            yield from _switch(entries, "    ")
        yield "  endswitch;"
    yield "  return 0;"
    yield "end;"


def _flat(signature: str, entries: Mapping[int, int]) -> Iterator[str]:
    yield f"function {signature}; begin"
    yield from _switch(entries, "  ")
    yield "  return 0;"
    yield "end;"


def _switch(entries: Mapping[int, int], indent: str) -> Iterator[str]:
    by_value: dict[int, list[int]] = {}
    for i, value in entries.items():
        by_value.setdefault(value, []).append(i)
    if not by_value:
        return
    yield f"{indent}switch i"
    for value, states in by_value.items():
        for line in _rows(states, WIDTH - len(indent) - 30):
            yield f"{indent}case {line}: return {value};"
    yield f"{indent}endswitch;"


def _rows(states: Iterable[int], width: int) -> Iterator[str]:
    line = ""
    for state in map(str, states):
        if line and len(line) + len(state) + 2 > width:
            yield line
            line = ""
        line += f", {state}" if line else state
    if line:
        yield line
