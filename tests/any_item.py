"""Rules that test whether a ticket shows any item of a kind: the minimal policy, with such rows and transitions."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import ROOT

STATUS = """\
machine: status
initial: Open
phases: {shared: {tickets: [home, away]}}
states: {Open: {phase: shared}, Closed: {phase: shared}}
transitions:
- {id: closes, trigger: close, actor: home, source: Open, dest: Closed, when: {home.any note: true}}
- {id: reopens, trigger: reopen, actor: [home, clock], source: Closed, dest: Open, when: {away.any note: false}}
"""
FIRST = """\
  - {id: first-ours, when: {actor: away, change: create, there.any note: false}, then: {refuse: home writes first}}
  - {id: anybody-may, when: {actor: away, change: create, there.any note: true}, then: {allow: true}}
  - {id: at-home, when: {actor: home, change: create}, then: {allow: true}}
  - {id: changes, when: {change: [edit, delete]}, then: {allow: true}}
"""
SAME = "  - {id: anybody-may, when: {}, then: {allow: true}}\n"


def rules_of_any_item(folder: Path) -> Path:
    """Writes the rules into a folder that is not there yet."""
    shutil.copytree(ROOT / "examples" / "policies" / "minimal" / "machines", folder)
    (folder / "status.yaml").write_text(STATUS)
    text = (folder / "rules.yaml").read_text()
    assert SAME in text
    (folder / "rules.yaml").write_text(text.replace(SAME, FIRST))
    words = (folder / "vocabulary.yaml").read_text()
    (folder / "vocabulary.yaml").write_text(words + "actors: {clock: Time that goes by.}\n")
    return folder
