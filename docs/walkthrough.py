"""Go the way of docs/maintainers.md, from the smallest policy on: `python docs/walkthrough.py`.

A ```diff block changes a file: lines that are there, those that go and those that come; with lines that come alone it
is made, or goes on. In a ```console here block, what follows a line `$ simsync ...` is replaced by what it prints.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from simsync.cli import main
from simsync.questions.start.start import start_policy

PAGE = Path(__file__).with_name("maintainers.md")
BLOCK = re.compile(r"^```(diff|console here)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WIDTH = "104"


def gone_through(text: str) -> str:
    """The page as it is when each command prints what it prints."""
    parts, end = [], 0
    with tempfile.TemporaryDirectory() as folder:
        start_policy(f"{folder}/mine", minimal=True)
        with chdir(f"{folder}/mine"):
            for found in BLOCK.finditer(text):
                parts.append(text[end : found.start(2)])
                parts.append(found[2] if found[1] == "diff" else "".join(_shown(found[2])))
                if found[1] == "diff":
                    _change(found[2].splitlines(keepends=True))
                end = found.end(2)
    return "".join((*parts, text[end:]))


def _change(lines: list[str]) -> None:
    """Do what a block says: its first line names the file."""
    path = Path(lines[0].removeprefix("--- ").strip())
    old = "".join(line[1:] for line in lines[1:] if line[0] in " -")
    new = "".join(line[1:] for line in lines[1:] if line[0] in " +")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if old and before.count(old) != 1:
        raise ValueError(f"{path} has this {before.count(old)} times:\n{old}")
    path.write_text(before.replace(old, new) if old else before + new, encoding="utf-8")


def _shown(block: str) -> Iterator[str]:
    for line in block.splitlines(keepends=True):
        if line.startswith("$ simsync "):
            yield line
            yield _printed(shlex.split(line)[2:])


def _printed(words: list[str]) -> str:
    out = TextIOWrapper(BytesIO(), encoding="utf-8")
    with redirect_stdout(out), redirect_stderr(out), patch.dict("os.environ", {"COLUMNS": WIDTH}):
        main(words)
    out.seek(0)
    return out.read()


if __name__ == "__main__":
    PAGE.write_text(gone_through(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
