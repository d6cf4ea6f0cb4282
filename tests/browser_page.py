"""A page in headless Chromium, and what it did there; tests that need it say what they lack."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MODULES = Path(__file__).parent / "browser" / "node_modules"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

OVERFLOWING = """() => {
  const inside = (one) => one.closest('.pan, .uses p, #found, .panel');
  const wide = document.documentElement.clientWidth;
  return [...document.querySelectorAll('body *')].filter((one) => {
    if (inside(one)) return false;
    const box = one.getBoundingClientRect();
    return box.width && box.right > wide + 1 && box.left >= 0;
  }).map((one) => one.outerHTML.slice(0, 120)).slice(0, 5);
}"""
"""What reaches beyond the right edge of a page, outside of what scrolls by itself."""


def lacking() -> str | None:
    """What is missing for tests in a browser, None where they can run."""
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        return "Chromium is not installed (make browser)"
    if not (MODULES / "mermaid").is_dir() or not (MODULES / "axe-core").is_dir():
        return "mermaid and axe-core are not installed (make browser)"
    return None


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium; skips the test where something is missing, unless it must not be."""
    missing = lacking()
    if missing and os.environ.get("SIMSYNC_BROWSER") == "required":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page together with what it printed, asked for, or threw."""

    def __init__(self, browser: Browser, width: int = 1280, *, dark: bool = False) -> None:
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light"
        )
        self.noise: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.noise.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.noise.append(f"error: {error}"))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: Path) -> Page:
        """Open a file from disk."""
        self.page.goto(path.as_uri())
        return self.page


def violations(page: Page) -> list[tuple[str, ...]]:
    """What axe finds fault with."""
    page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    options = "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}"
    found = page.evaluate(f"axe.run(document, {options}).then(r => r.violations)")
    return [(one["id"], one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"]) for one in found]
