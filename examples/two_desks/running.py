"""The two desks and the worker as child processes, started anew when one of them dies."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from examples.two_desks.client import Client, UnreachableError
from examples.two_desks.faults import SWITCH, Switch
from examples.two_desks.lifecycle import ROLES, Role

ROOT = Path(__file__).resolve().parents[2]
PARTS = (*ROLES, "worker")
BACKLOG = 100
SECONDS_TO_STOP = 5.0


class Part:
    """One child process. When it is killed, it is started anew, until it is stopped or taken down.

    A process that ends with an error of its own would end so again: it is not started anew, and has said why. A socket
    that it should have answered is closed then, so that nobody waits for it.
    """

    def __init__(self, arguments: Sequence[str], *, switch: Path, answers: socket.socket | None = None) -> None:
        self._arguments = [sys.executable, "-m", *arguments]
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), SWITCH: str(switch)}
        self._answers = answers
        self._wanted = threading.Lock()
        self._up = True
        self._process = self._start()
        self._watch = threading.Thread(target=self._stay_up, args=(self._process,), daemon=True)
        self._watch.start()

    @property
    def pid(self) -> int:
        """The present process."""
        return self._process.pid

    def kill(self) -> None:
        """Kill the process on the spot, as a power cut would, and wait until it is dead; it is started anew."""
        process = self._process
        process.kill()
        process.wait()

    def down(self) -> None:
        """Kill the process, and leave it dead until `up`."""
        with self._wanted:
            self._up = False
        self.kill()

    def up(self) -> None:
        """Start what was taken down."""
        with self._wanted:
            if self._up:
                return
            self._up = True
            self._process = self._start()
        self._watch = threading.Thread(target=self._stay_up, args=(self._process,), daemon=True)
        self._watch.start()

    def tell_to_stop(self) -> None:
        """Close the lifeline of the process, and do not start another."""
        with self._wanted:
            self._up = False
        _close_input(self._process)

    def stop(self) -> None:
        """End the process in good order, or else without."""
        self.tell_to_stop()
        process = self._process
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=self._environment,
            pass_fds=() if self._answers is None else (self._answers.fileno(),),
            start_new_session=True,  # Ctrl-C is for the parent, which then ends its children
        )

    def _stay_up(self, process: subprocess.Popen[bytes]) -> None:
        while True:
            process.wait()
            _close_input(process)
            with self._wanted:
                if not self._up:
                    return
                if process.returncode >= 0:
                    self._up = False
                    if self._answers is not None:
                        self._answers.close()
                    return
                process = self._process = self._start()


def _close_input(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


class TwoDesks:
    """The running system: a context, at whose end no process is left."""

    def __init__(self, *, data: Path | None = None, fault: str | None = None) -> None:
        self.temporary = data is None
        self.data = data or Path(tempfile.mkdtemp(prefix="two_desks_"))
        self.fault = Switch(self._switch)
        self.fault.turn(fault)
        self._sockets = {role: socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) for role in ROLES}
        self.addresses: dict[Role, str] = {
            role: f"http://127.0.0.1:{self._sockets[role].getsockname()[1]}" for role in ROLES
        }
        self.parts: dict[str, Part] = {role: self._desk(role) for role in ROLES}
        both = [self.addresses[role] for role in ROLES]
        self.parts["worker"] = Part(["examples.two_desks.worker", *both], switch=self._switch)

    @property
    def _switch(self) -> Path:
        return self.data.resolve() / "fault"

    def _desk(self, role: Role) -> Part:
        listening, database = self._sockets[role], self.data / f"{role}.sqlite"
        arguments = ["examples.two_desks.web", role[0].upper(), str(database), str(listening.fileno())]
        return Part(arguments, switch=self._switch, answers=listening)

    def wait(self) -> None:
        """Return once both desks answer; SystemExit with a sentence where one does not."""
        for role, address in self.addresses.items():
            client = Client(address)
            try:
                client.ask("GET", "/outbox")
            except UnreachableError as problem:
                sys.exit(f"two_desks: the {role} desk did not start: {problem}")
            finally:
                client.close()

    def stop(self) -> None:
        """End all processes, and remove the data if nobody named a place for it."""
        self.parts["worker"].stop()  # first, while there is still somebody for it to talk to
        for role in ROLES:
            self.parts[role].tell_to_stop()
        for role in ROLES:
            self.parts[role].stop()
        for listening in self._sockets.values():
            listening.close()
        if self.temporary:
            shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self) -> TwoDesks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
