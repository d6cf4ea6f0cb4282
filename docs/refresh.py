"""Bring what the documentation shows of simsync's output up to date: `python docs/refresh.py` (or `make docs`).

In a ```console block, a line that starts with `$ simsync` or `$ pytest` is run from the project's root, and what
follows, up to the next such line or the block's end, is replaced by what it prints. Pictures of terminal output are
drawn anew.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from hashlib import sha256
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from shutil import which
from unittest.mock import patch

from rich.console import Console
from rich.text import Text

from simsync.app import load_model, load_scenarios
from simsync.cli import main
from simsync.drawing.dot import graph_dot
from simsync.drawing.render import Job, rendered, renderer
from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence_svg import sequence_svg
from simsync.questions.coverage.coverage import measure
from simsync.questions.coverage.goals import PAINTABLE
from simsync.questions.coverage.usage_overlay import painted_machines
from simsync.report import glossary
from simsync.report.dialogue import Dialogue
from simsync.report.terminal import UNICODE
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
UNISON = ROOT / "examples" / "policies" / "unison" / "README.md"
"""A page that can be brought up to date only where unison is."""
GLOSSARY = ROOT / "docs" / "glossary.md"
PICTURE = ROOT / "docs" / "severed.svg"
DRAWN = ROOT / "docs" / "drawn.svg"
SUITES = ROOT / "docs" / "suites.md"
PAINTED = {"holes": ROOT / "docs" / "holes.svg", "filled": ROOT / "docs" / "filled.svg"}
WIDTH = 104
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"^\$ ((?:simsync|pytest).*)\n((?:(?!\$ (?:simsync|pytest)).*\n)*)", re.M)
QUOTED = re.compile(r"'[^']*'|\"[^\"$`\\]*\"")
SHELLS = re.compile(r"[^\w\s./:=,-]")
"""What a shell might read otherwise than as text."""
PLAIN = {"NO_COLOR": "1", "SIMSYNC_PROGRESS": "no"}
"""What has simsync print the same on any terminal, however slow the machine is."""
TOOK = re.compile(r" in \d+\.\d\ds$", re.M)

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


def picture() -> str:
    """One scenario with a failing expectation and a refusal, as `simsync run` draws it in a terminal; SVG."""
    model = load_model(ROOT / "machines")
    file = ScenarioLoader(model.factory).load_bytes(SHOWN.encode(), "severed.yaml")
    console = Console(record=True, width=WIDTH, force_terminal=True, highlight=False, file=StringIO())
    console.print(Text("$ simsync run severed.yaml\n", "bold"))
    for scenario in file.scenarios:
        console.print(Dialogue(model, UNICODE, WIDTH).scenario(run_scenario(model, scenario)))
    return console.export_svg(title="simsync", unique_id="simsync")


def drawn() -> str:
    """The README's scenario as `simsync draw` draws it; SVG."""
    model = load_model(ROOT / "machines")
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    (scenario,) = ScenarioLoader(model.factory).load_bytes(block.encode(), "held.yaml").scenarios
    return sequence_svg(sequence_of(model, run_scenario(model, scenario)))


def painted() -> dict[str, Job]:
    """The status machine as a suite covers it, and as it does with the scenarios of the page on suites; by name."""
    model = load_model(ROOT / "machines")
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", SUITES.read_text(encoding="utf-8"), re.M | re.S)
    suite = load_scenarios(ROOT / "scenarios" / "lifecycle.yaml", model=model)
    more = ScenarioLoader(model.factory).load_bytes(block.encode(), "more.yaml").scenarios
    jobs = {}
    for name, scenarios in {"holes": suite, "filled": [*suite, *more]}.items():
        results = [run_scenario(model, one) for one in scenarios]
        assert all(one.passed for one in results)
        graph = painted_machines(measure(model, results, list(PAINTABLE)))[0]
        jobs[name] = Job(name, graph_dot(graph), graph.arrows)
    return jobs


def signed(job: Job) -> str:
    """The line by which a picture is known to be that of a text; renderers differ in all else."""
    return f"<!-- of {sha256(job.dot.encode()).hexdigest()} -->\n"


def printed(command: str) -> str:
    """What a command prints, on both streams: in this process where it is simsync's alone, with nothing for a shell.

    A system in Python is begun anew in a process, since its module may remember what was asked of it.
    """
    alone = command.startswith("simsync ") and "--sut-python" not in command
    if not alone or SHELLS.search(QUOTED.sub("", command)):
        return printed_by_a_process(command)
    stream = TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True)
    with chdir(ROOT), patch.dict(os.environ, PLAIN), redirect_stdout(stream), redirect_stderr(stream):
        main(shlex.split(command)[1:])
    stream.seek(0)
    return stream.read().rstrip("\n") + "\n"


def printed_by_a_process(command: str) -> str:
    """What a command prints in a shell, on both streams; how long pytest took is always the same."""
    line = f"{shlex.quote(sys.executable)} -m {command}"
    done = subprocess.run(
        ["bash", "-c", line],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "FORCE_COLOR"))},
            **PLAIN,
            "PYTHONIOENCODING": "utf-8",
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]),
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        },
        check=False,
    )
    return TOOK.sub(" in 0.42s", done.stdout.rstrip("\n")) + "\n"


def commands(block: str) -> list[tuple[str, str]]:
    """The commands in a console block that are run, each with what the block says that it prints."""
    return COMMAND.findall(block)


def refreshed(page: str) -> str:
    """A page with its console blocks run anew."""

    def rerun(block: re.Match[str]) -> str:
        body = "".join(f"$ {command}\n{printed(command)}" for command, _ in commands(block[1]))
        return f"```console\n{body}```" if body else block[0]

    return BLOCK.sub(rerun, page)


def bring_up_to_date() -> None:
    """Refresh every page and picture."""
    for path in [*PAGES, UNISON] if which("unison") else PAGES:
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
    GLOSSARY.write_text(glossary.page(load_model(ROOT / "machines").vocabulary), encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")
    DRAWN.write_text(drawn(), encoding="utf-8")
    jobs = painted()
    if command := renderer():
        for (name, job), made in zip(jobs.items(), rendered(command, list(jobs.values()), ["svg"]), strict=True):
            PAINTED[name].write_text(made["svg"].decode() + signed(job), encoding="utf-8")


if __name__ == "__main__":
    bring_up_to_date()
