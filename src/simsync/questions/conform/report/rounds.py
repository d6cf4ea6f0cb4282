"""Rounds of overlapping actions against a system, for a reader and for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from simsync.engine.world import Event
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, Report
from simsync.questions.conform.overlap.campaign import OverlapFinding, OverlapReport, RoundFailure
from simsync.questions.conform.overlap.disrupting import SINGLE, TEN
from simsync.questions.conform.overlap.explained_orders import Nature, RoundMismatch
from simsync.questions.conform.overlap.plan import LARGEST, MOST_DRIVES, WALK
from simsync.questions.conform.overlap.rounds import Act, ActAnswer, Acts, RoundsDrive, disruptions_of
from simsync.questions.conform.report.natures import exchanges_json, exchanges_text
from simsync.report import phrases

NOT_TRIED = "no two actions overlapped: each was settled before the next; --overlap has both sides act at once"
"""What is said where nothing overlapped."""
NEVER_RESET = (
    "no two actions overlapped and nothing was disrupted: it is never reset, and rounds begin on empty tickets; "
    "an adapter that makes a new ticket at each reset can have them"
)
"""What is said of a system in whose world all goes on."""
FAILS = "the system fails, and only where actions overlap or it is disrupted"
SAME_CAUSE = "the same rules decided, and the same became of it"
MOST_FATES = 8
MOST_CITED = 4


def rounds_text(report: Report) -> Iterator[tuple[str, str]]:
    """What came of overlapping actions, or that none did."""
    found = report.rounds
    if found is None:
        if report.never_reset:
            yield f"  {NEVER_RESET}", "bold"
        elif report.sequences and report.verdict is CampaignVerdict.CONFORMS:
            yield f"  {NOT_TRIED}", "dim"
        return
    yield from ((f"  {line}", "") for line in tried(found))
    if found.uncombined:
        yield f"  not tried: {uncombined(found)}", ""


def findings_text(report: Report) -> Iterator[tuple[str, str]]:
    """Each finding about overlapping actions or disruptions."""
    found = report.rounds
    findings = found.findings if found else ()
    firsts = first_alike(findings)
    for number, first in sorted(enumerate(firsts, 1), key=lambda one: (one[1], one[0])):
        yield "", ""
        yield from finding_lines(report, number, findings[number - 1], first)
    for number, failure in enumerate(found.failures if found else (), len(found.findings if found else ()) + 1):
        yield "", ""
        yield from failure_lines(report, number, failure)
    if found is not None and any(finding.mismatch.nature is Nature.UNWINNABLE for finding in found.findings):
        yield (
            "   what nobody could answer rightly at once is not laid to the system: simsync races asks about it",
            "dim",
        )
    disrupted = [n for n, one in enumerate(found.all if found else (), 1) if is_disrupted(one)]
    if disrupted:
        yield "", ""
        yield f"--out DIR writes what was disrupted in overlap {', '.join(map(str, disrupted))}", "dim"
        yield (
            f"--again DIR/overlap-{disrupted[0]}.rounds does it again alone, 20 times, and says how often it came",
            "dim",
        )


def is_disrupted(finding: OverlapFinding | RoundFailure) -> bool:
    """Whether anything was disrupted in it."""
    return any(map(disruptions_of, finding.driven.drive.rounds))


def first_alike(findings: Sequence[OverlapFinding]) -> list[int]:
    """For each finding the number of the first one that is like it: the same rules decided, the same came of it."""
    firsts: dict[object, int] = {}
    return [firsts.setdefault(_cause(finding) or number, number) for number, finding in enumerate(findings, 1)]


def _cause(finding: OverlapFinding) -> object:
    """What became of what, and the rules that decided it in the nearest order; None where that is not known."""
    if not finding.accuses or not finding.fates:
        return None
    worst = finding.fates[0]
    about = [one for one in finding.mismatch.nearest.outcomes if one.event.item == worst.item is not None]
    return (finding.mismatch.nature, worst.kind, worst.whom, about[-1].rules) if about else None


def not_tried(report: Report) -> Iterator[str]:
    """What was not tried of what can overlap, or go wrong meanwhile, in sentences."""
    found = report.rounds
    if found is None:
        yield NEVER_RESET if report.never_reset else NOT_TRIED
        if not report.never_reset:
            yield "nothing was cut off, stopped or started again while it was at work"
        return
    if not found.drives:
        yield "no drive with rounds of overlapping actions could be begun"
        return
    if not found.parallel:
        yield "no two requests were under way at the same time, since its hello does not say 'parallel'"
    if not found.disruptions:
        yield "nothing was cut off, stopped or started again meanwhile, since its hello names no disruptions"
    else:
        yield "no disruption while an action was being answered: before and after, and in rounds without any"
    if found.uncombined:
        yield uncombined(found)
    if found.disrupted > found.struck:
        yield f"{found.disrupted - found.struck:,} of {found.disrupted:,} disruptions had no effect, as the system says"
    yield f"rounds of more than {LARGEST} actions, and more than {WALK} random rounds one after the other"
    if found.unreached:
        left = phrases.counted(found.unreached, "drive")
        yield f"{left}, since it is never reset, and no action leads to where they begin"
    if found.alone:
        yield f"what comes after an action that diverges by itself, in {phrases.counted(found.alone, 'drive')}"


def uncombined(found: OverlapReport) -> str:
    """How many actions were not tried before or after a disruption, and how they would be."""
    left = f"{found.uncombined:,} of {found.combinations:,} combinations"
    more = math.ceil(found.combinations * TEN / SINGLE)
    return f"{left} of a kind of action and one disruption before or after it; --rounds {more} has all of them"


def tried(found: OverlapReport) -> Iterator[str]:
    """What was tried of what can overlap, or go wrong meanwhile, in sentences."""
    how = "at once, each side on a connection of its own" if found.parallel else "one after the other without settling"
    overlapping = phrases.counted(found.overlapping, "round")
    whence = f"from {found.situations:,} settled situations" if found.situations else "in one drive, again and again"
    yield f"overlap: {overlapping} of several actions, sent {how}, {whence}"
    if found.disruptions:
        names = ", ".join(found.disruptions)
        yield f"disruptions: {found.disrupted:,} ({found.struck:,} had an effect): {names}"
    all_of = _explained(found)
    more = f", in up to {found.worlds:,} worlds at once" if found.worlds > 1 else ""
    yield f"{phrases.counted(found.rounds, 'round')} judged{more}: {all_of}"
    if found.alone:
        alone = phrases.counted(found.alone, "drive")
        yield f"{alone} ended at an action that diverges though nothing had overlapped; beyond it nothing was tried"
    if found.undecided:
        yield f"{phrases.counted(found.undecided, 'drive')} ended where the rules do not say what comes"
    if found.failures:
        failed = phrases.counted(sum(one.seen for one in found.failures), "drive")
        yield f"{failed} ended in a failure of the system that comes only there"
    if found.fewer:
        usual = f"{found.drives:,} drives, not {MOST_DRIVES:,} as usual: what is rarer was not looked for"
        all_of = f"--rounds {MOST_DRIVES} looks for it, and --jobs N waits for N instances at once"
        yield f"it cannot say when it rests, and was driven through {usual}; {all_of}"
    if found.faults:
        fault = found.faults[0].fault
        told = phrases.printable_line(fault.message) if fault else ""
        yield f"{phrases.counted(len(found.faults), 'drive')} ended in a failure of the system: {told}"
    if found.stopped:
        yield f"stopped: {found.stopped}"


def _explained(found: OverlapReport) -> str:
    """How many rounds no order explains, and how many of these are not laid to the system."""
    apart = sum(finding.seen for finding in found.findings)
    others = sum(finding.seen for finding in found.findings if not finding.accuses)
    if not apart:
        return "each explained by some order of its actions"
    left = "" if not others else ", not laid to the system" if others == apart else f", {others:,} not laid to it"
    return f"{apart:,} explained by no order{left}"


def finding_lines(report: Report, number: int, finding: OverlapFinding, first: int) -> Iterator[tuple[str, str]]:
    """A finding in lines with their style; of one that is like a ``first`` one only what is its own."""
    mismatch = finding.mismatch
    style = "bold red" if finding.accuses else "bold yellow"
    if first != number:
        yield f"   overlap {number}, which may have the cause of overlap {first}: {SAME_CAUSE}", style
    else:
        sources = sources_of_round(report, finding)
        yield f"overlap {number}. {heading_of(finding)}{f' [{chr(32).join(sources)}]' if sources else ''}", style
        texts = report.model.policy.citations
        yield from ((f"   {source}: {texts.text(source)}", "dim") for source in sources[:MOST_CITED])
    yield f"   {about_orders(mismatch)}", ""
    yield from ((f"   {line}", "") for line in steps_of(report, finding.driven.drive, mismatch.seen.answers))
    if finding.accuses:
        yield f"   the nearest order: {nearest_order(mismatch)}", ""
        yield from ((f"      {phrases.printable_line(fate.told)}", "") for fate in finding.fates[:MOST_FATES])
        if len(finding.fates) > MOST_FATES:
            yield f"      and {len(finding.fates) - MOST_FATES:,} more", "dim"
    yield from ((f"   {line}", "") for line in circumstances(finding))
    yield f"   {often(finding)}", "dim"


def circumstances(finding: OverlapFinding) -> Iterator[str]:
    """Which disruptions came before, whether it was so one settle later, and when it was only seen too early."""
    disrupted = [what for acts in finding.driven.drive.rounds for what in disruptions_of(acts)]
    if disrupted:
        yield f"disrupted before it: {', '.join(disrupted)}"
    mismatch = finding.mismatch
    if finding.accuses and mismatch.later is not None and mismatch.nature is not Nature.LATE:
        same = mismatch.later.tickets == mismatch.seen.shown.tickets
        yield f"one settle later it {'was still so' if same else 'had changed, and no order explains that either'}"
    if finding.early:
        yield "it cannot say when it rests; when it was looked at for longer, an order explained it each time"


def often(finding: OverlapFinding | RoundFailure) -> str:
    """In how many drives something was seen, and how often it came when the shortest was done again."""
    again = f"; done again, it came {finding.again} of {finding.tries} times" if finding.tries else ""
    return f"seen in {phrases.counted(finding.seen, 'drive')}{again}"


def failure_lines(report: Report, number: int, failure: RoundFailure) -> Iterator[tuple[str, str]]:
    """A failure that comes only where something overlaps, in lines with their style."""
    yield f"overlap {number}. {heading_of(failure)}", "bold red"
    yield f"   {phrases.printable_line(failure.fault.message)}", ""
    yield from ((f"   {line}", "") for line in steps_of(report, failure.driven.drive, ()))
    last = failure.fault.trace[-1 - len(failure.driven.drive.rounds[-1]) :]
    yield from ((f"     {line}", "dim") for line in exchanges_text(last))
    yield f"   {often(failure)}", "dim"


def heading_of(finding: OverlapFinding | RoundFailure) -> str:
    """What a finding is called: what became of the first thing that is otherwise."""
    if isinstance(finding, RoundFailure):
        return f"{FAILS}: {finding.fault.trouble}"
    if finding.mismatch.nature is Nature.UNWINNABLE:
        return "a race that nobody can win"
    if finding.mismatch.nature is Nature.RELEASED:
        return "what was released came after the next action"
    if finding.early:
        return "seen too early, and right later"
    if finding.mismatch.nature is Nature.LATE:
        return "a change comes late, with one more settle"
    return str(finding.fates[0].kind) if finding.fates else str(Nature.NONE)


def about_orders(mismatch: RoundMismatch) -> str:
    """What orders explain, and how many of them were tried."""
    return f"{mismatch.nature}{f' ({mismatch.orders:,} orders)' if mismatch.orders > 1 else ''}"


def sources_of_round(report: Report, finding: OverlapFinding) -> list[str]:
    """The statements that those actions rest on, in the nearest order, that are about what is otherwise."""
    if not finding.accuses:
        return []
    outcomes, items = finding.mismatch.nearest.outcomes, {fate.item for fate in finding.fates[:1]}
    about = [one for one in outcomes if one.event.item in items] or outcomes
    cited = {source for outcome in about for source in outcome.sources}
    return [source for source in report.model.policy.citations.statements if source in cited]


def steps_of(report: Report, drive: RoundsDrive, answered: Sequence[ActAnswer]) -> Iterator[str]:
    """What was done, round by round, with the answers to the last one."""
    yield f"given {drive.status}"
    for number, acts in enumerate(drive.rounds, 1):
        last = number == len(drive.rounds)
        answers = [str(answer) for answer in answered] if last else []
        if len(acts) == 1:
            yield f"{number}. {_act(report, acts[0])}{_answered(acts, answers, 0)}"
            continue
        yield f"{number}. together"
        yield from (f"     {_act(report, act)}{_answered(acts, answers, n)}" for n, act in enumerate(acts))


def _act(report: Report, act: Act) -> str:
    if isinstance(act, Event):
        return f"{act.actor}: {phrases.action(act, report.model.vocabulary.fields)}"
    return f"disrupted: {act.what}"


def _answered(acts: Acts, answers: list[str], place: int) -> str:
    """The answer to an action of the last round."""
    if not answers or not isinstance(acts[place], Event):
        return ""
    return f"   -> {answers[sum(isinstance(act, Event) for act in acts[:place])]}"


def nearest_order(mismatch: RoundMismatch) -> str:
    """The order that leaves least unexplained, in a line."""
    events, order = mismatch.nearest.events, mismatch.nearest.order
    return ", then ".join(f"{events[place].actor}: {events[place]}" for place in order) or "nothing was done"


def rounds_json(report: Report) -> dict[str, Any] | None:
    """What came of overlapping actions for programs; None where none overlapped."""
    found = report.rounds
    if found is None:
        return None
    return {
        "parallel": found.parallel,
        "situations": found.situations,
        "combinations": {"all": found.combinations, "tried": found.combinations - found.uncombined},
        "drives": found.drives,
        "rounds": found.rounds,
        "overlapping": found.overlapping,
        "worlds": found.worlds,
        "disruptions": {"names": list(found.disruptions), "tried": found.disrupted, "struck": found.struck},
        "findings": [
            {**_finding_json(report, finding), "like": first}
            for finding, first in zip(found.findings, first_alike(found.findings), strict=True)
        ],
        "failures": [_failure_json(failure) for failure in found.failures],
        "errors": [one.fault.message for one in found.faults if one.fault],
        "undecided": found.undecided,
        "diverge_alone": found.alone,
        "unreached": found.unreached,
        "fewer": found.fewer,
        "stopped": found.stopped,
    }


def _finding_json(report: Report, finding: OverlapFinding) -> dict[str, Any]:
    mismatch = finding.mismatch
    return {
        "nature": mismatch.nature.name.lower(),
        "laid_to_the_system": finding.accuses,
        "early": finding.early,
        "about": str(mismatch.nature),
        "sources": sources_of_round(report, finding),
        "scenario": scenario_of(finding),
        "disrupted": [what for acts in finding.driven.drive.rounds for what in disruptions_of(acts)],
        "one_settle_later": _later(mismatch),
        "answers": [str(answer) for answer in mismatch.seen.answers],
        "orders": mismatch.orders,
        "nearest_order": list(mismatch.nearest.order),
        "unexplained": [{"kind": str(fate.kind), "about": fate.told} for fate in finding.fates],
        "seen": finding.seen,
        "again": {"shown": finding.again, "tries": finding.tries},
    }


def _later(mismatch: RoundMismatch) -> str | None:
    """Whether it came one settle later; None where that was not looked at, since an answer is another one."""
    if mismatch.later is None:
        return None
    return "came" if mismatch.nature is Nature.LATE else "did not come"


def _failure_json(failure: RoundFailure) -> dict[str, Any]:
    return {
        "trouble": failure.fault.trouble,
        "message": failure.fault.message,
        "scenario": scenario_of(failure),
        "disrupted": [what for acts in failure.driven.drive.rounds for what in disruptions_of(acts)],
        "trace": exchanges_json(failure.fault.trace),
        "seen": failure.seen,
        "again": {"shown": failure.again, "tries": failure.tries},
    }


def title_of(finding: OverlapFinding | RoundFailure) -> str:
    """What a finding is called, and its scenario."""
    return str(finding.mismatch.nature) if isinstance(finding, OverlapFinding) else FAILS


def scenario_of(finding: OverlapFinding | RoundFailure) -> dict[str, Any]:
    """What was done as a scenario; what was disrupted is in its description, since no rule is about it."""
    drive = finding.driven.drive
    steps: list[dict[str, Any]] = []
    disrupted = [act.what for acts in drive.rounds for act in acts if not isinstance(act, Event)]
    for acts in drive.rounds:
        done = [{act.actor: str(act), **act.fields} for act in acts if isinstance(act, Event)]
        steps += [{"together": done}] if len(done) > 1 else done
    about = {"about": f"disrupted meanwhile: {', '.join(disrupted)}"} if disrupted else {}
    return {"scenario": title_of(finding), **about, "given": {"status": drive.status}, "steps": steps}
