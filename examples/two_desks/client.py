"""JSON over HTTP on one connection that is kept open. A client belongs to one thread."""

from __future__ import annotations

import http.client
import json
import uuid
from urllib.parse import urlsplit

from examples.two_desks.records import Json

TIMEOUT = 30.0
ATTEMPTS = 3


class UnreachableError(Exception):
    """The other side gives no answer, or one that says it cannot help now."""


class Client:
    """Asks the service at an address such as `http://127.0.0.1:8000`."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.address = address
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
        self._sent: tuple[str, str, bytes | None, dict[str, str]] = ("", "", None, {})

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """What the service answers; UnreachableError where it does not, or answers anything but 200."""
        status, answer = self.call(method, path, body)
        if status != http.HTTPStatus.OK:
            raise UnreachableError(f"{self.address} answers {status} to {method} {path}: {answer.get('error')}")
        return answer

    def call(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Status and body of the answer. A request whose answer got lost is asked again, with the same key."""
        self.begin(method, path, body)
        return self.finish()

    def begin(self, method: str, path: str, body: Json | None = None) -> None:
        """Send a request without waiting for its answer, so that several services can work at the same time."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if method in ("POST", "PATCH", "DELETE"):
            headers["Idempotency-Key"] = uuid.uuid4().hex
        self._sent = (method, path, None if body is None else json.dumps(body).encode(), headers)
        try:
            self._connection.request(*self._sent)
        except OSError:
            self._connection.close()  # `finish` asks again

    def finish(self) -> tuple[int, Json]:
        """The answer to the request that was begun."""
        for attempt in range(ATTEMPTS):
            try:
                if attempt:
                    self._connection.request(*self._sent)
                answer = self._connection.getresponse()
                return answer.status, json.loads(answer.read())
            except (OSError, http.client.HTTPException) as problem:
                self._connection.close()
                lost = problem
            except ValueError as problem:
                raise UnreachableError(f"{self.address} answers something that is not JSON") from problem
        raise UnreachableError(f"{self.address} does not answer ({lost or type(lost).__name__})")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
