"""The parser's limit: PyYAML's C loader on every file of a directory, each document thrown away at once.

python bench/load_yaml.py DIR
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml


def load_all(data: bytes) -> None:
    """Parse and construct every document of a file."""
    for _ in yaml.load_all(data, Loader=yaml.CSafeLoader):
        pass


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
        load_all(path.read_bytes())
