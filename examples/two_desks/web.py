"""A desk as a web service, in a process of its own: `python -m examples.two_desks.web NAME DATABASE SOCKET`.

SOCKET is the number of a listening socket that the parent has opened and keeps open. So a desk that is started anew has
the same address, and whoever calls while it is down is answered when it is up.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Lifespan

from examples.two_desks.desk import Desk
from examples.two_desks.lifecycle import RefusedError
from examples.two_desks.lifeline import when_parent_is_gone
from examples.two_desks.receiving import receive
from examples.two_desks.records import ATTACHMENT, CHARGE, NOTE, TIME_ENTRY, BadRequestError, Json, UnknownError
from examples.two_desks.store import Store

COLLECTIONS = {"time-entries": TIME_ENTRY, "notes": NOTE, "charges": CHARGE, "attachments": ATTACHMENT}
LONGEST_WAIT = 30.0


class Service:
    """The routes of one desk. All run on one thread: the desk's file is local, its transactions are short."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._changed = asyncio.Event()
        self._ending = False

    def end(self) -> None:
        """Answer whoever waits for something to happen: it will not, here."""
        self._ending = True
        self._ring()

    def routes(self) -> list[Route]:
        """What the desk answers to."""
        ticket = "/tickets/{ticket}"
        item = ticket + "/items/{item}"
        return [
            Route("/tickets", self.open_ticket, methods=["POST"]),
            Route(ticket, self.show, methods=["GET"]),
            Route(ticket + "/outsourcing", self.act, methods=["POST"]),
            Route(item, self.edit, methods=["PATCH"]),
            Route(item, self.delete, methods=["DELETE"]),
            Route(ticket + "/{collection}", self.create, methods=["POST"]),
            Route("/outbox/take", self.take, methods=["POST"]),
            Route("/outbox", self.outbox, methods=["GET"]),
            Route("/inbox", self.receive, methods=["POST"]),
        ]

    async def open_ticket(self, request: Request) -> Response:
        """A ticket of one's own: {"title": ...}."""
        body = await _body(request)
        return self._once(request, lambda: self.desk.open_ticket(_text(body, "title")))

    async def show(self, request: Request) -> Response:
        """The ticket with its items, and the emails about it after number ?emails_after=."""
        after = request.query_params.get("emails_after", "0")
        if not after.isdecimal():
            raise BadRequestError(f"emails_after is a number, not {after!r}")
        return JSONResponse(self.desk.shown(request.path_params["ticket"], emails_after=int(after)))

    async def act(self, request: Request) -> Response:
        """A status action: {"action": "accept"}."""
        body = await _body(request)
        return self._once(request, lambda: self.desk.act(request.path_params["ticket"], _text(body, "action")))

    async def create(self, request: Request) -> Response:
        """A new item in one of the four collections."""
        kind = COLLECTIONS.get(request.path_params["collection"])
        if kind is None:
            raise UnknownError(f"a ticket has {', '.join(COLLECTIONS)}")
        body = await _body(request)
        return self._once(request, lambda: self.desk.create(request.path_params["ticket"], kind, body))

    async def edit(self, request: Request) -> Response:
        """Other values for some of an item's fields."""
        body = await _body(request)
        ticket, item = request.path_params["ticket"], request.path_params["item"]
        return self._once(request, lambda: self.desk.edit(ticket, item, body))

    async def delete(self, request: Request) -> Response:
        """Away with an item."""
        ticket, item = request.path_params["ticket"], request.path_params["item"]
        return self._once(request, lambda: self.desk.delete(ticket, item))

    async def take(self, request: Request) -> Response:
        """For the worker: forget what was delivered, then the next messages, as soon as there are any."""
        body = await _body(request)
        delivered, wait = body.get("delivered"), body.get("wait")
        if not isinstance(delivered, int) or not isinstance(wait, (int, float)):
            raise BadRequestError("'delivered' is the number of the last message delivered, 'wait' a time in seconds")
        with self.desk.store.transaction():
            self.desk.store.delivered(delivered)
        self._ring()
        await self._until(self.desk.store.is_pending, float(wait))
        gone = await request.is_disconnected()  # a worker that was killed while it waited
        return JSONResponse({"messages": [] if gone else self.desk.store.pending()})

    async def outbox(self, request: Request) -> Response:
        """Whether everything was delivered, after waiting for that up to ?wait= seconds, and the last number issued."""
        try:
            wait = float(request.query_params.get("wait", "0"))
        except ValueError as problem:
            raise BadRequestError("wait is a time in seconds") from problem
        await self._until(lambda: not self.desk.store.is_pending(), wait)
        return JSONResponse({"empty": not self.desk.store.is_pending(), "issued": self.desk.store.issued()})

    async def receive(self, request: Request) -> Response:
        """For the worker: a message of the partner's desk, {"number": 1, "message": {...}}."""
        body = await _body(request)
        number, message = body.get("number"), body.get("message")
        if not isinstance(number, int) or not isinstance(message, dict):
            raise BadRequestError("a message comes as {'number': ..., 'message': {...}}")
        answer = receive(self.desk, number, message)
        self._ring()
        return JSONResponse(answer)

    def _once(self, request: Request, do: Callable[[], Json]) -> Response:
        """Do it, unless this very request was answered before: then answer the same."""
        key = request.headers.get("idempotency-key")
        store = self.desk.store
        with store.transaction():
            answer = store.answer_to(key) if key else None
            if answer is None:
                answer = do()
                if key:
                    store.answered(key, answer)
        self._ring()
        return JSONResponse(answer)

    def _ring(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _until(self, held: Callable[[], bool], seconds: float) -> None:
        """Wait until it holds, or the time is up. It is looked at again whenever something has changed."""
        try:
            async with asyncio.timeout(min(seconds, LONGEST_WAIT)):
                while not held() and not self._ending:
                    await self._changed.wait()
        except TimeoutError:
            return


async def _body(request: Request) -> Json:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as problem:
        raise BadRequestError("the body is not JSON") from problem
    if not isinstance(body, dict):
        raise BadRequestError("the body is not a JSON object")
    return body


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise BadRequestError(f"{name!r} is missing, or not a text")
    return value


def application(service: Service, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """The web service of a desk. What it will not do, it says in a sentence: {"error": ...}."""

    def says(status: int) -> Callable[[Request, Exception], Response]:
        return lambda _request, problem: JSONResponse({"error": str(problem)}, status_code=status)

    return Starlette(
        routes=list(service.routes()),
        exception_handlers={RefusedError: says(409), UnknownError: says(404), BadRequestError: says(422)},
        lifespan=lifespan,
    )


def main() -> None:
    """Serve until the parent is gone."""
    name, database, number = sys.argv[1:]
    try:
        store = Store(Path(database))
    except sqlite3.Error as problem:
        sys.exit(f"desk {name}: {database} cannot be used: {problem}")
    service = Service(Desk(name, store))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        threading.Thread(target=watch, args=(asyncio.get_running_loop(),), daemon=True).start()
        yield

    def watch(loop: asyncio.AbstractEventLoop) -> None:
        when_parent_is_gone()
        loop.call_soon_threadsafe(end)

    def end() -> None:
        service.end()
        server.should_exit = True

    app = application(service, lifespan)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=3600,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            ws="none",
        )
    )
    server.run(sockets=[socket.socket(fileno=int(number))])
    store.close()


if __name__ == "__main__":
    main()
