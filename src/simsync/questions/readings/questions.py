"""The fewest scenarios that settle all readings, if somebody who knows tells what is seen in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.questions.readings.answers import Clue, PossibleAnswer, answers, clues
from simsync.questions.readings.needs import Need, Needs, Weights, weights
from simsync.questions.readings.single_item_tests import Interleaver, Interleaving, Met, SingleItemTests, cover
from simsync.questions.readings.worked import Bound, Worked, worked
from simsync.statespace.abstraction import with_texts
from simsync.statespace.array_cache import key_of
from simsync.statespace.combinations import Combinations
from simsync.statespace.comparing import first_difference
from simsync.statespace.describing import Cube, described
from simsync.statespace.differences import Observable
from simsync.statespace.observations import Observations
from simsync.statespace.product_search import Sides, distinguishing_trace
from simsync.statespace.space import Space
from simsync.statespace.walking import space_of

ABREAST = 3
"""From how many combinations the search for a bound goes on at once."""

STEPS = 4
"""How many steps a question may have, unless somebody wants otherwise: what a reader can follow without a pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A scenario, every answer that it can have, and the clues: what to look at to know what it settles."""

    trace: Trace
    answers: tuple[PossibleAnswer, ...]
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSheet:
    """Questions whose answers leave one combination of readings, or some that nobody can tell apart.

    ``combinations``: how many there are, ``different``: how many of them can be told apart by what is seen of one item.
    ``limit``: how many steps a question was to have at most; ``beyond`` counts those that need more.
    ``silent``: where the two options of a need do not matter.
    """

    questions: tuple[Question, ...]
    among: Combinations
    within: int
    different: int
    limit: int
    beyond: int
    bound: Bound
    weights: Weights
    silent: tuple[tuple[Need, tuple[Cube, ...]], ...]

    @property
    def combinations(self) -> int:
        """How many combinations there are."""
        return self.within.bit_count()

    def meaning(self, clue: Clue) -> list[Cube]:
        """What a clue settles."""
        return described(clue.combos, self.among, self.within)


def sheet(model: Model, settled: Collection[str] = (), limit: int = STEPS) -> QuestionSheet:
    """The fewest questions of at most ``limit`` steps, and of those with the fewest steps, that settle all readings.

    Readings that are ``settled`` stay as the model has them. Where a question of so few steps cannot tell two
    combinations apart, the shortest one that can is added.
    """
    inquiry = _Inquiry(model, settled, limit)
    if not inquiry.needs.all:
        return inquiry.nothing_to_ask()
    about = sorted(model.factory.watched), sorted(settled), limit
    made = worked(key_of("questions", model.policy, model.readings, *about), inquiry.worked)
    found = sorted(map(inquiry.question, made.traces), key=lambda one: len(one.trace.events))
    questions = tuple(inquiry.trimmed(found))
    return QuestionSheet(
        questions=questions,
        among=inquiry.among,
        within=inquiry.within,
        different=made.different,
        limit=limit,
        beyond=sum(len(one.trace.events) > limit for one in questions),
        bound=made.bound,
        weights=made.weights,
        silent=tuple(inquiry.silent(made.alike)),
    )


class _Inquiry:
    def __init__(self, model: Model, settled: Collection[str], limit: int) -> None:
        self.model, self.limit = model, limit
        self.among = Combinations(model.policy)
        self.within = self.among.under({name: model.readings[name] for name in settled})
        self.needs = Needs(self.among, settled)
        self.alike = dict.fromkeys(self.needs.all, 0)
        self._known: dict[Trace, Question] = {}

    def nothing_to_ask(self) -> QuestionSheet:
        """The sheet where every reading is settled."""
        return QuestionSheet(
            questions=(),
            among=self.among,
            within=self.within,
            different=1,
            limit=self.limit,
            beyond=0,
            bound=Bound(0, 0),
            weights=Weights({}, {}),
            silent=(),
        )

    @cached_property
    def space(self) -> Space:
        """What one item can come to, under all combinations."""
        return space_of(self.model, self.among)

    @cached_property
    def observations(self) -> Observations:
        """What is seen there."""
        return Observations(self.space)

    @cached_property
    def sides(self) -> Sides:
        """The same, to be walked in pairs."""
        return Sides(self.observations)

    @cached_property
    def tests(self) -> SingleItemTests:
        """All that a single item can tell apart."""
        return SingleItemTests(self.observations, self.needs, self.within, self.limit)

    @cached_property
    def interleaver(self) -> Interleaver:
        """What makes questions of single-item tests."""
        return Interleaver(self.tests.found, self.limit)

    def worked(self) -> Worked:
        """All that takes long to work out."""
        found = self.questions()
        different = self.completed(found)
        return Worked(
            traces=tuple(one.trace for one in found),
            different=different,
            alike=tuple(self.alike.values()),
            bound=self.bound(),
            weights=weights(self.observations, self.needs, self.within),
        )

    def questions(self) -> list[Question]:
        """Questions that meet every need that tests of so few steps can meet, wherever any test does."""
        shown = self.tests.shown

        def everywhere(met: Met) -> int:
            return sum(1 << n for n, some in enumerate(met) if some and some == shown[n])

        chosen = self._chosen(everywhere)
        found = [self._question(one.path[0], one.events(self.observations.space.events)) for one in chosen]
        return found + list(self._rest(found))

    def trimmed(self, found: Sequence[Question]) -> Iterator[Question]:
        """The questions with no more looks than it takes, and no steps after the last of them."""
        looks = _looks(found, self.within)
        for number, question in enumerate(found):
            kept = [look for n, look in looks if n == number]
            if kept:
                trace = replace(question.trace, events=question.trace.events[: 1 + max(look.step for look in kept)])
                given = answers(self.space, trace, self.within)
                clues = tuple(clue for clue in question.clues if clue.look in kept)
                yield Question(trace=trace, answers=tuple(given), clues=clues)

    def _rest(self, found: Sequence[Question]) -> Iterator[Question]:
        """Single-item tests one by one, the best first, for what is met by several together only."""
        open_ = [shown & ~met for shown, met in zip(self.tests.shown, self._met(found), strict=True)]
        while any(open_):
            fresh = [sum((m & o).bit_count() for m, o in zip(one.met, open_, strict=True)) for one in self.tests.found]
            best = max(zip(fresh, self.tests.found, strict=True), key=lambda one: (one[0], -len(one[1].events)))[1]
            open_ = [o & ~m for m, o in zip(best.met, open_, strict=True)]
            alone = Interleaving(0, len(best.events), best.path, (best.events,))
            yield self._question(best.path[0], alone.events(self.observations.space.events))

    def _met(self, found: Iterable[Question]) -> list[int]:
        met = [0] * len(self.needs.all)
        for question in found:
            groups = [answer.combos for answer in question.answers]
            met = [known | self.needs.met(need, groups) for known, need in zip(met, self.needs.all, strict=True)]
        return met

    def _question(self, status: str, events: Iterable[Event]) -> Question:
        return self.question(Trace(status=status, events=with_texts(self.model, events)))

    def question(self, trace: Trace) -> Question:
        """A scenario with all that can be seen in it."""
        if trace not in self._known:
            given = answers(self.space, trace, self.within)
            self._known[trace] = Question(trace=trace, answers=tuple(given), clues=tuple(clues(given)))
        return self._known[trace]

    def completed(self, found: list[Question]) -> int:
        """Add what is missing, and prove of all that is not told apart that it cannot be; how many different there are.

        Combinations that differ in one reading are walked through in pairs, for all contexts at once; what then is
        still in doubt, one pair after the other.
        """
        for need, met in zip(self.needs.all, self._met(found), strict=True):
            doubtful = self.needs.contexts(need) & self.within & ~met
            for question in found:
                doubtful &= ~self.needs.met(need, [answer.combos for answer in question.answers])
            while doubtful:
                difference = self.told_apart(need, doubtful)
                if difference is None:
                    self.alike[need] |= doubtful
                    break
                found.append(self._question(difference.status, difference.events))
                doubtful &= ~self.needs.met(need, [answer.combos for answer in found[-1].answers])
        return self._in_doubt(found)

    def told_apart(self, need: Need, contexts: int) -> Trace | None:
        """The shortest scenario that tells the options of a need apart in any of some contexts; None is a proof."""
        space = self.observations.space
        found = distinguishing_trace(self.sides, lambda bits: bits, partial(self.needs.brought_down, need), contexts)
        if found is None:
            return None
        events = with_texts(self.model, [space.events[event] for event in found.events])
        return Trace(status=space.statuses[found.start[0]], events=events)

    def _in_doubt(self, found: list[Question]) -> int:
        blocks = self._blocks(found)
        different = 0
        while blocks:
            block = blocks.pop()
            classes = list(self._classes(block))
            different += 1
            for one, other in pairwise(classes):
                lowest = ((some & -some).bit_length() - 1 for some in (one, other))
                left, right = (self.model.under(self.among.readings_of(number)) for number in lowest)
                difference = first_difference(left, right, self.sides)
                if difference is not None:
                    found.append(self._question(difference.status, difference.events))
                    parts = [block & answer.combos for answer in found[-1].answers]
                    blocks += [part for part in parts if part]
                    different -= 1
                    break
        return different

    def _blocks(self, found: Iterable[Question]) -> list[int]:
        """The combinations that the answers leave together."""
        columns = [_column([answer.combos for answer in one.answers], self.within) for one in found]
        blocks: dict[tuple[int, ...], int] = {}
        for member in self.among.members(self.within):
            key = tuple(column[member] for column in columns)
            blocks[key] = blocks.get(key, 0) | 1 << member
        return list(blocks.values())

    def _classes(self, block: int) -> Iterator[int]:
        """The parts of a block that are joined by pairs proven alike."""
        while block:
            part, grown = 0, block & -block
            while grown != part:
                part = grown
                for need, alike in self.alike.items():
                    grown |= self.needs.brought_up(need, part & alike) | self.needs.brought_down(need, part) & alike
                grown &= block
            yield part
            block &= ~part

    def bound(self) -> Bound:
        """How few questions, of how few steps, could do: the most that any of some combinations needs.

        Of one combination a question need only tell apart those that differ from it in one reading, so that no fewer
        can do for all. Combinations that need much are looked for near those that do.
        """
        first = (self.within & -self.within).bit_length() - 1
        needed = {first: self._needed(first)}
        climbing = [first]
        while climbing:
            best = max(needed.values())
            around = [other for one in climbing for other in self._around(one) if other not in needed]
            needed |= {other: self._needed(other) for other in dict.fromkeys(around)}
            climbing = sorted((one for one in around if needed[one] > best), key=needed.__getitem__)[-ABREAST:]
        return Bound(*max(needed.values()))

    def _around(self, context: int) -> Iterator[int]:
        """The combinations that differ from one in one reading."""
        for need in self.needs.all:
            for moved in (self.needs.brought_up(need, 1 << context), self.needs.brought_down(need, 1 << context)):
                yield from self.among.members(moved & self.within)

    def _needed(self, context: int) -> tuple[int, int]:
        """How many questions, and steps in all, one combination needs to be told from those around it."""
        one = 1 << context
        at = [one & self.needs.contexts(need) or self.needs.brought_down(need, one) for need in self.needs.all]

        def there(met: Met) -> int:
            return sum(1 << n for n, (some, bit) in enumerate(zip(met, at, strict=True)) if some & bit)

        chosen = self._chosen(there)
        return len(chosen), sum(one.steps for one in chosen)

    def _chosen(self, mask: Callable[[Met], int]) -> tuple[Interleaving, ...]:
        """The fewest questions that meet all needs which any can; ``mask`` says which a test meets."""
        candidates = self.interleaver.interleaved(mask)
        wanted = 0
        for one in candidates:
            wanted |= one.mask
        return cover(wanted, candidates)

    def silent(self, alike_in: Sequence[int]) -> Iterator[tuple[Need, tuple[Cube, ...]]]:
        """Where options that matter elsewhere do not matter: need by need the contexts in which they are alike."""
        for need, alike in zip(self.needs.all, alike_in, strict=True):
            if alike:
                both = alike | self.needs.brought_up(need, alike)
                either = self.among.with_option(need.reading, need.first) | self.among.with_option(
                    need.reading, need.second
                )
                yield need, tuple(described(both, self.among, self.within & either))


def _column(groups: Iterable[int], within: int) -> list[int]:
    """By combination, the number of its group."""
    column = [-1] * within.bit_length()
    for number, bits in enumerate(groups):
        text = bin(bits)[:1:-1]
        at = text.find("1")
        while at >= 0:
            column[at] = number
            at = text.find("1", at + 1)
    return column


def _looks(questions: Sequence[Question], within: int) -> list[tuple[int, Observable]]:
    """The looks, each with its question's number, without which some combinations would not be told apart.

    Left out are those of whole questions if they can be, the longest first; then the most involved.
    """
    columns = {
        (n, clue.look): _column([c.combos for c in one.clues if c.look == clue.look], within)
        for n, one in enumerate(questions)
        for clue in one.clues
    }

    def told_apart(kept: Iterable[tuple[int, Observable]]) -> int:
        return len(set(zip([0] * within.bit_length(), *(columns[one] for one in kept), strict=True)))

    everything, looks = told_apart(columns), list(columns)
    whole = [[one for one in looks if one[0] == n] for n in reversed(range(len(questions)))]
    for some in (*whole, *([one] for one in sorted(looks, key=lambda one: -_involved(questions, one)))):
        fewer = [one for one in looks if one not in some]
        if told_apart(fewer) == everything:
            looks = fewer
    return looks


def _involved(questions: Sequence[Question], look: tuple[int, Observable]) -> int:
    """How uneven the parts are into which a look parts the combinations: those that one reading decides are even."""
    sizes = [clue.combos.bit_count() for clue in questions[look[0]].clues if clue.look == look[1]]
    return max(sizes) - min(sizes)
