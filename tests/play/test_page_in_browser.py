"""The page to act in, in a real browser, as a person would use it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_page import OVERFLOWING, Watched, violations
from conftest import ROOT, Run
from page_walks import POLICIES
from simsync.app import load_model, load_scenarios
from simsync.play.links import fragment
from simsync.play.page import page as page_text
from simsync.play.page import write_page
from simsync.scenarios.simulate import run_scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = load_model(ROOT / "machines")
    found = tmp_path_factory.mktemp("play") / "play.html"
    write_page(model, load_scenarios(ROOT / "scenarios", model=model), str(found))
    return found


def act(page: Page, partner: int, name: str) -> Locator:
    """A button on a partner's ticket, the first one's or the second one's."""
    return page.locator(f"#ticket-{partner}").get_by_role("button", name=name, exact=True)


def note(page: Page, partner: int, text: str, *, internal: bool = False) -> None:
    act(page, partner, "note").click()
    page.keyboard.type(text)
    page.locator("form.act").get_by_label("internal").set_checked(internal)
    page.keyboard.press("Tab")
    page.locator("form.act").get_by_role("button", name="create note").click()


def said(page: Page) -> str:
    return page.inner_text("#happened .lead")


def test_what_waited_and_never_arrives_is_said_where_the_status_ends_it(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "insource complete").click()
    note(page, 1, "Too late")
    act(page, 0, "approve completion").click()
    assert "Nothing crossed over. The link of N1 is now ended (" in said(page)
    assert "); lead’s ticket does not show it. Told: " in said(page)


def test_an_internal_note_is_made_public_and_the_partner_sees_it(browser: Browser, path: Path) -> None:
    watched = Watched(browser)
    page = watched.open(path)
    note(page, 1, "Disk replaced", internal=True)
    assert said(page) == "Service created the note N1. Nothing crossed over: lead’s ticket does not show N1."
    assert "N1 is not on this ticket" in page.inner_text("#ticket-0")
    assert page.evaluate("document.activeElement.dataset.key") == "edit|service|N1"
    page.keyboard.press("Enter")
    page.locator("form.act").get_by_label("internal").uncheck()
    page.locator("form.act").get_by_role("button", name="save N1").click()
    assert said(page).startswith("Service changed N1. It reached lead’s ticket (N1: note, “Disk replaced”, internal")
    copy = page.inner_text("#ticket-0 .item")
    assert "“Disk replaced”" in copy
    assert "✓ internal users only" in copy
    assert "– customer visible: no" in copy
    assert "late_publish=never\n\nstep 2: N1 is not on lead’s ticket" in page.inner_text("#matter")
    assert watched.noise == []
    assert watched.requests == [path.as_uri()]


def test_the_readings_say_the_same_as_a_refusal(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "insource complete").click()
    note(page, 1, "Too late")
    later = "When the lead rejects a completion, is what was done while suspended delivered? (step 2) resume"
    assert page.inner_text("#matter").endswith(f"but nothing of it is to be seen so far:\n\n{later}")
    act(page, 0, "complete").click(force=True)
    until = "Until when can the lead complete the ticket by itself? Also in Waiting Approval, where it has the effect"
    instead = page.inner_text(".instead")
    assert f"Read otherwise, it would be possible:\n\n{until} of approving.\n\nWhat would then happen:\n" in instead
    assert "\nWaiting Approval → Complete\nlink\nN1: held → ended\ntold\nprimary contact\n" in instead
    assert "It would be done if the status were Accepted or In Progress (it is Waiting Approval)" in instead
    assert page.inner_text("#matter").startswith("Read otherwise, “lead: complete” would be possible: see ")
    page.click("[data-key='all-the-same']")
    assert "lead_completes=any_time\n\nstep 3: it is done, instead of refused" in page.inner_text("#matter")
    page.locator(".instead .option").click()
    assert "“complete”. The status went from Waiting Approval to Complete" in said(page)


def test_a_reading_that_would_allow_an_action_is_chosen_where_it_is_refused(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    note(page, 1, "Disk replaced")
    page.locator("#all-readings > details > summary").click()
    page.get_by_label("read_only").check()
    act(page, 0, "edit N1").click(force=True)
    instead = page.inner_text(".instead")
    assert "It would be done, and reach the other ticket, if service did it, to whom N1 belongs" in instead
    assert "if the kind of N1 were time entry (it is note)" in instead
    assert "if the status were Complete (it is In Progress)" in instead
    page.locator(".instead .option").click()
    assert page.inner_text("#said") == "Read as at the start again. Now it is possible, lead: edit N1."
    assert page.get_attribute("form.act", "aria-label") == "edit: N1"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.key") == "edit|lead|N1"
    page.keyboard.press("Control+z")
    assert page.get_by_label("read_only").is_checked()
    page.keyboard.press("Control+z")
    assert page.get_by_label("editable").is_checked()
    assert page.locator("#steps .here").count() == 1
    page.keyboard.press("Control+z")
    assert page.locator("#steps .here").count() == 0
    for _ in range(3):
        page.keyboard.press("Control+y")
    assert page.get_by_label("editable").is_checked()
    assert page.locator("#steps .here").count() == 1


def test_a_name_that_is_taken_is_kept_as_the_text_of_the_new_one(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    for _ in range(2):
        act(page, 0, "attachment").click()
        page.get_by_label("handle").fill("plan.pdf")
        page.keyboard.press("Enter")
        page.locator("#ticket-0").get_by_role("button", name="delete").last.click()
        page.keyboard.press("Control+z")
    again = page.locator("#steps .did").nth(1).text_content()
    assert again == "lead: create attachment plan.pdf-2 (“plan.pdf”)"
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    assert "plan.pdf-2: attachment, “plan.pdf”, type: file" in page.inner_text("#said")


def test_only_a_link_that_was_there_is_cut(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    note(page, 1, "For us", internal=True)
    act(page, 1, "delete N1").click()
    note(page, 0, "For both")
    act(page, 1, "delete N2").click()
    signs = page.locator("#steps .sig").evaluate_all("all => all.map(one => one.textContent)")
    assert signs == ["\u2502", "\u2502", "\u2501\u2501\u25b6", "\u2702"]


def test_whose_words_they_are_is_said_where_they_stand(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "attachment").click()
    assert "its text is what the file is called" in page.inner_text("form.act")
    assert "no ticket shows it" in page.inner_text("#item-name-says")
    page.keyboard.press("Escape")
    act(page, 1, "time entry").click()
    page.keyboard.press("Enter")
    facts = page.inner_text("#happened .facts")
    assert "assigned resource, once so far (Whoever the lead's ticket is assigned to" in facts


def test_what_is_read_otherwise_to_be_possible_is_done_with_the_same_press(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "insource complete").click()
    act(page, 0, "complete").click(force=True)
    happened = page.inner_text("#happened").split("\n\n")
    assert happened[0] == "Not possible now: lead: complete"
    assert happened[1].startswith("'complete' is possible in Accepted, In Progress only; the status is Waiting")
    assert happened[-1] == "close\ndo it all the same, and keep the refusal in the history"
    page.get_by_role("button", name="read it so, and do it").click()
    done = "Lead did “complete”. The status went from Waiting Approval to Complete."
    assert page.inner_text("#happened h2") == "What happened in step 2"
    assert page.evaluate("document.activeElement.dataset.key") == "happened"
    assert page.inner_text("#said").startswith(done)
    now = "≠ Now, otherwise than at the start: Also in Waiting Approval, where it has the effect of approving."
    assert page.inner_text("#matter").count(now) == 1
    page.keyboard.press("Control+z")
    assert page.inner_text("#happened h2") == "What happened in step 1"
    assert page.locator("[data-key='as-begun']").count() == 1
    page.keyboard.press("Control+z")
    assert page.locator("[data-key='as-begun']").count() == 0
    assert page.inner_text("#happened h2") == "What happened in step 1"


def test_what_no_reading_covers_is_not_said_to_be_certain(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 0, "time entry").click()
    page.locator("form.act").get_by_role("button", name="create time entry").click()
    rests = "It also rests on what the vendor’s page leaves open, and no reading covers:\n\n"
    gap = "G9 (step 1): What the internal mark of a copy means, and whether attachments bear it too.\n"
    assert rests + gap + "G10 (step 1): Which part of a time entry becomes" in page.inner_text("#matter")
    act(page, 1, "delete T1").click()
    assert "\nG10 (step 1): " in page.inner_text("#matter")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert "G10" not in page.inner_text("#matter")


def test_on_a_narrow_screen_states_are_listed_and_either_ticket_is_a_press_away(browser: Browser, path: Path) -> None:
    page = Watched(browser, 390).open(path)
    note(page, 1, "Disk replaced")
    assert page.inner_text("#jump").split("\n") == ["lead’s ticket + N1", "service’s ticket + N1"]
    page.locator("#jump button").first.click()
    assert page.evaluate("document.activeElement.dataset.key") == "home|lead"
    assert page.locator(".states [aria-current=true]").all_text_contents() == ["In Progress", "linked"]
    assert not page.is_visible(".pan")
    page.locator(".picture summary").first.click()
    assert page.is_visible(".pan")
    assert page.evaluate("document.querySelector('#now').offsetHeight / innerHeight") < 0.15


def test_pictures_fit_the_page_from_their_beginning(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "insource complete").click()
    sizes = page.locator(".pan").evaluate_all(
        "all => all.map(one => [one.scrollWidth - one.clientWidth, one.scrollLeft])"
    )
    assert sizes == [[0, 0], [0, 0]]


def test_why_a_copy_is_internal_is_said_and_whose_part_is_whose(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    note(page, 1, "Disk replaced")
    marked = "There N1 is “internal users only”, though not on service’s ticket: a service partner's note is for"
    assert marked in said(page)
    assert "Service: does the work, on a ticket of its own" in page.inner_text("#ticket-1")
    act(page, 0, "delete N1").click()
    cut = "severed (lead changed its copy: service's changes do not reach it any more)"
    assert f"The link of N1 is now {cut}" in said(page)
    assert f"its own item, link: {cut}" in (page.text_content("#ticket-1 .item") or "")


def test_a_mark_that_a_gap_leaves_open_is_not_told_as_a_rule(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "attachment").click()
    page.locator("form.act").get_by_role("button", name="create attachment").click()
    marked = (
        "There A1 is “internal users only”, though not on service’s ticket: so these rules have it, though the vendor’s"
    )
    assert f"{marked} page leaves open what the internal mark of a copy means, and whether" in said(page)
    assert "S12" not in said(page)


def test_letters_lead_to_buttons_of_a_ticket(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    keys = []
    for key in ("ArrowRight", "n", "a", "n", "i", "z", "Shift+C", "Control+n", "ArrowLeft", "c", "c", "c", "c"):
        page.keyboard.press(key)
        keys.append(page.evaluate("document.activeElement.dataset.key"))
    complete = "act|service|insource complete"
    adds = [f"create|service|{kind}" for kind in ("note", "attachment", "note", "charge", "charge")]
    lead = [f"{it}|lead|{name}" for it, name in (("create", "charge"), ("act", "cancel"), ("act", "complete"))]
    assert keys == ["home|service", *adds[:3], complete, complete, *adds[3:], *lead, *lead[:2]]
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.keyboard.type("no note")
    assert page.input_value("form.act textarea") == "no note"


def test_what_speaks_for_each_answer_is_there_to_unfold(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    page.locator("#all-readings > details > summary").click()
    page.locator("#switches .evidence summary").first.click()
    evidence = page.locator("#switches .evidence").first.inner_text()
    assert "The page speaks of suspending and resuming" in evidence
    assert "\nS8 After completion the partners do not see" in evidence


@pytest.mark.parametrize("by", ["click", "Enter"])
def test_what_was_just_done_is_not_said_to_be_impossible(browser: Browser, path: Path, by: str) -> None:
    page = Watched(browser).open(path)
    submit = act(page, 1, "insource complete")
    if by == "click":
        submit.click()
    else:
        submit.press(by)
    assert submit.get_attribute("aria-disabled") == "true"
    assert not page.is_visible("#tip")
    page.mouse.move(5, 5)
    assert not page.is_visible("#tip")
    submit.hover()
    assert page.inner_text("#tip").startswith("'insource complete' is possible in In Progress only")


def test_a_reading_is_named_with_all_that_it_would_show_otherwise_there(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "insource complete").click()
    act(page, 1, "time entry").click()
    page.locator("form.act").get_by_role("button", name="create time entry").click()
    act(page, 0, "reject completion").click()
    discard = "resume=discard\n\nstep 3: assigned resource is not told; T1 is not on lead’s ticket"
    assert discard in page.inner_text("#matter")
    said = page.get_by_role("button", name="resume=discard").inner_text()
    assert said.startswith("What is done while suspended is never delivered as such")


@pytest.mark.thorough
def test_what_is_greyed_says_why_and_what_would_have_to_be_different(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    decline = act(page, 1, "decline")
    assert decline.get_attribute("aria-disabled") == "true"
    decline.focus()
    why = "'decline' is possible in Assigned only; the status is In Progress"
    assert page.inner_text("#tip").startswith(why)
    assert decline.get_attribute("aria-describedby") == "tip"
    page.keyboard.press("Enter")
    assert said(page).startswith(why)
    assert "It would be done if the status were Assigned (it is In Progress)" in page.inner_text("#happened")
    assert page.locator("#steps li").count() == 0
    page.get_by_role("button", name="do it all the same").click()
    assert said(page).startswith("Refused: decline.")
    assert page.locator("#steps li").count() == 1


@pytest.mark.thorough
def test_going_back_keeps_the_branch(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "insource complete").click()
    note(page, 1, "held")
    page.keyboard.press("Control+z")
    assert page.locator("#steps .later").count() == 1
    act(page, 0, "reject completion").click()
    assert page.text_content(".branches") == "instead: service: create note N1 (“held”)"
    page.locator(".branches button").click()
    assert "N1" in (page.text_content("#ticket-1") or "")  # a card that was just made may not be rendered yet
    assert page.locator("#steps li").count() == 2
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    assert "Nothing crossed over" in said(page)
    page.locator("#steps button").first.click()
    assert said(page).startswith("Service did “insource complete”. The status went from In Progress to Waiting")


def test_the_same_history_under_another_reading(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    act(page, 1, "insource complete").click()
    note(page, 1, "held")
    act(page, 0, "reject completion").click()
    assert "“held”" in page.inner_text("#ticket-0")
    page.locator("#all-readings > details > summary").click()
    page.locator("#switches").get_by_label("never delivered as such").check()
    assert page.locator("#ticket-0 .item").count() == 0
    assert "as read at the start: note, “held”" in page.inner_text("#ticket-0")
    assert page.locator("#steps .apart").count() == 1
    here = "Here: N1 is not on lead’s ticket."
    assert page.inner_text("#said") == f"Read so, 1 step comes out otherwise than at the start. {here}"
    page.get_by_role("button", name="as at the start").click()
    assert page.locator("#steps .apart").count() == 0
    page.get_by_role("button", name="resume=discard").click()
    assert page.locator("#steps .apart").count() == 1


@pytest.mark.thorough
def test_what_is_saved_passes_and_opens_again(browser: Browser, path: Path, tmp_path: Path) -> None:
    page = Watched(browser).open(path)
    note(page, 1, "# Disk: 'replaced' \u2028 “now”", internal=True)
    act(page, 1, "insource complete").click()
    page.click("#open-save")
    page.fill("#save-title", "Written in the page")
    with page.expect_download() as download:
        page.click("#download")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == "written_in_the_page.yaml"
    model = load_model(ROOT / "machines")
    (scenario,) = load_scenarios(saved, model=model)
    result = run_scenario(model, scenario)
    assert (result.passed, result.answered, len(result.steps)) == (True, False, 2)
    page.keyboard.press("Escape")
    page.click("#open-begin")
    page.set_input_files("#file", saved)
    page.wait_for_function("document.getElementById('begun').textContent.startsWith('Written in the page')")
    assert page.locator("#steps li").count() == 2


@pytest.mark.thorough
def test_a_file_that_cannot_be_read_is_told(browser: Browser, path: Path, tmp_path: Path) -> None:
    page = Watched(browser).open(path)
    for text, told in {
        "scenario: [": "This is no YAML: ",
        "scenario: A\nsteps:\n  - lead: crate note N1\n": "In 'A': step 1: 'crate note N1' is not an action; allowed: "
        "create KIND NAME, edit NAME, delete NAME, outsource, cancel, approve completion, reject completion, complete",
        "scenario: A\nsteps:\n  - lead: edit N1\n    text: a\n": "In 'A': step 1: 'N1' is not an item that was created",
        "scenario: A\ngiven: {status: Lost}\nsteps: []\n": "In 'A': 'Lost' is not a status; allowed: Unsent, ",
        "scenario: A\nsteps:\n  - together: []\n": "In 'A': step 1: 'together' is a list of at least two actions",
        "a: b\n": "A scenario has a title under 'scenario'",
    }.items():
        (tmp_path / "s.yaml").write_text(text)
        page.evaluate("document.getElementById('begin').open || document.getElementById('open-begin').click()")
        page.set_input_files("#file", tmp_path / "s.yaml")
        page.wait_for_function("told => document.getElementById('file-problem').textContent.startsWith(told)", arg=told)


@pytest.mark.thorough
def test_a_link_holds_the_history(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    note(page, 0, "Ünïcode \U0001f600")
    page.click("#open-link")
    link = page.input_value("#link-text")
    again = Watched(browser).page
    again.goto(link)
    assert "“Ünïcode \U0001f600”" in again.inner_text("#ticket-1")
    again.goto(link[:-3])
    again.wait_for_function("document.getElementById('said').textContent.startsWith('This link cannot be opened')")


@pytest.mark.thorough
def test_every_shipped_scenario_opens_by_its_link_and_shows_what_the_run_shows(browser: Browser, path: Path) -> None:
    model = load_model(ROOT / "machines")
    scenarios = load_scenarios(ROOT / "scenarios", model=model)
    page = Watched(browser).open(path)
    for number in range(0, len(scenarios), 25):
        scenario = scenarios[number]
        page.evaluate("link => { location.hash = link }", fragment(scenario.overlapping))
        page.wait_for_function(
            "steps => document.querySelectorAll('#steps li').length === steps", arg=len(scenario.steps)
        )
        world = run_scenario(model, scenario).steps[-1].outcome.after
        assert page.inner_text("#status .state") == world.status
        shown = {name for name, item in world.items.items() if item.present and item.owner == "lead"}
        assert shown <= set(page.locator("#ticket-0 h3").evaluate_all("all => all.map(one => one.firstChild.data)"))


@pytest.mark.thorough
def test_a_scenario_that_came_with_the_page_is_found_and_opened(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    page.click("#open-begin")
    page.fill("#find-scenario", "severs the link")
    titles = page.locator("#scenario option").all_inner_texts()
    assert titles
    assert all("severs the link" in one for one in titles)
    page.locator("#scenario").select_option(titles[0])
    page.click("#open-scenario")
    assert page.inner_text("#begun").startswith(titles[0])


@pytest.mark.thorough
@pytest.mark.parametrize("name", POLICIES)
def test_any_policy_can_be_acted_in_at_random(browser: Browser, name: str, tmp_path: Path) -> None:
    """Every button that is there is pressed, again and again; nothing breaks."""
    write_page(load_model(POLICIES[name]), [], str(tmp_path / "p.html"))
    watched = Watched(browser, 390)
    page = watched.open(tmp_path / "p.html")
    steps = page.evaluate(
        """() => { for (let turn = 0; turn < 60; turn++) {
          const all = [...document.querySelectorAll("main button, #status button, #undo")];
          all[(turn * 7919) % all.length].click();
          document.querySelector("form.act")?.requestSubmit();
        } return document.querySelectorAll("#steps li").length; }"""
    )
    assert steps > 0
    assert watched.noise == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.thorough
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_accessible_and_nothing_overflows(browser: Browser, path: Path, dark: bool, width: int) -> None:
    page = Watched(browser, width, dark=dark).open(path)
    assert violations(page) == []
    note(page, 0, "A rather long text " * 9 + "x" * 90)
    act(page, 1, "edit N1").click()
    page.locator("#all-readings > details > summary").click()
    page.locator(".because summary").click()
    assert violations(page) == []
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    act(page, 1, "decline").focus()
    assert page.is_visible("#tip")
    assert violations(page) == []
    page.evaluate("document.querySelector('.ticket button[aria-disabled]').click()")
    assert violations(page) == []
    for name in ("begin", "save", "link"):
        page.evaluate(f"document.getElementById('open-{name}').click()")
        assert violations(page) == []
        assert page.evaluate(OVERFLOWING) == []
        page.keyboard.press("Escape")


@pytest.mark.thorough
def test_it_is_usable_by_keyboard_alone(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "lead’s ticket"
    key = ""
    for _ in range(20):
        page.keyboard.press("Tab")
        key = page.evaluate("document.activeElement.dataset.key ?? ''")
        if key == "create|lead|note":
            break
    assert key == "create|lead|note"
    page.keyboard.press("Enter")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    assert "“By keyboard”" in page.inner_text("#ticket-1")
    assert page.evaluate("document.activeElement.dataset.key") == "edit|lead|N1"
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.locator("form.act").count() == 0
    assert page.evaluate("document.activeElement.dataset.key") == "edit|lead|N1"
    for arrow, key in (("Right", "edit|service|N1"), ("Right", "edit|service|N1"), ("Left", "edit|lead|N1")):
        page.keyboard.press(f"Arrow{arrow}")
        assert page.evaluate("document.activeElement.dataset.key") == key
    act(page, 1, "insource complete").focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.key") == "home|lead"


@pytest.mark.thorough
def test_it_prints_the_history_and_both_tickets(browser: Browser, path: Path) -> None:
    page = Watched(browser).open(path)
    note(page, 1, "On paper")
    page.emulate_media(media="print")
    assert page.is_visible("#steps .paper-only")
    assert "It reached lead’s ticket" in page.inner_text("#steps .paper-only")
    assert page.is_visible("#ticket-0 .text")
    assert not page.is_visible("#undo")
    assert not page.is_visible("#ticket-0 button")


@pytest.mark.thorough
def test_hostile_names_and_texts_stay_text(browser: Browser, cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    statements = tmp_path / "machines" / "statements.yaml"
    statements.write_text(statements.read_text().replace("Whatever is internal stays where it is.", HOSTILE))
    (tmp_path / "s.yaml").write_text(
        f"scenario: '{HOSTILE}'\nsteps:\n  - lead: create note N1\n    text: '{HOSTILE}'\n    internal: true\n"
    )
    out = tmp_path / "p.html"
    assert cli("play", tmp_path / "s.yaml", "--machines", tmp_path / "machines", "--out", out)[0] == 0
    watched = Watched(browser)
    page = watched.open(out)
    page.locator(".because summary").click()
    assert page.evaluate("window.hacked") is None
    assert HOSTILE in page.inner_text("#ticket-0")
    assert HOSTILE in page.inner_text("#happened")
    assert watched.noise == []


def test_it_is_small_and_the_same_every_time(path: Path, cli: Run, tmp_path: Path) -> None:
    assert path.stat().st_size < 1_000_000
    pages = [tmp_path / name for name in ("a.html", "b.html")]
    assert [cli("play", "scenarios/severing.yaml", "--out", one)[0] for one in pages] == [0, 0]
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_without_a_renderer_it_says_so() -> None:
    model = load_model(ROOT / "machines")
    from simsync.drawing.extract import status_graphs

    (graph,) = status_graphs(model)
    assert "no renderer was installed" in page_text(model, [], {graph.title: (graph, "")})
