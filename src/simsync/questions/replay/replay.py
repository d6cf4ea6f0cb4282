"""The use case behind `simsync replay`: a production log held against the rules, in bounded memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import simulate
from simsync.engine.view import ticket
from simsync.progress import Progress
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.following import KEPT, Found, Lost, Read, Run, Teller, with_lost
from simsync.questions.replay.judging.judge import Judge
from simsync.questions.replay.judging.order import CLOCKS, Ordering
from simsync.questions.replay.judging.skimming import Skimming
from simsync.questions.replay.judging.ticket import FIRST_LINES, Summary
from simsync.questions.replay.log.chunks import can_be_shared
from simsync.questions.replay.log.columns import LogNames, Unreadable, UnreadLine
from simsync.questions.replay.log.files import LogFiles
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.log.sources import Source, sources
from simsync.questions.replay.scratch import piece_files
from simsync.questions.replay.shares import Sharing, parts_of
from simsync.questions.replay.worker_tasks import Line, LineJudge, count_read
from simsync.workers.workers import HERE, Where, Workers

L = TypeVar("L", bound=Line)
TICKETS_OF_THE_EXAMPLE = 3


def replayed(
    model: Model,
    path: str | Sequence[str],
    form: str | None,
    names: LogNames,
    progress: Progress,
    kept: int = KEPT,
    late: int | None = None,
    clocks: float = CLOCKS,
    place: Where = HERE,
    scratch: str | None = None,
) -> Iterator[Found | Summary]:
    """Each ticket's first illegal step, each gap and each unreadable line as they come, and the summary last.

    ``path`` is one or several: of files, patterns of files, addresses that fsspec reaches, or ``-`` for standard input.
    ``form`` is ``jsonl``, ``csv`` or ``parquet``, None to see. ``late`` is how many lines
    of a ticket later something may arrive; where it is None, what arrives at all is told as late. ``clocks`` is by how
    many seconds those of two desks may differ. Of lines that the rules do not decide, the first of each sort is told.
    One worker tells while it reads if the lines say no time. Else it is told when all is read, and lines are kept by
    ticket in a new folder in ``scratch``, a directory or an address that all workers reach. None is a directory of
    this machine; workers of a cluster elsewhere then get lines by way of this process.
    Raises :class:`SimsyncError` where the log cannot be opened.
    """
    replaying = _Replaying(model, names, late, clocks, kept, progress)
    logs = sources([path] if isinstance(path, str) else path)
    with closing(LogFiles(replaying.reader, logs, form)) as files:
        yield from replaying.told(files, logs, form, place, scratch)
    yield replaying.counted()


class _Replaying:
    """A replay under way, with all that it counts. ``reader`` is its own."""

    def __init__(
        self, model: Model, names: LogNames, late: int | None, clocks: float, kept: int, progress: Progress
    ) -> None:
        self._model, self._names, self._late, self._clocks = model, names, late, clocks
        self._kept, self._progress = kept, progress
        self._summary = Summary()
        self.reader = LogReader(model, names)

    def told(
        self, files: LogFiles, logs: Sequence[Source], form: str | None, place: Where, scratch: str | None
    ) -> Iterator[Found]:
        """What is found: while the log is read where its lines stand in the order in which they are taken."""
        summary = self._summary
        by_workers = can_be_shared(logs, form, here=place.is_here)
        lines: Iterator[Line] = files.split()
        if by_workers:
            summary.timed = _says_times(LogReader(self._model, self._names), logs, form)
        else:
            begin = list(islice(lines, FIRST_LINES))
            summary.timed = _timed(map(self._read, begin))
            lines = chain(begin, lines)
        counted = self._counted(lines, files)
        teller = Teller(self._model.words, summary)
        if place == HERE and not summary.timed:
            yield from teller.told(self._followed(counted))
            return
        with self._sharing(logs if by_workers else None, place, scratch) as sharing:
            yield from teller.told(sharing.of_files(logs) if by_workers else sharing.of_lines(counted))

    @contextmanager
    def _sharing(self, logs: Sequence[Source] | None, place: Where, scratch: str | None) -> Iterator[Sharing]:
        """All that shares a log out; its files, where workers read these."""
        reached = place.is_here or scratch is not None
        with (
            piece_files(scratch, parts_of(logs)) as lines,
            Workers(place, LineJudge, self._model, self._names, self._late, self._clocks) as team,
            closing(Sharing(team, self.reader, self._summary, lines, self._progress, reached=reached)) as sharing,
        ):
            yield sharing

    def _read(self, line: Line) -> Read:
        return self.reader.one(line) if isinstance(line, UnreadLine) else line

    def _followed(self, lines: Iterable[Line]) -> Iterator[Found]:
        """What is found in a log, as it comes."""
        names, summary = self._names, self._summary
        judge = Judge(self._model, names.begins, names.copies, self._late, names.own)
        skimming = Skimming(Ordering(judge, timed=False, clocks=self._clocks), self.reader)
        run = Run(skimming, summary, self._kept)
        try:
            for record in with_lost(map(self._read, lines)):
                if not isinstance(record, Lost):
                    count_read(summary, record)
                yield from run.take(record)
            yield from (one for _, one in run.end())
        finally:
            skimming.agreement.tell(summary)
            run.close()

    def _counted(self, lines: Iterable[L], files: LogFiles) -> Iterator[L]:
        for line in lines:
            self._summary.lines += 1
            if self._summary.lines % 1000 == 0:
                self._progress(*files.far(self._summary.lines))
            yield line

    def counted(self) -> Summary:
        """What was counted in the end."""
        self._summary.unseen = _unseen(self._model, self._summary.rules)
        self._summary.unread = self.reader.unread
        return self._summary


def _timed(first: Iterable[Read]) -> bool:
    """Whether a log says when its lines were, by its first ones."""
    return any(not isinstance(one, Unreadable) and one.time is not None for one in first)


def _says_times(reader: LogReader, found: Sequence[Source], form: str | None) -> bool:
    """The same of files that are read elsewhere."""
    with closing(LogFiles(reader, found, form)) as files:
        return _timed(islice(files.skim(), FIRST_LINES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A log that was held against the rules: what was found, in order of the lines, and what was counted."""

    path: str
    found: tuple[Found, ...]
    summary: Summary

    @property
    def holds(self) -> bool:
        """Whether nothing is illegal, unreadable, left out or left open by the rules, and something was judged."""
        one = self.summary
        return one.steps > 0 and not (one.illegal or one.unreadable or one.gaps or one.holes)


def in_memory(found: Iterable[Found | Summary], path: str) -> Replayed:
    """Everything that a replay gives."""
    *all_found, summary = found
    assert isinstance(summary, Summary)
    return Replayed(path=path, found=tuple(one for one in all_found if not isinstance(one, Summary)), summary=summary)


def _unseen(model: Model, seen: Counter[str]) -> list[str]:
    """Rules that decided nothing in what was followed."""
    every = [t.id for machine in model.status_machines for t in machine.transitions if t.actors]
    every += [row.id for lookup in model.tables.values() for row in lookup.table.rows]
    return [rule for rule in every if rule not in seen]


def example(model: Model) -> Iterator[str]:
    """An example of a log, as JSON Lines: some tickets that keep the rules, from the first status on."""
    ways = list(walks(model, 0, TICKETS_OF_THE_EXAMPLE, texts=()))
    for number, drive in enumerate(ways, 1):
        for outcome in simulate(model, drive.trace):
            yield json.dumps(logged(model, f"T{number}", outcome), ensure_ascii=False)


def logged(model: Model, name: str, outcome: Outcome) -> dict[str, Any]:
    """A step on a ticket as a line of a log that says all there is to say."""
    event = outcome.event
    said: dict[str, Any] = {"ticket": name, "before": outcome.before.status, "actor": event.actor}
    said |= {"action": event.action}
    if event.item is not None:
        said["item"] = event.item
    if event.kind is not None:
        said["kind"] = event.kind
    if event.fields:
        said["fields"] = dict(event.fields)
    words = model.vocabulary
    said |= {"refused": outcome.refused is not None, "status": outcome.after.status}
    said["notified"] = list(outcome.notified)
    said["tickets"] = {partner: ticket(words, outcome.after, partner) for partner in words.partners}
    return said
