"""The model in Promela, for Spin: one process an item, one for the status, and the tables as C arrays.

Spin begins in one state only, so there is a first one from which every status is chosen; the header says what to take
off. Every step is one indivisible transition from a process's only location back to it, so that nothing else counts.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from simsync.policy.policy import Claim, Property
from simsync.questions.export.listing import EffectTable, Listing, pairs, printable

FUNCTIONS = """\
c_code {
  static void tell(int breach, const char *const *claims) {
    if (breach) { broken = 1; printf("%s", claims[breach]); }
  }
  static int moved(int to, int from) {
    if (to >= 0) return to;
    broken = 1;
    printf("violated: the rules decide every step\\n");
    return from;
  }
  static void look(int k) { tell(forbidden[now.status][now.item[k]], breaches_of_states); }
  static void change(int event, int k) {
    int p = phase[now.status], i = now.item[k];
    broken = 0;
    tell(broken_by_event[event][p][i], breaches_of_steps);
    now.item[k] = moved(after[event][p][i], i);
    look(k);
  }
  static void act(int move, int status) {
    int k;
    broken = 0;
    now.status = status;
    for (k = 0; k < N; k++) {
      tell(broken_by_move[move][now.item[k]], breaches_of_steps);
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
    begins, first = len(listing.statuses), listing.model.words.status
    run = (f"spin -a {shlex.quote(file)}", "gcc -O3 -DSAFETY -DNOREDUCE -DBFS -o pan pan.c", "./pan")
    why = (
        f"it chooses the first {first} in a step of its own, which adds a state and {begins} transitions, and counts "
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
    yield f" * The {listing.model.words.item} states:"
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
    """The arrays, in many blocks of C, since Spin takes in no more than so much text at once."""
    i, s, m = len(listing.states), len(listing.statuses), len(listing.table.moves)
    phases, by_status = len(listing.phases), _Forbidden(listing)
    yield from _block(["int broken;"])
    yield from _breaches("breaches_of_steps", listing.never, listing.table.breaches)
    yield from _breaches("breaches_of_states", by_status.claims, list(by_status.breaches))
    in_phase = [f"[{name}] = {listing.phases[listing.table.phase[n]]}," for n, name in enumerate(listing.statuses)]
    yield from _block([f"const int phase[{s + 1}] = {{", *in_phase, "};"])
    item = listing.model.words.item
    yield f"/* the {item} state after an event, by the phase and the one before; none: refused; -1: left open */"
    yield from _by_event(listing, f"after_%d[{phases}][{i}]", "const short", listing.steps())
    yield from _index("after", f"const short (*const after[])[{i}]", len(listing.events))
    acted = "/* the {item} state after {a_status} action, by what {items} see of it and the one before */"
    yield listing.model.words.say(acted)
    yield from _array(f"const short carried[{m or 1}][{i}]", _rows(listing.moves()))
    yield "/* the breach of claims about steps that there is */"
    yield from _by_event(listing, f"broken_by_%d[{phases}][{i}]", "const int", listing.broken_steps())
    yield from _index("broken_by", f"const int (*const broken_by_event[])[{i}]", len(listing.events))
    yield from _array(f"const int broken_by_move[{m or 1}][{i}]", _rows(listing.broken_moves()))
    yield "/* the breach of claims about states that there is */"
    yield from _array(f"const int forbidden[{s + 1}][{i}]", by_status.rows)


class _Forbidden:
    """The states that claims forbid; ``breaches`` are the claims broken at once, with their numbers."""

    def __init__(self, listing: Listing) -> None:
        self.claims = listing.claims(Claim.NO_STATE)
        self.breaches: dict[tuple[int, ...], int] = {(): 0}
        self.rows: list[str] = []
        where = [listing.where(one.what) for one in self.claims]
        for s, status in enumerate(listing.statuses):
            known: dict[int, int] = {}
            for i in range(len(listing.states)):
                breach = tuple(k for k, flags in enumerate(where) if flags[s, i])
                if breach:
                    known[i] = self.breaches.setdefault(breach, len(self.breaches))
            if known:
                self.rows.append(f"[{status}] = {{{_entries(known)}}},")


def _block(lines: Iterable[str]) -> Iterator[str]:
    first, *others = lines
    yield "c_decl {"
    yield f"  static {first}"
    yield from (f"  {line}" if line == "};" else f"    {line}" for line in others)
    yield "}"


def _array(what: str, rows: Iterable[str]) -> Iterator[str]:
    yield from _block([f"{what} = {{", *rows, "};"])


def _index(prefix: str, what: str, length: int) -> Iterator[str]:
    yield from _array(what, [", ".join(f"{prefix}_{a}" for a in range(length))])


def _breaches(array: str, claims: Sequence[Property], breaches: Iterable[tuple[int, ...]]) -> Iterator[str]:
    """What is told of each breach, by its number: the claims that it breaks, none first."""
    told = ["".join(f"violated: {printable(claims[k].name)}\\n" for k in breach) for breach in breaches]
    yield from _array(f"const char *const {array}[]", [f'"{text}",' for text in told])


def _by_event(listing: Listing, array: str, kind: str, tables: Iterator[EffectTable]) -> Iterator[str]:
    for a, table in enumerate(tables):
        rows = [f"[{listing.phases[p]}] = {{{_entries(entries)}}}," for p, entries in table.entries]
        yield from _array(f"{kind} {array % a}", rows)


def _rows(table: EffectTable) -> Iterator[str]:
    yield from (f"[{row}] = {{{_entries(entries)}}}," for row, entries in table.entries)


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
