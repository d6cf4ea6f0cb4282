"""What can be wrong with somebody's input, said once: stable codes, a sentence, and the place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from simsync.alike import apart, is_plain, look_alike, quoted

HELD, BAD_INPUT, INTERRUPTED = 0, 2, 130
"""What a command exits with: all held, something is wrong with what it was given, somebody ended it."""

MOST_COMPARED = 1000
MANY = 20
CLOSEST = 5


class Code(StrEnum):
    """The stable code of each kind of diagnostic; programs may match on it."""

    NOT_FOUND = "not-found"
    NOT_A_FILE = "not-a-file"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TOO_MANY = "too-many"
    ENCODING = "encoding"
    SYNTAX = "syntax"
    TAG = "tag"
    DUPLICATE_KEY = "duplicate-key"
    UNKNOWN_KEY = "unknown-key"
    MISSING_KEY = "missing-key"
    WRONG_TYPE = "wrong-type"
    UNKNOWN_NAME = "unknown-name"
    NO_SCENARIO = "no-scenario"
    NO_EVENT = "no-event"
    BAD_ACTION = "bad-action"
    DUPLICATE_ITEM = "duplicate-item"
    UNKNOWN_ITEM = "unknown-item"
    MISPLACED_FIELD = "misplaced-field"
    EMPTY_EDIT = "empty-edit"
    DUPLICATE_ID = "duplicate-id"
    READING_CLASH = "reading-clash"
    OVERLAP = "overlap"
    RESERVED = "reserved"
    BAD_NAME = "bad-name"
    INCOMPLETE = "incomplete"
    USAGE = "usage"
    NOT_EMPTY = "not-empty"
    UNWRITABLE = "unwritable"
    RENDERER = "renderer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One problem: where it is (1-based line and column), what is wrong, what would be right.

    ``line`` 0 means that ``file`` is no file but what was said on the command line or by a caller.
    ``length`` is how many characters of the line the caret underlines; ``excerpt`` is that line.
    """

    file: str
    line: int
    col: int
    code: Code
    message: str
    length: int = 1
    excerpt: str | None = None

    def __str__(self) -> str:
        """The contract's form: ``FILE:LINE:COL: code: sentence``."""
        place = f"{self.file}:{self.line}:{self.col}" if self.line else self.file
        return f"{place}: {self.code}: {self.message}"


class SimsyncError(Exception):
    """Bad input, with every problem found; never raised for a refusal or a failed expectation."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics))

    def __reduce__(self) -> tuple[type[SimsyncError], tuple[object, ...]]:
        return SimsyncError, (self.diagnostics,)  # a worker's errors come from another process


def usage_error(what: str, *messages: str, code: Code = Code.UNKNOWN_NAME) -> SimsyncError:
    """What is wrong with an argument rather than with a file."""
    return SimsyncError(Diagnostic(file=what, line=0, col=0, code=code, message=message) for message in messages)


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed spelling closest to ``word``, if one is close.

    >>> nearest("Complte", ["Complete", "Accepted"])
    'Complete'
    """
    return next(iter(_close(word, allowed, 1)), None)


SHORT = 6
"""Characters of a word in which a slip or two leave little in common."""


def _close(word: str, allowed: Iterable[str], most: int) -> list[str]:
    by_folded = {a.casefold(): a for a in islice(allowed, MOST_COMPARED)}
    folded = word[:100].casefold()
    close = difflib.get_close_matches(folded, by_folded, n=most, cutoff=0.5)
    long = [f for f in close if min(len(folded), len(f)) > SHORT and " " not in folded + f]  # half is no likeness
    rest = [f for f in long if not f.startswith(folded)]
    unlike = {f for f in rest if difflib.SequenceMatcher(None, f, folded).ratio() < 0.6}
    return [by_folded[f] for f in close if f not in unlike]


def listed(values: Iterable[object]) -> str:
    """Values as a sentence names them; a name with a comma in it, or with anything that cannot be seen, in quotes.

    >>> listed(["a", True, "b, c"])
    'a, true, "b, c"'
    """
    return ", ".join(map(_told, values))


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if is_plain(text) and "," not in text else quoted(text)


def named(word: str) -> str:
    """A word that a sentence speaks of, in quotes.

    >>> named("a b")
    "'a b'"
    """
    word = _cut(word)
    return f"'{word}'" if is_plain(word) else quoted(word)


def not_among(what: str, word: str, allowed: Iterable[object]) -> str:
    """The sentence for a name that is none of those allowed, with the nearest spelling; of many, only the nearest ones.

    >>> not_among("a partner", "laed", ["lead", "service"])
    "'laed' is not a partner; did you mean 'lead'? Allowed: lead, service"
    >>> not_among("a note", "ab", ["abc", "xab", *map(str, range(20))])
    "'ab' is not a note; did you mean 'xab'? Nearest of 22: xab, abc"
    >>> not_among("a note", "nope", range(100, 130))
    "'nope' is not a note. Some of 30: 100, 101, 102, 103, 104"
    """
    allowed = list(allowed)
    if twin := _twin(what, word, allowed):
        return twin
    close = _close(word, map(str, allowed), CLOSEST)
    meant = f"; did you mean {named(close[0])}?" if close else "."
    if len(allowed) <= MANY:
        told = f"Allowed: {listed(allowed)}" if allowed else "There is none."
    else:
        few = close or [str(one) for one in allowed[:CLOSEST]]
        told = f"{'Nearest' if close else 'Some'} of {len(allowed):,}: {listed(few)}"
    return f"{named(word)} is not {what}{meant} {told}"


def _twin(what: str, word: str, allowed: Iterable[object]) -> str | None:
    """What to say of a name that only looks like one that is allowed."""
    meant = next((str(a) for a in islice(allowed, MOST_COMPARED) if look_alike(word, str(a))), None)
    if meant is None:
        return None
    said, meant = apart(word, meant)
    return f"{said} is not {what}; it looks like {meant}, which is."


def _cut(word: str) -> str:
    return word if len(word) <= 60 else word[:57] + "..."
