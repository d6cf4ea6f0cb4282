"""One desk of the example by itself: what it takes in twice, what it refuses, and what it says of nonsense."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT
from driving import Answer
from examples.two_desks.client import Client
from examples.two_desks.desk import Desk
from examples.two_desks.lifecycle import RefusedError
from examples.two_desks.receiving import receive
from examples.two_desks.store import Store
from examples.two_desks.worker import translated


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    stores = [Store(tmp_path / f"{name}.sqlite") for name in "LS"]
    yield Desk("L", stores[0]), Desk("S", stores[1])
    for store in stores:
        store.close()


def carried(source: Desk, target: Desk) -> None:
    """Everything in the source's outbox is brought over, and stays there: nobody says that it has arrived."""
    for entry in source.store.pending():
        message = translated(entry["message"])
        assert message is not None
        receive(target, entry["number"], message)


def test_what_is_brought_twice_is_taken_in_once(pair: tuple[Desk, Desk]) -> None:
    lead, service = pair
    ticket = lead.open_ticket("Printer")["reference"]
    lead.act(ticket, "outsource")
    carried(lead, service)
    service.act(ticket, "accept")
    service.create(ticket, "TimeEntry", {"text": "1 h"})
    carried(service, lead)
    once = lead.shown(ticket)
    assert len(once["items"]) == 1
    carried(service, lead)
    assert lead.shown(ticket) == once


def test_where_both_act_at_once_the_lead_s_word_holds(pair: tuple[Desk, Desk]) -> None:
    lead, service = pair
    ticket = lead.open_ticket("Printer")["reference"]
    lead.act(ticket, "outsource")
    carried(lead, service)
    lead.act(ticket, "cancel")
    service.act(ticket, "accept")
    carried(service, lead)
    assert lead.shown(ticket)["outsource_status"] == "Canceled"
    carried(lead, service)
    assert service.shown(ticket)["outsource_status"] == "Canceled"


def test_an_exception_takes_back_the_whole_transaction(pair: tuple[Desk, Desk]) -> None:
    desk = pair[0]
    with pytest.raises(RefusedError), desk.store.transaction():  # noqa: PT012 - the first lines must succeed
        ticket = desk.open_ticket("Printer")["reference"]
        desk.act(ticket, "outsource")
        desk.act(ticket, "accept")
    assert desk.store.pending() == []
    assert desk.db.execute("SELECT count(*) FROM ticket").fetchone()[0] == 0


@pytest.fixture(scope="module")
def lead_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.two_desks"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        with process.stdout:
            client = Client(process.stdout.readline().split()[1])
        yield client
        client.close()
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize(
    ("status", "says", "method", "path", "body"),
    [
        (409, "'accept' is for the service partner", "POST", "/tickets/L-T1/outsourcing", {"action": "accept"}),
        (409, "'cancel' is not possible while the outsource status is Unsent", "POST", "/tickets/L-T1/outsourcing", {"action": "cancel"}),
        (409, "there is no action 'shred' here", "POST", "/tickets/L-T1/outsourcing", {"action": "shred"}),
        (404, "there is no ticket 'L-T9' on desk L", "GET", "/tickets/L-T9", None),
        (404, "ticket L-T1 does not show an item 'L-7'", "DELETE", "/tickets/L-T1/items/L-7", None),
        (404, "a ticket has time-entries, notes, charges, attachments", "POST", "/tickets/L-T1/parrots", {}),
        (422, "'title' is missing, or not a text", "POST", "/tickets", {}),
        (422, "a Charge takes no 'publish' here, only text", "POST", "/tickets/L-T1/charges", {"publish": "ALL_USERS"}),
        (422, "'publish' is ALL_USERS, INTERNAL_USERS, not True", "POST", "/tickets/L-T1/notes", {"publish": True}),
        (422, "'text' is a text, not 7", "POST", "/tickets/L-T1/notes", {"text": 7}),
        (422, "emails_after is a number, not 'x'", "GET", "/tickets/L-T1?emails_after=x", None),
        (422, "a message comes as {'number': ..., 'message': {...}}", "POST", "/inbox", {"number": "1"}),
        (422, "messages are of type status, item, deletion or notice, not 'poem'", "POST", "/inbox", {"number": 1, "message": {"type": "poem"}}),
        (422, "wait is a time in seconds", "GET", "/outbox?wait=long", None),
    ],
)  # fmt: skip
def test_a_desk_says_what_is_wrong(
    lead_desk: Client, status: int, says: str, method: str, path: str, body: Answer | None
) -> None:
    if lead_desk.call("GET", "/tickets/L-T1")[0] == 404:
        lead_desk.ask("POST", "/tickets", {"title": "Printer"})
    assert lead_desk.call(method, path, body) == (status, {"error": says})


def test_a_request_that_is_sent_again_is_done_once(lead_desk: Client) -> None:
    ticket = lead_desk.ask("POST", "/tickets", {"title": "Printer"})["reference"]
    answers = []
    for _ in range(2):
        request = urllib.request.Request(
            f"{lead_desk.address}/tickets/{ticket}/notes", b'{"text": "Once"}', {"Idempotency-Key": "k1"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            answers.append(json.loads(response.read()))
    assert answers[0] == answers[1]
    assert [item["text"] for item in lead_desk.ask("GET", f"/tickets/{ticket}")["items"]] == ["Once"]
