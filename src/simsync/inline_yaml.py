"""Values as YAML writes them inside a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simsync.alike import escaped

_PLAIN = re.compile(r"[^\W\d_](?:[\w /()'.=+@%$;-]*[\w)'.%$+])?")


def inline_yaml(value: Any) -> str:
    """A value as YAML writes it inside a line.

    >>> inline_yaml({"when": ["a", True], "b": "c: d", "e": ["f"]})
    '{when: [a, true], b: "c: d", e: [f]}'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in ("true", "false", "null")
        return (
            value
            if plain
            else '"' + "".join(c if c.isprintable() and c not in '"\\' else escaped(c) for c in value) + '"'
        )
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{inline_yaml(key)}: {inline_yaml(inner)}" for key, inner in value.items()) + "}"
    return "[" + ", ".join(map(inline_yaml, value)) + "]"
