"""unison itself as a system under test: two directories in a temporary one, synchronized by its command line.

simsync conform --machines examples/policies/unison/machines --sut-python examples.policies.unison.system:plain
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from weakref import finalize

ROOTS = ("a", "b")
STATUS = "Set up"
ALWAYS = ("-ui", "text", "-batch", "-auto", "-times=false", "-fastcheck=false", "-log=false")
LEFT = re.compile(r"^  (skipped|failed): ", re.M)
UNFINISHED = ".unison."
NOTHING_DONE = 3


class Unison:
    """Answers each ``op`` of the protocol; files are items, and a run of unison is the action ``sync``.

    ``settings`` are unison's options. A root is called ``a`` or ``b`` in them. ``tick`` is by how much the modification
    time of a file is later than that of the file that was changed before it.
    """

    def __init__(self, *settings: str, tick: int = 1) -> None:
        self._settings = settings
        self._tick = tick
        self._folder = Path(mkdtemp(prefix="unison-"))
        finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def hello(self, protocol: int) -> dict[str, Any]:
        """What it is and can do."""
        version = subprocess.run(["unison", "-version"], capture_output=True, text=True, check=True)
        name = " ".join((version.stdout.split(" (")[0].replace("version ", ""), *self._settings))
        return {"protocol": protocol, "name": name, "can": ["reset_to_status"]}

    def reset(self, status: str) -> None:
        """Two empty directories, and no archive that knows of them."""
        for name in (*ROOTS, "archives"):
            shutil.rmtree(self._path(name), ignore_errors=True)
            self._path(name).mkdir()
        self._left = self._clock = 0

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """What a root's user does to a file, or a run."""
        if action == "sync":
            return self._run()
        path = self._path(actor) / item
        if action != "create" and not path.exists():
            return {"refused": "there is no such file"}
        if action == "delete":
            path.unlink()
        else:
            self._write(path, (fields or {}).get("contents", ""))
        return {"ok": True}

    def settle(self) -> None:
        """Nothing crosses but in a run."""

    def observe(self) -> dict[str, Any]:
        """The files below both roots, and one notice for each that was skipped or failed."""
        notified = ["operator"] * self._left
        self._left = 0
        return {"status": STATUS, "tickets": {root: self._files(root) for root in ROOTS}, "notified": notified}

    def _path(self, name: str) -> Path:
        return self._folder / name

    def _files(self, root: str) -> dict[str, dict[str, str]]:
        paths = [path for path in self._path(root).iterdir() if not path.name.startswith(UNFINISHED)]
        return {path.name: {"kind": "file", "contents": path.read_bytes().decode()} for path in paths}

    def _write(self, path: Path, contents: str) -> None:
        """What was changed later has the later modification time, however quickly it was done."""
        path.write_bytes(contents.encode())
        self._clock += self._tick
        os.utime(path, (self._clock, self._clock))

    def _run(self) -> dict[str, Any]:
        roots = {root: str(self._path(root)) for root in ROOTS}
        settings = (roots.get(word, word) for word in self._settings)
        done = subprocess.run(
            ["unison", *roots.values(), *ALWAYS, *settings],
            env={**os.environ, "UNISON": str(self._path("archives"))},
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        said = (done.stdout + done.stderr).decode(errors="replace")
        if done.returncode >= NOTHING_DONE:
            return {"refused": " ".join(said.rpartition("changes\n")[2].split())}
        self._left += len(LEFT.findall(said))
        return {"ok": True}


DELETING = "-confirmbigdel=false"


def plain() -> Unison:
    """No setting but that an emptied replica is synchronized like any other."""
    return Unison(DELETING)


def preferring() -> Unison:
    """A conflict is resolved in favor of root a."""
    return Unison(DELETING, "-prefer", "a")


def newest() -> Unison:
    """A conflict is resolved in favor of the newer version; nothing is deleted below root b."""
    return Unison(DELETING, "-prefer", "newer", "-nodeletion", "b")


def mirroring() -> Unison:
    """Root b becomes a mirror of root a, which keeps what a has not."""
    return Unison(DELETING, "-force", "a", "-nodeletion", "b")


def careful() -> Unison:
    """As it is installed: a run is aborted where a whole replica seems to be deleted."""
    return Unison()


def quick() -> Unison:
    """What has the size and the modification time that it had is not read; and whoever writes keeps that time."""
    return Unison(DELETING, "-fastcheck=true", tick=0)
