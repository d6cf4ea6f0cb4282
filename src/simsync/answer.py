"""What a question came to, for Python and for the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Generic, TypeVar

from simsync.progress import StoppedAt

T = TypeVar("T")


@dataclass(frozen=True, repr=False, eq=False)
class Answer(Generic[T]):
    """What a question came to. ``value`` is all of it; ``holds`` is whether the command would exit with 0.

    ``str(answer)`` is what the command prints, ``answer.as_dict()`` what it prints as JSON. Where it was interrupted,
    ``value`` is what was known by then, ``stopped`` says where that was, and nothing ``holds``.
    """

    value: T
    holds: bool
    _lines: Callable[[], Iterable[str]]
    _data: Callable[[], dict[str, Any]]
    stopped: StoppedAt | None = None
    _remark: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The answer as plain data: mappings, lists, texts, numbers and truth values."""
        stopped = {"stopped": asdict(self.stopped)} if self.stopped else {}
        return stopped | self._data()

    def lines(self) -> Iterator[str]:
        """The text, line by line, as it is made."""
        if self.stopped:
            yield f"{self._remark}{self.stopped}"
        for part in self._lines():
            yield from part.removesuffix("\n").split("\n")

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __repr__(self) -> str:
        return f"<{type(self.value).__name__}: {'holds' if self.holds else 'does not hold'}>"

    def _repr_html_(self) -> str:
        parts = self.value if isinstance(self.value, tuple) else ()
        drawn = [part._repr_svg_() for part in parts if hasattr(part, "_repr_svg_")]
        return "\n".join(filter(None, drawn)) or f'<pre style="font-family: monospace">{escape(str(self))}</pre>'
