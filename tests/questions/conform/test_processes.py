"""No process is left behind, whoever started it and however it all ends."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import subprocess
import sys
import textwrap
import threading
from functools import partial
from pathlib import Path

import pytest

from conftest import ROOT, besides_the_plan
from simsync.questions.conform.systems.pipe import PipeConnection, words_of
from simsync.questions.conform.systems.protocol import AnswerLimits, SystemFault
from simsync.questions.conform.systems.streams import PolledStreams, ThreadedStreams

BREEDER = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
far = [subprocess.Popen(["sleep", "1000"], start_new_session=True).pid]      # in a session of its own
if not (child := os.fork()):                                                 # and one that is nobody's child
    os.setsid()
    if os.fork():
        os._exit(0)
    with open(PIDS, "w") as stream:
        print(os.getpid(), file=stream)
    os.execvp("sleep", ["sleep", "1000"])
os.waitpid(child, 0)
while not os.path.exists(PIDS) or not open(PIDS).read().endswith("\\n"):
    pass
with open(PIDS, "a") as stream:
    print(*far, os.getpid(), file=stream)
"""


def breeder(folder: Path, then: str) -> list[str]:
    """The command of a program that starts others, which outlive it if they can, and then does something."""
    script = folder / "breeder.py"
    script.write_text(BREEDER.replace("PIDS", repr(str(folder / "pids"))) + textwrap.dedent(then))
    return [sys.executable, str(script)]


def alive(pids: Path) -> list[int]:
    """Those of the processes in a file that still run; what ended and was not waited for by its parent does not."""
    found = []
    for pid in map(int, pids.read_text().split()):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.append(pid)
    return found


ANSWERING = """
for line in sys.stdin:
    print('{"ok": true}', flush=True)
time.sleep(1000)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere what leaves its process group cannot be found again")
@pytest.mark.parametrize("then", [ANSWERING, "print('hello', flush=True)\n"], ids=["stays", "ends"])
def test_whatever_a_program_started_ends_with_it(tmp_path: Path, then: str) -> None:
    connection = PipeConnection(breeder(tmp_path, then), AnswerLimits(seconds=60))
    if then is ANSWERING:
        assert connection.exchange({"op": "settle"}) == {"ok": True}
        assert len(alive(tmp_path / "pids")) == 3
    else:
        with pytest.raises(SystemFault):
            connection.exchange({"op": "settle"})
    connection.close()
    assert alive(tmp_path / "pids") == []


@pytest.fixture(params=[PolledStreams, ThreadedStreams], ids=["polled", "threads"])
def streams(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[PolledStreams | ThreadedStreams]:
    """How the streams of programs are served, here and on systems that cannot poll them."""
    if request.param is ThreadedStreams:
        monkeypatch.delattr(select, "poll")
    chosen: type[PolledStreams | ThreadedStreams] = request.param
    return chosen


def test_somebody_in_a_hurry_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, streams: type[PolledStreams | ThreadedStreams]
) -> None:
    connection = PipeConnection(breeder(tmp_path, ANSWERING), AnswerLimits(seconds=60))
    connection.exchange({"op": "settle"})

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PolledStreams, "heard", interrupted)
    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        connection.close()
    assert alive(tmp_path / "pids") == []


def _heard(*signals: signal.Signals) -> None:
    """Have signals heard that whoever runs the tests has ignored, as nohup does."""
    for number in signals:
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("signals", "codes"),
    [
        ([signal.SIGTERM], {2}),
        ([signal.SIGHUP], {2}),
        ([signal.SIGINT, signal.SIGINT], {2, 130}),  # the second comes while the report is made, or ends it at once
        ([signal.SIGTERM, signal.SIGHUP], {2, 129, 143}),
    ],
)
def test_a_campaign_that_is_ended_leaves_nothing_behind(
    tmp_path: Path, signals: list[signal.Signals], codes: set[int]
) -> None:
    command = shlex.join(breeder(tmp_path, ANSWERING.replace("print", "time.sleep(1000); print")))
    asked = [sys.executable, "-m", "simsync", "conform", "--sut", command, "--timeout", "100"]
    process = subprocess.Popen(
        asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, preexec_fn=partial(_heard, *signals)
    )
    pids = tmp_path / "pids"
    while not pids.exists() or len(pids.read_text().split()) < 3:
        assert process.poll() is None
    for number in signals:
        process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert b"Traceback" not in err
    assert process.returncode in codes
    assert alive(pids) == []


PATIENT = """
import sys, time
for number, line in enumerate(sys.stdin):
    if number == 2:
        print("I give up", file=sys.stderr)
        sys.exit(3)
    print("x" * 200_000, file=sys.stderr, flush=True)
    print('{"heard": %d}' % len(line), flush=True)
"""


def test_a_program_is_asked_whatever_it_says_beside(streams: type[PolledStreams | ThreadedStreams]) -> None:
    """Requests and complaints that no pipe has room for, requests at once, and an end with last words."""
    connection = PipeConnection([sys.executable, "-c", PATIENT], AnswerLimits(seconds=60))
    long = {"op": "act", "text": "x" * 300_000}
    heard = connection.at_once([[{"op": "settle"}], [long]])
    assert [[one.answer for one in some] for some in heard] == [[{"heard": 17}], [{"heard": 300_026}]]
    with pytest.raises(SystemFault) as fault:
        connection.exchange({"op": "settle"})
    assert fault.value.message == ("it ended with exit code 3, without an answer; on stderr it said last: I give up")
    connection.close()


SPEAKING = """
import os, sys
for line in sys.stdin:
    print('{"ok": true}', flush=True)
    if "twice" in line:
        print("and more", flush=True)
    if "closes" in line:
        os.close(1)
        sys.stdin.read()
        break
"""


@pytest.mark.parametrize(
    ("asked", "message"),
    [("twice", "more"), ("closes", "^it closed its output but runs on, without an answer$")],
)
def test_what_is_said_unasked_is_told(streams: type[PolledStreams | ThreadedStreams], asked: str, message: str) -> None:
    connection = PipeConnection([sys.executable, "-c", SPEAKING], AnswerLimits(seconds=60))
    assert connection.exchange({"op": "settle"}) == {"ok": True}
    with pytest.raises(SystemFault, match=message):
        _ = [connection.exchange({"op": op}) for op in (asked, "settle")]
    connection.close()


def test_a_signal_without_a_name_is_told() -> None:
    number = signal.SIGRTMIN + 3
    connection = PipeConnection(["sh", "-c", f"kill -{number} $$"], AnswerLimits())
    with pytest.raises(SystemFault, match=f"^it was ended by signal {number}, without an answer$"):
        connection.exchange({"op": "settle"})
    connection.close()


LACKING = """
import os, select, signal, sys
if hasattr(select, "poll"):
    del select.poll
for name in ("set_blocking", "killpg", "waitid", "fork", "setsid", "getpgid", "sched_getaffinity", "sysconf", "umask"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGALRM"):
    if hasattr(signal, name):
        delattr(signal, name)
for name in ("fcntl", "resource", "termios", "pwd", "grp", "posix_ipc", "tty", "pty"):
    sys.modules[name] = None
"""


def test_what_only_some_systems_have_is_not_imported() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    found = {name for text in texts for name in re.findall(r"^\s*(?:import|from) (\w+)", text, re.M)}
    assert found & {"fcntl", "resource", "termios", "pwd", "grp", "pty", "tty", "posix", "syslog", "readline"} == set()


@pytest.mark.thorough
def test_what_other_systems_lack_is_not_needed(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(LACKING)
    done = subprocess.run(
        [sys.executable, "-m", "simsync", "conform", "--sut", f"{sys.executable} -m simsync serve", "--random", "1"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert (done.returncode, besides_the_plan(done.stderr)) == (0, "")
    assert "conforms" in done.stdout.splitlines()[0]


def test_words_of_a_command() -> None:
    assert words_of("python 'my system.py' --x=1 # no comment") == [
        "python",
        "my system.py",
        "--x=1",
        "#",
        "no",
        "comment",
    ]
    assert words_of(r"a\ b") == ["a b"]


def test_where_backslashes_part_the_names_of_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsync.questions.conform.systems.pipe.os.name", "nt")
    assert words_of(r'"C:\my python\python.exe" C:\x.py') == [r"C:\my python\python.exe", r"C:\x.py"]


def test_a_program_that_is_left_running_ends_with_python(tmp_path: Path) -> None:
    script = (
        "from simsync.questions.conform.systems.program import Program; import sys;"
        " Program(sys.argv[1:]).streams[1].readline()"
    )
    waiting = breeder(tmp_path, "print(flush=True); time.sleep(1000)")
    subprocess.run([sys.executable, "-c", script, *waiting], check=True)
    assert alive(tmp_path / "pids") == []


def test_the_right_one_is_not_touched() -> None:
    other = PipeConnection(["cat"], AnswerLimits())
    one = PipeConnection([sys.executable, "-c", "pass"], AnswerLimits())
    with pytest.raises(SystemFault):
        one.exchange({"op": "settle"})
    one.close()
    assert other.exchange({"op": "settle"}) == {"op": "settle"}
    other.close()
