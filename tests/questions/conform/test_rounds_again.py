"""Rounds with disruptions, written to a file and done again alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conftest import Run
from overlapping import RoundSystem, lost_when_killed, rounds_of
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.errors import SimsyncError
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.overlap.fates import FateKind
from simsync.questions.conform.overlap.rounds import Disruption, RoundsDrive
from simsync.questions.conform.overlap.written import as_written, read_drive
from simsync.questions.conform.report.rounds import findings_text, first_alike, rounds_json
from simsync.questions.conform.systems.direct import by_object

KILLED = Disruption("worker killed")
MADE = Event(actor="service", action="create", item="N1", kind="note", fields={"text": "é\n", "internal": False})
DRIVE = RoundsDrive(
    status="In Progress", rounds=((MADE, KILLED), (KILLED,), (Event(actor="lead", action="complete"),)), source="made"
)
EMPTY = Report(name="", model=load_model(), seed=0, sequences=0, steps=0)
MORE = ("--overlap", "--rounds", 30, "--random", 1)


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system that loses what was done before its worker is killed, as an option names it."""
    (tmp_path / "killed.py").write_text(
        "from overlapping import KILLED, RoundSystem, lost_when_killed\nfrom simsync import load_model\n"
        "def system():\n    return RoundSystem(load_model(), lost_when_killed, disruptions=[KILLED])\n"
        "def right():\n    return RoundSystem(load_model(), disruptions=[KILLED])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return "killed:system"


def test_what_is_written_is_read_back(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "one.rounds"
    path.write_text("# Written by somebody\n" + as_written(DRIVE), encoding="utf-8")
    read = read_drive(str(path), model)
    assert (read.status, read.rounds, read.source) == (DRIVE.status, DRIVE.rounds, str(path))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[", "this is no JSON"),
        ("[]", 'an object with "given" and a list of "rounds" is wanted'),
        ('{"given": "Inprogress", "rounds": []}', "In Progress"),
        ('{"given": "Accepted", "rounds": []}', '"rounds" is empty'),
        ('{"given": "Accepted", "rounds": [[]]}', "a round is a list of actions and disruptions"),
        ('{"given": "Accepted", "rounds": [[{"actor": "lead"}]]}', "an action has an"),
        ('{"given": "Accepted", "rounds": [[{"actor": "lead", "action": 1}]]}', "an action has an"),
        (
            '{"given": "Accepted", "rounds": [[{"actor": "lead", "action": "edit", "item": "N1", "fields": 1}]]}',
            '"fields" is an object',
        ),
        (
            '{"given": "Accepted", "rounds": [[{"actor": "lead", "action": "edit", "item": "N1", "fields": {}}]]}',
            "N1",
        ),
    ],
)
def test_what_makes_no_sense_is_a_sentence(model: Model, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "bad.rounds"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SimsyncError) as raised:
        read_drive(str(path), model)
    assert str(path) in str(raised.value)
    assert sentence in str(raised.value)


def test_a_file_that_is_not_there_is_a_sentence(cli: Run, killed: str) -> None:
    code, _, err = cli("conform", "--sut-python", killed, "--again", "nowhere.rounds")
    assert code == 2
    assert "nowhere.rounds:1:1: not-found: there is no such file or directory" in err


@pytest.mark.thorough
def test_a_finding_is_seen_again_alone_with_how_often_it_comes(cli: Run, killed: str, tmp_path: Path) -> None:
    asked = ("conform", "--sut-python", killed)
    code, out, err = cli(*asked, *MORE, "--out", tmp_path / "found")
    assert code == 1, out + err
    assert "--again DIR/overlap-1.rounds does it again alone" in out
    written = tmp_path / "found" / "overlap-1.rounds"
    code, out, err = cli(*asked, "--again", written)
    assert code == 1, out + err
    assert "in one drive, again and again" in out
    assert "done again, it came 20 of 20 times" in out
    assert "disruptions: 20 (" in out
    code, out, err = cli("conform", "--sut-python", "killed:right", "--again", written, "--rounds", 3)
    assert code == 0, out + err
    assert "each explained by some order of its actions" in out


def test_what_means_nothing_beside_it_is_refused(cli: Run, killed: str) -> None:
    code, _, err = cli("conform", "--sut-python", killed, "--again", "some.rounds", "--random", 3)
    assert code == 2
    assert "--random: usage: --again does only the rounds of its file; leave this out" in err


def test_findings_of_the_same_rules_and_with_the_same_loss_are_told_as_alike(model: Model) -> None:
    system = by_object(RoundSystem(model, lost_when_killed, disruptions=[KILLED.what]), model)
    found = rounds_of(system, model, OverlapOptions(drives=20))
    one = found.findings[0]
    other = replace(one, fates=(replace(one.fates[0], kind=FateKind.CAME_BACK),))
    told_twice = replace(found, findings=(one, other, replace(one, seen=7)))
    assert first_alike(told_twice.findings) == [1, 2, 1]
    lines = [line for line, _ in findings_text(replace(EMPTY, rounds=told_twice))]
    heads = [line for line in lines if "overlap" in line and "--" not in line]
    assert [head.partition(".")[0] for head in heads if not head.startswith(" ")] == ["overlap 1", "overlap 2"]
    assert heads[1].startswith("   overlap 3, which may have the cause of overlap 1: ")
    as_json = rounds_json(replace(EMPTY, rounds=told_twice))
    assert as_json is not None
    assert [finding["like"] for finding in as_json["findings"]] == [1, 2, 1]


def test_a_disruption_that_the_system_does_not_name_is_bad_input(cli: Run, killed: str, tmp_path: Path) -> None:
    path = tmp_path / "other.rounds"
    path.write_text('{"given": "Accepted", "rounds": [[{"disrupt": "worker kiled"}]]}')
    code, out, err = cli("conform", "--sut-python", killed, "--again", path)
    assert (code, out) == (2, "")
    assert "'worker kiled' is not a disruption that this system names" in err
    assert "'worker killed'" in err
