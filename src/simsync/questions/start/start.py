"""The use cases behind `simsync init` and `simsync schema`: a policy to begin with, and what editors know of it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simsync.app import MINIMAL, load_model, machines_directory, packaged
from simsync.engine.model import Model
from simsync.errors import Code, usage_error
from simsync.files import whole_file
from simsync.questions.start.editor import editor_settings, editor_tasks
from simsync.questions.start.schema import schema_files, schemas


def schemas_of(model: Model, machines: str | Path | None) -> Mapping[str, dict[str, Any]]:
    """The JSON Schemas of scenario and machine files, by what they describe."""
    return schemas(model.factory, machines_directory() if machines is None else machines)


def write_schemas(made: Mapping[str, dict[str, Any]], machines: str | Path | None, out: str) -> Iterator[str]:
    """Write every schema into a directory; gives the paths."""
    os.makedirs(out, exist_ok=True)
    files = schema_files(machines_directory() if machines is None else machines)
    for part, schema in made.items():
        path = os.path.join(out, files[part])
        with whole_file(path) as stream:
            stream.write(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        yield path


def start_policy(directory: str, *, minimal: bool = False) -> list[str]:
    """Make a working copy of a packaged policy in a directory that is new or empty; gives what it holds.

    Raises :class:`SimsyncError` where there is something in the way.
    """
    target = Path(directory).resolve()
    if not directory or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        message = "there is something here already; name a directory that is new or empty"
        raise usage_error(directory or "DIR", message, code=Code.NOT_EMPTY)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".simsync-init-") as made:
            _fill_policy(Path(made), minimal=minimal)
            target.mkdir(exist_ok=True)
            for part in Path(made).iterdir():
                os.replace(part, target / part.name)
    except OSError as error:
        raise usage_error(directory, error.strerror or str(error), code=Code.UNWRITABLE) from error
    return sorted(f"{path.name}/" for path in target.iterdir())


def _fill_policy(folder: Path, *, minimal: bool) -> None:
    for name in ("machines", "scenarios"):
        shutil.copytree(packaged(MINIMAL) / name if minimal else packaged(name), folder / name)
    machines = folder / "machines"
    list(write_schemas(schemas_of(load_model(machines), machines), machines, str(folder / "schemas")))
    (folder / ".vscode").mkdir()
    for name, content in (("settings", editor_settings(machines)), ("tasks", editor_tasks())):
        text = json.dumps(content, indent=2) + "\n"
        (folder / ".vscode" / f"{name}.json").write_text(text, encoding="utf-8")
