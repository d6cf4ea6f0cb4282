"""What a change of the rules means for those who use them: who would notice, which scenarios and promises turn."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.app import read_scenario_files
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.progress import Progress, silent
from simsync.questions.compare.affected import AffectedScenario, Turns, turns
from simsync.questions.compare.compare import compared, shipped_scenarios
from simsync.questions.compare.report import no_difference, place_of, walked
from simsync.questions.explore.asked import Explored, ExploreOptions
from simsync.questions.explore.explore import explored
from simsync.report import phrases
from simsync.report.difference import told
from simsync.report.screens import screens
from simsync.report.sentences import act, begins
from simsync.report.two_tickets import boxes
from simsync.statespace.differences import Side
from simsync.statespace.properties import Verdict

FEW = 10
"""How many scenarios are told by their titles."""


def meaning(before: Model, after: Model, progress: Progress = silent) -> Iterator[str]:
    """The shortest scenario that anybody could tell, the scenarios and the promises that turn."""
    explorations = []
    for number, model in enumerate((before, after)):
        progress("rules explored", number, 2)
        explorations.append(explored(model, ExploreOptions(), progress))
    yield from _holes(*explorations)
    sides = Side("as it is", before), Side("with the change", after)
    progress("what anybody could notice", 0, 0)
    made, problems = compared(*sides, shipped_scenarios())
    difference = next((trace for _, trace in made.differences), None)
    if difference is None:
        yield f"No difference: {no_difference(made)}"
        yield f"  {walked(made)}"
    else:
        yield "The shortest way to notice"
        yield from (f"  {line}" for line in _shortest(sides, difference))
    yield from _scenarios(made.turns)
    yield from _promises(*explorations)
    yield from (phrases.diagnostic(problem) for problem in problems)


def _shortest(sides: tuple[Side, Side], difference: Trace) -> Iterator[str]:
    before, after = sides
    yield f"{begins(before.model, difference.status)}."
    for number, event in enumerate(difference.events, 1):
        yield f"{number}. {act(event, before.model.vocabulary)}."
    last = {side.name: simulate(side.model, difference)[-1] for side in sides}
    for side, other in ((before, after), (after, before)):
        yield f"{side.name}{': ' if (said := _said(last[side.name], last[other.name])) else ''}{said}"
        yield from (f"  {line}" for line in boxes(screens([last[side.name]])))


def _said(mine: Outcome, other: Outcome) -> str:
    """What both tickets do not show: refusals, who is told."""
    said = [one for one in told(mine, other) if not any(f"{p}'s " in one for p in mine.model.vocabulary.partners)]
    return "; ".join(said)


def failing(before: Model, after: Model, progress: Progress = silent) -> Iterator[str]:
    """The scenarios that turned by a change that was made, and what cannot be read of scenario files."""
    files = [list(read_scenario_files(shipped_scenarios(), model)) for model in (before, after)]
    scenarios = [[scenario for file in one for scenario in file.scenarios] for one in files]
    turned, _ = turns((before, scenarios[0]), (after, scenarios[1]), progress)
    yield from _scenarios(turned, made=True)
    before_it = {problem for file in files[0] for problem in file.diagnostics}
    problems = (problem for file in files[1] for problem in file.diagnostics if problem not in before_it)
    yield from map(phrases.diagnostic, problems)


def _scenarios(found: Turns, *, made: bool = False) -> Iterator[str]:
    """The scenarios that turn, those first that would fail; or, of a change that was ``made``, that fail."""
    turned, total = found.turned, found.compared
    if not total:
        yield from () if made else ["No scenario here to run on both"]
        return
    failing = sum(turn.left.passed and not turn.right.passed for turn in turned)
    fail = (
        f"{failing:,} fail{'s' if failing == 1 else ''} that passed before"
        if made
        else f"{failing:,} would fail that pass now"
    )
    yield f"Scenarios that come out otherwise: {len(turned):,} of {total:,}; {fail}"
    for turn in sorted(turned, key=lambda turn: turn.left.passed == turn.right.passed)[:FEW]:
        yield f"  {phrases.printable(turn.left.scenario.name)}"
        yield f"    {place_of(turn.left)}: {_verdicts(turn, made=made)}"
    if len(turned) > FEW:
        once = "" if made else ", once the change is made"
        yield f"  ... and {len(turned) - FEW:,} more; simsync run tells of all{once}"
    for scenario, side in found.alone[:FEW]:
        which = ("as they were" if made else "as they are") if side == "left" else "with the change"
        yield f"  {scenario.file}:{scenario.line}: only the rules {which} can read it"


def _verdicts(turn: AffectedScenario, *, made: bool) -> str:
    """How a scenario comes out now, and how it would; or, of a change that was ``made``, how it came and comes out."""
    if turn.left.passed != turn.right.passed and made:
        return "passed, and fails now" if turn.left.passed else "failed, and passes now"
    if turn.left.passed != turn.right.passed:
        return "passes, and would fail" if turn.left.passed else "fails, and would pass"
    same = "passes" if turn.left.passed else "fails"
    return f"{same} either way, but shows something else" if turn.visible else f"{same} for another reason"


def _promises(before: Explored, after: Explored) -> Iterator[str]:
    """The properties that hold no more, and those that hold again."""
    was = {one.claim.name: one.verdict for one in before.found.judged}
    now = {one.claim.name: one.verdict for one in after.found.judged}
    broken = [name for name in now if now[name] is Verdict.VIOLATED and was.get(name) is not Verdict.VIOLATED]
    open_ = [name for name in now if now[name] is Verdict.INCOMPLETE]
    meanings = {one.claim.name: phrases.meaning(one.claim) for one in after.found.judged}
    if now:
        items = after.model.words.item.count(after.asked.items)
        yield f"Promises that break: {len(broken)} of {len(now)}, judged with up to {items}"
    yield from (f"  {name}: {meanings[name]}" for name in broken)
    if open_:
        yield f"  could not be judged: {', '.join(open_)}"
    again = [name for name in was if was[name] is Verdict.VIOLATED and now.get(name) is Verdict.HOLDS]
    yield from (f"  {name} holds again" for name in again)


def _holes(before: Explored, after: Explored) -> Iterator[str]:
    """Where the rules would fail that do not fail now."""
    if after.undecided is not None and before.undecided is None:
        yield "The rules would not say any more, or say twice, what happens here"
        yield f"  {begins(after.model, after.undecided.status)}."
        for number, event in enumerate(after.undecided.events, 1):
            yield f"  {number}. {act(event, after.model.vocabulary)}."
