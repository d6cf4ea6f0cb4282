"""Whether a product of others is here; a test without it is skipped, but where continuous integration demands it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from shutil import which

import pytest

REQUIRED = "SIMSYNC_SYSTEMS"


def needs(product: str, *, module: bool) -> pytest.MarkDecorator:
    """The mark of tests that need a product, as a module of Python or as a command."""
    here = find_spec(product) is not None if module else which(product) is not None
    demanded = os.environ.get(REQUIRED) == "required"
    return pytest.mark.skipif(not here and not demanded, reason=f"{product} is not here; make systems installs it")
