"""The one place that states the version."""

from __future__ import annotations

import hashlib
from pathlib import Path

__version__ = "0.1.0"


def program_digest() -> str:
    """A digest of the program itself, for what only this very program can read again."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for source in sorted(root.rglob("*.py")):
        digest.update(f"{source.relative_to(root).as_posix()}\0".encode() + source.read_bytes())
    return digest.hexdigest()
