"""Systems that hang, crash, answer nonsense or cannot be reached are never called right, and users hear sentences."""

from __future__ import annotations

import json
import select
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from campaigns import FEW, judged
from conftest import Run
from sampling import few
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.questions.conform.campaign.pictures import picture
from simsync.questions.conform.systems.pipe import PipeConnection
from simsync.questions.conform.systems.protocol import (
    AnswerLimits,
    SystemFault,
    answered_of,
    hello_of,
    observed_of,
    ok_of,
)
from simsync.questions.conform.systems.web import WebConnection
from systems import desks, program
from systems.desks import MODEL

NOT_JUDGED = [
    ("deaf", 1, "timeout"), ("hang", 9, "timeout"), ("crash", 9, "went-away"), ("killed", 9, "went-away"),
    ("closes", 9, "went-away"), ("garbage", 1, "garbage"), ("garbage", 9, "garbage"), ("binary", 9, "garbage"),
    ("list", 9, "protocol"), ("deep", 9, "garbage"), ("flood", 9, "too-large"), ("lines", 9, "unasked"),
    ("twice", 9, "unasked"), ("swapped", 9, "protocol"), ("nothing-new", 9, "protocol"), ("half", 9, "went-away"),
    ("error", 9, "failed"), ("surrogate", 5, "garbage"),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "number", "trouble"), few(NOT_JUDGED, 6))
def test_what_cannot_be_judged_is_an_error_with_its_trace(cli: Run, mode: str, number: int, trouble: str) -> None:
    patience = "1" if trouble == "timeout" else "60"
    asked = ("--sut", program(mode, number), "--timeout", patience, "--format", "json", "--random", "1")
    code, out, _ = cli("conform", *asked)
    report = json.loads(out)
    assert (code, report["verdict"], report["divergences"], report["conforming"]) == (2, "error", [], 0)
    assert report["errors"][0]["trouble"] == trouble
    assert report["errors"][0]["trace"][-1]["request"].startswith('{"op": ')


def test_a_crash_in_the_middle_does_not_stop_the_rest(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut", program("crash", 60), "--format", "json", "scenarios/severing.yaml")
    report = json.loads(out)
    assert (code, report["verdict"], report["errors"]) == (1, "diverges", [])
    (failure,) = report["failures"]
    assert failure["message"].endswith("the disk is full")
    assert report["conforming"] + len(failure["seen_in"]) == report["sequences"] == 15


def test_what_a_program_logs_is_no_trouble(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut", program("noisy"), "scenarios/severing.yaml")
    assert (code, out.splitlines()[0].endswith("conforms")) == (0, True)


@pytest.mark.parametrize("command", ["/nonexistent/program", shlex.join([sys.executable, "-c", "pass"])])
def test_what_never_starts_is_an_error(cli: Run, command: str) -> None:
    code, out, _ = cli("conform", "--sut", command)
    assert code == 2
    assert "it never answered" in out


class _Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    system: Any
    mode = ""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.system.handle(request)).encode()
        status = 200
        if self.mode == "settle unknown" and request["op"] == "settle":
            status, body = 404, b"no such thing"
        elif self.mode == "failing" and request["op"] == "act":
            status, body = 500, b"<html>oops"
        elif self.mode == "large" and request["op"] == "observe":
            body = b" " * 2_000_000
        elif self.mode == "closing":
            self.close_connection = True
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[tuple[str, type[_Service]]]:
    kind = type("Service", (_Service,), {"system": desks.right()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simsync?x=1", kind
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("mode", "verdict", "trouble"),
    [
        ("", "conforms", None),
        ("closing", "conforms", None),
        ("settle unknown", "conforms", None),
        ("failing", "error", "failed"),
        ("large", "error", "too-large"),
    ],
)
def test_a_service(cli: Run, service: tuple[str, type[_Service]], mode: str, verdict: str, trouble: str | None) -> None:
    url, kind = service
    kind.mode = mode
    patience = ("--settle-timeout", "0.01") if mode == "settle unknown" else ()
    _, out, _ = cli("conform", "--sut-http", url, "scenarios/severing.yaml", "--format", "json", *patience)
    report = json.loads(out)
    assert report["verdict"] == verdict
    assert [one["trouble"] for one in report["errors"]][:1] == ([trouble] if trouble else [])


def test_a_service_that_is_not_there(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-http", "http://127.0.0.1:9/")
    assert (code, "error: not-started" in out) == (2, True)


def test_a_system_that_fails_now_and_then_is_driven_to_the_end(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-python", "systems.desks:Chargeless", "--format", "json")
    report = json.loads(out)
    assert (code, report["verdict"], report["stopped"]) == (2, "error", None)
    assert len(report["errors"]) > 20
    assert report["conforming"] + len(report["errors"]) == report["sequences"] > 300


def test_what_a_python_system_prints_stands_beside_the_report(cli: Run) -> None:
    code, out, err = cli("conform", "--sut-python", "systems.desks:Talking", "--random", "1", "--format", "json")
    assert (code, json.loads(out)["verdict"]) == (0, "conforms")
    assert "asked to create" in err


def test_a_system_of_which_nothing_can_be_asked_follows_no_readings(cli: Run, tmp_path: Path) -> None:
    triggers = {t.trigger for t in MODEL.policy.transitions(MODEL.status_spec)}
    (tmp_path / "map.yaml").write_text(f"cannot: {[CREATE, EDIT, DELETE, *sorted(triggers)]}\n")
    asked = (
        "conform",
        "--sut-python",
        "simsync.reference:system",
        "--map",
        tmp_path / "map.yaml",
        "--infer-readings",
    )
    code, out, _ = cli(*asked, "--format", "json")
    assert (code, json.loads(out)["verdict"]) == (2, "error")


def test_sequences_from_options(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-python", "simsync.reference:system", "--random", "5", "--seed", "3")
    assert (code, "5 sequences, 70 steps" in out) == (0, True)
    code, out, _ = cli("conform", "--sut-python", "simsync.reference:system", "--exhaustive-depth", "1")
    assert (code, "conforms" in out) == (0, True)


def test_a_python_system_may_hang_fail_or_answer_nonsense(cli: Run) -> None:
    for name, trouble in [
        ("hanging", "timeout"),
        ("raising", "went-away"),
        ("nonsense", "garbage"),
        ("unmade", "not-started"),
    ]:
        code, out, _ = cli(
            "conform", "--sut-python", f"systems.desks:{name}", "--timeout", "0.3", "--random", "1", "--format", "json"
        )
        report = json.loads(out)
        assert (code, report["verdict"], report["errors"][0]["trouble"]) == (2, "error", trouble)


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (hello_of, {"name": "x"}),
        (hello_of, {"protocol": True}),
        (hello_of, {"protocol": 1, "can": "everything"}),
        (hello_of, {"protocol": 1, "cannot": [1]}),
        (ok_of, {"ok": 1}),
        (answered_of, {"ok": False}),
        (answered_of, {"ok": True, "refused": 3}),
        (answered_of, {}),
        (answered_of, {"ok": True, "refused": 0}),
        (answered_of, {"ok": True, "id": [1]}),
        (hello_of, {"protocol": 1.0}),
        (hello_of, {"protocol": 1, "name": {}}),
        (observed_of, {"tickets": {}, "notified": []}),
        (observed_of, {"status": "x", "tickets": []}),
        (observed_of, {"status": "x", "tickets": {"lead": []}}),
        (observed_of, {"status": "x", "tickets": {"lead": {"N1": 1}}}),
        (observed_of, {"status": "x", "tickets": {}, "notified": "all"}),
    ],
)
def test_an_answer_of_another_shape_is_none(read: Callable[[Any], Any], answer: dict[str, Any]) -> None:
    with pytest.raises(SystemFault) as raised:
        read(answer)
    assert raised.value.trouble == "protocol"
    assert "is wanted, not " in raised.value.message


def test_answers_as_the_protocol_has_them() -> None:
    assert answered_of({"ok": True, "id": 7}).id == "7"
    assert answered_of({"refused": True}).refused == ""
    assert hello_of({"protocol": 1, "can": ["reset_to_status"]}).can == {"reset_to_status"}
    assert observed_of({"status": "x", "tickets": {}}).notified is None


def test_a_program_that_never_reads_is_not_waited_for() -> None:
    command = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    connection = PipeConnection(command, AnswerLimits(seconds=0.3))
    with pytest.raises(SystemFault) as raised:
        connection.exchange({"op": "act", "fields": {"text": "x" * 1_000_000}})
    connection.close()
    assert raised.value.trouble == "timeout"


def test_a_picture_shows_what_a_system_refuses_and_where_it_goes(tmp_path: Path) -> None:
    for rule, about, told in [
        ("may-create", "were refused", "refused: refused (a variant"),
        ("lead-approves", "led to In Progress", "status: In Progress"),
        ("status-emails", "told nobody", "notified: nobody"),
        ("service-note-copy", "made the copy's internal false", "internal_users_only: false"),
    ]:
        report = judged(desks.changed(rule, about, "Waiting Approval"), sources=FEW)
        assert report.findings[0].rules[0].id == rule
        svg = picture(report, report.findings[0])
        assert told.partition(" (")[0] in " ".join(ElementTree.fromstring(svg).itertext())


def test_an_item_whose_creation_was_refused_is_refused_not_an_error(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "scenario: x\ngiven: {status: Unsent}\nsteps:\n"
        "  - service: create note N1\n    expect: {refused: true}\n"
        "  - lead: edit N1\n    text: a\n    expect: {refused: true}\n"
    )
    code, out, _ = cli("conform", "--sut-python", "simsync.reference:system", tmp_path / "a.yaml")
    assert (code, "conforms" in out) == (0, True)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://a..b/", "'a..b' is no name of a host"),
        (f"http://{'a' * 64}.org/", "is no name of a host"),
        ("http://localhost/gerät", "as %-escapes"),
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_told(cli: Run, url: str, told: str) -> None:
    code, out, err = cli("conform", "--sut-http", url)
    assert (code, out) == (2, "")
    assert f"'{url}' is no address: " in err
    assert told in err


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("holders:number.foo", "'foo' is not a name in 'holders'"),
        ("holders:moody.foo", "'foo' in 'holders' cannot be read: RuntimeError: not today"),
        ("holders:shy.foo", "'foo' is not a name in 'holders'. There is none."),
    ],
)
def test_what_holds_no_factory_is_told(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, told: str
) -> None:
    (tmp_path / "holders.py").write_text(
        "class Moody:\n    def __getattr__(self, name): raise RuntimeError('not today')\n"
        "class Shy:\n    def __dir__(self): raise RuntimeError('not today')\n"
        "number, moody, shy = 5, Moody(), Shy()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    code, _, err = cli("conform", "--sut-python", place)
    assert code == 2
    assert told in err


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" "),
    ],
    ids=["continues", "headers", "chunk sizes", "body"],
)
def test_an_answer_that_trickles_is_a_timeout(first: bytes, again: bytes) -> None:
    def trickle(server: socket.socket) -> None:
        client, _ = server.accept()
        with client, suppress(OSError):
            client.sendall(first)
            while not select.select([client], [], [], 0.02)[0] or client.recv(65536):
                client.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=trickle, args=(server,), daemon=True)
        thread.start()
        connection = WebConnection(f"http://127.0.0.1:{server.getsockname()[1]}/", AnswerLimits(seconds=0.3))
        with pytest.raises(SystemFault) as raised:
            connection.exchange({"op": "settle"})
        thread.join()
    assert raised.value.trouble == "timeout"
