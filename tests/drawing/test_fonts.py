"""Pictures look the same whatever fonts a machine has: no text leaves its box, in a narrow font or in a wide one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_page import chromium
from conftest import ROOT
from odd import ODD_RUN
from simsync.drawing.letters import REGULAR, fixed, short, width, wrapped
from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence_svg import sequence_svg
from simsync.engine.model import Model
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario

if TYPE_CHECKING:
    from playwright.sync_api import Page

LEAVING = """(family) => {
  document.querySelectorAll('text').forEach((one) => one.style.setProperty('font-family', family, 'important'));
  const spans = (one) => one.getBoundingClientRect();
  const drawn = [...document.querySelectorAll('svg rect, svg polygon, svg path, svg')].map(spans);
  const closed = drawn.filter((box) => box.width > 12 && box.height > 8);
  return [...document.querySelectorAll('text')].flatMap((one) => {
    const text = spans(one), y = (text.top + text.bottom) / 2;
    const start = {start: text.left, middle: (text.left + text.right) / 2, end: text.right}[
      getComputedStyle(one).textAnchor];
    const around = closed.filter((box) =>
      box.left <= start + 1 && start - 1 <= box.right && box.top <= y && y <= box.bottom);
    const least = around.reduce((a, b) => (a.width * a.height <= b.width * b.height ? a : b));
    return text.left < least.left - 1 || text.right > least.right + 1 ? [one.textContent] : [];
  });
}"""
"""The texts that reach beyond the smallest thing drawn around where they begin, in a family of fonts."""

PICTURES = [*sorted((ROOT / "diagrams").glob("*.svg")), *sorted((ROOT / "docs").glob("*.svg"))]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as browser:
        yield browser.new_page()


def leaving(page: Page, svg: str) -> list[str]:
    page.set_content(f"<body>{svg[svg.index('<svg') :]}")
    found: list[str] = [said for family in ("serif", "monospace") for said in page.evaluate(LEAVING, family)]
    return found


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_no_text_leaves_its_box_in_any_font(page: Page, path: Path) -> None:
    assert leaving(page, path.read_text(encoding="utf-8")) == []


def test_no_text_of_a_run_leaves_its_box(page: Page, model: Model, loader: ScenarioLoader) -> None:
    (scenario,) = loader.load_bytes(ODD_RUN.encode(), "odd.yaml").scenarios
    assert leaving(page, sequence_svg(sequence_of(model, run_scenario(model, scenario)))) == []


def test_a_text_that_leaves_its_box_is_found(page: Page) -> None:
    said = "much too wide for it"
    svg = f'<svg width="200" height="50"><rect width="60" height="40"/><text x="5" y="20">{said}</text></svg>'
    assert leaving(page, svg) == [said] * 2


def test_how_wide_texts_are() -> None:
    assert sorted(c for letters in REGULAR.values() for c in letters if c.isascii()) == [chr(n) for n in range(32, 127)]
    assert width("Will", 1000) == 944 + 3 * 222
    assert width("Will", 1000, bold=True) == 944 + 3 * 278
    assert width("\xc9\xe9", 1000) == width("Ee", 1000)
    assert width("\u7b49\u5f85", 10) == 20
    assert width("\u25b2", 10) > 9.9
    assert fixed("Will", 10) == ' textLength="16.1" lengthAdjust="spacingAndGlyphs"'
    assert fixed("\u25b2", 10) == fixed(" ", 10) == ""


def test_nothing_is_wider_than_its_box() -> None:
    assert wrapped("a" * 25, 56, 10) == ["a" * 10, "a" * 10, "a" * 5]
    assert wrapped("aa aa aaaaaaaa", 40, 10) == ["aa aa", "aaaaaaa", "a"]
    assert wrapped("\u7b49" * 5, 40, 10) == ["\u7b49" * 4, "\u7b49"]
    assert wrapped("", 100, 10) == [""]
    assert wrapped("ab", 0, 10) == ["a", "b"]
    assert short("aaaa", 23, 10) == "aaaa"
    assert short("aaaa", 22, 10) == "aa\u2026"
