"""Examples in a command's help, in the words of the rules in force."""

from __future__ import annotations

import re
import shlex
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from simsync.errors import SimsyncError
from simsync.policy.policy import ALONE, Decides, Policy
from simsync.policy.words import USUAL_WORDS, Words


class ReaderGone(Exception):  # noqa: N818 - not an error
    """Whoever read our output has seen enough."""


HERE = "scenarios"
"""Where the scenarios of examples are."""
OF_SCENARIOS = ("scenario", "step", "did", "maker", "item", "set")
PLACEHOLDERS = {
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
    "machines": "machines",
    "statement": "ID",
    "recipient": "RECIPIENT",
    "scenario": "FILE",
    "step": "FILE:LINE",
    "did": "ACTOR: ACTION",
    "maker": "ACTOR",
    "item": "NAME",
}
"""What stands in examples where there are no rules."""


def words() -> Mapping[str, str]:
    """What stands for the names in examples; nothing for what the rules in force have not."""
    from simsync.app import load_model

    try:
        policy = load_model().policy
    except SimsyncError:
        return PLACEHOLDERS
    return dict(_of_rules(policy)) | _of_scenarios(policy)


def _of_rules(policy: Policy) -> Iterator[tuple[str, str]]:
    vocabulary = policy.vocabulary
    yield from zip(("first", "second"), vocabulary.partners, strict=True)
    for reading in [*policy.readings.values()][:1]:
        yield "reading", f"{reading.name}={[*reading.options][-1]}"
    yield "table", next(t.name for t in policy.tables.values() if t.decides is Decides.CHANGE)
    other = next(t.name for t in policy.tables.values() if t.decides is Decides.PERMISSION)
    yield "other_table", shlex.quote(other)
    yield from (("statement", cited) for cited in [*policy.citations][:1])
    yield from (("recipient", recipient) for recipient in [*vocabulary.recipients][:1])
    for name, machine in (("link", policy.link), ("status", policy.status)):
        last = [*machine.states][-1]
        if machine.initial != ALONE:
            yield name, f"'{last}'" if "," in last else last
    if any(machine.initial != ALONE for machine in policy.declared):
        yield "machines", "machines"
    kinds = [*vocabulary.kinds]
    yield "kind", shlex.quote(kinds[-1])
    yield "new", next((kind for kind in kinds if " " not in kind), kinds[0])


def _of_scenarios(policy: Policy) -> dict[str, str]:
    """A step of the scenarios here, what it is, and an item that is there then.

    Nothing where there is no such step, and placeholders where there are no scenarios here at all.
    """
    acting = "|".join(map(re.escape, policy.vocabulary.acting))
    step = re.compile(rf"\s*- \{{?({acting}): ([^,}}#\n]+?)\s*(?:[,}}].*)?")
    for path in sorted(Path(HERE).glob("*.yaml")):
        made: dict[str, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            found = step.fullmatch(line)
            if line.startswith("---"):
                made = {}
            elif found and made:
                place = path.as_posix()
                return made | {"scenario": place, "step": f"{place}:{number}", "did": f"{found[1]}: {found[2]}"}
            elif found and found[2].startswith("create "):
                made = {"maker": found[1], "item": found[2].split()[-1], **_set(policy, found[2].split()[1:-1])}
    return {} if Path(HERE).is_dir() else {name: PLACEHOLDERS[name] for name in OF_SCENARIOS}


def _set(policy: Policy, kind: Sequence[str]) -> dict[str, str]:
    """A field of an item of a kind that an edit can change: one that is true or false, if there is one."""
    known = policy.vocabulary.kinds.get(" ".join(kind))
    fields = [policy.vocabulary.fields[name] for name in (known.fields if known else ())]
    edited = [field for field in fields if "edit" in field.set_by]
    flags = [f"{field.name}=true" for field in edited if True in field.values]
    texts = [f"{field.name}={field.values[-1] if field.values else 'changed'}" for field in edited]
    return {"set": shlex.quote([*flags, *texts][0])} if edited else {}


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


def _known(line: str, names: Mapping[str, str]) -> bool:
    """Whether the rules in force have all that an example names."""
    return all(field is None or field in names for _, field, _, _ in string.Formatter().parse(line))


class _WithExamples:
    """What a command or group with examples adds to its help; ``terms`` are the words that are explained there."""

    def __init__(
        self, *args: Any, examples: Sequence[tuple[str, str]] = (), terms: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.terms = terms

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, the words that need it, then the epilog."""
        from simsync.report.glossary import TERMS

        known = words()
        with formatter.section("Examples"):
            for line, about in self.examples:
                if not _known(line, known):
                    continue
                # never wrapped, so that it can be copied
                formatter.write(f"{'':>{formatter.current_indent}}simsync {line.format_map(known)}\n")
                with formatter.indentation():
                    formatter.write_text(about)
        if self.terms:
            with formatter.section("Words"):
                formatter.write_dl([(term, TERMS[term]) for term in self.terms])
        super().format_epilog(ctx, formatter)  # type: ignore[misc] # click's, by the class this is mixed into


class Context(click.Context):
    """A context in which help speaks the words of the rules in force."""

    formatter_class = Formatter


class Command(_WithExamples, click.Command):
    """A command with examples."""

    context_class = Context


class Group(_WithExamples, click.Group):
    """A group with examples that does not take a reader who stops reading for a failure.

    ``sections`` are the headings that the commands are listed under.
    """

    context_class = Context

    def __init__(self, *args: Any, sections: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order of the help."""
        return [name for names in self.sections.values() for name in names]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with what it is for."""
        for heading, names in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(limit=80)) for name in names])

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command; click itself would take a broken pipe for exit code 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error
