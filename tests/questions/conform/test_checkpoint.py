"""A campaign that is ended anywhere, and gone on with, says what it would have said."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from overlapping import KILLED, RoundSystem, last_is_lost
from simsync import load_model
from simsync.app import load_scenarios
from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.checkpoint import Kept, may_keep, read
from simsync.questions.conform.campaign.packing import packed, unpacked
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.stopping import Stop
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, Report
from simsync.questions.conform.report.as_json import as_json
from simsync.questions.conform.report.text import as_text
from simsync.questions.conform.systems.direct import by_object

SOURCES = {"walks": 2, "overlap": OverlapOptions(wanted=True, drives=20)}
OTHERWISE = {"late_publish": "never"}


class Ending(RoundSystem):
    """Goes wrong one action at a time, where actions overlap and where it is disrupted, and has the campaign end."""

    def __init__(self, model: Model, stop: Stop | None = None, after: int = 0) -> None:
        super().__init__(
            model.under(OTHERWISE) if "late_publish" in model.readings else model, last_is_lost, disruptions=[KILLED]
        )
        self.stop, self.left = stop, after

    def handle(self, request: Mapping[str, Any]) -> Any:
        self.left -= 1
        if self.stop is not None and self.left == 0:
            self.stop.ask("that is enough")
        return self.disrupt(request["what"]) if request["op"] == "disrupt" else super().handle(request)


def made(model: Model, kept: Kept | None = None, after: int = 0, walks: int = 2) -> Report:
    shipped = "Declined" in model.status_spec.states
    scenarios = load_scenarios(ROOT / "scenarios" / "internal_items.yaml", model=model)[:8] if shipped else ()
    stop = Stop()
    system = Ending(model, stop if after else None, after)
    pool = Pool(lambda _: by_object(system.handle, model), 1)
    sources = Sources(scenarios=scenarios, **{**SOURCES, "walks": walks})  # type: ignore[arg-type] # its fields
    return campaign(pool, model, sources, Terms(), stop=stop, kept=kept)


def told(report: Report) -> str:
    return "\n".join([json.dumps(as_json(report, {})), *(line for line, _ in as_text(report, {}))])


@pytest.mark.thorough
def test_ended_anywhere_and_gone_on_with_it_says_the_same(model: Model, tmp_path: Path) -> None:
    whole = made(model)
    assert whole.findings
    assert whole.rounds
    assert whole.rounds.findings
    assert whole.rounds.struck
    kept, ends = str(tmp_path / "kept"), [*range(1, whole.requests, whole.requests // 10)]
    assert len(ends) >= 10
    for after in ends:
        keeping = Kept(model, kept)
        ended = made(model, keeping, after)
        assert ended.verdict is CampaignVerdict.INTERRUPTED
        going_on = Kept(model)
        if os.path.exists(kept):
            going_on.resume(kept)
        assert told(made(model, going_on)) == told(whole), after


@pytest.mark.thorough
def test_ended_again_and_again_it_comes_to_its_end(model: Model, tmp_path: Path) -> None:
    whole, kept = made(model), str(tmp_path / "kept")
    reports: list[Report] = []
    while len(reports) < 100:
        keeping = Kept(model, kept)
        if os.path.exists(kept):
            keeping.resume(kept)
        reports.append(made(model, keeping, whole.requests // 6))
        if not reports[-1].interrupted:
            break
    assert len(reports) > 5
    assert told(reports[-1]) == told(whole)


KILLING = """
import os, signal
from overlapping import KILLED, RoundSystem, last_is_lost
from simsync import load_model

class Killing(RoundSystem):
    left = int(os.environ["LEFT"])
    def handle(self, request):
        Killing.left -= 1
        if Killing.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.disrupt(request["what"]) if request["op"] == "disrupt" else super().handle(request)

def system():
    one = Killing(load_model(MACHINES).under({"late_publish": "never"}), last_is_lost, disruptions=[KILLED])
    return one.handle
"""


@pytest.mark.thorough
def test_killed_it_has_kept_what_it_saw(tmp_path: Path) -> None:
    place = tmp_path / "killing.py"
    place.write_text(KILLING.replace("MACHINES", repr(str(ROOT / "machines"))))
    path = os.pathsep.join([str(tmp_path), str(ROOT / "tests"), str(ROOT)])
    kept = str(tmp_path / "kept")

    def run(left: int, *more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "simsync", "conform", "--sut-python", "killing:system", "--rounds", "20"]
        command += [str(ROOT / "scenarios" / "internal_items.yaml"), "--overlap", "--checkpoint", kept, *more]
        environment = {**os.environ, "PYTHONPATH": path, "LEFT": str(left)}
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

    whole = run(-1)
    assert whole.returncode == 1, whole.stderr
    os.unlink(kept)
    third = int(re.findall("  ([0-9,]+) requests", whole.stdout)[0].replace(",", "")) // 3
    first = run(third)
    assert first.returncode == -signal.SIGKILL, first.stderr
    assert run(third, "--resume", kept).returncode == -signal.SIGKILL
    last = run(-1, "--resume", kept)
    assert last.stdout == whole.stdout


def test_of_another_campaign_it_is_refused(model: Model, tmp_path: Path) -> None:
    path = str(tmp_path / "kept")
    made(model, Kept(model, path), after=60)

    def refusal(of: Model, walks: int = 2) -> str:
        going_on = Kept(of)
        going_on.resume(path)
        with pytest.raises(SimsyncError) as found:
            made(of, going_on, walks=walks)
        return str(found.value)

    assert "it is for --random 2, not 3; say so" in refusal(model, walks=3)
    assert "it is under other readings" in refusal(load_model(ROOT / "machines", {"charges": "unsynced"}))
    assert "it is of other rules" in refusal(load_model(ROOT / "tests" / "policies" / "atelier"))


def test_what_is_no_checkpoint_is_told_and_left_alone(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    made(model, Kept(model, str(path)), after=60)
    may_keep(str(path))
    content = path.read_bytes()
    for damaged in (content[:-1], content[:10], b"", content.replace(b"simsync", b"Simsync", 1)):
        path.write_bytes(damaged)
        with pytest.raises(SimsyncError, match="it is no checkpoint of a campaign, or it is damaged"):
            Kept(model).resume(str(path))
    path.write_text("mine")
    with pytest.raises(SimsyncError, match="it is left as it is"):
        may_keep(str(path))
    with pytest.raises(SimsyncError, match="there is no such file"):
        Kept(model).resume(str(tmp_path / "nowhere"))


class Calls:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("exit 1",)


def test_nothing_is_called_by_what_is_read(model: Model) -> None:
    with pytest.raises(pickle.UnpicklingError, match=r"'\w+.system' holds no values"):
        unpacked(packed(Calls(), model), model)


@pytest.mark.parametrize("blob", [b"csimsync.__main__\nentry\n.", b"cos\nsystem\n(S'touch ran'\ntR."])
def test_nothing_is_imported_or_run_by_a_checkpoint(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blob: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("simsync.cli.entry", lambda: (tmp_path / "ran").touch())
    monkeypatch.delitem(sys.modules, "simsync.__main__", raising=False)
    path = tmp_path / "kept"
    made(model, Kept(model, str(path)), after=60)
    kind, _, body = path.read_bytes().split(b"\n", 2)
    body += len(zlib.compress(blob)).to_bytes(8, "big") + zlib.compress(blob)
    path.write_bytes(b"\n".join([kind, hashlib.sha256(body).hexdigest().encode(), body]))
    going_on = Kept(model)
    going_on.resume(str(path))
    with pytest.raises(SimsyncError, match="it is no checkpoint of a campaign, or it is damaged"):
        made(model, going_on)
    assert not (tmp_path / "ran").exists()
    assert "simsync.__main__" not in sys.modules


def test_on_the_command_line(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    asked = ("conform", "--sut-python", "simsync.reference:system", str(ROOT / "scenarios" / "copies.yaml"))
    code, whole, err = cli(*asked)
    assert code == 0, err
    code, out, err = cli(*asked, "--checkpoint", kept)
    assert (code, out) == (0, whole), err
    assert cli(*asked, "--resume", kept)[:2] == (0, whole)
    code, _, err = cli(*asked, "--resume", kept, "--seed", 3)
    assert code == 2
    assert "this campaign cannot be gone on with: it is for --seed 0, not 3; say so" in err
    code, _, err = cli(*asked, "--resume", kept, "--infer-readings")
    assert code == 2


def test_a_plan_says_what_was_done_before_and_refuses_another_campaign(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    asked = ("conform", "--sut-python", "simsync.reference:system", "--random")
    code, _, err = cli(*asked, 2, "--checkpoint", kept)
    assert code == 0, err
    content = kept.read_bytes()
    code, out, err = cli(*asked, 2, "--resume", kept, "--plan")
    assert code == 0, err
    assert "90 requests were made before" in out
    code, out, err = cli(*asked, 3, "--resume", kept, "--plan")
    assert (code, out) == (2, "")
    assert "it is for --random 2, not 3; say so" in err
    assert kept.read_bytes() == content


def test_where_nothing_can_be_kept_nothing_is_asked(cli: Run, model: Model, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere" / "kept")
    code, out, err = cli("conform", "--sut-python", "simsync.reference:system", "--random", 1, "--checkpoint", nowhere)
    assert (code, out) == (2, "")
    assert "there is no such directory to keep it in" in err
    system = Ending(model)
    pool = Pool(lambda _: by_object(system.handle, model), 1)
    with pytest.raises(SimsyncError, match="what is seen cannot be kept there: No such file or directory"):
        campaign(pool, model, Sources(walks=1), Terms(), kept=Kept(model, nowhere))
    assert system.left == -1  # but for what it can do


def test_what_cannot_be_kept_any_longer_is_told_all_the_same(model: Model, tmp_path: Path) -> None:
    place = tmp_path / "there"
    place.mkdir()
    kept = Kept(model, str(place / "kept"))
    system = Ending(model)

    def handle(request: Mapping[str, Any]) -> Any:
        if request["op"] != "hello" and place.exists():
            shutil.rmtree(place)
        return system.handle(request)

    pool = Pool(lambda _: by_object(handle, model), 1)
    report = campaign(pool, model, Sources(walks=2), Terms(), kept=kept)
    assert report.sequences == 2
    assert f"not all of what was seen is kept in {place / 'kept'}: No such file or directory" in report.notes


def test_what_is_done_after_going_on_is_kept_too(model: Model, tmp_path: Path) -> None:
    path = str(tmp_path / "kept")
    made(model, Kept(model, path), after=60)
    many = [len(read(path)[2])]
    for _ in range(2):
        again = Kept(model)
        again.resume(path)
        made(model, again, after=60)
        many.append(len(read(path)[2]))
    assert many[0] < many[1] < many[2]
