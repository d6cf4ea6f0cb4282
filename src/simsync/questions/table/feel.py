"""Values in FEEL, the expression language of DMN: tests of one input, and what an output says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from simsync.policy.policy import Value
from simsync.questions.table.cells import CellError

ANY = "-"
NULL = "null"
_LITERAL = re.compile(r'\s*("(?:[^"\\]|\\.)*"|true|false)\s*(,|$)', re.S)
_NOT = re.compile(r"not\s*\((.*)\)", re.S)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.S)
_MEANT = {"n": "\n", "t": "\t", "r": "\r"}


def literal(value: Value) -> str:
    r"""A value as FEEL has it.

    >>> print(literal(True), literal('say "a"\\b'))
    true "say \"a\"\\b"
    """
    return json.dumps(value, ensure_ascii=False)


def literals(values: Iterable[Value]) -> str:
    """Values that FEEL tests one by one, a dash where any will do.

    >>> print(literals(["create", "edit"]), literals([True]), literals([]))
    "create","edit" true -
    """
    return ",".join(map(literal, values)) or ANY


def feel_values(text: str) -> tuple[Value, ...]:
    r"""The values of a test or a list, none for a dash or nothing; raises :class:`CellError` for anything else.

    >>> feel_values(' "create", "edit"'), feel_values("true"), feel_values("-"), feel_values('["a \\"b\\""]')
    (('create', 'edit'), (True,), (), ('a "b"',))
    """
    said = text.strip()
    if said.startswith("[") and said.endswith("]"):
        said = said[1:-1].strip()
    if said in ("", ANY, NULL):
        return ()
    found: list[Value] = []
    at = 0
    while at < len(said):
        token = _LITERAL.match(said, at)
        if token is None or (token[2] == "," and not said[token.end() :].strip()):
            wanted = '"one","two"; names are in quotes, truth values are not, a dash stands for any'
            raise CellError(f"'{text.strip()}' is not a list of values, such as: {wanted}")
        found.append(token[1] == "true" if token[1] in ("true", "false") else _unquoted(token[1]))
        at = token.end()
    return tuple(found)


def feel_test(text: str, domain: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values for which a test holds, none where it holds for all; raises :class:`CellError` as above.

    >>> feel_test('not("a", "b")', ("a", "b", "c")), feel_test('"a"', ("a", "b")), feel_test("-", ("a", "b"))
    (('c',), ('a',), ())
    """
    said = text.strip()
    if said == NULL:
        raise CellError("'null' is no value that anything has; a dash stands for any")
    negated = _NOT.fullmatch(said)
    if negated is None:
        return feel_values(said)
    excluded = feel_values(negated[1])
    unknown = [value for value in excluded if value not in domain]
    left = tuple(value for value in domain if value not in excluded)
    if unknown:
        raise CellError(f"'{said}' excludes {literals(unknown)}, which is no value here; there are {literals(domain)}")
    if not excluded or not left:
        raise CellError(f"'{said}' excludes {'every value' if excluded else 'nothing'}; a dash stands for any")
    return left


def _unquoted(text: str) -> str:
    def meant(escape: re.Match[str]) -> str:
        sign = escape[1]
        return chr(int(sign[1:], 16)) if len(sign) == 5 else _MEANT.get(sign, sign)

    return _ESCAPE.sub(meant, text[1:-1])
