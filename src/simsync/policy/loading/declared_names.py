"""Every name that the files of a machines directory declare, and the shapes made of them that several files share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from simsync.policy.facts import FACTS, HERE, LATE, NEXT, STATE_FACTS, THERE, of_machine, of_presence
from simsync.policy.loading.shapes import (
    AnyValue,
    Choice,
    Key,
    ListOf,
    MapOf,
    Shape,
    Text,
)
from simsync.policy.policy import Decides, Value
from simsync.policy.words import USUAL_WORDS

SAID = Text(empty=False)
NAME = Text(empty=False, name=True)
ID = Text("an id, unique among rows and transitions", pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TEXT = "of a free text, which no condition can test; those of both tickets are tested by 'alike' and 'carries'"
"""What a condition on a free text is."""
_READING = "a reading, whose option rows and transitions test in 'when', not here"
"""What a condition on a reading is where none can be tested."""
_DERIVED = "decided of each item once it is changed, and not known here; test the facts that it rests on"
"""What a condition on a derived fact is where there is none yet, or no item."""
ABOUT = Text("what it means, for the reader")


@dataclass(kw_only=True)
class DeclaredNames:
    """Every name that the files declare; see :func:`simsync.policy.loading.gather.gather`."""

    partners: tuple[str, ...]
    actors: tuple[str, ...]
    kinds: tuple[str, ...]
    fields: tuple[str, ...]
    recipients: tuple[str, ...]
    memories: tuple[str, ...]
    gaps: tuple[str, ...]
    pages: tuple[str, ...]
    citable: tuple[str, ...]
    phases: tuple[str, ...]
    values: Mapping[str, tuple[Value, ...]]  # of each field, none of a free text
    states: Mapping[str, tuple[str, ...]]  # by the part that declares the machine: "status", "status 2", "link"
    machine_names: Mapping[str, str]  # a machine's own name to that part
    machines: Mapping[str, str] = field(default_factory=dict)  # of several status machines the key of each, its part
    phases_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by the part that declares them
    marks: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)  # enumerated fields not always delivered
    tables: dict[str, Decides] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)  # row id to its table
    triggers: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()  # those whose option a row may test like a fact
    domain: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    state_domain: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by reading
    transitions: tuple[str, ...] = ()  # the ids of both machines'

    @property
    def roles(self) -> tuple[Decides, ...]:
        """What tables can decide: how statuses follow only where there are several."""
        return tuple(role for role in Decides if role is not Decides.STATUS or self.machines)

    def machine_facts(self, *, after: bool = True) -> tuple[str, ...]:
        """The facts of several status machines, those after the step too."""
        return tuple(f for f in self.domain if self.machines and of_machine(f) and (after or not f.startswith(NEXT)))

    @property
    def presence(self) -> tuple[str, ...]:
        """The facts of whether a ticket shows any item of a kind."""
        return tuple(fact for fact in self.domain if of_presence(fact))

    def facts(self, *, late: bool = False, derived: bool = False) -> tuple[str, ...]:
        """The facts that may be tested at some point of a step."""
        left = {"moved", *(() if late else LATE), *(() if derived else self.derived), *self.readings}
        return tuple(fact for fact in self.domain if fact not in left)


def sources(names: DeclaredNames) -> ListOf:
    """What a rule cites."""
    cited = Choice("a statement, gap or page", names.citable, about="an id from statements.yaml")
    return ListOf(cited, "what this rests on", least=1)


def cited_by(names: DeclaredNames) -> Key:
    """The sources of a rule, which it needs where there are statements."""
    return Key(sources(names), bool(names.citable), inherited=True)


def when(
    names: DeclaredNames, facts: Iterable[str], about: str = "", domain: Mapping[str, tuple[Value, ...]] | None = None
) -> MapOf:
    """A conjunction of facts with their values, by default from the domain of the tables."""
    each: dict[str, Shape] = {}
    hints, values = (FACTS, names.domain) if domain is None else (STATE_FACTS, domain)
    for fact in facts:
        one = Choice(f"a value of '{fact}'", values[fact], about=USUAL_WORDS.say(hints.get(fact, "")))
        each[fact] = ListOf(one, least=1, or_one=True)
    texts = [name for name, known in names.values.items() if not known]
    others = {_TEXT: [one for name in texts for one in (name, f"{HERE}.{name}", f"{THERE}.{name}")]}
    if left := [name for name in names.readings if name not in each]:
        others[_READING] = left
    if left := [name for name in names.derived if name not in each]:
        others[_DERIVED] = left
    return MapOf("a condition", AnyValue(), tuple(each), each, about, others)
