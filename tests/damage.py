"""Answers of systems, damaged: bytes cut, doubled, put in and changed; values of another kind; by a seed."""

from __future__ import annotations

import json
import os
import random
import socket
from collections.abc import Iterator
from io import FileIO
from typing import Any

from simsync.engine.model import Model
from simsync.questions.conform.systems import pipe, web
from simsync.questions.conform.systems.protocol import AnswerLimits, Json
from simsync.questions.conform.systems.streams import ThreadedStreams
from simsync.reference import ReferenceSystem

LIMITS = AnswerLimits(seconds=60, size=100_000)
ANSWERS: list[Json] = [
    {"ok": True},
    {"refused": "no"},
    {"error": "out of order"},
    {"protocol": 1, "name": "x", "can": ["reset_to_status"]},
    {
        "status": "In Progress",
        "tickets": {"lead": {"N1": {"kind": "note", "text": "é"}}, "service": {}},
        "notified": [],
    },
]
ODD = [
    b"",
    b"\0",
    b"\xff\xfe",
    b"\r\n",
    b"\n\n",
    b"{}",
    b"]",
    b'"',
    b"\\u",
    b"1e999",
    b"NaN",
    b"-",
    b"\xe2\x80\xa8",
    b" " * 99,
]
HEADERS = [
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip", b"Content-Length: 5", b"Content-Length: -1",
    b"Content-Length: 1e3", b"Content-Length: 99999999999999999999", b"Connection: close", b"Connection: upgrade",
    b"Content-Encoding: gzip", b"X:", b": x", b" folded", b"X: " + b"y" * 70_000, b"Location: /x", b"\xff: \xff",
]  # fmt: skip
STATUSES = [
    b"200 OK",
    b"200",
    b"100 Continue",
    b"101 S",
    b"204 No",
    b"302 Found",
    b"304 Not",
    b"404 No",
    b"500",
    b"999 x",
    b"20",
]
VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1e308,
    "",
    "x" * 500,
    "\ud800",
    "\0",
    [],
    {},
    [[]],
    {"": {}},
    ["a", 1],
    {"N1": None},
]


def bytes_damaged(chance: random.Random, whole: bytes) -> bytes:
    """Bytes with one to three faults."""
    for _ in range(chance.randint(1, 3)):
        at, to = sorted(chance.randrange(len(whole) + 1) for _ in range(2))
        match chance.randrange(6):
            case 0:
                whole = whole[:at]
            case 1:
                whole = whole[:at] + whole[to:]
            case 2:
                whole = whole[:to] + whole[at:]
            case 3:
                whole = whole[:at] + chance.choice(ODD) + whole[at:]
            case 4 if whole:
                place = chance.randrange(len(whole))
                whole = whole[:place] + bytes([chance.randrange(256)]) + whole[place + 1 :]
            case _:
                whole += chance.choice([whole, *ODD])
    return whole


def value_damaged(chance: random.Random, value: Any) -> Any:
    """A value with something in it that is another."""
    if not isinstance(value, (dict, list)) or not value or chance.random() < 0.2:
        return chance.choice(VALUES)
    if isinstance(value, list):
        place = chance.randrange(len(value))
        return [value_damaged(chance, one) if n == place else one for n, one in enumerate(value)]
    key = chance.choice([*value])
    match chance.randrange(4):
        case 0:
            return {k: v for k, v in value.items() if k != key}
        case 1:
            return {**value, chance.choice(["", "ok", "error", "refused", "id", "x"]): chance.choice(VALUES)}
    return {**value, key: value_damaged(chance, value[key])}


def http_whole(chance: random.Random, body: bytes) -> bytes:
    """A reply as a service may give it, chunked or not."""
    if chance.random() < 0.3:
        cut = chance.randrange(1, len(body))
        parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:cut], body[cut:]))
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def http_damaged(chance: random.Random, body: bytes) -> bytes:
    """A reply with something wrong about it, most of the time."""
    whole = http_whole(chance, body)
    match chance.randrange(5):
        case 0:
            return whole.replace(b"200 OK", chance.choice(STATUSES), 1)
        case 1:
            return whole.replace(b"OK\r\n", b"OK\r\n" + chance.choice(HEADERS) + b"\r\n", 1)
        case 2:
            return (
                chance.choice([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 x\r\n\r\n"]) * chance.randint(1, 9)
                + whole
            )
    return bytes_damaged(chance, whole)


def by_pipe(stream: bytes, monkeypatch: Any) -> Json:
    """What is taken for the answer where a program says this, and ends."""
    monkeypatch.setattr(pipe, "Program", lambda _: Recorded(stream))
    monkeypatch.setattr(pipe, "streams_of", ThreadedStreams)  # what it says may be more than a pipe has room for
    return _asked(pipe.PipeConnection([""], LIMITS))


def by_http(stream: bytes, monkeypatch: Any) -> Json:
    """What is taken for the answer where a service says this, and closes the connection."""

    def connect(*_: object) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(stream) + 100_000)
        with theirs:
            theirs.sendall(stream)
            theirs.shutdown(socket.SHUT_WR)
            held.append(theirs.dup())
        return ours

    held: list[socket.socket] = []
    monkeypatch.setattr(socket, "create_connection", connect)
    try:
        return _asked(web.WebConnection("http://x/", LIMITS))
    finally:
        for one in held:
            one.close()


def _asked(connection: pipe.PipeConnection | web.WebConnection) -> Json:
    try:
        return connection.exchange({"op": "act"})
    finally:
        connection.close()


class Recorded:
    """A program that says something as soon as it is asked, and ends."""

    def __init__(self, stream: bytes) -> None:
        answers, self._out = os.pipe()
        said, err = os.pipe()
        os.close(err)
        self._stream: bytes | None = stream
        self.streams = (self, FileIO(answers), FileIO(said))

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def write(self, asked: bytes) -> int:
        """Answer once it is asked."""
        if self._stream is not None:
            os.write(self._out, self._stream)
            self.end()
        return len(asked)

    def end(self) -> None:
        """It says no more."""
        if self._stream is not None:
            self._stream = None
            os.close(self._out)

    kill = end

    def code(self, _seconds: float) -> int:
        """How it ended."""
        return 0


class Damaged:
    """The reference system, some of whose answers are damaged."""

    def __init__(self, model: Model, chance: random.Random, share: float) -> None:
        self._system = ReferenceSystem(model)
        self._chance = chance
        self._share = share

    def handle(self, request: Json) -> Any:
        """The answer to a request."""
        answer = self._system.handle(request)
        return value_damaged(self._chance, answer) if self._chance.random() < self._share else answer


def streams(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """So many of each: how it is spoken, and what comes."""
    chance = random.Random(seed)
    for _ in range(count):
        body = json.dumps(chance.choice(ANSWERS), ensure_ascii=chance.random() < 0.5).encode()
        yield "pipe", bytes_damaged(chance, body + b"\n")
        yield "http", http_damaged(chance, body)
        whole = http_whole(chance, body)
        yield "cut", whole[: chance.randrange(len(whole))]
