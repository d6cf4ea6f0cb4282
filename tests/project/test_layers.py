"""The layer contracts: what is allowed is named from the root, so that a new package is held too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT

SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FORBIDDING = [one for one in SETTINGS["tool"]["importlinter"]["contracts"] if one["type"] == "forbidden"]


IMPORT = re.compile(r"^\s*(?:import (\w+)|from (\w+)[\w.]* import )", re.M)


def test_every_library_of_others_has_a_contract_that_begins_at_the_root() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    found = {first or second for text in texts for first, second in IMPORT.findall(text)}
    others = found - sys.stdlib_module_names - {"simsync"}
    assert others == {name for one in FORBIDDING for name in one["forbidden_modules"]} - sys.stdlib_module_names
    assert {tuple(one["source_modules"]) for one in FORBIDDING} == {("simsync",)}


def test_who_changes_something_is_sent_to_files_that_are_there() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    begin = text.index("### Where do I change")
    text = text[begin : text.index("\n## ", begin)] + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", text)
    assert len(named) > 20
    missing = [name for name in named if not any((root / name).exists() for root in (ROOT, ROOT / "src" / "simsync"))]
    assert missing == []


@pytest.mark.thorough
@pytest.mark.parametrize("library", ["transitions", "yaml", "graphviz"])
def test_a_new_package_that_imports_what_one_package_may_is_caught(tmp_path: Path, library: str) -> None:
    shutil.copytree(
        ROOT / "src" / "simsync", tmp_path / "src" / "simsync", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    fresh = tmp_path / "src" / "simsync" / "fresh"
    fresh.mkdir()
    (fresh / "__init__.py").write_text("")

    def linted() -> subprocess.CompletedProcess[str]:
        code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
        return subprocess.run(
            [sys.executable, "-c", code, "--no-cache"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
            capture_output=True,
            text=True,
            check=False,
        )

    (fresh / "room.py").write_text("import json\n")
    assert linted().returncode == 0, linted().stdout
    (fresh / "room.py").write_text(f"def late() -> None:\n    import {library}\n")
    done = linted()
    assert (done.returncode, f"simsync.fresh.room -> {library}" in done.stdout) == (1, True)
