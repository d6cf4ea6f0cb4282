"""DOT to pictures, by the `dot` on PATH or the one in the package graphviz-pure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


class RenderError(Exception):
    """The renderer complained, or drew less than there is; the message is a sentence."""


def renderer() -> str | None:
    """The command that renders DOT, or None where there is none."""
    beside = Path(sys.executable).parent
    return shutil.which("dot") or shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=os.fspath(beside))


def rendered(command: str, dot: str, form: str, edges: int) -> bytes:
    """DOT as ``svg`` or ``png``.

    Raises :class:`RenderError` where the renderer fails, complains, or (in SVG, where it can be counted) leaves out
    an edge: it may do so and still write a picture.
    """
    try:
        done = subprocess.run([command, f"-T{form}"], input=dot.encode(), capture_output=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenderError(f"{command} could not be run: {error}") from error
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode or "rror" in complaint:
        raise RenderError(f"{command} failed: {complaint or f'exit status {done.returncode}'}")
    if form == "svg" and done.stdout.count(b'class="edge"') != edges:
        drawn = done.stdout.count(b'class="edge"')
        raise RenderError(f"{command} drew {drawn} of {edges} edges")
    return done.stdout
