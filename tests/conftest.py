from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser_page import chromium
from remembering import remember
from simsync.app import load_model
from simsync.cli import main
from simsync.engine.model import Model
from simsync.scenarios.loading import ScenarioLoader
from simsync.statespace.reachability import Reached

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

Run = Callable[..., tuple[int, str, str]]
COLLECTED = pytest.StashKey[dict[str, set[str]]]()
"""Every test that was found, by its id, with its marks, whether it is run or not."""


def pytest_configure() -> None:
    """Let rules be read once in a process; `test_machine_files.py` reads them by the function itself.

    Let what the tests start hear Ctrl-C, also where they run in the background of a shell, which has it ignored.

    Where modules must not be kept compiled beside their source, it finds them compiled elsewhere all the same. State
    spaces are kept in a cache of the tests' own.
    """
    remember()
    os.environ["XDG_CACHE_HOME"] = str(ROOT / ".pytest_cache" / "kept")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".pytest_cache" / "compiled"))
        sys.dont_write_bytecode = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep which tests there are before marks choose among them."""
    config.stash[COLLECTED] = {item.nodeid: {mark.name for mark in item.iter_markers()} for item in items}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def model() -> Model:
    return load_model(ROOT / "machines")


@pytest.fixture(scope="session")
def reached(model: Model) -> Reached:
    """Everything that comes about under the shipped rules."""
    return Reached(model)


@pytest.fixture(scope="session")
def loader(model: Model) -> ScenarioLoader:
    return ScenarioLoader(model.factory)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the tests of a module."""
    with chromium() as running:
        yield running


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who sits at no terminal is told that something takes long: on a busy machine anything may."""
    monkeypatch.setattr("simsync.commands.progress_line.QUIET", float("inf"))


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line from the project's root: exit code, standard output, standard error."""
    monkeypatch.chdir(ROOT)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def besides_the_plan(err: str) -> str:
    """What standard error says, but for how much a campaign has before it: that tells times."""
    return "".join(line for line in err.splitlines(keepends=True) if not line.startswith("to come: "))


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A copy of the shipped rules, to be edited."""
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    return tmp_path / "machines"
