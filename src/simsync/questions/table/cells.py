"""What stands in a cell: values joined by commas and `or`, a dash for any; read back exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simsync.policy.policy import Value, When
from simsync.report.tables import ANY

DASH = "\u2013"
"""What spreadsheet programs make of a lone hyphen."""
_FORMULA = "=+-@"
_TOKEN = re.compile(
    r"""\s*(?:"((?:[^"]|"")*)"|([^",\s]+(?:\s+(?!or\s)[^",\s]+)*))"""  # each blank has one place: no run is read twice
    r"""\s*(?:,\s*(?:or\s+)?|(?<=\s)or\s+|$)""",
    re.I,
)
_PART = re.compile(r'((?:[^";]|"(?:[^"]|"")*")+)(?:;|$)')
"""One condition of several."""
_BOOLEANS = {"true": True, "false": False}
_PLAIN = re.compile(r'(?!.*(?:,|"|\bor\b))\S(?:.*\S)?', re.I | re.S)


class CellError(Exception):
    """What is wrong with a cell, as a sentence."""


def value_cell(value: Value) -> str:
    """A value as a cell has it, in quotes where it would be read as something else.

    >>> value_cell(True), value_cell("file link"), value_cell("this or that"), value_cell("true"), value_cell("=1")
    ('true', 'file link', '"this or that"', '"true"', '"=1"')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = _PLAIN.fullmatch(value) and value != DASH and value.lower() not in _BOOLEANS and value[0] not in _FORMULA
    return value if plain else '"' + value.replace('"', '""') + '"'


def values_cell(values: Iterable[Value]) -> str:
    """Values as a cell has them.

    >>> values_cell(["create", "edit", "delete"]), values_cell([])
    ('create, edit or delete', '-')
    """
    *rest, last = [value_cell(value) for value in values] or [ANY]
    return f"{', '.join(rest)} or {last}" if rest else last


def cell_values(text: str) -> tuple[Value, ...]:
    """The values in a cell, none for a dash or nothing; raises :class:`CellError`.

    >>> cell_values("create, edit or delete"), cell_values(" TRUE "), cell_values('"this or that", x'), cell_values("-")
    (('create', 'edit', 'delete'), (True,), ('this or that', 'x'), ())
    """
    if text.strip() in ("", ANY, DASH):
        return ()
    found: list[Value] = []
    at, text = 0, text.strip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.end() == at:
            raise CellError(f"'{text}' is not a list of values, such as: one, two or three; quotes come in pairs")
        quoted, plain = token[1], (token[2] or "").strip()
        found.append(quoted.replace('""', '"') if quoted is not None else _BOOLEANS.get(plain.lower(), plain))
        at = token.end()
    if text.endswith(",") or "" in found:
        raise CellError(f"'{text}' has a value too few; a dash stands for any")
    return tuple(found)


def when_cell(when: When) -> str:
    """A condition as one cell has it.

    >>> when_cell((("kind", ("note", "charge")), ("internal", (False,)))), when_cell(())
    ('kind: note or charge; internal: false', '-')
    """
    return "; ".join(f"{fact}: {values_cell(values)}" for fact, values in when) or ANY


def cell_when(text: str) -> dict[str, tuple[Value, ...]]:
    """The condition in a cell, none for a dash or nothing; raises :class:`CellError`.

    >>> cell_when("kind: note or charge; internal: false"), cell_when("-")
    ({'kind': ('note', 'charge'), 'internal': (False,)}, {})
    """
    if text.strip() in ("", ANY, DASH):
        return {}
    found: dict[str, tuple[Value, ...]] = {}
    for part in _PART.findall(text):
        fact, colon, values = part.partition(":")
        if not colon or not values.strip():
            raise CellError(f"'{part.strip()}' is no condition, such as: kind: note or charge")
        found[fact.strip()] = cell_values(values)
    return found


def cell_value(text: str) -> Value | None:
    """The one value in a cell, None for a dash or nothing; raises :class:`CellError` for more than one."""
    values = cell_values(text)
    if len(values) > 1:
        raise CellError(f"'{text}' are {len(values)} values where one is wanted")
    return values[0] if values else None
