"""Races as a page in Markdown, for whoever knows the product."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.questions.races.asked import Races
from simsync.questions.races.races import RaceKind
from simsync.questions.races.report import bounds, where
from simsync.questions.races.told import HEADS, MEANS, RaceTeller, ToldRace
from simsync.report.phrases import printable_line
from simsync.report.terminal import UNICODE
from simsync.scenarios.writing import as_yaml

ASKED = {
    RaceKind.IMPOSSIBLE: "Which of them wins, and what is the other one told?",
    RaceKind.FREE: "Which of these is right, or are both?",
    RaceKind.FORCED: "Does the product bring about that order, and how?",
}


def as_markdown(races: Races) -> str:
    """Every race with both outcomes and the question that it leads to."""
    words, parts = races.model.words, ["# When both act at once\n"]
    tellers, number = RaceTeller(races.model, UNICODE), 0
    parts.append(
        words.say(
            "Both {partners} act before either {ticket} shows what the other did. Here is where, by the rules, it"
            " matters to anybody in which order their actions take effect.\n"
        )
    )
    for kind in RaceKind:
        if groups := races.of(kind):
            parts += [f"## {HEADS[kind]}\n", words.say(MEANS[kind]) + "\n"]
        for group in groups:
            number += 1
            parts += _race(races, tellers.told(group), number)
    parts += ["## How far this goes\n", *(f"- {_inline(line[:1].upper() + line[1:])}." for line in bounds(races))]
    return "\n".join(parts) + "\n"


def _race(races: Races, told: ToldRace, number: int) -> Iterator[str]:
    yield f"### {number}. {_inline(' and '.join(told.deeds))}\n"
    about = [where(races.model, told.group)]
    about += [f"rests on {' '.join(told.rests_on)}"] if told.rests_on else []
    about += [f"as read: {', '.join(told.readings)}"] if told.readings else []
    yield _inline("; ".join(about)[:1].upper() + "; ".join(about)[1:]) + ".\n"
    if told.group.kind is RaceKind.ENABLING:
        return
    yield f"```yaml\n{as_yaml(told.document)}```\n"
    if told.orders.common:
        yield f"In every order: {_inline('; '.join(told.orders.common))}.\n"
    yield "| order | what comes of it |\n| --- | --- |"
    for title, lines in told.orders.apart:
        yield f"| {_inline(title)} | {_inline('; '.join(lines))} |"
    yield ""
    yield f"**{ASKED[told.group.kind]}**\n"


def _inline(text: str) -> str:
    """A text that means nothing to Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in printable_line(text))
