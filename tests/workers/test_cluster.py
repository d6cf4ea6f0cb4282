"""Workers of a Dask cluster: the same results, whatever becomes of them, and sentences where there are none."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import pytest

from conftest import ROOT, Run, besides_the_plan
from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.progress import telling
from simsync.questions.replay.log import chunks
from simsync.reference import ReferenceSystem
from simsync.workers import cluster
from simsync.workers.workers import Where, Workers
from working import Tens, is_there

ATELIER = ("--machines", ROOT / "tests" / "policies" / "atelier")
MIRRORS = ROOT / "tests" / "policies" / "atelier_scenarios"
DAYS = ROOT / "docs" / "examples" / "days"
LOCAL = Where(cluster="local:2")


def with_dask(test: Callable[..., None]) -> Any:
    """A test that needs Dask, whose import takes a second, and whose warnings are its own."""
    needed = pytest.mark.skipif(find_spec("distributed") is None, reason="no extra 'cluster'")
    return needed(pytest.mark.thorough(pytest.mark.filterwarnings("default")(test)))


@pytest.fixture
def services() -> Iterator[list[str]]:
    """The addresses of two services that follow the rules."""
    kinds = [type("Service", (Service,), {"system": ReferenceSystem(load_model(ATELIER[1]))}) for _ in range(2)]
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), kind) for kind in kinds]
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    yield [f"http://127.0.0.1:{server.server_address[1]}/" for server in servers]
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


class Service(BaseHTTPRequestHandler):
    """Answers as the rules have it."""

    system: ReferenceSystem

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(getattr(self.system, request.pop("op"))(**request) or {"ok": True}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def scheduling() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a scheduler with two workers, in processes of their own, and that of the scheduler."""
    code = (
        "import distributed, logging, sys\n"
        "if __name__ == '__main__':\n"
        "    made = distributed.LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address=None)\n"
        "    print(made.scheduler_address, flush=True)\n"
        "    sys.stdin.read()\n"
        "    made.close()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with scheduling() as (address, _):
        yield address


@with_dask
def test_a_scheduler_that_goes_away_is_told_in_a_sentence() -> None:
    with scheduling() as (address, process), Workers(Where(cluster=address), Tens) as workers:

        def tasks() -> Iterator[float]:
            yield from [0.1] * 20
            process.kill()
            yield from [0.1] * 1000

        with pytest.raises(SimsyncError, match="went away before all was done"):
            list(workers.each(Tens.waits, tasks()))


@with_dask
def test_a_worker_that_is_killed_changes_no_result(tmp_path: Path) -> None:
    with Workers(LOCAL, Tens, tmp_path) as workers:
        assert workers.count == 2
        assert list(workers.each(Tens.ends_once, range(40))) == list(range(0, 400, 10))
    assert (tmp_path / "killed").exists()


@with_dask
def test_what_a_task_raises_comes_as_it_is(scheduler: str) -> None:
    with Workers(Where(cluster=scheduler), Tens) as workers, pytest.raises(SimsyncError) as raised:
        list(workers.each(Tens.complains, range(10)))
    assert [(one.file, one.message) for one in raised.value.diagnostics] == [("seven", "no")]


@with_dask
def test_where_dask_shows_what_workers_do_is_said_if_there_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> str:
        told: list[str] = []
        with telling(told.append), Workers(LOCAL, Tens) as workers:
            assert list(workers.each(Tens.times_ten, [1])) == [10]
        (sentence,) = told
        return sentence

    monkeypatch.setattr(cluster, "has_bokeh", lambda: False)
    assert said() == "local:2: 2 workers; Dask shows what they do where bokeh is installed: pip install bokeh"
    monkeypatch.setattr(cluster, "has_bokeh", lambda: True)
    assert re.fullmatch(r"local:2: 2 workers; what they do is shown at http://127\.0\.0\.1:\d+/status", said())
    monkeypatch.setattr(cluster, "_answers", lambda _link: False)
    assert said() == "local:2: 2 workers"


def test_who_waits_for_workers_that_are_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a while they may come back; who is there again is waited for anew."""

    class Client:
        status = "running"
        threads: ClassVar[dict[str, int]] = {}

        def nthreads(self) -> dict[str, int]:
            return self.threads

    monkeypatch.setitem(sys.modules, "distributed", types.SimpleNamespace(KilledWorker=ZeroDivisionError))
    monkeypatch.setattr(cluster, "ALONE", -1)
    workers = object.__new__(cluster.ClusterWorkers)
    workers._client, workers._address, workers._alone = Client(), "here", None
    told = workers.told(TimeoutError())
    assert told is not None
    assert told.diagnostics[0].message == "all workers of here are gone, and none has come back in -1 s"
    monkeypatch.setattr(cluster, "ALONE", 600)
    assert workers.told(TimeoutError()) is None
    monkeypatch.setattr(Client, "threads", {"one": 1})
    assert workers.told(TimeoutError()) is None
    assert workers._alone is None


def test_a_page_that_is_not_there_does_not_answer() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert not cluster._answers(f"http://127.0.0.1:{nobody.getsockname()[1]}/status")
    assert not cluster._answers("")


@with_dask
def test_mutants_are_judged_the_same_by_a_cluster(scheduler: str, cli: Run) -> None:
    arguments = ("mutate", *ATELIER, MIRRORS, "--format", "json")
    alone = cli(*arguments, "--jobs", "1")
    assert cli(*arguments, "--cluster", scheduler) == alone
    assert cli(*arguments, "--cluster", "local:2") == alone


@with_dask
def test_a_suite_is_counted_and_made_the_same_by_a_cluster(scheduler: str, cli: Run, tmp_path: Path) -> None:
    counted = ("coverage", *ATELIER, MIRRORS, "--format", "json")
    assert cli(*counted, "--cluster", scheduler) == cli(*counted)
    made = ("generate", *ATELIER, "--cover", "mutants", "--out")
    _, alone, _ = cli(*made, tmp_path / "alone", "--jobs", "1")
    _, shared, _ = cli(*made, tmp_path / "shared", "--cluster", scheduler)
    assert alone.replace("alone", "shared") == shared
    assert (tmp_path / "alone" / "mutants.yaml").read_bytes() == (tmp_path / "shared" / "mutants.yaml").read_bytes()


@with_dask
def test_races_are_those_that_one_process_finds(scheduler: str, cli: Run) -> None:
    arguments = ("races", "--machines", ROOT / "examples" / "policies" / "minimal" / "machines", "--format", "json")
    assert cli(*arguments, "--cluster", scheduler) == cli(*arguments)


@with_dask
@pytest.mark.parametrize("scratch", [True, False])
def test_pieces_of_a_log_elsewhere_are_told_the_same(
    scratch: bool, scheduler: str, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The workers of a cluster that is not of this process reach each other's files, or get lines from here."""
    monkeypatch.setattr(chunks, "_is_reached", lambda *_, **__: True)
    arguments = ("replay", ROOT / "docs" / "examples" / "log.jsonl", *DAYS.glob("*.jsonl"))
    kept = ("--scratch", tmp_path) if scratch else ()
    assert cli(*arguments, "--cluster", scheduler, *kept) == cli(*arguments)
    assert list(tmp_path.iterdir()) == []


@with_dask
def test_a_log_is_told_the_same_by_a_cluster(scheduler: str, cli: Run) -> None:
    arguments = ("replay", ROOT / "docs" / "examples" / "log.jsonl")
    alone = cli(*arguments)
    assert cli(*arguments, "--cluster", scheduler) == alone


@with_dask
def test_a_cluster_that_cannot_be_used_is_told_in_a_sentence(
    scheduler: str, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        code, out, err = cli("mutate", *ATELIER, MIRRORS, "--cluster", address)
    assert (code, out) == (2, "")
    assert err == f"--cluster: usage: no Dask scheduler answers at '{address}': nothing came in 5 s\n"
    code, out, err = cli("mutate", *ATELIER, MIRRORS, "--cluster", "nowhere://x")
    assert (code, out, "unknown address scheme 'nowhere'" in err, err.count("\n")) == (2, "", True, 1)
    monkeypatch.setattr(cluster, "__version__", "0.0.7")
    code, out, err = cli("mutate", *ATELIER, MIRRORS, "--cluster", scheduler)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "simsync 0.0.7" in err


def test_without_dask_a_sentence_says_how_to_have_it(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dask", "distributed"):
        monkeypatch.setitem(sys.modules, name, None)
    code, out, err = cli("mutate", *ATELIER, MIRRORS, "--cluster", "local:2")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "a cluster needs simsync's extra 'cluster', which is not installed" in err


@with_dask
def test_no_worker_is_left_after_an_interruption(tmp_path: Path) -> None:
    """Ctrl-C reaches all of the group; nothing but what simsync says is told."""
    code = (
        "import sys\nfrom simsync.cli import entry\nif __name__ == '__main__':\n"
        "    sys.argv[1:] = ['mutate', '--hand-written', '--cluster', 'local:2']\n    entry()\n"
    )
    (tmp_path / "long.py").write_text(code)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "long.py")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=ROOT, start_new_session=True,
    ) as parent:  # fmt: skip
        while len(workers := _of_session(parent.pid)) < 4:  # with the resource tracker
            assert parent.poll() is None
            time.sleep(0.1)
        os.killpg(parent.pid, signal.SIGINT)
        out, err = parent.communicate(timeout=60)
    assert (parent.returncode, err) == (130, "SIGINT: what is known is reported; once more ends it without\n")
    assert re.match(r"interrupted by SIGINT after \d+ of 1,606 mutants run; ", out)
    eventually(lambda: not any(map(is_there, workers)))


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)


def started_as(command: str) -> bool:
    """Whether a process has these words."""
    listed = subprocess.run(["ps", "-e", "-o", "args="], capture_output=True, text=True, check=False)
    return any(line.strip() == command for line in listed.stdout.splitlines())


def _of_session(session: int) -> list[int]:
    """The processes of a session."""
    listed = subprocess.run(["ps", "-o", "pid=", "-s", str(session)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


def told(result: tuple[int, str, str]) -> tuple[int, str, str]:
    """What a campaign tells, but for the times that it expects."""
    code, out, err = result
    return code, out, besides_the_plan(err)


@with_dask
@pytest.mark.parametrize("form", ["text", "json", "junit"])
def test_a_system_is_told_of_the_same_by_a_cluster(scheduler: str, cli: Run, form: str) -> None:
    """Each worker starts an instance of its own, and none is left."""
    system = [sys.executable, "-m", "simsync", "serve", "--machines", str(ATELIER[1]), "--reading", "quotes=kept"]
    arguments = ("conform", *ATELIER, MIRRORS, "--random", "6", "--sut", shlex.join(system), "--format", form)
    alone = told(cli(*arguments))
    assert alone[0] == 1
    assert told(cli(*arguments, "--cluster", scheduler)) == alone
    eventually(lambda: not started_as(shlex.join(system)))


@with_dask
def test_each_service_has_one_worker_at_a_time(scheduler: str, cli: Run, services: list[str]) -> None:
    addresses = [word for url in services for word in ("--sut-http", url)]
    arguments = ("conform", *ATELIER, MIRRORS, "--random", "6", *addresses, "--format", "json")
    alone = told(cli(*arguments))
    assert alone[0] == 0
    assert told(cli(*arguments, "--cluster", scheduler)) == alone
    assert told(cli(*arguments[:-4], "--format", "json", "--cluster", scheduler)) == alone


def test_an_object_of_this_process_is_for_this_process(cli: Run) -> None:
    code, out, err = cli("conform", "--sut-python", "simsync.reference:system", "--cluster", "local:2")
    assert (code, out) == (2, "")
    assert err.startswith("--cluster: usage: the workers of a cluster have no Python object of this process")
