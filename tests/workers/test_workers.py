"""Workers in processes of this machine: results in order, whatever becomes of the processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.errors import SimsyncError
from simsync.workers.workers import MOST_LOST, Where, Workers
from working import Tens, is_interruption_held_back, is_there

ENDS_BY_ITSELF = 60.0


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    with Workers(Where(jobs), Tens) as workers:
        assert list(workers.each(Tens.times_ten, range(40))) == list(range(0, 400, 10))
        assert list(workers.each(Tens.times_ten, range(3))) == [0, 10, 20]


@pytest.mark.parametrize(("jobs", "ahead"), [(1, 1), (2, 8)])
def test_few_tasks_are_taken_before_their_time(jobs: int, ahead: int) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    with Workers(Where(jobs), Tens) as workers:
        results = workers.each(Tens.times_ten, tasks())
        assert next(results) == 0
        assert len(taken) == ahead
        results.close()  # type: ignore[attr-defined] # they are made as they are taken


def test_a_process_that_is_killed_changes_no_result(tmp_path: Path) -> None:
    with Workers(Where(2), Tens, tmp_path) as workers:
        assert list(workers.each(Tens.ends_once, range(40))) == list(range(0, 400, 10))
    assert (tmp_path / "killed").exists()


def test_a_task_that_ends_every_process_is_told_of(tmp_path: Path) -> None:
    with Workers(Where(2), Tens, tmp_path) as workers, pytest.raises(SimsyncError, match="again and again"):
        list(workers.each(Tens.ends_always, range(40)))
    assert len(list(tmp_path.iterdir())) == MOST_LOST + 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_task_raises_comes_as_it_is(jobs: int) -> None:
    with Workers(Where(jobs), Tens) as workers, pytest.raises(SimsyncError) as raised:
        list(workers.each(Tens.complains, range(10)))
    assert [(one.file, one.message) for one in raised.value.diagnostics] == [("seven", "no")]


def test_where_a_fork_is_not_safe_processes_are_started_anew(tmp_path: Path) -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        with Workers(Where(2), Tens, tmp_path) as workers:
            assert list(workers.each(Tens.ends_once, range(20))) == list(range(0, 200, 10))
    finally:
        done.set()
        other.join()


def test_nobody_waits_for_processes_after_an_interruption() -> None:
    def interrupted() -> None:
        with Workers(Where(2), Tens) as workers:
            for _ in workers.each(Tens.waits, [0, ENDS_BY_ITSELF, ENDS_BY_ITSELF]):
                raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - started < ENDS_BY_ITSELF / 2


@pytest.mark.thorough
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left(ended_by: signal.Signals) -> None:
    """Whatever ends the parent: by Ctrl-C all of its group, by other signals itself alone."""
    code = (
        "import time\nfrom simsync.cli import _end_when_asked\n_end_when_asked()\n"
        "from simsync.workers.workers import Where, Workers\nfrom working import Tens, pid_after\n"
        "with Workers(Where(2), Tens) as workers:\n"
        "    for pid in workers.each(pid_after, [0.2, 0.2, 600, 600]):\n        print(pid, flush=True)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        children = {int(parent.stdout.readline()) for _ in range(2)}
        if ended_by is signal.SIGINT:
            os.killpg(parent.pid, ended_by)
        else:
            parent.send_signal(ended_by)
        parent.communicate(timeout=ENDS_BY_ITSELF)
    until = time.monotonic() + ENDS_BY_ITSELF
    while any(map(is_there, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_there, children))


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system has no masks of signals")
def test_ctrl_c_does_not_reach_a_process_before_it_can_ignore_it() -> None:
    """It was held back since the process began, and for this one only while it did."""
    with Workers(Where(2), Tens) as workers:
        (held_back,) = workers.each(is_interruption_held_back, [0])
    assert held_back
    assert not is_interruption_held_back(Tens(), 0)


def test_a_cluster_has_its_own_number_of_workers(cli: Run) -> None:
    code, _, err = cli("mutate", "--jobs", "2", "--cluster", "local:2")
    assert (code, "--cluster local:N starts N" in err) == (2, True)
    code, _, err = cli("generate", "--cover", "rules", "--cluster", "local:2", "--out", "x")
    assert (code, "this is for --cover mutants" in err) == (2, True)
