"""JSON that can be read in one way only, and what is wrong with other JSON as a sentence."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 100
"""How many lists and objects may stand in each other: what comes after must not fail of them."""


class NoJson(ValueError):  # noqa: N818 - told as what is wrong with an answer or a line
    """This is no JSON; the message goes on after "this is no JSON: ". ``column`` is from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


class TwoWays(NoJson):
    """JSON that some would read in one way and some in another; the message is a sentence."""


def loads(raw: bytes, *, halves: bool = False) -> Any:
    """The value that some JSON says; raises :class:`NoJson`. With ``halves``, those of surrogate pairs pass for text.

    >>> loads(b'{"a": [1, true]}')
    {'a': [1, True]}
    >>> loads(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    simsync.strict_json.TwoWays: it has the key 'a' twice in one object
    """
    try:
        text = raw.decode("utf-8")
        value = _QUICK.decode(text)
        if text.count(":") != _keys(value):  # a text has a colon, or a key is said twice
            value = _DECODER.decode(text)
        if raw.count(b"[") + raw.count(b"{") > DEEPEST:
            _check_depth(value)
        if not halves and b"\\u" in raw:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise NoJson("it is not UTF-8 text", error.start + 1) from None
    except UnicodeEncodeError:
        raise NoJson("it has half of a surrogate pair, which is no text") from None
    except json.JSONDecodeError as error:
        what = f"{error.msg[:1].lower()}{error.msg[1:]}".removesuffix(" at")
        raise NoJson(f"{what} at character {error.pos + 1}", error.pos + 1) from None
    except RecursionError:
        raise NoJson("it is nested too deeply") from None
    except NoJson:
        raise
    except ValueError:  # of all that Python limits, only this can be met here
        raise NoJson("a number in it is too long") from None
    return value


def _keys(value: Any) -> int:
    """How many keys there are in all objects of a value."""
    if type(value) is dict:
        return len(value) + sum([_keys(inner) for inner in value.values() if type(inner) in _MANY])
    return sum([_keys(inner) for inner in value if type(inner) in _MANY]) if type(value) is list else 0


def _check_depth(value: Any) -> None:
    """Raises :class:`NoJson` for lists and objects that stand in too many others."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            one
            for many in level
            if isinstance(many, dict | list)
            for one in (many.values() if isinstance(many, dict) else many)
        ]
    if level:
        raise NoJson("it is nested too deeply")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        shown = twice[:60].encode("utf-8", "backslashreplace").decode()
        raise TwoWays(f"it has the key {shown!r} twice in one object")
    return found


def _no_number(name: str) -> Any:
    raise TwoWays(f"{name} is no number in JSON")


_MANY = (dict, list)
_QUICK = json.JSONDecoder(parse_constant=_no_number)
_DECODER = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=_no_number)
