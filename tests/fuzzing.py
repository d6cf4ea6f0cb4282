"""Files with slips and rubbish in them, from a seed; and what must be so of whatever is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from random import Random

from simsync.engine.model import Model
from simsync.errors import Diagnostic, SimsyncError
from simsync.questions.conform.systems.files import load_names
from simsync.report import as_json, phrases
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario

BREAKS = ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029", "\x0b", "\x0c"]
PIECES = [
    *BREAKS,
    *("\t", " ", "  ", "\u00a0", "\u200b", "\ufeff", "\u0430", "e\u0301", "\u201c", "\u2019", "#", " #", "'", '"'),
    *("\\", ":", ": ", "- ", "-", ",", "{", "}", "[", "]", "|", ">", "? ", "!", "&a ", "*a", "<<: ", "%", "@", "`"),
    *("---\n", "...", "true", "no", "null", "~", "5", "absent", "expect: ", "given: ", "steps:", "scenario: x"),
    *("create note N1", "\x00"),
]  # fmt: skip
MAPPING = """\
# What the other side calls things, and what it lacks.
partners: {lead: customer, service: vendor}
kinds: {note: TicketNote, time entry: TimeEntry, charge: TicketCharge, attachment: TicketAttachment}
fields: {text: description, internal: publish, type: attachmentType}
shown: {text: description, internal_users_only: publish, type: attachmentType}
values:
  internal: {false: 1, true: 2}
  type: {file: FILE_ATTACHMENT, file link: "FILE LINK", folder link: 'FOLDER, LINK', url: URL}
statuses: {In Progress: 8}
actions: {insource complete: submit}
ids: true
cannot: [delete note, edit attachment]
unseen: [customer_visible, notified]
longest text: 8000
"""
_WORD = re.compile(r"\w+|[^\w\s]|\s+")


def spoilt(random: Random, text: str) -> bytes:
    """A text with a few of its words moved, doubled, dropped or replaced, and now and then a byte of it changed."""
    words = _WORD.findall(text)
    for _ in range(random.randint(1, 4)):
        at, to = random.randrange(len(words)), random.randrange(len(words))
        how = random.randrange(6)
        if how == 0:
            words[at] = random.choice(PIECES)
        elif how == 1:
            words.insert(at, random.choice(PIECES))
        elif how == 2:
            words[at], words[to] = words[to], words[at]
        elif how == 3:
            words.insert(at, words[to])
        elif how == 4 and len(words) > 1:
            del words[at]
        else:
            words[at] = words[at][: random.randint(0, len(words[at]))] + random.choice(PIECES)
    data = bytearray("".join(words).encode("utf-16" if random.randrange(50) == 0 else "utf-8"))
    if random.randrange(8) == 0:
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def check_places(data: bytes, found: Iterable[Diagnostic]) -> None:
    """Hold that each problem is at a place inside the file, and can be printed."""
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace").removeprefix(
        "\ufeff"
    )
    lines = re.split("\r\n|[\r\n]", text)
    found = list(found)
    assert [one.line for one in found if one.code != "too-many"] == sorted(
        one.line for one in found if one.code != "too-many"
    )
    for one in found:
        assert 1 <= one.line <= len(lines), one
        assert 1 <= one.col <= len(lines[one.line - 1]) + 1, one
        assert phrases.diagnostic(one).startswith(f"{one.file}:{one.line}:{one.col}: {one.code}: ")


def try_scenario_file(loader: ScenarioLoader, model: Model, path: Path, data: bytes) -> bool:
    """Load a file and run it; whether it could be run."""
    path.write_bytes(data)
    file = loader.load_file(str(path))
    assert bool(file.scenarios) is not bool(file.diagnostics)
    check_places(data, file.diagnostics)
    for scenario in file.scenarios:
        result = run_scenario(model, scenario)
        as_json.dumps([as_json.head(result), *(as_json.step(model, step) for step in result.steps)])
        for step in result.steps:
            for failure in step.failures:
                phrases.sides(failure)
    return bool(file.scenarios)


def try_mapping(model: Model, path: Path, data: bytes) -> bool:
    """Load a mapping file; whether it could be used."""
    path.write_bytes(data)
    try:
        load_names(str(path), model)
    except SimsyncError as error:
        check_places(data, error.diagnostics)
        return False
    return True
