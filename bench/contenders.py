"""The commands that run the same scenarios in simsync and in its peers."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from measure import HERE, SIMSYNC, Command, python
from peers import translate

FULL, LEAN = "all expectations", "the peers' checks"
SISMIC, PYTEST = "sismic's BDD runner", "pytest-bdd on transitions"


@dataclass(frozen=True)
class Contest:
    """The commands of each contestant, for all scenarios and for one, and how many steps are to be checked."""

    OURS: ClassVar = (FULL, LEAN)
    PEERS: ClassVar = (SISMIC, PYTEST)

    commands: dict[str, dict[str, Command]]
    steps: int


def prepare(walks: Path, folder: Path, count: int) -> Contest:
    """Translate the first scenarios under default readings, and the first alone, for everybody."""
    documents = translate.default_scenarios(walks, count)
    commands: dict[str, dict[str, Command]] = {name: {} for name in (*Contest.OURS, *Contest.PEERS)}
    for size, chosen in (("all", documents), ("one", documents[:1])):
        translate.write_scenarios(chosen, folder / f"simsync {size}")
        translate.write_scenarios([translate.trimmed(d) for d in chosen], folder / f"lean {size}")
        commands[FULL][size] = [SIMSYNC, "run", str(folder / f"simsync {size}")]
        commands[LEAN][size] = [SIMSYNC, "run", str(folder / f"lean {size}")]
        commands[SISMIC][size] = _sismic(chosen, folder / f"sismic {size}")
        commands[PYTEST][size] = _pytest(chosen, folder / f"pytest {size}")
    expected = sum(len(document["steps"]) for document in documents)
    return Contest(commands, expected)


def _sismic(documents: list[translate.Document], folder: Path) -> Command:
    translate.write_features(documents, folder, translate.sismic_lines)
    runner = str(Path(sys.executable).with_name("sismic-bdd"))
    features = [str(path) for path in sorted(folder.glob("*.feature"))]
    quiet = ["--format", "null", "--no-summary"]
    return [runner, str(HERE / "peers" / "statechart.yaml"), "--features", *features, *quiet]


def _pytest(documents: list[translate.Document], folder: Path) -> Command:
    translate.write_features(documents, folder / "features", translate.pytest_lines)
    for name in ("ticketing.py", "test_scenarios.py"):
        shutil.copy(HERE / "peers" / name, folder / name)
    quiet = ["-q", "-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", "--disable-plugin-autoload"]
    return python("-m", "pytest", *quiet, "-p", "pytest_bdd.plugin", "--rootdir", folder, folder)
