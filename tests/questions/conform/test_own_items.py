"""What the product makes by itself is not compared; each ticket may show a status of its own."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from campaigns import ATELIER, SCENARIOS, judged
from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.policy.policy import Value
from simsync.questions.conform.campaign.campaign import Terms
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.trial import try_scenario
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, Report
from simsync.questions.conform.report.as_json import as_json
from simsync.questions.conform.report.differences import differences
from simsync.questions.conform.report.text import remaining
from simsync.questions.conform.systems.deviation import Deviation
from simsync.questions.conform.systems.files import load_names
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.questions.conform.systems.protocol import ShownNames, SystemFault, observed_of
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.sut import System
from simsync.questions.conform.systems.translation import Translation
from simsync.reference import ReferenceSystem
from simsync.scenarios.loading import ScenarioLoader
from systems.desks import MODEL

RESUMED = Sources(scenarios=[one for one in SCENARIOS if "suspension" in one.file])
IGNORED = Names(own=({},))


class Reasoning(ReferenceSystem):
    """It puts a note on both tickets after each rejection."""

    flags = False

    def __init__(self) -> None:
        super().__init__(MODEL)

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        moves = [one.event.action for one in self._simulation.outcomes if one.moved]
        count = moves.count("reject completion")
        for number in range(count):
            for ticket in shown["tickets"].values():
                flag = {"system": True} if self.flags else {}
                ticket[f"S{number}"] = {"kind": "note", "text": "No.", "internal_users_only": False, **flag}
        self.spoil(shown["tickets"], count)
        return shown

    def spoil(self, tickets: dict[str, dict[str, Any]], rejections: int) -> None:
        """Show something else."""


class Flagging(Reasoning):
    """It says that the notes are its own."""

    flags = True


class Hiding(Flagging):
    """After a rejection, deletions do not cross any more."""

    def spoil(self, tickets: dict[str, dict[str, Any]], rejections: int) -> None:
        for one in self._simulation.outcomes if rejections else ():
            if one.event.action == "delete" and one.synced:
                other = self.model.vocabulary.other(one.event.actor)
                tickets[other][one.event.item or ""] = {"kind": "note", "text": ""}


class Doubling(Reasoning):
    """At each rejection the lead's own items come twice."""

    def spoil(self, tickets: dict[str, dict[str, Any]], rejections: int) -> None:
        for name, view in list(tickets["lead"].items()) if rejections else ():
            if not name.startswith("S"):
                tickets["lead"][f"{name} again"] = dict(view)


def test_items_that_the_system_calls_its_own_are_left_out_and_counted() -> None:
    report = judged(Flagging, sources=RESUMED)
    assert report.verdict is CampaignVerdict.CONFORMS
    assert len(report.own) == 10
    assert f"not compared: {sum(report.own)} items of the product's own, in 10 sequences" in list(remaining(report))
    assert as_json(report, {})["own_items"] == {"items": sum(report.own), "sequences": 10}


def test_so_are_those_that_a_mapping_says_are() -> None:
    assert judged(Reasoning, sources=RESUMED, names=IGNORED).verdict is CampaignVerdict.CONFORMS
    assert judged(Reasoning, sources=RESUMED, names=Names(own=({"text": "No."},))).verdict is CampaignVerdict.CONFORMS
    assert judged(Reasoning, sources=RESUMED, names=Names(own=({"text": "Yes."},))).verdict is CampaignVerdict.DIVERGES
    assert judged(Reasoning, sources=RESUMED).verdict is CampaignVerdict.DIVERGES


def test_what_comes_after_such_an_item_is_judged() -> None:
    text = b"scenario: After\ngiven: {status: Waiting Approval}\nsteps:\n"
    text += b"  - lead: create note N1\n  - lead: reject completion\n  - lead: delete N1\n"
    after = ScenarioLoader(MODEL.factory).load_bytes(text, "after.yaml").scenarios
    report = judged(Hiding, sources=Sources(scenarios=after))
    assert [finding.rules[0].id for finding in report.findings] == ["own-delete"]


def test_what_comes_after_one_that_is_a_known_deviation_is_judged() -> None:
    class Silent(Hiding):
        flags = False

    text = b"scenario: After\ngiven: {status: Waiting Approval}\nsteps:\n"
    text += b"  - lead: create note N1\n  - lead: reject completion\n  - lead: delete N1\n"
    after = ScenarioLoader(MODEL.factory).load_bytes(text, "after.yaml").scenarios
    known = Deviation(rule="lead-rejects", reason="it writes a note", expires=date(2030, 1, 1))
    report = judged(Silent, sources=Sources(scenarios=after), terms=Terms(known=[known], today=date(2027, 1, 1)))
    assert report.verdict is CampaignVerdict.DIVERGES
    assert [(one.rules[0].id, one.known) for one in report.findings] == [("lead-rejects", known), ("own-delete", None)]


def test_a_second_copy_is_never_the_products_own() -> None:
    report = judged(Doubling, sources=RESUMED, names=IGNORED)
    assert report.verdict is CampaignVerdict.DIVERGES
    assert any(" again" in at for at, _, _ in differences(report.findings[0]))


def test_an_item_that_an_action_made_is_compared_whatever_the_system_says_of_it() -> None:
    class Claiming(ReferenceSystem):
        def observe(self) -> dict[str, Any]:
            shown = copy.deepcopy(super().observe())
            for ticket in shown["tickets"].values():
                for view in ticket.values():
                    view.update(system=True, words="something else")
            return shown

    report = judged(lambda: Claiming(ATELIER), model=ATELIER, sources=Sources(texts=10))
    assert report.verdict is CampaignVerdict.DIVERGES
    assert report.own == ()


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("own items: ignored", ({},)),
        ("own items: [{kind: note, text: Rejected}]", ({"kind": "note", "text": "Rejected"},)),
        ("own items:\n  - internal_users_only: true\n", ({"internal_users_only": True},)),
    ],
)
def test_a_mapping_says_which_items_are_the_products_own(tmp_path: Path, text: str, own: tuple[Any, ...]) -> None:
    (tmp_path / "names.yaml").write_text(text)
    assert load_names(str(tmp_path / "names.yaml"), MODEL).own == own


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("own items: ignore", "'ignore' is not what becomes of them; did you mean 'ignored'?"),
        ("own items: {kind: note}", "'ignored', or a list of what such items show, is wanted here, not a mapping"),
        ("own items: [{kind: memo}]", "'memo' is not a kind"),
        ("own items: [{flavour: sour}]", "'flavour' is not a key of what such an item shows"),
        ("own items: []", "a list of at least 1"),
        ("longest text: many", "a whole number from 1 on is wanted here, not 'many'"),
        ("longest text: 0", "a whole number from 1 on is wanted here, not '0'"),
    ],
)
def test_what_a_mapping_cannot_say_of_them(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "names.yaml").write_text(text)
    with pytest.raises(SimsyncError) as raised:
        load_names(str(tmp_path / "names.yaml"), MODEL)
    assert told in str(raised.value)


class OfEach(ReferenceSystem):
    """Each ticket shows its own status."""

    def __init__(self) -> None:
        super().__init__(MODEL)

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        return {**shown, "status": self.statuses(shown["status"])}

    def statuses(self, status: str) -> dict[str, Any]:
        """What each shows."""
        return {"lead": status, "service": status}


class WithoutTicket(OfEach):
    """The service partner shows none before it has a ticket."""

    def statuses(self, status: str) -> dict[str, Any]:
        early = MODEL.phase(status) == MODEL.phase(MODEL.status_spec.initial)
        return {"lead": status, "service": None} if early else super().statuses(status)


class Stuck(OfEach):
    """The service partner never hears of an approval."""

    def statuses(self, status: str) -> dict[str, Any]:
        last = self._simulation.outcomes[-1] if self._simulation.outcomes else None
        approved = last is not None and last.event.action == "approve completion" and last.moved
        return {"lead": status, "service": last.before.status if last and approved else status}


class Silent(OfEach):
    """The service partner's ticket shows no status."""

    def statuses(self, status: str) -> dict[str, Any]:
        return {"lead": status}


STATUSES = Sources(systematic=True)


@pytest.mark.parametrize("make", [OfEach, WithoutTicket])
def test_each_ticket_may_show_its_own_status(make: Callable[[], OfEach]) -> None:
    report = judged(make, sources=RESUMED)
    assert report.verdict is CampaignVerdict.CONFORMS


def test_a_status_that_one_partner_does_not_hear_of_is_found_and_said_whose_it_is() -> None:
    approving = [one for one in SCENARIOS if any(step.event.action == "approve completion" for step in one.steps)]
    report: Report = judged(Stuck, sources=Sources(scenarios=approving[:3]))
    (finding,) = report.findings
    assert finding.rules[0].id == "lead-approves"
    assert list(differences(finding)) == [("service's status", "Complete", "Waiting Approval")]
    found = as_json(report, {})["divergences"][0]
    assert found["differs"] == ["status"]
    assert found["actual"]["status"] == {"lead": "Complete", "service": "Waiting Approval"}
    system = System(lambda limits: PythonConnection(Stuck, limits), MODEL)
    trial = try_scenario(system, MODEL, finding_scenario(report))
    assert trial.diverged is not None
    assert [one.at for one in trial.diverged.steps[-1].failures] == ["service.status"]
    system.close()


def finding_scenario(report: Report) -> Any:
    """The scenario in which the first finding was seen first."""
    return next(one for one in SCENARIOS if f"{one.file}:{one.line}" == report.findings[0].seen_in[0])


def test_a_partner_with_a_ticket_shows_a_status() -> None:
    fault = judged(Silent, sources=RESUMED).faults[0].fault
    assert fault is not None
    assert fault.trouble == "reset"


def shown(status: Any, model: Model = MODEL, names: Names = SAME) -> Any:
    """What is read of a status."""
    return Translation(model, names).read(ShownNames(status=status, tickets={}, notified=()), {})


def test_statuses_are_read_in_our_names() -> None:
    names = Names(partners={"lead": "customer"}, statuses={"In Progress": 8})
    read = shown({"customer": 8, "service": "Accepted"}, names=names)
    assert read.statuses == {"lead": "In Progress", "service": "Accepted"}
    assert read.status == "lead: In Progress, service: Accepted"
    assert shown({"lead": "Accepted", "service": "Accepted"}).status == "Accepted"
    with pytest.raises(SystemFault, match="it shows a status of 'third'; the partners are lead, service"):
        shown({"lead": "Accepted", "third": "Accepted"})


@pytest.mark.parametrize("status", [{}, {"lead": []}, {"lead": True}, [], None])
def test_what_is_no_status_is_said(status: Any) -> None:
    with pytest.raises(SystemFault, match='a text as "status", or an object with a text for each partner'):
        observed_of({"status": status, "tickets": {}})


def log_with(own: dict[str, Any]) -> str:
    """A log of a rejection, after which both tickets show something that no line creates."""
    one = {"kind": "note", "text": "One", "internal_users_only": False}
    said = {"ticket": "T1", "actor": "lead"}
    lines = [
        {**said, "action": "create", "item": "N1", "kind": "note", "text": "One", "before": "Waiting Approval"},
        {**said, "action": "reject completion", "status": "In Progress"},
        {**said, "action": "delete", "item": "N1"},
    ]
    tickets = [{"lead": {"N1": one}, "service": {}}]
    tickets += [{partner: {"N1": one, "S1": own} for partner in ("lead", "service")}]
    tickets += [{partner: {"S1": own} for partner in ("lead", "service")}]
    both = zip(lines, tickets, strict=True)
    return "".join(json.dumps({**line, "tickets": shown}) + "\n" for line, shown in both)


@pytest.mark.parametrize(
    ("own", "mapping", "legal"),
    [
        ({"kind": "note", "text": "No."}, "", False),
        ({"kind": "note", "text": "No.", "system": True}, "", True),
        ({"kind": "note", "text": "No."}, "own items: ignored", True),
        ({"kind": "note", "text": "No."}, "own items: [{text: No.}]", True),
        ({"kind": "note", "text": "No."}, "own items: [{text: Yes.}]", False),
        ({"kind": "note", "text": "One"}, "own items: ignored", False),
    ],
)
def test_a_log_may_show_the_products_own_items(
    tmp_path: Path, cli: Callable[..., tuple[int, str, str]], own: dict[str, Any], mapping: str, legal: bool
) -> None:
    (tmp_path / "log.jsonl").write_text(log_with(own))
    (tmp_path / "names.yaml").write_text(mapping or "ids: true")
    code, out, err = cli("replay", tmp_path / "log.jsonl", "--map", tmp_path / "names.yaml", "--format", "json")
    assert err == ""
    assert (code == 0) is legal, out


class Renaming(ReferenceSystem):
    """It follows the rules that have notes of the product's own, and calls and writes these otherwise."""

    loses = False

    def __init__(self) -> None:
        super().__init__(ADDED)

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Value] | None = None
    ) -> dict[str, Any]:
        return super().act(actor, action, item.replace("sys ", "reason-note"), kind, fields)

    def observe(self) -> dict[str, Any]:
        shown = copy.deepcopy(super().observe())
        for partner, ticket in shown["tickets"].items():
            for name in [name for name in ticket if name.startswith("reason-note")]:
                view = ticket.pop(name)
                if view["text"] == "The completion was rejected.":
                    view["text"] = "The cable is loose."
                if not (self.loses and partner == "service"):
                    ticket[name.replace("reason-note", "sys ")] = {**view, "system": True}
        return shown


class Losing(Renaming):
    """The service partner never sees them."""

    loses = True


ADDED = MODEL.under({"reason_note": "added"})
NOTES = Sources(scenarios=[one for one in SCENARIOS if "reason_note" in one.file])


def test_items_that_the_rules_have_the_product_make_are_recognized_whatever_they_are_called() -> None:
    report = judged(Renaming, model=ADDED, sources=NOTES)
    assert report.verdict is CampaignVerdict.CONFORMS
    assert report.conforming == 3
    assert sum(report.own) == 0


def test_and_one_that_is_not_on_both_tickets_is_missed() -> None:
    report = judged(Losing, model=ADDED, sources=NOTES)
    assert report.verdict is CampaignVerdict.DIVERGES
    assert {at for at, _, _ in differences(report.findings[0])} >= {"service's reason-note"}
