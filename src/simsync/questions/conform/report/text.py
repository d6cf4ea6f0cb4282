"""A campaign against a system under test, for a reader and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simsync.engine.trace import Trace
from simsync.questions.conform.diagnosis.conformity import (
    CampaignVerdict,
    ConformanceFinding,
    Explanation,
    FailedRun,
    Recurs,
    Report,
)
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.fault_localization import Rule
from simsync.questions.conform.report import rounds
from simsync.questions.conform.report.differences import differences, event_line, never_shown
from simsync.questions.conform.report.natures import (
    MOST_TRACED,
    exchanges_text,
    marks,
    natures,
    recurrence,
    runs,
)
from simsync.questions.conform.systems.deviation import Deviation
from simsync.report import phrases
from simsync.scenarios.writing import expecting

MOST_LISTED = 8
MOST_BROKEN = 4
MOST_IN_SHORT = 8
"""Steps of another way in which a finding shows that are told in a line."""
WIDE = 60
"""Characters up to which both sides stand beside each other."""
VERDICTS = {
    CampaignVerdict.CONFORMS: "it does what the rules say, in everything that was tried",
    CampaignVerdict.DIVERGES: "it does not do what the rules say",
    CampaignVerdict.ERROR: "it could not be judged",
    CampaignVerdict.INTERRUPTED: "it was not carried through; this is what is known",
}


def summary(report: Report) -> str:
    """What the verdict means, in a sentence."""
    if report.verdict is CampaignVerdict.ERROR and report.undecided and not report.faults:
        return "it could not be judged where the rules do not say what is right"
    known = len({finding.known.rule for finding in report.findings if finding.known})
    if report.verdict is CampaignVerdict.CONFORMS and known:
        return f"it does what the rules say but for {phrases.counted(known, 'known deviation')}"
    new = [finding for finding in report.findings if finding.known is None]
    if report.verdict is CampaignVerdict.DIVERGES and not new and not report.failures:
        return "one action at a time it does what the rules say, but not where actions overlap or it is disrupted"
    if report.verdict is CampaignVerdict.DIVERGES and not new:
        return "it does what the rules say as far as it could be judged, but fails now and then"
    if report.verdict is CampaignVerdict.DIVERGES and not any(one.steady for one in new):
        tried = any(one.recurrence.how is not Recurs.UNTRIED for one in new)
        return f"it does not do what the rules say, {'but not every time' if tried else 'as far as it could be judged'}"
    if report.verdict is CampaignVerdict.DIVERGES and all(one.divergence.late for one in new):
        return "it does what the rules say, but late"
    return VERDICTS[report.verdict]


def tried(report: Report) -> str:
    """Up to what a system was tried, as a line."""
    if not report.sequences:
        return "nothing was tried one action at a time" if report.rounds else "nothing was tried"
    extent, words = report.extent, report.model.words
    items = f"{words.item.count(extent.items)} of {words.partner.a}"
    items += f" ({extent.alike:,} of each kind made)" if extent.alike < extent.items else ""
    long = f"{phrases.counted(extent.actions, 'action')} in a sequence"
    return f"tried up to {items}, {long}, texts of {phrases.counted(extent.characters, 'character')}"


def cited(report: Report, rules: Iterable[Rule]) -> list[str]:
    """The statements, and the gaps where there are none, that some rules rest on, in the order of the source."""
    sources = {source for rule in rules for source in rule.sources}
    citations = report.model.policy.citations
    return [s for s in citations.statements if s in sources] or [g for g in citations.gaps if g in sources]


def broken(finding: ConformanceFinding) -> str:
    """What a finding is laid to: rules, or what else it is called."""
    if finding.head:
        return finding.head
    names = [rule.id for rule in finding.broken]
    more = [f"{len(names) - MOST_BROKEN:,} more"] if len(names) > MOST_BROKEN else []
    return ", ".join([*names[:MOST_BROKEN], *more])


def sources_of(report: Report, finding: ConformanceFinding) -> list[str]:
    """The statements that a finding's rules rest on; none where no rule is broken."""
    return [] if finding.head else cited(report, finding.rules)


def heading(report: Report, finding: ConformanceFinding) -> tuple[str, list[str]]:
    """What a finding is laid to, the readings or the rules, and what these rest on."""
    policy = report.model.policy
    readings = finding.explanation.readings if finding.explanation else None
    if readings:
        named = " and ".join(f"{name}={option}" for name, option in readings.items())
        gaps = dict.fromkeys(policy.readings[name].gap for name in readings if policy.readings[name].gap)
        return f"another reading: {named}", list(gaps)
    return broken(finding), list(dict.fromkeys(source for rule in finding.broken for source in rule.sources))


def title(finding: ConformanceFinding) -> str:
    """What a finding's scenario is called."""
    event = finding.divergence.outcomes[-1].event
    return f"{broken(finding)}, at {event.actor}: {event}"


def behaves(report: Report, found: Explanation) -> str:
    """How a system behaves by an explanation, and of how much it is one, as a sentence."""
    seen = f"{phrases.counted(report.sequences, 'sequence')}, {phrases.counted(report.steps, 'step')}"
    rest = (
        f"that explains everything that was observed ({seen})"
        if found.everything
        else "nothing that was run speaks against it"
    )
    return f"this system behaves {found.about}: {rest}"


def scenario(report: Report, finding: ConformanceFinding) -> dict[str, Any]:
    """The shortest scenario that shows a finding, as the rules have it."""
    apart = (f"{at}: expected {one}, found {other}" for at, one, other in differences(finding))
    about = "; ".join([*apart, *(natures(finding) if marks(finding) else ())])
    outcomes = finding.divergence.outcomes
    events = tuple(outcome.event for outcome in outcomes)
    trace = Trace(status=outcomes[0].before.status, readings=report.model.chosen, events=events)
    return expecting(report.model, trace, title(finding), about, sources_of(report, finding))


def explanations(report: Report) -> list[Explanation]:
    """What explains the findings, each once."""
    return list({f.explanation.about: f.explanation for f in report.findings if f.explanation}.values())


def as_text(report: Report, files: Mapping[int, Sequence[str]], again: str = "") -> Iterator[tuple[str, str]]:
    """The report in lines with their style; ``files`` are those written for each finding, by its number.

    ``again`` is the command that runs them again.
    """
    verdict = report.verdict
    style = "bold green" if verdict is CampaignVerdict.CONFORMS else "bold red"
    yield f"{phrases.printable_line(report.name) or 'the system'}: {verdict}", style
    yield f"  {summary(report)}", ""
    if report.interrupted:
        yield f"  stopped: {report.stopped}", "bold"
    yield f"  {tried(report)}", ""
    done = f"{phrases.counted(report.sequences, 'sequence')}, {phrases.counted(report.steps, 'step')} judged"
    yield f"  {done}; {report.conforming:,} {'goes' if report.conforming == 1 else 'go'} as the rules say", ""
    if report.requests:
        yield f"  {phrases.counted(report.requests, 'request')}", ""
    yield from rounds.rounds_text(report)
    yield from undecided_text(report)
    yield from findings_text(report, files)
    yield from rounds.findings_text(report)
    if files and again:
        yield "", ""
        yield f"run these again on the system (the rules pass them): {again}", "bold"
    for failure in report.failures:
        yield "", ""
        yield from failure_lines(failure)
    for fault, count in _alike(report.faults):
        yield "", ""
        yield from fault_lines(fault)
        if count > 1:
            yield f"   and {phrases.counted(count - 1, 'more sequence')} with the same trouble", "dim"
    rest = list(remaining(report))
    if rest:
        yield "", ""
        yield from ((line, "") for line in rest)


def undecided_text(report: Report) -> Iterator[tuple[str, str]]:
    """What the rules do not decide, told before anything of the system."""
    for same in unsaid(report):
        outcomes = same[0].undecided
        yield "", ""
        yield f"the rules do not say: {phrases.printable_line(outcomes[-1].defects[0].message)}", "bold red"
        yield f"   given {outcomes[0].before.status}", ""
        yield from ((f"   {n}. {event_line(outcome)}", "") for n, outcome in enumerate(outcomes, 1))
        yield f"   {end_there(same)}", "dim"
    if report.undecided:
        yield "   only what was run is looked at; simsync check looks at everything that can happen", "dim"


def unsaid(report: Report) -> list[list[Driven]]:
    """The sequences that end before what the rules do not decide, those alike together, the shortest of each first."""
    found: dict[str, list[Driven]] = {}
    for driven in sorted(report.undecided, key=lambda one: len(one.undecided)):
        found.setdefault(driven.undecided[-1].defects[0].message, []).append(driven)
    return list(found.values())


def end_there(same: Sequence[Driven]) -> str:
    """How many sequences end before something, and the first of them."""
    ends = "ends" if len(same) == 1 else "end"
    return f"{phrases.counted(len(same), 'sequence')} {ends} before that: {_few([one.drive.source for one in same])}"


def findings_text(report: Report, files: Mapping[int, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Each finding, by its number, and first what explains them all."""
    for one in explanations(report):
        if one.everything:
            yield f"  {behaves(report, one)}", "bold"
    for number, finding in enumerate(report.findings, 1):
        yield "", ""
        yield from _finding(report, number, finding, files.get(number, ()))


def _finding(
    report: Report, number: int, finding: ConformanceFinding, files: Sequence[str]
) -> Iterator[tuple[str, str]]:
    kind = "yellow" if finding.known else "red"
    names, sources = heading(report, finding)
    said = f" [{' '.join(sources)}]" if sources else ""
    said += f" ({', '.join(marks(finding))})" if marks(finding) else ""
    yield f"{number}. {names}{said}", f"bold {kind}"
    texts = report.model.policy.citations
    stated = [source for source in sources if source in texts.statements]
    yield from ((f"   {source}: {texts.text(source)}", "dim") for source in stated or sources)
    bearing = [rule.id for rule in finding.rules if rule not in finding.broken]
    if finding.head or (finding.explanation and finding.explanation.readings):
        yield f"   it shows in: {_few([rule.id for rule in finding.rules])}", "dim"
    elif bearing and not finding.explanation:
        yield f"   or, since they bear on it: {_few(bearing)}", "dim"
    if finding.explanation and not finding.explanation.everything:
        yield f"   {behaves(report, finding.explanation)}", ""
    yield from ((f"   {line}", "") for line in in_short(finding))
    if finding.known:
        yield f"   known until {finding.known.expires.isoformat()}: {finding.known.reason}", "yellow"
    outcomes = finding.divergence.outcomes
    yield f"   given {outcomes[0].before.status}", ""
    yield from ((f"   {n}. {event_line(outcome)}", "") for n, outcome in enumerate(outcomes, 1))
    yield from _side_by_side(finding)
    yield from ((f"   {one}", "bold" if marks(finding) else "dim") for one in natures(finding))
    for which, trace in runs(finding):
        yield f"   {which}", ""
        yield from ((f"     {line}", "dim") for line in exchanges_text(trace))
    yield f"   {seen_in(finding)}", "dim"
    yield from ((f"   {path}", "dim") for path in files)


def in_short(finding: ConformanceFinding) -> Iterator[str]:
    """What a mapping says to a finding, what several have in common, and where else it shows."""
    if finding.explanation and finding.explanation.hint:
        yield f"where that is meant so, --map says: {finding.explanation.hint}"
    elif hidden := never_shown(finding):
        yield f"where it cannot show that, --map says: unseen: [{', '.join(hidden)}]"
    if finding.others and finding.symptom and not finding.head:
        yield f"in common: {finding.symptom.about}"
    for driven in finding.others[:MOST_LISTED]:
        assert driven.divergence is not None
        outcomes = driven.divergence.outcomes
        before = len(outcomes) - MOST_IN_SHORT
        earlier = [f"... {phrases.counted(before, 'step')} ..."] if before > 0 else []
        lines = [*earlier, *map(event_line, outcomes[-MOST_IN_SHORT:])]
        yield f"also given {outcomes[0].before.status}: {'; '.join(lines)}"
    if len(finding.others) > MOST_LISTED:
        yield f"and in {phrases.counted(len(finding.others) - MOST_LISTED, 'more way')}"


def _side_by_side(finding: ConformanceFinding) -> Iterator[tuple[str, str]]:
    rows = [("", "the rules", "this system"), *differences(finding)]
    wide, expected = (max(len(row[n]) for row in rows) for n in (0, 1))
    if wide + expected > WIDE:
        for at, one, other in rows[1:]:
            yield f"      {at}", "bold"
            yield f"        the rules    {one}", ""
            yield f"        this system  {other}", ""
        return
    for at, one, other in rows:
        yield f"      {at:<{wide}}  {one:<{expected}}  {other}".rstrip(), "" if at else "bold"


def seen_in(finding: ConformanceFinding) -> str:
    """In how many sequences a finding was seen, how often its steps were done where it always came, and the first."""
    often = (
        f", each of {finding.recurrence.tries:,} times that it was tried"
        if finding.steady and finding.recurrence.tries > 1
        else ""
    )
    return f"seen in {phrases.counted(len(finding.seen_in), 'sequence')}{often}: {_few(finding.seen_in)}"


def _few(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(phrases.printable_line(name) for name in names[:MOST_LISTED])
    return f"{shown}, and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else shown


def _alike(faults: Iterable[Driven]) -> list[tuple[Driven, int]]:
    """The first of those with the same trouble, and how many there are."""
    found: dict[object, list[Driven]] = {}
    for driven in faults:
        found.setdefault(driven.fault and (driven.fault.trouble, driven.fault.message), []).append(driven)
    return [(same[0], len(same)) for same in found.values()]


def failure_lines(failure: FailedRun) -> Iterator[tuple[str, str]]:
    """A failure that does not come each time, with the last exchanges before it and how often it came."""
    yield from fault_lines(failure.driven, f" ({failure.recurrence.how})")
    yield f"   {recurrence(failure.recurrence)}", "bold"
    yield f"   seen in {phrases.counted(len(failure.seen_in), 'sequence')}: {_few(failure.seen_in)}", "dim"


def fault_lines(driven: Driven, mark: str = "") -> Iterator[tuple[str, str]]:
    """What went wrong with the system, with the last exchanges."""
    fault = driven.fault
    assert fault is not None
    where = f", in {phrases.printable_line(driven.drive.source)}" if driven.drive.source else ""
    yield f"error: {fault.trouble}{mark}{where}", "bold red"
    yield f"   {phrases.printable_line(fault.message)}", ""
    yield from ((f"   {line}", "dim") for line in exchanges_text(fault.trace[-MOST_TRACED:]))


def remaining(report: Report) -> Iterator[str]:
    """What else there is to say: what stopped it, what was not tested, known deviations that were not seen."""
    if report.stopped and not report.interrupted:
        yield f"stopped: {report.stopped}"
    if not report.sequences and not (report.rounds and report.rounds.drives):
        yield "no sequence was run, and so nothing can be said"
    left = sum(finding.left for finding in report.findings if finding.known)
    if left:
        yield f"not judged: what {phrases.counted(left, 'sequence')} would have come to after a known deviation"
    for lacking, count in Counter(one.lacks for one in report.not_tested).items():
        yield f"not tested: {phrases.counted(count, 'sequence')}, since this system cannot: {lacking}"
    if report.not_applicable:
        yield f"not applicable: {phrases.counted(report.not_applicable, 'scenario')} about other readings"
    if report.own:
        items = report.model.words.item.count(sum(report.own))
        yield f"not compared: {items} of the product's own, in {phrases.counted(len(report.own), 'sequence')}"
    if report.untested and report.steps:
        yield f"{phrases.counted(len(report.untested), 'rule')} that nothing judged rests on: {_few(report.untested)}"
    yield from (_unused(report, one) for one in report.unused)
    yield from (f"known deviation expired on {one.expires}: {one.rule} ({one.span})" for one in report.expired)
    yield from (f"note: {phrases.printable_line(note)}" for note in report.notes)


def _unused(report: Report, known: Deviation) -> str:
    """What became of a known deviation that no finding is laid to; mended it is only if its rule was judged."""
    model, rule = report.model, known.rule
    in_force = {row.id for lookup in model.tables.values() for row in lookup.table.rows}
    in_force |= {transition.id for machine in model.status_machines for transition in machine.transitions}
    if rule not in in_force.difference(report.untested):
        return f"known deviation not judged in this run: {rule} ({known.span})"
    for number, finding in enumerate(report.findings, 1):
        if any(other.id == rule for other in finding.rules):
            return f"known deviation seen only as another suspect of {number}. {broken(finding)}: {rule} ({known.span})"
    return f"known deviation not seen: {rule} ({known.span}); take it out of the list"
