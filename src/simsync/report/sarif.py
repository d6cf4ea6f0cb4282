"""SARIF 2.1.0, for the tools that show findings beside the lines of a code review: what all its reports share."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from enum import StrEnum, auto
from pathlib import Path
from typing import Any
from urllib.parse import quote

from simsync.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class SarifLevel(StrEnum):
    """The standard's levels; what cannot come about is told at the lowest."""

    ERROR = auto()
    WARNING = auto()
    NOTE = auto()


def sarif_log(rules: Sequence[dict[str, Any]], results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One run of simsync with its results."""
    driver = {"name": "simsync", "version": __version__, "semanticVersion": __version__, "rules": list(rules)}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": list(results)}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def sarif_rule(code: str, about: str, more: str, level: str) -> dict[str, Any]:
    """What a code stands for."""
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": about},
        "fullDescription": {"text": about},
        "help": {"text": more},
        "defaultConfiguration": {"level": level},
    }


def sarif_location(file: str, line: int, col: int, root: str) -> dict[str, Any]:
    """A place in a file."""
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(file, root)},
            "region": {"startLine": line, "startColumn": col},
        }
    }


def uri(file: str, root: str) -> str:
    """A file's name as a URI, relative to ``root`` if it lies below.

    >>> uri("machines/my rules.yaml", "/home/me")
    'machines/my%20rules.yaml'
    """
    path = os.path.normpath(os.path.join(root, file))
    inside = os.path.relpath(path, root)
    if inside.split(os.sep)[0] == os.pardir or os.path.isabs(inside):
        return Path(path).as_uri()
    return quote(inside.replace(os.sep, "/"))


def fingerprint(*said: str) -> str:
    """The same for the same finding after lines have moved."""
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]
