"""vdirsyncer itself is held against its policy: what it is known to lose is found, with what it comes of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import ROOT, Run, besides_the_plan
from systems.needed import needs

POLICY = ROOT / "examples" / "policies" / "vdirsyncer"
SYSTEM = "examples.policies.vdirsyncer.system"

pytestmark = [pytest.mark.thorough, needs("vdirsyncer", module=True)]


def conform(cli: Run, factory: str, *more: object) -> tuple[int, str]:
    code, out, err = cli("conform", "--machines", POLICY / "machines", "--sut-python", f"{SYSTEM}:{factory}", *more)
    assert besides_the_plan(err) == ""
    return code, out


def test_what_its_project_promises_it_does(cli: Run) -> None:
    code, out = conform(cli, "errors", POLICY / "scenarios")
    assert (code, out.splitlines()[0].rpartition(": ")[2]) == (0, "conforms")


def test_the_default_campaign_finds_the_lost_update(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(POLICY)
    monkeypatch.syspath_prepend(str(POLICY))
    code, out, _ = cli("conform", "--sut-python", "system:errors", "--format", "json")
    told = json.loads(out)
    assert (code, told["verdict"]) == (1, "diverges")
    assert [finding["rules"][0] for finding in told["divergences"]] == ["copies-copy", "copies-original"]
    condition = "where the text is again what the acting storage had before the other's last change came"
    for finding in told["divergences"]:
        assert len(finding["scenario"]["steps"]) == 6
        assert finding["explanation"]["about"].endswith(condition)


@pytest.mark.parametrize(("factory", "option"), [("errors", "error"), ("a_wins", "a_wins"), ("b_wins", "b_wins")])
def test_a_setting_that_nobody_tells_is_found_out(cli: Run, factory: str, option: str) -> None:
    code, out = conform(cli, factory, "--infer-readings", "--format", "json")
    told = json.loads(out)
    reading = told["readings"]["conflict_resolution"]
    assert (code, reading["verdict"], reading["option"]) == (0, "settled", option)


def test_so_does_its_command_line(cli: Run, tmp_path: Path) -> None:
    story = tmp_path / "lost.yaml"
    story.write_text(
        "scenario: Back to what it was\nsteps:\n"
        "  - a: create event E1\n    ics: as it was\n  - timer: sync\n"
        "  - a: edit E1\n    ics: otherwise\n  - timer: sync\n"
        "  - b: edit E1\n    ics: as it was\n  - timer: sync\n"
    )
    given = ("--machines", POLICY / "machines", "--sut-python", f"{SYSTEM}:command_line", "--timeout", 60)
    code, out, _ = cli("conform", *given, story, "--format", "json")
    told = json.loads(out)
    assert (code, told["verdict"]) == (1, "diverges")
    assert [finding["rules"][0] for finding in told["divergences"]] == ["copies-copy"]


def test_the_readme_tells_what_is_found(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(POLICY)
    monkeypatch.syspath_prepend(str(POLICY))
    _, out, _ = cli("conform", "--sut-python", "system:errors")
    told = (ROOT / "README.md").read_text().partition("```text\nvdirsyncer")[2].partition("```")[0]
    printed = out.splitlines()
    assert told
    assert [line for line in f"vdirsyncer{told}".splitlines() if line and line not in printed] == []
