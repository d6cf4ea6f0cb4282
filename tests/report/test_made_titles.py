"""Titles of scenarios that were made: in words, what is done and what comes of it."""

from __future__ import annotations

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.report.made_titles import title_in_words, titles_in_words

NOTE = Event(actor="service", action="create", kind="note", item="N1", fields={"text": "a"})
CASES = [
    (
        Trace(status="In Progress", events=(NOTE,)),
        {},
        "Given In Progress, service creates a note, and it appears on lead's ticket and its link is linked",
    ),
    (
        Trace(status="In Progress", events=(NOTE, Event(actor="lead", action="delete", item="N1"))),
        {},
        "Given In Progress, lead deletes service's note, and nothing crosses over and its link is severed",
    ),
    (
        Trace(
            status="Waiting Approval",
            readings={"resume": "discard"},
            events=(NOTE, Event(actor="lead", action="reject completion")),
        ),
        {"before": 0},
        "Given Waiting Approval, service creates a note, then lead does reject completion, and that leads to"
        " In Progress (resume=discard)",
    ),
    (
        Trace(
            status="In Progress",
            events=(NOTE, Event(actor="service", action="edit", item="N1", fields={"internal": True})),
        ),
        {"before": 0},
        "Given In Progress, service creates a note, then changes it (internal), and nothing crosses over",
    ),
    (Trace(status="Unsent", events=(NOTE,)), {}, "Given Unsent, service creates a note, and that is refused"),
    (
        Trace(status="Assigned", events=(Event(actor="service", action="accept"),)),
        {},
        "Given Assigned, service does accept, and that leads to Accepted and primary contact is told",
    ),
]


@pytest.mark.parametrize(("way", "where", "title"), CASES)
def test_a_title_says_what_is_done_and_what_comes_of_it(
    model: Model, way: Trace, where: dict[str, int], title: str
) -> None:
    assert title_in_words(model, way, **where) == title


def test_titles_side_by_side_are_told_apart_by_what_came_before(model: Model) -> None:
    submit, reject = Event(actor="service", action="insource complete"), Event(actor="lead", action="reject completion")
    held = [Trace(status="In Progress", events=(*events, reject)) for events in ((submit,), (NOTE, submit))]
    rejected = "lead does reject completion, and that leads to In Progress and primary contact is told"
    assert titles_in_words(model, [held[0], held[1], held[1]]) == [
        f"Given Waiting Approval, {rejected}",
        "Given In Progress, service does insource complete, then lead does reject completion, and that leads to"
        " In Progress",
        f"Given Waiting Approval, {rejected} (2)",
    ]


def test_of_several_status_machines_the_actors_own_is_told() -> None:
    bridge = load_model(ROOT / "tests" / "policies" / "bridge")
    events = (Event(actor="customer", action="connect"),)
    status = bridge.status_spec.at({"connection": "Disconnected", "customer": "On hold", "provider": "Open"})
    assert status is not None
    assert title_in_words(bridge, Trace(status=status, events=events)) == (
        "Given Disconnected, On hold, customer does connect, and that leads to connection Connected and provider"
        " Pending"
    )
