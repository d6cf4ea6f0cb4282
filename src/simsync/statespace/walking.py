"""The state space of a model, walked through as far as anybody could wait for it, or as it was kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from math import prod

import numpy as np

from simsync.engine.model import Model
from simsync.errors import Code, SimsyncError, listed, usage_error
from simsync.policy.facts import EDIT
from simsync.progress import EndAsked, Progress, silent
from simsync.statespace.abstraction import TEXTS, Abstraction, compared_texts, estimated
from simsync.statespace.array_cache import keep, key_of, recalled
from simsync.statespace.combinations import Combinations, Variants
from simsync.statespace.narrowing import Narrowing, narrowings
from simsync.statespace.space import Space, TooMuch

WHOLE = 1_000_000
"""Steps, as they are estimated, up to which nothing is left out, and no bound is kept."""

MOST_STEPS = 1_000_000
"""Steps of an item that are compiled at most, before more is left out."""

MOST_EVENTS = 100
"""Different changes of an item that are looked at, at most."""

TOO_MUCH = "too much"
"""The array that is kept where there was too much to walk through."""


def space_of(
    model: Model,
    variants: Variants,
    progress: Progress = silent,
    *,
    asked: Collection[str] = (),
    kept: bool = True,
    partly: bool = False,
) -> Space:
    """The state space of a model, walked through or, if it may be, as it was kept by the digest of its rules.

    If it is interrupted, what was walked through by then is given only to whoever can do with it ``partly``.

    Where there is too much to walk through, the least is left out with which there is not, see :class:`Narrowing`.
    ``asked`` are the fields whose values a caller asks about. Raises :class:`SimsyncError` where even the most that can
    be left out leaves too much.
    """
    every = isinstance(variants, Combinations)
    chosen = [] if every else [variants.readings_of(number) for number in range(variants.size)]
    most = MOST_STEPS if is_long(model) else None
    for narrow in _narrowings(model, asked, most):
        key = key_of(model.policy, model.readings, sorted(model.factory.watched), chosen, narrow)
        arrays = recalled(key) if kept else None
        abstraction = Abstraction(model, narrowing=narrow)
        if arrays is None:
            try:
                space = Space(model, variants, progress, abstraction=abstraction, most=most)
            except TooMuch:
                keep(key, {TOO_MUCH: np.ones(1)})
                continue
            if space.stopped is not None:
                if partly:
                    return _noted(space)
                raise EndAsked(space.stopped)
            if kept:
                keep(key, space.arrays())
            return _noted(space)
        if TOO_MUCH not in arrays:
            space = Space(model, variants, progress, abstraction=abstraction, walked=False)
            space.restore(arrays)
            progress("steps tried", len(space.compiled.table.part), 0)
            return _noted(space)
    raise too_many(model)


def _noted(space: Space) -> Space:
    if said := space.abstraction.narrowing.said(space.model):
        space.model.factory.left_out[said] = None
    return space


def is_long(model: Model) -> bool:
    """Whether there may be more to walk through than can be without a bound."""
    return estimated(model, model.factory.watched) > WHOLE


def unwalked(model: Model, variants: Variants, asked: Collection[str] = ()) -> Space:
    """A state space that is compiled as it is asked for, in which no more makes sense than can be walked through."""
    if not is_long(model):
        return Space(model, variants, walked=False)
    return Space(model, variants, abstraction=Abstraction(model, narrowing=fitting(model, asked)), walked=False)


def fitting(model: Model, asked: Collection[str] = ()) -> Narrowing:
    """What has to be left out of what a model can come to, under its own readings."""
    if not is_long(model):
        return Narrowing()
    return space_of(model, Variants(model.policy, [model.readings]), asked=asked).abstraction.narrowing


def _narrowings(model: Model, asked: Collection[str], most: int | None) -> Iterator[Narrowing]:
    """What can be left out, the least first, but for what leaves too many events."""
    if most is None:
        yield Narrowing()
        return
    for narrow in narrowings(model, model.factory.watched, compared_texts(model), asked):
        if changes(model, narrow) <= MOST_EVENTS:
            yield narrow


def changes(model: Model, narrow: Narrowing) -> int:
    """How many different edits of an item a partner can do at most."""
    words, few = model.vocabulary, dict(narrow.values)
    told = {*model.factory.watched, *compared_texts(model)} - narrow.alike
    most = 0
    for kind in words.kinds.values():
        settable = [words.fields[n] for n in kind.fields if n in told and EDIT in words.fields[n].set_by]
        count = {f.name: 1 + len(few.get(f.name) or f.values or TEXTS) for f in settable}
        some = [n for n in count if narrow.together is not None and n in narrow.single]
        every = prod(count[n] for n in count if n not in some)
        sets = (chosen for n in range((narrow.together or 0) + 1) for chosen in combinations(some, n))
        most = max(most, every * sum(prod(count[n] - 1 for n in chosen) for chosen in sets))
    return most


def too_many(model: Model) -> SimsyncError:
    """What is raised where there is too much to walk through, whatever is left out."""
    words = model.vocabulary
    told = listed(
        f"'{n}' ({len(field.values)} values)" if field.values else f"'{n}'"
        for n, field in words.fields.items()
        if n in model.factory.watched
    )
    instead = " Fields that are decided each by itself can each be a kind of their own: then they add up."
    message = (
        f"there are more than {MOST_STEPS:,} steps of one {words.words.item} to walk through; that comes of "
        f"{len(words.kinds)} kinds, {len(words.history)} memories, {len(model.policy.status.states)} "
        f"{words.words.status.many}, and the fields that rules look at: {told or 'none'}. "
        f"A field that no condition tests and no row sets costs nothing.{instead}"
    )
    return usage_error("machines", message, code=Code.TOO_MANY)
