"""Makes the pictures of the page to act in, with Chromium: `python docs/play_picture.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))


def main() -> None:
    """Do something in the page, and take a picture of it, twice."""
    from browser_page import Watched, chromium
    from simsync.app import load_model
    from simsync.play.page import write_page

    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "play.html"
        write_page(load_model(ROOT / "machines"), [], str(path))
        for name, do, height in (("play", publish, 910), ("play_both", overlap, 1090)):
            page = Watched(browser).open(path)
            do(page)
            page.locator("h1").click()
            page.set_viewport_size({"width": 1280, "height": height})
            page.screenshot(path=ROOT / "docs" / f"{name}.png")


def publish(page: Page) -> None:
    """Write an internal note, and make it public."""
    press(page, 1, "note")
    form = page.locator("form.act")
    form.get_by_label("text").fill("Disk replaced under warranty")
    form.get_by_label("internal").check()
    form.get_by_role("button", name="create note").click()
    press(page, 1, "edit N1")
    form.get_by_label("internal").uncheck()
    form.get_by_role("button", name="save N1").click()


def overlap(page: Page) -> None:
    """Edit a note while the other partner completes."""
    press(page, 1, "note")
    form = page.locator("form.act")
    form.get_by_label("text").fill("Disk replaced")
    form.get_by_role("button", name="create note").click()
    page.click("#open-round")
    press(page, 1, "edit N1")
    form.get_by_label("text").fill("Disk and cable replaced")
    form.get_by_role("button", name="add to the round").click()
    press(page, 0, "complete")
    page.get_by_role("button", name="see what comes of it").click()


def press(page: Page, partner: int, name: str) -> None:
    """A button on the ticket of the first partner, or the second."""
    page.locator(f"#ticket-{partner}").get_by_role("button", name=name, exact=True).click()


if __name__ == "__main__":
    main()
