"""A system that follows the rules with one of them changed is laid to that rule, or to a statement that it cites."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns import SCENARIOS
from simsync.engine.actions import ActionError
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import WALKS, Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict
from simsync.questions.conform.diagnosis.variants import RuleChange, distinct_changes
from simsync.questions.conform.systems.direct import by_object
from simsync.reference import ReferenceSystem
from systems.desks import MODEL

DEFAULT = Sources(scenarios=SCENARIOS, walks=WALKS, systematic=True)
ROWS = [row for lookup in MODEL.tables.values() for row in lookup.table.rows]
CITED = {row.id: set(row.sources) for row in ROWS} | {t.id: set(t.sources) for t in MODEL.status_spec.transitions}
CHANGES = list(distinct_changes(MODEL, [(rule, "Waiting Approval") for rule in CITED]))


class Noting(ReferenceSystem):
    """Notes whether its rules, once changed, have holes: then it does what no rule says."""

    holes = False

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        try:
            answer = super().act(*arguments, **request)
        except ActionError as unknown:  # the only transition with this trigger is gone
            return {"refused": str(unknown)}
        self.holes |= any(outcome.defects for outcome in self._simulation.outcomes[-1:])
        return answer


def laid_to_what_was_changed(change: RuleChange) -> bool | None:
    """Whether a finding names the rule or what it cites; None where nothing is seen, or the rules have holes now."""
    system = Noting(change.model)
    report = campaign(Pool(lambda _: by_object(system, MODEL), 1), MODEL, DEFAULT, Terms(most_divergences=1))
    assert report.verdict in (CampaignVerdict.CONFORMS, CampaignVerdict.DIVERGES)
    if system.holes or report.verdict is CampaignVerdict.CONFORMS:
        return None
    rules = [rule for finding in report.findings for rule in finding.rules]
    return any(rule.id in change.rules or set(rule.sources) & CITED[change.rules[0]] for rule in rules)


def test_another_trigger_of_the_link_is_said_in_the_words_of_machines() -> None:
    abouts = {change.about for change in CHANGES if change.rules == ("other-edit",)}
    assert {"did not fire 'sever'", "fired 'share'", "meant that it is delivered and fired 'share'"} <= abouts
    assert not any("to the link" in about for about in abouts)


@pytest.mark.thorough
def test_one_changed_rule_is_named() -> None:
    judged = [laid_to_what_was_changed(change) for change in CHANGES[5::60]]
    assert False not in judged
    assert judged.count(True) >= 6


@pytest.mark.long
def test_every_changed_rule_is_named() -> None:
    judged = {str(change): laid_to_what_was_changed(change) for change in CHANGES}
    assert [name for name, found in judged.items() if found is False] == []
    assert list(judged.values()).count(True) > 300
