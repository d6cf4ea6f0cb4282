"""The first line of files that simsync writes, by which it knows them again, and spares those of others."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable

from simsync.errors import Code, usage_error

MARK = re.compile(r"(# |<!-- )Written by simsync [a-z]+; (?P<digest>[0-9a-f]{16})( -->)?\n")
DRAWN = re.compile(rb"simsync|[0-9a-f]{16}")
"""What each picture and text that simsync draws has in it: its name, or the digest of the rules."""


def marked(command: str, body: str) -> bytes:
    """A file's content under a first line by which a later run knows that nobody changed it since."""
    return f"# Written by simsync {command}; {_digest(body)}\n{body}".encode()


def marked_picture(command: str, svg: str) -> bytes:
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


def was_drawn(path: str) -> bool:
    """Whether a file looks like a picture, or a text for one, that simsync drew; these have no first line for it."""
    if not os.path.isfile(path) or os.path.splitext(os.path.realpath(path))[1] != os.path.splitext(path)[1]:
        return False
    with open(path, "rb") as stream:
        return DRAWN.search(stream.read()) is not None


def refuse_foreign(paths: Iterable[str], ours: Callable[[str], bool] = is_ours) -> None:
    """Raise :class:`SimsyncError` where what is there is not, or not any more, as simsync wrote it."""
    for path in paths:
        if os.path.lexists(path) and not ours(path):
            message = "this was not written by simsync, or was changed since; move it away, or name another place"
            raise usage_error(path, message, code=Code.NOT_EMPTY)
