"""Bad input: every problem, at its place, in bounded time, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from conftest import ROOT, Run
from simsync.errors import Code
from simsync.report import phrases
from simsync.scenarios.loading import ScenarioLoader

HEAD = "scenario: x\nsteps:\n"
NOTE = HEAD + "  - lead: create note N1\n"

CASES = [
    # (what the file says, line, column, code, a part of the sentence)
    ("", 1, 1, Code.NO_SCENARIO, "no scenario"),
    ("# only a comment\n", 1, 1, Code.NO_SCENARIO, "no scenario"),
    ("---\n---\n", 1, 1, Code.NO_SCENARIO, "no scenario"),
    ("just text\n", 1, 1, Code.WRONG_TYPE, "a scenario, as a mapping"),
    ("- a\n- b\n", 1, 1, Code.WRONG_TYPE, "not a list"),
    ("scenario: [\n", 1, 12, Code.SYNTAX, "not well-formed YAML"),
    ("scenario: x\n\tsteps: []\n", 2, 1, Code.SYNTAX, "not well-formed YAML"),
    ("scenario: x\n", 1, 1, Code.MISSING_KEY, "'steps'"),
    ("steps:\n  - lead: complete\n", 1, 1, Code.MISSING_KEY, "'scenario'"),
    ("scenario: ''\nsteps:\n  - lead: complete\n", 1, 11, Code.WRONG_TYPE, "not empty"),
    ("scenario: 5\nsteps:\n  - lead: complete\n", 1, 11, Code.WRONG_TYPE, 'quote it if you mean text: "5"'),
    ("scenario: x\nsteps: []\n", 2, 8, Code.WRONG_TYPE, "not an empty list"),
    ("scenario: x\nstesp:\n  - lead: complete\n", 2, 1, Code.UNKNOWN_KEY, "did you mean 'steps'?"),
    ("scenario: x\nscenario: y\nsteps:\n  - lead: complete\n", 2, 1, Code.DUPLICATE_KEY, "another scenario starts here; put a line"),
    ("scenario: x\nsources: [S23]\nsteps:\n  - lead: complete\n", 2, 11, Code.UNKNOWN_NAME, "did you mean 'S3'?"),
    ("scenario: x\ngiven: {status: In Progres}\nsteps:\n  - lead: complete\n", 2, 17, Code.UNKNOWN_NAME, "In Progress"),
    ("scenario: x\ngiven: {readings: {resum: deliver}}\n" + HEAD[12:] + "  - lead: complete\n", 2, 20, Code.UNKNOWN_KEY, "resume"),
    ("scenario: x\ngiven: {readings: {resume: drop}}\n" + HEAD[12:] + "  - lead: complete\n", 2, 28, Code.UNKNOWN_NAME, "discard"),
    (HEAD + "  - leed: complete\n", 3, 5, Code.UNKNOWN_KEY, "did you mean 'lead'?"),
    (HEAD + "  - {lead: complete, service: start}\n", 3, 5, Code.BAD_ACTION, "both"),
    (HEAD + "  - {expect: {synced: false}}\n", 3, 5, Code.BAD_ACTION, "neither"),
    (HEAD + "  - {}\n", 3, 5, Code.BAD_ACTION, "neither"),
    (HEAD + "  - {lead: complete}\n  - {}\n", 4, 5, Code.BAD_ACTION, "neither"),
    (HEAD + "  - lead: \"create note N\\e[31m\"\n", 3, 11, Code.BAD_ACTION, "printable"),
    (NOTE + "    expect: {refused: ' '}\n", 4, 23, Code.WRONG_TYPE, "a part of the reason"),
    (HEAD + "  - !foo {lead: complete}\n", 3, 5, Code.TAG, "no meaning"),
    ("!!python/name:os.system scenario: x\n" + HEAD[12:] + "  - lead: complete\n", 1, 1, Code.TAG, "no meaning"),
    (HEAD + "  - lead\n", 3, 5, Code.WRONG_TYPE, "a step, as a mapping"),
    (HEAD + "  - lead: [complete]\n", 3, 11, Code.WRONG_TYPE, "an action"),
    (HEAD + "  - lead: true\n", 3, 11, Code.WRONG_TYPE, "an action"),
    (HEAD + "  - lead: approve\n", 3, 11, Code.BAD_ACTION, "approve completion"),
    (HEAD + "  - lead: create nte N1\n", 3, 11, Code.BAD_ACTION, "did you mean 'note'?"),
    (HEAD + "  - lead: create note\n", 3, 11, Code.BAD_ACTION, "needs a name"),
    (HEAD + "  - lead: create time entry\n", 3, 11, Code.BAD_ACTION, "create time entry N1"),
    (HEAD + "  - lead: create\n", 3, 11, Code.BAD_ACTION, "names a kind"),
    (HEAD + "  - lead: delete\n", 3, 11, Code.BAD_ACTION, "the name of one item"),
    (HEAD + "  - lead: ''\n", 3, 11, Code.BAD_ACTION, "an action is wanted"),
    (NOTE + "  - service: create note N1\n", 4, 14, Code.DUPLICATE_ITEM, "created already"),
    (NOTE + "  - lead: edit N2\n    text: x\n", 4, 11, Code.UNKNOWN_ITEM, "did you mean 'N1'?"),
    (HEAD + "  - lead: delete N1\n", 3, 11, Code.UNKNOWN_ITEM, "There is none"),
    (NOTE + "  - lead: edit N1\n", 4, 11, Code.EMPTY_EDIT, "text or internal"),
    (NOTE + "  - lead: edit N1\n    type: file\n", 5, 5, Code.MISPLACED_FIELD, "allowed here: text, internal"),
    (NOTE + "  - lead: delete N1\n    text: x\n", 5, 5, Code.MISPLACED_FIELD, "takes no fields"),
    (HEAD + "  - lead: complete\n    text: x\n", 4, 5, Code.MISPLACED_FIELD, "takes no fields"),
    (HEAD + "  - lead: create charge C1\n    internal: true\n", 4, 5, Code.MISPLACED_FIELD, "allowed here: text"),
    (HEAD + "  - lead: create note N1\n    type: file\n", 4, 5, Code.MISPLACED_FIELD, "'type'"),
    (HEAD + "  - lead: create time entry T1\n    internal: true\n", 4, 5, Code.MISPLACED_FIELD, "'internal'"),
    (HEAD + "  - lead: create note N1\n    internal: no\n", 4, 15, Code.WRONG_TYPE, "true or false"),
    (HEAD + "  - lead: create note N1\n    text: 12\n", 4, 11, Code.WRONG_TYPE, 'quote it if you mean text: "12"'),
    (HEAD + "  - lead: create note N1\n    text: [a]\n", 4, 11, Code.WRONG_TYPE, "text is wanted here, not a list"),
    (HEAD + "  - lead: create attachment A1\n    type: link\n", 4, 11, Code.UNKNOWN_NAME, "file link"),
    (NOTE + "    expect: {sync: true}\n", 4, 14, Code.UNKNOWN_KEY, "did you mean 'synced'?"),
    (NOTE + "    expect: {synced: maybe}\n", 4, 22, Code.WRONG_TYPE, "true or false"),
    (NOTE + "    expect: {link: conected}\n", 4, 20, Code.UNKNOWN_NAME, "linked"),
    (NOTE + "    expect: {rule: own-creat}\n", 4, 20, Code.UNKNOWN_NAME, "did you mean 'own-create'?"),
    (NOTE + "    expect: {notified: [primary contct]}\n", 4, 25, Code.UNKNOWN_NAME, "did you mean 'primary contact'?"),
    (NOTE + "    expect: {notified: primary contact}\n", 4, 24, Code.WRONG_TYPE, "a list"),
    (NOTE + "    expect: {lead: {txt: x}}\n", 4, 21, Code.UNKNOWN_KEY, "did you mean 'text'?"),
    (NOTE + "    expect: {lead: gone}\n", 4, 20, Code.WRONG_TYPE, "'absent'"),
    (NOTE + "    expect: {lead: {kind: memo}}\n", 4, 27, Code.UNKNOWN_NAME, "time entry, note"),
    (NOTE + "    expect: {items: {N2: {link: local}}}\n", 4, 22, Code.UNKNOWN_ITEM, "did you mean 'N1'?"),
    (NOTE + "    expect: {items: {N1: {lnk: local}}}\n", 4, 27, Code.UNKNOWN_KEY, "did you mean 'link'?"),
    (NOTE + "    expect: {refused: ''}\n", 4, 23, Code.WRONG_TYPE, "a part of the reason"),
    (HEAD + "  - lead: complete\n    expect: {link: local}\n", 4, 14, Code.MISPLACED_FIELD, "under 'items'"),
    (NOTE + "finally: {statis: Complete}\n", 4, 11, Code.UNKNOWN_KEY, "did you mean 'status'?"),
    (NOTE + "finally: {items: {N7: {link: local}}}\n", 4, 19, Code.UNKNOWN_ITEM, "creates"),
    ("scenario: !!python/object/apply:os.system [echo]\n" + HEAD[12:] + "  - lead: complete\n", 1, 11, Code.WRONG_TYPE, "text"),
    ("scenario: !!python/name:os.system x\n" + HEAD[12:] + "  - lead: complete\n", 1, 11, Code.TAG, "no meaning"),
    ("scenario: *nothing\n", 1, 11, Code.SYNTAX, "a text that starts with * needs quotes"),
    ("? [a]\n: b\nscenario: x\nsteps:\n  - lead: complete\n", 1, 3, Code.WRONG_TYPE, "a key of a scenario is text"),
    ("[" * 500 + "]" * 500, 1, 64, Code.TOO_DEEP, "64 levels"),
    ("- " * 200_000, 1, 127, Code.TOO_DEEP, "64 levels"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "col", "code", "phrase"), CASES, ids=range(len(CASES)))
def test_a_problem_is_told_at_its_place(
    loader: ScenarioLoader, text: str, line: int, col: int, code: Code, phrase: str
) -> None:
    file = loader.load_bytes(text.encode(), "bad.yaml")
    assert not file.scenarios
    found = [d for d in file.diagnostics if d.code is code]
    assert found, [str(d) for d in file.diagnostics]
    assert (found[0].line, found[0].col) == (line, col)
    assert phrase in found[0].message
    assert str(found[0]).startswith(f"bad.yaml:{line}:{col}: {code}: ")


def test_every_problem_of_a_file_is_told_at_once(loader: ScenarioLoader) -> None:
    text = (
        "scenario: x\ngiven: {status: Sent}\nsteps:\n  - lead: create nte N1\n  - service: edit N9\n    text: x\n"
        "  - lead: create note N2\n    expect: {synced: 1, link: gone}\n---\nscenario: y\n"
    )
    found = [(d.line, d.code) for d in loader.load_bytes(text.encode(), "f").diagnostics]
    assert found == [
        (2, Code.UNKNOWN_NAME),
        (4, Code.BAD_ACTION),
        (5, Code.UNKNOWN_ITEM),
        (8, Code.WRONG_TYPE),
        (8, Code.UNKNOWN_NAME),
        (10, Code.MISSING_KEY),
    ]


@pytest.mark.parametrize(
    ("data", "line", "col"),
    [
        (b"scenario: a\x00b\n", 1, 12),
        (b"scenario: ok\nabout: \x07\n", 2, 8),
        ("scenario: é\n".encode("latin-1"), 1, 11),
        ("scenario: é\n".encode("utf-16"), 1, 1),
        (b"\xff\xfe\x00", 1, 1),
    ],
)
def test_what_is_not_utf8_text_is_told_where(loader: ScenarioLoader, data: bytes, line: int, col: int) -> None:
    (found,) = loader.load_bytes(data, "f").diagnostics
    assert (found.code, found.line, found.col) == (Code.ENCODING, line, col)


def test_a_byte_order_mark_is_no_problem(loader: ScenarioLoader) -> None:
    assert not loader.load_bytes(b"\xef\xbb\xbfscenario: x\nsteps:\n  - lead: complete\n", "f").diagnostics


def test_words_that_yaml_once_took_for_booleans_stay_text(loader: ScenarioLoader) -> None:
    text = "scenario: no\nabout: off\ngiven: {readings: {emails_on_sync: yes}}\nsteps:\n  - lead: create note on\n    text: y\n"
    file = loader.load_bytes(text.encode(), "f")
    assert not file.diagnostics
    (scenario,) = file.scenarios
    assert (scenario.name, scenario.about, scenario.readings) == ("no", "off", {"emails_on_sync": "yes"})
    assert scenario.steps[0].event.fields == {"text": "y"}


def test_aliases_may_be_used_but_not_to_multiply(loader: ScenarioLoader) -> None:
    good = "scenario: &t Same text\nsteps:\n  - lead: create note N1\n    text: *t\n"
    assert loader.load_bytes(good.encode(), "f").scenarios[0].steps[0].event.fields == {"text": "Same text"}
    items = ", ".join(f"N{i}: {{link: linked}}" for i in range(3000))
    bomb = f"scenario: x\nsteps:\n- &a {{lead: complete, expect: {{items: {{{items}}}}}}}\n" + "- *a\n" * 3000
    assert Code.TOO_LARGE in [d.code for d in loader.load_bytes(bomb.encode(), "f").diagnostics]
    nested = "scenario: x\nsteps:\n- &s {lead: complete, expect: &e {items: {N1: *e}}}\n"
    assert Code.TOO_LARGE in [d.code for d in loader.load_bytes(nested.encode(), "f").diagnostics]
    lists = f"scenario: x\nsteps:\n- {{lead: complete, expect: {{notified: &n [{', '.join(['primary contact'] * 3000)}]}}}}\n"
    lists += "- {lead: complete, expect: {notified: *n}}\n" * 3000
    assert [d.code for d in loader.load_bytes(lists.encode(), "f").diagnostics] == [Code.TOO_LARGE]


def test_good_files_still_run_beside_bad_ones(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: complete\n")
    (tmp_path / "b.yml").write_text("scenario: x\nstep: []\n")
    code, out, err = cli("run", tmp_path)
    assert code == 2
    assert "1 scenario: 0 passed, 0 failed, 1 answered" in out
    assert f"{tmp_path}/b.yml:2:1: unknown-key: 'step' is not a key of a scenario; did you mean 'steps'?" in err
    assert "    2 | step: []\n      | ^^^^\n" in err


def test_what_is_not_a_file_of_ours_is_told(cli: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.yaml")
    (tmp_path / "empty").mkdir()
    for path, code in [
        (tmp_path / "fifo.yaml", Code.NOT_A_FILE),
        (tmp_path / "empty", Code.NO_SCENARIO),
        (tmp_path / "missing.yaml", Code.NOT_FOUND),
        (Path("/dev/null"), Code.NOT_A_FILE),
        (Path("a" * 5000), Code.UNREADABLE),
    ]:
        status, _, err = cli("run", path)
        assert status == 2
        assert f":1:1: {code}: " in err


def test_a_huge_file_is_refused_unread(cli: Run, tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    status, _, err = cli("run", huge)
    assert status == 2
    assert "too-large: the file has 104,857,600 bytes" in err


def test_nothing_is_executed_from_yaml(tmp_path: Path) -> None:
    """In a process of its own, with the deepest nesting that a file under the limit can have."""
    proof = tmp_path / "proof"
    (tmp_path / "evil.yaml").write_text(f"scenario: !!python/object/apply:os.system ['touch {proof}']\nsteps: []\n")
    (tmp_path / "deep.yaml").write_text("[" * 1_000_000)
    done = subprocess.run(
        [sys.executable, "-m", "simsync", "run", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "too-deep" in done.stderr
    assert not proof.exists()


def test_one_slip_is_told_once(loader: ScenarioLoader) -> None:
    for slip in ("laed: create note N1", "lead: crete note N1", "lead: create nte N1", "lead: create N1"):
        text = f"scenario: x\nsteps:\n  - {slip}\n  - lead: delete N1\nfinally: {{items: {{N1: {{lead: absent}}}}}}\n"
        assert len(loader.load_bytes(text.encode(), "f").diagnostics) == 1, slip


def test_a_scenario_too_large_to_keep_is_refused(loader: ScenarioLoader) -> None:
    text = "scenario: x\nsteps:\n" + "".join(f"- lead: create note N{n}\n" for n in range(1500))
    (found,) = loader.load_bytes(text.encode(), "f").diagnostics
    assert found.code is Code.TOO_LARGE
    assert "1,500 steps with 1,500 items" in found.message


def test_many_misspelt_names_take_no_long_time(loader: ScenarioLoader) -> None:
    text = "scenario: x\nsteps:\n" + "".join(f"- lead: create note Naaaa{n}\n" for n in range(400))
    text += "".join(f"- lead: delete Maaaa{n}\n" for n in range(400))
    found = loader.load_bytes(text.encode(), "f").diagnostics
    assert len(found) == 201
    assert max(len(d.message) for d in found) < 5000


def test_line_and_caret_where_an_editor_sees_them(loader: ScenarioLoader) -> None:
    text = 'scenario: x\nabout: "a\x85b"\nsteps:\n  - {lead: create note N1, text: 状态, kind: nots}\n'
    (found,) = loader.load_bytes(text.encode(), "f").diagnostics
    assert found.excerpt is not None
    assert "kind" in found.excerpt
    *_, excerpt, caret = phrases.diagnostic(found).splitlines()
    assert cell_len(caret[: caret.index("^")]) == cell_len(excerpt[: excerpt.index("kind")])


def test_links_to_directories_count_and_loops_end(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: accept\n")
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "loop").symlink_to(tmp_path / "real")
    code, out, _ = cli("run", tmp_path / "all")
    assert code == 1
    assert "1 scenario: 0 passed, 1 failed" in out


def test_what_cannot_be_listed_is_told(
    cli: Run, loader: ScenarioLoader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: complete\n    expect: {status: Complete}\n")
    listed = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    code, out, err = cli("run", tmp_path)
    assert code == 2
    assert f"{tmp_path}/closed:1:1: unreadable: it cannot be listed: Permission denied" in err
    assert "1 passed" in out


def test_a_tree_without_end_is_looked_through_so_far_and_told(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simsync.scenarios.loading.MOST_FOLDERS", 3)
    for number in range(5):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}" / "up").symlink_to("..")
        (tmp_path / f"{number}" / "a.yaml").write_text(
            "scenario: x\nsteps:\n  - lead: complete\n    expect: {status: Complete}\n"
        )
    code, out, err = cli("run", tmp_path)
    assert code == 2
    told = (
        "too-many: there are more than 3 directories under it, and what comes after them is not run; name the one that"
    )
    assert f"{tmp_path}:1:1: {told}" in err
    assert out.count("1 passed") == 2


def test_a_directory_with_several_names_is_looked_through_once(loader: ScenarioLoader, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.yaml").write_text(
        "scenario: x\nsteps:\n  - lead: complete\n    expect: {status: Complete}\n"
    )
    for name in ("b", "s"):
        (tmp_path / name).symlink_to("real")
    assert [file.path for file in loader.load([str(tmp_path)])] == [f"{tmp_path}/b/a.yaml"]


def test_of_many_directories_that_cannot_be_listed_the_first_are_told(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simsync.scenarios.loading.MOST_TOLD", 2)
    for number in range(5):
        (tmp_path / f"closed{number}").mkdir()
    listed = os.scandir

    def scandir(path: str) -> object:
        if "closed" in os.path.basename(path):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    code, _, err = cli("run", tmp_path)
    told = [line for line in err.splitlines() if "unreadable" in line]
    assert (code, len(told)) == (2, 3)
    assert (
        told[-1]
        == f"{tmp_path}/closed4:1:1: unreadable: it cannot be listed: Permission denied; the same goes for 2 more"
    )


def test_where_no_scenarios_are_it_is_said_that_none_are_named(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = cli("run")
    none = "scenarios:1:1: not-found: none are named, and there is no directory of this name here"
    assert code == 2
    assert err.startswith(
        f"{none}; the rules that ship with simsync are in {ROOT / 'machines'}; to begin: simsync init"
    )
    (tmp_path / "machines").symlink_to(ROOT / "tests" / "policies" / "atelier")
    assert cli("run")[::2] == (2, f"{none}\n")
