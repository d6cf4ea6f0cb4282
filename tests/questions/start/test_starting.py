"""A start of one's own, help with examples that run, and completion."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.commands import simsync as group

SIMSYNC = f"{sys.executable} -m simsync "


def test_init_makes_a_copy_that_runs_and_overwrites_nothing(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine"
    assert cli("init", target)[0] == 0
    assert sorted(p.name for p in target.iterdir()) == [".vscode", "machines", "scenarios", "schemas"]
    settings = json.loads((target / ".vscode" / "settings.json").read_text())
    assert all((target / schema).is_file() for schema in settings["yaml.schemas"])
    code, _, err = cli("init", target)
    assert code == 2
    assert "not-empty" in err
    monkeypatch.chdir(target)
    done = subprocess.run([sys.executable, "-m", "simsync", "run"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine"]


def test_init_into_an_empty_directory_and_beside_a_file(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cli("init", tmp_path / "empty")[0] == 0
    (tmp_path / "linked").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "linked")
    assert cli("init", tmp_path / "link")[0] == 0
    assert (tmp_path / "linked" / "machines").is_dir()
    (tmp_path / "here").mkdir()
    done = subprocess.run([sys.executable, "-m", "simsync", "init", "."], cwd=tmp_path / "here", check=False)
    assert done.returncode == 0
    assert cli("init", "")[0] == 2
    (tmp_path / "file").write_text("mine")
    code, _, err = cli("init", tmp_path / "file")
    assert code == 2
    assert err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("shell", "sign"), [("bash", "complete -o"), ("zsh", "#compdef"), ("fish", "complete --no-files")]
)
def test_completion(cli: Run, shell: str, sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = cli("completion", shell)
    assert code == 0
    assert sign in out


def test_completion_knows_commands_options_and_readings() -> None:
    def completed(words: str) -> list[str]:
        environment = {**os.environ, "_SIMSYNC_COMPLETE": "bash_complete", "COMP_WORDS": words}
        environment["COMP_CWORD"] = str(len(words.split()) - 1)
        script = "import sys; sys.argv[0] = 'simsync'; from simsync.cli import main; sys.exit(main())"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
        )
        return [line.split(",", 1)[1] for line in done.stdout.splitlines()]

    assert completed("simsync rea") == ["readings"]
    assert completed("simsync run --reading resu") == ["resume=deliver", "resume=discard"]


COMMANDS = [*group.commands]


@pytest.fixture(scope="module")
def short_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped rules with the three readings of which properties speak, so that all combinations are soon tried."""
    rules = tmp_path_factory.mktemp("short") / "machines"
    shutil.copytree(ROOT / "machines", rules)
    head, *readings = (rules / "readings.yaml").read_text().split("\n- reading: ")
    kept = [text for text in readings if text.split("\n")[0] in ("resume", "charge_sever", "outsource_again")]
    (rules / "readings.yaml").write_text("\n- reading: ".join([head, *kept]))
    return rules


@pytest.mark.parametrize("command", [[], *([c] for c in COMMANDS)])
@pytest.mark.thorough
def test_every_help_shows_examples_that_run(cli: Run, command: list[str], short_rules: Path, tmp_path: Path) -> None:
    code, out, _ = cli(*command, "--help")
    assert code == 0
    examples = re.findall(r"^  (simsync .*)$", out.split("Examples:")[1], re.M)
    assert examples
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    (tmp_path / "machines").symlink_to(short_rules)
    (tmp_path / "scenarios").mkdir()
    for file in (ROOT / "scenarios").glob("*.yaml"):  # those that give no reading
        (tmp_path / "scenarios" / file.name).symlink_to(file)
    for example in examples:
        done = subprocess.run(
            ["bash", "-c", re.sub(r"(?<![-\w])python(?= \w)", sys.executable, example.replace("simsync ", SIMSYNC))],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**unmeasured, "HOME": str(tmp_path)},
            check=False,
        )
        if "completion fish" not in example:  # its directory is not there yet
            assert done.returncode in (0, 1), f"{example}\n{done.stderr}"
        assert "Traceback" not in done.stderr


def test_help_is_there_even_where_the_rules_are_broken(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "machines").mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "simsync", "run", "--help"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert run.returncode == 0
    assert "--reading NAME=OPTION" in run.stdout
