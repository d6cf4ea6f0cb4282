"""Both at once, in a real browser: a round is put together, and one goes on from an outcome that one chooses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_page import OVERFLOWING, Watched, violations
from conftest import ROOT
from simsync.app import load_model, load_scenarios
from simsync.play.links import fragment
from simsync.play.page import write_page
from simsync.scenarios.simulate import run_scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

BOTH = """\
scenario: Both
given: {status: Assigned, readings: {resume: discard}}
steps:
  - together:
      - lead: cancel
      - service: accept
    expect: {outcomes: 2, refused: true}
  - lead: create note N1
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = load_model(ROOT / "machines")
    folder = tmp_path_factory.mktemp("play")
    (folder / "both.yaml").write_text(BOTH)
    write_page(model, load_scenarios(folder, model=model), str(folder / "play.html"))
    return folder / "play.html"


def press(page: Page, partner: int, name: str) -> None:
    page.locator(f"#ticket-{partner}").get_by_role("button", name=name, exact=True).click()


def write(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def ways(page: Page) -> Locator:
    return page.locator("#happened .way")


def edited_while_completed(page: Page) -> None:
    """A note is there; then the service partner edits it while the lead completes."""
    press(page, 1, "note")
    write(page, "Disk replaced")
    page.click("#open-round")
    press(page, 1, "edit N1")
    write(page, "Cable replaced")
    press(page, 0, "complete")
    page.get_by_role("button", name="see what comes of it").click()


def test_every_order_stands_side_by_side_and_one_goes_on_from_either(browser: Browser, path: Path) -> None:
    watched = Watched(browser)
    page = watched.open(path)
    edited_while_completed(page)
    assert page.inner_text("#said").endswith("The order matters: 2 different outcomes. They stand side by side below.")
    assert "status\nIn Progress → Complete" in page.inner_text("#happened .orders > dl")
    first, second = ways(page).all_inner_texts()
    assert first.startswith("service: edit N1, then lead: complete\non lead’s ticket\nN1: note, “Cable replaced”")
    assert first.endswith("The history goes on from this one.")
    assert second.startswith("lead: complete, then service: edit N1\non lead’s ticket\nN1: note, “Disk replaced”")
    assert "“Cable replaced”" in (page.text_content("#ticket-0") or "")
    page.get_by_role("button", name="go on from this one instead").click()
    assert "“Disk replaced”" in (page.text_content("#ticket-0") or "")
    assert [one.endswith("goes on from this one.") for one in ways(page).all_inner_texts()] == [False, True]
    assert page.text_content("#steps .here .did") == "at once: lead: complete; service: edit N1 (“Cable replaced”)"
    assert page.locator("#steps .branches button").count() == 1
    page.keyboard.press("Control+z")
    assert "“Cable replaced”" in (page.text_content("#ticket-0") or "")
    page.keyboard.press("Control+z")
    assert page.inner_text("#status .state") == "In Progress"
    for _ in range(2):
        page.keyboard.press("Control+y")
    assert "“Disk replaced”" in (page.text_content("#ticket-0") or "")
    assert watched.noise == []


@pytest.mark.thorough
def test_what_was_done_after_a_round_is_done_after_its_other_order(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    edited_while_completed(page)
    press(page, 0, "note")
    write(page, "Later")
    page.locator("#steps button").nth(1).click()
    page.get_by_role("button", name="go on from this one instead").click()
    page.keyboard.press("Control+y")
    assert "“Later”" in (page.text_content("#ticket-0") or "")
    assert "“Disk replaced”" in (page.text_content("#ticket-0") or "")


@pytest.mark.thorough
def test_a_round_is_put_together_by_keyboard_and_can_be_changed(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    page.locator("#open-round").press("Enter")
    assert page.evaluate("document.activeElement.dataset.key") == "round"
    page.locator("[data-key='create|service|note']").press("Enter")
    write(page, "New")
    assert page.evaluate("document.activeElement.dataset.key") == "edit|service|N1"
    page.keyboard.press("Enter")
    write(page, "Newer")
    page.locator("[data-key='act|lead|approve completion']").press("Enter")
    page.locator("[data-key='act|service|insource complete']").press("Enter")
    page.locator("[data-key='act|lead|complete']").press("Enter")
    assert page.locator("#round li").count() == 5
    page.locator("#round [data-key='leave|4']").press("Enter")
    assert page.locator("#round li").count() == 4
    page.keyboard.press("Control+z")
    assert page.locator("#round li").count() == 3
    page.keyboard.press("Control+y")
    page.locator("[data-key='act|service|insource complete']").press("Enter")
    page.locator("[data-key='go']").press("Enter")
    assert page.evaluate("document.activeElement.dataset.key") == "happened"
    told = page.inner_text("#happened")
    assert "service: create note N1, then service: edit N1, then service: insource complete, then lead: approve" in told
    assert "lead: approve completion is refused: 'approve completion' is possible in Waiting Approval only" in told


@pytest.mark.thorough
def test_it_is_saved_opened_and_sent_as_it_was_done(browser: Browser, path: Path, tmp_path: Path) -> None:
    page = Watched(browser).open(path)
    edited_while_completed(page)
    page.get_by_role("button", name="go on from this one instead").click()
    page.click("#open-save")
    model = load_model(ROOT / "machines")
    for in_turn, events in ((False, ["edit N1", "complete"]), (True, ["complete", "edit N1"])):
        page.get_by_label("one after the other").set_checked(in_turn)
        with page.expect_download() as download:
            page.click("#download")
        download.value.save_as(tmp_path / "s.yaml")
        (scenario,) = load_scenarios(tmp_path / "s.yaml", model=model)
        assert [str(one.event) for one in scenario.steps[1:]] == events
        assert [{check.at: check.expected for check in one.checks}["outcomes"] for one in scenario.rounds] == [2] * (
            not in_turn
        )
        assert run_scenario(model, scenario).passed
    page.get_by_label("one after the other").set_checked(False)
    page.keyboard.press("Escape")
    page.click("#open-link")
    link = page.input_value("#link-text")
    again = Watched(browser).page
    again.goto(link)
    assert again.text_content("#steps .here .did") == "at once: lead: complete; service: edit N1 (“Cable replaced”)"
    assert "“Disk replaced”" in (again.text_content("#ticket-0") or "")


@pytest.mark.thorough
def test_what_a_file_cannot_say_of_every_order_is_told(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    (scenario,) = load_scenarios(path.parent, model=load_model(ROOT / "machines"))
    page.evaluate("link => { location.hash = link }", fragment(scenario.overlapping))
    page.wait_for_function("document.querySelectorAll('#steps li').length === 2")
    page.click("#open-save")
    assert page.inner_text("#save-doubts") == ""
    page.keyboard.press("Escape")
    press(page, 0, "outsource")
    page.click("#open-save")
    assert "simsync run follows every order" in page.inner_text("#save-doubts")
    assert page.inner_text("#save-doubts").endswith(
        "step 3 is refused or done, as the order of what was done at once before it has it."
    )
    page.get_by_label("one after the other").check()
    assert page.inner_text("#save-doubts") == ""


@pytest.mark.thorough
def test_a_scenario_with_a_round_opens_under_its_readings(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    page.click("#open-begin")
    page.click("#open-scenario")
    assert page.locator("#steps li").count() == 2
    assert page.inner_text("#status .state") == "Canceled"
    page.locator("#steps button").first.click()
    answers = ways(page).all_inner_texts()
    assert "service: accept is refused: 'accept' is possible in Assigned only; the status is Canceled" in answers[0]
    assert "lead: cancel is refused: 'cancel' is possible in Assigned only; the status is Accepted" in answers[1]
    page.locator("#all-readings > details > summary").click()
    assert page.locator("#switches").get_by_label("never delivered as such").is_checked()


@pytest.mark.thorough
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_accessible_and_nothing_overflows(browser: Browser, path: Path, dark: bool, width: int) -> None:
    page = Watched(browser, width, dark=dark).open(path)
    page.click("#open-round")
    assert violations(page) == []
    press(page, 0, "note")
    write(page, "x" * 120)
    press(page, 1, "insource complete")
    assert violations(page) == []
    assert page.evaluate(OVERFLOWING) == []
    page.get_by_role("button", name="see what comes of it").click()
    assert ways(page).count() == 2
    assert violations(page) == []
    assert page.evaluate(OVERFLOWING) == []
