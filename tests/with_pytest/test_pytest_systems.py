"""Systems under test under pytest, in runs of pytest inside the run."""

from __future__ import annotations

import re
import shlex
import sys

import pytest

import simsync.pytest_scenarios  # what an inner run imports would be imported anew in each
from conftest import ROOT
from inner_pytest import GOOD, alone, run, write
from sampling import few
from simsync.engine.model import Model
from simsync.questions.conform.systems.mapping import Names
from simsync.questions.conform.systems.protocol import AnswerLimits
from simsync.questions.conform.systems.settling import Settling
from simsync.questions.conform.systems.sut import Connect, System

__all__ = ["alone"]
pytest_plugins = ["pytester"]

SYSTEM = """\
import sys
sys.path.insert(0, {tests!r})
from simsync import load_model
from desk import MACHINES, Desk, serve


def right():
    return Desk()


def wrong():
    return Desk(load_model(MACHINES, {{"resume": "discard"}}))


def obliging():
    class Obliging(Desk):
        def act(self, actor, action, *rest, **request):
            return {{"ok": True}} if action == "edit" else super().act(actor, action, *rest, **request)

    return Obliging()


def deaf():
    return "a text"


if __name__ == "__main__":
    if "--garbage" in sys.argv:
        print("Welcome!", flush=True)
    serve(Desk(can=[]) if "--no-reset" in sys.argv else wrong() if "--wrong" in sys.argv else right())
"""
HELD = """\
scenario: A note waits for the rejection
sources: [S20, S21]
given: {status: Waiting Approval}
steps:
  - service: create note N1
    text: Disk replaced
  - lead: reject completion
    expect: {synced: true}
---
scenario: A note is never delivered
given: {readings: {resume: discard}}
steps:
  - service: create note N1
"""


@pytest.fixture
def system(pytester: pytest.Pytester) -> str:
    """The command that starts a system under test; words after it make it a bad one."""
    (pytester.path / "desk_system.py").write_text(SYSTEM.format(tests=str(ROOT / "tests")))
    write(pytester, good=GOOD, held=HELD)
    return f"{shlex.quote(sys.executable)} desk_system.py"


@pytest.mark.parametrize("how", few(["", " --no-reset"], 2))
def test_a_system_that_follows_the_rules_passes(pytester: pytest.Pytester, system: str, how: str) -> None:
    result = run(pytester, "scenarios", "-rs", "--simsync-sut", system + how)
    result.assert_outcomes(passed=3, skipped=1)
    result.stdout.fnmatch_lines(["*not tried on the system: it is about systems that follow resume=discard"])


def test_a_system_that_does_otherwise_is_set_against_the_rules(
    pytester: pytest.Pytester, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    result = run(pytester, "scenarios", "--simsync-sut", f"{system} --wrong")
    result.assert_outcomes(passed=2, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "What the system 'desk' shows after line 7 is not what the rules say, which is drawn and expected.",
            "Most likely it breaks resume-delivers [[]*S21*[]]*.",
            "*A note waits for the rejection*scenarios/held.yaml:1",
            "*N1 held * linked by resume-delivers*because lead-rejects*",
            "*7 *lead.N1 *{kind: note, text: Disk replaced, *absent*",
        ]
    )
    assert "the system 'desk', lead.N1: expected {kind: note, text: Disk replaced, " in result.stdout.str()
    held_to_its_own = run(
        pytester, "scenarios/held.yaml", "--simsync-sut", f"{system} --wrong", "--simsync-reading", "resume=discard"
    )
    held_to_its_own.assert_outcomes(passed=1, failed=1)  # the scenario's own expectation fails, before any system


def test_a_refusal_that_rests_on_no_row_blames_none(pytester: pytest.Pytester, system: str) -> None:
    (pytester.path / "scenarios" / "good.yaml").write_text(
        "scenario: Refused\ngiven: {status: Unsent}\nsteps:\n"
        "  - service: create note N1\n    expect: {refused: true}\n"
        "  - lead: edit N1\n    text: x\n    expect: {refused: true}\n"
    )
    result = run(pytester, "scenarios/good.yaml", "--simsync-sut-python", "desk_system:obliging")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["What the system 'desk' shows after line 6 is not *", "*6 *refused *not refused*"])
    assert "Most likely" not in result.stdout.str()


def test_a_system_that_cannot_be_judged_is_no_system_that_passes(pytester: pytest.Pytester, system: str) -> None:
    told = "The system under test cannot be judged."
    result = run(pytester, "scenarios", "--simsync-sut", f"{system} --garbage")
    result.assert_outcomes(failed=3, skipped=1)
    result.stdout.fnmatch_lines([told, "error: *", "*Welcome!*", "*-> *hello*", "*<- (nothing that could be used)"])
    gone = run(pytester, "scenarios/good.yaml", "--simsync-sut", "./nothing_here")
    gone.assert_outcomes(failed=2)
    gone.stdout.fnmatch_lines([told, "error: not-started", "*'./nothing_here' cannot be started: *"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--simsync-sut", "'"], "--simsync-sut: usage: the command cannot be read: No closing quotation"),
        (["--simsync-sut-python", "nowhere"], "--simsync-sut-python: usage: 'nowhere' is not of the form *"),
        (["--simsync-sut-http", "nowhere"], "--simsync-sut-http: usage: 'nowhere' is no address such as *"),
    ],
)
def test_a_system_that_is_not_named_right_is_told(
    pytester: pytest.Pytester, system: str, arguments: list[str], sentence: str
) -> None:
    result = run(pytester, "scenarios/good.yaml", *arguments)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([sentence])
    assert "Traceback" not in result.stdout.str()
    assert "During handling" not in result.stdout.str()


def test_one_system_at_a_time(pytester: pytest.Pytester, system: str) -> None:
    result = run(pytester, "scenarios", "--simsync-sut", system, "--simsync-sut-http", "http://localhost:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: one system under test can be named at a time, not --simsync-sut and *-http"])


@pytest.mark.thorough
def test_each_worker_has_a_system_of_its_own_and_none_shares_a_service(pytester: pytest.Pytester, system: str) -> None:
    both = pytester.runpytest_subprocess("scenarios", "-n2", "--simsync-sut", system)
    both.assert_outcomes(passed=3, skipped=1)
    shared = pytester.runpytest_subprocess("scenarios", "-n2", "--simsync-sut-http", "http://localhost:1")
    shared.assert_outcomes(errors=4)
    shared.stdout.fnmatch_lines(["several workers would do their scenarios with one service at once; run without -n"])


USING = """
from simsync import Event

def test_a_note_arrives(simsync_sut):
    begin = simsync_sut.begin("In Progress")
    assert begin.tickets == {"lead": {}, "service": {}}
    assert simsync_sut.act(Event(actor="service", action="create", kind="note", item="N1")) is None
    assert list(simsync_sut.observe().tickets["lead"]) == ["N1"]
"""


def test_other_tests_can_use_the_system(pytester: pytest.Pytester, system: str) -> None:
    pytester.makepyfile(USING)
    skipped = run(pytester, "-rs")
    skipped.assert_outcomes(passed=3, skipped=1)  # and one scenario, in which nothing is expected, answers
    skipped.stdout.fnmatch_lines(["*this test needs a system under test; name one, as with --simsync-sut 'COMMAND'"])
    run(pytester, "--simsync-sut", system).assert_outcomes(passed=4, skipped=1)
    run(pytester, "--simsync-sut-python", "desk_system:right").assert_outcomes(passed=4, skipped=1)


@pytest.mark.parametrize(
    ("scope", "factory", "outcomes"),
    [
        ("session", "right", {"passed": 3, "skipped": 1}),
        ("function", "right", {"passed": 3, "skipped": 1}),
        ("session", "wrong", {"passed": 2, "skipped": 1, "failed": 1}),
        ("session", "deaf", {"skipped": 1, "failed": 3}),
    ],
)
def test_a_conftest_can_give_the_system(
    pytester: pytest.Pytester, system: str, scope: str, factory: str, outcomes: dict[str, int]
) -> None:
    pytester.syspathinsert()
    pytester.makeconftest(
        f"""
        import pytest
        import desk_system

        @pytest.fixture(scope="{scope}")
        def simsync_sut():
            return desk_system.{factory}()
        """
    )
    assert run(pytester, "scenarios").parseoutcomes() == outcomes


def test_rules_that_cannot_be_used_are_told_to_who_asks_for_the_system(pytester: pytest.Pytester, system: str) -> None:
    path = pytester.makepyfile(USING)
    result = run(pytester, str(path), "--simsync-sut", system, "--simsync-machines", "nowhere")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["nowhere:1:1: not-found: the machines directory does not exist*"])


UNHURRIED = """
from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
"""


def test_what_the_documentation_shows_in_python_runs(pytester: pytest.Pytester) -> None:
    conftest, machine = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "pytest.md").read_text(), re.M | re.S)
    write(pytester, good=GOOD, held=HELD)
    pytester.makeconftest(conftest + UNHURRIED)
    pytester.makepyfile(machine)
    run(pytester, "-p", "no:cacheprovider").assert_outcomes(passed=4, skipped=1)


NUMBERED = """\
import json
import sys

STATUSES = {"In Progress": 5, "Waiting Approval": 12}
held = "given nothing"
for line in sys.stdin:
    asked = json.loads(line)
    if asked["op"] == "hello":
        said = {"protocol": 1, "name": "numbered", "can": ["reset_to_status"]}
    elif asked["op"] == "observe":
        said = {"status": held, "tickets": {"lead": {}, "service": {}}, "notified": told}
        told = []
    elif asked["op"] == "settle":
        said = {"ok": True} if "--settles" in sys.argv else {"error": "it cannot"}
    else:
        if asked["op"] == "act":
            held, told = 12, ["contact"]
        else:
            held, told = asked["status"], []
        said = {"ok": True}
    print(json.dumps(said), flush=True)
"""
SUBMITTED = """\
scenario: A submission
steps:
  - service: insource complete
    expect: {status: Waiting Approval}
"""
NUMBERS = "statuses: {In Progress: 5, Waiting Approval: 12}\nrecipients: {primary contact: contact}\n"


@pytest.fixture
def numbered(pytester: pytest.Pytester) -> str:
    """The command that starts a system that has numbers for statuses."""
    (pytester.path / "numbered.py").write_text(NUMBERED)
    (pytester.path / "names.yaml").write_text(NUMBERS)
    write(pytester, submitted=SUBMITTED)
    return f"{shlex.quote(sys.executable)} numbered.py"


def test_a_mapping_says_what_the_system_calls_things(pytester: pytest.Pytester, numbered: str) -> None:
    named = ["scenarios", "--simsync-sut", f"{numbered} --settles"]
    run(pytester, *named).assert_outcomes(failed=1)
    run(pytester, *named, "--simsync-map", "names.yaml").assert_outcomes(passed=1)


@pytest.mark.thorough
def test_workers_have_the_mapping_too(pytester: pytest.Pytester, numbered: str) -> None:
    write(pytester, again=SUBMITTED, more=SUBMITTED)
    named = ["scenarios", "-n2", "--simsync-sut", f"{numbered} --settles", "--simsync-map", "names.yaml"]
    pytester.runpytest_subprocess(*named).assert_outcomes(passed=3)


def test_a_bad_mapping_is_told_where(pytester: pytest.Pytester, numbered: str) -> None:
    (pytester.path / "names.yaml").write_text("statuses: {In Progress: 5, Complete: 5}\n")
    result = run(pytester, "scenarios", "--simsync-sut", numbered, "--simsync-map", "names.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["names.yaml:1:28: duplicate-key: '5' stands for two statuses, *"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.thorough
def test_a_mapping_is_for_a_system_of_conftest_too(pytester: pytest.Pytester, system: str) -> None:
    pytester.syspathinsert()
    pytester.makeconftest(
        """
        import pytest
        import desk_system

        @pytest.fixture
        def simsync_sut():
            return desk_system.right()
        """
    )
    (pytester.path / "names.yaml").write_text("cannot: [create note]\n")
    result = run(pytester, "scenarios", "-rs", "--simsync-map", "names.yaml")
    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(["*not tried on the system: the system says that it cannot create note"])
    (pytester.path / "names.yaml").write_text("cannot: [create nite]\n")
    result = run(pytester, "scenarios/good.yaml", "--simsync-map", "names.yaml")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["names.yaml:1:10: unknown-name: 'create nite' is not an action; *"])


def test_times_are_limited_as_said(pytester: pytest.Pytester, numbered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[AnswerLimits, Settling]] = []

    class Spied(System):
        def __init__(
            self, connect: Connect, model: Model, names: Names, limits: AnswerLimits, settling: Settling
        ) -> None:
            made.append((limits, settling))
            super().__init__(connect, model, names, limits, settling)

    monkeypatch.setattr(simsync.pytest_scenarios, "System", Spied)
    named = ["scenarios", "--simsync-sut", numbered, "--simsync-map", "names.yaml"]
    run(
        pytester, *named, "--simsync-timeout=9.5", "--simsync-settle-timeout=3", "--simsync-quiet-time=0"
    ).assert_outcomes(passed=1)
    ((limits, settling),) = made
    assert (limits.seconds, settling.seconds, settling.quiet) == (9.5, 3, 0)


@pytest.mark.parametrize("said", ["soon", "-1", "nan", "1e9", ""])
def test_a_time_that_is_none_is_told(pytester: pytest.Pytester, said: str) -> None:
    result = run(pytester, f"--simsync-timeout={said}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--simsync-timeout: '{said}' is no number of seconds from 0 to 86,400"])
