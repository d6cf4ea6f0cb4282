"""Systems under test: right ones, wrong ones, and those that cannot be judged."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

PROGRAMS = Path(__file__).with_name("programs.py")


def program(mode: str, argument: int = 1) -> str:
    """The command of a program that behaves in some way."""
    return shlex.join([sys.executable, str(PROGRAMS), mode, str(argument)])
