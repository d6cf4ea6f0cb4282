"""Answers by HTTP that are not all of one, or more than one, are trouble; a connection that went away is made anew."""

from __future__ import annotations

import socket
import ssl
import threading
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import BinaryIO, NamedTuple

import pytest

from simsync.questions.conform.systems.protocol import AnswerLimits, SystemFault
from simsync.questions.conform.systems.web import WebConnection

OK = b'{"ok": true}'


def reply(body: bytes = OK, *headers: bytes, length: int | None = None, status: bytes = b"200 OK") -> bytes:
    size = len(body) if length is None else length
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % size, *headers]
    return b"\r\n".join([*lines, b"", body])


def chunked(*chunks: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


class Told(NamedTuple):
    """What a service was asked, by connection."""

    url: str
    asked: list[list[bytes]]


@contextmanager
def service(*connections: Sequence[bytes]) -> Iterator[Told]:
    """A service that gives the next answer to each request, and closes each connection after the last one for it."""
    asked: list[list[bytes]] = []

    def serve(server: socket.socket) -> None:
        for answers in connections:
            with suppress(OSError):
                client, _ = server.accept()
                with client, client.makefile("rb") as stream:
                    asked.append([])
                    for answer in answers:
                        asked[-1].append(request_on(stream))
                        client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,), daemon=True)
        thread.start()
        yield Told(f"http://127.0.0.1:{server.getsockname()[1]}/", asked)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def request_on(stream: BinaryIO) -> bytes:
    """A request's headers and body."""
    head, length = b"", 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        head += line
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head + stream.read(length)


WRONG = [
    (
        reply(length=22),
        "went-away",
        "broke off its answer: peer closed connection without sending complete message body",
    ),
    (reply(length=9), "unasked", "after its answer it said more than it was asked: ue}"),
    (reply() + reply(), "unasked", "after its answer it said more than it was asked: HTTP/1.1 200 OK"),
    (reply() + b"\r\n", "unasked", "after its answer it said more than it was asked"),
    (b"", "went-away", "closed the connection without an answer"),
    (b"HTTP/1.1 200 OK\r\nContent-Le", "went-away", "broke off its answer"),
    (OK, "went-away", "broke off its answer"),
    (b"HELLO\r\n\r\n", "garbage", "this is no HTTP: illegal status line: 'HELLO'"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, "garbage", "this is no HTTP: more than 65,536 bytes, and headers"),
    (reply(length=-1), "garbage", "this is no HTTP: bad Content-Length"),
    (reply(OK, b"Content-Length: 3"), "garbage", "this is no HTTP: conflicting Content-Length headers"),
    (chunked(b"-5\r\n", OK), "garbage", "this is no HTTP: illegal chunk header"),
    (chunked(b"5\r\n", OK, b"\r\n"), "garbage", "this is no HTTP"),
    (chunked(b"c\r\n", OK, b"\r\n"), "went-away", "broke off its answer"),
    (chunked(b"0" * 100_000), "garbage", "this is no HTTP: more than 65,536 bytes"),
    (reply(b" " * 3000), "too-large", "an answer has more than 1,000 bytes"),
    (b"HTTP/1.0 200 OK\r\n\r\n" + b" " * 3000, "too-large", "an answer has more than 1,000 bytes"),
    (b"HTTP/1.1 204 No Content\r\n\r\n", "failed", "the service answers 204, and 200 is wanted"),
    (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "garbage", "this is no HTTP"),
    (reply(b"", b"Location: /there\x1b", status=b"302 Found"), "failed", r"points to /there\x1b, where nobody"),
    (reply(b"", b"Location: /there", status=b"302 Found"), "failed", "answers 302 and points to /there, where nobody"),
    (reply(b"moved", status=b"301 Moved"), "failed", "the service answers 301, and 200 is wanted: moved"),
    (reply(b"oops", status=b"500 Oops"), "failed", "the service answers 500, and 200 is wanted: oops"),
    (
        reply(b"wait", status=b"429 Wait"),
        "failed",
        "200 is wanted: wait; it is asked too often, and --max-requests bounds",
    ),
    (reply(b"no", status=b"404 No"), "failed", "the service answers 404: no"),
    (reply(b"\x1f\x8b", b"Content-Encoding: gzip"), "garbage", "the answer is encoded as gzip, although"),
    (reply(b"<p>", b"Content-Type: text/html"), "garbage", r"belong on stderr (it says that this is text/html)"),
    (reply(b"[]", b"Content-Type: application/json"), "protocol", "a JSON object is wanted, not []"),
]


@pytest.mark.parametrize(("answer", "trouble", "told"), WRONG)
def test_what_is_not_one_whole_answer_is_trouble(answer: bytes, trouble: str, told: str) -> None:
    with service([answer]) as there:
        connection = WebConnection(there.url, AnswerLimits(seconds=30, size=1000))
        with closing(connection), pytest.raises(SystemFault) as raised:
            connection.exchange({"op": "settle"})
    assert raised.value.trouble == trouble
    assert told in raised.value.message


RIGHT = [
    reply(),
    reply(OK, b"Content-Type: text/html"),
    reply(OK, b"Content-Encoding: identity"),
    reply(BOM_UTF8 + OK),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + reply(),
    b"HTTP/1.0 200 OK\r\n\r\n" + OK,
    b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + OK,
    chunked(b"5\r\n", OK[:5], b"\r\n7;x=y\r\n", OK[5:], b"\r\n0\r\nTrailer: x\r\n\r\n"),
    b"HTTP/1.1 200 OK\nContent-Length: 12\n\n" + OK,
]


@pytest.mark.parametrize("answer", RIGHT)
def test_what_is_one_whole_answer_is_taken(answer: bytes) -> None:
    with service([answer]) as there:
        connection = WebConnection(there.url, AnswerLimits(seconds=30))
        assert connection.exchange({"op": "settle"}) == {"ok": True}
        connection.close()


def test_a_connection_that_was_closed_between_two_requests_is_opened_again() -> None:
    with service([reply()], [reply()], [reply()]) as there:
        connection = WebConnection(there.url, AnswerLimits(seconds=30))
        for _ in range(3):
            assert connection.exchange({"op": "observe"}) == {"ok": True}
            wait_for_its_end(connection)
        connection.close()
    assert [len(one) for one in there.asked] == [1, 1, 1]
    assert b"Connection: close" not in there.asked[0][0]
    assert b"Connection: close" in there.asked[2][0]


def wait_for_its_end(connection: WebConnection) -> None:
    """Until the service has closed its end."""
    if connection._socket is not None:
        connection._socket.settimeout(30)
        connection._socket.recv(1, socket.MSG_PEEK)


@pytest.mark.parametrize(("op", "asked"), [("settle", 3), ("act", 2)])
def test_what_may_have_been_acted_upon_is_not_sent_again(op: str, asked: int) -> None:
    with service([reply(), b""], [reply()]) as there:  # the second request is read, and never answered
        connection = WebConnection(there.url, AnswerLimits(seconds=30))
        connection.exchange({"op": "hello"})
        if op == "settle":
            assert connection.exchange({"op": op}) == {"ok": True}
        else:
            with pytest.raises(SystemFault, match="whether it acted on the request cannot be known") as raised:
                connection.exchange({"op": op})
            assert raised.value.trouble == "went-away"
            connection.exchange({"op": "hello"})
        connection.close()
    assert sum(map(len, there.asked)) == asked + (op == "act")


def test_what_comes_later_without_being_asked_is_trouble() -> None:
    with service([reply() + b""], []) as there:
        connection = WebConnection(there.url, AnswerLimits(seconds=30))
        connection.exchange({"op": "settle"})
        connection.close()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection._socket = ours
        theirs.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        with pytest.raises(SystemFault, match=r"it spoke without being asked: HTTP/1\.1 408"):
            connection.exchange({"op": "settle"})


def test_an_address_says_all_that_is_needed() -> None:
    with service([reply()]) as there:
        connection = WebConnection(there.url.replace("//", "//me:p%40ss@") + "x?y=1#z", AnswerLimits(seconds=30))
        connection.exchange({"op": "settle"})
        connection.close()
    head = there.asked[0][0]
    assert head.startswith(b"POST /x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Authorization: Basic bWU6cEBzcw==" in head
    assert head.endswith(b'{"op": "settle"}')


def test_a_password_is_not_told() -> None:
    with pytest.raises(SystemFault) as raised:
        WebConnection("http://me:secret@127.0.0.1:9/", AnswerLimits()).exchange({"op": "settle"})
    assert raised.value.trouble == "not-started"
    assert raised.value.message.startswith("http://127.0.0.1:9/ cannot be reached: ")


def test_proxies_in_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    test_what_is_one_whole_answer_is_taken(reply())


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6 here")
def test_an_address_of_the_sixth_version() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("there is no IPv6 here")
    with server:
        thread = threading.Thread(target=lambda: answer_once(server, reply()), daemon=True)
        thread.start()
        connection = WebConnection(f"http://[::1]:{server.getsockname()[1]}/", AnswerLimits(seconds=30))
        assert connection.exchange({"op": "settle"}) == {"ok": True}
        connection.close()
        thread.join()


def answer_once(server: socket.socket, answer: bytes) -> None:
    client, _ = server.accept()
    with client, client.makefile("rb") as stream, suppress(OSError):
        request_on(stream)
        client.sendall(answer)


def test_no_tls_where_it_was_asked_for_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: answer_anything(server, reply()), daemon=True)
        thread.start()
        connection = WebConnection(f"https://127.0.0.1:{server.getsockname()[1]}/", AnswerLimits(seconds=30))
        with closing(connection), pytest.raises(SystemFault, match="cannot be reached: ") as raised:
            connection.exchange({"op": "settle"})
        thread.join()
    assert raised.value.trouble == "not-started"


def answer_anything(server: socket.socket, answer: bytes) -> None:
    client, _ = server.accept()
    with client, suppress(OSError):
        client.recv(1000)
        client.sendall(answer)


def test_a_certificate_that_nobody_trusts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def distrustful(*_: object, **__: object) -> ssl.SSLSocket:
        error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        error.verify_message = "self-signed certificate"
        raise error

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", distrustful)
    with service([]) as there:
        connection = WebConnection(there.url.replace("http:", "https:"), AnswerLimits(seconds=30))
        with pytest.raises(SystemFault, match="its certificate is not trusted: self-signed certificate") as raised:
            connection.exchange({"op": "settle"})
        connection.close()
    assert raised.value.trouble == "not-started"
