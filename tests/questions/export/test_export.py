"""Checkers that are not ours count the same states and transitions, and find what is wrong with wrong rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from checker_runs import TOOLS, WRITERS, check
from conftest import ROOT, Run
from sampling import few
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.policy.policy import Claim, Property, When
from simsync.questions.export.listing import ExpectedCounts, Listing
from simsync.statespace.properties import Exploration
from simsync.statespace.transition_table import REFUSED, UNDECIDED, TransitionTable, transition_table

BASE = load_model(ROOT / "machines")
OTHER = BASE.under({reading.name: list(reading.options)[-1] for reading in BASE.policy.readings.values()})
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
NOTES = ("note",)

forms = pytest.mark.parametrize("form", TOOLS)


def plain_search(table: TransitionTable, items: int) -> ExpectedCounts:
    """States and transitions by the plainest of searches over the arrays."""
    waiting = [(s, *[0] * items) for s in range(len(table.statuses))]
    known, transitions = set(waiting), 0
    for state in waiting:  # grows while we walk
        s, own = state[0], state[1:]
        p = table.phase[s]
        after = [
            (s, *own[:k], int(i), *own[k + 1 :]) for k in range(items) for i in table.next[p, own[k]] if i >= 0
        ] + [
            (int(table.status[s, b]), *(int(table.moved[table.move[s, b], i]) for i in own))
            for b in np.flatnonzero(table.status[s] != REFUSED)
        ]
        transitions += len(after)
        fresh = set(after) - known
        known |= fresh
        waiting += sorted(fresh)
    return ExpectedCounts(len(known), transitions)


def listed(model: Model, items: int, kinds: tuple[str, ...] | None = None) -> Listing:
    chosen = kinds or tuple(model.vocabulary.kinds)
    table = transition_table(model, chosen)
    return Listing(table=table, items=items, kinds=chosen, size=plain_search(table, items))


@pytest.mark.parametrize(
    ("model", "items", "kinds"),
    [
        pytest.param(BASE, 1, None, id="one item"),
        pytest.param(BASE, 2, NOTES, id="two notes"),
        pytest.param(OTHER, 1, None, id="one item, all other readings"),
        pytest.param(OTHER, 2, ("charge",), id="two charges, all other readings"),
        pytest.param(ATELIER, 1, None, id="another policy"),
        pytest.param(ATELIER, 3, None, id="another policy, three items"),
    ],
)
@forms
@pytest.mark.thorough
def test_other_checkers_count_the_same(
    form: str, model: Model, items: int, kinds: tuple[str, ...] | None, tmp_path: Path
) -> None:
    listing = listed(model, items, kinds)
    assert listing.size is not None
    ran = check(form, listing, tmp_path)
    extra = (1, len(listing.statuses) + 1) if form == "promela" else (0, 0)
    assert (ran.states - extra[0], ran.transitions - extra[1]) == listing.size
    assert f"{ran.states} states" in ran.text.split("Check it again:")[1]
    assert "violated" not in ran.said
    assert "errors: 0" in ran.said or "No error found" in ran.said


@forms
@pytest.mark.thorough
def test_a_lost_step_is_seen_in_the_counts(form: str, tmp_path: Path) -> None:
    listing = listed(BASE, 1, NOTES)
    table = listing.table
    p, i, a = next(cell for cell in np.argwhere(table.next > 0) if cell[1] != table.next[tuple(cell)])
    lost = table.next.copy()
    lost[p, i, a] = REFUSED
    fewer = replace(listing, table=replace(table, next=lost))
    ran = check(form, fewer, tmp_path)
    extra = len(listing.statuses) + 1 if form == "promela" else 0
    assert listing.size is not None
    assert ran.transitions - extra == plain_search(fewer.table, 1).transitions < listing.size.transitions


def claiming(model: Model, *claims: Property) -> Model:
    return model.factory.of(replace(model.policy, properties=claims)).model(model.readings)


def wrong_claim(claim: Claim, what: When) -> Listing:
    return listed(claiming(ATELIER, Property(name="wrong-claim", claim=claim, what=what, sources=())), 1)


def wrong(form: str, listing: Listing, folder: Path) -> str:
    ran = check(form, listing, folder)
    assert "errors: 0" not in ran.said
    assert "No error found" not in ran.said
    return ran.said


@pytest.mark.parametrize(
    ("claim", "what"),
    few(
        [
            (Claim.NEVER, (("synced", (True,)),)),
            (Claim.NEVER, (("change", ("none",)),)),
            (Claim.NO_STATE, (("status", ("Closed",)),)),
            (Claim.NO_STATE, (("status", ("Closed",)), ("copy", ("present",)))),
        ],
        4,
    ),
    ids=["a step", "a status action", "a first state", "a later state"],
)
@forms
def test_a_broken_claim_is_found(form: str, claim: Claim, what: When, tmp_path: Path) -> None:
    assert "wrong-claim" in wrong(form, wrong_claim(claim, what), tmp_path)


@pytest.mark.parametrize("claim", [Claim.CAN, Claim.ALWAYS_CAN])
@pytest.mark.thorough
def test_what_cannot_come_about_is_found(claim: Claim, tmp_path: Path) -> None:
    listing = wrong_claim(claim, (("copy", ("present",)), ("private", (True,)), ("owner", ("shop",))))
    assert "wrong-claim" in wrong("murphi", listing, tmp_path)


@forms
@pytest.mark.thorough
def test_a_shipped_claim_without_what_it_assumes_is_found_broken(form: str, tmp_path: Path) -> None:
    claim = next(one for one in BASE.policy.properties if one.name == "linked-is-never-stale")
    listing = listed(claiming(BASE.under({"resume": "discard"}), replace(claim, assuming=())), 1, NOTES)
    assert claim.name in wrong(form, listing, tmp_path)


@forms
@pytest.mark.thorough
def test_a_step_that_the_rules_leave_open_is_found(form: str, tmp_path: Path) -> None:
    listing = listed(ATELIER, 1)
    opened = listing.table.moved.copy()
    opened[0, np.flatnonzero(opened[0] > 0)[0]] = UNDECIDED
    said = wrong(form, replace(listing, table=replace(listing.table, moved=opened)), tmp_path)
    assert "the rules decide every step" in said


@forms
@pytest.mark.thorough
def test_the_counts_at_the_top_are_those_of_explore(form: str, cli: Run) -> None:
    explored = Exploration(transition_table(BASE))
    code, out, err = cli("export", "--to", form)
    assert (code, err) == (0, "")
    assert f"expected:  {explored.states} states, {explored.transitions} transitions" in out
    assert BASE.policy.digest in out
    assert all(one.name in out for one in BASE.policy.properties)


@forms
def test_a_file_is_written_whole_and_named_in_its_commands(form: str, cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "two notes.txt"
    code, out, err = cli("export", "--to", form, "--items", "2", "--kind", "note", "--out", path)
    assert (code, err) == (0, "")
    assert str(path) in out
    assert "'two notes.txt'" in path.read_text()
    assert "time entry of" not in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--items", "0"], "0 is not in the range"),
        (["--items", "1000000000"], "is not in the range"),
        (["--kind", "notes"], "did you mean 'note'"),
        (["--out", "model.yaml"], "no name for a report"),
        (["--out", "nowhere/model.pml"], "nowhere/model.pml: unwritable"),
    ],
)
def test_bad_input_is_told(arguments: list[str], told: str, cli: Run) -> None:
    code, out, err = cli("export", "--to", "promela", *arguments)
    assert (code, out) == (2, "")
    assert told in err


@forms
def test_names_that_a_language_could_not_have_stand_in_comments_only(form: str) -> None:
    listing = listed(BASE, 1, NOTES)
    odd = replace(
        listing.table,
        statuses=tuple(f"{name} */ \"é\" 'n'" for name in listing.table.statuses),
        model=BASE.factory.of(replace(BASE.policy, properties=())).model({}),
    )
    text = WRITERS[form](replace(listing, table=odd, kinds=('a "kind" */',)))
    assert text.isascii()
    assert text.count("*/") == text.count("/*")
    assert "S_Unsent_n" in text


def test_names_that_differ_in_signs_only_stay_different() -> None:
    listing = listed(ATELIER, 1)
    alike = replace(listing, table=replace(listing.table, statuses=("on hold", "on-hold")))
    assert alike.statuses == ("S0_on_hold", "S1_on_hold")
