"""A comparison as Markdown, to be put into a change request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simsync.engine.trace import Trace, simulate
from simsync.engine.view import ticket
from simsync.questions.compare.affected import Compared
from simsync.questions.compare.report import kind_text, no_difference, place_of, renamed, turning, walked
from simsync.questions.compare.rule_cells import lines
from simsync.report import phrases
from simsync.report.difference import title_of, told
from simsync.report.tables import ANY
from simsync.scenarios.writing import as_yaml, document

ARROW = "\u2192"


def as_markdown(compared: Compared) -> str:
    """The whole comparison: summary, scenarios that show a difference, rules, scenarios and statements affected."""
    parts = [
        f"# Change of the rules: {_inline(compared.left.name)} {ARROW} {_inline(compared.right.name)}\n",
        *_summary(compared),
        *_shown(compared),
        *_rules(compared),
        *_scenarios(compared),
        *_sources(compared),
    ]
    return "\n".join(parts)


def _inline(text: str) -> str:
    """A text that means nothing to Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in phrases.printable_line(text))


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    headings = list(headings)
    yield _row(headings)
    yield _row(["---"] * len(headings))
    yield from (_row(row) for row in rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _summary(compared: Compared) -> Iterator[str]:
    if compared.stopped is not None:
        yield f"{_inline(str(compared.stopped))}.\n"
    count = len(compared.differences)
    if not count:
        told_all = no_difference(compared)
        told_all = told_all[:1].upper() + told_all[1:]
    elif compared.every:
        told_all = f"{phrases.counted(count, 'kind')} of difference can be seen{' so far' * bool(compared.stopped)}"
    else:
        told_all = f"It can be seen after {phrases.counted(len(compared.differences[0][1].events), 'step')}"
    if compared.renamed:
        yield f"{_inline(renamed(compared)[:1].upper() + renamed(compared)[1:])}.\n"
    turned = compared.turns.turned
    visible = sum(turn.visible for turn in turned)
    broken = sum(turn.left.passed and not turn.right.passed for turn in turned)
    mended = sum(turn.right.passed and not turn.left.passed for turn in turned)
    yield f"- {told_all}{'' if count else f': {walked(compared)}'}."
    changed = sum(max(len(exchange.left), len(exchange.right)) for exchange in compared.exchanges)
    yield f"- {phrases.counted(changed, 'rule')} exchanged, resting on {' '.join(compared.sources) or 'nothing'}."
    if compared.turns.compared:
        yield (
            f"- Of {phrases.counted(compared.turns.compared, 'scenario')}, {len(turned)} come out otherwise:"
            f" {broken} that passed fail, {mended} that failed pass; in {visible} of them something else can be seen."
        )
    yield ""


def _shown(compared: Compared) -> Iterator[str]:
    for number, (kind, difference) in enumerate(compared.differences, 1):
        if compared.every:
            told_kind = kind_text(compared, kind, compared.left.name, compared.right.name)
            yield f"## Difference {number}: {_inline(told_kind)}\n"
        else:
            yield "## The shortest scenario that shows it\n"
        title = title_of(compared.left.name, compared.right.name)
        yield f"```yaml\n{as_yaml(document(title, difference))}```\n"
        yield from _outcomes(compared, difference)


def _outcomes(compared: Compared, difference: Trace) -> Iterator[str]:
    """What can be seen step by step; after the last one, everything, with what differs in bold."""
    one, two = (simulate(side.model, difference) for side in (compared.left, compared.right))
    headings = ("after the last step", _inline(compared.left.name), _inline(compared.right.name))
    words, nouns = compared.left.model.vocabulary, compared.left.model.words
    last, other = one[-1], two[-1]
    rows = [
        ("refused", *(_inline(o.refused) if o.refused is not None else "no" for o in (last, other))),
        (str(nouns.status), *(o.after.status for o in (last, other))),
        *(
            (f"{p}'s {words.words.ticket}", *(_items(ticket(words, o.after, p)) for o in (last, other)))
            for p in words.partners
        ),
        ("told", *(", ".join(o.notified) or "nobody" for o in (last, other))),
    ]
    yield from _table(headings, ((f, a, b) if a == b else (f, f"**{a}**", f"**{b}**") for f, a, b in rows))
    for side, mine, its in ((compared.left, last, other), (compared.right, other, last)):
        if mine.defects and not its.defects:
            yield f"{_inline(side.name)}: {_inline('; '.join(told(mine, its)))}\n"


def _items(shown: dict[str, dict[str, str | bool]]) -> str:
    return "; ".join(_inline(f"{name}: {phrases.value(view)}") for name, view in shown.items()) or "nothing"


def _rules(compared: Compared) -> Iterator[str]:
    yield "## Rules, before and after\n"
    if not compared.exchanges and not compared.restated:
        yield "None.\n"
        return
    rows = [
        (exchange.where, _code(old), _code(new), _inline(cells))
        for exchange in compared.exchanges
        for old, new, cells in lines(exchange, compared.left.model, compared.right.model, ARROW)
    ]
    if rows:
        yield from _table(("table", "before", "after", "cells"), rows)
    if compared.restated:
        yield f"Declared otherwise: {', '.join(compared.restated)}.\n"


def _code(ids: str) -> str:
    return ids if ids == ANY else ", ".join(f"`{one}`" for one in ids.split(", "))


def _scenarios(compared: Compared) -> Iterator[str]:
    turns = compared.turns
    if not turns.compared and not turns.alone:
        return
    yield "## Scenarios, before and after\n"
    if not turns.turned and not turns.alone:
        yield f"None of {turns.compared} comes out otherwise.\n"
        return
    rows = []
    for turn in sorted(turns.turned, key=lambda turn: not turn.visible):
        step, first, second = turning(turn)
        verdict = f" {ARROW} ".join("passes" if run.passed else "**fails**" for run in (turn.left, turn.right))
        name = f"{_inline(place_of(turn.left))}<br>{_inline(turn.left.scenario.name)}"
        rows.append((name, verdict, _inline(step), _inline(first), _inline(second)))
    sides = _inline(compared.left.name), _inline(compared.right.name)
    if rows:
        yield from _table(("scenario", "verdict", "first step that changes", *sides), rows)
    for scenario, side in turns.alone:
        yield f"- {_inline(scenario.file)}:{scenario.line} can be read as {sides[side == 'right']} only"


def _sources(compared: Compared) -> Iterator[str]:
    if compared.sources:
        yield "## What the rules rest on\n"
        yield from (f"- {name}: {text}" for name, text in compared.sources.items())
        yield ""
