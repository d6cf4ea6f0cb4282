"""Whatever a log holds: it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from log_fuzzing import try_log


@pytest.mark.parametrize("first", range(0, 100, 25))
def test_no_log_is_too_odd(tmp_path: Path, first: int) -> None:
    assert {try_log(number, tmp_path) for number in range(first, first + 25)} >= {1, 2}
