"""What a name may be, whatever it is a name of, and when two are too much alike to be told apart."""

from __future__ import annotations

import unicodedata


def folded(name: str) -> str:
    """A name without what readers do not see: case, normalization, how many blanks.

    >>> folded("Straße  1") == folded("STRASSE 1"), folded("e\\u0301") == folded("é")
    (True, True)
    """
    if name.isascii():
        return " ".join(name.lower().split())
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(once.split())


def too_alike(name: str, other: str) -> str:
    """The sentence for a name that differs from another one in nothing that a reader could see.

    >>> too_alike("n1", "N1")
    "'n1' and 'N1' differ in case only; name one of them otherwise"
    """
    if name.casefold() == other.casefold():
        return f"'{name}' and '{other}' differ in case only; name one of them otherwise"
    codes = ("+".join(f"{ord(c):04X}" for c in one if not c.isascii()) or "plain letters" for one in (name, other))
    return f"'{name}' and '{other}' look alike ({' and '.join(codes)}); name one of them otherwise"


def wrong_with(what: str, name: str) -> str | None:
    """Why a text cannot be the name of something, and what would be right; None: it can be one.

    >>> wrong_with("a state", " Open")
    "a state's name has no blanks around it: write 'Open', not ' Open'"
    """
    if not name.strip():
        return f"{what} needs a name; this one is {'blank' if name else 'empty'}"
    if not name.isprintable():
        line = " ".join(name.split())
        return f"{what}'s name is one line of printable characters: write '{line}'"
    if name != name.strip():
        return f"{what}'s name has no blanks around it: write '{name.strip()}', not '{name}'"
    return None
