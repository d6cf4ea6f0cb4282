"""Start the two desks and the worker: `python -m examples.two_desks [--fault NAME] [--data DIR]`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from examples.two_desks.serving import ended, parser, system_of


def main(arguments: Sequence[str]) -> int:
    """Run until Ctrl-C or a termination signal."""
    options = parser("Two ticket desks, and the worker between them.").parse_args(arguments)
    signal.signal(signal.SIGTERM, ended)
    with system_of(options) as system:
        try:
            system.wait()
            desks = "".join(f"{role:8} {address}\n" for role, address in system.addresses.items())
            data = f"data     {system.data}{' (removed at the end)' if system.temporary else ''}\n"
            # one write, also where output is not buffered: a reader may hang up after the line that it needs
            print(f"{desks}{data}Ctrl-C ends all three processes.\n", end="", flush=True)
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
