"""The use case behind `simsync rename`: the policy, its scenarios and mappings, all of them or none."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simsync.app import load_model
from simsync.engine.model import Model
from simsync.errors import Code, Diagnostic, SimsyncError, usage_error
from simsync.files import write_together
from simsync.policy.loading.renaming import Files, files_of, followed, model_files, on_lines, renamed_policy
from simsync.scenarios.loading import ScenarioLoader, scenario_paths
from simsync.scenarios.simulate import ScenarioResult, run_scenario

Reader = Callable[[str, Model], object]
"""What reads another file that speaks of a policy; raises :class:`SimsyncError` with what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """The files before and after, and the lines after it in which the old name is left."""

    before: Files
    after: Files
    left: tuple[tuple[str, int], ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that change."""
        return tuple(path for path, data in self.before.items() if self.after[path] != data)

    def diff(self) -> Iterator[str]:
        """What changes, as a unified diff."""
        for path in self.changed:
            old, new = (
                files[path].decode("utf-8-sig").splitlines(keepends=True) for files in (self.before, self.after)
            )
            yield from difflib.unified_diff(old, new, path, path)

    def write(self) -> None:
        """Write every file that changes."""
        write_together({path: self.after[path] for path in self.changed})


def renaming(
    machines: str | Path,
    sort: str,
    names: tuple[str, str],
    scenarios: Iterable[str] = (),
    others: Sequence[str] = (),
    readers: Sequence[Reader] = (),
) -> Renaming:
    """What becomes of a policy's files, of scenarios and of others, where something is called otherwise.

    Raises :class:`SimsyncError` for what is wrong with any of them before, for a name that cannot be, and where a
    scenario would come out otherwise.
    """
    model = load_model(machines)
    policy = files_of(machines)
    stories = _stories(scenarios)
    mappings = {path: Path(path).read_bytes() for path in others}
    reading = {path: _reader_of(path, model, readers) for path in others}
    _stop(_wrong_stories(model, stories))
    renamed = renamed_policy(policy, sort, *names)
    names = (names[0].rpartition("=")[2] if sort == "option" else names[0], names[1])
    new = _model_of(renamed)
    told = followed(stories, *names, lambda files: _wrong_stories(new, files))
    mapped = followed(mappings, *names, lambda files: _wrong_others(new, files, reading))
    told = _as_refused(_verdicts(new, told), told, *names)
    _stop([*_turned(_verdicts(model, stories), _verdicts(new, told))])
    after = {**renamed, **told, **mapped}
    return Renaming(before={**policy, **stories, **mappings}, after=after, left=tuple(_left(after, names[0])))


def _stories(places: Iterable[str]) -> dict[str, bytes]:
    problems: list[Diagnostic] = []
    found = {path: Path(path).read_bytes() for place in places for path in scenario_paths(place, problems)}
    _stop(problems)
    return found


def _stop(problems: Sequence[Diagnostic]) -> None:
    if problems:
        raise SimsyncError(problems)


def _model_of(files: Files) -> Model:
    with model_files(files) as folder:
        return load_model(folder)


def _wrong_stories(model: Model, files: Files) -> list[Diagnostic]:
    loader = ScenarioLoader(model.factory)
    return [one for path, data in files.items() for one in loader.load_bytes(data, path).diagnostics]


def _verdicts(model: Model, files: Files) -> list[ScenarioResult]:
    loader = ScenarioLoader(model.factory)
    each = (loader.load_bytes(data, path).scenarios for path, data in files.items())
    return [run_scenario(model, scenario) for scenarios in each for scenario in scenarios]


def _as_refused(results: Iterable[ScenarioResult], files: Files, old: str, new: str) -> dict[str, bytes]:
    """The scenarios in which refusals are expected to say the new name."""
    made = dict(files)
    for result in results:
        lines = {f.line for step in result.steps for f in step.failures if f.at == "refused"}
        made[result.scenario.file] = on_lines(made[result.scenario.file], lines, old, new)
    return made


def _turned(before: Sequence[ScenarioResult], after: Sequence[ScenarioResult]) -> Iterator[Diagnostic]:
    """The scenarios that come out otherwise, such as those that expect a text with the old name in it."""
    for one, other in zip(before, after, strict=True):
        if one.passed and not other.passed:
            message = f"'{other.scenario.name}' would not pass any more, and so nothing is renamed"
            failed = next((f for step in other.steps for f in step.failures), None)
            told = f"; {failed.at} expects {failed.expected}" if failed else ""
            line = failed.line if failed else other.scenario.line
            yield Diagnostic(file=other.scenario.file, line=line, col=1, code=Code.USAGE, message=f"{message}{told}")


def _reader_of(path: str, model: Model, readers: Sequence[Reader]) -> Reader:
    """What can read a file; raises what the first one finds wrong with it where none can."""
    first: SimsyncError | None = None
    for read in readers:
        try:
            read(path, model)
        except SimsyncError as error:
            first = first or error
        else:
            return read
    raise first or usage_error(path, "nothing reads this file", code=Code.USAGE)


def _wrong_others(model: Model, files: Files, readers: Mapping[str, Reader]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for path, data in files.items():
        with model_files({path: data}) as folder:
            try:
                readers[path](str(Path(folder) / Path(path).name), model)
            except SimsyncError as error:
                found += [replace(one, file=path) for one in error.diagnostics]
    return found


def _left(files: Files, old: str) -> Iterator[tuple[str, int]]:
    """The lines that still have the old name in them: texts and remarks, and other things of this name."""
    word = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    for path, data in files.items():
        for number, line in enumerate(data.decode("utf-8-sig").splitlines(), 1):
            if word.search(line):
                yield path, number
