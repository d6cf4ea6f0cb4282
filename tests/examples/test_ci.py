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
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": "refs/remotes/origin/main",
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
        self.variables = {**os.environ, **names, **VARIABLES, "SAID": str(self.said), "PATH": path}
        self.variables["GITHUB_STEP_SUMMARY"] = str(folder / "summary")
        self.bash("git init -q -b main . && git add -A && git commit -qm rules")
        self.bash("git update-ref refs/remotes/origin/main HEAD")

    def bash(self, script: str, code: int = 0) -> str:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False)
        assert done.returncode == code, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def github(*, fork: bool = False) -> list[str]:
    """What the workflow runs; that of a fork may not do all of it."""
    steps = yaml.safe_load((CI / "github.yml").read_text())["jobs"]["rules"]["steps"]
    return [step["run"] for step in steps if "run" in step and not (fork and "env.OURS" in step.get("if", ""))]


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


@pytest.mark.parametrize("scripts", [github, gitlab], ids=["github", "gitlab"])
@pytest.mark.thorough
def test_the_first_rules_and_rules_that_were_wrong_are_told_in_sentences(scripts: Any, tmp_path: Path) -> None:
    """With neither does the job fail: whoever mends rules could not."""
    first = Repository(tmp_path / "first")
    first.bash("git rm -rq machines && git commit -qm none && git update-ref refs/remotes/origin/main HEAD")
    first.bash("git checkout -q HEAD~1")
    broken = Repository(tmp_path / "broken")
    broken.bash("echo 'x: [' >> machines/sync_rules.yaml && git add -A && git commit -qm broken")
    broken.bash("git update-ref refs/remotes/origin/main HEAD && git checkout -q HEAD~1")
    told = []
    for repository in (first, broken):
        for script in scripts():
            repository.bash(script)
        told.append((repository.folder / "change.md").read_text())
    assert re.fullmatch(r"There are no rules in (origin/)?main: those of this branch are the first\.\n", told[0])
    head, _, trouble = told[1].partition("\n\n")
    assert head == "What this change means cannot be told:"
    assert trouble.startswith("    ../before/machines/sync_rules.yaml:")


@pytest.mark.thorough
def test_a_fork_is_told_in_the_summary_of_its_run_and_asks_nobody(tmp_path: Path) -> None:
    assert [len(github(fork=fork)) for fork in (False, True)] == [5, 4]
    for where, scripts, token in (("github", github(fork=True), "none"), ("gitlab", gitlab(), "")):
        repository = Repository(tmp_path / where)
        repository.variables["BOT_TOKEN"] = token
        repository.change("machines/sync_rules.yaml", "notify: [owner of the shop]", "notify: []")
        repository.change("scenarios/mirrors.yaml", "notified: [owner of the shop]", "notified: []")
        told = "".join(repository.bash(script) for script in scripts)
        assert {line.split()[0] for line in repository.said.read_text().splitlines()} == {"pip"}
        change = (repository.folder / "change.md").read_text()
        assert "owner of the shop" in change
        assert change in ((tmp_path / where / "summary").read_text() if where == "github" else told)


def test_the_hosts_schemas_take_the_workflows() -> None:
    """As check-jsonschema keeps them."""
    for schema, paths in {
        "github-workflows": ("examples/ci/github.yml", ".github/workflows/ci.yml"),
        "gitlab-ci": ("examples/ci/gitlab.yml", ".gitlab-ci.yml"),
    }.items():
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *paths]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


HOOKED = (
    "pyproject.toml",
    "README.md",
    "LICENSE",
    ".pre-commit-hooks.yaml",
    "src",
    "machines",
    "scenarios",
    "examples",
)
"""What a repository needs to have for its hooks to be installed."""


@pytest.mark.thorough
def test_pre_commit_itself_runs_the_hooks(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.mkdir()
    for name in HOOKED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, tool / name)
    repository = Repository(tmp_path / "theirs")
    repository.variables["PRE_COMMIT_HOME"] = str(tmp_path / "kept")
    repository.bash(f"cd {tool} && git init -q -b main . && git add -A && git commit -qm tool")
    at = repository.bash(f"git -C {tool} rev-parse HEAD").strip()
    hooks = [{"id": hook["id"]} for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())]
    config = {"repos": [{"repo": str(tool), "rev": at, "hooks": hooks}]}
    (repository.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    repository.bash(f"pre-commit validate-manifest {tool}/.pre-commit-hooks.yaml && pre-commit install")
    repository.bash("git add -A && git commit -qm hooks")
    repository.change("machines/sync_rules.yaml", "notify: [owner of the shop]", "notify: []")
    repository.bash("git add -A && git commit -qm 'nobody is told' > said 2>&1", 1)
    told = (repository.folder / "said").read_text()
    assert re.findall(r"^simsync (.*?)\.+(?:\(.*\))?(\w+)$", told, re.M) == [
        ("run", "Failed"),
        ("check", "Passed"),
        ("diagrams --check", "Passed"),
    ]
    assert re.search(r"^scenarios/mirrors\.yaml:\d+:\d+: error: expectation: notified: ", told, re.M)
    repository.bash("git checkout -q HEAD -- . && echo more > notes.txt && git add notes.txt && git commit -qm notes")


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
