"""Some of the random faults in machine files that were tried by the ten thousand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from conftest import ROOT
from machine_mutations import Files, mutated, plausible, read, tried


def came_to(
    folder: Path, seed: int, many: int, how: Callable[[Mapping[str, str], random.Random], Files] = mutated
) -> Counter[str]:
    """How far so many directories came."""
    chance, files = random.Random(seed), read(ROOT / "tests" / "policies" / "atelier")
    came: Counter[str] = Counter()
    for number in range(many):
        for name, text in how(files, chance).items():
            (folder / name).write_text(text, encoding="utf-8", newline="")
        came[tried(folder, number, 20)] += 1
    return came


def test_faults_in_machine_files_end_in_sentences(tmp_path: Path) -> None:
    came = came_to(tmp_path, 13, 25)
    assert came["refused"] > 3
    assert came["went well"] > 0


def test_changes_that_may_be_meant_mostly_load(tmp_path: Path) -> None:
    came = came_to(tmp_path, 15, 25, plausible)
    assert came["went well"] > 12


@pytest.mark.thorough
def test_many_faults_in_machine_files_end_in_sentences(tmp_path: Path) -> None:
    came = came_to(tmp_path, 14, 150)
    assert came["refused"] > 50
    assert came["went well"] > 10
    assert came_to(tmp_path, 16, 150, plausible)["went well"] > 75
