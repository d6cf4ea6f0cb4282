"""What may stand in the cells of each column: for drop-downs in a workbook, and for the sheet that explains them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.policy.facts import CARRIES, FACTS, NEXT, SIDES, SINCE, of_machine, of_presence
from simsync.policy.loading.declared_names import DeclaredNames
from simsync.policy.policy import SAME, Decides, MachineSpec, Policy, Table, Value
from simsync.questions.table.blocks import ALLOW, NOBODY, REFUSE, THEN, WHEN, machine_of
from simsync.questions.table.cells import value_cell
from simsync.report.tables import ANY, EFFECTS, decides, other_lists

_NOUNS = re.compile(r"\b(partner|item|ticket|status)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a column is about, and the cells that it may have.

    With ``several`` a cell may join them by commas and `or`; where it is not ``whole``, it may say something else, too.
    """

    column: str
    about: str
    cells: tuple[str, ...] = ()
    several: bool = False
    whole: bool = True

    @property
    def strict(self) -> bool:
        """Whether nothing but one of the cells may be there."""
        return bool(self.cells) and self.whole and not self.several


def offers(model: Model, names: DeclaredNames, sheet: str) -> list[Offer]:
    """What the columns of a sheet are about; other conditions than those it has may be added."""
    if sheet in model.tables:
        return list(_of_table(model, names, model.tables[sheet].table))
    if (spec := machine_of(model, sheet)) is not None:
        return list(_of_machine(model, names, spec))
    return [
        Offer(column="id", about="by which it is cited; to change it: simsync rename"),
        Offer(column="says", about="the sentence"),
        Offer(
            column="where",
            about=f"where the {model.words.page} says it; or that it is no statement of it",
            cells=tuple(other_lists(model.words)),
            whole=False,
        ),
    ]


def _sources(names: DeclaredNames) -> Offer:
    about = "what it rests on, with blanks between" if names.citable else "nothing: these rules cite nothing"
    return Offer(column="sources", about=about, cells=names.citable, several=True)


def _of_table(model: Model, names: DeclaredNames, table: Table) -> Iterator[Offer]:
    yield Offer(column="row", about="the row's own id: letters, digits, and inside of them - _ or .")
    for fact in dict.fromkeys(fact for row in table.rows for fact, _ in row.when):
        yield _condition(model.policy, names, fact)
    yield from (_outcome(names, table, name) for name in decides(table))
    yield _sources(names)


def _condition(policy: Policy, names: DeclaredNames, fact: str) -> Offer:
    cells = (ANY, *_cells(names.domain[fact]))
    return Offer(column=f"{WHEN}{fact}", about=_about(policy, fact), cells=cells, several=True)


def _cells(values: Iterable[Value]) -> tuple[str, ...]:
    return tuple(value_cell(value) for value in values)


def _about(policy: Policy, fact: str) -> str:
    """What a fact says."""
    words, bare = policy.vocabulary, fact.removeprefix(NEXT)
    side, _, of = bare.partition(".")
    if fact in FACTS:
        return _NOUNS.sub(lambda found: str(getattr(words.words, found[1])), FACTS[fact])
    if fact in SINCE:
        return _NOUNS.sub(lambda found: str(getattr(words.words, found[1])), SINCE[fact])
    if of_machine(fact):
        whose = {"here": f"the acting {words.words.ticket}", "there": f"the other {words.words.ticket}"}.get(side, side)
        return f"the {of} of {whose} {'after' if fact.startswith(NEXT) else 'before'} the step"
    if side in SIDES and of:
        return f"{of.replace('_', ' ')}: {_NOUNS.sub(lambda f: str(getattr(words.words, f[1])), SIDES[side])}"
    if of_presence(fact):
        return f"whether the {side}'s {words.words.ticket} shows any {of.removeprefix('any ')} as the step finds it"
    if fact in words.history:
        return words.history[fact].about
    if fact in policy.readings:
        return policy.readings[fact].question
    if fact == CARRIES:
        return "whether the change sets anything that is carried"
    tables = (table.question for table in policy.tables.values() if table.gives == fact)
    return next(tables, f"the {words.words.item}'s {fact}" if fact in words.fields else "")


def _outcome(names: DeclaredNames, table: Table, name: str) -> Offer:
    column = f"{THEN}{name}"
    if table.decides is Decides.PERMISSION:
        about = f"'{ALLOW}', or '{REFUSE.strip()}' with the reason behind it"
        return Offer(column=column, about=about, cells=(ALLOW,), whole=False)
    if table.decides is Decides.NOTIFICATION:
        return Offer(column=column, about="who is told", cells=(NOBODY, *_cells(names.recipients)), several=True)
    if table.decides in (Decides.CONSEQUENCE, Decides.STATUS):
        return Offer(column=column, about="what it brings about, as in a machine file: {move: {NAME: STATE}}")
    if table.decides is Decides.CHANGE and name == "link":
        return Offer(column=column, about="what fires on the link, if anything", cells=(ANY, *_cells(names.triggers)))
    if table.decides is Decides.CHANGE:
        return Offer(column=column, about="what comes of it for original and copy", cells=tuple(EFFECTS.values()))
    if table.decides is Decides.COPY and name == "kind":
        return Offer(column=column, about="the copy's kind", cells=_cells((SAME, *names.kinds)))
    if table.decides is Decides.COPY:
        return Offer(column=column, about=f"the copy's {name}", cells=(ANY, *_cells(names.marks.get(name, ()))))
    return Offer(column=column, about=table.question, cells=_cells(names.domain[name]))


def _of_machine(model: Model, names: DeclaredNames, spec: MachineSpec) -> Iterator[Offer]:
    states = _cells(spec.states)
    yield Offer(column="transition", about="the transition's own id: letters, digits, and inside of them - _ or .")
    if any(one.actors for one in spec.transitions):
        yield Offer(column="actor", about="who may do it", cells=_cells(model.vocabulary.acting), several=True)
    triggers = _cells(dict.fromkeys(one.trigger for one in spec.transitions))
    yield Offer(column="trigger", about="what it is called, or a new name", cells=triggers, whole=False)
    yield Offer(column="from", about="in which states", cells=states, several=True)
    yield Offer(
        column="when", about="under which other conditions: FACT: VALUE or VALUE; FACT: VALUE; a dash: under all"
    )
    yield Offer(column="to", about="the state that it leads to", cells=states)
    yield _sources(names)


ANY_TABLE = "any decision table"
"""Where the explanations tell of what every decision table may have."""


def offered(model: Model, names: DeclaredNames, sheets: Iterable[str]) -> Mapping[str, list[Offer]]:
    """What the columns of each of some sheets are about, and the conditions that any decision table may test."""
    conditions = [_condition(model.policy, names, fact) for fact in names.domain]
    return {**{sheet: offers(model, names, sheet) for sheet in sheets}, ANY_TABLE: conditions}
