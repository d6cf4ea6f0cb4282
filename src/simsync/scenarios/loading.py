"""Scenario files to `Scenario` values."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from simsync.engine.actions import Created
from simsync.engine.model import ModelFactory
from simsync.errors import Code, Diagnostic, nearest, not_among
from simsync.policy.loading import hints
from simsync.policy.loading.nodes import (
    MappingNode,
    Node,
    Problems,
    ScalarNode,
    SequenceNode,
    compose,
    read_bytes,
)
from simsync.policy.loading.shapes import BAD, Got, entries, unknown_key, wrong
from simsync.scenarios.document_shape import ScenarioShape
from simsync.scenarios.scenario import Scenario, Step, Together
from simsync.scenarios.shapes import Mentions

SUFFIXES = (".yaml", ".yml")
MOST_FOLDERS = 2_000
"""Directories that are looked through under one that is named: a tree of scenarios has fewer, `/proc` has no end."""
MOST_TOLD = 20
MAX_SIZE = 1_000_000  # steps times items: what is kept of a scenario while it runs grows with it


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """What one file holds: its scenarios, or, if anything about it is wrong, every problem."""

    path: str
    scenarios: tuple[Scenario, ...]
    diagnostics: tuple[Diagnostic, ...]


def scenario_paths(path: str, problems: list[Diagnostic]) -> Iterator[str]:
    """The scenario files a path stands for: itself, or every `.yaml` and `.yml` under it, sorted.

    Directories behind links count too, once. What cannot be listed, and a tree without end, is added to ``problems``.
    """
    if not os.path.isdir(path):
        yield path
        return
    seen: set[str] = set()

    def unlisted(error: OSError) -> None:
        problems.append(_at_the_start(str(error.filename), Code.UNREADABLE, f"it cannot be listed: {error.strerror}"))

    for folder, folders, files in os.walk(path, followlinks=True, onerror=unlisted):
        here = os.path.realpath(folder)
        folders[:] = [] if here in seen else sorted(folders)
        if here in seen:
            continue
        if len(seen) == MOST_FOLDERS:
            message = f"there are more than {MOST_FOLDERS:,} directories under it, and what comes after them is not"
            problems.append(_at_the_start(path, Code.TOO_MANY, f"{message} run; name the one that has the scenarios"))
            return
        seen.add(here)
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES):
                yield os.path.join(folder, name)


def split_place(place: str) -> tuple[str, int | None]:
    """A path and no line, or the two parts of ``FILE:LINE``."""
    path, colon, number = place.rpartition(":")
    if not colon or not path or not number.isdecimal() or len(number) > 9 or os.path.exists(place):
        return place, None
    return path, int(number)


def _at_the_start(path: str, code: Code, message: str) -> Diagnostic:
    return Diagnostic(file=path, line=1, col=1, code=code, message=message)


def _told(problems: list[Diagnostic]) -> Iterator[ScenarioFile]:
    """Problems as of files that are not run, the first of them."""
    for found in problems[:MOST_TOLD]:
        yield ScenarioFile(found.file, (), (found,))
    if more := problems[MOST_TOLD:]:
        last = more[-1]
        message = f"{last.message}; the same goes for {len(more) - 1:,} more" if len(more) > 1 else last.message
        yield ScenarioFile(last.file, (), (_at_the_start(last.file, last.code, message),))


HERE = "scenarios"
"""Where scenarios are, if nobody says."""


class ScenarioLoader:
    """Reads scenario files for one policy."""

    def __init__(self, factory: ModelFactory) -> None:
        self.shape = ScenarioShape(factory)

    def load(self, paths: Iterable[str], to_begin: str = "") -> Iterator[ScenarioFile]:
        """Each file that the paths stand for, one at a time; of ``FILE:LINE`` the scenario that the line is in.

        ``to_begin`` is what to do where none are named and there are none here.
        """
        for path in paths:
            file, line = split_place(path)
            if line is not None:
                yield self._load_at(file, line)
                continue
            if path == HERE and not os.path.lexists(path):
                message = f"none are named, and there is no directory of this name here{to_begin}"
                yield ScenarioFile(path, (), (_at_the_start(path, Code.NOT_FOUND, message),))
                continue
            empty, problems = True, list[Diagnostic]()
            for file in scenario_paths(path, problems):
                empty = False
                yield self.load_file(file)
            if empty and not problems:
                message = "there is no .yaml or .yml file under this directory"
                problems.append(_at_the_start(path, Code.NO_SCENARIO, message))
            yield from _told(problems)

    def _load_at(self, path: str, line: int) -> ScenarioFile:
        """The scenario of a file that a line is in; of one before the first scenario, the first."""
        problems = Problems(path)
        data = read_bytes(path, problems)
        found = self.load_bytes(data, path) if data is not None else ScenarioFile(path, (), problems.told)
        if data is None or found.diagnostics:
            return found
        lines = len(data.splitlines())
        if not 1 <= line <= lines:
            message = f"{path} has lines 1 to {lines}"
            wrong = Diagnostic(file=f"{path}:{line}", line=0, col=0, code=Code.USAGE, message=message)
            return ScenarioFile(path, (), (wrong,))
        here = [s for s in found.scenarios if s.line <= line] or found.scenarios[:1]
        return ScenarioFile(path, tuple(here[-1:]), ())

    def load_file(self, path: str) -> ScenarioFile:
        """One file; it has scenarios only if nothing about it is wrong."""
        problems = Problems(path)
        data = read_bytes(path, problems)
        return self.load_bytes(data, path) if data is not None else ScenarioFile(path, (), problems.told)

    def load_bytes(self, data: bytes, path: str) -> ScenarioFile:
        """A file's content; ``path`` names it in what is reported."""
        problems = Problems(path, data)
        scenarios: list[Scenario] = []
        documents = 0
        for node in compose(data, problems):
            if _is_empty(node):
                continue  # an empty document, as after a trailing '---'
            documents += 1
            for part in _parted(node, problems):
                scenario = self._scenario(part, problems)
                if scenario is not None:
                    scenarios.append(scenario)
        if not documents and not problems:
            problems.place(
                1, 1, Code.NO_SCENARIO, "the file has no scenario; one starts with 'scenario: what it shows'"
            )
        return ScenarioFile(path, () if problems else tuple(scenarios), problems.told)

    def _scenario(self, node: Node, problems: Problems) -> Scenario | None:
        shape = self.shape
        if not isinstance(node, MappingNode):
            wrong(node, problems, "a scenario, as a mapping that starts with 'scenario: what it shows',")
            return None
        found = entries(node, problems, "a scenario")
        head: dict[str, Any] = {}
        for name, pair in found.items():
            if name in shape.head:
                head[name] = shape.head[name].read(pair[1], problems)
            elif name not in shape.keys:
                unknown_key(pair, problems, "a scenario", shape.keys, {"given": ("status", "readings")})
        misspelt = {nearest(name, shape.keys) for name in found if name not in shape.keys}
        for required in ("scenario", "steps"):
            if required not in found and required not in misspelt:
                problems.at(node, Code.MISSING_KEY, f"a scenario needs the key '{required}'")
        created = Created()
        mentions: Mentions = []
        steps, rounds = list[Step](), list[Together]()
        if "steps" in found and not (_is_empty(found["steps"][1]) and found.keys() - shape.keys):
            steps, rounds = self._steps(found["steps"][1], problems, created, mentions)
        end = found.get("finally")
        finally_ = shape.expectations.read_end(end[1], problems, mentions) if end else ()
        self._check_items(mentions, created, problems)
        if problems:
            return None
        given = head.get("given", BAD) or Got(node, {})
        return Scenario(
            file=problems.file,
            line=node.start_mark.line + 1,
            name=head["scenario"],
            about=head.get("about", ""),
            sources=head.get("sources", ()),
            status=given.get("status", shape.begin),
            readings=given.get("readings", {}),
            steps=tuple(steps),
            finally_=finally_,
            rounds=tuple(rounds),
        )

    def _steps(
        self, node: Node, problems: Problems, created: Created, mentions: Mentions
    ) -> tuple[list[Step], list[Together]]:
        """The steps, those of rounds among them, and the rounds."""
        steps, rounds = list[Step](), list[Together]()
        if not isinstance(node, SequenceNode) or not node.value:
            wrong(node, problems, "a list of at least one step", hints.as_steps(node))
            return steps, rounds
        shape = self.shape
        for one in node.value:
            if shape.rounds.is_one(_keys(one)):
                some, together = shape.rounds.read(one, problems, created, mentions, len(steps))
                steps += some
                rounds.append(together)
            elif (step := shape.steps.read(one, problems, created, mentions)) is not None:
                steps.append(step)
            else:
                assert problems
        if len(steps) * len(created) > MAX_SIZE:
            items = shape.words.item.count(len(created))
            message = f"{len(steps):,} steps with {items} are too many for one scenario; split it"
            problems.at(node, Code.TOO_LARGE, message)
        return steps, rounds

    def _check_items(self, mentions: Mentions, created: Created, problems: Problems) -> None:
        """Expectations of items that neither the scenario nor the rules create are slips of the pen."""
        for item, key in mentions:
            if item not in created and self.shape.steps.grammar.product_item(item, created) is None:
                message = not_among(f"{self.shape.words.item.a} that this scenario creates", item, created)
                problems.at(key, Code.UNKNOWN_ITEM, message)


def _keys(node: Node) -> set[str]:
    pairs = node.value if isinstance(node, MappingNode) else []
    return {key.value for key, _ in pairs if isinstance(key, ScalarNode)}


def _is_empty(node: Node) -> bool:
    """Whether nothing is written there."""
    return isinstance(node, ScalarNode) and not node.value and not node.style


def _parted(node: Node, problems: Problems) -> Iterator[Node]:
    """The scenarios of a document: one, or several that no line parts, which is reported."""
    pairs = node.value if isinstance(node, MappingNode) else []
    starts = [n for n, (key, _) in enumerate(pairs) if isinstance(key, ScalarNode) and key.value == "scenario"]
    if len(starts) < 2:
        yield node
        return
    for start in starts[1:]:
        message = "another scenario starts here; put a line '---' before it"
        problems.at(pairs[start][0], Code.DUPLICATE_KEY, message)
    for start, end in itertools.pairwise([0, *starts[1:], len(pairs)]):
        yield MappingNode(node.tag, pairs[start:end], pairs[start][0].start_mark, node.end_mark)
