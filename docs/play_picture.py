"""Makes docs/play.png, the picture of the page to act in, with Chromium: `python docs/play_picture.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))


def main() -> None:
    """Write an internal note, make it public, and take the picture."""
    from browser_page import Watched, chromium
    from simsync.app import load_model
    from simsync.play.page import write_page

    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "play.html"
        write_page(load_model(ROOT / "machines"), [], str(path))
        page = Watched(browser).open(path)
        ticket, form = page.locator("#ticket-1"), page.locator("form.act")
        ticket.get_by_role("button", name="note", exact=True).click()
        form.get_by_label("text").fill("Disk replaced under warranty")
        form.get_by_label("internal").check()
        form.get_by_role("button", name="create note").click()
        ticket.get_by_role("button", name="edit N1").click()
        form.get_by_label("internal").uncheck()
        form.get_by_role("button", name="save N1").click()
        page.locator("h1").click()
        page.set_viewport_size({"width": 1280, "height": 800})
        page.screenshot(path=ROOT / "docs" / "play.png")


if __name__ == "__main__":
    main()
