"""How fast `simsync conform` drives a system, and how soon it sees a fault: `PYTHONPATH=. python bench/conforming.py`.

Beside hypothesis' stateful runner and schemathesis, on the same services and in one run. Writes conforming.md.
"""

from __future__ import annotations

import argparse
import http.client
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from detections import MOST, SEEDS
from examples.two_desks.faults import FAULTS
from examples.two_desks.running import TwoDesks
from measure import HERE, ROOT, CommandError, best_of, output, python
from peers.desk_api import description
from simsync.app import collector_paused, load_model, load_scenarios
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import sources_of
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.lockstep import drive_through
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.sut import System
from simsync.questions.conform.systems.ways import by_command, by_http
from table import Line, held, render

MODEL = load_model(ROOT / "machines")
NOTHING = HERE / "peers" / "do_nothing.py"
BEGIN = "Unsent"
STEPS = 2000
EXAMPLES, EXAMPLE = 40, 50
PART = 100
"""Rounds of a sort in which the two desks are disrupted; all of them take minutes."""
CHECKS = "not_a_server_error,response_schema_conformance,status_code_conformance"

NOTES = """
- *A system that does nothing* (bench/peers/do_nothing.py) refuses everything at once, so that what is measured is
  whoever asks. A step is three requests: act, settle, observe. *Requests alone* sends the same bytes and looks at no
  answer. hypothesis' stateful runner has one rule, written by hand, which posts the three requests and compares the
  answers with what is due; its strategies draw one text a step.
- *Own share* is the processor time of simsync's process as a part of that of all processes: planning, stepping the
  model, writing and reading JSON, waking for answers. It is measured of the campaign that `conform` does by default on
  the fault-free two desks, by pipe; and of the one that it does by default once these say how they can be disrupted
  (`--disruptible`), where rounds come besides: of these a part, since all take minutes. Each disruption that kills has
  the desks start a process anew, so that simsync's share is smaller there.
- *Steps to the first divergence* count every action that the desks are asked for, those that only lead to a status
  among them. All ask the same desks by the same adapter and compare everything that can be seen with the same rules:
  the sequences of the default campaign in their order (the shipped scenarios come first), its random walks alone, and
  hypothesis' stateful runner on `simsync.state_machine`, which knows which actions are possible when. Who has not
  found a fault after {most:,} steps counts with {most:,}, so that ratios are upper bounds. Seeds: {seeds}.
- schemathesis runs its stateful phase on the lead's desk as OpenAPI describes it (bench/peers/desk_api.py), with
  links from each answer to what can follow. It judges answers, not synchronization: it sees errors of the server and
  answers of another shape, and none of these faults has any. It is here because it is what is at hand for HTTP
  services.
"""


def refusals() -> Drive:
    """Creations that are refused one after the other, since there is no ticket yet."""
    events = [
        Event(actor="service", action="create", item=f"N{number}", kind="note", fields={"text": f"text {number}"})
        for number in range(STEPS)
    ]
    return Drive(trace=Trace(status=BEGIN, events=tuple(events)))


def driven(system: System) -> float:
    """Seconds for simsync to drive a system through the refusals."""
    system.begin(BEGIN)
    start = time.perf_counter()
    found = drive_through(system, MODEL, refusals())
    seconds = time.perf_counter() - start
    if found.divergence or found.fault:
        raise CommandError(f"a system that does nothing diverges: {found.fault or found.divergence}")
    return seconds


def requests() -> Iterator[bytes]:
    """What simsync asks in each step."""
    for event in refusals().trace.events:
        act = {"op": "act", "actor": event.actor, "action": event.action, "item": event.item, "kind": event.kind}
        for request in ({**act, "fields": dict(event.fields)}, {"op": "settle"}, {"op": "observe"}):
            yield json.dumps(request).encode()


def lines_alone() -> float:
    """Seconds for the same requests on a pipe, with no look at the answers."""
    command = python(NOTHING)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"op": "hello"}\n')
        process.stdin.flush()
        process.stdout.readline()
        start = time.perf_counter()
        for request in requests():
            process.stdin.write(request + b"\n")
            process.stdin.flush()
            process.stdout.readline()
        seconds = time.perf_counter() - start
        process.stdin.close()
    return seconds


def post(connection: http.client.HTTPConnection, body: bytes) -> bytes:
    """The answer to one request."""
    connection.request("POST", "/", body, {"Content-Type": "application/json"})
    return connection.getresponse().read()


def posts_alone(url: str) -> float:
    """Seconds for the same requests by HTTP, with no look at the answers."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    start = time.perf_counter()
    for request in requests():
        post(connection, request)
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def stateful(url: str) -> float:
    """Seconds that hypothesis' stateful runner takes for as many steps."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    steps = 0

    def ask(**request: object) -> Any:
        return json.loads(post(connection, json.dumps(request).encode()))

    class Machine(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            ask(op="reset", status=BEGIN)
            self.items = 0

        @rule(text=hypothesis.strategies.text())
        def create(self, text: str) -> None:
            nonlocal steps
            steps += 1
            self.items += 1
            name, fields = f"N{self.items}", {"text": text}
            answer = ask(op="act", actor="service", action="create", item=name, kind="note", fields=fields)
            assert "refused" in answer
            assert ask(op="settle") == {"ok": True}
            seen = {"status": BEGIN, "tickets": {"lead": {}, "service": {}}, "notified": []}
            assert ask(op="observe") == seen

    many = hypothesis.settings(max_examples=EXAMPLES, stateful_step_count=EXAMPLE, database=None, deadline=None)
    start = time.perf_counter()
    run_state_machine_as_test(hypothesis.seed(SEEDS[0])(Machine), settings=many)
    seconds = time.perf_counter() - start
    connection.close()
    return seconds * STEPS / steps


@contextmanager
def service() -> Iterator[str]:
    """A service that does nothing, and its address."""
    with subprocess.Popen(python(NOTHING, "--http"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def speed(rounds: int) -> list[Line]:
    """Steps a second on a system that does nothing."""
    with service() as url:
        by_pipe = System(by_command(" ".join(python(NOTHING))), MODEL)
        by_post = System(by_http(url), MODEL)
        best = best_of(
            {
                "pipe": partial(driven, by_pipe),
                "lines": lines_alone,
                "http": partial(driven, by_post),
                "posts": partial(posts_alone, url),
                "hypothesis": partial(stateful, url),
            },
            rounds,
        )
        by_pipe.close()
        by_post.close()
    rate = {name: STEPS / seconds for name, seconds in best.items()}
    pairs = [
        ("pipe", "lines", "requests alone"),
        ("http", "posts", "requests alone"),
        ("http", "hypothesis", "hypothesis"),
    ]
    return [
        Line(
            f"does nothing, by {way}",
            f"{rate[way]:,.0f} steps/s",
            f"{rate[other]:,.0f} steps/s, {name}",
            f"{rate[way] / rate[other]:.2f}x",
        )
        for way, other, name in pairs
    ]


def share(rounds: int) -> list[Line]:
    """How much of a campaign's processor time is simsync's own: as users have it by default, and with disruptions."""
    adapter = " ".join(python(ROOT / "examples" / "two_desks" / "adapter.py"))
    several = min(_spent(adapter, None) for _ in range(rounds))
    once = _spent(f"{adapter} --disruptible", PART)
    about = f"and {PART:,} of 1,200 rounds each without and with disruptions"
    return [_share("default campaign on the two desks", several), _share(f"the same, {about}", once)]


def _share(what: str, spent: tuple[float, float, float, int]) -> Line:
    whole, own, wall, requests = spent
    told = f"{whole:.1f} s in all ({wall:.0f} s by the clock)"
    goals = ("< 10%", held(own / whole < 0.1))
    return Line(f"{what}, {requests:,} requests: own share", f"{own:.1f} s", told, f"{own / whole:.0%}", *goals)


def _spent(adapter: str, drives: int | None) -> tuple[float, float, float, int]:
    """The processor time of a campaign, desks included, simsync's own part of it, the wall time, and the requests."""
    scenarios = load_scenarios(ROOT / "scenarios", model=MODEL)
    sources = sources_of(scenarios, overlap=OverlapOptions(drives=drives))
    before = _children()
    wall, own = time.perf_counter(), time.process_time()
    pool = Pool(lambda _: System(by_command(adapter), MODEL), 1)
    with collector_paused():
        report = campaign(pool, MODEL, sources, Terms())
    wall, own = time.perf_counter() - wall, time.process_time() - own
    pool.close()
    if report.verdict != "conforms":
        raise CommandError(f"the two desks are to conform, but the verdict is {report.verdict}")
    return own + _children() - before, own, wall, report.requests


def _children() -> float:
    """The processor time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def detection() -> tuple[list[Line], str]:
    """Steps to the first divergence for each fault, and who finds how many."""
    found: dict[str, dict[str, int | None]] = json.loads(output(python(HERE / "detections.py")))

    def steps(fault: str, who: str) -> float:
        return statistics.median(MOST if n is None else n for w, n in found[fault].items() if w.split()[0] == who)

    def seen(who: str) -> str:
        some = sum(any(n for w, n in by.items() if w.split()[0] == who) for by in found.values())
        return f"{some} of {len(found)} faults"

    lines = []
    for who, name, goal in (("campaign", "default campaign", True), ("walks", "its random walks alone", False)):
        ratio = statistics.median(steps(fault, who) / steps(fault, "hypothesis") for fault in found)
        ours = f"{statistics.median(steps(fault, who) for fault in found):,.0f} steps, {seen(who)}"
        theirs = (
            f"{statistics.median(steps(f, 'hypothesis') for f in found):,.0f} steps, {seen('hypothesis')}, hypothesis"
        )
        goals = ("≤ 1/3", held(ratio <= 1 / 3)) if goal else ("", "")
        lines.append(Line(f"to the first divergence, {name}", ours, theirs, f"{ratio:.2f}x", *goals))
    head = "| Fault | Campaign | Walks alone | hypothesis |\n| --- | --- | --- | --- |"

    def cell(fault: str, who: str) -> str:
        number = steps(fault, who)
        return f"> {MOST:,}" if number >= MOST else f"{number:,.0f}"

    rows = [f"| `{f}` | {' | '.join(cell(f, who) for who in ('campaign', 'walks', 'hypothesis'))} |" for f in found]
    return lines, "\n".join([head, *rows])


def from_openapi() -> Line:
    """The faults that schemathesis' stateful phase sees on the lead's desk."""
    faults = [None, *(name for name, fault in FAULTS.items() if fault.alone)]
    seen: dict[str | None, bool] = {}
    with TwoDesks() as desks, tempfile.TemporaryDirectory() as folder:
        desks.wait()
        file = Path(folder) / "desk.json"
        file.write_text(json.dumps(description()), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("st")), "run", str(file), "--url", desks.addresses["lead"]]
        command += ["--seed", str(SEEDS[0]), "--phases", "stateful", "--max-examples", "15", "--checks", CHECKS]
        for fault in faults:
            desks.fault.turn(fault)
            done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
            if done.returncode not in (0, 1):
                raise CommandError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
            seen[fault] = done.returncode == 1
    if seen.pop(None):
        raise CommandError("schemathesis finds something in the desks without a fault")
    return Line("faults seen", f"all {len(seen)}", f"{sum(seen.values())} of {len(seen)}, schemathesis")


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=3, help="how often each contestant of speed runs (default 3)")
    rounds = asked.parse_args().rounds
    try:
        measured: list[Callable[[], list[Line]]] = [lambda: speed(rounds), lambda: share(rounds)]
        lines = [line for measure in measured for line in measure()]
        found, table = detection()
        lines += [*found, from_openapi()]
    except CommandError as failed:
        print(f"conforming: {failed}", file=sys.stderr)
        return 1
    notes = NOTES.format(most=MOST, seeds=", ".join(map(str, SEEDS)))
    versions = f"Versions: hypothesis {version('hypothesis')}, schemathesis {version('schemathesis')}."
    report = f"# Conformance, measured\n\n{render(lines)}\n\n{table}\n{notes}\n{versions}\n"
    (HERE / "conforming.md").write_text(report, encoding="utf-8")
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
