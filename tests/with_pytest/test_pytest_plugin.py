"""The pytest plugin collects and runs scenarios, in runs of pytest inside the run."""

from __future__ import annotations

import ast
import re
import shutil
import sys
from pathlib import Path

import pytest

import simsync.pytest_plugin
import simsync.pytest_scenarios  # what an inner run imports would be imported anew in each
import simsync.report.dialogue
from conftest import ROOT
from inner_pytest import GOOD, alone, run, write
from sampling import few

__all__ = ["alone"]
pytest_plugins = ["pytester"]

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


def test_where_nothing_is_expected_a_scenario_answers(pytester: pytest.Pytester) -> None:
    asks = "scenario: What becomes of a copy?\nsteps:\n  - service: create note N1\n  - lead: delete N1\n"
    write(pytester, asks=asks, good=GOOD)
    result = run(pytester, "scenarios", "-v", "--junitxml=results.xml")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["scenarios/asks.yaml::What becomes of a copy? ANSWERED*", "*PASSED*"])
    shown = [line for line in result.stdout.lines if line]
    start = next(n for n, line in enumerate(shown) if "answered, nothing expected ===" in line)
    assert "○ What becomes of a copy?  scenarios/asks.yaml:1" in shown[start + 1]
    assert any(re.match(r"       N1 +not there +note$", line) for line in shown[start:])
    assert "       answered, nothing expected: this is what the rules have happen" in shown
    assert re.search(r"= 1 answered, 2 passed in |= 2 passed, 1 answered in ", shown[-1])
    assert '<property name="expectations" value="0" />' in (pytester.path / "results.xml").read_text()
    result = run(pytester, "scenarios", "--simsync-sut-python", "simsync.reference:Reference")
    assert "answered" not in result.stdout.str()


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


@pytest.mark.thorough
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
@pytest.mark.parametrize("key", few(["scenario", '"scenario"', "'scenario'"], 3))
def test_a_file_that_starts_as_a_scenario_is_one(pytester: pytest.Pytester, before: str, key: str) -> None:
    (pytester.path / "a.yaml").write_bytes(
        f"{before}{key}: x\nsteps:\n  - service: create note N1\n    expect: {{synced: true}}\n".encode()
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_file_that_cannot_be_opened_is_none(tmp_path: Path) -> None:
    assert not simsync.pytest_plugin.starts_as_a_scenario(tmp_path / "gone.yaml")


def test_a_file_that_is_named_is_read_whatever_it_starts_with(pytester: pytest.Pytester) -> None:
    (pytester.path / "a.yaml").write_text(
        "about: a\nscenario: x\nsteps:\n  - service: create note N1\n    expect: {synced: true}\n"
    )
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
    one = "steps:\n  - service: create note N1\n    expect: {status: In Progress}\n"
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
        a="scenario: Held\ngiven: {status: Waiting Approval}\nsteps:\n"
        "  - service: create note N1\n    expect: {synced: false}\n"
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
