"""A system that runs somewhere else: the same requests by HTTP POST.

The framing is h11's, which takes nothing for an answer that is not all of one; here are the socket and the time.
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
import time
from codecs import BOM_UTF8
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

import h11

from simsync.errors import Code, usage_error
from simsync.questions.conform.driven import Trouble
from simsync.questions.conform.systems.protocol import (
    AnswerLimits,
    Json,
    SystemFault,
    Timed,
    UnknownRequest,
    as_bytes,
    excerpt,
    parsed,
    side_by_side,
)

CHUNK = 65536
HEAD = 65536
"""Bytes of headers that are read before it is said that they have no end."""
OK, TOO_OFTEN = 200, 429
REDIRECTS = range(300, 400)
PORTS = {"http": 80, "https": 443}
QUICK: int | None = getattr(socket, "TCP_QUICKACK", None)
"""Has the kernel acknowledge at once: a service that writes headers and body apart would wait 40 ms for that."""
UNKNOWN = (400, 404, 405, 422, 501)
"""What a service answers to a request that it does not know."""
BYTES = re.compile(r"bytearray\(b['\"](.*)['\"]\)", re.DOTALL)
REPEATABLE = ("hello", "reset", "settle")
"""What may be asked again where it cannot be known whether it was heard: done twice it is as if done once."""


@dataclass(frozen=True, slots=True)
class _Address:
    """Where a service is, and what each request to it says besides its body."""

    url: str
    host: str
    port: int
    secure: bool
    path: str
    headers: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Reply:
    """What came back: the status, some headers, and the body."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header's value as text, the empty one where it is not there."""
        return self.headers.get(name.encode(), b"").decode("latin-1")


class _BrokenOff(Exception):  # noqa: N818 - the other's end of a connection, not an error of ours
    """The service closed its connection before all of an answer had come; ``begun``: some of it had."""

    def __init__(self, why: str, *, begun: bool) -> None:
        super().__init__(why)
        self.begun = begun


class WebConnection:
    """A connection that is kept alive. The service is not ours: it is neither started nor ended.

    One that the service closed between two requests is opened again. Where it turns out only after a request was sent,
    whether that was acted upon cannot be known: it is sent once more if doing it twice is doing it once. From then on
    every request has a connection of its own. Proxies in the environment are not used.
    """

    anew = False

    def __init__(self, url: str, limits: AnswerLimits) -> None:
        self._limits = limits
        self._url = url
        self._address = _address(url)
        self._socket: socket.socket | None = None
        self._framing = h11.Connection(our_role=h11.CLIENT)
        self._keeps = True

    def exchange(self, request: Json) -> Json:
        """Post a request, and read the answer."""
        deadline = time.monotonic() + self._limits.seconds
        body = as_bytes(request)
        try:
            reply = self._asked(body, deadline, repeatable=request["op"] in REPEATABLE)
        except TimeoutError:
            self.close()
            raise SystemFault(Trouble.TIMEOUT, f"no answer within {self._limits.seconds:g} s") from None
        except _BrokenOff as broken:
            self.close()
            raise SystemFault(Trouble.ENDED, f"{self._address.url} {broken}") from None
        except SystemFault:
            self.close()
            raise
        return _answer_in(reply)

    def at_once(self, queues: Sequence[Sequence[Json]]) -> list[list[Timed]]:
        """Post each queue on a connection of its own."""
        others = [WebConnection(self._url, self._limits) for _ in queues]
        try:
            return side_by_side([one.exchange for one in others], queues)
        finally:
            for one in others:
                one.close()

    def _asked(self, body: bytes, deadline: float, *, repeatable: bool) -> _Reply:
        kept = self._kept()
        if not kept:
            self._open(deadline)
        try:
            return self._post(body, deadline)
        except _BrokenOff as broken:
            self.close()
            if not kept or broken.begun:
                raise
            self._keeps = False
            if not repeatable:
                why = f"{broken}; whether it acted on the request cannot be known, so that it is not sent again"
                raise _BrokenOff(why, begun=False) from None
        self._open(deadline)
        return self._post(body, deadline)

    def _kept(self) -> bool:
        """Whether the connection of the last request is still there, and nothing was said on it since."""
        if self._socket is None:
            return False
        said = b""
        self._socket.setblocking(False)
        try:
            said = self._socket.recv(CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass  # closed as well, only less politely
        if said:
            raise SystemFault(Trouble.UNASKED, f"it spoke without being asked: {excerpt(said)}")
        self._keeps = False
        self.close()
        return False

    def _open(self, deadline: float) -> None:
        where = self._address
        try:
            opened = socket.create_connection((where.host, where.port), _left(deadline))
            with suppress(OSError):
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = opened
            if where.secure:
                self._socket = ssl.create_default_context().wrap_socket(opened, server_hostname=where.host)
        except TimeoutError:
            raise
        except ssl.SSLCertVerificationError as error:
            told = f"its certificate is not trusted: {error.verify_message}; SSL_CERT_FILE names one that is"
            raise SystemFault(Trouble.START, f"{where.url} cannot be reached: {told}") from None
        except OSError as error:
            why = error.strerror or str(error)
            raise SystemFault(Trouble.START, f"{where.url} cannot be reached: {why}") from None
        self._framing = h11.Connection(our_role=h11.CLIENT, max_incomplete_event_size=HEAD)

    def _post(self, body: bytes, deadline: float) -> _Reply:
        framing, opened = self._framing, self._socket
        assert opened is not None
        headers = [*self._address.headers, ("Content-Length", str(len(body)))]
        if not self._keeps:
            headers.append(("Connection", "close"))
        asked = h11.Request(method="POST", target=self._address.path, headers=headers)
        parts = (framing.send(asked), framing.send(h11.Data(data=body)), framing.send(h11.EndOfMessage()))
        try:
            opened.settimeout(_left(deadline))
            opened.sendall(b"".join(part for part in parts if part))
        except TimeoutError:
            raise
        except OSError as error:
            raise _BrokenOff(f"closed the connection: {error.strerror or error}", begun=False) from None
        if QUICK is not None:
            with suppress(OSError):
                opened.setsockopt(socket.IPPROTO_TCP, QUICK, 1)
        reply = self._reply(deadline)
        if framing.trailing_data[0]:
            more = excerpt(framing.trailing_data[0])
            raise SystemFault(Trouble.UNASKED, f"after its answer it said more than it was asked: {more}")
        if framing.our_state is h11.DONE and framing.their_state is h11.DONE:
            framing.start_next_cycle()
        else:
            self.close()
        return reply

    def _reply(self, deadline: float) -> _Reply:
        reply, parts, size = None, [], 0
        while True:
            event = self._event(deadline, begun=reply is not None)
            if isinstance(event, h11.Response):
                reply = _Reply(event.status_code, dict(event.headers))
            elif isinstance(event, h11.Data):
                parts.append(bytes(event.data))
                size += len(event.data)
                if size > self._limits.size:
                    message = f"an answer has more than {self._limits.size:,} bytes: {excerpt(parts[0])}"
                    raise SystemFault(Trouble.TOO_LARGE, message)
            elif isinstance(event, h11.EndOfMessage) and reply is not None:
                reply.body = b"".join(parts)
                return reply

    def _event(self, deadline: float, *, begun: bool) -> object:
        """What comes next of an answer."""
        assert self._socket is not None
        ended = False
        try:
            while (event := self._framing.next_event()) is h11.NEED_DATA:
                self._socket.settimeout(_left(deadline))
                received = self._socket.recv(CHUNK)
                ended = not received
                begun = begun or not ended
                self._framing.receive_data(received)
        except TimeoutError:
            raise
        except OSError as error:
            raise _BrokenOff(f"closed the connection: {error.strerror or error}", begun=begun) from None
        except h11.RemoteProtocolError as error:
            if ended:
                why = f"broke off its answer: {error}" if begun else "closed the connection without an answer"
                raise _BrokenOff(why, begun=begun) from None
            raise SystemFault(Trouble.GARBAGE, f"this is no HTTP: {_told(error)}") from None
        if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            raise _BrokenOff("closed the connection without an answer", begun=begun)
        return event

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _told(error: h11.RemoteProtocolError) -> str:
    """What h11 says, in our words where its own are about itself."""
    told = str(error)
    if told.startswith("Receive buffer too long"):
        return f"more than {HEAD:,} bytes, and headers or the size of a chunk have no end"
    return excerpt(BYTES.sub(r"'\1'", told))


def _answer_in(reply: _Reply) -> Json:
    """The answer that a reply carries; raises SystemFault where it is none."""
    shown = f": {excerpt(reply.body)}" if reply.body else ""
    if reply.status in UNKNOWN:
        raise UnknownRequest(f"the service answers {reply.status}{shown}")
    if reply.status in REDIRECTS and (place := reply.header("location")):
        message = f"the service answers {reply.status} and points to {excerpt(place)}, where nobody follows; if that is"
        raise SystemFault(Trouble.FAILED, f"{message} the service, give its address")
    if reply.status != OK:
        often = "; it is asked too often, and --max-requests bounds how often" if reply.status == TOO_OFTEN else ""
        raise SystemFault(Trouble.FAILED, f"the service answers {reply.status}, and {OK} is wanted{shown}{often}")
    encoding = reply.header("content-encoding").strip().lower()
    if encoding not in ("", "identity"):
        message = f"the answer is encoded as {excerpt(encoding)}, although nothing but plain text was asked for"
        raise SystemFault(Trouble.GARBAGE, message)
    try:
        return parsed(reply.body.removeprefix(BOM_UTF8))
    except SystemFault as fault:
        kind = reply.header("content-type")
        if "json" in kind.lower() or not kind:
            raise
        raise SystemFault(fault.trouble, f"{fault.message} (it says that this is {excerpt(kind)})") from None


def _address(url: str) -> _Address:
    """An address taken apart; raises :class:`SimsyncError` where it cannot be one of a service."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise usage_error("--sut-http", f"'{url}' is no address: {error}", code=Code.USAGE) from error
    if parts.scheme not in PORTS or not host or not url.isprintable() or " " in url:
        message = f"'{url}' is no address such as http://localhost:8000/simsync"
        raise usage_error("--sut-http", message, code=Code.USAGE)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    _check_text(url, host, path)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()  # without a password
    secure = parts.scheme == "https"
    return _Address(shown, host, port or PORTS[parts.scheme], secure, path, tuple(_headers(parts, host)))


def _headers(parts: SplitResult, host: str) -> list[tuple[str, str]]:
    """What every request says."""
    named = f"[{host}]" if ":" in host else host.encode("idna").decode()
    headers = [
        ("Host", named if parts.port is None else f"{named}:{parts.port}"),
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
    ]
    if parts.username is not None:
        person = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers.append(("Authorization", f"Basic {base64.b64encode(person.encode()).decode()}"))
    return headers


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
