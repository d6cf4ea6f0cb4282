"""The first line of files that simsync writes, by which it knows them again."""

from __future__ import annotations

import hashlib
import os
import re

MARK = re.compile(r"(# |<!-- )Written by simsync [a-z]+; (?P<digest>[0-9a-f]{16})( -->)?\n")


def sealed(command: str, body: str) -> bytes:
    """A file's content under a first line by which a later run knows that nobody changed it since."""
    return f"# Written by simsync {command}; {_digest(body)}\n{body}".encode()


def sealed_picture(command: str, svg: str) -> bytes:
    """An SVG document under such a line, as a comment of its own kind."""
    return f"<!-- Written by simsync {command}; {_digest(svg)} -->\n{svg}".encode()


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def is_ours(path: str) -> bool:
    """Whether a file is as simsync wrote it; what was changed since is somebody's."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError):
        return False
    mark = MARK.match(text)
    return mark is not None and mark["digest"] == _digest(text[mark.end() :])
