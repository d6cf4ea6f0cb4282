"""What machine files said before an import, kept beside their directory, and put back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from simsync.errors import Code, usage_error
from simsync.files import write_together

KEPT = 20
"""How many imports can be undone, the last first."""
WRITTEN = "written.json"
"""In a backup: the digest of what the import made of each file."""


def backups(directory: str | Path) -> Path:
    """Where the backups of a machines directory are."""
    whole = Path(os.path.abspath(directory))
    return whole.parent / ".simsync" / "undo" / whole.name


def keep(directory: str | Path, contents: Mapping[str, bytes]) -> None:
    """Keep the files that an import is to change, by name, with a digest of what they are to say then."""
    folder = backups(directory)
    known = _kept(folder)
    place = folder / f"{int(known[-1].name) + 1 if known else 1:06}"
    place.mkdir(parents=True)
    for name in contents:
        shutil.copyfile(Path(directory) / name, place / name)
    written = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    (place / WRITTEN).write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    for old in known[: max(len(known) + 1 - KEPT, 0)]:
        shutil.rmtree(old)


def undo(directory: str | Path, *, dry_run: bool = False) -> list[str]:
    """Put back what the last import changed; gives the files, by path.

    Raises :class:`SimsyncError` where there was no import, or where a file was changed since.
    """
    known = _kept(backups(directory))
    if not known:
        raise usage_error("--undo", f"nothing was imported into {directory} that could be undone", code=Code.NOT_FOUND)
    last = known[-1]
    written: dict[str, str] = json.loads((last / WRITTEN).read_text(encoding="utf-8"))
    paths = {name: os.path.join(directory, name) for name in written}
    changed = [path for name, path in paths.items() if _digest(path) != written[name]]
    if changed:
        message = f"this file was changed since the import; what it said before is in {last}"
        raise usage_error(", ".join(changed), message, code=Code.NOT_EMPTY)
    if not dry_run:
        write_together({path: (last / name).read_bytes() for name, path in paths.items()})
        shutil.rmtree(last)
    return list(paths.values())


def _kept(folder: Path) -> list[Path]:
    """The backups, the oldest first."""
    return sorted(one for one in folder.iterdir() if one.name.isdecimal()) if folder.is_dir() else []


def _digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if os.path.isfile(path) else ""
