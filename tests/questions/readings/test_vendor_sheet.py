"""The sheet for whoever knows the product: what it asks, and what a filled-in one settles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from browser_page import MODULES, Watched, chromium
from conftest import ROOT, Run

POLICIES = ROOT / "tests" / "policies"
WIRE, BRIDGE = POLICIES / "wire", POLICIES / "bridge"


def written(cli: Run, folder: Path, form: str = "markdown", machines: Path = WIRE, *options: str) -> Path:
    code, out, err = cli("readings", "--questions", "--machines", machines, "--format", form, *options)
    assert (code, err) == (0, "")
    path = folder / f"sheet.{'md' if form == 'markdown' else 'html'}"
    path.write_text(out, encoding="utf-8")
    return path


def filled(path: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


def line_of(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def test_the_sheet_asks_in_sentences_with_both_tickets_drawn(cli: Run, tmp_path: Path) -> None:
    text = written(cli, tmp_path).read_text()
    assert "\nProduct and version: \n\nAnswered by: \n" in text
    assert 'desk creates a story, S1, with body "text 1".' in text
    assert 'stringer does "thaw".' in text
    assert "**1b.** Is S1 on stringer's ticket now?" in text
    drawn = """\
- [ ] yes, S1 is there

  ```text
  ┌ desk's ticket ─────────────────────┐ ┌ stringer's ticket ─────────────────┐
  │ status: Frozen                     │ │ status: Frozen                     │
  │ S1 story · "text 1"                │ │ S1 tip · "text 1" · credit: nobody │
  │                                    │ │   · embargoed                      │
  └────────────────────────────────────┘ └────────────────────────────────────┘
  ```
"""
    assert drawn in text
    for word in ("yaml", "scenario:", "steps:", "reading", "=waits"):
        assert word not in text.rsplit("<!--", 1)[0].casefold()


def test_each_of_several_status_machines_is_on_its_own_ticket(cli: Run, tmp_path: Path) -> None:
    text = written(cli, tmp_path, machines=BRIDGE).read_text()
    assert "brought to the statuses connection: Disconnected, customer: On hold and provider: Open." in text
    assert "- [ ] connection: Connected, customer: On hold, provider: Pending" in text
    assert "  │ status: On hold                    │ │ status: Pending                    │" in text


@pytest.mark.parametrize("policy", [one.name for one in sorted(POLICIES.iterdir()) if "_" not in one.name])
def test_every_policy_has_a_sheet_that_can_be_read_back(cli: Run, tmp_path: Path, policy: str) -> None:
    for form in ("markdown", "html"):
        path = written(cli, tmp_path, form, POLICIES / policy)
        asked = "Step 1." in path.read_text()
        code, out, err = cli("readings", "--answers", path, "--machines", POLICIES / policy)
        assert (code, err) == (1 if asked else 0, "")
        assert ("The answers settle 0 of" in out) is asked
        assert ("Nothing is answered: was the page saved with its last button" in out) is asked
        assert ("nothing to ask" in out) is not asked


FIRST = "- [ ] no, S1 is not there"
THAWED = """\
- [ ] yes, S1 is there

  ```text
  ┌ desk's ticket ─────────────────────┐ ┌ stringer's ticket ─────────────────┐
  │ status: Open"""


def test_answers_say_which_readings_they_settle(cli: Run, tmp_path: Path) -> None:
    path = filled(written(cli, tmp_path), (FIRST, FIRST.replace("[ ]", "[x]")), (THAWED, THAWED.replace("[ ]", "[X]")))
    code, out, _ = cli("readings", "--answers", path, "--machines", WIRE)
    assert code == 0
    assert out.splitlines()[:2] == [
        "The answers settle 1 of 1 reading",
        "  frozen_work=waits  [1a, 1b]",
    ]


def test_what_is_still_open_is_told_with_the_question_that_would_tell(cli: Run, tmp_path: Path) -> None:
    path = filled(written(cli, tmp_path), (FIRST, FIRST.replace("[ ]", "[x]")))
    code, out, _ = cli("readings", "--answers", path, "--machines", WIRE, "--format", "json")
    told = json.loads(out)
    assert (code, told["combinations"], told["left"], told["settled"]) == (1, 3, 2, {})
    assert told["open"] == {"frozen_work": {"options": ["waits", "lost"], "asked_in": ["1b"]}}
    assert told["answers"] == [{"question": "1a", "says": "no, S1 is not there", "line": line_of(path, "[x]")}]
    assert told["unanswered"] == ["1b"]


@pytest.mark.parametrize("sign", ["* [X] ", "- \\[x\\] ", "☒ ", "- ☑ ", "- [ x ] ", "[✓] ", "1. [yes] "])
def test_boxes_as_editors_and_wikis_leave_them(cli: Run, tmp_path: Path, sign: str) -> None:
    path = filled(written(cli, tmp_path), (FIRST, FIRST.replace("- [ ] ", sign)))
    _, out, err = cli("readings", "--answers", path, "--machines", WIRE, "--format", "json")
    assert (err, len(json.loads(out)["answers"])) == ("", 1)


def test_something_else_is_no_reading(cli: Run, tmp_path: Path) -> None:
    path = filled(written(cli, tmp_path), ("- [ ] something else: ", "- [ ] something else: two of them"))
    code, out, _ = cli("readings", "--answers", path, "--machines", WIRE)
    line = line_of(path, "two of them")
    assert code == 1
    assert f"  1a, line {line}: two of them\n" in out
    assert "Seen otherwise: there the page is understood wrongly, whatever the readings" in out


def test_all_that_cannot_be_read_is_told_at_once(cli: Run, tmp_path: Path) -> None:
    path = filled(
        written(cli, tmp_path),
        (FIRST, FIRST.replace("[ ]", "[?]")),
        ("yes, S1 is there", "yes, S1 is ther"),
        ("**1b.**", "**7b.**"),
    )
    code, out, err = cli("readings", "--answers", path, "--machines", WIRE)
    told = [line.removeprefix(f"{path}:") for line in err.splitlines()]
    below = [n for n, line in enumerate(path.read_text().splitlines(), 1) if line.startswith("- [")]
    assert (code, out.splitlines()[-1]) == (2, "Not answered: 1a, 1b")
    assert told == [
        f"{below[0]}:3: syntax: '?' is neither an empty box nor a ticked one; say [x] or [ ]",
        f"{below[1]}:3: unknown-name: 'yes, S1 is ther' is not an answer to 1a; did you mean 'yes, S1 is there'?"
        ' Allowed: "no, S1 is not there", "yes, S1 is there", something else',
        *(
            f"{line}:3: unknown-name: '7b' is not a question of this sheet; did you mean '1b'? Allowed: 1a, 1b"
            for line in below[3:]
        ),
    ]


def test_contradictions_are_told(cli: Run, tmp_path: Path) -> None:
    both = filled(written(cli, tmp_path), (FIRST, FIRST.replace("[ ]", "[x]")), ("- [ ] yes", "- [x] yes"))
    code, out, err = cli("readings", "--answers", both, "--machines", WIRE)
    first, second = (n for n, line in enumerate(both.read_text().splitlines(), 1) if line.startswith("- [x]"))
    assert (code, out.splitlines()[-1]) == (2, "Not answered: 1a, 1b")
    assert err == (
        f"{both}:{second}:3: reading-clash: 1a is answered twice: 'yes, S1 is there' here, 'no, S1 is not there'"
        f" in line {first}; only one of them can be so\n"
    )
    last = written(cli, tmp_path).read_text().rindex(FIRST)
    text = both.read_text()
    text = text[:last] + text[last:].replace("- [ ]", "- [x]", 1)
    both.write_text(text.replace("- [ ] yes", "- [x] yes", 1))
    code, _, err = cli("readings", "--answers", both, "--machines", WIRE)
    first, second = (n for n, line in enumerate(both.read_text().splitlines(), 1) if line.startswith("- [x]"))
    assert (code, err) == (
        2,
        f"{both}:{second}:3: reading-clash: 1b 'no, S1 is not there' cannot be so together with 1a 'yes, S1 is there'"
        f" (line {first}): under no reading are all of them seen\n",
    )


def test_the_rest_is_read_where_one_question_has_two_answers(cli: Run, tmp_path: Path) -> None:
    path = filled(written(cli, tmp_path), (FIRST, FIRST.replace("[ ]", "[x]")), ("- [ ] yes", "- [x] yes"))
    lines = path.read_text().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if line.strip() == FIRST)
    lines[last] = lines[last].replace("[ ]", "[x]")
    path.write_text("".join(lines))
    code, out, err = cli("readings", "--answers", path, "--machines", WIRE, "--format", "json")
    told = json.loads(out)
    assert (code, [one["question"] for one in told["answers"]], told["unanswered"]) == (2, ["1b"], ["1a"])
    assert [one["message"] for one in told["unclear"]] == [
        err.partition("reading-clash: ")[2].rstrip("\n"),
    ]


@pytest.mark.parametrize(
    "text", ["", "# Minutes\n\n- [x] buy milk\n- [ ] ask the vendor\n", "<!doctype html><p>Nothing to tick</p>"]
)
def test_what_is_no_sheet_is_told_so(cli: Run, tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.md"
    path.write_text(text)
    code, out, err = cli("readings", "--answers", path, "--machines", WIRE)
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}:1:1: syntax: this is no sheet of questions: ")


def test_a_sheet_of_other_rules_is_known(cli: Run, tmp_path: Path) -> None:
    path = written(cli, tmp_path)
    code, _, err = cli("readings", "--answers", path, "--machines", BRIDGE)
    line = line_of(path, "<!-- simsync-sheet")
    assert (code, err) == (
        2,
        f"{path}:{line}:1: unknown-name: this sheet asks something else than these rules leave open;"
        " were they changed since it was made, or is it of others? A sheet of these:"
        " simsync readings --questions --format html\n",
    )
    filled(path, ('"settled": {}', '"settled": {"x": "y"}'))
    code, _, err = cli("readings", "--answers", path, "--machines", WIRE)
    assert (code, err.startswith(f"{path}:{line}:1: unknown-name: 'x' is not")) == (2, True)
    filled(path, ('"settled": {', '"settled": {{'))
    code, _, err = cli("readings", "--answers", path, "--machines", WIRE)
    assert (code, err.startswith(f"{path}:{line}:1: syntax: this line says which sheet it is")) == (2, True)


def test_what_was_settled_is_in_the_sheet(cli: Run, tmp_path: Path) -> None:
    path = written(cli, tmp_path, "html", WIRE, "--reading", "frozen_work=lost")
    code, out, _ = cli("readings", "--answers", path, "--machines", WIRE)
    assert (code, out) == (0, "No reading is open that anybody could settle: there was nothing to ask\n")


def test_bad_usage_of_answers(cli: Run, tmp_path: Path) -> None:
    path = written(cli, tmp_path)
    for more in (["--questions"], ["--consequences"], ["--format", "html"], ["--reading", "frozen_work=lost"]):
        assert cli("readings", "--answers", path, "--machines", WIRE, *more)[0] == 2
    assert cli("readings", "--format", "html")[0] == 2
    assert "not-found" in cli("readings", "--answers", tmp_path / "none.md")[2]
    (tmp_path / "sheet.md").write_bytes(b"\xff\x00\xff")
    assert "encoding" in cli("readings", "--answers", path, "--machines", WIRE)[2]


@pytest.mark.thorough
def test_the_page_is_filled_in_and_saved_in_a_browser(cli: Run, tmp_path: Path) -> None:
    path = written(cli, tmp_path, "html")
    with chromium() as browser:
        for dark in (False, True):
            watched = Watched(browser, 390, dark=dark)
            page = watched.open(path)
            page.get_by_label("no, S1 is not there").first.check()
            page.get_by_label("yes, S1 is there").first.check()
            chosen = page.locator("input:checked").evaluate_all("all => all.map(one => one.value)")
            assert chosen == ["yes, S1 is there"]
            page.get_by_label("yes, S1 is there").nth(1).check()
            page.get_by_label("1b: leave it open").click()
            assert page.locator("input:checked").count() == 1
            page.get_by_label("1b: what you see instead").fill('<b>"late"')
            with page.expect_download() as download:
                page.get_by_role("button", name="Save").click()
            saved = tmp_path / "answers.html"
            download.value.save_as(saved)
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            page.add_script_tag(path=MODULES / "axe-core" / "axe.min.js")
            assert page.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []
            assert watched.noise == []
            assert all(url.startswith(("file:", "blob:")) for url in watched.requests)
    told = json.loads(cli("readings", "--answers", saved, "--machines", WIRE, "--format", "json")[1])
    assert [one["says"] for one in told["answers"]] == ["yes, S1 is there"]
    assert [(one["question"], one["says"]) for one in told["otherwise"]] == [("1b", '<b>"late"')]
    assert told["unclear"] == []


def test_two_answers_to_a_question_of_the_page_are_refused(cli: Run, tmp_path: Path) -> None:
    first, second = 'value="no, S1 is not there"', 'value="yes, S1 is there"'
    path = filled(written(cli, tmp_path, "html"), (first, f"{first} checked"), (second, f"{second} checked"))
    code, out, err = cli("readings", "--answers", path, "--machines", WIRE)
    assert (code, out.splitlines()[-1]) == (2, "Not answered: 1a, 1b")
    assert "1a is answered twice: 'yes, S1 is there' here, 'no, S1 is not there' in line" in err
