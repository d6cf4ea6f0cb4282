"""The adapter that simsync talks to.

`python examples/two_desks/adapter.py [--fault NAME] [--http PORT] [--data DIR] [--crash-at delete]`
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from examples.two_desks.serving import main

    sys.exit(main(sys.argv[1:]))
