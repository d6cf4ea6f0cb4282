"""The workflow files to copy do what their page says, up to the hosts: these are stood in for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from conftest import ROOT

CI = ROOT / "examples" / "ci"
ATELIER = ROOT / "tests" / "policies"
STAND_INS = {
    "pip": 'echo "pip $*" >> "$SAID"',
    "gh": 'echo "gh $1 $2 $3" >> "$SAID"; cp "$5" "$SAID.comment"',
    "curl": 'echo "curl ${@: -1}" >> "$SAID"; cp "$(echo "$*" | grep -o "@[^ ]*" | tr -d @)" "$SAID.comment"',
}
VARIABLES = {
    "BASE": "origin/main",
    "NUMBER": "7",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_API_V4_URL": "https://example.org/api",
    "CI_PROJECT_ID": "3",
    "CI_MERGE_REQUEST_IID": "7",
    "BOT_TOKEN": "none",
    "SIMSYNC": "simsync @ here",
}


class Repository:
    """A repository with rules of its own, of which one was changed on a branch, and who is asked outside of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.said = folder / "work", folder / "said"
        shutil.copytree(ATELIER / "atelier", self.folder / "machines")
        shutil.copytree(ATELIER / "atelier_scenarios", self.folder / "scenarios")
        programs = folder / "programs"
        programs.mkdir()
        for name, script in STAND_INS.items():
            (programs / name).write_text(f"#!/usr/bin/env bash\n{script}\n")
            (programs / name).chmod(0o755)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        names = {f"GIT_{who}_{what}": "nobody" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        self._environment = {**os.environ, **names, **VARIABLES, "SAID": str(self.said), "PATH": path}
        self.bash("git init -q -b main . && git add -A && git commit -qm rules")
        self.bash("git update-ref refs/remotes/origin/main HEAD")

    def bash(self, script: str, code: int = 0) -> str:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def github() -> list[str]:
    steps = yaml.safe_load((CI / "github.yml").read_text())["jobs"]["rules"]["steps"]
    return [step["run"] for step in steps if "run" in step]


def gitlab() -> list[str]:
    jobs = yaml.safe_load((CI / "gitlab.yml").read_text())
    made = [job for job in jobs.values() if isinstance(job, dict) and "script" in job]
    return [line for job in made for line in (*job["before_script"], *job["script"])]


@pytest.mark.parametrize("scripts", [github, gitlab], ids=["github", "gitlab"])
@pytest.mark.thorough
def test_the_steps_run_and_say_what_a_change_means(scripts: Any, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.change("machines/sync_rules.yaml", "notify: [owner of the shop]", "notify: []")
    repository.change("scenarios/mirrors.yaml", "notified: [owner of the shop]", "notified: []")
    for script in scripts():
        repository.bash(script)
    cases = ElementTree.parse(repository.folder / "results.xml").getroot()
    assert (int(cases.attrib["tests"]) > 0, cases.attrib["failures"]) == (True, "0")
    for name in ("scenarios.sarif", "rules.sarif"):
        assert json.loads((repository.folder / name).read_text())["version"] == "2.1.0"
    said = repository.said.read_text().splitlines()
    assert said[0] == "pip install simsync @ here"
    assert said[-1] in ("gh pr comment 7", "curl https://example.org/api/projects/3/merge_requests/7/notes")
    comment = (tmp_path / "said.comment").read_text()
    assert comment == (repository.folder / "change.md").read_text()
    assert "owner of the shop" in comment


@pytest.mark.parametrize("scripts", [github, gitlab], ids=["github", "gitlab"])
@pytest.mark.thorough
def test_a_failure_fails_the_job_and_so_does_bad_input(scripts: Any, tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    run = next(script for script in scripts() if script.startswith("simsync run"))
    first = next(path for path in sorted((repository.folder / "scenarios").iterdir()))
    whole = first.read_text()
    first.write_text(whole + "\n---\nscenario: wrong\nsteps: [{shop: create draft N1}]\nfinally: {status: Closed}\n")
    repository.bash(run, 1)
    (found,) = json.loads((repository.folder / "scenarios.sarif").read_text())["runs"][0]["results"]
    assert found["ruleId"] == "expectation"
    first.write_text(whole + "\n---\nscenario: worse\nsteps: [{shop: create draft N1}]\nfinally: {status: Shut}\n")
    repository.bash(run, 2)
    (found,) = json.loads((repository.folder / "scenarios.sarif").read_text())["runs"][0]["results"]
    assert found["ruleId"] == "unknown-name"


def test_hooks_run_what_there_is_to_run() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in hooks] == ["simsync-run", "simsync-check", "simsync-diagrams"]
    page = (ROOT / "docs" / "ci.md").read_text()
    for hook in hooks:
        assert f"id: {hook['id']}" in page
        assert re.search(hook["files"], "machines/sync_rules.yaml")
        assert not re.search(hook["files"], "src/machines/rules.py")
        assert hook["entry"].startswith("simsync ")
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)
