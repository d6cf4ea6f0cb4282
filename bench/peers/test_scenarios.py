"""pytest-bdd's steps over the hand-written model; copied next to the generated features. Not a test of simsync."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, scenarios, then, when
from ticketing import RefusedError, Ticketing

scenarios("features")


class Run:
    """One scenario as it goes."""

    ticketing: Ticketing
    verdict = ""


@pytest.fixture
def run() -> Iterator[Run]:
    """A fresh scenario."""
    one = Run()
    yield one
    one.ticketing.close()


@given(parsers.parse("the ticket is {status}"))
def ticket_is(run: Run, status: str) -> None:
    """Start."""
    run.ticketing = Ticketing(status)


def _do(run: Run, actor: str, action: str, fields: str) -> None:
    try:
        run.verdict = "synced" if run.ticketing.do(actor, action, json.loads(fields)) else "not synced"
    except RefusedError:
        run.verdict = "refused"


@when(parsers.re(r"the (?P<actor>\w+) does (?P<action>[^{]+) with (?P<fields>\{.*\})"))
def does_with(run: Run, actor: str, action: str, fields: str) -> None:
    """An action with fields."""
    _do(run, actor, action, fields)


@when(parsers.re(r"the (?P<actor>\w+) does (?P<action>[^{]+)"))
def does(run: Run, actor: str, action: str) -> None:
    """An action without fields."""
    _do(run, actor, action, "{}")


@then(parsers.parse("the step is {verdict}"))
def step_is(run: Run, verdict: str) -> None:
    """Check whether it was refused or synchronized."""
    assert run.verdict == verdict


@then(parsers.parse("the status is {status}"))
def status_is(run: Run, status: str) -> None:
    """Check the status."""
    assert run.ticketing.state == status


@then(parsers.parse("the links are {links}"))
def links_are(run: Run, links: str) -> None:
    """Check every link."""
    assert {name: item.link for name, item in run.ticketing.items.items()} == json.loads(links)
