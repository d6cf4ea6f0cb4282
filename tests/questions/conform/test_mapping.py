"""Mapping files: names by number, and names that would merge two of ours."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.world import Event
from simsync.questions.conform.systems.files import load_names
from simsync.questions.conform.systems.protocol import SystemFault
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.sut import System
from simsync.reference import ReferenceSystem

MODEL = load_model(ROOT / "machines")
STATUSES = {name: number for number, name in enumerate(MODEL.status_spec.states, 1)}
PICKLISTS = f"statuses: {{{', '.join(f'{name}: {number}' for name, number in STATUSES.items())}}}\n" + (
    "kinds: {note: 12, charge: 13}\nrecipients: {primary contact: 29682}\nvalues: {internal: {false: 1, true: 2}}\n"
)


class Numbered(ReferenceSystem):
    """Says numbers, as a vendor's picklists have them."""

    def reset(self, status: Any) -> dict[str, Any]:
        return super().reset({number: name for name, number in STATUSES.items()}[status])

    def act(self, actor: str, action: str, item: str = "", kind: Any = "", fields: Any = None) -> dict[str, Any]:
        kind = {12: "note", 13: "charge"}.get(kind, kind)
        fields = {name: value == 2 if name == "internal" else value for name, value in (fields or {}).items()}
        return super().act(actor, action, item, kind, fields)

    def observe(self) -> dict[str, Any]:
        said = super().observe()
        for view in (view for shown in said["tickets"].values() for view in shown.values()):
            view["kind"] = {"note": 12, "charge": 13}.get(view["kind"], view["kind"])
        return {
            "status": STATUSES[said["status"]],
            "tickets": said["tickets"],
            "notified": [29682 if one == "primary contact" else one for one in said["notified"]],
        }


def numbered(tmp_path: Path, text: str) -> System:
    (tmp_path / "names.yaml").write_text(text)
    names = load_names(str(tmp_path / "names.yaml"), MODEL)
    return System(partial(PythonConnection, partial(Numbered, MODEL)), MODEL, names)


def test_names_can_be_numbers(tmp_path: Path) -> None:
    system = numbered(tmp_path, PICKLISTS)
    assert system.begin("In Progress").status == "In Progress"
    fields: dict[str, str | bool] = {"text": "a", "internal": True}
    assert system.act(Event(actor="lead", action="create", item="N1", kind="note", fields=fields)) is None
    assert system.observe().tickets["lead"]["N1"]["kind"] == "note"
    assert system.act(Event(actor="service", action="insource complete")) is None
    shown = system.observe()
    assert (shown.status, shown.notified) == ("Waiting Approval", ("primary contact",))
    system.close()


def test_a_number_without_a_name_is_told(tmp_path: Path) -> None:
    system = numbered(tmp_path, PICKLISTS.replace("Waiting Approval: 7", "Waiting Approval: 70"))
    system.begin("In Progress")
    system.act(Event(actor="service", action="insource complete"))
    with pytest.raises(SystemFault, match="not the number 7, for which the mapping has no name"):
        system.observe()


MERGED = [
    ("kinds: {note: charge}\n", ":1:9: duplicate-key: 'charge' stands for two kinds, 'charge' and 'note'"),
    ("actions: {complete: end, approve completion: end}\n", ":1:26: duplicate-key: 'end' stands for two actions"),
    ("values: {internal: {true: false}}\n", ":1:21: duplicate-key: 'false' stands for two values of 'internal'"),
    ("statuses: {Accepted: 5, Complete: 5}\n", ":1:25: duplicate-key: '5' stands for two statuses"),
    ("kinds: &a {note: *a}\n", ":1:8: too-large: an alias stands for something that contains it"),
    ("fields: {internal: text}\n", ":1:10: duplicate-key: 'text' stands for two"),
]  # fmt: skip
IN_LOGS = [
    ("partners: {lead: [anna, bob], service: [carl, bob]}\n", ":1:31: duplicate-key: 'bob' stands for two partners"),
    ("partners: {lead: [anna, service]}\n", ":1:12: duplicate-key: 'service' stands for two partners"),
    ("partners: {lead: []}\n", ":1:18: wrong-type: a list of at least 1 is wanted here, not an empty list"),
    ("copies: {17: S-9, 18: S-9}\n", ":1:19: duplicate-key: 'S-9' stands for the copies of two items, '17' and '18'"),
    ("columns: {item: ticket}\n", ":1:11: duplicate-key: 'ticket' stands for two columns, 'ticket' and 'item'"),
    ("fields: {text: status}\n", ":1:10: duplicate-key: 'status' stands for two columns, 'status' and 'text'"),
    ('values: {internal: {true: 1, false: "1"}}\n', ":1:30: duplicate-key: '1' stands for two values"),
]


@pytest.mark.parametrize(("text", "told"), MERGED)
@pytest.mark.parametrize("command", [("conform", "--sut-python", "simsync.reference:system"), ("replay", "log.jsonl")])
def test_names_that_would_merge_two_of_ours_are_refused(
    cli: Run, tmp_path: Path, command: tuple[str, ...], text: str, told: str
) -> None:
    (tmp_path / "names.yaml").write_text(text)
    code, _, err = cli(*command, "--map", tmp_path / "names.yaml")
    assert code == 2
    assert f"{tmp_path / 'names.yaml'}{told}" in err


@pytest.mark.parametrize(("text", "told"), IN_LOGS)
def test_columns_that_would_merge_two_of_ours_are_refused(cli: Run, tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "names.yaml").write_text(text)
    code, _, err = cli("replay", "log.jsonl", "--map", tmp_path / "names.yaml")
    assert code == 2
    assert f"{tmp_path / 'names.yaml'}{told}" in err


@pytest.mark.parametrize(
    "text",
    [
        "kinds: {note: charge, charge: note}\n",  # each other's
        "shown: {internal_users_only: publish, customer_visible: publish}\nvalues:\n"
        "  internal_users_only: {true: 2, false: 1}\n  customer_visible: {true: 1, false: 2}\n",
    ],
)
def test_names_from_which_ours_can_be_told_are_taken(tmp_path: Path, text: str) -> None:
    (tmp_path / "names.yaml").write_text(text)
    assert load_names(str(tmp_path / "names.yaml"), MODEL)


def test_a_system_is_told_one_name(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text("partners: {lead: [anna, bob]}\nkinds: {note: [1, 2]}\n")
    code, _, err = cli("conform", "--sut-python", "simsync.reference:system", "--map", tmp_path / "names.yaml")
    assert code == 2
    told = "wrong-type: one name is wanted here, not a list; it is said to the system, and only a log may have several"
    assert f"{tmp_path / 'names.yaml'}:1:18: {told}" in err
    assert f"{tmp_path / 'names.yaml'}:2:15: {told}" in err
