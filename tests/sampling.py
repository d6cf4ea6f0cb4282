"""Parameters of which the quick tests take a few, and the thorough ones the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def few(values: Iterable[Any], every: int) -> list[Any]:
    """The values as parameters, of which only one in so many is quick; a tuple is several arguments."""
    parameters = [value if isinstance(value, tuple) else (value,) for value in values]
    return [
        pytest.param(*parameter, marks=() if number % every == 0 else pytest.mark.thorough)
        for number, parameter in enumerate(parameters)
    ]
