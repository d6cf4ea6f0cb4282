"""A finding as a picture: what the rules have happen, and what the system did, side by side."""

from __future__ import annotations

from dataclasses import replace

from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence import Beat, LaneSide
from simsync.drawing.sequence_pair import Pair
from simsync.drawing.sequence_svg import sequence_svg
from simsync.engine.model import Model
from simsync.questions.conform.diagnosis.conformity import ConformanceFinding, Report
from simsync.questions.conform.report.differences import differences
from simsync.questions.conform.report.text import scenario, title
from simsync.report import phrases
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import ScenarioResult, StepResult
from simsync.scenarios.writing import as_yaml


def picture(report: Report, finding: ConformanceFinding) -> str:
    """The two runs as one SVG document; they differ in the last step."""
    model = report.model
    left = sequence_of(model, _result(model, report, finding))
    (*before, last) = left.beats
    apart = list(differences(finding))
    wanted = tuple(f"{at}: {expected}" for at, expected, _ in apart)
    found = tuple(f"{at}: {actual}" for at, _, actual in apart)
    right = replace(left, title=phrases.printable_line(report.name) or "this system", failed=True)
    right = replace(right, beats=(*before, _as_seen(finding, last)))
    return Pair(title(finding), (replace(left, title="the rules"), right), {len(before): (wanted, found)}).svg()


def history(report: Report, finding: ConformanceFinding) -> str:
    """What the system did, step by step, as one SVG document; its last step is not as the rules say."""
    made = sequence_of(report.model, _result(report.model, report, finding))
    where = dict.fromkeys(at.replace("_", " ") for at, _, _ in differences(finding))
    apart = f"not as the rules say: {', '.join(where)}"
    last = replace(_as_seen(finding, made.beats[-1]), failures=(apart,))
    beats = tuple(replace(one, number=str(n)) for n, one in enumerate((*made.beats[:-1], last), 1))
    name = phrases.printable_line(report.name) or "this system"
    given = f"given {finding.divergence.outcomes[0].before.status}"
    told = replace(made, title=f"what {name} did", given=given, beats=beats, numbers="the step", failed=True)
    return sequence_svg(told)


def _result(model: Model, report: Report, finding: ConformanceFinding) -> ScenarioResult:
    text = as_yaml(scenario(report, finding))
    (made,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "scenario").scenarios
    outcomes = finding.divergence.outcomes
    steps = tuple(StepResult(one, outcome, ()) for one, outcome in zip(made.steps, outcomes, strict=True))
    return ScenarioResult(made, model.readings, steps)


def _as_seen(finding: ConformanceFinding, beat: Beat) -> Beat:
    """The last step as the system did it, as far as that can be seen: its links are nobody's to see."""
    divergence = finding.divergence
    outcome, actual = divergence.outcomes[-1], divergence.actual
    partners = dict(zip(outcome.model.vocabulary.partners, LaneSide, strict=True))
    before = {p: dict(_shown_before(finding).get(p, {})) for p in partners}
    changed = {side for p, side in partners.items() if dict(actual.shown.tickets.get(p, {})) != before[p]}
    other = {partners[outcome.event.actor].other} if outcome.event.item else set()
    moved = actual.shown.status != outcome.before.status
    return replace(
        beat,
        to=frozenset(changed & (set(LaneSide) if outcome.event.item is None else other)),
        says={},
        refused=phrases.printable_line(actual.refused or "refused")[:200] if actual.refused is not None else "",
        status=(phrases.printable_line(actual.shown.status),) if moved else (),
        links={},
        ref="",
    )


def _shown_before(finding: ConformanceFinding) -> dict[str, dict[str, dict[str, str | bool]]]:
    from simsync.engine.view import ticket

    outcome = finding.divergence.outcomes[-1]
    words = outcome.model.vocabulary
    return {partner: ticket(words, outcome.before, partner) for partner in words.partners}
