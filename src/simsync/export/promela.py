"""The model in Promela, for Spin: one process an item, one for the status, and the tables as C arrays.

Spin begins in one state only, so there is a first one from which every status is chosen; the header says what to take
off. Every step is one indivisible transition from a process's only location back to it, so that nothing else counts.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from simsync.export.listing import Listing, Table, pairs, printable
from simsync.model.policy import Claim

FUNCTIONS = """\
c_code {
  static void tell(unsigned long long claims, const char *const *names) {
    int k;
    for (k = 0; k < 64; k++) if (claims >> k & 1) { broken = 1; printf("violated: %s\\n", names[k]); }
  }
  static int moved(int to, int from) {
    if (to >= 0) return to;
    broken = 1;
    printf("violated: the rules decide every step\\n");
    return from;
  }
  static void look(int k) { tell(forbidden[now.status][now.item[k]], claims_about_states); }
  static void change(int event, int k) {
    int p = phase[now.status], i = now.item[k];
    broken = 0;
    tell(broken_by_event[event][p][i], claims_about_steps);
    now.item[k] = moved(after[event][p][i], i);
    look(k);
  }
  static void act(int move, int status) {
    int k;
    broken = 0;
    now.status = status;
    for (k = 0; k < N; k++) {
      tell(broken_by_move[move][now.item[k]], claims_about_steps);
      now.item[k] = moved(carried[move][now.item[k]], now.item[k]);
      look(k);
    }
  }
  static void begin(int status) {
    int k;
    broken = 0;
    now.status = status;
    for (k = 0; k < N; k++) look(k);
  }
}

#define CHANGE(event) \\
  d_step { c_expr { now.status != BEFORE && after[event][phase[now.status]][now.item[PItem->_pid]] } -> \\
           c_code { change(event, PItem->_pid); } ; assert(c_expr { !broken }) }
#define ACT(from, move, to) d_step { status == from -> c_code { act(move, to); } ; assert(c_expr { !broken }) }
#define BEGIN(at) d_step { status == BEFORE -> c_code { begin(at); } ; assert(c_expr { !broken }) }
"""


def promela(listing: Listing, file: str = "model.pml") -> str:
    """The source, a whole file; ``file`` is what the commands in it call it."""
    return "\n".join([*_head(listing, file), *_tables(listing), FUNCTIONS, *_processes(listing)]) + "\n"


def _head(listing: Listing, file: str) -> Iterator[str]:
    begins = len(listing.statuses)
    run = (f"spin -a {shlex.quote(file)}", "gcc -O3 -DSAFETY -DNOREDUCE -DBFS -o pan pan.c", "./pan")
    why = (
        f"it chooses the first status in a step of its own, which adds a state and {begins} transitions, and counts "
        "the state before that as a transition too"
    )
    told = f"Spin says 1 state and {begins + 1} transitions more than that: {why}."
    if listing.size is not None:
        states, transitions = listing.size
        stored = f"{states + 1} states, stored and {transitions + begins + 1} transitions (= stored+matched)"
        told = f"Spin has to say {stored}: {why}."
    told += " A claim that a step breaks is named and stops the search; ./pan -r then shows the way there."
    checked = (*listing.never, *listing.claims(Claim.NO_STATE))
    yield "/*"
    yield from (f" * {line}".rstrip() for line in listing.header("Spin", run, told, checked))
    yield " *"
    yield " * The item states:"
    yield from (f" * {i:5}  {state}" for i, state in enumerate(listing.states))
    yield " */"
    yield ""
    yield f"#define N {listing.items}"
    for number, name in enumerate(listing.statuses):
        yield f"#define {name} {number}"
    yield f"#define BEFORE {begins}"
    for number, name in enumerate(listing.phases):
        yield f"#define {name} {number}"
    yield ""
    yield "byte status = BEFORE;"
    yield "short item[N];"
    yield ""


def _tables(listing: Listing) -> Iterator[str]:
    i, p, e = len(listing.states), len(listing.phases), len(listing.events)
    m, s = len(listing.table.moves), len(listing.statuses)
    forbidden = {number: listing.where(one.what) for number, one in enumerate(listing.claims(Claim.NO_STATE))}
    yield "c_decl {"
    yield "  static int broken;"
    yield ""
    yield from _names("claims_about_steps", [one.name for one in listing.never])
    yield from _names("claims_about_states", [one.name for one in listing.claims(Claim.NO_STATE)])
    yield f"  static const int phase[{s + 1}] = {{"
    yield from (f"    [{name}] = {listing.phases[listing.table.phase[n]]}," for n, name in enumerate(listing.statuses))
    yield "  };"
    yield ""
    yield "  /* the item state after an event, by the phase and the one before; none: refused; -1: the rules leave it open */"
    yield f"  static const short after[{e}][{p}][{i}] = {{"
    yield from _by_event(listing, listing.steps())
    yield "  };"
    yield "  /* the item state after a status action, by what items see of it and the one before */"
    yield f"  static const short carried[{m or 1}][{i}] = {{"
    yield from _rows(listing.moves())
    yield "  };"
    yield "  /* the claims about steps that are broken there, as bits */"
    yield f"  static const unsigned long long broken_by_event[{e}][{p}][{i}] = {{"
    yield from _by_event(listing, listing.broken_steps())
    yield "  };"
    yield f"  static const unsigned long long broken_by_move[{m or 1}][{i}] = {{"
    yield from _rows(listing.broken_moves())
    yield "  };"
    yield "  /* the claims about states that are broken there, as bits */"
    yield f"  static const unsigned long long forbidden[{s + 1}][{i}] = {{"
    for n, status in enumerate(listing.statuses):
        bits = {j: sum(1 << k for k, flags in forbidden.items() if flags[n, j]) for j in range(i)}
        if any(bits.values()):
            yield f"    [{status}] = {{{_entries({j: mask for j, mask in bits.items() if mask})}}},"
    yield "  };"
    yield "}"
    yield ""


def _names(array: str, names: list[str]) -> Iterator[str]:
    yield f"  static const char *const {array}[64] = {{"
    yield from (f'    "{printable(name)}",' for name in names)
    yield "  };"


def _by_event(listing: Listing, tables: Iterator[Table]) -> Iterator[str]:
    for a, table in enumerate(tables):
        if table.entries:
            yield f"    [{a}] = {{ /* {table.label} */"
            yield from (f"      [{listing.phases[p]}] = {{{_entries(entries)}}}," for p, entries in table.entries)
            yield "    },"


def _rows(table: Table) -> Iterator[str]:
    yield from (f"    [{row}] = {{{_entries(entries)}}}," for row, entries in table.entries)


def _entries(entries: dict[int, int]) -> str:
    return pairs(entries, "[{}]={}", " " * 8)


def _processes(listing: Listing) -> Iterator[str]:
    yield "active [N] proctype Item() {"
    yield "end: do"
    yield from (f"  :: CHANGE({a})  /* {label} */" for a, label in enumerate(listing.events))
    yield "  od"
    yield "}"
    yield ""
    yield "active proctype Ticket() {"
    yield "end: do"
    yield from (f"  :: BEGIN({name})" for name in listing.statuses)
    for one in listing.actions:
        start, end = listing.statuses[one.status], listing.statuses[one.next_status]
        yield f"  :: ACT({start}, {one.move}, {end})  /* {one.label} */"
    yield "  od"
    yield "}"
