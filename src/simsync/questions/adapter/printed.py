"""The file to begin an adapter with, in the words of some rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from simsync.engine.model import Model
from simsync.policy.joining import parts_of

FILES = {"python": "template.py", "js": "template.mjs"}
"""The file of each language."""
LINE = 120
_WORDS = re.compile(r"^(?:export const )?([A-Z]+)(?:: [^=]+)? = .*$", re.MULTILINE)
_ABOUT = re.compile(r'^(?:"""|// )(.*?)(?:"""|$)')
EXAMPLES = (
    "adapters/minimal.py",
    "adapters/minimal.mjs",
    "reasons.py",
    "unsteady.py",
    "two_desks/adapter.py",
    "two_desks/http_adapter.py",
    "autotask/autotask_adapter.py",
    "policies/vdirsyncer/system.py",
    "policies/unison/system.py",
)
"""Adapters to learn from, in the folder of examples."""
Move = tuple[str, str, str, str, str]
"""Who does what, which machine that moves, from where, and to where."""


def adapter_file(model: Model, language: str) -> str:
    """The whole file.

    >>> from simsync.app import load_model
    >>> adapter_file(load_model(), "js").splitlines()[0][:27]
    '// An adapter for `simsync '
    """
    text = resources.files("simsync.questions.adapter").joinpath(FILES[language]).read_text(encoding="utf-8")
    begin, end = (text.index(f" --- the {mark}") for mark in ("words", "end"))
    words = words_of(model)

    def said(found: re.Match[str]) -> str:
        head = found[0].partition(" = ")[0]
        return _constant(f"{head} = ", words[found[1]], language)

    return text[:begin] + _WORDS.sub(said, text[begin:end]) + text[end:]


def words_of(model: Model) -> dict[str, Any]:
    """What the file knows of the rules, by its constants."""
    words = model.vocabulary
    spec = model.status_spec
    free = {name for name, field in words.fields.items() if not field.values}
    return {
        "PARTNERS": tuple(words.partners),
        "KINDS": {name: {f: words.fields[f].default for f in kind.fields} for name, kind in words.kinds.items()},
        "SHOWS": tuple((show.name, show.field, show.negated, show.ticket) for show in words.shows),
        "TEXTS": {show.name: show.field for show in words.shows if show.field in free},
        "FIRST": spec.parts(spec.initial) or {"": spec.initial},
        "MOVES": tuple(_moves(model)),
    }


def _moves(model: Model) -> Iterator[Move]:
    """What each status action does, whatever else it depends on."""
    partners = tuple(model.vocabulary.partners)
    several = bool(model.policy.machines)
    for key, spec, ticket in parts_of(model.status_machines, partners):
        for one in spec.transitions:
            for actor in one.actors:
                if ticket in (None, actor) or actor not in partners:
                    yield from ((actor, one.trigger, key if several else "", at, one.dest) for at in one.source)


def _python(value: Any) -> str:
    """A value as Python has it, with double quotes."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_python(key)}: {_python(one)}' for key, one in value.items())}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_python, value))}{',' if len(value) == 1 else ''})"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _javascript(value: Any) -> str:
    """A value as JavaScript has it."""
    return json.dumps(value, ensure_ascii=False)


WRITERS: dict[str, tuple[Callable[[Any], str], str]] = {"python": (_python, ""), "js": (_javascript, ";")}
"""How a value is written in each language, and how a statement ends."""


def _constant(head: str, value: Any, language: str) -> str:
    """A constant in a line, or in one for each of its parts."""
    write, end = WRITERS[language]
    whole = write(value)
    if len(head) + len(whole) + len(end) <= LINE:
        return f"{head}{whole}{end}"
    if isinstance(value, dict):
        parts = [f"{write(key)}: {write(one)}" for key, one in value.items()]
    else:
        parts = [write(one) for one in value]
    return "\n".join([head + whole[0], *(f"    {part}," for part in parts), whole[-1] + end])


def examples_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """The path of each example, and what it is."""
    for name in EXAMPLES:
        path = folder / name
        found = _ABOUT.match(path.read_text(encoding="utf-8").splitlines()[0])
        yield path, found[1] if found else ""
