"""The adapter by HTTP: a request is the body of a POST, and its answer the body of the response."""

from __future__ import annotations

import socket
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from examples.two_desks.protocol import Adapter


def serve_http(adapter: Adapter, port: int) -> None:
    """Answer each POST with the same; the address is printed first. Port 0 is any free one."""

    async def answer(request: Request) -> Response:
        said = await run_in_threadpool(adapter.answer, await request.body())
        return Response(said, media_type="application/json")

    app = Starlette(routes=[Route("/", answer, methods=["POST"])])
    try:
        listening = socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as problem:
        sys.exit(f"two_desks: port {port} cannot be listened on: {problem}")
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])
