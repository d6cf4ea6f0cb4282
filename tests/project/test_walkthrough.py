"""The way that docs/maintainers.md leads can be gone: its changes fit, and its commands print what it shows."""

from __future__ import annotations

import sys

import pytest

from conftest import ROOT

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
