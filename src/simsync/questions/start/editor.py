"""What VS Code knows of a policy: which schema is of which file, tasks, and how their output becomes squiggles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simsync.policy.loading.files import file_names
from simsync.questions.start.schema import schema_files

PLACE = r"^(.+?):(\d+):(\d+): "
MATCHERS = (
    {
        "regexp": PLACE + r"(error|warning): ([a-z-]+): (.+)$",
        "file": 1,
        "line": 2,
        "column": 3,
        "severity": 4,
        "code": 5,
        "message": 6,
    },
    {
        "regexp": PLACE + r"(?!error|warning)([a-z-]+): (.+)$",
        "file": 1,
        "line": 2,
        "column": 3,
        "code": 4,
        "message": 5,
    },
)
"""Lines of findings, which say how bad they are, and of bad input, which always is."""


def editor_settings(directory: str | Path) -> dict[str, dict[str, list[str]]]:
    """The mapping from schema to files, as VS Code's YAML extension wants it."""
    files = schema_files(directory)
    mapping = {f"./schemas/{files['scenario']}": ["scenarios/**/*.yaml", "scenarios/**/*.yml"]}
    mapping |= {f"./schemas/{files[part]}": [f"machines/{name}"] for part, name in file_names(directory).items()}
    return {"yaml.schemas": mapping}


def editor_tasks(command: str = "simsync", on_windows: str = "simsync") -> dict[str, Any]:
    """Tasks that run the scenarios, check the rules and look at the diagrams."""
    tasks: list[dict[str, Any]] = [
        _task("run scenarios", command, on_windows, "run", "--format", "lines"),
        _task("check rules", command, on_windows, "check"),
        _task("run this scenario", command, on_windows, "run", "${relativeFile}:${lineNumber}", "--format", "lines"),
        _task("check diagrams", command, on_windows, "diagrams", "--check"),
    ]
    tasks[0]["group"] = {"kind": "test", "isDefault": True}
    return {"version": "2.0.0", "tasks": tasks}


def _task(label: str, command: str, on_windows: str, *arguments: str) -> dict[str, Any]:
    common = {"owner": "simsync", "source": "simsync", "fileLocation": ["autoDetect", "${workspaceFolder}"]}
    return {
        "label": f"simsync: {label}",
        "type": "process",
        "command": command,
        **({"windows": {"command": on_windows}} if on_windows != command else {}),
        "args": list(arguments),
        "presentation": {"reveal": "silent", "clear": True},
        "problemMatcher": [{**common, "severity": "error", "pattern": dict(pattern)} for pattern in MATCHERS],
    }
