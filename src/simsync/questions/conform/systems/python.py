"""A system that is a Python object, made by a factory in this process."""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from simsync.errors import Code, not_among, usage_error
from simsync.questions.conform.driven import Trouble
from simsync.questions.conform.systems.protocol import (
    AnswerLimits,
    Json,
    SystemFault,
    Timed,
    awaited,
    excerpt,
    parsed,
    side_by_side,
)

Factory = Callable[[], Any]


def factory_at(place: str) -> Factory:
    """The factory that ``package.module:name`` names; modules of the working directory are found too.

    Raises :class:`SimsyncError` where there is none.
    """
    module_name, colon, name = place.partition(":")
    if not colon or not module_name or not name:
        message = f"'{place}' is not of the form package.module:factory"
        raise usage_error("--sut-python", message, code=Code.USAGE)
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # whatever somebody's module does when it is imported
        message = f"'{module_name}' cannot be imported: {type(error).__name__}: {error}"
        raise usage_error("--sut-python", message, code=Code.NOT_FOUND) from error
    for part in name.split("."):
        found = _attribute(module_name, found, part)
    if not callable(found):
        message = f"'{place}' is no factory: it cannot be called"
        raise usage_error("--sut-python", message, code=Code.USAGE)
    return found  # type: ignore[no-any-return] # callable() was asked


def _attribute(module_name: str, holder: Any, name: str) -> Any:
    try:
        return getattr(holder, name)
    except AttributeError:
        message = not_among(f"a name in '{module_name}'", name, _names(holder))
    except (Exception, SystemExit) as error:  # somebody's __getattr__ or property
        message = f"'{name}' in '{module_name}' cannot be read: {type(error).__name__}: {_shown(error)}"
    raise usage_error("--sut-python", message, code=Code.NOT_FOUND)


def _names(holder: Any) -> list[str]:
    """The public names of an object."""
    try:
        return [name for name in dir(holder) if not name.startswith("_")]
    except Exception:  # somebody's __dir__
        return []


class PythonConnection:
    """An object that answers: it is called with a request, or has a method for each ``op``, or one named ``handle``.

    A method for an ``op`` gets the request's other keys as keyword arguments, and may return None for "ok". The object
    works in a thread of its own, which is left behind where it hangs.
    """

    anew = True

    def __init__(self, factory: Factory, limits: AnswerLimits) -> None:
        self._limits = limits
        self._requests: SimpleQueue[Json | None] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._factory = factory
        self._system: Any = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        made = self._answer()
        if isinstance(made, _Raised):
            raise SystemFault(Trouble.START, f"the factory fails: {made.what}")

    def exchange(self, request: Json) -> Json:
        """Ask the object."""
        self._requests.put(request)
        return self._read(request, self._answer())

    def at_once(self, queues: Sequence[Sequence[Json]]) -> list[list[Timed]]:
        """Ask the object in a thread for each queue."""
        return side_by_side([self._called] * len(queues), queues, self._limits.seconds)

    def _called(self, request: Json) -> Json:
        try:
            answer = ask(self._system, request)
        except BaseException as error:
            answer = _Raised(error)
        return self._read(request, answer)

    def _read(self, request: Json, answer: Any) -> Json:
        if isinstance(answer, _Raised):
            raise SystemFault(Trouble.ENDED, f"it raised {answer.what}")
        if answer is None and request["op"] not in ("hello", "observe"):
            return {"ok": True}
        try:
            raw = json.dumps(answer).encode()
        except (TypeError, ValueError, RecursionError):
            raise SystemFault(Trouble.GARBAGE, f"this is no JSON: {excerpt(_shown(answer))}") from None
        if len(raw) > self._limits.size:
            message = f"an answer has more than {self._limits.size:,} bytes: {excerpt(raw)}"
            raise SystemFault(Trouble.TOO_LARGE, message)
        return parsed(raw)

    def _answer(self) -> Any:
        try:
            return awaited(self._answers, self._limits.seconds)
        except Empty:
            raise SystemFault(Trouble.TIMEOUT, f"no answer within {self._limits.seconds:g} s") from None

    def _work(self) -> None:
        try:
            system = self._system = self._factory()
        except BaseException as error:  # also what ends a program must not end this one
            self._answers.put(_Raised(error))
            return
        self._answers.put(None)
        while (request := self._requests.get()) is not None:
            try:
                self._answers.put(ask(system, request))
            except BaseException as error:
                self._answers.put(_Raised(error))

    def close(self) -> None:
        """Let the thread end, once it is not busy."""
        self._requests.put(None)


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.what = f"{type(error).__name__}: {excerpt(_shown(error))}"


def _shown(what: object) -> str:
    try:
        return str(what)
    except Exception:  # somebody's __str__
        return type(what).__name__


def ask(system: Any, request: Json) -> Any:
    """What an object answers to a request."""
    method = getattr(system, request["op"], None)
    if callable(method):
        return method(**{key: value for key, value in request.items() if key != "op"})
    handle = getattr(system, "handle", system)
    if callable(handle):
        return handle(dict(request))
    wanted = f"the object has no method '{request['op']}'"
    return {"error": f"{wanted}, and none named 'handle', and cannot be called; it needs one of them"}
