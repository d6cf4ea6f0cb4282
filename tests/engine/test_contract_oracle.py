"""The engine against the contract as a plain program, on random scenarios under every mix of readings."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from oracle import contract, walks
from sampling import few
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.view import ticket
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario

CONTRACT_EXAMPLE = """\
scenario: Editing the other partner's note severs the link   # required
about: free text                                             # optional
sources: [S15, S16]                                          # optional
given: {status: In Progress, readings: {resume: discard}}    # optional; this status and the defaults
steps:
  - service: create note N1
    text: Disk replaced
    expect:
      synced: true
      link: linked
      lead: {text: Disk replaced, internal_users_only: true, customer_visible: false}
  - lead: edit N1
    text: Disk and cable replaced
    expect: {synced: false, link: severed, rule: other-edit}
  - service: delete N1
    expect: {synced: false, service: absent, lead: {text: Disk and cable replaced}}
  - service: insource complete
    expect: {status: Waiting Approval, notified: [primary contact], items: {N1: {link: severed}}}
  - service: insource complete
    expect: {refused: true}
finally: {status: Waiting Approval, items: {N1: {lead: {kind: note}, service: absent}}}
"""


def observed(model: Model, outcome: Outcome) -> dict[str, Any]:
    return {
        "refused": outcome.refused is not None,
        "synced": outcome.synced,
        "status": outcome.after.status,
        "links": {name: after for name, (_, after) in outcome.links.items()},
        "tickets": {p: ticket(model.vocabulary, outcome.after, p) for p in ("lead", "service")},
        "notified": sorted(outcome.notified),
    }


def compare(model: Model, loader: ScenarioLoader, seed: int, count: int) -> int:
    steps = 0
    for document in walks.scenarios(seed, count):
        data = yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()
        file = loader.load_bytes(data, "walk.yaml")
        assert not file.diagnostics, f"{file.diagnostics[0]}\n{data.decode()}"
        result = run_scenario(model, file.scenarios[0])
        for expected, step in zip(contract.run(document), result.steps, strict=True):
            assert not step.failures or step.outcome.refused, step.failures
            expected["notified"].sort()
            assert observed(model, step.outcome) == expected, f"line {step.step.line} of\n{data.decode()}"
            steps += 1
    return steps


def test_the_contracts_own_example_passes(model: Model, loader: ScenarioLoader) -> None:
    file = loader.load_bytes(CONTRACT_EXAMPLE.encode(), "example.yaml")
    assert not file.diagnostics
    result = run_scenario(model, file.scenarios[0])
    assert result.passed
    assert result.steps[0].outcome.rules[0] == "own-create"
    assert {"S9", "S12"} <= set(result.steps[0].outcome.sources)


@pytest.mark.parametrize("count", few([200, 3000], 2))
def test_random_scenarios_agree_with_the_contract(model: Model, loader: ScenarioLoader, count: int) -> None:
    assert compare(model, loader, seed=1, count=count) > 6 * count


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 110))
def test_many_random_scenarios_agree_with_the_contract(model: Model, loader: ScenarioLoader, seed: int) -> None:
    assert compare(model, loader, seed=seed, count=10_000) > 70_000
