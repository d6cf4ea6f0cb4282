"""Peak memory of a command, from a parent that is small itself: a child's count starts at its parent's.

python bench/peak.py COMMAND...      prints megabytes
"""

from __future__ import annotations

import os
import subprocess
import sys


def peak_megabytes(command: list[str]) -> float:
    """The largest resident set of a command, as the kernel counts it for that process alone."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"exit code {process.returncode}: {' '.join(command)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit / 1e6


if __name__ == "__main__":
    print(peak_megabytes(sys.argv[1:]))
