"""A system that runs somewhere else: the same requests by HTTP POST."""

from __future__ import annotations

import http.client
import io
import select
import socket
import time
from typing import Any
from urllib.parse import urlsplit

from simsync.analysis.system.driven import Trouble
from simsync.conformance.protocol import Json, Limits, SystemFault, UnknownRequest, as_text, excerpt, parsed
from simsync.errors import Code, usage_error

CHUNK = 65536
OK = 200
QUICK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Has the kernel acknowledge at once: a service that writes headers and body apart would wait 40 ms for that."""
UNKNOWN = (400, 404, 405, 422, 501)
"""What a service answers to a request that it does not know."""


class WebConnection:
    """One kept-alive connection. The service is not ours: it is neither started nor ended.

    A request is never sent twice: whether the first was acted upon cannot be known.
    """

    def __init__(self, url: str, limits: Limits) -> None:
        self._limits = limits
        self._url = url
        self._path, self._make = _address(url)
        self._connection: http.client.HTTPConnection | None = None

    def exchange(self, request: Json) -> Json:
        """Post a request, and read the answer."""
        deadline = time.monotonic() + self._limits.seconds
        try:
            status, body = self._post(as_text(request).encode(), deadline)
        except TimeoutError:
            self.close()
            raise SystemFault(Trouble.TIMEOUT, f"no answer within {self._limits.seconds:g} s") from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            trouble = Trouble.START if isinstance(error, ConnectionRefusedError) else Trouble.ENDED
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise SystemFault(trouble, f"{self._url} gives no answer: {why}") from error
        if status in UNKNOWN:
            raise UnknownRequest(f"the service answers {status}: {excerpt(body)}")
        if status != OK:
            raise SystemFault(Trouble.FAILED, f"the service answers {status}: {excerpt(body)}")
        return parsed(body)

    def _post(self, body: bytes, deadline: float) -> tuple[int, bytes]:
        connection = self._open(deadline)
        connection.request("POST", self._path, body, {"Content-Type": "application/json"})
        self._hurry(connection, deadline)
        if QUICK is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, QUICK, 1)
        with connection.getresponse() as response:
            received = b""
            while chunk := response.read1(CHUNK):
                received += chunk
                if len(received) > self._limits.size:
                    self.close()
                    message = f"an answer has more than {self._limits.size:,} bytes: {excerpt(received)}"
                    raise SystemFault(Trouble.TOO_LARGE, message)
            return response.status, received

    def _open(self, deadline: float) -> http.client.HTTPConnection:
        """The connection, made anew where the service has closed it meanwhile."""
        connection = self._connection
        if connection is not None and connection.sock is not None and select.select([connection.sock], [], [], 0)[0]:
            connection.close()
        if connection is None:
            connection = self._connection = self._make(self._limits.seconds)
        if connection.sock is None:
            connection.timeout = _left(deadline)
            connection.connect()
        self._hurry(connection, deadline)
        return connection

    @staticmethod
    def _hurry(connection: http.client.HTTPConnection, deadline: float) -> None:
        """Let what is sent, and then the whole response, take no longer than what is left of the time."""
        connection.sock.settimeout(_left(deadline))

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Response(http.client.HTTPResponse):
    """A response that as a whole has the time which its socket gives to a single wait."""

    def __init__(self, sock: socket.socket, *more: Any, **options: Any) -> None:
        super().__init__(sock, *more, **options)
        deadline = time.monotonic() + (sock.gettimeout() or 0)
        self.fp = io.BufferedReader(_InTime(self.fp.detach(), sock, deadline))


class _InTime(io.RawIOBase):
    """What is read from a socket until a deadline, however little comes at a time."""

    def __init__(self, stream: io.RawIOBase, sock: socket.socket, deadline: float) -> None:
        self._stream, self._sock, self._deadline = stream, sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._deadline))
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Maker:
    def __init__(self, secure: bool, host: str, port: int | None) -> None:
        self._class = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._host, self._port = host, port

    def __call__(self, seconds: float) -> http.client.HTTPConnection:
        connection = self._class(self._host, self._port, timeout=seconds)
        connection.response_class = _Response
        return connection


def _address(url: str) -> tuple[str, _Maker]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise usage_error("--sut-http", f"'{url}' is no address: {error}", code=Code.USAGE) from error
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        message = f"'{url}' is no address such as http://localhost:8000/simsync"
        raise usage_error("--sut-http", message, code=Code.USAGE)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    _check_text(url, host, path)
    return path, _Maker(parts.scheme == "https", host, port)


def _check_text(url: str, host: str, path: str) -> None:
    """Refuse what would fail only when it is put into bytes, on connecting or with the first request."""
    try:
        host.encode("idna")
    except UnicodeError:
        message = f"'{url}' is no address: '{host}' is no name of a host; between its dots are 1 to 63 characters"
        raise usage_error("--sut-http", message, code=Code.USAGE) from None
    if not path.isascii():
        message = f"'{url}' is no address: write what is not ASCII in '{path}' as %-escapes"
        raise usage_error("--sut-http", message, code=Code.USAGE)


def check_address(url: str) -> None:
    """Raise :class:`SimsyncError` where an address cannot be one of a service."""
    _address(url)
