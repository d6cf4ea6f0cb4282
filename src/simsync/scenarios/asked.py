"""Steps that are told one by one, as the scenario that a file with them would have."""

from __future__ import annotations

from collections.abc import Sequence

from simsync.scenarios.loading import ScenarioFile, ScenarioLoader
from simsync.scenarios.writing import as_yaml, document_of

NO_FILE = "--do"
"""What stands for the file of a scenario that is in none."""
TITLE = "What comes of these steps"


def asked(loader: ScenarioLoader, steps: Sequence[str], status: str | None, path: str) -> tuple[ScenarioFile, str]:
    """The scenario of some steps, and its text; lines are those of the text.

    A step is what stands in the braces of one in a file: ``actor: action, text: "a text"``. ``status`` is where it
    begins, None where scenarios begin that do not say. ``path`` names the text in what is reported. Of steps with
    anything wrong the file has the problems alone, in lines of the steps as they were told.
    """
    given = "" if status is None else f"given: {{status: {status}}}\n"
    told = f"scenario: {TITLE}\n{given}steps:\n" + "".join(f"  - {{{step}}}\n" for step in steps)
    file = loader.load_bytes(told.encode(errors="replace"), path)
    if file.diagnostics:
        return file, told
    text = as_yaml(*map(document_of, file.scenarios)) + "\n"
    return loader.load_bytes(text.encode(), path), text
