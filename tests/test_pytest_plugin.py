"""The pytest plugin, in runs of pytest inside the run."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

import simsync.pytest_plugin
import simsync.pytest_scenarios  # what an inner run imports would be imported anew in each
import simsync.reporting.dialogue
from conftest import ROOT

pytest_plugins = ["pytester"]

GOOD = """\
# A comment, and a blank line.

scenario: A note arrives
sources: [S4, S9]
steps:
  - service: create note N1
    text: Disk replaced
    expect: {synced: true, lead: {text: Disk replaced}}
---
scenario: A severed note stays as it is
sources: [S16, G17]
steps:
  - service: create note N1
  - lead: edit N1
    text: Mine now
    expect: {link: severed}
"""
WRONG = """\
scenario: A note arrives changed
sources: [S9]
steps:
  - service: create note N1
    text: Disk replaced
    expect: {lead: {text: Disk repaired}}
  - lead: accept
"""
BAD = """\
scenario: A slip of the pen
steps:
  - service: create nte N1
    expect: {synct: true}
"""
OTHERS = {
    "molecule.yml": "---\ndependency: {name: galaxy}\nscenario:\n  name: default\n",
    "story.yaml": "scenario: {name: default}\n",
    "bare.yaml": "scenario:\n  name: default\n",
    "scenarios.yaml": "scenarios: all of them\n",
    "broken.yml": "a: [\n",
    "list.yaml": "- scenario: no\n",
    "empty.yaml": "",
    "binary.yaml": "\x00\x01",
    "template.yaml": "{% raw %}\nscenario: x\n",
    "notes.txt": "scenario: in a text\n",
}


def write(pytester: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        path = pytester.path / "scenarios" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("--strict-markers", "--strict-config", "-W", "error", *arguments)


def test_each_scenario_is_an_item_with_its_file_and_line(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD)
    items, _ = pytester.inline_genitems("scenarios")
    assert [item.nodeid for item in items] == [
        "scenarios/good.yaml::A note arrives",
        "scenarios/good.yaml::A severed note stays as it is",
    ]
    places = [item.location[:2] for item in items]
    assert [(file.replace("\\", "/"), line) for file, line in places] == [
        ("scenarios/good.yaml", 2),
        ("scenarios/good.yaml", 9),
    ]
    assert [[mark.name for mark in item.iter_markers()] for item in items] == [["S4", "S9"], ["S16", "G17"]]
    run(pytester, "scenarios").assert_outcomes(passed=2)
    run(pytester, items[1].nodeid).assert_outcomes(passed=1)


def test_a_failure_is_the_dialogue_that_run_draws(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")  # so that the summary is not cut off
    write(pytester, good=GOOD, wrong=WRONG)
    result = run(pytester, "scenarios")
    result.assert_outcomes(passed=2, failed=1)
    printed = pytester.run(sys.executable, "-m", "simsync", "run", "scenarios/wrong.yaml").stdout.lines
    drawn = printed[1 : next(n for n, line in enumerate(printed) if line.startswith("✘ scenarios/wrong.yaml"))]
    drawn = [line for line in drawn if line]
    assert any("Disk repaired" in line for line in drawn)
    shown = [line for line in result.stdout.lines if line]
    start = shown.index(drawn[0])
    assert shown[start : start + len(drawn)] == drawn
    assert not any("Traceback" in line or "pytest_scenarios" in line for line in shown)
    summary = "lead.text: expected Disk repaired, found Disk replaced (and 1 more)"
    assert summary in run(pytester, "scenarios").stdout.str()
    line = run(pytester, "scenarios", "--tb=line").stdout.str()
    assert f"wrong.yaml:6: {summary}" in line


def test_a_terminal_sees_colours_and_a_report_does_not(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(pytester, wrong=WRONG)
    monkeypatch.setenv("COLUMNS", "70")
    result = run(pytester, "scenarios", "--color=yes", "--junitxml=results.xml")
    assert any("\x1b[" in line and "lead's ticket" in line for line in result.stdout.lines)
    report = (pytester.path / "results.xml").read_text()
    assert 'message="lead.text: expected Disk repaired, found Disk replaced (and 1 more)"' in report
    assert "lead's ticket" in report
    assert "\x1b" not in report
    assert "#x1B" not in report


def test_what_a_scenario_cites_selects_it(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD, wrong=WRONG)
    run(pytester, "scenarios", "-m", "S16").assert_outcomes(passed=1, deselected=2)
    run(pytester, "scenarios", "-m", "S9 and not S4").assert_outcomes(failed=1, deselected=2)
    run(pytester, "scenarios", "-k", "G17").assert_outcomes(passed=1, deselected=2)


def test_the_markers_are_listed_where_scenarios_are_set_up(pytester: pytest.Pytester) -> None:
    assert "@pytest.mark.S16:" not in run(pytester, "--markers").stdout.str()
    listed = run(pytester, "--markers", "-o", "simsync_scenarios=scenarios").stdout.str()
    assert "@pytest.mark.S16: Such a change also cuts the item's link" in listed
    assert "@pytest.mark.G17:" in listed


@pytest.mark.unmeasured
def test_several_workers_share_the_scenarios(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD, wrong=WRONG)
    result = pytester.runpytest_subprocess("scenarios", "-n2", "--strict-markers")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*lead's ticket*service's ticket*", "*lead.text*Disk repaired*Disk replaced*"])


def test_a_bad_file_is_an_error_in_sentences_and_the_others_run(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD, bad=BAD)
    result = run(pytester, "scenarios", "--continue-on-collection-errors")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR collecting scenarios/bad.yaml*",
            "scenarios/bad.yaml:3:14: bad-action: 'nte' is not a kind of item; did you mean 'note'?*",
            "    3 |   - service: create nte N1",
            "      |              ^^^^^^^^^^^^^",
            "scenarios/bad.yaml:4:14: unknown-key: 'synct' *did you mean 'synced'?*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_other_files_are_left_alone(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD)
    for name, text in OTHERS.items():
        (pytester.path / "scenarios" / name).write_text(text)
    run(pytester).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    "before",
    [
        "\ufeff",
        "---\n",
        "%YAML 1.2\n---\n",
        "# one\n\n   # two\n--- # three\n",
        "# \u00fc\r\n\r\n",
    ],
)
@pytest.mark.parametrize("key", ["scenario", '"scenario"', "'scenario'"])
def test_a_file_that_starts_as_a_scenario_is_one(pytester: pytest.Pytester, before: str, key: str) -> None:
    (pytester.path / "a.yaml").write_bytes(f"{before}{key}: x\nsteps:\n  - service: create note N1\n".encode())
    run(pytester).assert_outcomes(passed=1)


def test_a_file_that_cannot_be_opened_is_none(tmp_path: Path) -> None:
    assert not simsync.pytest_plugin.starts_as_a_scenario(tmp_path / "gone.yaml")


def test_a_file_that_is_named_is_read_whatever_it_starts_with(pytester: pytest.Pytester) -> None:
    (pytester.path / "a.yaml").write_text("about: a\nscenario: x\nsteps:\n  - service: create note N1\n")
    (pytester.path / "b.yaml").write_text("- what is this\n")
    assert run(pytester).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    run(pytester, "a.yaml").assert_outcomes(passed=1)
    result = run(pytester, "b.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["b.yaml:1:1: wrong-type: a scenario, as a mapping * is wanted here*"])


def test_directories_that_are_set_are_the_only_ones_and_all_in_them_counts(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD, odd="steps: []\n")
    (pytester.path / "data").mkdir()
    (pytester.path / "data" / "wrong.yaml").write_text(WRONG)
    pytester.makeini("[pytest]\nsimsync_scenarios = scenarios more")
    result = run(pytester, "--continue-on-collection-errors")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["scenarios/odd.yaml:1:1: missing-key: a scenario needs the key 'scenario'"])
    run(pytester, "data/wrong.yaml").assert_outcomes(failed=1)
    none = run(pytester, "-o", "simsync_scenarios=")
    assert none.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_names_are_made_fit_for_pytest(pytester: pytest.Pytester) -> None:
    one = "steps:\n  - service: create note N1\n"
    write(pytester, a="---\n".join(f'scenario: "{name}"\n{one}' for name in ["a::b [c]", "a::b [c]", "x\\ty"]))
    items, _ = pytester.inline_genitems("scenarios")
    assert [item.name for item in items] == ["a:b [c]", "a:b [c] (2)", "x\\ty"]
    for item in items:
        run(pytester, item.nodeid).assert_outcomes(passed=1)


def test_other_rules_and_readings(pytester: pytest.Pytester) -> None:
    policies = ROOT / "tests" / "policies"
    shutil.copytree(policies / "atelier", pytester.path / "theirs")
    shutil.copytree(policies / "atelier_scenarios", pytester.path / "scenarios")
    run(pytester, "scenarios").assert_outcomes(errors=1)
    passed = run(pytester, "scenarios", "--simsync-machines", "theirs").parseoutcomes()
    assert passed.keys() == {"passed"}
    run(pytester, "scenarios", "--simsync-machines", "theirs", "-m", "A4").assert_outcomes(
        passed=1, deselected=passed["passed"] - 1
    )
    pytester.makeini("[pytest]\nsimsync_machines = theirs\nsimsync_readings =\n  quotes=kept\n")
    assert run(pytester, "scenarios").parseoutcomes() == passed
    shutil.copytree(pytester.path / "theirs", pytester.path / "machines")
    (pytester.path / "tox.ini").unlink()
    pytester.makeini("[pytest]")
    assert run(pytester, "scenarios").parseoutcomes() == passed
    pytester.chdir()
    (pytester.path / "scenarios" / "deep").mkdir()
    monkey = pytest.MonkeyPatch()
    with monkey.context() as there:
        there.chdir(pytester.path / "scenarios" / "deep")
        assert run(pytester, "..").parseoutcomes() == passed


def test_an_id_that_means_something_else_to_pytest_is_no_marker(pytester: pytest.Pytester) -> None:
    policies = ROOT / "tests" / "policies"
    for folder, name in (("atelier", "machines"), ("atelier_scenarios", "scenarios")):
        shutil.copytree(policies / folder, pytester.path / name)
        for path in (pytester.path / name).iterdir():
            path.write_text(re.sub(r"\bA4\b", "skip", path.read_text()))
    passed = run(pytester, "scenarios").parseoutcomes()
    assert passed.keys() == {"passed"}
    run(pytester, "scenarios", "-k", "skip").assert_outcomes(passed=1, deselected=passed["passed"] - 1)


def test_a_reading_changes_what_a_scenario_comes_to(pytester: pytest.Pytester) -> None:
    write(
        pytester,
        a="scenario: Held\ngiven: {status: Waiting Approval}\nsteps:\n  - service: create note N1\n"
        "  - lead: reject completion\n    expect: {synced: true}\n",
    )
    run(pytester, "scenarios").assert_outcomes(passed=1)
    run(pytester, "scenarios", "--simsync-reading", "resume=discard").assert_outcomes(failed=1)
    pytester.makeini("[pytest]\nsimsync_readings = resume=discard")
    run(pytester, "scenarios").assert_outcomes(failed=1)
    run(pytester, "scenarios", "--simsync-reading", "resume = deliver").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--simsync-machines", "nowhere"], "nowhere:1:1: not-found: the machines directory does not exist*"),
        (["--simsync-reading", "resum=deliver"], "readings: unknown-name: 'resum' is not a reading; did you mean*"),
        (["--simsync-reading", "resume"], "--simsync-reading: usage: 'resume' is not of the form name=option*"),
        (["-o", "simsync_readings=resume"], "simsync_readings: usage: 'resume' is not of the form name=option*"),
    ],
)
def test_rules_that_cannot_be_used_are_told_once(
    pytester: pytest.Pytester, arguments: list[str], sentence: str
) -> None:
    write(pytester, a=GOOD, b=GOOD)
    pytester.makeini("[pytest]")
    result = run(pytester, "scenarios", *arguments)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(
        [sentence, "the rules cannot be used; what is wrong with them is told at the first scenario file"]
    )
    assert result.stdout.str().count(sentence[:40]) <= 2  # once in full, once in newer pytests' summary


def test_fixtures_reach_scenarios(pytester: pytest.Pytester) -> None:
    write(pytester, good=GOOD)
    pytester.makeconftest(
        """
        import pytest

        @pytest.fixture(autouse=True, scope="module")
        def a_module(request):
            yield
            print("left", request.node.name)

        @pytest.fixture(autouse=True)
        def told(request):
            print("runs", request.node.name)
        """
    )
    result = run(pytester, "scenarios", "-s")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*runs A note arrives*", "*runs A severed note*", "*left good.yaml*"])


def test_where_there_are_no_scenarios_nothing_is_loaded(pytester: pytest.Pytester) -> None:
    for name, text in OTHERS.items():
        (pytester.path / name).write_text(text)
    pytester.makepyfile("def test_one(): pass")
    pytester.makeconftest(
        """
        import sys

        def pytest_sessionfinish():
            tops = ("simsync", "yaml", "rich", "click", "transitions", "numpy", "jinja2")
            print("loaded:", sorted(name for name in sys.modules if name.partition(".")[0] in tops))
        """
    )
    result = pytester.runpytest_subprocess("-s", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)
    assert (
        "loaded: ['simsync', 'simsync.pytest_plugin', 'simsync.pytest_settings', 'simsync.version']"
        in result.stdout.str()
    )


@pytest.mark.parametrize("module", [simsync.pytest_plugin, simsync.pytest_scenarios], ids=lambda m: m.__name__)
def test_nothing_private_of_pytest_is_imported(module: object) -> None:
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text())
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert "pytest" in names
    assert not [name for name in names if name.startswith("_pytest")]
    used = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and re.match("_[^_]", n.attr)]
    assert {node.value.id for node in used if isinstance(node.value, ast.Name)} <= {"self"}
    inherited = {name for one in (pytest.Module, pytest.Function) for name in dir(one)}
    assert not {node.attr for node in used} & inherited


def test_this_projects_own_run_does_not_collect_what_its_tests_keep(pytestconfig: pytest.Config) -> None:
    kept = ROOT / "tests" / "policies" / "atelier_scenarios" / "mirrors.yaml"
    assert simsync.pytest_plugin.starts_as_a_scenario(kept)
    assert pytestconfig.getini("simsync_scenarios") == ["scenarios"]
    assert "scenarios" not in pytestconfig.getini("testpaths")


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


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs within these tests are no workers, even where the tests themselves are run by some."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def system(pytester: pytest.Pytester) -> str:
    """The command that starts a system under test; words after it make it a bad one."""
    (pytester.path / "desk_system.py").write_text(SYSTEM.format(tests=str(ROOT / "tests")))
    write(pytester, good=GOOD, held=HELD)
    return f"{shlex.quote(sys.executable)} desk_system.py"


@pytest.mark.parametrize("how", ["", " --no-reset"])
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


@pytest.mark.unmeasured
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
    skipped.assert_outcomes(passed=4, skipped=1)
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


def test_what_the_documentation_shows_in_python_runs(pytester: pytest.Pytester) -> None:
    conftest, machine = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs" / "pytest.md").read_text(), re.M | re.S)
    write(pytester, good=GOOD, held=HELD)
    pytester.makeconftest(conftest)
    pytester.makepyfile(machine)
    run(pytester, "-p", "no:cacheprovider").assert_outcomes(passed=4, skipped=1)
