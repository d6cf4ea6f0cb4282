"""The files that adapters begin with: they run in both languages alike, and keep the protocol whatever users do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from conftest import ROOT
from simsync.app import load_model, load_scenarios
from simsync.cli import main
from simsync.engine.model import Model
from simsync.questions.adapter.printed import EXAMPLES, adapter_file, words_of
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import sources_of
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.systems.direct import by_object
from systems.nameless import nameless

POLICIES = {
    "shipped": "machines",
    **{name: f"examples/policies/{name}/machines" for name in ("minimal", "vdirsyncer", "zendesk")},
    **{name: f"tests/policies/{name}" for name in ("bare", "bridge", "relay", "trackers", "wire")},
}
LANGUAGES = {"python": ("py", sys.executable), "js": ("mjs", shutil.which("node"))}

USERS = {
    "python": """
import subprocess
from adapter import Adapter, Refused, ShownItem, serve

class Gone(Exception):
    pass

class Mine(Adapter):
    refusals = (Gone,)
    def begin(self, status): print("I begin")
    def create(self, actor, kind, item, fields):
        subprocess.run(["echo", "a child prints"])
        return {"N1": 7}[item]
    def edit(self, actor, id, fields): raise Refused("it is billed")
    def delete(self, actor, id): raise Gone()
    disruptions = ("power cut",)
    def disrupt(self, what): return what == "power cut"
    def told(self):
        return "assigned"

    def status(self): return "Open"
    def entries(self, partner):
        yield ShownItem("0", {"kind": "note", "text": "before the reset"})
        if partner == "home": yield ShownItem("7", {"kind": "note", "text": ""})
serve(Mine())
""",
    "js": """
import { Adapter, Refused, serve } from './adapter.mjs';

class Mine extends Adapter {
  begin(status) { console.log('I begin'); }
  async create(actor, kind, item, fields) {
    console.log('nothing of this is an answer');
    return { N1: () => 7 }[item]();
  }
  edit() { throw new Refused('it is billed'); }
  delete() { throw new Refused('Gone'); }
  disruptions = ['power cut'];
  disrupt(what) { return what === 'power cut'; }
  status() { return 'Open'; }
  told() { return 'assigned'; }
  entries(partner) {
    const before = [{ id: 0, shows: { kind: 'note', text: 'before the reset' } }];
    return partner === 'home' ? [...before, { id: 7, shows: { kind: 'note', text: '' } }] : before;
  }
}
await serve(new Mine());
""",
}


@cache
def model(name: str) -> Model:
    return load_model(ROOT / POLICIES[name])


def command(language: str, path: Path) -> list[str]:
    program = LANGUAGES[language][1]
    if program is None:
        pytest.skip("no node on PATH")
    return [program, path.name]


def printed(folder: Path, policy: str, language: str) -> Path:
    path = folder / f"adapter.{LANGUAGES[language][0]}"
    path.write_text(adapter_file(model(policy), language), encoding="utf-8")
    return path


def answers(words: list[str], folder: Path, requests: list[Any]) -> tuple[list[Any], str]:
    """What a program answers, and what it prints on standard error."""
    text = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in requests)
    done = subprocess.run(words, input=text.encode(), capture_output=True, cwd=folder, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def walk(of: Model, seed: int, steps: int) -> list[dict[str, Any]]:
    """Requests at random, in the words of some rules: many of them make no sense."""
    random, words = Random(seed), words_of(of)
    kinds, actors = words["KINDS"], [*words["PARTNERS"], *of.vocabulary.actors]
    first = words["FIRST"]
    requests: list[dict[str, Any]] = [{"op": "hello", "protocol": 1}, {"op": "reset", "status": first.get("", first)}]
    for number in range(steps):
        kind = random.choice([*kinds])
        fields = {
            f: random.choice(["", "x", "Crème"]) if not of.vocabulary.fields[f].values else d
            for f, d in kinds[kind].items()
        }
        item = f"N{random.randrange(number + 1)}"
        act: dict[str, Any] = {"op": "act", "actor": random.choice(words["PARTNERS"]), "item": item}
        moves = [{"op": "act", "actor": random.choice(actors), "action": move[1]} for move in words["MOVES"]]
        acts = [
            {**act, "action": "create", "kind": kind, "fields": fields, "item": f"N{number}"},
            {**act, "action": "edit", "fields": fields},
            {**act, "action": "delete"},
            random.choice(moves) if moves else {"op": "fly"},
        ]
        requests += [random.choice(acts), {"op": "settle"}, {"op": "observe"}]
    return requests


@pytest.mark.parametrize(
    "policy", [pytest.param(p, marks=() if p in ("minimal", "bridge") else pytest.mark.thorough) for p in POLICIES]
)
def test_both_languages_answer_alike(policy: str, tmp_path: Path) -> None:
    requests = walk(model(policy), 7, 60)
    said = {
        language: answers(command(language, printed(tmp_path, policy, language)), tmp_path, requests)[0]
        for language in LANGUAGES
    }
    assert said["python"] == said["js"]
    assert len(said["python"]) == len(requests)
    shown = [one["tickets"] for one in said["python"] if "tickets" in one]
    assert all({*tickets} == {*words_of(model(policy))["PARTNERS"]} for tickets in shown)
    assert any(name.startswith("N") for tickets in shown for items in tickets.values() for name in items)
    assert any("refused" in one for one in said["python"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_users_do_stays_within_the_protocol(language: str, tmp_path: Path) -> None:
    printed(tmp_path, "minimal", language)
    mine = tmp_path / f"mine.{LANGUAGES[language][0]}"
    mine.write_text(USERS[language], encoding="utf-8")
    act = {"op": "act", "actor": "home", "item": "N1"}
    requests = [
        {"op": "hello", "protocol": 1},
        {"op": "reset", "status": "Open"},
        {**act, "action": "create", "kind": "note", "fields": {}},
        {"op": "observe"},
        {**act, "action": "edit", "fields": {"text": "x"}},
        {**act, "action": "delete"},
        {**act, "action": "edit", "actor": "away", "fields": {"text": "x"}},
        {**act, "action": "create", "item": "N2", "kind": "note", "fields": {}},
        {"op": "act", "actor": "home", "action": "close"},
        {"op": "fly"},
        "no JSON",
        {"op": "settle"},
        {"op": "disrupt", "what": "power cut"},
        {"op": "disrupt", "what": "flood"},
    ]
    said, errors = answers(command(language, mine), tmp_path, requests)
    hello, reset, made, observed, edited, deleted, elsewhere, failed, unwritten, unknown, garbage, settled, *struck = (
        said
    )
    assert hello == {"protocol": 1, "name": "my system", "can": [], "cannot": [], "disruptions": ["power cut"]}
    assert struck == [{"ok": True, "struck": True}, {"ok": True, "struck": False}]
    assert reset == made == settled == {"ok": True}
    tickets = {"home": {"N1": {"kind": "note", "text": ""}}, "away": {}}
    assert observed == {"status": "Open", "tickets": tickets, "notified": ["assigned"]}
    assert edited == {"refused": "it is billed"}
    assert deleted == {"refused": "Gone"}
    assert elsewhere == {"refused": "N1 is not there for away"}
    assert failed["error"].startswith(("KeyError: 'N2' (mine.py:", "TypeError: "))
    assert f"mine.{LANGUAGES[language][0]}:" in failed["error"]
    assert unwritten["error"].startswith(
        ("NotImplementedError (adapter.py:", "Error: move is to be written (adapter.mjs:")
    )
    assert unknown == {"error": "there is no op 'fly'; there are hello, reset, act, settle, observe, disrupt"}
    assert garbage["error"].startswith("a request is a line of JSON: ")
    assert "I begin" in errors
    assert ("a child prints" if language == "python" else "nothing of this is an answer") in errors


def driven(policy: str, *, scenarios: bool) -> Report:
    """A campaign on a product that follows the rules, and whose copies have no name but the helper's."""
    helper = ModuleType("helper")
    sys.modules["helper"] = helper  # dataclasses look it up
    exec(adapter_file(model(policy), "python"), helper.__dict__)
    system = by_object(nameless(helper, model(policy)), model(policy))
    found = load_scenarios(ROOT / "scenarios", model=model(policy)) if scenarios else []
    return campaign(Pool(lambda _: system, 1), model(policy), sources_of(found, alone=scenarios), Terms())


def test_copies_that_say_nothing_of_their_originals_get_their_names() -> None:
    report = driven("shipped", scenarios=True)
    assert report.verdict == "conforms"
    assert report.steps > 200


@pytest.mark.thorough
@pytest.mark.parametrize("policy", ["shipped", "vdirsyncer", "bare", "trackers"])
def test_they_do_in_a_whole_campaign(policy: str) -> None:
    assert driven(policy, scenarios=False).verdict == "conforms"


def test_the_command_prints_the_file_and_lists_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapter", "--python", "--machines", str(ROOT / POLICIES["wire"])]) == 0
    assert capsys.readouterr().out == adapter_file(model("wire"), "python")
    assert main(["adapter", "--examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [Path(line) for line in lines[::2]] == [ROOT / "examples" / name for name in EXAMPLES]
    assert all(line.startswith("    ") and line.endswith(".") for line in lines[1::2])
    assert main(["adapter"]) == 2
    assert main(["adapter", "--js", "--examples"]) == 2
    assert capsys.readouterr().err.count("exactly one of --python, --js and --examples says what to print") == 2


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("datetime.date(2026, 1, 1)", "TypeError: Object of type date is not JSON serializable"),
        ("float('nan')", "ValueError: Out of range float values are not JSON compliant"),
    ],
)
def test_what_json_does_not_know_is_an_error_of_that_answer_alone(tmp_path: Path, value: str, why: str) -> None:
    printed(tmp_path, "minimal", "python")
    mine = tmp_path / "mine.py"
    shown = f'ShownItem("7", {{"kind": "note", "text": {value}}})'
    mine.write_text(
        "import datetime\nfrom adapter import Adapter, ShownItem, serve\n"
        "class Mine(Adapter):\n    def status(self): return 'Open'\n"
        f"    def entries(self, partner): return [{shown}]\nserve(Mine())\n"
    )
    requests = [{"op": "hello", "protocol": 1}, {"op": "observe"}, {"op": "settle"}]
    (hello, observed, settled), _ = answers(command("python", mine), tmp_path, requests)
    assert hello["protocol"] == 1
    assert observed["error"].startswith(why)
    assert settled == {"ok": True}
