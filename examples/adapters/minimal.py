"""A whole adapter in 30 lines: `python examples/adapters/minimal.py`. What it talks to is `your_system.py`."""

import json
import sys
from typing import Any

from your_system import CAN, YourSystem


def answer(system: YourSystem, request: dict[str, Any]) -> dict[str, object]:
    """The answer to one request."""
    match request["op"]:
        case "hello":
            return {"protocol": 1, "name": "minimal", "can": CAN}
        case "reset":
            system.new_tickets()
        case "act":
            refused = system.act(**{name: value for name, value in request.items() if name != "op"})
            return {"refused": refused} if refused else {"ok": True}
        case "settle":
            system.wait_until_all_is_delivered()
        case "observe":
            return {"status": system.status, "tickets": system.tickets, "notified": system.emails_since_last_asked()}
        case other:
            return {"error": f"there is no operation {other}"}
    return {"ok": True}


system = YourSystem()
for line in sys.stdin:
    print(json.dumps(answer(system, json.loads(line))), flush=True)
