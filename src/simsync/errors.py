"""What can be wrong with somebody's input, said once: stable codes, a sentence, and the place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

MOST_COMPARED = 200
MOST_LISTED = 200


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
    BAD_ACTION = "bad-action"
    DUPLICATE_ITEM = "duplicate-item"
    UNKNOWN_ITEM = "unknown-item"
    MISPLACED_FIELD = "misplaced-field"
    EMPTY_EDIT = "empty-edit"
    DUPLICATE_ID = "duplicate-id"
    READING_CLASH = "reading-clash"
    OVERLAP = "overlap"
    RESERVED = "reserved"
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


def usage_error(what: str, *messages: str, code: Code = Code.UNKNOWN_NAME) -> SimsyncError:
    """What is wrong with an argument rather than with a file."""
    return SimsyncError(Diagnostic(file=what, line=0, col=0, code=code, message=message) for message in messages)


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed spelling closest to ``word``, if one is close.

    >>> nearest("Complte", ["Complete", "Accepted"])
    'Complete'
    """
    by_folded = {a.casefold(): a for a in islice(allowed, MOST_COMPARED)}
    found = difflib.get_close_matches(word[:100].casefold(), by_folded, n=1, cutoff=0.5)
    return by_folded[found[0]] if found else None


def listed(values: Iterable[object]) -> str:
    """Values as a sentence names them.

    >>> listed(["a", True])
    'a, true'
    """
    return ", ".join(("true" if v else "false") if isinstance(v, bool) else str(v) for v in values)


def not_among(what: str, word: str, allowed: Iterable[object]) -> str:
    """The sentence for a name that is none of those allowed, with the nearest spelling.

    >>> not_among("a partner", "laed", ["lead", "service"])
    "'laed' is not a partner; did you mean 'lead'? Allowed: lead, service"
    """
    allowed = list(allowed)
    told = listed(allowed[:MOST_LISTED])
    if len(allowed) > MOST_LISTED:
        told += f", and {len(allowed) - MOST_LISTED:,} more"
    hint = nearest(word, [str(a) for a in allowed])
    shown = word if len(word) <= 60 else word[:57] + "..."
    meant = f"; did you mean '{hint}'?" if hint else "."
    return f"'{shown}' is not {what}{meant} {f'Allowed: {told}' if allowed else 'There is none.'}"
