"""Examples in a command's help, in the words of the rules in force."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from simsync.errors import SimsyncError
from simsync.policy.policy import Decides
from simsync.policy.words import USUAL_WORDS, Words


class ReaderGone(Exception):  # noqa: N818 - not an error
    """Whoever read our output has seen enough."""


def words() -> Mapping[str, str]:
    """What stands for the names in examples: partners, a reading with an option, tables, a statement."""
    from simsync.app import load_model

    try:
        policy = load_model().policy
    except SimsyncError:
        return {
            "first": "ACTOR",
            "second": "ACTOR",
            "reading": "NAME=OPTION",
            "table": "TABLE",
            "other_table": "TABLE",
            "set": "FIELD=VALUE",
            "link": "STATE",
            "status": "STATE",
            "kind": "KIND",
            "new": "KIND",
            "statement": "ID",
        }
    first, second = policy.vocabulary.partners
    reading = next(iter(policy.readings.values()), None)
    table = next(t.name for t in policy.tables.values() if t.decides is Decides.CHANGE)
    chosen = f"{reading.name}={[*reading.options][-1]}" if reading else "NAME=OPTION"
    kinds = [*policy.vocabulary.kinds]
    edited = [f for f in policy.vocabulary.fields.values() if "edit" in f.set_by]
    flag = next((f"{f.name}=true" for f in edited if True in f.values), None)
    return {
        "first": first,
        "second": second,
        "reading": chosen,
        "table": table,
        "other_table": next(t.name for t in policy.tables.values() if t.decides is Decides.PERMISSION),
        "set": flag or next((f"{f.name}=changed" for f in edited), "FIELD=VALUE"),
        "link": [*policy.link.states][-1],
        "status": [*policy.status.states][-1],
        "kind": shlex.quote(kinds[-1]),
        "new": next((kind for kind in kinds if " " not in kind), kinds[0]),
        "statement": next(iter(policy.citations), "ID"),
    }


def own_words() -> Words:
    """The words of the rules in force, the usual ones where there are none."""
    from simsync.app import load_model

    try:
        return load_model().words
    except SimsyncError:
        return USUAL_WORDS


class Formatter(click.HelpFormatter):
    """Writes help in the words of the rules in force, which its texts leave open: `{ticket}`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words = own_words()

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        super().write_text(self._words.say(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of definitions."""
        said = [(term, self._words.say(text)) for term, text in rows]
        super().write_dl(said, col_max=col_max, col_spacing=col_spacing)


class _WithExamples:
    """What a command or group with examples adds to its help."""

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, then the epilog."""
        known = words()
        with formatter.section("Examples"):
            for line, about in self.examples:
                # never wrapped, so that it can be copied
                formatter.write(f"{'':>{formatter.current_indent}}simsync {line.format_map(known)}\n")
                with formatter.indentation():
                    formatter.write_text(about)
        super().format_epilog(ctx, formatter)  # type: ignore[misc] # click's, by the class this is mixed into


class Context(click.Context):
    """A context in which help speaks the words of the rules in force."""

    formatter_class = Formatter


class Command(_WithExamples, click.Command):
    """A command with examples."""

    context_class = Context


class Group(_WithExamples, click.Group):
    """A group with examples that does not take a reader who stops reading for a failure."""

    context_class = Context

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command; click itself would take a broken pipe for exit code 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error
