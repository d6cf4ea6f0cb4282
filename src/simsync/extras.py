"""simsync's extras: what needs one says so, and how to have it from where this simsync came."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

NAME = "simsync"
INSTALLERS = {"uv": "uv pip install"}
APPLICATIONS = {"pipx_metadata.json": "pipx install --force", "uv-receipt.toml": "uv tool install --force"}
"""What those who install applications, each in an environment of its own, leave in it; and how they install again."""


def lacking(what: str, extra: str) -> str:
    """The sentence for what needs an extra that is not installed."""
    return f"{what} needs simsync's extra '{extra}', which is not installed; {how_to_have(extra)}"


def how_to_have(extra: str) -> str:
    """How to install an extra: the command for the same source, where it is known and still there."""
    try:
        installed = distribution(NAME)
        alone = (command for note, command in APPLICATIONS.items() if os.path.exists(os.path.join(sys.prefix, note)))
        command = next(alone, INSTALLERS.get((installed.read_text("INSTALLER") or "").strip(), "pip install"))
        words = _words(json.loads(installed.read_text("direct_url.json") or "{}"), extra)
    except (PackageNotFoundError, OSError, ValueError, LookupError, TypeError, AttributeError):  # none, or no such note
        words = None
    if words is None:
        return f"install simsync again, from where you got it, with the extra '{extra}'"
    return f"to have it: {command} {words}"


def _words(came: Mapping[str, Any], extra: str) -> str | None:
    """What an installer is told, from what the last one noted (PEP 610); None where that is of no use now."""
    url = came.get("url", "")
    if urlsplit(url).scheme == "file" and "vcs_info" not in came:
        path = url2pathname(urlsplit(url).path)
        editable = "-e " if came.get("dir_info", {}).get("editable") else ""
        return f"{editable}{shell_word(f'{path}[{extra}]')}" if os.path.exists(path) else None
    if not url:
        return None
    if "vcs_info" in came:
        url = f"{came['vcs_info']['vcs']}+{url}@{came['vcs_info']['commit_id']}"
    part = f"#subdirectory={came['subdirectory']}" if "subdirectory" in came else ""
    return shell_word(f"{NAME}[{extra}] @ {url}{part}")


def shell_word(word: str) -> str:
    """A word as shells take it; those of Windows know only double quotes."""
    return f'"{word}"' if os.name == "nt" else "'" + word.replace("'", "'\"'\"'") + "'"
