"""The rulebook leads into the page to act in, from every scenario, row and reading that has a step to show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_page import Watched
from conftest import Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.thorough
def test_every_scenario_row_and_reading_leads_to_a_step(cli: Run, browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    book, page = tmp_path / "book.html", tmp_path / "pages" / "a page.html"
    code, out, _ = cli("rulebook", "scenarios/severing.yaml", "--out", book, "--play", page)
    assert code == 0
    assert out == f"{book} and {page}: 15 scenarios, 0 failed\n"
    text = book.read_text()
    said = re.findall(r'<a class="act" href="pages/a%20page\.html#[\w-]+">act<span class="for"> in ([^<]*)<', text)
    assert len(said) == text.count('class="act"')
    assert said.count("this scenario") == 15
    assert "a step that other-edit decides" in said
    assert "a step that lead-approves decides" not in said, "no scenario here does"
    assert any(one.startswith("a step that depends on ") for one in said)
    watched = Watched(browser)
    opened = watched.open(book)
    row = opened.locator("#rule-other-edit a.act")
    row.click()
    opened.wait_for_selector("#steps .here")
    opened.locator(".because summary").click()
    opened.wait_for_selector("#happened .rule")  # it is filled once it was unfolded
    assert "other-edit" in opened.locator("#happened .rule").all_inner_texts()
    assert watched.noise == []


def test_without_the_page_nothing_leads_there(cli: Run, tmp_path: Path) -> None:
    assert cli("rulebook", "scenarios/lifecycle.yaml:3", "--out", tmp_path / "b.html")[0] == 0
    assert 'class="act"' not in (tmp_path / "b.html").read_text()


def test_two_pages_are_not_written_into_one_file(cli: Run, tmp_path: Path) -> None:
    book = tmp_path / "b.html"
    for other in ("--csv", "--play"):
        code, _, err = cli("rulebook", "scenarios/lifecycle.yaml:3", "--out", book, other, book)
        assert code == 2
        assert "is the rulebook itself; name another file" in err
    two = tmp_path / "two"
    code, _, err = cli("rulebook", "scenarios/lifecycle.yaml:3", "--out", book, "--csv", two, "--play", two)
    assert code == 2
    assert "is what --csv writes; name another file" in err
    assert [*tmp_path.iterdir()] == []
