"""Every example in a command's help is run, in the words of the small policy: in a shell where that is needed."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from simsync.cli import main
from simsync.commands import SECTIONS
from simsync.commands import simsync as group

CAMPAIGNS = ("conform", "serve", "races")
"""Their examples run whole campaigns, each with a process for the system, or try every pair of actions."""
COMMANDS_OF_HELP = [
    pytest.param(command, marks=pytest.mark.thorough if command in CAMPAIGNS else ())
    for command in ("", *group.commands)
]
ATELIER = ROOT / "tests" / "policies" / "atelier"
SCENARIO = """\
scenario: A draft and a price quote
steps:
  - atelier: create draft N1
    words: Three roses
  - shop: edit N1
    words: Four roses
  - atelier: edit N1
    words: Five roses
  - shop: create price quote N2
    expect: {synced: true}
"""
"""Under another reading than the default it fails, so that there is something to be made small."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the small policy and a scenario; it is home, too."""
    (tmp_path / "machines").symlink_to(ATELIER)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "drafts.yaml").write_text(SCENARIO)
    (tmp_path / ".config" / "fish" / "completions").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examples(command: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The examples in a command's help, but for the one that goes on with a search that was too large."""
    assert main([*command.split(), "--help"]) == 0
    found = re.findall(r"^  (simsync .*)$", capsys.readouterr().out.split("Examples:")[1], re.M)
    assert found
    return [example for example in found if " --resume " not in example]


def as_process(words: str) -> str:
    """Words in which a system under test, or all of them, is the command that is tried."""
    return re.sub(
        r"(?<![-\w])python(?= \w)", sys.executable, re.sub(r"\bsimsync(?= )", f"{sys.executable} -m simsync", words)
    )


def done_here(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Do in this process what a shell does with a command, the file of one of its streams included."""
    said, stream, file = [*re.split(r" (>>?|<<?<?) ", command), "", ""][:3]
    words = shlex.split(said)
    if words[0] == "cd":
        monkeypatch.chdir(words[1])
        return 0
    given = {"<": lambda: Path(file).read_text(), "<<<": lambda: shlex.split(file)[0] + "\n"}.get(stream, str)()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    code = main([as_process(word) for word in words[1:]])
    out, err = capsys.readouterr()
    assert code in (0, 1), f"{command}\n{err}"
    if stream.startswith(">"):
        with Path(file).expanduser().open("a") as target:
            target.write(out)
    return code


NOT_HERE = (*CAMPAIGNS, "rename")
"""The example of `rename` is about a partner, whose name may be a word of the scenarios' texts, too."""
POLICIES = [
    *((folder / "machines", folder / "scenarios") for folder in sorted((ROOT / "examples" / "policies").iterdir())),
    *(
        (ROOT / "tests" / "policies" / name, ROOT / "tests" / "policies" / f"{name}_scenarios")
        for name in ("bare", "charter")
    ),
]


@pytest.mark.thorough
@pytest.mark.parametrize("command", [command for command in group.commands if command not in NOT_HERE])
@pytest.mark.parametrize(
    ("machines", "scenarios"), [one for one in POLICIES if one[0].is_dir()], ids=lambda path: "/".join(path.parts[-2:])
)
def test_the_examples_are_those_of_the_policy(
    command: str,
    machines: Path,
    scenarios: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "machines").symlink_to(machines)
    shutil.copytree(scenarios, tmp_path / "scenarios")
    (tmp_path / ".config" / "fish" / "completions").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for example in examples(command, capsys):
        assert not re.search(r"\b(?:ACTOR|NAME|OPTION|TABLE|STATE|KIND|FILE|FIELD)\b", example)
        for part in example.split(" && "):
            done_here(part, capsys, monkeypatch)


@pytest.mark.parametrize("command", COMMANDS_OF_HELP)
def test_every_example_runs(
    command: str, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = examples(command, capsys)
    if command == "" or "|" in first:
        done = subprocess.run(["bash", "-c", as_process(first)], capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), f"{first}\n{done.stderr}"
        assert "Traceback" not in done.stderr
    else:
        others = [first, *others]
    for example in others:
        for part in example.split(" && "):
            done_here(part, capsys, monkeypatch)


WANTING = ("hit policy", "mutant", "cell", "pair", "effect", "phase", "as read")
"""Words that help does not use without explaining them."""
PLAIN = {"races": {"pair"}, "table": {"cell"}}
"""Where one of them has no other meaning than everybody's: of a pair of actions, and of a cell of a sheet."""


@pytest.mark.parametrize("name", sorted(group.commands))
def test_words_that_need_it_are_explained_in_help(name: str) -> None:
    command = group.commands[name]
    said = " ".join([command.help or "", *(getattr(option, "help", "") or "" for option in command.params)])
    said += " ".join(about for _, about in getattr(command, "examples", ()))
    used = [term for term in WANTING if re.search(rf"\b{term}s?\b", said)]
    unexplained = sorted(set(used) - set(getattr(command, "terms", ())) - PLAIN.get(name, set()))
    assert unexplained == [], f"give them to terms= of {name}"


def test_the_help_lists_each_command_under_one_heading(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    listed = re.findall(r"^  ([a-z]+) {2,}[A-Z]", said, re.M)
    assert sorted(listed) == sorted(group.commands)
    places = [said.index(f"\n{heading}:\n") for heading in SECTIONS]
    assert places == sorted(places)
