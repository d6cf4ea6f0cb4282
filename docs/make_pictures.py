"""Make the pictures of terminal output that the README shows: `python docs/make_pictures.py`."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.text import Text

from simsync.app import load_model, load_scenarios
from simsync.core.simulate import run_scenario
from simsync.reporting.dialogue import Dialogue
from simsync.reporting.terminal import UNICODE

HERE = Path(__file__).parent
WIDTH = 104

SHOWN = """\
scenario: Editing the other partner's note severs the link
sources: [S15, S16]
steps:
  - service: create note N1
    text: Disk replaced
    expect: {synced: true, lead: {text: Disk replaced}}
  - lead: edit N1
    text: Disk and cable replaced
    expect: {synced: false, link: severed}
  - service: edit N1
    text: Disk and fan replaced
    expect: {lead: {text: Disk and fan replaced}}
  - lead: accept
    expect: {refused: true}
"""


def main() -> None:
    """One scenario with a failing expectation and a refusal, as `simsync run` draws it."""
    path = HERE / "severed.yaml"
    path.write_text(SHOWN, encoding="utf-8")
    model = load_model(HERE.parent / "machines")
    console = Console(record=True, width=WIDTH, force_terminal=True, highlight=False, file=io.StringIO())
    console.print(Text("$ simsync run severed.yaml\n", "bold"))
    dialogue = Dialogue(model, UNICODE, WIDTH)

    for scenario in load_scenarios(path, model=model):
        console.print(dialogue.scenario(run_scenario(model, scenario)))
    console.save_svg(str(HERE / "severed.svg"), title="simsync", unique_id="simsync")


if __name__ == "__main__":
    main()
