"""Installing without make: a clean environment comes to a verdict, says what it lacks, and needs nothing of POSIX."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT
from simsync.extras import shell_word

POSIX_ONLY = """
import importlib.abc, os, signal, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "readline"}:
            raise ImportError(f"{name} is there on POSIX only")

sys.meta_path.insert(0, Refuse())
for module, names in ((os, "killpg setsid sysconf fork forkpty sched_getaffinity getuid geteuid mkfifo"),
                      (signal, "SIGHUP SIGKILL SIGQUIT SIGUSR1 SIGALRM pthread_sigmask alarm setitimer")):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
from simsync import cli
cli._end_when_asked()
sys.exit(max(cli.main(words.split()) for words in sys.argv[1:]))
"""
COMMANDS = (
    "run tests/policies/atelier_scenarios --machines tests/policies/atelier",
    "check --machines tests/policies/atelier",
    "explore --machines tests/policies/atelier",
    "coverage tests/policies/atelier_scenarios --machines tests/policies/atelier",
    "mutate tests/policies/atelier_scenarios --machines tests/policies/atelier --jobs 1",
    "conform --sut-python simsync.reference:system --random 2",
    "replay docs/examples/log.jsonl",
    "diagrams --check",
)
BAD = 2


def done(*command: str | Path, where: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    plain = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    ran = subprocess.run(words, cwd=where, env=plain, capture_output=True, text=True, check=False)
    assert ran.returncode == code, f"{words}\n{ran.stdout}{ran.stderr}"
    return ran


class Clean:
    """An environment with nothing in it but what is installed."""

    def __init__(self, folder: Path) -> None:
        done(sys.executable, "-m", "venv", folder, where=ROOT)
        self._programs = folder / ("Scripts" if os.name == "nt" else "bin")

    def pip(self, *arguments: str | Path) -> None:
        self("python", "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments, where=ROOT)

    def __call__(self, program: str, *arguments: str | Path, where: Path, code: int = 0) -> tuple[str, str]:
        ran = done(self._programs / program, *arguments, where=where, code=code)
        return ran.stdout, ran.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The source distribution, and the wheel that is made of it and of nothing else."""
    folder = tmp_path_factory.mktemp("built")
    makes = Clean(folder / "makes")
    makes.pip("install", "hatchling")
    makes("python", "-m", "hatchling", "build", "-t", "sdist", "-d", folder, where=ROOT)
    (sdist,) = folder.glob("simsync-*.tar.gz")
    makes.pip("wheel", "--no-deps", "--wheel-dir", folder, sdist)
    (wheel,) = folder.glob("simsync-*.whl")
    return {"sdist": sdist, "wheel": wheel}


@pytest.mark.thorough
def test_what_is_built_has_all_of_the_package_and_nothing_of_the_machine(built: dict[str, Path]) -> None:
    with tarfile.open(built["sdist"]) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "README.md",
        "machines/sync_rules.yaml",
        "src/simsync/py.typed",
        "tests/conftest.py",
    } <= files
    strange = {".venv", "node_modules", "__pycache__", ".pytest_cache", ".git"}
    assert not {name for name in files if strange & set(name.split("/"))}
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = set(wheel.namelist())
    source = {str(p.relative_to(ROOT / "src")) for p in (ROOT / "src" / "simsync").rglob("*") if p.is_file()}
    assert {name for name in source if "__pycache__" not in name} <= names
    shipped = [p.relative_to(ROOT) for name in ("machines", "scenarios") for p in (ROOT / name).rglob("*.yaml")]
    assert {f"simsync/packaged/{path.as_posix()}" for path in shipped} <= names


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["sdist", "wheel"])
def test_a_clean_environment_comes_to_a_verdict_and_says_what_it_lacks(
    form: str, built: dict[str, Path], tmp_path: Path
) -> None:
    clean = Clean(tmp_path / "environment")
    clean.pip("install", built[form])
    clean.pip("check")
    empty = tmp_path / "empty"
    empty.mkdir()
    _, err = clean("simsync", "run", where=empty, code=BAD)
    packaged = next((tmp_path / "environment").rglob("packaged"))
    assert f"the rules that ship with simsync are in {packaged / 'machines'}; to begin: simsync init my-policy," in err
    assert err.rstrip().endswith(f"or simsync run {shell_word(str(packaged / 'scenarios'))}")
    out, _ = clean("simsync", "run", packaged / "scenarios", where=empty)
    assert out.endswith("checked against the table that ships with simsync\n")
    clean("simsync", "init", "my-policy", where=empty)
    assert clean("simsync", "run", where=empty / "my-policy")[0].endswith("checked against the table\n")
    lacks(clean, built[form], empty)


def lacks(clean: Clean, came: Path, where: Path) -> None:
    """Each extra is missing: what needs it says so, and how to have it."""
    scenario = "my-policy/scenarios/severing.yaml"
    for extra, command, code in (
        ("xlsx", ("table", "--format", "xlsx", "--out", "tables.xlsx"), BAD),
        ("render", ("compare", "resume=discard", "resume=deliver", "--picture", "difference.png"), BAD),
        ("render", ("draw", f"{scenario}:1", "--all", "--out", "drawn"), 0),
        ("cluster", ("mutate", scenario, "--cluster", "local:1"), BAD),
    ):
        _, err = clean("simsync", *command, where=where, code=code)
        assert f"needs simsync's extra '{extra}', which is not installed" in err
        assert f"to have it: pip install {shell_word(f'{came}[{extra}]')}" in err
        assert "Traceback" not in err
    _, err = clean("python", "-c", "import simsync.state_machine", where=where, code=1)
    assert err.splitlines()[-1].startswith("ImportError: a state machine needs simsync's extra 'hypothesis'")
    assert not (where / "tables.xlsx").exists()
    assert not (where / "difference.png").exists()


def test_nothing_of_posix_is_needed_at_start() -> None:
    """What Windows has not is not imported, and not looked for."""
    ran = done(sys.executable, "-c", POSIX_ONLY, COMMANDS[0], where=ROOT)
    assert ran.stdout.endswith("checked against the table\n")


@pytest.mark.thorough
def test_nor_by_what_computes() -> None:
    ran = done(sys.executable, "-c", POSIX_ONLY, *COMMANDS, where=ROOT, code=1)
    assert "Traceback" not in ran.stderr
    assert "every diagram is that of the rules" in ran.stdout
