"""The command line as a person and a program use it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import suppress
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from conftest import ROOT, Run
from sampling import few
from simsync.cli import main
from simsync.commands import simsync

GOOD = "scenario: Good\nsteps:\n  - lead: create note N1\n    text: Disk replaced\n    expect: {synced: true}\n"
BAD = "scenario: Bad\nsteps:\n  - lead: create note N1\n    text: Disk replaced\n    expect: {service: {text: Disc}}\n"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    (tmp_path / "two.yaml").write_text(f"{GOOD}---\n{BAD}")
    return tmp_path / "two.yaml"


def test_what_fails_after_some_steps_names_the_command_that_makes_it_small(cli: Run, tmp_path: Path) -> None:
    command = "simsync shrink scenarios/suspension.yaml:4 --reading resume=discard --machines machines"
    arguments = ("run", "scenarios/suspension.yaml", "--reading", "resume=discard", "--machines", "machines")
    code, out, _ = cli(*arguments)
    assert (code, out.count("simsync shrink")) == (1, 1)
    assert f"such a failure in as few steps as it takes: {command}\n12 scenarios: " in out
    assert cli(*command.split()[1:])[0] == 1
    assert "simsync shrink" not in cli(*arguments, "--show", "none")[1]
    path = tmp_path / "an odd name.yaml"
    path.write_text("scenario: x\nsteps:\n  - lead: create note N1\n    expect: {synced: false}\n")
    assert "simsync shrink" not in cli("run", path)[1]
    path.write_text(path.read_text().replace("steps:", "steps:\n  - lead: create note N2"))
    assert f"simsync shrink '{path}:1'\n" in cli("run", path)[1]


def test_exit_codes(cli: Run, tmp_path: Path, two: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    assert cli("run", tmp_path / "good.yaml")[0] == 0
    assert cli("run", two)[0] == 1
    assert cli("run", two, tmp_path / "none.yaml")[0] == 2
    assert cli("run", "--format", "xml")[0] == 2
    assert cli("nonsense")[0] == 2
    assert cli("--version")[0] == 0


def test_the_shipped_scenarios_are_the_default(cli: Run) -> None:
    code, out, err = cli("run")
    assert (code, err) == (0, "")
    assert re.search(r"^\d+ scenarios: \d+ passed, 0 failed; \d+ steps checked against the table$", out, re.M)


def test_a_failure_is_drawn_with_both_sides(cli: Run, two: Path) -> None:
    _, out, _ = cli("run", two)
    assert "✘ Bad" in out
    assert "Good" not in out
    assert re.search(r"11\s+service\.text\s+Disc\s+Disk replaced", out)
    assert "because own-create [S4 S9]" in out
    assert "2 scenarios: 1 passed, 1 failed; 2 steps" in out
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())


ASKING = """\
scenario: What becomes of a copy?
steps:
  - service: create note N1
    text: Disk replaced
  - lead: delete N1
    expect: {}
"""


def test_where_nothing_is_expected_a_scenario_answers(cli: Run, tmp_path: Path, two: Path) -> None:
    asking = tmp_path / "asking.yaml"
    asking.write_text(ASKING)
    code, out, _ = cli("run", asking)
    assert code == 0
    assert "✔" not in out
    assert "○ What becomes of a copy?" in out
    assert "    3 + N1 note" in out
    assert re.search(r"^ +who sees what +lead's ticket +service's ticket\n +N1 +not there +note\n", out, re.M)
    assert "       In Progress │ N1 severed\n       told: nobody\n" in out
    assert "       answered, nothing expected: this is what the rules have happen\n" in out
    assert f"○ {asking}: 1 answered, nothing expected\n" in out
    assert "1 scenario: 0 passed, 0 failed, 1 answered, nothing expected; 2 steps" in out
    assert "What becomes" not in cli("run", asking, "--show", "none")[1]

    asking.write_text(ASKING + "---\n" + two.read_text())
    code, out, _ = cli("run", asking)
    assert code == 1
    assert f"✘ {asking}: 1 passed, 1 failed; ○ 1 answered, nothing expected\n" in out
    assert "3 scenarios: 1 passed, 1 failed, 1 answered, nothing expected; 4 steps" in out

    code, out, _ = cli("run", asking, "--format", "json", "--junit", tmp_path / "out.xml")
    report = json.loads(out)
    told = [(one["expectations"], one["passed"], one["answered"]) for one in report["scenarios"]]
    assert (code, told) == (1, [(0, True, True), (1, True, False), (1, False, False)])
    seen = {"kind": "note", "text": "Disk replaced", "internal_users_only": False}
    assert report["scenarios"][0]["who_sees_what"] == {"N1": {"lead": None, "service": seen}}
    assert report["summary"] == {"scenarios": 3, "passed": 2, "answered": 1, "failed": 1, "steps": 4}
    case = ET.parse(tmp_path / "out.xml").getroot().find(".//testcase[@name='What becomes of a copy?']")
    assert case is not None
    assert [(one.get("name"), one.get("value")) for one in case.iter("property")] == [("expectations", "0")]
    assert (case.findtext("system-out") or "").startswith("answered, nothing expected")
    assert case.find("failure") is None


def test_what_fails_is_no_answer_even_where_nothing_is_expected(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: accept\n")
    code, out, _ = cli("run", tmp_path)
    assert code == 1
    assert "answered" not in out


def test_a_line_chooses_the_scenario_that_it_is_in(cli: Run, tmp_path: Path, two: Path) -> None:
    assert "1 scenario: 1 passed" in cli("run", f"{two}:1")[1]
    assert "1 scenario: 0 passed, 1 failed" in cli("run", f"{two}:9")[1]
    (tmp_path / "slips.yaml").write_text("scenario: x\n")
    code, out, err = cli("run", f"{two}:99", f"{tmp_path / 'slips.yaml'}:1", f"{tmp_path / 'none.yaml'}:1", f"{two}:1")
    assert code == 2
    assert f"{two}:99: usage: {two} has lines 1 to 11" in err
    assert "slips.yaml:1:1: missing-key" in err
    assert "none.yaml:1:1: not-found" in err
    assert "1 scenario: 1 passed, 0 failed" in out


def test_show_none_and_all(cli: Run, two: Path) -> None:
    assert "Bad" not in cli("run", two, "--show", "none")[1]
    assert "✔ Good" in cli("run", two, "--show", "all")[1]


def test_a_line_that_is_named_is_drawn_and_who_sees_what_is_told(cli: Run, two: Path) -> None:
    code, out, _ = cli("run", f"{two}:1")
    end = """\
       who sees what          lead's ticket    service's ticket
       N1                     note             note
         text                 "Disk replaced"  "Disk replaced"
         internal users only  no               no
         customer visible     yes
       In Progress │ N1 linked
       told: nobody

✔ """
    assert (code, end in out) == (0, True)
    assert "who sees what" not in cli("run", f"{two}:9")[1]


def test_what_no_flag_says_is_said_in_words(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text("""\
scenario: What of a charge?
given: {status: Assigned}
steps:
  - lead: create charge C1
  - lead: create attachment A1
    type: url
""")
    out = cli("run", path)[1]
    end = """\
       who sees what          lead's ticket  service: no ticket
       C1                     charge         not there
         text                 ""
         internal users only  not said
         customer visible     not said
       A1                     attachment     not there
         text                 ""
         internal users only  no
         type                 url
         customer visible     yes
       charge: Something to be paid for, parts or travel say; the page does not say who is billed
       for it, nor how much.
       attachment: A file, a link or an address; its text is what the file is called, or what the
       link leads to.
       customer visible: What the client sees, in the portal and on an invoice.
       not said: of a charge (C1) the page does not say what the client sees, in the portal and on
       an invoice (customer visible), and nothing about 'internal users only'
       Assigned │ C1 local │ A1 local
"""
    assert end in out
    seen = json.loads(cli("run", path, "--format", "json")[1])["scenarios"][0]["who_sees_what"]
    assert seen["C1"]["lead"] == {"kind": "charge", "text": "", "internal_users_only": None, "customer_visible": None}


def test_what_fails_is_named_first_and_last_how_many(cli: Run, tmp_path: Path, two: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("---\n".join([GOOD, *[BAD.replace("Bad", f"Bad {n}") for n in range(1, 13)]]))
    _, out, _ = cli("run", path)
    names = "".join(f"✘ {path}:{1 + 6 * n}  Bad {n}\n" for n in range(1, 13))
    assert out.startswith(f"failed:\n{names}\n✘ Bad 1  ")
    assert ("✘ Bad 10  " in out, "✘ Bad 11  " in out) == (True, False)
    assert f"✘ {path}: 1 passed, 12 failed\n2 more are not drawn here; --show failed draws them all\n" in out
    assert out.endswith("13 scenarios: 1 passed, 12 failed; 13 steps checked against the table\n")
    assert "✘ Bad 12  " in cli("run", path, "--show", "failed")[1]

    path.write_text(f"{GOOD}---\n{ASKING}---\n{BAD}")
    code, out, _ = cli("run", path, "--list")
    assert (code, out) == (
        1,
        f"""\
✘ {path}:14  Bad
○ {path}:7  What becomes of a copy?
✔ {path}:1  Good
3 scenarios: 1 passed, 1 failed, 1 answered, nothing expected; 4 steps checked against the table
""",
    )


def test_what_is_drawn_of_refusals_deliveries_and_cuts(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        """\
scenario: All signs
given: {status: Waiting Approval}
steps:
  - lead: create attachment A1
    text: plan.pdf
  - service: create time entry T1
  - lead: reject completion
  - lead: edit A1
    text: plan2.pdf
  - service: delete A1
  - lead: accept
    expect: {refused: true}
  - lead: delete T1
"""
    )
    code, out, _ = cli("run", tmp_path, "--show", "all")
    assert code == 0
    assert "◀━━▶" in out
    assert '+ A1 attachment · "plan.pdf" · type: file' in out
    assert '~ A1 "plan2.pdf"' in out
    assert "━━━━▶" in out
    assert out.count("✂") == 2
    assert "✗" in out
    assert "refused: 'accept' is for the service partner; the status is In Progress" in out
    assert "told: primary contact, assigned resource" in " ".join(out.split())


def test_json_is_the_contracts(cli: Run, two: Path) -> None:
    code, out, _ = cli("run", two, "--format", "json")
    assert code == 1
    report = json.loads(out)
    assert set(report) == {"simsync", "scenarios", "summary", "diagnostics"}
    assert report["summary"] == {"scenarios": 2, "passed": 1, "answered": 0, "failed": 1, "steps": 2}
    good, bad = report["scenarios"]
    assert set(good) == {"file", "line", "name", "passed", "expectations", "answered", "readings", "steps"}
    assert (good["line"], bad["line"], good["passed"], bad["passed"]) == (1, 7, True, False)
    (step,) = bad["steps"]
    expected = {
        "line": 9,
        "actor": "lead",
        "action": "create note N1",
        "refused": None,
        "synced": True,
        "readings": ["emails_on_sync"],
        "status": {"before": "In Progress", "after": "In Progress"},
        "links": {"N1": {"before": None, "after": "linked"}},
        "tickets": {
            "lead": {
                "N1": {
                    "kind": "note",
                    "text": "Disk replaced",
                    "internal_users_only": False,
                    "customer_visible": True,
                }
            },
            "service": {"N1": {"kind": "note", "text": "Disk replaced", "internal_users_only": False}},
        },
        "notified": [],
        "failures": [{"line": 11, "at": "service.text", "expected": "Disc", "actual": "Disk replaced"}],
    }
    assert {key: step[key] for key in expected} == expected
    assert set(step) == {*expected, "rules", "sources"}


def test_bad_input_is_in_the_json_too(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\n")
    code, out, err = cli("run", tmp_path, "--format", "json")
    assert code == 2
    (found,) = json.loads(out)["diagnostics"]
    assert found["code"] == "missing-key"
    assert (found["line"], found["col"]) == (1, 1)
    assert "missing-key: a scenario needs the key 'steps'" in err


def test_a_reading_given_by_the_scenario_wins(cli: Run, tmp_path: Path) -> None:
    steps = "steps:\n  - lead: create charge C1\n    expect: {{synced: {}}}\n"
    (tmp_path / "a.yaml").write_text("scenario: a\n" + steps.format("false"))
    (tmp_path / "b.yaml").write_text("scenario: b\ngiven: {readings: {charges: as_items}}\n" + steps.format("true"))
    assert cli("run", tmp_path, "--reading", "charges=unsynced")[0] == 0


@pytest.mark.parametrize(
    ("reading", "sentence"),
    [
        ("chargs=unsynced", "did you mean 'charges'?"),
        ("charges=unsync", "did you mean 'unsynced'?"),
        ("charges", "not of the form name=option"),
        ("charges=unsynced --reading charges=as_items", "given twice"),
    ],
)
def test_a_misspelt_reading_is_told(cli: Run, reading: str, sentence: str) -> None:
    code, _, err = cli("run", "--reading", *reading.split())
    assert code == 2
    assert sentence in err


def test_junit(cli: Run, tmp_path: Path, two: Path) -> None:
    (tmp_path / "c.yaml").write_text('scenario: "<&\\e\'\\""\nsteps:\n  - lead: accept\n')
    (tmp_path / "d.yaml").write_text("nothing\n")
    assert cli("run", tmp_path, "--junit", tmp_path / "out.xml")[0] == 2
    suites = ET.parse(tmp_path / "out.xml").getroot()
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("4", "2", "1")
    failure = suites.find(".//testcase[@name='Bad']/failure")
    assert failure is not None
    assert failure.get("message") == f"{two}:11: service.text: expected Disc, found Disk replaced"


def test_an_unwritable_junit_file_is_told_and_leaves_nothing(cli: Run, tmp_path: Path, two: Path) -> None:
    code, _, err = cli("run", two, "--junit", tmp_path / "no" / "out.xml")
    assert code == 2
    assert "No such file or directory" in err
    (tmp_path / "taken").mkdir()
    code, _, err = cli("run", two, "--junit", tmp_path / "taken")
    assert code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["taken", "two.yaml"]


def test_a_report_never_takes_the_place_of_what_it_should_not(cli: Run, tmp_path: Path, two: Path) -> None:
    before = two.read_bytes()
    code, _, err = cli("run", two, "--junit", two)
    assert code == 2
    assert "it may be a scenario file" in err
    assert two.read_bytes() == before
    assert cli("run", two, "--junit", "")[0] == 2
    (tmp_path / "report.xml").write_text("old")
    (tmp_path / "report.xml").chmod(0o600)
    (tmp_path / "link.xml").symlink_to(tmp_path / "report.xml")
    assert cli("run", two, "--junit", tmp_path / "link.xml")[0] == 1
    assert (tmp_path / "link.xml").is_symlink()
    assert (tmp_path / "report.xml").read_text().startswith("<?xml")
    assert (tmp_path / "report.xml").stat().st_mode & 0o777 == 0o600
    assert cli("run", two, "--junit", "/dev/null")[0] == 1
    assert not Path("/dev/null").is_file()


ATELIER = ("--machines", "tests/policies/atelier")
FILE = "tests/policies/atelier_scenarios/mirrors.yaml"
SAYING: dict[str, tuple[str, ...]] = {
    "run": (FILE, *ATELIER, "--format", "json"),
    "why": ("lead: outsource",),
    "check": ATELIER,
    "explore": ("--format", "json", *ATELIER),
    "find": ("--facts", *ATELIER),
    "races": ATELIER,
    "compare": ("resume=discard", "resume=deliver", "--format", "json"),
    "readings": ATELIER,
    "coverage": (FILE, *ATELIER),
    "generate": ("--cover", "transitions", "--out", "OUT", *ATELIER),
    "mutate": (FILE, *ATELIER, "--jobs", "1"),
    "shrink": ("scenarios/suspension.yaml:4", "--reading", "resume=discard"),
    "conform": ("--sut-python", "simsync.reference:system", "--random", "1"),
    "adapter": ("--python",),
    "replay": ("docs/examples/log.jsonl",),
    "overview": (FILE, *ATELIER),
    "serve": (),
    "table": ("--format", "csv", *ATELIER),
    "diagrams": ("--out", "OUT", *ATELIER),
    "draw": (FILE, "--out", "OUT", *ATELIER),
    "rulebook": (FILE, "--out", "OUT/book.html", *ATELIER),
    "play": (FILE, "--out", "OUT/play.html", *ATELIER),
    "schema": ATELIER,
    "rename": ("kind", "draft", "sketch", "--dry-run", *ATELIER),
    "export": ("--to", "promela", *ATELIER),
    "import": ("tests/exchange/status_email.csv", "--dry-run"),
    "init": ("OUT/new",),
    "completion": ("bash",),
}
"""A command and arguments with which it has something to say."""


def test_every_command_says_something_in_these_tests() -> None:
    assert {*SAYING} == {*simsync.commands}


DEAR = {"compare", "conform", "coverage", "diagrams", "draw", "mutate", "play", "rulebook", "shrink"}


@pytest.mark.parametrize("command", [pytest.param(c, marks=pytest.mark.thorough if c in DEAR else ()) for c in SAYING])
def test_what_nobody_can_hear_is_no_success(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(b'{"op": "settle"}\n')))
    monkeypatch.setattr("sys.stdout", None)
    code = main([command, *(word.replace("OUT", str(tmp_path)) for word in SAYING[command])])
    assert code == 2
    assert "output: unwritable: it is closed, so that nothing can be told" in capsys.readouterr().err
    with suppress(OSError):
        sys.stdout.close()


@pytest.mark.parametrize(
    ("command", "code"),
    few(
        [
            ("simsync run two.yaml >&-", 2),
            ("simsync replay - <&-", 2),
            ("simsync serve <&- >&-", 0),
            ("simsync run cjk.yaml > /dev/full", 2),
            ("simsync run none.yaml 2>/dev/full", 2),
            ("PYTHONIOENCODING=latin-1 simsync run cjk.yaml --show all", 0),
            ("PYTHONIOENCODING=ascii simsync run cjk.yaml --format json", 0),
        ],
        3,
    ),
)
@pytest.mark.usefixtures("two")
def test_streams_that_are_closed_full_or_of_another_encoding(command: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "cjk.yaml").write_text("scenario: 状态 \U0001f600\nsteps:\n  - lead: complete\n", encoding="utf-8")
    (tmp_path / "machines").symlink_to(ROOT / "machines")
    line = command.replace("simsync", f"{sys.executable} -m simsync")
    done = subprocess.run(["bash", "-c", line], capture_output=True, cwd=tmp_path, check=False)
    assert b"Traceback" not in done.stderr
    assert done.returncode == code
    if "json" in command:
        assert json.loads(done.stdout)["scenarios"][0]["name"] == "状态 \U0001f600"


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    with open(folder + b"/a\xff\x1b[31m.yaml", "w") as stream:
        stream.write(BAD)
    for form in ("text", "json"):
        done = subprocess.run(
            [sys.executable, "-m", "simsync", "run", folder, "--format", form],
            capture_output=True,
            cwd=ROOT,
            check=False,
        )
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr
        assert b"\x1b" not in done.stdout


def run_in_terminal(*arguments: str, **environment: str) -> str:
    """What a person's terminal gets."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "simsync", *arguments],
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    )
    os.close(slave)
    chunks = []
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    process.wait(timeout=30)
    os.close(master)
    return b"".join(chunks).decode()


def test_colours_in_a_terminal_only_and_not_with_no_color(two: Path) -> None:
    assert "\x1b[" in run_in_terminal("run", str(two), NO_COLOR="")
    assert "\x1b[" not in run_in_terminal("run", str(two), NO_COLOR="1")
    piped = subprocess.run(
        [sys.executable, "-m", "simsync", "run", str(two)], capture_output=True, cwd=ROOT, check=False
    )
    assert b"\x1b[" not in piped.stdout


def test_plain_signs_where_the_stream_has_no_unicode(two: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "simsync", "run", str(two), "--show", "all"],
        capture_output=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert done.returncode == 1
    assert b"---->" in done.stdout
    assert b"Traceback" not in done.stderr


def test_a_reader_who_has_seen_enough_hears_no_complaint() -> None:
    command = f"{sys.executable} -m simsync run --format json | head -c 10; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr == ""
    assert done.stdout.endswith("141\n")


def test_the_same_input_gives_the_same_bytes() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-m", "simsync", "run", "--format", "json"],
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_table(cli: Run) -> None:
    code, out, _ = cli("table", "own change")
    assert code == 0
    assert re.search(r"own-create\s+active\s+create\s+text\s+-\s+deliver\s+share\s+S4 S9", out)
    assert "own-create-held" in out
    _, out, _ = cli("table", "own change", "--reading", "resume=discard")
    assert "own-create-discarded" in out
    assert "own-create-held" not in out
    _, out, _ = cli("table", "--format", "markdown")
    assert "| own-create | active | create | text | - | deliver | share | S4 S9 |" in out
    _, out, _ = cli("table", "--format", "json", "copy", "sync link")
    told = json.loads(out)
    assert [t["table"] for t in told["tables"]] == ["copy"]
    assert [m["machine"] for m in told["machines"]] == ["sync link"]
    code, _, err = cli("table", "own chnge")
    assert code == 2
    assert "did you mean 'own change'?" in err


def test_readings(cli: Run) -> None:
    _, out, _ = cli("readings", "--reading", "resume=discard")
    assert re.search(r"\* discard: ", out)
    assert re.search(r"^\s+deliver \(default\): ", out, re.M)
    _, out, _ = cli("readings", "--format", "json")
    told = {r["reading"]: r for r in json.loads(out)["readings"]}
    assert len(told) == 14
    assert told["made_internal"]["gap"] == "G8"
    assert [o["option"] for o in told["lead_copies"]["options"]] == ["editable", "read_only"]
    _, out, _ = cli("readings", "--format", "markdown")
    assert "- **as_items** (default): " in out


def test_a_question_that_meets_a_refusal_fails_and_is_answered(cli: Run, tmp_path: Path) -> None:
    steps = "given: {status: Waiting Approval}\nsteps:\n  - service: create note N1\n    text: a\n  - lead: complete\n"
    path = tmp_path / "asked.yaml"
    path.write_text(f"scenario: May the lead complete?\n{steps}")
    code, out, _ = cli("run", path)
    assert code == 1
    assert "refused: 'complete' is possible in Accepted, In Progress only" in out
    assert re.search(r"^ +N1 +not there +note$", out, re.M)
    assert "that counts as failed until it is expected" in out
    path.write_text(f"scenario: The lead may complete\n{steps}    expect: {{refused: false}}\n")
    code, out, _ = cli("run", path)
    assert code == 1
    assert "who sees what" not in out


def test_an_edit_that_crosses_over_is_drawn_so_though_it_sets_what_is_there(cli: Run, tmp_path: Path) -> None:
    steps = (
        "steps:\n  - lead: create note N1\n    text: a\n  - lead: edit N1\n    text: a\n    expect: {synced: true}\n"
    )
    path = tmp_path / "same.yaml"
    path.write_text(f"scenario: The same text again\n{steps}")
    code, out, _ = cli("run", path, "--show", "all")
    assert code == 0
    assert re.search(r'edit N1  text: "a" +━+▶', out)
