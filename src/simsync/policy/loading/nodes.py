"""Bytes to YAML nodes with line and column, in bounded time and memory; nothing is constructed or executed.

libyaml's composer is used where PyYAML has it. Every scalar stays the text that was written; what it means
under YAML 1.2's core schema (`true`/`false` are booleans, `no` and `off` are text) is decided by the shape
that reads it.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.composer import Composer, ComposerError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from simsync.errors import Code, Diagnostic
from simsync.policy.loading.slips import cause

__all__ = ["MappingNode", "Node", "Problems", "ScalarNode", "SequenceNode", "compose", "read_bytes"]

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 64
_TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep; no file of ours needs that"
MAX_PROBLEMS = 200

UNTAGGED = "?"
"""The tag of every node whose file gives it none."""
BREAK = re.compile("\r\n|[\n\r]")
"""A line break. What YAML 1.1 and libyaml break lines at besides are characters like others."""
_NO_BREAKS = "\x85\u2028\u2029"
_STAND_INS = range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE)
"""The characters for private use, of which some are in no text."""
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_HARMLESS = {
    ScalarNode: (UNTAGGED, "!", "tag:yaml.org,2002:str"),
    SequenceNode: (UNTAGGED, "!", "tag:yaml.org,2002:seq"),
    MappingNode: (UNTAGGED, "!", "tag:yaml.org,2002:map"),
}


class _TooDeepError(Exception):
    def __init__(self, mark: Any) -> None:
        self.mark = mark


class _Untyped:
    """Resolver methods for a loader: no implicit tags, and a bound on the depth of nesting."""

    _depth = 0

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooDeepError(getattr(parent, "start_mark", None))

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: type[Node], value: object, implicit: object) -> str:
        return UNTAGGED


if yaml.__with_libyaml__:
    from yaml._yaml import CParser

    class _Loader(_Untyped, CParser):
        def __init__(self, data: bytes) -> None:
            CParser.__init__(self, data)
else:  # pragma: no cover - PyYAML's wheels all carry libyaml

    class _Loader(_Untyped, Reader, Scanner, Parser, Composer, BaseResolver):  # type: ignore[no-redef] # the same, in Python
        def __init__(self, data: bytes) -> None:
            Reader.__init__(self, data)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)
            BaseResolver.__init__(self)


class Problems:
    """Collects the diagnostics of one file, so that all are reported at once."""

    def __init__(self, file: str, data: bytes = b"") -> None:
        self.file = file
        self._data = data
        self._lines: list[str] | None = None
        self.found: list[Diagnostic] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    @property
    def told(self) -> tuple[Diagnostic, ...]:
        """What was found, in the order of the lines; of one line, in that in which it was found."""
        return tuple(sorted(self.found, key=lambda one: (one.code is Code.TOO_MANY, one.line)))

    def at(self, node: Node, code: Code, message: str) -> None:
        """Report a problem with what ``node`` says."""
        mark = node.start_mark
        length = 1
        end = node.end_mark
        if isinstance(node, ScalarNode) and end is not None and end.line == mark.line:
            length = max(1, end.column - mark.column)
        self.place(mark.line + 1, mark.column + 1, code, message, length)

    @property
    def full(self) -> bool:
        """Whether so many were found that no more are told."""
        return len(self.found) > MAX_PROBLEMS

    def place(self, line: int, col: int, code: Code, message: str, length: int = 1) -> None:
        """Report a problem at a 1-based line and column."""
        if self.full:
            return
        last = len(self.lines) - (len(self.lines) > 1 and not self.lines[-1])
        if self._data and line > last:  # the parser stands behind the last line
            line, col = last, len(self.lines[last - 1]) + 1
        if len(self.found) == MAX_PROBLEMS:
            code, message = Code.TOO_MANY, f"there are more problems than these {MAX_PROBLEMS}; mend these first"
        found = Diagnostic(
            file=self.file,
            line=line,
            col=col,
            code=code,
            message=message,
            length=length,
            excerpt=self.excerpt(line),
        )
        if found not in self.found:  # an alias is read wherever it is used
            self.found.append(found)

    @property
    def lines(self) -> list[str]:
        """The file's lines."""
        if self._lines is None:
            self._lines = BREAK.split(self._data.decode("utf-8", "replace").removeprefix("\ufeff"))
        return self._lines

    def line_of(self, node: Node) -> str:
        """The line that a node starts in."""
        return self.excerpt(node.start_mark.line + 1) or ""

    def excerpt(self, line: int) -> str | None:
        """A line of the file, by its number."""
        return self.lines[line - 1] if 1 <= line <= len(self.lines) else None


def read_bytes(path: str, problems: Problems) -> bytes | None:
    """The bytes of a regular file, or None with the reason reported."""
    try:
        # O_NONBLOCK: opening a FIFO must not wait for a writer
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        problems.place(1, 1, Code.NOT_FOUND, "there is no such file or directory")
        return None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        problems.place(1, 1, Code.UNREADABLE, f"the file cannot be read: {why}")
        return None
    info = os.fstat(descriptor)
    if not stat.S_ISREG(info.st_mode):  # asked before a stream is made of it, which a directory does not allow
        os.close(descriptor)
        message = "this is not a regular file; name a YAML file or a directory of them"
        if stat.S_ISDIR(info.st_mode):
            message = "this is a directory; one YAML file is wanted here"
        problems.place(1, 1, Code.NOT_A_FILE, message)
        return None
    with os.fdopen(descriptor, "rb") as stream:
        if info.st_size > MAX_BYTES:
            _too_large(info.st_size, problems)
            return None
        try:
            data = stream.read(MAX_BYTES + 1) or b""  # nothing at all where one would have to wait
        except OSError as error:
            problems.place(1, 1, Code.UNREADABLE, f"the file cannot be read: {error.strerror}")
            return None
    if len(data) > MAX_BYTES:  # it grew meanwhile
        _too_large(len(data), problems)
        return None
    return _as_utf8(data, problems)


def _too_large(size: int, problems: Problems) -> None:
    message = f"the file has {size:,} bytes; at most {MAX_BYTES:,} are read; split it"
    problems.place(1, 1, Code.TOO_LARGE, message)


def _as_utf8(data: bytes, problems: Problems) -> bytes | None:
    """Text as UTF-8, also where it is UTF-16, with a mark or without; None, with the reason reported, if damaged."""
    begin = data[:4]
    if begin.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        problems.place(1, 1, Code.ENCODING, "the file is UTF-32 text; save it as UTF-8")
        return None
    if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif len(begin) == 4 and begin.count(0) == 2 and begin[0::2].count(0) in (0, 2):
        encoding = "utf-16-be" if begin[0] == 0 else "utf-16-le"
    else:
        return data
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        problems.place(1, 1, Code.ENCODING, "the file is UTF-16 text that is damaged; save it as UTF-8")
        return None


def _is_text(data: bytes, problems: Problems) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        problems.place(*_end_of(before), Code.ENCODING, "the file is not UTF-8 text here; save it as UTF-8")
        return False
    odd = _NOT_PRINTABLE.search(text[1:] if text.startswith("\ufeff") else text)
    if odd:
        message = f"the character U+{ord(odd.group()):04X} cannot stand in a YAML file"
        problems.place(*_end_of(text[: odd.start()]), Code.ENCODING, message)
        return False
    return True


def _end_of(text: str) -> tuple[int, int]:
    """The line and column, from 1, of what comes after a text."""
    starts = [found.end() for found in BREAK.finditer(text)]
    return len(starts) + 1, len(text) - (starts[-1] if starts else 0) + 1


def _place_of(mark: Any) -> tuple[int, int]:
    """The line and column, from 1, of a parser's mark, the start where it has none."""
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)


def _is_bounded(root: Node, limit: int, problems: Problems) -> bool:
    """Whether a document, its aliases unfolded, is no larger than its file could say without them."""
    sizes: dict[int, int] = {}
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, done = waiting.pop()
        inside = _inside(node)
        if done:
            sizes[id(node)] = 1 + sum(sizes[id(one)] for one in inside)
        elif sizes.get(id(node)) == 0:
            problems.at(node, Code.TOO_LARGE, "an alias stands for something that contains it, without end")
            return False
        elif id(node) not in sizes:
            sizes[id(node)] = 0  # until all inside it is counted
            waiting.append((node, True))
            waiting += [(one, False) for one in inside if not sizes.get(id(one))]
    if sizes[id(root)] > limit:
        problems.at(root, Code.TOO_LARGE, "the aliases here unfold to far more than the file itself")
    return sizes[id(root)] <= limit


def _stand_ins(data: bytes) -> dict[int, int]:
    """For each character that only YAML 1.1 takes for a line break one that is not in the text; none, if none is there.

    libyaml gets the text with those in their place, so that it breaks no line there and counts lines as we do.
    """
    if not any(character.encode() in data for character in _NO_BREAKS):
        return {}
    used = {ord(character) for character in data.decode()}
    free = (code for codes in _STAND_INS for code in codes if code not in used)
    return dict(zip(map(ord, _NO_BREAKS), free, strict=False))


def _put_back(root: Node, characters: dict[int, int]) -> None:
    """Put back into every scalar what others stood in for."""
    for node in _all(root):
        if isinstance(node, ScalarNode):
            node.value = node.value.translate(characters)


def _all(root: Node) -> Iterator[Node]:
    """Every node of a document, once, in its order."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += reversed(_inside(node))


def _check_tags(root: Node, problems: Problems) -> None:
    """Report tags that would have something constructed; those of the core schema say what is so anyway."""
    for node in _all(root):
        if node.tag not in _HARMLESS[type(node)]:
            problems.at(node, Code.TAG, f"the tag '{node.tag}' has no meaning here; write the value without it")


def _inside(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def compose(data: bytes, problems: Problems) -> Iterator[Node]:
    """The root node of each document, one at a time; what stops the parser is reported and ends the iteration."""
    if not _is_text(data, problems):
        return
    try:
        stand_ins = _stand_ins(data)
        loader = _Loader(data.decode().translate(stand_ins).encode() if stand_ins else data)
        aliased, tagged, limit = b"*" in data and b"&" in data, b"!" in data, len(data) + 10_000
        while loader.check_node():
            node = loader.get_node()
            if node is None or (aliased and not _is_bounded(node, limit, problems)):
                continue
            if tagged:
                _check_tags(node, problems)
            if stand_ins:
                _put_back(node, {there: here for here, there in stand_ins.items()})
            yield node
    except _TooDeepError as deep:
        problems.place(*_place_of(deep.mark), Code.TOO_DEEP, _TOO_DEEP)
    except (yaml.MarkedYAMLError, ComposerError) as error:
        place = _place_of(error.problem_mark or error.context_mark)
        if "nesting depth" in str(error.problem):  # newer libyaml has a bound of its own, and looks ahead
            problems.place(*place, Code.TOO_DEEP, _TOO_DEEP)
            return
        began = _place_of(error.context_mark) if error.context_mark else None
        found = cause(problems.lines, str(error.problem), error.context or "", place, began)
        context = f" ({error.context})" if error.context else ""
        place, why = found or (place, f"{error.problem}{context}")
        problems.place(*place, Code.SYNTAX, f"this is not well-formed YAML: {why}")
    except (yaml.YAMLError, RecursionError) as error:
        problems.place(1, 1, Code.SYNTAX, f"this is not well-formed YAML: {error}")
