"""What must be right about a policy as a whole, once each of its files is well-formed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from simsync.errors import Code, listed
from simsync.loading.nodes import Problems
from simsync.model.policy import Decides, MachineSpec, Policy, Row, Transition, When
from simsync.model.source import Span


def check_policy(policy: Policy, problems: Mapping[str, Problems]) -> None:
    """Report duplicate ids, clashing readings, overlapping transitions, circular facts, and what is left out."""
    _check_ids(policy, problems)
    _check_readings(policy, problems["readings"])
    _check_transitions(policy, problems)
    _check_facts(policy, problems["rules"])
    _check_roles(policy, problems["rules"])
    _check_vocabulary(policy, problems["vocabulary"])


def _report(problems: Problems, span: Span, code: Code, message: str) -> None:
    problems.place(span.line, span.col, code, message)


def option_rows(policy: Policy) -> Iterator[Row]:
    """Every row that some option of a reading contributes."""
    for reading in policy.readings.values():
        for option in reading.options.values():
            for rows in (*option.replace.values(), *option.add.values()):
                yield from rows


def option_transitions(policy: Policy) -> Iterator[tuple[str, Transition]]:
    """Every transition that some option of a reading adds, with its machine's name."""
    for reading in policy.readings.values():
        for option in reading.options.values():
            for machine, transitions in option.transitions.items():
                yield from ((machine, t) for t in transitions)


def _check_ids(policy: Policy, problems: Mapping[str, Problems]) -> None:
    seen: dict[str, Span] = {}
    declared: list[tuple[str, Span, Problems]] = []
    declared += [(r.id, r.span, problems["rules"]) for t in policy.tables.values() for r in t.rows]
    declared += [(t.id, t.span, problems["status"]) for t in policy.status.transitions]
    declared += [(t.id, t.span, problems["link"]) for t in policy.link.transitions]
    declared += [(r.id, r.span, problems["readings"]) for r in option_rows(policy)]
    declared += [(t.id, t.span, problems["readings"]) for _, t in option_transitions(policy)]
    for name, span, where in declared:
        if name in seen:
            _report(where, span, Code.DUPLICATE_ID, f"the id '{name}' is taken already, at {seen[name]}")
        seen.setdefault(name, span)


def _check_readings(policy: Policy, problems: Problems) -> None:
    by_row: dict[str, str] = {}
    for reading in policy.readings.values():
        if len(reading.options) < 2:
            _report(problems, reading.span, Code.INCOMPLETE, f"reading '{reading.name}' needs at least two options")
        first = reading.options[reading.default]
        if first.replace or first.add or first.transitions:
            message = (
                f"option '{first.name}' is the default of '{reading.name}': the tables as written; it changes nothing"
            )
            _report(problems, reading.span, Code.READING_CLASH, message)
        for row in dict.fromkeys(row for option in reading.options.values() for row in option.replace):
            if row in by_row:
                message = f"row '{row}' is replaced by two readings, '{by_row[row]}' and '{reading.name}'"
                _report(problems, reading.span, Code.READING_CLASH, message)
            by_row[row] = reading.name


def _check_transitions(policy: Policy, problems: Mapping[str, Problems]) -> None:
    added = list(option_transitions(policy))
    for part, spec in (("status", policy.status), ("link", policy.link)):
        own = [*spec.transitions, *(t for machine, t in added if machine == spec.name)]
        for one, two in combinations(own, 2):
            state = next((s for s in one.source if s in two.source), None)
            if one.trigger != two.trigger or state is None or one.actor != two.actor or _exclude(one.when, two.when):
                continue
            if one.reading and two.reading and one.reading.split("=")[0] == two.reading.split("=")[0]:
                continue
            where = problems["readings"] if two.reading else problems[part]
            message = f"'{two.trigger}' in {state} is decided by two transitions, '{one.id}' and '{two.id}'"
            _report(where, two.span, Code.OVERLAP, message)
        _check_final(spec, own, problems[part])


def _check_final(spec: MachineSpec, transitions: list[Transition], problems: Problems) -> None:
    for t in transitions:
        for state in t.source:
            if spec.states[state].final:
                message = f"state {state} is final, but transition '{t.id}' leaves it"
                _report(problems, spec.states[state].span, Code.OVERLAP, message)


def _exclude(one: When, two: When) -> bool:
    other = dict(two)
    return any(fact in other and not set(values) & set(other[fact]) for fact, values in one)


def _check_facts(policy: Policy, problems: Problems) -> None:
    gives: dict[str, str] = {}
    rests: dict[str, set[str]] = {}
    for table in policy.tables.values():
        if table.decides is not Decides.FACT:
            continue
        facts = {row.then.fact for row in table.rows if row.then.fact}
        if len(facts) != 1:
            message = f"table '{table.name}' must give one fact, not {listed(sorted(facts))}"
            _report(problems, table.span, Code.INCOMPLETE, message)
            continue
        fact = facts.pop()
        if fact in gives:
            message = f"fact '{fact}' is given by two tables, '{gives[fact]}' and '{table.name}'"
            _report(problems, table.span, Code.OVERLAP, message)
        gives[fact] = table.name
        rests[fact] = {tested for row in table.rows for tested, _ in row.when}
    for fact, table_name in gives.items():
        if fact in _all_behind(fact, rests):
            span = policy.tables[table_name].span
            _report(problems, span, Code.INCOMPLETE, f"fact '{fact}' rests on itself")


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
    for role in (Decides.PERMISSION, Decides.CHANGE, Decides.COPY):
        if not any(table.decides is role for table in policy.tables.values()):
            span = next(iter(policy.tables.values())).span
            _report(problems, span, Code.INCOMPLETE, f"no table decides the {role}")


def _check_vocabulary(policy: Policy, problems: Problems) -> None:
    vocabulary = policy.vocabulary
    if len(vocabulary.partners) != 2:
        problems.place(1, 1, Code.INCOMPLETE, f"a policy has two partners, not {len(vocabulary.partners)}")
    for field in vocabulary.fields.values():
        if field.values and field.default not in field.values:
            message = f"the default of '{field.name}' is none of its values: {listed(field.values)}"
            problems.place(1, 1, Code.UNKNOWN_NAME, message)
        elif not field.values and isinstance(field.default, bool):
            problems.place(1, 1, Code.WRONG_TYPE, f"the default of '{field.name}' must be text")
    for kind in vocabulary.kinds.values():
        for cited in kind.sources:
            if cited not in policy.citations:
                problems.place(1, 1, Code.UNKNOWN_NAME, f"kind '{kind.name}' cites '{cited}', which is not declared")
