"""Machine directories with random faults, and what is tried on each: nothing may end but in a sentence."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path

import simsync
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.world import World
from simsync.errors import SimsyncError
from simsync.questions.check.check import check
from simsync.questions.conform.sequences.walks import walks
from simsync.statespace.transition_table import transition_table

PAIR = re.compile(r"(?<=[{ ])([a-z][a-z ]*): (\[[^\]\n]*\]|[^\s,{}\[\]][^,{}\[\]\n]*)")
ENTRY = re.compile(r"(?:, )?[a-z][a-z ]*: (?:\[[^\]\n]*\]|[^,{}\[\]\n]+)")
TOKEN = re.compile(r"[^\s,:{}\[\]#'\"][^,:{}\[\]#\n'\"]*(?<! )")
NASTY = [
    *("''", "' '", "~", "true", "no", "5", "1e9", "[]", "{}", "[a, [b]]", "{a: {b: c}}", "*x", "&x y", "!t z"),
    *("|", ">-", "'a\\tb'", '"\\0"', '"a\\nb"', "\u2028", "\u00a0", "é", "e\u0301", "Ａ", "x" * 300, "- a"),
    *("[]:", "'", '"', "%", "@", "`"),
    *("create", "edit", "none", "status", "expect", "text", "kind", "link", "phase", "by", "owner", "other", "present"),
    *("absent", "delivered", "synced"),
]  # fmt: skip

Files = dict[str, str]


def read(directory: Path) -> Files:
    """The files of a machines directory."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.yaml"))}


def mutated(files: Mapping[str, str], chance: random.Random) -> Files:
    """A copy with a few random faults, most of them small."""
    made = dict(files)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        name = chance.choice(list(made))
        made[name] = chance.choice((_word, _word, _word, _nasty, _case, _line, _cut, _field))(made, name, chance)
    return made


def plausible(files: Mapping[str, str], chance: random.Random) -> Files:
    """A copy with a few changes that somebody may have meant, of which most can be loaded."""
    made = dict(files)
    for _ in range(chance.choice((1, 1, 2, 3))):
        name = chance.choice([name for name in made if name != "statements.yaml"])
        made[name] = chance.choice((_other, _other, _other, _loosened, _row))(made[name], chance)
    return made


def _other(text: str, chance: random.Random) -> str:
    """What a key says gives way to what the same key says elsewhere in the file."""
    pairs = list(PAIR.finditer(text))
    if not pairs:
        return text
    pair = chance.choice(pairs)
    others = sorted({one[2] for one in pairs if one[1] == pair[1] != "id" and one[2] != pair[2]})
    return text[: pair.start(2)] + chance.choice(others or [pair[2]]) + text[pair.end(2) :]


def _loosened(text: str, chance: random.Random) -> str:
    """A row has one condition less."""
    conditions = [match.span(1) for match in re.finditer(r"when: \{([^{}\n]+)\}", text)]
    if not conditions:
        return text
    start, end = chance.choice(conditions)
    entries = [match.span() for match in ENTRY.finditer(text, start, end)]
    first, last = chance.choice(entries)
    return text[:start] + (text[start:first] + text[last:end]).removeprefix(", ") + text[end:]


def _row(text: str, chance: random.Random) -> str:
    """A row is lost, or stands twice under another id."""
    lines = text.splitlines(keepends=True)
    rows = [at for at, line in enumerate(lines) if line.lstrip().startswith("- {id: ")]
    if not rows:
        return text
    at = chance.choice(rows)
    return "".join(
        [*lines[:at], *chance.choice(([], [lines[at], lines[at].replace("{id: ", "{id: x", 1)])), *lines[at + 1 :]]
    )


def _spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in TOKEN.finditer(text)] or [(0, len(text))]


def _word(files: Files, name: str, chance: random.Random) -> str:
    """A word gives way to another one, of any file."""
    text, other = files[name], files[chance.choice((name, chance.choice(list(files))))]
    (start, end), (first, last) = chance.choice(_spans(text)), chance.choice(_spans(other))
    return text[:start] + other[first:last] + text[end:]


def _nasty(files: Files, name: str, chance: random.Random) -> str:
    text = files[name]
    start, end = chance.choice(_spans(text))
    return text[:start] + chance.choice(NASTY) + text[end:]


def _case(files: Files, name: str, chance: random.Random) -> str:
    text = files[name]
    start, end = chance.choice(_spans(text))
    word = text[start:end]
    return text[:start] + chance.choice((word.swapcase(), f"' {word}'", f"{word} x", word[::-1])) + text[end:]


def _line(files: Files, name: str, chance: random.Random) -> str:
    """A line is lost, stands twice, or stands elsewhere."""
    lines = files[name].splitlines(keepends=True) or [""]
    at = chance.randrange(len(lines))
    kept = lines[:at] + lines[at + 1 :]
    where = chance.randrange(len(kept) + 1)
    return "".join(
        chance.choice((kept, [*lines[:at], lines[at], *lines[at:]], [*kept[:where], lines[at], *kept[where:]]))
    )


def _cut(files: Files, name: str, chance: random.Random) -> str:
    """One entry of a list or mapping is lost."""
    text = files[name]
    commas = [match.start() for match in re.finditer(", ", text)]
    if len(commas) < 2:
        return text[: chance.randrange(len(text) + 1)]
    at = chance.randrange(len(commas) - 1)
    return text[: commas[at]] + text[commas[at + 1] :]


def _field(files: Files, name: str, chance: random.Random) -> str:
    """A field more, on all kinds that list their fields in a line."""
    values = chance.choice(("text", "[false, true]", "[a, b, c]", "['', x]", "[true, 'true']"))
    default = chance.choice(("''", "false", "a", "true", "x"))
    carried = chance.choice(("true", "false"))
    new = f"  extra: {{values: {values}, default: {default}, delivered: {carried}, set by: [create, edit]}}\n"
    text = files.get("vocabulary.yaml", "")
    if name == "vocabulary.yaml":
        return text.replace("fields:\n", "fields:\n" + new, 1).replace(
            "{fields: [", "{fields: [extra, ", chance.randrange(3)
        )
    return files[name]


def tried(directory: Path, seed: int, most: int) -> str:
    """Load, check, run and transition_table: how far it came. ``most`` steps are checked at most."""
    try:
        model = simsync.load_model(directory)
    except SimsyncError:
        return "refused"
    try:
        _check(model, most)
        for drive in walks(model, seed, 3):
            world = World(drive.trace.status)
            for event in drive.trace.events:
                world = step(model, world, event).after
                simsync.step(model, world, drive.trace.events[0]) if not world.items else None
        transition_table(model)
    except SimsyncError as error:
        return str(error.diagnostics[0].code)
    return "went well"


class _EnoughError(Exception):
    pass


def _check(model: Model, most: int) -> None:
    def progress(_what: str, done: int, _of: int) -> None:
        if done > most:
            raise _EnoughError

    try:
        for finding in check(model, progress):
            assert finding.message
    except _EnoughError:
        return
