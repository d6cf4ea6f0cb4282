"""vdirsyncer itself as a system under test: its own `sync` on two storages in memory, or by its command line.

In this folder: `simsync conform --sut-python system:errors`.
"""

from __future__ import annotations

import asyncio
import atexit
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from subprocess import CompletedProcess, run
from tempfile import mkdtemp
from typing import Any
from urllib.parse import quote, unquote

from vdirsyncer.storage.memory import MemoryStorage
from vdirsyncer.sync import sync
from vdirsyncer.sync.exceptions import SyncConflict
from vdirsyncer.sync.status import SqliteStatus
from vdirsyncer.vobject import Item

SIDES = ("a", "b")
BY_OTHERS, NOT_THERE = "it is run by a, and by the timer", "the storage does not have it"


def as_item(name: str, text: str) -> Item:
    """An event that has a text; what could break a line of a calendar file is escaped."""
    lines = ("BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{name}", f"SUMMARY:{quote(text)}", "END:VEVENT", "END:VCALENDAR")
    return Item("\r\n".join(lines))


def text_of(item: Item) -> str:
    """The text of an event."""
    summary = next(line for line in item.raw.splitlines() if line.startswith("SUMMARY:"))
    return unquote(summary.removeprefix("SUMMARY:"))


def as_view(item: Item) -> dict[str, str]:
    """What a storage shows of an event."""
    return {"kind": "event", "ics": text_of(item)}


class InMemory:
    """A pair of storages in memory. Both may become empty: the safeguard against that is off."""

    def __init__(self, conflict_resolution: str | None = None) -> None:
        self._resolution = conflict_resolution
        self.reset("")

    def hello(self, protocol: int) -> dict[str, Any]:
        """What it is; every pair begins alike."""
        name = f"vdirsyncer {version('vdirsyncer')}, conflict_resolution = {self._resolution}"
        return {"protocol": protocol, "name": name, "can": ["reset_to_status"]}

    def reset(self, status: str) -> dict[str, Any]:
        """Two empty storages that were never synchronized."""
        self._storages = {side: MemoryStorage() for side in SIDES}
        self._status = SqliteStatus(":memory:")
        self._told: list[str] = []
        return {"ok": True}

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """A sync, or a change of an event on one side."""
        if action == "sync" and actor == "b":
            return {"refused": BY_OTHERS}
        if action == "sync":
            asyncio.run(self._sync())
            return {"ok": True}
        return asyncio.run(self._change(self._storages[actor], action, item, dict(fields or {})))

    async def _change(self, storage: MemoryStorage, action: str, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        if action == "create":
            await storage.upload(as_item(name, fields.get("ics", "")))
            return {"ok": True}
        if not await storage.has(name):
            return {"refused": NOT_THERE}
        _, etag = await storage.get(name)
        if action == "delete":
            await storage.delete(name, etag)
        else:
            await storage.update(name, as_item(name, fields["ics"]), etag)
        return {"ok": True}

    async def _sync(self) -> None:
        a, b = self._storages.values()
        await sync(a, b, self._status, self._resolution, force_delete=True, error_callback=self._tell)

    def _tell(self, error: Exception) -> None:
        """What is shown to whoever runs it."""
        if not isinstance(error, SyncConflict):
            raise error
        self._told.append("operator")

    def settle(self) -> dict[str, Any]:
        """Nothing goes on between syncs."""
        return {"ok": True}

    def observe(self) -> dict[str, Any]:
        """What both storages have, and who saw an error."""
        told, self._told = self._told, []
        tickets = {
            side: {name: as_view(item) for name, (_, item) in storage.items.items()}
            for side, storage in self._storages.items()
        }
        return {"status": "Configured", "tickets": tickets, "notified": told}


class CommandLine:
    """A pair of folders that `vdirsyncer sync` synchronizes, as its manual has it: a process for each sync."""

    def __init__(self, conflict_resolution: str | None = None) -> None:
        self._resolution = conflict_resolution
        self._home = Path(mkdtemp(prefix="vdirsyncer-"))
        atexit.register(rmtree, self._home, ignore_errors=True)
        self.reset("")

    def hello(self, protocol: int) -> dict[str, Any]:
        """What it is; every pair begins alike."""
        name = f"vdirsyncer {version('vdirsyncer')} sync, conflict_resolution = {self._resolution}"
        return {"protocol": protocol, "name": name, "can": ["reset_to_status"]}

    def reset(self, status: str) -> dict[str, Any]:
        """Two empty folders that were never synchronized."""
        home = self._home
        for name in (*SIDES, "status"):
            rmtree(home / name, ignore_errors=True)
            (home / name).mkdir()
        storages = [
            f'[storage {side}]\ntype = "filesystem"\npath = "{home / side}"\nfileext = ".ics"\n' for side in SIDES
        ]
        resolution = f'conflict_resolution = "{self._resolution}"\n' if self._resolution else ""
        pair = f'[general]\nstatus_path = "{home / "status"}"\n[pair pair]\na = "a"\nb = "b"\ncollections = null\n'
        (home / "config").write_text(f"{pair}{resolution}{''.join(storages)}")
        self._told: list[str] = []
        self._discovered = self._run("discover").returncode == 0
        return {"ok": True}

    def _run(self, *words: str) -> CompletedProcess[str]:
        command = [sys.executable, "-m", "vdirsyncer", "--config", str(self._home / "config"), *words]
        return run(command, capture_output=True, text=True, input="y\n" * 9, check=False)

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """A sync, or a change of a file in one folder."""
        if action == "sync":
            return {"refused": BY_OTHERS} if actor == "b" else self._sync()
        file = self._home / actor / f"{item}.ics"
        if action != "create" and not file.exists():
            return {"refused": NOT_THERE}
        if action == "delete":
            file.unlink()
        else:  # in another file, so that it never passes for the old one
            fresh = file.with_suffix(".tmp")
            fresh.write_text(as_item(item, (fields or {}).get("ics", "")).raw)
            fresh.replace(file)
        return {"ok": True}

    def _sync(self) -> dict[str, Any]:
        done = self._run("sync", "--force-delete")
        conflicts = done.stderr.count("One item changed on both sides")
        if done.returncode and not conflicts:
            return {"error": done.stderr[-500:]}
        self._told += ["operator"] * conflicts
        return {"ok": True}

    def settle(self) -> dict[str, Any]:
        """Nothing goes on between syncs."""
        return {"ok": True}

    def observe(self) -> dict[str, Any]:
        """What both folders have, and who saw an error."""
        told, self._told = self._told, []
        files = {side: sorted((self._home / side).glob("*.ics")) for side in SIDES}
        tickets = {side: {file.stem: as_view(Item(file.read_text())) for file in some} for side, some in files.items()}
        return {"status": "Configured", "tickets": tickets, "notified": told}


def errors() -> InMemory:
    """A conflict is an error."""
    return InMemory()


def a_wins() -> InMemory:
    """The first storage wins every conflict."""
    return InMemory("a wins")


def b_wins() -> InMemory:
    """The second storage wins every conflict."""
    return InMemory("b wins")


def command_line() -> CommandLine:
    """A conflict is an error; by the command line, on two folders."""
    return CommandLine()
