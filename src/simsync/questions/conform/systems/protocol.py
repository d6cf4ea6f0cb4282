"""The protocol: what is asked of a system under test, and what its answers must look like."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol, TypeVar

from simsync.questions.conform.driven import Trouble
from simsync.strict_json import TwoWays, loads

PROTOCOL = 1
RESET, RESET_TO_STATUS, SETTLE, OBSERVE = "reset", "reset_to_status", "settle", "observe"
NOTIFIED, PARALLEL = "notified", "parallel"
ABILITIES = (RESET, RESET_TO_STATUS, SETTLE, NOTIFIED, PARALLEL)
"""What a system can be able to do besides actions."""
SHOWN = 160
"""Characters of an answer that are worth showing."""
TRACED = 2000
"""The same of an answer in a trace."""

TURN = 0.2
"""Seconds that are waited at once."""

Json = dict[str, Any]
T = TypeVar("T")


class SystemFault(Exception):  # noqa: N818 - the system's fault, not an error of ours
    """A system that cannot be judged any further; the message is a sentence."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble
        self.message = message


class UnknownRequest(SystemFault):
    """The system answers that it failed, or does not know what was asked; it lives on. ``words`` are its own."""

    def __init__(self, message: str, words: str | None = None) -> None:
        super().__init__(Trouble.FAILED, message)
        self.words = message if words is None else words


class OtherStatus(SystemFault):
    """After a reset, the system shows another status, by a name that is ``shown``."""

    def __init__(self, message: str, shown: str) -> None:
        super().__init__(Trouble.RESET, message)
        self.shown = shown


class NoWayThere(SystemFault):
    """A system that cannot be reset is where no action leads to the status in which something is to begin."""

    def __init__(self, message: str) -> None:
        super().__init__(Trouble.RESET, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLimits:
    """How long an answer may take, in seconds, and how many bytes it may have."""

    seconds: float = 10.0
    size: int = 1_000_000


class Connection(Protocol):
    """A way to a running system: one answer a request. ``anew``: each connection is to an instance of its own."""

    @property
    def anew(self) -> bool:
        """Whether whoever connects again speaks to a fresh instance."""
        ...

    def exchange(self, request: Json) -> Json:
        """The answer to a request; raises :class:`SystemFault`."""
        ...

    def at_once(self, queues: Sequence[Sequence[Json]]) -> list[list[Timed]]:
        """The answers to some requests; those of a queue one after the other, the queues side by side."""
        ...

    def close(self) -> None:
        """Let go of the system; end it if it is ours."""
        ...


class Timed(NamedTuple):
    """An answer, with when its request was sent and when it came, by the clock of this machine."""

    answer: Json
    sent: float
    came: float


class ActedAtOnce(NamedTuple):
    """Why an action was refused, None if it was not, with when it was sent and answered."""

    refused: str | None
    sent: float
    came: float


class Exchange(NamedTuple):
    """A request and what came back: an answer, what is wrong with it in words, or None where nothing came."""

    asked: Json
    said: Json | str | None

    @property
    def request(self) -> str:
        """The request as text."""
        return as_text(self.asked)

    @property
    def answer(self) -> str | None:
        """The beginning of the answer as text."""
        return excerpt(as_text(self.said), TRACED) if isinstance(self.said, dict) else self.said


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a system says of itself: what it can do, what it cannot, and in which ways it can be disrupted."""

    name: str
    can: frozenset[str]
    cannot: frozenset[str]
    disruptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer to an action: why it was refused, None if it was not; ``id`` is the system's own for a new item."""

    refused: str | None
    id: str | None = None


class ShownNames(NamedTuple):
    """The answer to an observation, in the system's own names; names can be numbers.

    ``status`` is one for both tickets, or each partner's; None where a partner has no ticket.
    """

    status: str | int | float | Mapping[str, str | int | float | None]
    tickets: Mapping[str, Mapping[str, Mapping[str, object]]]
    notified: tuple[str | int | float, ...] | None


def awaited(queue: SimpleQueue[T], seconds: float) -> T:
    """What comes next in a queue; raises ``queue.Empty`` where nothing does in time.

    It is waited for in short turns. Of two signals that come together a long wait may hear neither, and on Windows it
    hears no Ctrl-C.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > TURN:
        with suppress(Empty):
            return queue.get(timeout=TURN)
    return queue.get(timeout=max(left, 0))


def side_by_side(
    exchange: Sequence[Callable[[Json], Json]], queues: Sequence[Sequence[Json]], seconds: float | None = None
) -> list[list[Timed]]:
    """The answers to queues of requests, each asked in its own way and in a thread of its own.

    Raises what the first of them that failed raised, once all have ended; and :class:`SystemFault` where they take more
    ``seconds`` than that. Whoever hangs is left behind.
    """
    heard: list[list[Timed] | Exception] = [[] for _ in queues]

    def ask(number: int) -> None:
        try:
            heard[number] = [_timed(exchange[number], request) for request in queues[number]]
        except Exception as fault:
            heard[number] = fault

    threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(len(queues))]
    for thread in threads:
        thread.start()
    deadline = None if seconds is None else time.monotonic() + seconds
    for thread in threads:
        thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            raise SystemFault(Trouble.TIMEOUT, f"no answer within {seconds:g} s, to requests that were sent at once")
    found: list[list[Timed]] = []
    for one in heard:
        if isinstance(one, Exception):
            raise one
        found.append(one)
    return found


def _timed(exchange: Callable[[Json], Json], request: Json) -> Timed:
    sent = time.monotonic()
    return Timed(exchange(request), sent, time.monotonic())


_ENCODER = json.JSONEncoder(ensure_ascii=False)
_ALONE = {op: _ENCODER.encode({"op": op}).encode() for op in (SETTLE, OBSERVE)}
"""Two requests of three: written once."""
DONE = b'{"ok": true}'
"""Two answers of three: read without looking further."""


def as_text(request: Json) -> str:
    """A request or an answer as one line of JSON."""
    return _ENCODER.encode(request)


def as_bytes(request: Json) -> bytes:
    """A request as one line of JSON, in UTF-8."""
    return _ALONE.get(request["op"]) or as_text(request).encode()


def excerpt(raw: bytes | bytearray | str, most: int = SHOWN) -> str:
    """The beginning of what came back, fit to be shown in a sentence."""
    text = raw.decode("utf-8", "backslashreplace") if isinstance(raw, (bytes, bytearray)) else raw
    shown = text[:most].encode("utf-8", "backslashreplace").decode()
    return repr(shown)[1:-1] + ("..." if len(text) > most else "")


def parsed(raw: bytes) -> Json:
    """An answer's JSON object; raises :class:`SystemFault` where it is none."""
    if raw == DONE:
        return {"ok": True}
    try:
        value = loads(raw)
    except TwoWays as problem:
        raise SystemFault(Trouble.GARBAGE, f"an answer can be read in two ways: {problem}: {excerpt(raw)}") from None
    except ValueError:
        message = f"this is no JSON: {excerpt(raw)}; an answer is one line of JSON, and logs belong on stderr"
        raise SystemFault(Trouble.GARBAGE, message) from None
    if not isinstance(value, dict):
        raise SystemFault(Trouble.PROTOCOL, f"a JSON object is wanted, not {excerpt(raw)}")
    return value


def _failed(answer: Json) -> None:
    if "error" in answer:
        words = excerpt(str(answer["error"]))
        raise UnknownRequest(f"the system answers that it failed: {words}", words)


def _wrong(answer: Json, wanted: str) -> SystemFault:
    return SystemFault(Trouble.PROTOCOL, f"{wanted} is wanted, not {excerpt(json.dumps(answer, ensure_ascii=False))}")


def hello_of(answer: Json) -> Hello:
    """The answer to ``hello``."""
    _failed(answer)
    protocol = answer.get("protocol")
    if protocol != PROTOCOL or type(protocol) is not int:
        raise _wrong(answer, f'an answer with "protocol": {PROTOCOL}')
    lists: dict[str, list[str]] = {}
    for key in ("can", "cannot", "disruptions"):
        value = answer.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise _wrong(answer, f'a list of texts as "{key}"')
        lists[key] = value
    name = answer.get("name", "")
    if not isinstance(name, str):
        raise _wrong(answer, 'a text as "name"')
    can, cannot, disruptions = lists.values()
    return Hello(name=name, can=frozenset(can), cannot=frozenset(cannot), disruptions=tuple(dict.fromkeys(disruptions)))


def ok_of(answer: Json) -> None:
    """The answer to ``reset`` and ``settle``."""
    _failed(answer)
    if answer.get("ok") is not True:
        raise _wrong(answer, '{"ok": true}')


def answered_of(answer: Json) -> Answered:
    """The answer to ``act``."""
    _failed(answer)
    refused = answer.get("refused")
    if isinstance(refused, str) or refused is True:
        return Answered(refused=refused if isinstance(refused, str) else "")
    if answer.get("ok") is not True or not (refused is None or refused is False):
        raise _wrong(answer, '{"ok": true} or {"refused": "reason"}')
    given = answer.get("id")
    if given is not None and type(given) not in (str, int):
        raise _wrong(answer, 'a text or a number as "id"')
    return Answered(refused=None, id=None if given is None else str(given))


def observed_of(answer: Json) -> ShownNames:
    """The answer to ``observe``."""
    _failed(answer)
    status: Any = answer.get("status")
    tickets, notified = answer.get("tickets"), answer.get(NOTIFIED)
    if not _is_name(status) and not (
        isinstance(status, dict) and status and all(one is None or _is_name(one) for one in status.values())
    ):
        raise _wrong(answer, 'a text as "status", or an object with a text for each partner\'s ticket,')
    if not isinstance(tickets, dict) or not all(isinstance(shown, dict) for shown in tickets.values()):
        raise _wrong(answer, 'an object as "tickets", with an object for each partner')
    for view in _views(tickets):
        if not isinstance(view, dict):
            raise _wrong(answer, "an object for each item of a ticket")
    if notified is not None and not (isinstance(notified, list) and all(map(_is_name, notified))):
        raise _wrong(answer, f'a list of texts as "{NOTIFIED}"')
    return ShownNames(status, tickets, None if notified is None else tuple(notified))


def _is_name(value: object) -> bool:
    """Whether something can be a name: a text, or a number that a mapping has for one."""
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _views(tickets: Json) -> Iterator[object]:
    for shown in tickets.values():
        yield from shown.values()
