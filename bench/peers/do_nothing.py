"""A system under test that does nothing: it refuses whatever it is asked, at once.

`python do_nothing.py` answers lines; `python do_nothing.py --http` answers POSTs, and prints its address first.
"""

from __future__ import annotations

import json
import socketserver
import sys

ANSWERS = {
    "hello": {"protocol": 1, "name": "nothing", "can": ["reset_to_status"]},
    "reset": {"ok": True},
    "act": {"refused": "no"},
    "settle": {"ok": True},
}
READY = {op: json.dumps(answer).encode() for op, answer in ANSWERS.items()}


class Nothing:
    """What it answers: the status that it was reset to, and empty tickets."""

    status = "Unsent"

    def answer(self, line: bytes) -> bytes:
        """The answer to a request, both as JSON."""
        request = json.loads(line)
        if request["op"] == "observe":
            seen = {"status": self.status, "tickets": {"lead": {}, "service": {}}, "notified": []}
            return json.dumps(seen).encode()
        if request["op"] == "reset":
            self.status = request["status"]
        return READY[request["op"]]


class Posted(socketserver.StreamRequestHandler):
    """One connection, kept as long as its caller keeps it."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer each POST."""
        nothing = Nothing()
        while self.rfile.readline():
            length = 0
            while (header := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = nothing.answer(self.rfile.read(length))
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)


def main() -> None:
    """Answer until nobody asks any more."""
    if sys.argv[1:] == ["--http"]:
        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Posted) as server:
            server.daemon_threads = True
            print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
            server.serve_forever()
    nothing = Nothing()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(nothing.answer(line) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
