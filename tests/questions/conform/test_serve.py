"""`simsync serve`: whatever it is asked, the answer is one line of JSON, with a sentence for what makes no sense."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest

from conftest import Run
from simsync.questions.replay.log.text import LONGEST

ACT = {"op": "act", "actor": "lead", "action": "create", "kind": "note", "item": "N1"}
BAD: list[tuple[Any, str]] = [
    (b"nonsense", "a request is a line with a JSON object: expecting value at character 1"),
    (b"[]", "a request is a line with a JSON object"),
    (b"", "a request is a line with a JSON object"),
    (b"\xff", "it is not UTF-8 text"),
    (b"[" * 100_000, "it is nested too deeply"),
    (b"1" * 5000, "a number in it is too long"),
    (b"x" * (LONGEST + 5), "a request has at most 1,000,000 bytes"),
    (b'{"op": "settle", "op": "observe"}', "it has the key 'op' twice in one object"),
    (b'{"op": "settle", "x": NaN}', "NaN is no number in JSON"),
    ({}, "a request says what it wants as 'op'"),
    ({"op": ["hello"]}, "a request says what it wants as 'op'"),
    ({"op": "setle"}, "'setle' is not an op; did you mean 'settle'?"),
    ({"op": "_told"}, "'_told' is not an op"),
    ({"op": "settle", "self": 1}, "'self' is not a key of 'settle'"),
    ({"op": "hello"}, "'hello' needs the key 'protocol'"),
    ({"op": "hello", "protocol": 2}, "protocol 1 is spoken here, not 2"),
    ({"op": "hello", "protocol": True}, "'protocol' is a number"),
    ({"op": "reset", "status": 3}, "'status' is a text"),
    ({"op": "reset", "status": "Unsend"}, "did you mean 'Unsent'?"),
    ({"op": "act", "actor": "lead"}, "'act' needs the key 'action'"),
    ({**ACT, "actor": "laed"}, "did you mean 'lead'?"),
    ({**ACT, "action": "approve completion"}, "is not an action"),
    ({**ACT, "kind": ["note"]}, "'kind' is a text"),
    ({**ACT, "item": None}, "'item' is a text"),
    ({**ACT, "fields": []}, "'fields' is an object"),
    ({**ACT, "fields": {"text": 3}}, "'3' is not a value of 'text'"),
    ({**ACT, "fields": {"text": "\ud800"}}, "it has half of a surrogate pair"),
    ({**ACT, "fields": {"action": "x"}}, "the field 'action' does not belong to 'create note N1'"),
]


def asked(monkeypatch: pytest.MonkeyPatch, cli: Run, *requests: Any) -> list[dict[str, Any]]:
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in requests]
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"".join(line + b"\n" for line in lines))))
    code, out, err = cli("serve")
    assert (code, err) == (0, "")
    answers = [json.loads(line) for line in out.splitlines()]
    assert len(answers) == len(requests)
    return answers


def test_bad_requests_are_answered_with_sentences(monkeypatch: pytest.MonkeyPatch, cli: Run) -> None:
    for (request, told), answer in zip(BAD, asked(monkeypatch, cli, *(one for one, _ in BAD)), strict=True):
        assert list(answer) == ["error"], request
        assert told in answer["error"]
        assert not re.search(r"Error|object at|argument|\bself\.|codec", answer["error"])


def test_it_goes_on_after_a_bad_request(monkeypatch: pytest.MonkeyPatch, cli: Run) -> None:
    hello, bad, made, unknown, shown = asked(
        monkeypatch,
        cli,
        {"op": "hello", "protocol": 1},
        b"?",
        ACT,
        {"op": "act", "actor": "lead", "action": "delete", "item": "N2"},
        {"op": "observe"},
    )
    assert hello["can"] == ["reset_to_status"]
    assert "error" in bad
    assert made == {"ok": True}
    assert unknown["refused"].startswith("the item was never created")
    assert shown["tickets"]["service"]["N1"]["kind"] == "note"


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "simsync", "serve"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"op": "settle"}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline()) == {"ok": True}
    process.stdout.close()
    _, err = process.communicate(b'{"op": "settle"}\n' * 3)
    assert (process.returncode, err) == (141, b"")
