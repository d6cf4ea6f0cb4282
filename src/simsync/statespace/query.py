"""Questions about states, in the language of the rules' conditions: `link(N1) = held and status = Complete`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simsync.errors import Code, named, not_among, usage_error
from simsync.policy.facts import STATE_FACTS, domain_of
from simsync.policy.policy import Policy, Value, When
from simsync.statespace.last_step import STEP_FACTS, step_domain

ALONE = "N1"
"""The item that is meant where none is named."""

LONGEST = 10_000
"""Characters of a question."""

_BEFORE = r"(?<!\s)\s*"  # all blanks before something, or none: no run of them is looked through twice
_AND = re.compile(rf"(?<!\s)\s+and\s+|{_BEFORE}[;,]\s*(?![^\[]*\])", re.I)
_CONDITION = re.compile(r"(?P<fact>[^()=:]+)(?:\((?P<item>[^()]*)\)\s*)?[=:](?P<values>.+)", re.S)
_OR = re.compile(rf"(?<!\s)\s+or\s+|{_BEFORE},\s*", re.I)
_QUOTED = re.compile(r"""(?<![^\s=:,\[])('[^']*'|"[^"]*")(?![^\s,;\]}])""")
_KEPT = re.compile(r"\0(\d+)\0")

OF_THE_STATUS = ("status", "phase")

CALLED_OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "told": ("notified", "notify", "notification", "notifications", "recipient", "recipients", "notice", "email"),
    "refused": ("refusal", "rejected", "impossible"),
    "synced": ("synchronized", "crossed", "delivered"),
    "action": ("event", "step", "trigger"),
    "actor": ("who", "by", "partner"),
    "status": ("state",),
}
"""Facts by the words that they go by elsewhere, such as what scenarios expect; facts of a policy's own come first."""

Domain = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Query:
    """A conjunction: what must hold of the status, of each item by its name, and of the step that leads there.

    ``text`` is the question as it was asked, but nothing in it twice.
    """

    status: When
    items: Mapping[str, When]
    last: When = ()
    text: str = ""

    @property
    def conditions(self) -> list[When]:
        """For each item what must hold of it and the status; for the status alone where no item is asked about."""
        return [self.status + when for when in self.items.values()] or [self.status]

    @property
    def facts(self) -> frozenset[str]:
        """The facts that are asked about."""
        return frozenset(fact for when in self.conditions for fact, _ in when)


def query(text: str, policy: Policy) -> Query:
    """A question as somebody writes it.

    Conditions are joined by `and`; each is `fact = value`, `fact = value or value`, or of one of several items,
    `fact(ITEM) = value`; `fact: value` and `{fact: [value, value]}` say the same. A value in quotes is taken as it
    stands, commas and all. Raises :class:`SimsyncError` with every problem.
    """
    if len(text) > LONGEST:
        raise usage_error("QUERY", f"a question has no more than {LONGEST:,} characters", code=Code.TOO_LARGE)
    steps = step_domain(policy)
    domain = {**domain_of(policy), **steps}
    aliases = policy.status.aliases
    status: list[tuple[str, tuple[Value, ...]]] = []
    last: list[tuple[str, tuple[Value, ...]]] = []
    items: dict[str, list[tuple[str, tuple[Value, ...]]]] = {}
    problems: list[str] = []
    unquoted, quoted = _without_quoted(text)
    parts = [part.strip() for part in _AND.split(unquoted.strip().removeprefix("{").removesuffix("}").strip())]
    if len(once := [*dict.fromkeys(parts)]) < len(parts):
        text = " and ".join(_as_asked(part, quoted) for part in once)
    for part in once:
        found = _CONDITION.fullmatch(part)
        if found is None:
            said = _with_quoted(part, quoted)
            example = "fact = value, as in link(N1) = held; simsync find --facts lists the facts"
            problems.append(f"'{said}' is no condition; write {example}")
            continue
        fact = found["fact"].strip()
        if fact not in domain:
            problems.append(_no_fact(fact, domain, _words(found["values"], quoted)))
            continue
        values = tuple(_value(word, domain[fact], aliases) for word in _words(found["values"], quoted))
        problems += [_no_value(fact, value, policy, domain) for value in values if value not in domain[fact]]
        if fact in steps:
            last.append((fact, values))
        elif fact in OF_THE_STATUS:
            status.append((fact, values))
        else:
            items.setdefault((found["item"] or "").strip() or ALONE, []).append((fact, values))
    if problems:
        raise usage_error("QUERY", *problems, code=Code.UNKNOWN_NAME)
    if last and len(items) > 1:
        message = f"where the last step is asked about ({last[0][0]}), it is of one {policy.vocabulary.words.item}"
        raise usage_error("QUERY", message, code=Code.USAGE)
    return Query(tuple(status), {name: tuple(when) for name, when in items.items()}, tuple(last), text)


def _no_fact(word: str, domain: Domain, values: Sequence[str]) -> str:
    """What to say of a word that is no fact: the fact that goes by another word, else the nearest spelling."""
    meant = [fact for fact, others in CALLED_OTHERWISE.items() if fact in domain and word.casefold() in others]
    if meant:
        value = next((one for one in values if one in domain[meant[0]]), domain[meant[0]][0])
        said = f"{named(word)} is not a fact here; that is asked so: {meant[0]} = {value}"
    else:
        said = not_among("a fact of a state", word, domain)
    return f"{said.rstrip('.')}. `simsync find --facts` lists all of them, with their values"


def _no_value(fact: str, value: Value, policy: Policy, domain: Domain) -> str:
    """What to say of a word that is no value of a fact; of those who can be told it is said who they are."""
    said = not_among(f"a value of '{fact}'", str(value), domain[fact])
    if fact != "told":
        return said
    told = "; ".join(f"{who}: {about.rstrip('.')}" for who, about in policy.vocabulary.recipients.items())
    return f"{said} ({told})"


def _without_quoted(text: str) -> tuple[str, list[str]]:
    """The text with a mark for each value in quotes, and these values without their quotes."""
    quoted: list[str] = []

    def marked(found: re.Match[str]) -> str:
        quoted.append(found[0][1:-1])
        return f"\0{len(quoted) - 1}\0"

    return _QUOTED.sub(marked, text.replace("\0", "")), quoted


def _as_asked(text: str, quoted: list[str]) -> str:
    """A condition with the marks of quoted values replaced by the values, in quotes again."""

    def again(mark: re.Match[str]) -> str:
        value = quoted[int(mark[1])]
        return f"'{value}'" if '"' in value else f'"{value}"'

    return _KEPT.sub(again, text)


def _with_quoted(text: str, quoted: list[str]) -> str:
    return _KEPT.sub(lambda found: quoted[int(found[1])], text)


def _words(text: str, quoted: list[str]) -> list[str]:
    words = _OR.split(text.strip().removeprefix("[").removesuffix("]").strip())
    return [_with_quoted(word.strip().strip("'\""), quoted) for word in words]


def _value(word: str, allowed: tuple[Value, ...], aliases: Mapping[str, str]) -> Value:
    """The value that a word means: of a flag if it is one, of another name the name's own."""
    flags: dict[str, Value] = {"true": True, "false": False}
    if word.lower() in flags and flags[word.lower()] in allowed:
        return flags[word.lower()]
    return aliases.get(word, word)


def facts_told(policy: Policy) -> list[tuple[str, str, tuple[Value, ...]]]:
    """Every fact that can be asked about, with what it says and its values."""
    words = policy.vocabulary.words
    of_states = [(fact, STATE_FACTS.get(fact, ""), values) for fact, values in domain_of(policy).items()]
    of_steps = [(fact, STEP_FACTS[fact], values) for fact, values in step_domain(policy).items()]
    return [(fact, words.say(about), values) for fact, about, values in (*of_states, *of_steps)]
