"""The way that docs/maintainers.md leads can be gone: its changes fit, and its commands print what it shows."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.questions.check.check import check
from simsync.questions.start.start import start_policy

sys.path.insert(0, str(ROOT / "docs"))

import walkthrough


@pytest.mark.thorough
def test_each_step_shows_what_it_does() -> None:
    text = walkthrough.PAGE.read_text()
    assert len(walkthrough.BLOCK.findall(text)) > 20
    assert walkthrough.gone_through(text) == text, "the page is stale; run: python docs/walkthrough.py"


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ValueError, match="has this 0 times"):
        walkthrough.gone_through("```diff\n--- machines/rules.yaml\n-not there\n+never\n```\n")


def test_the_link_and_the_memory_that_are_shown_can_be_had(tmp_path: Path) -> None:
    text = walkthrough.PAGE.read_text()
    start = text.index("## What stays so: links and memories")
    link, rows, memory = re.findall(r"^```yaml\n(.*?)^```$", text[start:], re.MULTILINE | re.DOTALL)[:3]
    start_policy(str(tmp_path / "mine"), minimal=True)
    machines = tmp_path / "mine" / "machines"
    (machines / "link.yaml").write_text(link)
    head = (machines / "rules.yaml").read_text().partition("  - {id: owner-writes")[0]
    (machines / "rules.yaml").write_text(head + "".join(f"  {line}\n" for line in rows.splitlines()[1:]))
    vocabulary = (machines / "vocabulary.yaml").read_text()
    (machines / "vocabulary.yaml").write_text(vocabulary + memory.replace("private: true", "change: edit"))
    assert [finding.code for finding in check(load_model(machines)) if finding.reachable] == []
