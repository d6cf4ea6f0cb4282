"""A system under test gets the right verdict, with the right rule; what cannot be judged is never called right."""

from __future__ import annotations

import json
import re
import select
import shlex
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conftest import ROOT, Run
from simsync.analysis.system.conformity import Report, Verdict
from simsync.analysis.system.drives import Drive, every_sequence, every_status_action, shrunk, simulated
from simsync.analysis.system.walks import walks
from simsync.app import load_model, load_scenarios
from simsync.conformance.pipe import PipeConnection
from simsync.conformance.protocol import Limits, Shown, SystemFault, answered_of, hello_of, observed_of, ok_of, parsed
from simsync.conformance.python import PythonConnection
from simsync.conformance.sut import Settling, System
from simsync.conformance.translation import Translation
from simsync.conformance.web import WebConnection
from simsync.conforming.campaign import Terms, campaign
from simsync.conforming.pictures import picture
from simsync.conforming.plan import Sources
from simsync.conforming.pool import Pool
from simsync.core.facts import CREATE, DELETE, EDIT
from simsync.core.model import Model
from simsync.core.simulate import run_scenario
from simsync.errors import SimsyncError
from simsync.loading.scenarios import ScenarioLoader
from simsync.loading.system_files import load_deviations, load_names
from simsync.model.deviation import Deviation
from simsync.model.mapping import SAME, Names
from simsync.reporting.conformance import remaining, scenario, seen_in
from simsync.reporting.expected import expected_yaml
from systems import desks, program
from systems.desks import MODEL

SCENARIOS = load_scenarios(ROOT / "scenarios", model=MODEL)
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


TERMS, SETTLING = Terms(), Settling()


def judged(
    make: Callable[[], Any],
    *,
    model: Model = MODEL,
    sources: Sources | None = None,
    names: Names = SAME,
    terms: Terms = TERMS,
    settling: Settling = SETTLING,
    jobs: int = 1,
) -> Report:
    connect = partial(PythonConnection, make)
    pool = Pool(lambda _number: System(connect, model, names, Limits(seconds=5), settling), jobs)
    scenarios = SCENARIOS if model is MODEL else ()
    try:
        return campaign(pool, model, sources or Sources(scenarios=scenarios, walks=25, systematic=True), terms)
    finally:
        pool.close()


FEW = Sources(scenarios=SCENARIOS[:40])


def test_a_right_system_conforms() -> None:
    report = judged(desks.right)
    assert report.verdict is Verdict.CONFORMS
    assert (report.findings, report.faults, report.untested) == ((), (), ())
    assert report.sequences == report.conforming > 170
    assert report.not_applicable == sum(any(MODEL.readings[r] != o for r, o in s.readings.items()) for s in SCENARIOS)


WRONG = [
    ("other-edit", "did not sever", "S16"),
    ("other-delete", "did not sever", "S18"),
    ("own-delete", "meant that nothing crosses over", "S6"),
    ("service-note-copy", "made the copy's internal false", "S12"),
    ("service-attachment-copy", "made the copy's internal false", "S13"),
    ("lead-time-entry-copy", "made the copy a time entry", "S10"),
    ("internal-not-shareable", "said shareable: true", "S11"),
    ("address-not-shareable", "said shareable: true", "S14"),
    ("resume-delivers", "meant that nothing crosses over", "S21"),
    ("time-entry-announced", "told nobody", "S19"),
    ("status-emails", "told nobody", "S5"),
    ("own-create-ended", "meant that it is delivered", "S8"),
    ("own-create-held", "meant that it is delivered", "S20"),
    ("lead-approves", "led to In Progress", "S22"),
    ("no-ticket-yet", "were allowed", "S2"),
]


@pytest.mark.parametrize(("rule", "about", "statement"), WRONG)
def test_a_system_wrong_in_one_rule_is_found_and_the_rule_is_named(rule: str, about: str, statement: str) -> None:
    report = judged(desks.changed(rule, about, "Waiting Approval"))
    assert report.verdict is Verdict.DIVERGES
    first = report.findings[0]
    assert first.rules[0].id == rule
    assert statement in first.rules[0].sources
    assert len(first.driven.drive.events) <= 4


@pytest.mark.parametrize(
    ("make", "steps"),
    [(desks.ByTitle, 2), (desks.TwiceAtResume, 2), (desks.NotifiedTwice, 2)],
    ids=lambda one: str(one),
)
def test_faults_that_take_several_items_are_found(make: type[desks.Faulty], steps: int) -> None:
    report = judged(partial(make, MODEL))
    assert report.verdict is Verdict.DIVERGES
    assert len(report.findings[0].driven.drive.events) == steps
    assert all(one.explanation is None or not one.explanation.everything for one in report.findings)


def test_a_finding_replays_as_a_scenario_in_which_the_rules_have_everything() -> None:
    report = judged(desks.changed("other-edit", "did not sever"), sources=FEW)
    for finding in report.findings:
        text = expected_yaml(scenario(report, finding))
        file = ScenarioLoader(MODEL.workshop).load_bytes(text.encode(), "found.yaml")
        assert file.diagnostics == ()
        assert run_scenario(MODEL, file.scenarios[0]).passed
        assert [one.event for one in file.scenarios[0].steps] == list(finding.driven.drive.events)
        assert sum(len(one.checks) for one in file.scenarios[0].steps) > 5


@pytest.mark.parametrize(
    "readings",
    [{"resume": "discard"}, {"charge_sever": "follow"}, {"late_publish": "never", "emails_on_sync": "yes"}],
    ids=str,
)
def test_another_reading_is_recognised(readings: dict[str, str]) -> None:
    report = judged(desks.as_read(**readings))
    assert report.verdict is Verdict.DIVERGES
    for finding in report.findings:
        assert finding.explanation is not None
        assert (finding.explanation.readings, finding.explanation.everything) == (readings, True)


def test_a_rule_broken_for_one_kind_only_is_said_to_be_so() -> None:
    from simsync.analysis.system.variants import changes_of
    from simsync.reference import ReferenceSystem

    change = next(one for one in changes_of(MODEL, "other-edit", "In Progress") if one.about == "did not sever")
    (narrow,) = change.restricted({"kind": "attachment"})
    report = judged(lambda: ReferenceSystem(narrow.model))
    (finding,) = report.findings
    assert finding.rules[0].id == "other-edit"
    assert finding.explanation is not None
    assert finding.explanation.about == "as if other-edit did not sever where kind is attachment"


def test_two_wrong_rules_are_two_findings() -> None:
    from simsync.analysis.system.variants import changes_of
    from simsync.reference import ReferenceSystem

    one = next(c for c in changes_of(MODEL, "other-edit", "") if c.about == "did not sever").model
    both = next(c for c in changes_of(one, "time-entry-announced", "") if c.about == "told nobody").model
    report = judged(lambda: ReferenceSystem(both))
    assert {finding.rules[0].id for finding in report.findings} == {"other-edit", "time-entry-announced"}
    assert not any(f.explanation and f.explanation.everything for f in report.findings)


def test_another_policy_is_judged_by_its_own_words() -> None:
    from simsync.reference import ReferenceSystem

    assert judged(lambda: ReferenceSystem(ATELIER), model=ATELIER).verdict is Verdict.CONFORMS
    report = judged(lambda: ReferenceSystem(ATELIER.under({"quotes": "kept"})), model=ATELIER)
    assert report.findings[0].explanation is not None
    assert report.findings[0].explanation.readings == {"quotes": "kept"}


def test_a_system_that_cannot_jump_is_driven_there() -> None:
    report = judged(partial(desks.FromTheStart, MODEL), sources=FEW)
    assert report.verdict is Verdict.CONFORMS
    assert report.steps > judged(desks.right, sources=FEW).steps


def test_what_a_system_cannot_do_is_not_tested_and_counted() -> None:
    report = judged(partial(desks.Lacking, MODEL))
    assert report.verdict is Verdict.CONFORMS
    assert {one.lacks for one in report.not_tested} == {"delete note", "edit attachment"}
    assert report.sequences + len(report.not_tested) + report.not_applicable >= len(SCENARIOS) + 25


def test_a_late_system_is_given_time_and_a_wrong_one_is_not_excused() -> None:
    some = Sources(scenarios=SCENARIOS[:6])
    patient = Settling(seconds=0.2, quiet=0.001)
    assert judged(partial(desks.Slow, MODEL), sources=some, settling=patient).verdict is Verdict.CONFORMS
    assert judged(partial(desks.Slow, MODEL, settles=True), sources=some).verdict is Verdict.CONFORMS
    hasty = Settling(seconds=0)
    assert judged(partial(desks.Slow, MODEL), sources=some, settling=hasty).verdict is Verdict.DIVERGES
    wrong = desks.changed("own-create", "meant that nothing crosses over")().model
    report = judged(partial(desks.Slow, wrong), sources=Sources(scenarios=SCENARIOS[:2]), settling=patient)
    assert report.verdict is Verdict.DIVERGES


def test_what_comes_late_and_should_not_is_seen_after_the_last_step_and_laid_to_its_own(loader: ScenarioLoader) -> None:
    made = "scenario: a\nsteps:\n  - service: create note N1\n    internal: true\n"
    alone = loader.load_bytes(made.encode(), "a.yaml").scenarios
    later = loader.load_bytes(f"{made}  - service: create charge N2\n".encode(), "b.yaml").scenarios
    for scenarios in (alone, later):
        report = judged(desks.LeaksLate, sources=Sources(scenarios=scenarios))
        assert [finding.rules[0].id for finding in report.findings] == ["own-create-kept"]
        assert any("cannot say when synchronization rests" in note for note in report.notes)
    hasty = judged(desks.LeaksLate, sources=Sources(scenarios=alone), settling=Settling(quiet=0.0))
    assert hasty.verdict is Verdict.CONFORMS


AMBIGUOUS = [
    '{"status": "Canceled", "tickets": {}, "status": "In Progress"}',
    '{"status": "In Progress", "tickets": {"lead": {"N1": {}, "N1": {}}}}',
    '{"status": "In Progress", "tickets": {"lead": {"N1": {"text": NaN}}}}',
]


@pytest.mark.parametrize("answer", AMBIGUOUS)
def test_an_answer_that_can_be_read_in_two_ways_is_garbage(answer: str) -> None:
    with pytest.raises(SystemFault, match=r"twice in one object|is no number") as raised:
        parsed(answer.encode())
    assert raised.value.trouble == "garbage"


def test_what_is_shown_has_its_own_names_and_each_once() -> None:
    def read(names: Names, tickets: dict[str, Any], ids: dict[str, str] | None = None) -> Any:
        seen = Shown(status="In Progress", tickets=tickets, notified=())
        return Translation(MODEL, names).read(seen, ids or {}).tickets

    with pytest.raises(SystemFault, match="a ticket of 'third'"):
        read(SAME, {"lead": {}, "third": {}})
    both = read(replace(SAME, ids=True), {"lead": {"N1": {}, "7": {}}}, {"N1": "7"})["lead"]
    assert [*both] == ["N1, by a name that it should not have", "N1"]
    with pytest.raises(SystemFault, match="a ticket of 'lead, by a name that it should not have'"):
        read(replace(SAME, partners={"lead": "customer"}), {"lead": {}, "customer": {}})
    renamed = replace(SAME, values={"internal_users_only": {True: 2, False: 1}}, kinds={"note": "TicketNote"})
    shown = {"kind": "note", "internal_users_only": True}
    assert read(renamed, {"lead": {"N1": shown}})["lead"]["N1"] == {
        "kind": "note, by a name that it should not have",
        "internal_users_only": "True, by a name that it should not have",
    }
    right = {"kind": "TicketNote", "internal_users_only": 2}
    assert read(renamed, {"lead": {"N1": right}})["lead"]["N1"] == shown


def test_what_does_not_come_back_is_no_divergence_but_an_error() -> None:
    desks.Flaky.lost = False
    report = judged(partial(desks.Flaky, MODEL), sources=FEW)
    assert report.verdict is Verdict.ERROR
    assert [one.fault and one.fault.trouble for one in report.faults] == ["unstable"]


def test_a_campaign_ends_once_as_many_sequences_diverge_as_are_asked_for() -> None:
    wrong = desks.changed("other-edit", "did not sever")
    whole, short = judged(wrong), judged(wrong, terms=Terms(most_divergences=1))
    assert (short.verdict, whole.stopped) == (Verdict.DIVERGES, None)
    assert short.sequences < whole.sequences
    assert short.sequences - short.conforming == len(short.findings) == 1
    assert short.stopped == "once 1 of the sequences diverged, as asked for"


def test_a_campaign_does_not_end_at_what_is_known() -> None:
    known = Deviation(rule="other-edit", reason="ticket 7", expires=date(2030, 1, 1))
    wrong = desks.changed("other-edit", "did not sever")
    report = judged(wrong, terms=Terms(known=[known], most_divergences=1))
    assert (report.verdict, report.stopped) == (Verdict.CONFORMS, None)


def test_what_a_later_delivery_spoils_of_a_copy_is_laid_to_the_row_that_formed_it() -> None:
    report = judged(lambda: desks.FlagReset(MODEL))
    assert {"service-note-copy", "service-attachment-copy"} <= {one.rules[0].id for one in report.findings}
    assert all("S12" in one.rules[0].sources for one in report.findings)
    assert all("own-edit" in [rule.id for rule in one.rules] for one in report.findings)


@pytest.mark.unmeasured
def test_who_is_told_without_need_is_laid_to_the_row_by_which_he_is_told_elsewhere() -> None:
    (finding,) = judged(lambda: desks.EntriesToldAgain(MODEL)).findings
    assert [rule.id for rule in finding.rules][:2] == ["time-entry-announced", "time-entry-not-announced"]
    (finding,) = judged(lambda: desks.LeadEntriesTold(MODEL)).findings
    assert [rule.id for rule in finding.rules][:2] == ["time-entry-announced", "sync-is-silent"]


def test_nothing_run_is_no_verdict_in_favour() -> None:
    assert judged(desks.right, sources=Sources()).verdict is Verdict.ERROR


def test_jobs_give_the_same_report() -> None:
    make = desks.changed("own-delete", "meant that nothing crosses over")
    one, three = (judged(make, jobs=jobs) for jobs in (1, 3))
    assert [(f.rules, f.driven.drive, f.seen_in) for f in one.findings] == [
        (f.rules, f.driven.drive, f.seen_in) for f in three.findings
    ]
    assert (one.sequences, one.steps) == (three.sequences, three.steps)


def test_known_deviations_are_warnings_until_they_expire() -> None:
    known = Deviation(rule="own-delete", reason="ticket 12", expires=date(2027, 1, 31))
    idle = Deviation(rule="own-edit", reason="mended", expires=date(2027, 1, 31))
    make = desks.changed("own-delete", "meant that nothing crosses over")
    report = judged(make, terms=Terms(known=[known, idle], today=date(2027, 1, 31)))
    assert report.verdict is Verdict.CONFORMS
    assert [finding.known for finding in report.findings] == [known]
    assert report.unused == (idle,)
    late = judged(make, terms=Terms(known=[known], today=date(2027, 2, 1)))
    assert (late.verdict, late.expired) == (Verdict.DIVERGES, (known,))


def test_a_known_deviation_is_called_mended_only_where_its_rule_was_judged() -> None:
    rules = ("own-edit", "own-change-severed", "resume-delivers", "acceptance-leaves")
    known = [Deviation(rule=rule, reason="ticket 12", expires=date(2027, 1, 31)) for rule in rules]
    terms, severing = Terms(known=known, today=date(2027, 1, 1)), [s for s in SCENARIOS if "severing" in s.file]
    report = judged(desks.changed("other-edit", "did not sever"), sources=Sources(scenarios=severing), terms=terms)
    place = known[0].span
    assert [line for line in remaining(report) if line.startswith("known")] == [
        f"known deviation not seen: own-edit ({place}); take it out of the list",
        f"known deviation seen only as another suspect of 1. other-edit: own-change-severed ({place})",
        f"known deviation not judged in this run: resume-delivers ({place})",
        f"known deviation not judged in this run: acceptance-leaves ({place})",
    ]


NOT_JUDGED = [
    ("deaf", 1, "timeout"), ("hang", 9, "timeout"), ("crash", 9, "went-away"), ("killed", 9, "went-away"),
    ("closes", 9, "went-away"), ("garbage", 1, "garbage"), ("garbage", 9, "garbage"), ("binary", 9, "garbage"),
    ("list", 9, "protocol"), ("deep", 9, "garbage"), ("flood", 9, "too-large"), ("lines", 9, "unasked"),
    ("twice", 9, "unasked"), ("swapped", 9, "protocol"), ("nothing-new", 9, "protocol"), ("half", 9, "went-away"),
    ("error", 9, "failed"), ("surrogate", 5, "garbage"),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "number", "trouble"), NOT_JUDGED)
def test_what_cannot_be_judged_is_an_error_with_its_trace(cli: Run, mode: str, number: int, trouble: str) -> None:
    patience = "1" if trouble == "timeout" else "60"
    asked = ("--sut", program(mode, number), "--timeout", patience, "--format", "json", "--random", "1")
    code, out, _ = cli("conform", *asked)
    report = json.loads(out)
    assert (code, report["verdict"], report["divergences"], report["conforming"]) == (2, "error", [], 0)
    assert report["errors"][0]["trouble"] == trouble
    assert report["errors"][0]["trace"][-1]["request"].startswith('{"op": ')


def test_a_crash_in_the_middle_does_not_stop_the_rest(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut", program("crash", 60), "--format", "json", "scenarios/severing.yaml")
    report = json.loads(out)
    assert (code, report["verdict"]) == (2, "error")
    assert report["errors"][0]["message"].endswith("the disk is full")
    assert report["conforming"] + len(report["errors"]) == report["sequences"] == 15


def test_what_a_program_logs_is_no_trouble(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut", program("noisy"), "scenarios/severing.yaml")
    assert (code, out.splitlines()[0].endswith("conforms")) == (0, True)


@pytest.mark.parametrize("command", ["/nonexistent/program", shlex.join([sys.executable, "-c", "pass"])])
def test_what_never_starts_is_an_error(cli: Run, command: str) -> None:
    code, out, _ = cli("conform", "--sut", command)
    assert code == 2
    assert "it never answered" in out


class _Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    system: Any
    mode = ""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.system.handle(request)).encode()
        status = 200
        if self.mode == "settle unknown" and request["op"] == "settle":
            status, body = 404, b"no such thing"
        elif self.mode == "failing" and request["op"] == "act":
            status, body = 500, b"<html>oops"
        elif self.mode == "large" and request["op"] == "observe":
            body = b" " * 2_000_000
        elif self.mode == "closing":
            self.close_connection = True
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[tuple[str, type[_Service]]]:
    kind = type("Service", (_Service,), {"system": desks.right()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simsync?x=1", kind
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("mode", "verdict", "trouble"),
    [
        ("", "conforms", None),
        ("closing", "conforms", None),
        ("settle unknown", "conforms", None),
        ("failing", "error", "failed"),
        ("large", "error", "too-large"),
    ],
)
def test_a_service(cli: Run, service: tuple[str, type[_Service]], mode: str, verdict: str, trouble: str | None) -> None:
    url, kind = service
    kind.mode = mode
    patience = ("--settle-timeout", "0.01") if mode == "settle unknown" else ()
    _, out, _ = cli("conform", "--sut-http", url, "scenarios/severing.yaml", "--format", "json", *patience)
    report = json.loads(out)
    assert report["verdict"] == verdict
    assert [one["trouble"] for one in report["errors"]][:1] == ([trouble] if trouble else [])


def test_a_service_that_is_not_there(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-http", "http://127.0.0.1:9/")
    assert (code, "error: not-started" in out) == (2, True)


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
    assert (report.verdict, report.faults) == (Verdict.CONFORMS, ())
    assert judged(Renamed, sources=FEW).verdict is not Verdict.CONFORMS


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        ("kindz: {}\n", ":1:1: unknown-key", "did you mean 'kinds'?"),
        ("kinds: {nite: X}\n", ":1:9: unknown-key", "did you mean 'note'?"),
        ("kinds: {note: X, charge: X}\n", ":1:18: duplicate-key", "'X' stands for two kinds, 'note' and 'charge'"),
        ("values: {internal: {true: 1, false: 1}}\n", ":1:30: duplicate-key", "two values of 'internal'"),
        ("cannot: [delete nots]\n", ":1:10: unknown-name", "did you mean 'delete note'?"),
        ("values: {internal: {true: [1]}}\n", ":1:27: wrong-type", "a text, a number, true or false"),
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
        ("- {rule: own-delte, reason: x, expires: 2027-01-01}\n", "did you mean 'own-delete', '"),
        ("- {rule: 7, reason: x, expires: 2027-01-01}\n", "'7' is not a rule id. There are "),
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
    assert "as if other-edit did not sever: that explains everything that was observed" in out
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
    assert "S16: " in out
    assert re.search(r"It was seen in \d+ sequences?: scenarios/severing.yaml:\d+", out)


def test_a_report_names_the_first_few_of_many_sequences() -> None:
    (finding,) = judged(desks.changed("other-edit", "did not sever"), sources=FEW).findings
    many = replace(finding, seen_in=tuple(f"sequence {number} of depth 3" for number in range(1, 1001)))
    assert seen_in(many).startswith("seen in 1,000 sequences: sequence 1 of depth 3, sequence 2")
    assert seen_in(many).endswith("and 992 more")


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
    one, same, other = ([d.key for d in walks(MODEL, seed, 30)] for seed in (0, 0, 1))
    assert one == same != other
    rules = {rule for d in walks(MODEL, 0, 100) for o in simulated(MODEL, d) for rule in o.rules}
    missed = {row.id for lookup in MODEL.tables.values() for row in lookup.table.rows} - rules
    assert len(missed) <= 2


def test_every_sequence_of_a_depth() -> None:
    ones = list(every_sequence(ATELIER, 1))
    twos = list(every_sequence(ATELIER, 2))
    assert {len(d.events) for d in ones} == {1}
    assert {len(d.events) for d in twos} == {1, 2}
    assert len({d.key for d in twos}) == len(twos) > len(ones)
    assert [d.source for d in twos] == [f"sequence {number:,} of depth 2" for number in range(1, len(twos) + 1)]
    assert all(outcome.refused is not None for d in twos if len(d.events) == 1 for outcome in simulated(ATELIER, d))


def test_every_status_action_is_tried_in_every_status() -> None:
    done = {(d.status, e.actor, e.action) for d in every_status_action(MODEL) for e in d.events}
    triggers = MODEL.workshop.triggers
    assert len(done) == len(MODEL.status_spec.states) * len(triggers) * len(MODEL.vocabulary.partners)


def test_shrinking_finds_the_steps_that_matter() -> None:
    (drive,) = list(walks(MODEL, 3, 1))
    wanted = drive.events[2].action, drive.events[-1].action

    def fails(one: Drive) -> bool:
        actions = [event.action for event in one.events]
        return wanted[0] in actions and wanted[1] in actions

    small = shrunk(drive, fails, lambda _: ())
    assert fails(small)
    assert len(small.events) <= 4


def test_a_system_that_fails_now_and_then_is_driven_to_the_end(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-python", "systems.desks:Chargeless", "--format", "json")
    report = json.loads(out)
    assert (code, report["verdict"], report["stopped"]) == (2, "error", None)
    assert len(report["errors"]) > 20
    assert report["conforming"] + len(report["errors"]) == report["sequences"] > 300


def test_what_a_python_system_prints_stands_beside_the_report(cli: Run) -> None:
    code, out, err = cli("conform", "--sut-python", "systems.desks:Talking", "--random", "1", "--format", "json")
    assert (code, json.loads(out)["verdict"]) == (0, "conforms")
    assert "asked to create" in err


def test_a_system_of_which_nothing_can_be_asked_follows_no_readings(cli: Run, tmp_path: Path) -> None:
    triggers = {t.trigger for t in MODEL.policy.transitions(MODEL.status_spec)}
    (tmp_path / "map.yaml").write_text(f"cannot: {[CREATE, EDIT, DELETE, *sorted(triggers)]}\n")
    asked = ("conform", "--sut-python", "simsync.reference:system", "--map", tmp_path / "map.yaml", "--infer-readings")
    code, out, _ = cli(*asked, "--format", "json")
    assert (code, json.loads(out)["verdict"]) == (2, "error")


def test_sequences_from_options(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-python", "simsync.reference:system", "--random", "5", "--seed", "3")
    assert (code, "5 sequences, 70 steps" in out) == (0, True)
    code, out, _ = cli("conform", "--sut-python", "simsync.reference:system", "--exhaustive-depth", "1")
    assert (code, "conforms" in out) == (0, True)


def test_a_python_system_may_hang_fail_or_answer_nonsense(cli: Run) -> None:
    for name, trouble in [
        ("hanging", "timeout"),
        ("raising", "went-away"),
        ("nonsense", "garbage"),
        ("unmade", "not-started"),
    ]:
        code, out, _ = cli(
            "conform", "--sut-python", f"systems.desks:{name}", "--timeout", "0.3", "--random", "1", "--format", "json"
        )
        report = json.loads(out)
        assert (code, report["verdict"], report["errors"][0]["trouble"]) == (2, "error", trouble)


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        (hello_of, {"name": "x"}),
        (hello_of, {"protocol": True}),
        (hello_of, {"protocol": 1, "can": "everything"}),
        (hello_of, {"protocol": 1, "cannot": [1]}),
        (ok_of, {"ok": 1}),
        (answered_of, {"ok": False}),
        (answered_of, {"ok": True, "refused": 3}),
        (answered_of, {}),
        (answered_of, {"ok": True, "refused": 0}),
        (answered_of, {"ok": True, "id": [1]}),
        (hello_of, {"protocol": 1.0}),
        (hello_of, {"protocol": 1, "name": {}}),
        (observed_of, {"tickets": {}, "notified": []}),
        (observed_of, {"status": "x", "tickets": []}),
        (observed_of, {"status": "x", "tickets": {"lead": []}}),
        (observed_of, {"status": "x", "tickets": {"lead": {"N1": 1}}}),
        (observed_of, {"status": "x", "tickets": {}, "notified": "all"}),
    ],
)
def test_an_answer_of_another_shape_is_none(read: Callable[[Any], Any], answer: dict[str, Any]) -> None:
    with pytest.raises(SystemFault) as raised:
        read(answer)
    assert raised.value.trouble == "protocol"
    assert "is wanted, not " in raised.value.message


def test_answers_as_the_protocol_has_them() -> None:
    assert answered_of({"ok": True, "id": 7}).id == "7"
    assert answered_of({"refused": True}).refused == ""
    assert hello_of({"protocol": 1, "can": ["reset_to_status"]}).can == {"reset_to_status"}
    assert observed_of({"status": "x", "tickets": {}}).notified is None


def test_a_program_that_never_reads_is_not_waited_for() -> None:
    command = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    connection = PipeConnection(command, Limits(seconds=0.3))
    with pytest.raises(SystemFault) as raised:
        connection.exchange({"op": "act", "fields": {"text": "x" * 1_000_000}})
    connection.close()
    assert raised.value.trouble == "timeout"


def test_a_picture_shows_what_a_system_refuses_and_where_it_goes(tmp_path: Path) -> None:
    for rule, about, told in [
        ("may-create", "were refused", "refused: refused (a variant"),
        ("lead-approves", "led to In Progress", "status: In Progress"),
        ("status-emails", "told nobody", "notified: nobody"),
        ("service-note-copy", "made the copy's internal false", "internal_users_only: false"),
    ]:
        report = judged(desks.changed(rule, about, "Waiting Approval"), sources=FEW)
        assert report.findings[0].rules[0].id == rule
        svg = picture(report, report.findings[0])
        assert told.partition(" (")[0] in " ".join(ElementTree.fromstring(svg).itertext())


def test_an_item_whose_creation_was_refused_is_refused_not_an_error(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "scenario: x\ngiven: {status: Unsent}\nsteps:\n"
        "  - service: create note N1\n    expect: {refused: true}\n"
        "  - lead: edit N1\n    text: a\n    expect: {refused: true}\n"
    )
    code, out, _ = cli("conform", "--sut-python", "simsync.reference:system", tmp_path / "a.yaml")
    assert (code, "conforms" in out) == (0, True)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://a..b/", "'a..b' is no name of a host"),
        (f"http://{'a' * 64}.org/", "is no name of a host"),
        ("http://localhost/gerät", "as %-escapes"),
    ],
)
def test_an_address_that_nothing_can_be_sent_to_is_told(cli: Run, url: str, told: str) -> None:
    code, out, err = cli("conform", "--sut-http", url)
    assert (code, out) == (2, "")
    assert f"'{url}' is no address: " in err
    assert told in err


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("holders:number.foo", "'foo' is not a name in 'holders'"),
        ("holders:moody.foo", "'foo' in 'holders' cannot be read: RuntimeError: not today"),
        ("holders:shy.foo", "'foo' is not a name in 'holders'. There is none."),
    ],
)
def test_what_holds_no_factory_is_told(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, told: str
) -> None:
    (tmp_path / "holders.py").write_text(
        "class Moody:\n    def __getattr__(self, name): raise RuntimeError('not today')\n"
        "class Shy:\n    def __dir__(self): raise RuntimeError('not today')\n"
        "number, moody, shy = 5, Moody(), Shy()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    code, _, err = cli("conform", "--sut-python", place)
    assert code == 2
    assert told in err


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" "),
    ],
    ids=["continues", "headers", "chunk sizes", "body"],
)
def test_an_answer_that_trickles_is_a_timeout(first: bytes, again: bytes) -> None:
    def trickle(server: socket.socket) -> None:
        client, _ = server.accept()
        with client, suppress(OSError):
            client.sendall(first)
            while not select.select([client], [], [], 0.02)[0] or client.recv(65536):
                client.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=trickle, args=(server,), daemon=True)
        thread.start()
        connection = WebConnection(f"http://127.0.0.1:{server.getsockname()[1]}/", Limits(seconds=0.3))
        with pytest.raises(SystemFault) as raised:
            connection.exchange({"op": "settle"})
        thread.join()
    assert raised.value.trouble == "timeout"
