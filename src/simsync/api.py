"""One function a command: typed, and answered by a value that shows itself and gives itself as plain data.

>>> import simsync
>>> model = simsync.load_model()
>>> simsync.find(model, "copy = present").holds
True
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from simsync.answer import Answer
from simsync.progress import Progress, known, silent

if TYPE_CHECKING:
    from simsync.drawing.files import Drawing
    from simsync.engine.model import Model
    from simsync.engine.trace import Trace
    from simsync.policy.policy import Value
    from simsync.questions.check.findings import Finding
    from simsync.questions.compare.affected import Compared
    from simsync.questions.conform.diagnosis.conformity import Report
    from simsync.questions.coverage.coverage import Coverage
    from simsync.questions.explore.asked import Explored
    from simsync.questions.generate.covering import Generated
    from simsync.questions.generate.mutants import MutationSuite
    from simsync.questions.generate.w_method import Completed
    from simsync.questions.mutate.report import Score
    from simsync.questions.races.asked import Races
    from simsync.questions.replay.replay import Replayed
    from simsync.questions.run.all_readings import ReadEveryWay
    from simsync.questions.why.moment import Explained

Place = str | Path
"""A scenario file, ``FILE:LINE``, or a directory of files."""


def all_readings(model: Model, *places: Place, settled: Collection[str] = ()) -> Answer[tuple[ReadEveryWay, ...]]:
    """What the scenarios at some places come to under all combinations of readings: each different outcome once.

    Readings that are ``settled`` stay as the model has them, as do those that a scenario gives. It always holds.
    Raises :class:`SimsyncError` for bad scenario files, and for too many combinations.
    """
    from io import StringIO

    from simsync.app import load_scenarios
    from simsync.questions.run.all_readings import read_every_way
    from simsync.questions.run.every_way_data import all_as_data
    from simsync.questions.run.every_way_report import EveryWayText

    made = tuple(read_every_way(model, one, settled) for one in load_scenarios(*places, model=model))

    def lines() -> list[str]:
        text = EveryWayText(stream := StringIO())
        for one in made:
            text.add(one)
        text.close(())
        return stream.getvalue().splitlines()

    return Answer(made, True, lines, lambda: all_as_data(made))


def check(model: Model, *, impossible: bool = False, progress: Progress = silent) -> Answer[tuple[Finding, ...]]:
    """What the tables leave open, decide twice or never use, under all combinations of readings.

    It holds if there is no error. ``impossible`` tells what cannot come about one by one too, in the text.

    >>> import simsync
    >>> answer = simsync.check(simsync.load_model("tests/policies/wire"))
    >>> answer.holds, sorted({finding.code for finding in answer.value})
    (True, ['condition-idle', 'undecided-impossible'])
    """
    from simsync.app import collector_paused
    from simsync.questions.check.check import check as found_in
    from simsync.questions.check.findings import Severity
    from simsync.questions.check.report import as_json, as_text

    with collector_paused():
        found, stopped = known(found_in(model, progress))
    return Answer(
        tuple(found),
        stopped is None and not any(finding.severity is Severity.ERROR for finding in found),
        lambda: as_text(model, found, impossible=impossible, stopped=stopped is not None),
        lambda: as_json(found),
        stopped,
    )


def explore(model: Model, *, items: int = 2, properties: Collection[str] = ()) -> Answer[Explored]:
    """Every state that so many items can come to, and what the policy claims of them.

    ``properties`` are judged, even where their readings are not in force; all that are claimed where none is named.
    It holds if every one does. Raises :class:`SimsyncError` for a property that there is not.
    """
    from simsync.questions.explore.asked import ExploreOptions
    from simsync.questions.explore.explore import explored
    from simsync.questions.explore.report import as_json, as_text
    from simsync.statespace.properties import Verdict

    made = explored(model, ExploreOptions(items=items, names=properties))
    return Answer(made, made.verdict is Verdict.HOLDS, lambda: as_text(made), lambda: as_json(made))


def races(
    model: Model, *places: Place, jobs: int | None = None, cluster: str | None = None, progress: Progress = silent
) -> Answer[Races]:
    """The pairs of actions whose order matters to anybody, each with what both orders come to.

    With places, only the situations that the scenarios there come to are looked at. ``jobs`` and ``cluster`` say who
    does the work (see :func:`mutate`). It holds whatever is found: a race
    is a question to whoever wrote the rules, and no fault of them. Raises :class:`SimsyncError` as
    :func:`load_scenarios` does.

    >>> import simsync
    >>> answer = simsync.races(simsync.load_model("examples/policies/minimal/machines"))
    >>> [str(group.kind) for group in answer.value.groups]
    ['free', 'free']
    """
    from simsync.questions.races.asked import races_of
    from simsync.questions.races.report import as_json, as_text
    from simsync.workers.workers import where

    made = races_of(model, [str(one) for one in places], progress, place=where(jobs, cluster, otherwise=1))
    return Answer(made, True, lambda: as_text(made), lambda: as_json(made))


def find(model: Model, query: str) -> Answer[Trace | None]:
    """The shortest way to a state, in the words of ``simsync find``; None, which is a proof, where there is no way.

    It holds if there is a way. Raises :class:`SimsyncError` for a query that makes no sense.
    """
    from simsync.questions.explore.explore import sought
    from simsync.questions.explore.found_report import found_json, found_text
    from simsync.questions.explore.other_readings import other_ways
    from simsync.statespace.query import query as meant

    wanted = meant(query, model.policy)
    trace = sought(model, wanted)
    others = other_ways(model, wanted) if trace is None else None
    return Answer(
        trace,
        trace is not None,
        lambda: found_text(model, wanted, trace, others).splitlines(),
        lambda: found_json(model, wanted, trace, others),
    )


def compare(left: Model, right: Model, *places: Place, every: bool = False) -> Answer[Compared]:
    """Where two models come apart, which rules differ, and which scenarios at some places come out otherwise.

    ``every`` looks for one difference of each kind, not for the shortest only. It holds if nobody can tell the two
    apart. Raises :class:`SimsyncError` for models without a scenario in common, and for bad scenario files.
    """
    from simsync.errors import SimsyncError
    from simsync.questions.compare.compare import compared
    from simsync.questions.compare.report import answered
    from simsync.statespace.differences import Side

    sides = Side(name="left", model=left), Side(name="right", model=right)
    made, problems = compared(*sides, [str(place) for place in places], every=every)
    if problems:
        raise SimsyncError(problems)
    return answered(made)


def explain(model: Model, action: str, place: Place | None = None, /, **fields: Value) -> Answer[Explained]:
    """Which rows decide ``"actor: action"``, and what the smallest change is that would turn the verdict.

    ``place`` is a scenario that has the action, or in which it makes sense; without one it is tried on empty tickets.
    It holds if the rules decide it. Raises :class:`SimsyncError` where the action makes no sense there.

    >>> import simsync
    >>> model = simsync.load_model()
    >>> first = next(iter(model.status_spec.transitions))
    >>> simsync.explain(model, f"{first.actors[0]}: {first.trigger}").holds
    True
    """
    from simsync.questions.why.moment import explain_action
    from simsync.questions.why.report import as_json, lines
    from simsync.report.terminal import UNICODE

    given = {name: value if isinstance(value, str) else str(value).lower() for name, value in fields.items()}
    made = explain_action(model, action, None if place is None else str(place), given)
    return Answer(
        made,
        not made.explanation.outcome.defects,
        lambda: (line for line, _ in lines(made, UNICODE.arrow)),
        lambda: as_json(made),
    )


def coverage(
    model: Model,
    *places: Place,
    criteria: Collection[str] = (),
    least: Mapping[str, float] = MappingProxyType({}),
    hand_written: bool = False,
    holes: int = 3,
    jobs: int | None = None,
    cluster: str | None = None,
    progress: Progress = silent,
) -> Answer[Coverage]:
    """What the scenarios at some places (``scenarios/`` where none is named) cover, and the shortest way to the rest.

    ``criteria`` are counted, all where none is named; ``least`` are shares in percent. ``hand_written`` leaves out what
    simsync wrote; the text tells so many ``holes`` of each criterion. ``jobs`` processes, or a ``cluster`` (see
    :func:`mutate`), run the scenarios. It holds if no scenario fails, and no share is below the least.
    Raises :class:`SimsyncError` for a criterion that there is not, and for bad scenario files.
    """
    from simsync.questions.coverage.goals import CRITERIA
    from simsync.questions.coverage.report import as_json, as_text, below
    from simsync.questions.coverage.suite import criteria_of, measured_suite
    from simsync.workers.workers import where

    wanted = {criterion: least[criterion] for criterion in criteria_of(least)}
    counted = tuple(dict.fromkeys((*criteria_of(criteria or CRITERIA), *wanted)))
    workers = where(jobs, cluster, otherwise=1)
    made = measured_suite(model, [str(place) for place in places], counted, hand_written, progress, workers)
    return Answer(
        made,
        not (made.stopped or made.failed or any(below(tally, wanted) for tally in made.tallies.values())),
        lambda: as_text(made, holes, wanted),
        lambda: as_json(made, wanted),
        made.stopped,
    )


def mutate(
    model: Model,
    *places: Place,
    sources: Collection[str] = (),
    least: float = 100.0,
    hand_written: bool = False,
    survivors: int = 10,
    jobs: int | None = None,
    cluster: str | None = None,
    progress: Progress = silent,
) -> Answer[Score]:
    """Which faults in the rules the scenarios at some places notice, and the shortest scenario for each other one.

    ``sources`` leaves only faults in rules that cite one of them; ``hand_written`` leaves out the scenarios that
    simsync wrote; the text tells so many ``survivors``. ``jobs`` processes share the work, or the workers of a Dask
    ``cluster`` (an address, or ``local:N``). It holds if at least so many percent of the faults are noticed.
    Raises :class:`SimsyncError` where a scenario fails already, and for a source that there is not.
    """
    from simsync.questions.mutate.mutate import mutation
    from simsync.questions.mutate.report import as_json, as_text, share
    from simsync.workers.workers import cores, where

    workers = where(jobs, cluster, cores())
    score = mutation(model, [str(place) for place in places], workers, progress, sources, hand_written)
    found = share(score.total)
    stopped = score.unjudged and score.unjudged.stopped
    holds = stopped is None and (found is None or found >= least)
    return Answer(score, holds, lambda: as_text(score, survivors), lambda: as_json(score), stopped)


def generate(
    model: Model,
    cover: str = "rules",
    *,
    seed: int | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    kinds: Collection[str] = (),
    extra_states: int | None = None,
) -> Answer[Generated | MutationSuite | Completed]:
    """A suite of scenarios that covers a criterion, kills every mutant (``mutants``) or has a proof (``w-method``).

    The text of the answer is the scenario file. ``seed`` is for suites that leave something to chance, ``jobs`` and
    ``cluster`` (see :func:`mutate`) for ``mutants``, ``kinds`` and ``extra_states`` for ``w-method``.
    Raises :class:`SimsyncError` for a criterion that there is not.
    """
    from simsync.questions.generate.suites import suite

    made = suite(model, cover, seed=seed, jobs=jobs, cluster=cluster, kinds=kinds, extra=extra_states)
    about = {"criterion": cover, "steps": made.value.steps, "summary": made.summary}
    return Answer(made.value, True, lambda: made.text().splitlines(), lambda: about)


def conform(
    model: Model,
    system: object,
    *places: Place,
    names: Place | None = None,
    known: Place | None = None,
    walks: int | None = None,
    seed: int = 0,
) -> Answer[Report]:
    """Whether a system follows the rules, and if not, which it breaks, each by the smallest example.

    ``system`` is a :class:`simsync.System`, or an object that has a method for each ``op`` of the protocol. It is
    driven through the scenarios at some places and so many random ``walks``; through all that a campaign has where
    neither is said.
    ``names`` is a mapping file, ``known`` a file of known deviations, which count whatever day it is.
    It holds if the system conforms, up to what the report says was tried.
    """
    from simsync.app import collector_paused, load_scenarios
    from simsync.questions.conform.campaign.campaign import Terms, campaign
    from simsync.questions.conform.campaign.plan import sources_of
    from simsync.questions.conform.campaign.pool import Pool
    from simsync.questions.conform.diagnosis.conformity import CampaignVerdict
    from simsync.questions.conform.report.as_json import as_json
    from simsync.questions.conform.report.text import as_text
    from simsync.questions.conform.systems.direct import by_object
    from simsync.questions.conform.systems.files import load_deviations, load_names
    from simsync.questions.conform.systems.mapping import SAME
    from simsync.questions.conform.systems.sut import System

    called = SAME if names is None else load_names(str(names), model)
    one = system if isinstance(system, System) else by_object(system, model, called)
    scenarios = load_scenarios(*places, model=model) if places else []
    sources = sources_of(scenarios, alone=bool(places), seed=seed, walks=walks)
    terms = Terms(known=() if known is None else load_deviations(str(known), model))
    with collector_paused():
        report = campaign(Pool(lambda _: one, 1), model, sources, terms)
    return Answer(
        report,
        report.verdict is CampaignVerdict.CONFORMS,
        lambda: (line for line, _ in as_text(report, {}, "")),
        lambda: as_json(report, {}),
    )


def replay(
    model: Model,
    path: Place | Sequence[Place],
    *,
    names: Place | None = None,
    late: int | None = None,
    clocks: float = 1.0,
    jobs: int | None = None,
    cluster: str | None = None,
    scratch: str | None = None,
) -> Answer[Replayed]:
    """A production log held against the rules: each ticket's first illegal step, each gap, and what was counted.

    ``path`` is that of a file, a pattern of files, an address that fsspec reaches, or several of these. ``names`` is a
    mapping file; ``late`` is how many lines of a ticket later something may arrive; ``clocks`` is by how many seconds
    those of two desks may differ; ``jobs`` and ``cluster`` say who does the work (see :func:`mutate`), and ``scratch``
    where they keep lines by ticket meanwhile, a directory or an address that all workers reach.
    All that is found is kept in memory. It holds if nothing is illegal, left out, unreadable or left open by the rules.
    Raises :class:`SimsyncError` for a log that cannot be opened.
    """
    from simsync.app import collector_paused
    from simsync.questions.replay.log.columns import LogNames
    from simsync.questions.replay.log.names import load_log_names
    from simsync.questions.replay.replay import in_memory, replayed
    from simsync.questions.replay.report import as_json, as_text
    from simsync.workers.workers import where

    place = where(jobs, cluster, otherwise=1)
    called = LogNames() if names is None else load_log_names(str(names), model)
    with collector_paused():
        paths = [str(path)] if isinstance(path, str | Path) else [str(one) for one in path]
        found = replayed(model, paths, None, called, silent, late=late, clocks=clocks, place=place, scratch=scratch)
        made = in_memory(found, paths[0] if len(paths) == 1 else f"{len(paths)} files")
    return Answer(
        made,
        made.holds,
        lambda: (line for line, _ in as_text(model, made.path, (*made.found, made.summary))),
        lambda: json.loads("".join(as_json(model, (*made.found, made.summary)))),
    )


def diagrams(model: Model) -> Answer[tuple[Drawing, ...]]:
    """The machines and decision tables of a model, each as texts: DOT, and of machines Mermaid and PlantUML.

    In a notebook they are drawn, where there is a ``dot``.
    """
    from simsync.drawing.files import drawings

    drawn = tuple(drawings(model))
    texts = {f"{one.name}.{form}": text for one in drawn for form, text in one.texts.items()}
    return Answer(drawn, True, lambda: texts, lambda: dict(texts))
