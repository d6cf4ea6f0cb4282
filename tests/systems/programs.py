"""Programs that cannot be judged; each mode is one way of it. Run as a script: MODE [ARGUMENT].

ARGUMENT is the number of the request from which on it goes wrong.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from simsync.app import load_model
from simsync.reference import ReferenceSystem

MACHINES = Path(__file__).resolve().parents[2] / "machines"


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def hang(answer: str) -> None:
    sys.stdin.read()


def crash(answer: str) -> None:
    sys.stderr.write("Traceback: the disk is full\n")
    os._exit(7)


def killed(answer: str) -> None:
    os.kill(os.getpid(), 9)


def closes(answer: str) -> None:
    os.close(1)
    sys.stdin.read()


def binary(answer: str) -> None:
    os.write(1, b"\xff\xfe\x00\n")


def flood(answer: str) -> None:
    while True:
        say("x" * 65536)


def lines(answer: str) -> None:
    while True:
        say('{"ok": true}\n' * 100)  # few enough to come through a pipe in one piece


HELD = ['{"ok": true}\n']


def swapped(answer: str) -> None:
    say(HELD[0])
    HELD[0] = answer


def noisy(answer: str) -> None:
    sys.stderr.write("log " * 50_000 + "\n")
    say(answer)


def half(answer: str) -> None:
    say(answer[:5])
    os._exit(0)


def saying(text: str) -> Callable[[str], None]:
    return lambda _: say(text)


MODES: dict[str, Callable[[str], None]] = {
    "deaf": hang,
    "hang": hang,
    "crash": crash,
    "killed": killed,
    "closes": closes,
    "garbage": saying("starting up ...\n"),
    "binary": binary,
    "surrogate": saying('{"ok": true, "id": "\\ud800"}\n'),
    "list": saying("[1, 2]\n"),
    "deep": saying("[" * 100_000 + "\n"),
    "flood": flood,
    "lines": lines,
    "twice": lambda answer: say(answer + answer),
    "swapped": swapped,
    "nothing-new": saying('{"ok": true}\n'),
    "noisy": noisy,
    "error": saying('{"error": "out of order"}\n'),
    "half": half,
}


def main(mode: str, argument: str = "1") -> None:
    system = ReferenceSystem(load_model(MACHINES))
    for number, line in enumerate(sys.stdin, 1):
        answer = json.dumps(system.handle(json.loads(line))) + "\n"
        (MODES[mode] if number >= int(argument) else say)(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
