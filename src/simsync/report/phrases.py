"""Small pieces of text that several reports share."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

from simsync import alike
from simsync.engine.world import Event
from simsync.errors import Diagnostic
from simsync.policy.fields import Field
from simsync.policy.policy import ALONE, Claim, Policy, Property, Value, When
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult
from simsync.scenarios.verdicts import Failure

_SAFE = re.compile(r"""[^,:#\[\]{}"'`&*!|>%@\n-][^,:#\[\]{}"]*""")


def printable(text: str) -> str:
    """The text with whatever a terminal would not print as an escape, and shortened if very long.

    >>> printable("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    if len(text) > alike.SHOWN:
        text = text[: alike.SHOWN] + f"... ({len(text):,} characters)"
    return printable_line(text)


def value(what: object) -> str:
    """A value as a scenario writes it: containers in YAML's flow form, in quotes what cannot be seen without them.

    >>> value("a b "), value({"text": "a, b", "internal": False}), value(None)
    ('"a b "', '{text: "a, b", internal: false}', 'nothing')
    """
    return apart(what, what)[0]


def apart(one: object, other: object) -> tuple[str, str]:
    """Two values, each as :func:`value` has it, told so that texts that only look alike can be told apart.

    >>> apart({"text": "a "}, {"text": "a"})
    ('{text: "a "}', '{text: "a"}')
    """
    if isinstance(one, str) and isinstance(other, str):
        return alike.apart(one, other)
    return _value(one, other), _value(other, one)


def _value(what: object, beside: object) -> str:
    if what is None:
        return "nothing"
    if isinstance(what, bool):
        return "true" if what else "false"
    if isinstance(what, Mapping):
        others = beside if isinstance(beside, Mapping) else {}
        return "{" + ", ".join(f"{key}: {_inside(inner, others.get(key))}" for key, inner in what.items()) + "}"
    if isinstance(what, list | tuple):
        alongside = beside if isinstance(beside, list | tuple) and len(beside) == len(what) else what
        return "[" + ", ".join(map(_inside, what, alongside)) + "]"
    return alike.shown(str(what))


def _inside(what: object, beside: object) -> str:
    """A value inside a container, where a comma or a bracket has a meaning of its own."""
    said = apart(what, what if beside is None else beside)[0]
    return alike.quoted(what) if said == what and not _SAFE.fullmatch(said) else said


def as_delivered(policy: Policy) -> str | None:
    """In which one way fields were delivered, where readings change it; None where none does."""
    if not policy.fixed:
        return None
    chosen = ", ".join(f"{name}={option}" for name, option in policy.fixed.items())
    return f"fields are delivered as by {chosen}; --reading has another option of these looked at"


def values(them: tuple[Value, ...]) -> str:
    """The values of a condition.

    >>> values((True,)), values(("a", "b"))
    ('true', 'a or b')
    """
    *rest, last = [value(v) for v in them]
    return f"{', '.join(rest)} or {last}" if rest else last


def conjunction(when: When) -> str:
    """A condition in words, `always` for the empty one.

    >>> conjunction((("kind", ("note", "charge")), ("internal", (False,))))
    'kind: note or charge; internal: false'
    """
    return "; ".join(f"{fact}: {values(allowed)}" for fact, allowed in when) or "always"


ANSWERED = "answered, nothing expected: this is what the rules have happen"
REFUSED_ANSWER = "the rules refuse it; in a file that counts as failed until it is expected: expect: {refused: true}"
"""What is said of a scenario in which nothing is expected."""


def refusals(result: ScenarioResult) -> str:
    """What the rules refuse of a question, each with the reason in short."""
    said = []
    for one in result.refusals:
        why = printable_line(str(one.outcome.refused).partition("; ")[0])
        which = f"{result.scenario.place} {one.step.line} is " if len(result.steps) > 1 else ""
        said.append(f"{which}refused, because {why}")
    return "; ".join(said)


CLAIMS = {
    Claim.NEVER: "on no step: {what}",
    Claim.NO_STATE: "in no state: {what}",
    Claim.CAN: "some state has {what}",
    Claim.ALWAYS_CAN: "from every state{start} it can still come to {what}",
    Claim.EVENTUALLY: "every state{start} comes at last to {what}, if all keep acting fairly",
}


def claim(one: Property) -> str:
    """What a property claims, in words."""
    said = CLAIMS[one.claim].format(
        what=conjunction(one.what), start=f" with {conjunction(one.start)}" if one.start else ""
    )
    assumed = ", ".join(f"{reading}={' or '.join(options)}" for reading, options in one.assuming)
    return f"{said}; as read by {assumed}" if assumed else said


def meaning(one: Property) -> str:
    """What a property says, as its policy puts it; in the words of its condition where that puts it in no others."""
    return " ".join(one.says.split()) or f"{claim(one)[0].upper()}{claim(one)[1:]}."


def place(failure: Failure) -> str:
    """What an expectation is of; and, where it holds in other orders of overlapping actions, in which it does not."""
    return f"{failure.at}, in the order {failure.order}" if failure.order else failure.at


def sides(failure: Failure) -> tuple[str, str]:
    """What was expected and what was found, in words."""
    expected, actual = apart(failure.expected, failure.actual)
    if failure.at == "refused":
        expected = "not refused" if failure.expected is None else expected
        expected = "refused" if failure.expected is True else expected
        actual = "not refused" if failure.actual is None else actual
    return expected, actual


def quoted(text: object) -> str:
    """A text field's value."""
    return alike.quoted(str(text))


def action(event: Event, fields: Mapping[str, Field]) -> str:
    """An action with the fields it sets; free texts in quotes."""
    given = ", ".join(
        f"{name}: {value(what) if fields[name].values else quoted(what)}" for name, what in event.fields.items()
    )
    return f"{printable(str(event))}  {given}" if given else printable(str(event))


def given(scenario: Scenario) -> str:
    """What a scenario starts from: its status, and the readings that it chooses."""
    return begins_in(scenario.status, scenario.readings)


def begins_in(status: str, readings: Mapping[str, str]) -> str:
    """A status, where there is one to tell, and options of readings."""
    return ", ".join([*([] if status == ALONE else [status]), *(f"{n}={option}" for n, option in readings.items())])


def rule(name: str, sources: Iterable[str]) -> str:
    """A row's or transition's id with what it cites, if anything."""
    cited = " ".join(sources)
    return f"{name} [{cited}]" if cited else name


def labels(scenarios: Sequence[Scenario]) -> list[str]:
    """A short name of each scenario: its file and line, with as many folders as it takes to tell files apart."""
    files = {scenario.file: _parts(scenario.file) for scenario in scenarios}
    shown = dict.fromkeys(files, 1)
    while True:
        names: dict[str, list[str]] = {}
        for file, parts in files.items():
            names.setdefault("/".join(parts[-shown[file] :]), []).append(file)
        alike = [f for same in names.values() if len(same) > 1 for f in same if shown[f] < len(files[f])]
        if not alike:
            return [f"{'/'.join(files[s.file][-shown[s.file] :])}:{s.line}" for s in scenarios]
        for file in alike:
            shown[file] += 1


def _parts(file: str) -> list[str]:
    """A path's folders and its file's name without the ending."""
    return [part for part in os.path.splitext(file.replace(os.sep, "/"))[0].split("/") if part not in ("", ".")]


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number and its noun.

    >>> counted(1, "step"), counted(2, "step"), counted(2, "property", "properties")
    ('1 step', '2 steps', '2 properties')
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def diagnostic(found: Diagnostic) -> str:
    """A diagnostic with the line it is about and a caret under the place."""
    from rich.cells import cell_len

    text = printable_line(str(found))
    if found.excerpt is None:
        return text
    start = max(0, found.col - 60)
    excerpt = found.excerpt[start : start + 120].replace("\t", " ")
    shown = "".join(c if c.isprintable() else "?" for c in excerpt)
    if not shown.strip():
        return text
    before = shown[: found.col - 1 - start]
    under = shown[len(before) : len(before) + found.length]
    margin = f"{found.line:>5} | "
    caret = " " * cell_len(before) + "^" * max(1, cell_len(under))
    return f"{text}\n{margin}{shown}\n{' ' * (len(margin) - 2)}| {caret}"


def printable_line(text: str) -> str:
    """A whole sentence with unprintable characters escaped, never shortened."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what would be one.

    >>> inert("=1+1"), inert("plain"), inert("-")
    ("'=1+1", 'plain', '-')
    """
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") and text != "-" else text
