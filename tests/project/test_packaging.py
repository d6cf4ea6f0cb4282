"""What is installed works without the source tree."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT


@pytest.mark.thorough
def test_the_wheel_carries_rules_scenarios_and_types(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("simsync-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    script = "import simsync.app, sys; print(simsync.app.machines_directory()); from simsync.cli import main; sys.exit(main())"

    def simsync(*arguments: str, where: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            capture_output=True,
            text=True,
            cwd=where,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    packaged = str(tmp_path / "installed" / "simsync" / "packaged" / "machines")
    assert simsync("table", "copy", where=empty).startswith(packaged)
    assert simsync("init", "mine", where=empty).startswith(packaged)
    told = simsync("run", where=empty / "mine")
    assert told.startswith("machines\n")
    assert told.endswith("checked against the table\n")
    assert simsync("run", "mine/scenarios", where=empty).endswith("checked against the table that ships with simsync\n")
    assert (tmp_path / "installed" / "simsync" / "py.typed").is_file()
    examples = simsync("adapter", "--examples", where=empty).splitlines()[1::2]
    assert all(Path(line).is_file() for line in examples)
    assert simsync("adapter", "--js", where=empty).splitlines()[-1].startswith("if (isMain)")
    kept = tmp_path / "installed" / "simsync" / "packaged" / "examples"
    assert not [*kept.rglob("__pycache__"), *kept.rglob("*.pyc")]
