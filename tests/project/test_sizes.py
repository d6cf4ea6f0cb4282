"""Modules and functions are short enough to be read at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

MODULE = 400
FUNCTION = 40
"""Lines besides the docstring, from `def` to the end."""

MODULES = sorted((ROOT / "src").rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """The name of each function, and how many lines it has besides its docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            said = ast.get_docstring(node) is not None
            told = (first.end_lineno or 0) - first.lineno + 1 if said else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - told


def test_there_is_something_to_measure() -> None:
    assert len(MODULES) > 300
    assert dict(functions(Path(__file__)))["functions"] == 7


def test_no_module_is_too_long() -> None:
    lengths = {str(path): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines >= MODULE} == {}


def test_no_function_is_too_long() -> None:
    lengths = {(str(path), name): lines for path in MODULES for name, lines in functions(path)}
    assert {where: lines for where, lines in lengths.items() if lines >= FUNCTION} == {}
