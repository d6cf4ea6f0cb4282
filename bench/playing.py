"""What an action costs in the page to act in, 500 of them in one history: `python bench/playing.py [MACHINES]...`.

Each action is done in headless Chromium as a person would do it, and takes what the page's main thread takes of the
processor from the press until the next picture is drawn: script, style, layout and painting. Time in which others had
the processor does not count. The same actions are done several times, and of each the least counts: what is more was
not the page's doing. Told against the limit, and against a loop of script that is measured in the same run.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
ACTIONS = 500
RUNS = 3
LIMIT = 50.0
"""Milliseconds that an action may take."""

LOOP = """() => {
  let sum = 0;
  for (let number = 0; number < 2e7; number++) sum = (sum * 31 + number) % 1000003;
  return sum;
}"""
"""A piece of script to see how fast the machine is."""

BEGIN = """() => {
  const random = (seed => () => (seed = (seed * 48271) % 2147483647) / 2147483647)(7);
  const pick = list => list[Math.floor(random() * list.length)];
  let number = 0;
  window.prepare = () => {  // choose an action, fill in its form, and leave it to be pressed
    for (;;) {
      const able = [...document.querySelectorAll(".ticket button:not([aria-disabled])")];
      const items = document.querySelectorAll(".item").length, key = one => one.dataset.key ?? "", sort = random();
      const creates = items < 60 ? 0.6 : 0.15;
      const wanted = sort < 0.08 ? /^act/ : sort < 0.12 ? /^delete/ : sort < creates ? /^create/ : /^edit/;
      const button = pick(able.filter(one => wanted.test(key(one)))) ?? pick(able);
      if (!/^(create|edit)/.test(key(button))) { window.press = () => button.click(); return; }
      button.click();
      const form = document.querySelector("form.act"), was = new FormData(form);
      for (const one of form.querySelectorAll("textarea")) one.value = `text ${number++}`;
      for (const one of form.querySelectorAll("input[type=checkbox]")) one.checked = random() < 0.5;
      if (form.querySelector("textarea") || JSON.stringify([...was]) !== JSON.stringify([...new FormData(form)])) {
        window.press = () => form.requestSubmit();
        return;
      }
      form.querySelector("button[type=button]").click();  // nothing would be changed
    }
  };
  window.drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""

Taken = dict[str, float]


def spent(session: CDPSession) -> Taken:
    """What the page's main thread has taken of the processor so far, in milliseconds, by what for."""
    found: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: 1000 * one["value"] for one in found if one["name"].endswith("Duration")}


def measured(browser: Browser, path: Path) -> tuple[list[Taken], float, dict[str, int]]:
    """What each action took, what the loop took, and how large the history is then."""
    from browser_page import Watched

    page = Watched(browser).open(path)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(BEGIN)
    loops, taken = list[float](), list[Taken]()
    for number in range(ACTIONS):
        page.evaluate("prepare(); drawn()")
        before = spent(session)
        page.evaluate("press(); drawn()")
        after = spent(session)
        taken.append({name: value - before[name] for name, value in after.items()})
        if number % 100 == 0:
            before = spent(session)
            page.evaluate(LOOP)
            loops.append(spent(session)["TaskDuration"] - before["TaskDuration"])
    counted = {name: page.locator(name).count() for name in ("#steps li", ".item")}
    page.close()
    return taken, min(loops), counted


def told(name: str, runs: list[tuple[list[Taken], float, dict[str, int]]]) -> str:
    """The least that each action took in any run, against the limit, and of the last hundred against the first."""
    least = [min(one["TaskDuration"] for one in same) for same in zip(*(taken for taken, _, _ in runs), strict=True)]
    first, last = statistics.median(least[:100]), statistics.median(least[-100:])
    parts = {part: statistics.median(one[part] for taken, _, _ in runs for one in taken) for part in runs[0][0][0]}
    loop = min(loop for _, loop, _ in runs)
    of_it = ", ".join(f"{part.removesuffix('Duration').lower()} {value:.1f}" for part, value in parts.items() if value)
    counts = runs[0][2]
    return (
        f"{name}: {len(least)} actions, {counts['#steps li']} steps in one history, {counts['.item']} items shown\n"
        f"  median {statistics.median(least):.1f} ms ({statistics.median(least) / LIMIT:.2f} of the limit), "
        f"longest {max(least):.1f} ms ({max(least) / LIMIT:.2f}), "
        f"over the limit {sum(one > LIMIT for one in least)} of {len(least)}\n"
        f"  the last 100 take {last / first:.2f} times what the first 100 take ({first:.1f} ms, {last:.1f} ms)\n"
        f"  of a median action: {of_it} ms\n"
        f"  the loop takes {loop:.0f} ms here, an action {max(least) / loop:.2f} of it at most"
    )


def main() -> None:
    """Measure each policy that is named, the shipped one if none is."""
    from browser_page import chromium
    from simsync.app import load_model
    from simsync.play.page import write_page

    for name in sys.argv[1:] or [str(ROOT / "machines")]:
        with tempfile.TemporaryDirectory() as folder, chromium() as browser:
            path = Path(folder) / "play.html"
            write_page(load_model(name), [], str(path))
            runs = [measured(browser, path) for _ in range(RUNS)]
        print(told(Path(name).name, runs))


if __name__ == "__main__":
    main()
