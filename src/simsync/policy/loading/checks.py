"""What must be right about a policy as a whole, once each of its files is well-formed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from simsync.errors import Code, listed
from simsync.policy.facts import CHANGES, FACTS
from simsync.policy.joining import EACH
from simsync.policy.loading.files import is_status
from simsync.policy.loading.nodes import Problems
from simsync.policy.policy import ALONE, Decides, MachineSpec, Policy, Transition, Vocabulary, When
from simsync.policy.source import Span

STATEMENTS = "statements"
"""What the list of all that can be cited is called among tables."""

STEP_KEYS = frozenset({"expect", "refused", "synced", "status", "notified", "rule", "link", "items"})
"""The keys of a step and of what it expects, which no field or partner can have."""


def check_policy(policy: Policy, problems: Mapping[str, Problems]) -> None:
    """Report duplicate ids, clashing readings, overlapping transitions, circular facts, and what is left out."""
    _check_ids(policy, problems)
    _check_readings(policy, problems["readings"])
    _check_deliveries(policy, problems["readings"])
    _check_machines(policy, problems)
    _check_transitions(policy, problems)
    _check_facts(policy, problems)
    _check_roles(policy, problems["rules"])
    _check_vocabulary(policy, problems["vocabulary"])
    _check_tickets(policy, problems["status"])
    _check_creations(policy, problems)
    _check_names(policy, problems)
    _check_machine_names(policy, problems)
    _check_table_names(policy, problems["rules"])


def _machines(policy: Policy, problems: Mapping[str, Problems]) -> list[tuple[str, MachineSpec]]:
    """The declared machines, each with the part that declares it."""
    parts = [part for part in problems if is_status(part)]
    return [*zip([*parts, "link"], policy.declared, strict=True)]


def _check_machines(policy: Policy, problems: Mapping[str, Problems]) -> None:
    """Whose the status machines are, where there are several, and what goes with one alone."""
    seen: dict[str, str] = {}
    for part, machine in _machines(policy, problems)[:-1] if policy.machines else ():
        every = tuple(policy.vocabulary.partners) if machine.of == EACH else (machine.of or machine.name,)
        for key in every:
            if key in seen:
                message = f"'{key}' has a status machine already, '{seen[key]}'"
                _report(problems[part], machine.span, Code.DUPLICATE_ID, message)
            seen.setdefault(key, machine.name)
        if machine.of is None and machine.name in policy.vocabulary.partners:
            message = f"'{machine.name}' is a partner; name the machine otherwise, or write 'of: {machine.name}' too"
            _report(problems[part], machine.span, Code.RESERVED, message)


def _report(problems: Problems, span: Span, code: Code, message: str) -> None:
    problems.place(span.line, span.col, code, message)


def _check_ids(policy: Policy, problems: Mapping[str, Problems]) -> None:
    seen: dict[str, Span] = {}
    declared: list[tuple[str, Span, Problems]] = []
    declared += [(r.id, r.span, problems["rules"]) for t in policy.tables.values() for r in t.rows]
    for part, machine in _machines(policy, problems):
        declared += [(t.id, t.span, problems[part]) for t in machine.transitions]
    for option in policy.options:
        declared += [(r.id, r.span, problems["readings"]) for r in option.rows]
        declared += [(t.id, t.span, problems["readings"]) for added in option.transitions.values() for t in added]
    for name, span, where in declared:
        if name in seen:
            _report(where, span, Code.DUPLICATE_ID, f"the id '{name}' is taken already, at {seen[name]}")
        seen.setdefault(name, span)


def _check_readings(policy: Policy, problems: Problems) -> None:
    by_row: dict[str, str] = {}
    for reading in policy.readings.values():
        if len(reading.options) < 2:
            _report(problems, reading.span, Code.INCOMPLETE, f"reading '{reading.name}' needs at least two options")
            continue
        first = reading.options[reading.default]
        if first.replace or first.add or first.transitions or first.delivered:
            message = (
                f"option '{first.name}' is the default of '{reading.name}': the tables as written; it changes nothing"
            )
            _report(problems, reading.span, Code.READING_CLASH, message)
        for row in dict.fromkeys(row for option in reading.options.values() for row in option.replace):
            if row in by_row:
                message = f"row '{row}' is replaced by two readings, '{by_row[row]}' and '{reading.name}'"
                _report(problems, reading.span, Code.READING_CLASH, message)
            by_row[row] = reading.name


def _check_deliveries(policy: Policy, problems: Problems) -> None:
    """Report fields whose delivery is said by options of two readings."""
    said: dict[str, str] = {}
    for reading in policy.readings.values():
        for field in dict.fromkeys(field for option in reading.options.values() for field in option.delivered):
            if field in said:
                message = f"how '{field}' is delivered is said by two readings, '{said[field]}' and '{reading.name}'"
                _report(problems, reading.span, Code.READING_CLASH, message)
            said[field] = reading.name


def _check_transitions(policy: Policy, problems: Mapping[str, Problems]) -> None:
    for part, spec in _machines(policy, problems):
        own = list(policy.transitions(spec))
        for one, two in combinations(own, 2):
            state = next((s for s in one.source if s in two.source), None)
            if (
                one.trigger != two.trigger
                or state is None
                or not _share(one.actors, two.actors)
                or _exclude(one.when, two.when)
            ):
                continue
            if one.reading and two.reading and one.reading.split("=")[0] == two.reading.split("=")[0]:
                continue
            where = problems["readings"] if two.reading else problems[part]
            message = f"'{two.trigger}' in {state} is decided by two transitions, '{one.id}' and '{two.id}'"
            _report(where, two.span, Code.OVERLAP, message)
        _check_final(spec, spec.transitions, problems[part])


def _share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether somebody may fire both: those without actors are fired by rules."""
    return one == other or bool(set(one) & set(other))


def _check_final(spec: MachineSpec, transitions: Iterable[Transition], problems: Problems) -> None:
    """Report transitions that leave a final state as read by default; another reading may add one."""
    for t in transitions:
        for state in t.source:
            if spec.states[state].final:
                message = f"state {state} is final, but transition '{t.id}' leaves it"
                _report(problems, spec.states[state].span, Code.OVERLAP, message)


def _exclude(one: When, two: When) -> bool:
    other = dict(two)
    return any(fact in other and not set(values) & set(other[fact]) for fact, values in one)


def _check_facts(policy: Policy, problems: Mapping[str, Problems]) -> None:
    gives: dict[str, str] = {}
    rests: dict[str, set[str]] = {}
    for table in policy.tables.values():
        if table.gives is None:
            continue
        rows = [row for row in policy.rows if row.table == table.name]
        for row in rows:
            if row.then.fact != table.gives:
                where = problems["readings" if row.reading else "rules"]
                message = f"table '{table.name}' gives the fact '{table.gives}', not '{row.then.fact}'"
                _report(where, row.span, Code.INCOMPLETE, message)
        if table.gives in gives:
            message = f"fact '{table.gives}' is given by two tables, '{gives[table.gives]}' and '{table.name}'"
            _report(problems["rules"], table.span, Code.OVERLAP, message)
        gives[table.gives] = table.name
        rests[table.gives] = {tested for row in rows for tested, _ in row.when}
    for fact, table_name in gives.items():
        if fact in _all_behind(fact, rests):
            span = policy.tables[table_name].span
            _report(problems["rules"], span, Code.INCOMPLETE, f"fact '{fact}' rests on itself, under some reading")


def _all_behind(fact: str, rests: Mapping[str, set[str]]) -> set[str]:
    behind: set[str] = set()
    waiting = [fact]
    while waiting:
        for tested in rests.get(waiting.pop(), ()):
            if tested not in behind:
                behind.add(tested)
                waiting.append(tested)
    return behind


def _check_roles(policy: Policy, problems: Problems) -> None:
    for role in (Decides.PERMISSION, Decides.CHANGE):
        if not any(table.decides is role for table in policy.tables.values()):
            span = next(iter(policy.tables.values())).span
            _report(problems, span, Code.INCOMPLETE, f"no table decides the {role}")


def _check_vocabulary(policy: Policy, problems: Problems) -> None:
    words = policy.vocabulary
    if len(words.partners) != 2:
        message = f"a policy has two partners, not {len(words.partners)}"
        _report(problems, words.span, Code.INCOMPLETE, message)
    for field in words.fields.values():
        if field.values and field.default not in field.values:
            message = f"the default of '{field.name}' is none of its values: {listed(field.values)}"
            _report(problems, field.span, Code.UNKNOWN_NAME, message)
        elif not field.values and isinstance(field.default, bool):
            _report(problems, field.span, Code.WRONG_TYPE, f"the default of '{field.name}' must be text")
    for show in words.shows:
        flag = all(isinstance(value, bool) for value in words.fields[show.field].values or ("text",))
        if show.negated and not flag:
            message = f"'{show.name}' is the negation of '{show.field}', which is neither true nor false"
            _report(problems, show.span, Code.WRONG_TYPE, message)


def _check_tickets(policy: Policy, problems: Problems) -> None:
    for phase in (one for machine in policy.declared for one in machine.phases.values()):
        for partner in phase.takes_away:
            if partner in phase.tickets:
                message = f"phase '{phase.name}' takes away the ticket of {partner}, and says that {partner} has one"
                _report(problems, policy.status.span, Code.OVERLAP, f"{message}; it is one or the other")


def _check_creations(policy: Policy, problems: Mapping[str, Problems]) -> None:
    """Fields that items of the product's own are given, and which their kind lacks."""
    for row in policy.rows:
        made = row.then.create
        has = policy.vocabulary.kinds[made.kind].fields if made else ()
        for name, _ in made.fields if made else ():
            if name not in has:
                where = problems["readings" if row.reading else "rules"]
                message = f"row '{row.id}' makes a {made.kind if made else ''}, which has no '{name}'"
                _report(where, row.span, Code.MISPLACED_FIELD, f"{message}; it has {listed(has) or 'no fields'}")


def _check_names(policy: Policy, problems: Mapping[str, Problems]) -> None:
    """Names that would hide one another, or a word of the engine or of the scenario format."""
    words, spans = policy.vocabulary, problems["vocabulary"]
    reserved = {*FACTS, *STEP_KEYS}
    for field in words.fields.values():
        if field.name in reserved or field.name in words.partners:
            _report(
                spans, field.span, Code.RESERVED, f"'{field.name}' has a meaning of its own; name the field otherwise"
            )
    for memory in words.history.values():
        if memory.name in FACTS or memory.name in words.fields:
            _report(spans, memory.span, Code.RESERVED, f"'{memory.name}' is a fact already; name the memory otherwise")
    for show in words.shows:
        if show.name == "kind":
            _report(spans, show.span, Code.RESERVED, "the kind is shown anyway; name this otherwise")
    _check_who(policy.vocabulary, spans)


def _check_machine_names(policy: Policy, problems: Mapping[str, Problems]) -> None:
    """Names of triggers, states and aliases that mean something else."""
    of_status = ((part, machine) for part, machine in _machines(policy, problems) if machine is not policy.link)
    for part, transition in ((part, t) for part, machine in of_status for t in policy.transitions(machine)):
        if transition.trigger.split()[0] in CHANGES:
            where = problems["readings" if transition.reading else part]
            message = f"'{transition.trigger}' would be read as an action on an item; name the trigger otherwise"
            _report(where, transition.span, Code.RESERVED, message)
    for part, spec in _machines(policy, problems):
        if ALONE in spec.states and len(spec.states) > 1:
            message = f"'{ALONE}' is the state of a machine that no file declares; name this one otherwise"
            _report(problems[part], spec.states[ALONE].span, Code.RESERVED, message)
    for part, machine in _machines(policy, problems):
        for alias in machine.aliases.keys() & machine.states.keys():
            _report(problems[part], machine.span, Code.RESERVED, f"'{alias}' is a state and an alias of one")


def _check_who(words: Vocabulary, problems: Problems) -> None:
    """Names of partners and actors that mean something else, or two."""
    for who, what in ((words.partners, "partner"), (words.actors, "actor")):
        if STEP_KEYS & who.keys():
            taken = listed(sorted(STEP_KEYS & who.keys()))
            _report(
                problems, words.span, Code.RESERVED, f"'{taken}' has a meaning of its own; name the {what} otherwise"
            )
    for name in words.partners.keys() & words.actors.keys():
        message = f"'{name}' is a partner, who has a ticket; name the actor who has none otherwise"
        _report(problems, words.span, Code.DUPLICATE_ID, message)


def _check_table_names(policy: Policy, problems: Problems) -> None:
    for table in policy.tables.values():
        if table.name in (*(machine.name for machine in policy.declared), STATEMENTS):
            message = f"'{table.name}' is the name of a machine, or of the statements; name the table otherwise"
            _report(problems, table.span, Code.RESERVED, message)
