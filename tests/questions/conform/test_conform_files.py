"""What a campaign is given - mappings, known deviations, sequences - and the reports that it gives."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from campaigns import ATELIER, FEW, judged
from conftest import Run
from simsync.engine.trace import Trace, simulate
from simsync.errors import SimsyncError
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict
from simsync.questions.conform.report.text import seen_in
from simsync.questions.conform.sequences.drives import every_sequence, every_status_action
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.conform.systems.deviation import Deviation
from simsync.questions.conform.systems.files import load_deviations, load_names
from simsync.scenarios.shrinking import Shrinker
from systems import desks, program
from systems.desks import MODEL

OTHER_NAMES = """\
partners: {lead: customer, service: vendor}
kinds: {note: TicketNote, time entry: TimeEntry}
fields: {text: description, internal: publish}
shown: {internal_users_only: publish, text: description}
values: {internal: {true: 2, false: 1}, type: {file: FILE_ATTACHMENT}}
statuses: {In Progress: working}
actions: {insource complete: submit, create: add}
recipients: {primary contact: contact}
ids: true
unseen: [customer_visible]
"""


class Renamed:
    """The reference system behind other names, with ids of its own."""

    def __init__(self) -> None:
        self.system = desks.right()
        self.ids: dict[str, str] = {}

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        request = json.loads(json.dumps(request))
        ours = {
            "customer": "lead", "vendor": "service", "TicketNote": "note", "TimeEntry": "time entry",
            "working": "In Progress", "submit": "insource complete", "add": "create",
        }  # fmt: skip
        for key in ("actor", "kind", "status", "action"):
            if key in request:
                assert request[key] not in ours.values(), request
                request[key] = ours.get(request[key], request[key])
        if "fields" in request:
            fields = request["fields"]
            values = {"FILE_ATTACHMENT": "file"}
            renamed = {"description": "text", "publish": "internal"}
            request["fields"] = {renamed.get(n, n): values.get(v, v) for n, v in fields.items()}
            if "internal" in request["fields"]:
                request["fields"]["internal"] = {2: True, 1: False}[request["fields"]["internal"]]
        if request["op"] == "reset":
            self.ids = {}
        if request.get("action") == "create":
            self.ids[request["item"]] = f"#{len(self.ids) + 1}"
        elif "item" in request:
            (request["item"],) = [name for name, given in self.ids.items() if given == request["item"]]
        answer = self.system.handle(request)
        if request.get("action") == "create" and "ok" in answer:
            answer["id"] = self.ids[request["item"]]
        return self._shown(answer) if request["op"] == "observe" else answer

    def _shown(self, answer: dict[str, Any]) -> dict[str, Any]:
        kinds = {"note": "TicketNote", "time entry": "TimeEntry"}
        tickets = {}
        for partner, theirs in (("lead", "customer"), ("service", "vendor")):
            tickets[theirs] = {
                self.ids[name]: {
                    "kind": kinds.get(view["kind"], view["kind"]),
                    "description": view["text"],
                    **({"publish": 2 if view["internal_users_only"] else 1} if "internal_users_only" in view else {}),
                    **({"type": view["type"].replace("file", "FILE_ATTACHMENT", 1) if view["type"] == "file"
                        else view["type"]} if "type" in view else {}),
                }
                for name, view in answer["tickets"][partner].items()
            }  # fmt: skip
        status = {"In Progress": "working"}.get(answer["status"], answer["status"])
        told = [one.replace("primary contact", "contact") for one in answer["notified"]]
        return {"status": status, "tickets": tickets, "notified": told}


def test_other_names_are_mapped(tmp_path: Path) -> None:
    (tmp_path / "names.yaml").write_text(OTHER_NAMES)
    names = load_names(str(tmp_path / "names.yaml"), MODEL)
    report = judged(Renamed, names=names)
    assert (report.verdict, report.faults) == (CampaignVerdict.CONFORMS, ())
    assert judged(Renamed, sources=FEW).verdict is not CampaignVerdict.CONFORMS


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        ("kindz: {}\n", ":1:1: unknown-key", "did you mean 'kinds'?"),
        ("kinds: {nite: X}\n", ":1:9: unknown-key", "did you mean 'note'?"),
        ("kinds: {note: X, charge: X}\n", ":1:18: duplicate-key", "'X' stands for two kinds, 'note' and 'charge'"),
        ("values: {internal: {true: 1, false: 1}}\n", ":1:30: duplicate-key", "two values of 'internal'"),
        ("cannot: [delete nots]\n", ":1:10: unknown-name", "did you mean 'delete note'?"),
        ("values: {internal: {true: [1]}}\n", ":1:27: wrong-type", "one name is wanted here, not a list"),
        ("", ":1:1: syntax", "the file says nothing"),
        ("a: b\n---\nc: d\n", ":3:1: syntax", "one YAML document"),
    ],
)
def test_a_bad_mapping_file_is_told_where(cli: Run, tmp_path: Path, text: str, where: str, told: str) -> None:
    path = tmp_path / "names.yaml"
    path.write_text(text)
    code, _, err = cli("conform", "--sut", program("noisy"), "--map", path)
    assert code == 2
    assert f"{path}{where}" in err
    assert told in err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {rule: own-delte, reason: x, expires: 2027-01-01}\n", "did you mean 'own-delete'? Nearest of "),
        ("- {rule: 7, reason: x, expires: 2027-01-01}\n", "'7' is not a rule id. Some of "),
        ("- {rule: [], reason: x, expires: 2027-01-01}\n", "a rule id is wanted here, not an empty list"),
        ("- {rule: own-delete, expires: 2027-01-01}\n", "needs the key 'reason'"),
        ("- {rule: own-delete, reason: x, expires: soon}\n", "a day, as in 2027-06-30"),
        ("- &a {rule: own-delete, reason: x, expires: 2027-01-01}\n- *a\n", "stands here twice"),
        ("deviation: []\n", "did you mean 'deviations'?"),
    ],
)
def test_a_bad_list_of_deviations_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "known.yaml"
    path.write_text(text)
    with pytest.raises(SimsyncError, match=r"known\.yaml:") as raised:
        load_deviations(str(path), MODEL)
    assert told in str(raised.value)
    assert all(len(one.message) < 200 for one in raised.value.diagnostics)


def test_both_forms_of_a_list_of_deviations(tmp_path: Path) -> None:
    entry = "{rule: own-delete, reason: x, expires: 2027-01-01}"
    (tmp_path / "a.yaml").write_text(f"- {entry}\n")
    (tmp_path / "b.yaml").write_text(f"deviations:\n  - {entry}\n")
    (tmp_path / "c.yaml").write_text("# none\n")
    one, other, none = (load_deviations(str(tmp_path / f"{n}.yaml"), MODEL) for n in "abc")
    assert one == other == (Deviation(rule="own-delete", reason="x", expires=date(2027, 1, 1)),)
    assert none == ()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "exactly one of --sut"),
        (("--sut", "a", "--sut-http", "http://x/"), "exactly one of --sut"),
        (("--sut", "'"), "the command cannot be read"),
        (("--sut", " "), "a command is wanted"),
        (("--sut-http", "ftp://x"), "is no address such as"),
        (("--sut-http", "http://[x"), "is no address"),
        (("--sut-http", "http://x/", "--jobs", "2"), "needs a --sut-http of its own"),
        (("--sut-python", "nothing"), "not of the form package.module:factory"),
        (("--sut-python", "no.such:thing"), "cannot be imported"),
        (("--sut-python", "simsync.reference:sistem"), "did you mean 'system'?"),
        (("--sut-python", "simsync.version:__version__"), "cannot be called"),
        (("--sut", "cat", "--known", "/nonexistent.yaml"), "no such file"),
        (("--sut", "cat", "--today", "soon"), "is no day such as"),
        (("--sut", "cat", "--timeout", "nan"), "'nan' is no number"),
        (("--sut", "cat", "--infer-readings", "--format", "html"), "printed as text or json"),
        (("--sut", "cat", "--infer-readings", "scenarios"), "PATH: usage: --infer-readings chooses for itself"),
        (("--sut", "cat", "--infer-readings", "--out", "x"), "--out: usage: --infer-readings chooses for itself"),
    ],
)
def test_bad_options_are_told(cli: Run, arguments: tuple[str, ...], told: str) -> None:
    code, _, err = cli("conform", *arguments)
    assert code == 2
    assert told in err


def test_a_module_that_ends_whoever_imports_it_is_told(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ending.py").write_text("raise SystemExit(0)")
    monkeypatch.syspath_prepend(tmp_path)
    code, _, err = cli("conform", "--sut-python", "ending:system")
    assert (code, "'ending' cannot be imported: SystemExit: 0" in err) == (2, True)


def test_a_bad_scenario_file_is_told_and_the_good_ones_are_driven(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("scenario: x\nsteps: [{lead: acept}]\n")
    (tmp_path / "good.yaml").write_text("scenario: y\nsteps: [{lead: complete}]\n")
    code, out, err = cli("conform", "--sut-python", "simsync.reference:system", tmp_path)
    assert (code, "bad.yaml:2:" in err) == (2, True)
    assert "1 sequence, 1 step judged" in out


def test_the_reports(cli: Run, tmp_path: Path) -> None:
    wrong = ("conform", "--sut-python", "systems.desks:wrong_for_reports", "scenarios/severing.yaml")
    code, out, _ = cli(*wrong, "--out", tmp_path / "found")
    assert code == 1
    assert "1. other-edit [S7 S15 S16]" in out
    assert "as if other-edit did not fire 'sever': that explains everything that was observed (" in out
    assert str(tmp_path / "found" / "other-edit.yaml") in out
    picture = (tmp_path / "found" / "other-edit.svg").read_text()
    assert ElementTree.fromstring(picture).tag.endswith("svg")
    assert "the rules" in picture
    assert cli("run", tmp_path / "found")[0] == 0
    assert cli(*wrong, "--out", tmp_path / "found")[0] == 1  # its own files are written anew
    (tmp_path / "found" / "other-edit.yaml").write_text("mine  # for simsync")
    code, out, err = cli(*wrong, "--out", tmp_path / "found")
    assert (code, "was not written by simsync" in err) == (2, True)
    assert "1. other-edit" in out  # what was found is told all the same
    assert (tmp_path / "found" / "other-edit.yaml").read_text() == "mine  # for simsync"
    (tmp_path / "found" / "other-edit.yaml").unlink()
    (tmp_path / "found" / "other-edit.svg").write_text("<svg>my drawing</svg>")
    assert cli(*wrong, "--out", tmp_path / "found")[0] == 2
    assert "my drawing" in (tmp_path / "found" / "other-edit.svg").read_text()
    _, out, _ = cli(*wrong, "--format", "json")
    (one,) = json.loads(out)["divergences"]
    assert (one["rules"][0], one["sources"][-1]) == ("other-edit", "S18")
    assert one["expected"]["tickets"] != one["actual"]["tickets"]
    _, out, _ = cli(*wrong, "--format", "junit")
    suite = ElementTree.fromstring(out)
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")
    assert len(suite.findall(".//failure")) == 1
    _, out, _ = cli(*wrong, "--format", "html")
    assert "<svg" in out
    assert "<b>S16</b> " in out
    assert re.search(
        r"It was seen in \d+ sequences?, each of \d+ times that it was tried: scenarios/severing.yaml:\d+", out
    )


def test_a_report_names_the_first_few_of_many_sequences() -> None:
    (finding,) = judged(desks.changed("other-edit", "did not fire 'sever'"), sources=FEW).findings
    many = replace(finding, seen_in=tuple(f"sequence {number} of depth 3" for number in range(1, 1001)))
    times = finding.recurrence.tries
    assert seen_in(many).startswith(
        f"seen in 1,000 sequences, each of {times} times that it was tried: sequence 1 of depth 3, sequence 2"
    )
    assert seen_in(many).endswith("and 992 more")


@pytest.mark.thorough
def test_the_report_of_an_error_and_of_what_was_not_tested(cli: Run) -> None:
    _, out, _ = cli("conform", "--sut", program("crash", 9), "--format", "junit", "scenarios/severing.yaml")
    assert int(ElementTree.fromstring(out).get("errors") or 0) >= 1
    _, out, _ = cli("conform", "--sut", program("crash", 9), "--format", "html", "scenarios/severing.yaml")
    assert "the disk is full" in out
    code, out, _ = cli("conform", "--sut-python", "systems.desks:lacking")
    assert code == 0
    assert "since this system cannot: delete note" in out
    _, out, _ = cli("conform", "--sut-python", "systems.desks:lacking", "--format", "junit")
    assert int(ElementTree.fromstring(out).get("skipped") or 0) > 10


def test_known_deviations_on_the_command_line(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text(
        "- {rule: other-edit, reason: ticket 7, expires: 2027-01-31}\n"
        "- {rule: own-edit, reason: mended, expires: 2027-01-31}\n"
    )
    wrong = ("conform", "--sut-python", "systems.desks:wrong_for_reports", "scenarios/severing.yaml")
    code, out, _ = cli(*wrong, "--known", tmp_path / "known.yaml", "--today", "2027-01-01")
    assert code == 0
    assert "known until 2027-01-31: ticket 7" in out
    assert "it does what the rules say but for 1 known deviation" in out
    assert "would have come to after a known deviation" in out
    ended = cli(*wrong, "--known", tmp_path / "known.yaml", "--today", "2027-01-01", "--max-divergences", "1")
    assert ended[:2] == (0, out)
    assert "known deviation not seen: own-edit" in out
    code, out, _ = cli(*wrong, "--known", tmp_path / "known.yaml", "--today", "2027-02-01")
    assert code == 1
    assert "known deviation expired on 2027-01-31: other-edit" in out


def test_walks_are_the_same_for_the_same_seed_and_cover_nearly_every_rule() -> None:
    one, same, other = ([d.trace for d in walks(MODEL, seed, 30)] for seed in (0, 0, 1))
    assert one == same != other
    rules = {rule for d in walks(MODEL, 0, 100) for o in simulate(MODEL, d.trace) for rule in o.rules}
    missed = {row.id for lookup in MODEL.tables.values() for row in lookup.table.rows} - rules
    assert len(missed) <= 2


def test_every_sequence_of_a_depth() -> None:
    ones = list(every_sequence(ATELIER, 1))
    twos = list(every_sequence(ATELIER, 2))
    assert {len(d.trace.events) for d in ones} == {1}
    assert {len(d.trace.events) for d in twos} == {1, 2}
    assert len({d.trace for d in twos}) == len(twos) > len(ones)
    assert [d.source for d in twos] == [f"sequence {number:,} of depth 2" for number in range(1, len(twos) + 1)]
    assert all(
        outcome.refused is not None for d in twos if len(d.trace.events) == 1 for outcome in simulate(ATELIER, d.trace)
    )


def test_every_status_action_is_tried_in_every_status() -> None:
    done = {(d.trace.status, e.actor, e.action) for d in every_status_action(MODEL) for e in d.trace.events}
    triggers = MODEL.factory.triggers
    assert len(done) == len(MODEL.status_spec.states) * len(triggers) * len(MODEL.vocabulary.partners)


def test_shrinking_finds_the_steps_that_matter() -> None:
    (drive,) = list(walks(MODEL, 3, 1))
    wanted = drive.trace.events[2].action, drive.trace.events[-1].action

    def fails(trace: Trace) -> bool:
        actions = [event.action for event in trace.events]
        return wanted[0] in actions and wanted[1] in actions

    small = Shrinker(MODEL.factory, fails, lambda _: (), pairs_up_to=0).shrink(drive.trace)
    assert fails(small)
    assert len(small.events) <= 4
