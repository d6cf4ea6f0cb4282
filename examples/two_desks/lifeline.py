"""Children that do not outlive their parent.

A child's standard input is a pipe that its parent holds open and writes nothing to. However the parent ends, the pipe
closes with it.
"""

from __future__ import annotations

import os
import sys


def when_parent_is_gone() -> None:
    """Return once the parent has closed its end, or has died."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
