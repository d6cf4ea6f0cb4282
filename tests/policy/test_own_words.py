"""A policy with words of its own: no output speaks of tickets, pages, partners, statuses or items."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.commands import simsync as commands
from simsync.policy.words import NOUNS, Noun, Words

POLICIES = ROOT / "tests" / "policies"
CHARTER, DEEDS = POLICIES / "charter", POLICIES / "charter_scenarios"
USUAL = re.compile(
    r"""(?<![\w'"`/.{<\[-])(?:[Tt]ickets?|[Pp]ages?|[Pp]artners?|[Ss]tatus(?:es)?|[Ii]tems?)\b(?!['"`]?\s*(?:[:=(<\]]|\.\w|[/-]))""",
)
"""The usual words, but not as keys, facts, options and parts of names, which the contract gives."""
IGNORED = re.compile(
    r"<style(?s:.*?)</style>|<script(?s:.*?)</script>|<[^>]*>|^(?:%%|//|' simsync).*$|^ *\d* \|.*$|Allowed: .*$"
    r"|SORT is what OLD is:(?s:[^.]*)|simsync rename \w+",  # the sorts are called like the keys of files
    re.MULTILINE,
)

FAILING = """\
scenario: All is otherwise
given: {status: Open}
steps:
  - north: create deed D1
    expect: {synced: false, link: cut, south: absent, notified: []}
  - south: create map M1
    expect: {refused: true}
  - south: delete D9X
  - clerk: open
  - north: open
finally: {status: Shut, items: {D1: {north: absent}}}
"""
WRONG = """\
scenario: Nothing of it can be read
given: {status: Opn}
steps:
  - north: creat deed D1
  - nobody: create deed D1
  - north: create dead D1
  - north: create deed
  - north: edit D7
  - north: edit D1
  - clerk: delete D1
  - north: open
    expect: {link: tied, south: {kind: dead}, status: Opn}
  - north: create deed D2
    expect: {south: gone, items: {D2: {lnk: 1}, D9: {link: tied}}}
finally: {items: {D2: 1}, colour: red}
"""
BUSY = """\
- table: by itself
  question: What comes of it?
  decides: consequence
  hit policy: unique
  once: item
  scope: {change: delete, kind: map, by: owner}
  rows:
  - {id: ends-all, when: {phase: open}, then: {move: {status: Over}}}
  - {id: counts, when: {phase: shut}, then: {create: {kind: map, owner: north, on: owner}, decide again: others}}
"""
"""What the product does by itself."""
LOG = """\
{"ticket": "A", "actor": "north", "action": "open"}
{"ticket": "A", "actor": "north", "action": "create", "kind": "deed", "item": "D1", "tickets": {"south": {}}}
{"ticket": "A", "actor": "south", "action": "edit", "item": "D8", "fields": {"wording": "x"}}
{"ticket": "B", "actor": "south", "action": "open", "status": "Over"}
{"ticket": "C", "actor": "clerk", "action": "close for good", "status": "Over"}
{"ticket": "D", "actor": "nobody", "action": "open"}
{"ticket": "E", "actor": "north", "action": "open", "before": "Over"}
"""


def usual_words(text: str) -> list[str]:
    """Where a text has one of the usual words, with what stands around it."""
    said = IGNORED.sub(" ", text)
    return [said[max(0, one.start() - 60) : one.end() + 30] for one in USUAL.finditer(said)]


def values(value: object) -> Iterator[str]:
    """The texts of a JSON value, without the keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("what", "criterion", "seen", "criteria", "reason"):
                yield from values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from values(inner)
    elif isinstance(value, str):
        yield value


def test_the_words_come_with_their_forms() -> None:
    words = load_model(CHARTER).words
    said = "{A_item} of {a_partner}: {items}, {Statuses}, {tickets}, {page}"
    assert words.say(said) == "An entry of a keeper: entries, Stages, archives, charter"
    assert {name: Noun.of(name) for name in NOUNS} == {name: getattr(Words(), name) for name in NOUNS}
    assert usual_words("the other ticket; its item's link; no Status.") != []
    assert usual_words("status: Open; items(2); link.status; --items 2; 'status'; given: {status: Open}") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "{storage: shelf}",
            "'storage' is not a key of the policy's own words; did you mean 'page'? Allowed: ticket, page, ",
        ),
        ("{ticket: ''}", "text that is not empty"),
        ("{ticket: {one: shelf}}", "a word needs the key 'many'"),
        ("{ticket: [shelf]}", "text is wanted"),
        ("{ticket: ' shelf'}", "write 'shelf'"),
    ],
)
def test_what_is_no_word_is_told(cli: Run, tmp_path: Path, words: str, said: str) -> None:
    rules = shutil.copytree(POLICIES / "bare", tmp_path / "machines")
    with (rules / "words.yaml").open("a") as stream:
        stream.write(f"words: {words}\n")
    code, _, err = cli("check", "--machines", rules)
    assert (code, said in err) == (2, True), err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the policy and its scenarios, one that fails, one that cannot be read, and a log."""
    shutil.copytree(CHARTER, tmp_path / "machines")
    shutil.copytree(DEEDS, tmp_path / "scenarios")
    other = shutil.copytree(CHARTER, tmp_path / "other")
    rules = (other / "rules.yaml").read_text()
    (other / "rules.yaml").write_text(rules.replace("then: {refuse: it is not kept here}", "then: {allow: true}"))
    holes = shutil.copytree(CHARTER, tmp_path / "holes")
    (holes / "rules.yaml").write_text("".join(row for row in rules.splitlines(keepends=True) if "id: goes" not in row))
    busy = shutil.copytree(CHARTER, tmp_path / "busy")
    (busy / "rules.yaml").write_text(rules + BUSY)
    for name, text in (("failing.yaml", FAILING), ("wrong.yaml", WRONG), ("log.jsonl", LOG)):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


SERVE = shlex.join([sys.executable, "-m", "simsync", "serve"])
COMMANDS = [
    "run --show all",
    "run --format json",
    "run failing.yaml",
    "run failing.yaml --format json",
    "run wrong.yaml",
    "run --reading maps=gone",
    "run --junit out/junit.xml failing.yaml",
    "check",
    "check --impossible",
    "check --format sarif",
    "check --machines holes",
    "check --machines holes --format json",
    "explore",
    "explore --format json",
    "explore --machines holes",
    "explore --items 0",
    "coverage --holes all",
    "coverage --format json",
    "readings",
    "readings --format markdown",
    "readings --format json",
    "readings --consequences",
    "readings --questions",
    "readings --questions --format markdown",
    "readings --questions --format json",
    "table",
    "table --format markdown",
    "table --format csv --out out/all.csv",
    "find copy(D1)=present",
    "find link=nowhere",
    "find 'status = Over and copy = present'",
    "find --facts",
    "why failing.yaml:4",
    "why failing.yaml:8",
    "why 'south: create map M1'",
    "why 'north: edit D9'",
    "why 'clerk: edit D9'",
    "why 'nobody: open'",
    "shrink failing.yaml",
    "diagrams --out out/diagrams",
    "draw scenarios --out out/drawn",
    "draw failing.yaml --out out/drawn",
    "rulebook --out out/rulebook.html",
    "generate --cover pairs --out out/suite",
    "generate --cover mutants --out out/suite",
    "generate --cover w-method --out out/suite",
    "mutate --min 0 --jobs 1 --survivors all",
    "mutate --min 0 --jobs 1 --format json",
    "compare machines other --scenarios scenarios",
    "compare machines other --all",
    "compare machines other --format markdown",
    "compare machines machines",
    "compare maps=kept maps=copied",
    "check --machines busy",
    "explore --machines busy --items 1",
    "find link=nowhere --machines busy",
    "find copy=present --machines busy",
    "compare machines busy",
    "compare busy busy",
    "mutate --machines busy --min 0 --jobs 1 --survivors all",
    "coverage --machines busy",
    "table --machines busy",
    "rulebook --machines busy --out out/rulebook.html",
    "replay log.jsonl",
    "replay log.jsonl --format json",
    "schema",
    "init scenarios",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_output_has_the_usual_words(cli: Run, folder: Path, command: str) -> None:
    (folder / "out").mkdir()
    _, out, err = cli(*shlex.split(command))
    assert out or err
    assert "Usage:" not in err
    texts = list(values(json.loads(out))) if "json" in command.split() or command == "schema" else [out]
    texts += [err, *(path.read_text() for path in (folder / "out").rglob("*.*") if path.suffix != ".png")]
    assert [said for text in texts for said in usual_words(text)] == []


@pytest.mark.parametrize("tool", ["promela", "murphi"])
def test_what_an_export_says_of_itself_has_its_words(cli: Run, folder: Path, tool: str) -> None:
    assert cli("export", "--to", tool, "--items", "1", "--out", folder / "model")[0] == 0
    said = re.findall(r"^(?: \*|--|/\*) ?(?!item)(.*)$", (folder / "model").read_text(), re.MULTILINE)
    assert [one for line in said for one in usual_words(line)] == []
    assert any("stage" in line for line in said)


@pytest.mark.thorough
@pytest.mark.parametrize("machines", ["machines", "other"])
@pytest.mark.parametrize("form", ["text", "json", "junit", "html"])
def test_what_is_told_of_a_system_has_its_words(cli: Run, folder: Path, machines: str, form: str) -> None:
    system = f"{SERVE} --machines {folder / machines}"
    code, out, err = cli("conform", "--sut", system, "--random", "20", "--format", form)
    assert code == (0 if machines == "machines" else 1), err
    texts = [*(values(json.loads(out)) if form == "json" else [out]), err]
    assert [one for text in texts for one in usual_words(text)] == []


@pytest.mark.parametrize("command", sorted(commands.commands))
def test_help_has_its_words(cli: Run, folder: Path, command: str) -> None:
    code, out, _ = cli(command, "--help")
    assert code == 0
    assert usual_words(out) == []
