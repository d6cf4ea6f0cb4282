"""Whatever comes for an answer is an answer or trouble, told in a sentence: no traceback, no hang, nothing cut."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest

from conftest import ROOT
from damage import Damaged, by_http, by_pipe, streams
from simsync.app import load_model
from simsync.questions.conform.driven import Trouble
from simsync.questions.conform.lockstep import drive_through
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.protocol import SystemFault

ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


def outcome(kind: str, stream: bytes, monkeypatch: pytest.MonkeyPatch) -> object:
    """What is made of a stream: a trouble, or the answer that was taken from it."""
    try:
        return (by_pipe if kind == "pipe" else by_http)(stream, monkeypatch)
    except SystemFault as fault:
        return fault.trouble if fault.message.isprintable() else fault


def judge(seed: int, count: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often what came of streams."""
    found: Counter[str] = Counter()
    for kind, stream in streams(seed, count):
        made = outcome(kind, stream, monkeypatch)
        taken = isinstance(made, dict)
        assert taken or isinstance(made, Trouble), stream
        found[f"{kind}: {'taken' if taken else made}"] += 1
        assert not (kind == "cut" and taken), stream
        if taken and kind == "pipe":
            line, newline, rest = stream.partition(b"\n")
            assert (newline, rest, json.loads(line)) == (b"\n", b"", made), stream
        if taken and kind == "http" and b"chunked" not in stream:
            assert made in list(bodies_of(stream)), stream
    return found


def bodies_of(stream: bytes) -> Iterator[object]:
    """What may be the body of a reply: all that follows its headers, wherever they end."""
    for end in re.finditer(rb"\r?\n\r?\n", stream):
        with suppress(ValueError):
            yield json.loads(stream[end.end() :])


def drive(seed: int, count: int) -> Counter[str]:
    """How often what came of drives of systems whose answers are damaged now and then."""
    found: Counter[str] = Counter()
    chance = random.Random(seed)
    for one in walks(ATELIER, seed, count):
        system = by_object(Damaged(ATELIER, chance, 0.03), ATELIER)
        driven = drive_through(system, ATELIER, one)
        found[f"drive: {driven.fault.trouble if driven.fault else 'diverged' if driven.divergence else 'right'}"] += 1
    return found


def test_damaged_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judge(1, 60, monkeypatch)
    assert {"pipe: garbage", "pipe: unasked", "pipe: went-away", "http: taken", "http: garbage", "http: failed"} <= {
        *found
    }


def test_damaged_answers() -> None:
    assert {"drive: right", "drive: protocol"} <= {*drive(2, 15)}


@pytest.mark.long
def test_many_damaged_streams_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judge(3, 10_000, monkeypatch) + drive(4, 5_000)
    print(*(f"{what} {count:,}" for what, count in sorted(found.items())), sep="\n")
    assert found.total() == 35_000
