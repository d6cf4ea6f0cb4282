"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TextIO


@contextmanager
def whole_file(path: str) -> Iterator[TextIO]:
    """A stream whose content takes the place of what is at ``path`` once all of it is written.

    If anything goes wrong, that stays as it was and nothing is left behind. Links are followed, an existing file keeps
    its permissions, and what is no regular file (a device, a pipe) is written to as it is.
    """
    target = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        with _named(path), open(path, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    mode = _mode_for(target)
    with _named(path):
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".simsync-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
                yield stream
            os.chmod(temporary, mode)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise


@contextmanager
def _named(path: str) -> Iterator[None]:
    """What goes wrong in here goes wrong with a file by this name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def write_together(contents: Mapping[str, bytes]) -> None:
    """Write several files, each whole, and none of them before there is room for all."""
    with ExitStack() as stack:
        for path, content in contents.items():
            stream = stack.enter_context(whole_file(path))
            stream.buffer.write(content)
            stream.flush()


def file_stem(name: str) -> str:
    """A name as a file name.

    >>> file_stem("outsource status"), file_stem("other's change")
    ('outsource_status', 'others_change')
    """
    return "".join(c if c.isalnum() or c in "_-" else "_" if c.isspace() else "" for c in name)


def distinct(names: Iterable[str]) -> list[str]:
    """The names, with a number behind each that is there already, whatever their case.

    >>> distinct(["a", "A", "", "a"])
    ['a', 'A-2', 'unnamed', 'a-3']
    """
    found: dict[str, str] = {}
    for name in names:
        wanted, number = name or "unnamed", 1
        fresh = wanted
        while fresh.lower() in found:
            number += 1
            fresh = f"{wanted}-{number}"
        found[fresh.lower()] = fresh
    return list(found.values())


def _mode_for(path: str) -> int:
    """The permissions of the file that is there, or those that a new one gets.

    Raises PermissionError where the file there may not be written.
    """
    if os.path.exists(path):
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return stat.S_IMODE(os.stat(path).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
