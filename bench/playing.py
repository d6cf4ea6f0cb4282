"""How long an action takes in the page to act in, up to 500 of them: `python bench/playing.py [MACHINES]...`.

Each action is a click in headless Chromium, measured in the page from the click until it is drawn and laid out anew.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
ACTIONS = 500

ACT = """actions => {
  const taken = [], random = (seed => () => (seed = (seed * 48271) % 2147483647) / 2147483647)(7);
  const pick = list => list[Math.floor(random() * list.length)];
  for (let number = 0; number < actions; number++) {
    const able = [...document.querySelectorAll(".ticket button:not([aria-disabled])")];
    const items = document.querySelectorAll(".item").length, key = one => one.dataset.key ?? "";
    const wanted = able.filter(one => /^(edit|delete)/.test(key(one)) && random() < (items > 60 ? 1 : 0.5));
    const button = pick(wanted.length ? wanted : able.filter(one => /^(create|act)/.test(key(one)))) ?? pick(able);
    let begun = performance.now();
    button.click();
    const form = document.querySelector("form.act");
    if (form) {
      for (const one of form.querySelectorAll("textarea")) one.value = `text ${number}`;
      for (const one of form.querySelectorAll("input[type=checkbox]")) one.checked = random() < 0.5;
      begun = performance.now();
      form.requestSubmit();
      const open = document.querySelector("form.act button[type=button]");  // nothing was changed
      if (open) {
        open.click();
        number--;
        continue;
      }
    }
    document.body.getBoundingClientRect();
    taken.push(performance.now() - begun);
  }
  return [taken, document.querySelectorAll("#steps li").length, document.querySelectorAll(".item").length];
}"""


def measured(machines: Path) -> tuple[list[float], int, int]:
    """What each action took, in milliseconds; how many steps there are then, and items on both tickets."""
    from browser_page import Watched, chromium
    from simsync.app import load_model
    from simsync.play.page import write_page

    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "play.html"
        write_page(load_model(machines), [], str(path))
        page = Watched(browser).open(path)
        taken, steps, items = page.evaluate(ACT, ACTIONS)
        return taken, steps, items


def main() -> None:
    """Measure each policy that is named, the shipped one if none is."""
    for name in sys.argv[1:] or [str(ROOT / "machines")]:
        taken, steps, items = measured(Path(name))
        last = taken[-100:]
        told = f"median {statistics.median(taken):.1f} ms, of the last 100 {statistics.median(last):.1f} ms"
        print(f"{name}: {len(taken)} actions, {steps} steps, {items} items shown: {told}, longest {max(taken):.1f} ms")


if __name__ == "__main__":
    main()
