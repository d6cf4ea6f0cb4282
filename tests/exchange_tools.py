"""Exported machines, tables and workbooks given to tools of others; tests that need them say what they lack."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "exchange"
MODULES = FOLDER / "node_modules"


SARIF = MODULES / "@microsoft" / "jest-sarif" / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json"
"""The JSON Schema of the standard, as its tools for JavaScript keep it."""


def need(path: Path = MODULES / "xstate") -> None:
    """Skip the test where the tools, or a file of theirs, are missing, unless they must not be."""
    missing = "node" if shutil.which("node") is None else None if path.exists() else path.stem
    if missing and os.environ.get("SIMSYNC_EXCHANGE") == "required":
        pytest.fail(f"{missing} is not installed (make exchange)")
    if missing:
        pytest.skip(f"{missing} is not installed (make exchange)")


def saved_by_libreoffice(path: Path, folder: Path) -> Path:
    """A workbook as LibreOffice saves it when it was opened and nothing was changed."""
    missing = shutil.which("soffice") is None
    if missing and os.environ.get("SIMSYNC_EXCHANGE") == "required":
        pytest.fail("LibreOffice is not installed (make exchange)")
    if missing:
        pytest.skip("LibreOffice is not installed (make exchange)")
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "saved"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "saved" / path.name


def node(folder: Path, script: str, *arguments: str, told: Any = None) -> Any:
    """Run a script of tests/exchange in a folder where modules are found, with JSON in and JSON out."""
    need()
    modules = folder / "node_modules"
    if not modules.exists():
        modules.symlink_to(MODULES.resolve())
    command = ["node", str(FOLDER / script), *arguments]
    done = subprocess.run(command, cwd=folder, input=json.dumps(told), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)
