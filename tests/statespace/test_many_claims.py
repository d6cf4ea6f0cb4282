"""More claims about steps than a word has bits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.policy.policy import Claim, Property
from simsync.questions.export.listing import Listing
from simsync.questions.export.murphi import murphi
from simsync.questions.export.promela import promela
from simsync.report.phrases import meaning
from simsync.statespace.explicit import ExplicitSearch
from simsync.statespace.properties import Exploration, Verdict, breaking
from simsync.statespace.transition_table import TransitionTable, transition_table

BASE = load_model(ROOT / "tests" / "policies" / "atelier")
PHASE = next(iter(BASE.policy.status.phases))
TRUE = (("change", ("create",)), ("phase", (PHASE,)))
"""What some step has."""
FALSE = (("change", ("create",)), ("copy", ("present",)))
"""What no step has: nothing that is created has a copy yet."""


@pytest.fixture(scope="module")
def table() -> TransitionTable:
    broken = {3, 63, 64, 130}
    claims = tuple(
        Property(name=f"claim-{n}", claim=Claim.NEVER, what=TRUE if n in broken else FALSE, sources=())
        for n in range(140)
    )
    return transition_table(BASE.factory.of(replace(BASE.policy, properties=claims)).model(BASE.readings))


def test_each_of_them_is_judged(table: TransitionTable) -> None:
    exploration = Exploration(table)
    judged = [exploration.judge(claim) for claim in table.model.never]
    assert [n for n, one in enumerate(judged) if one.verdict is Verdict.VIOLATED] == [3, 63, 64, 130]
    assert all(one.traces[0].events[-1].action == "create" for one in judged if one.traces)


def test_a_search_finds_each_of_them(table: TransitionTable) -> None:
    search = ExplicitSearch(table, 1)
    search.run()
    found = [n for n, claim in enumerate(table.model.never) if search.first(breaking(table, claim)) is not None]
    assert found == [3, 63, 64, 130]


def test_exports_name_each_of_them(table: TransitionTable) -> None:
    listing = Listing(table=table, items=1, kinds=tuple(BASE.vocabulary.kinds))
    told = "violated: claim-3\\nviolated: claim-63\\nviolated: claim-64\\nviolated: claim-130\\n"
    assert f'"{told}"' in promela(listing)
    source = murphi(listing)
    asserted = {n for n in range(140) if f'assert "claim-{n}" event' in source}
    assert asserted == {3, 63, 64, 130}


def test_a_claim_is_told_in_a_sentence() -> None:
    claim = Property(name="p", claim=Claim.NEVER, what=FALSE, says="Nothing new has\n  a copy yet.", sources=())
    assert meaning(claim) == "Nothing new has a copy yet."
    assert meaning(replace(claim, says="")) == "On no step: change: create; copy: present."


def test_every_shipped_claim_says_what_it_holds() -> None:
    for one in load_model(ROOT / "machines").policy.properties:
        assert one.says.endswith("."), one.name
        assert not one.assuming or "Assumes" in one.says, one.name
