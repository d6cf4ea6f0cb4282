"""What `conform` does where something else than a campaign is asked of it, and what means nothing beside that."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Any

from simsync.commands.progress_line import watching
from simsync.commands.system_options import connections, spoken_to
from simsync.errors import Code, usage_error

if TYPE_CHECKING:
    from simsync.engine.model import Model
    from simsync.questions.conform.campaign.pool import Pool
    from simsync.questions.conform.diagnosis.inference import Inference

NOT_INFERRED = {
    "paths": "PATH",
    "depth": "--exhaustive-depth",
    "items": "--items",
    "steps": "--steps",
    "known": "--known",
    "most": "--max-divergences",
    "jobs": "--jobs",
    "cluster": "--cluster",
    "out": "--out",
    "checkpoint": "--checkpoint",
    "resume_from": "--resume",
    "planned": "--plan",
}
"""What means nothing where readings are inferred."""
NOT_AGAIN = {
    "count": "--random",
    "jobs": "--jobs",
    **{name: option for name, option in NOT_INFERRED.items() if name not in ("known", "most", "jobs", "out")},
}
"""What means nothing where some rounds are done again."""
EXIT = {"conforms": 0, "diverges": 1, "error": 2, "interrupted": 2}


def _said(options: Mapping[str, Any], others: Mapping[str, str]) -> str | None:
    """The first of other options that is said; None where none is. One instance is what there is anyway."""
    said = ((option, options[name]) for name, option in others.items() if (name, options[name]) != ("jobs", 1))
    return next((option for option, value in said if value is not None and value is not False and value != ()), None)


def refuse_beside_again(options: Mapping[str, Any]) -> None:
    """Raise an error of usage where something is said that means nothing where some rounds are done again."""
    if unfit := _said(options, NOT_AGAIN):
        raise usage_error(unfit, "--again does only the rounds of its file; leave this out", code=Code.USAGE)


def check_adapter(model: Model, options: Mapping[str, Any]) -> int:
    """Ask the system through one sequence, and print what looks wrong; gives the exit code."""
    from simsync.questions.conform.adapter_check import checking
    from simsync.questions.conform.adapter_check.telling import as_json, as_text
    from simsync.report.as_json import dumps
    from simsync.report.terminal import write_styled

    others = {"infer": "--infer-readings", "count": "--random", **NOT_INFERRED}
    if unfit := _said(options, others):
        raise usage_error(unfit, "--check-adapter asks for one sequence of its own; leave this out", code=Code.USAGE)
    if options["form"] not in ("text", "json"):
        raise usage_error("--format", "what looks wrong can be printed as text or json", code=Code.USAGE)
    with redirect_stdout(sys.stderr) if options["factory"] is not None else nullcontext():
        found = checking.check_adapter(connections(options, 1)[0], model, *spoken_to(model, options))
    if options["form"] == "json":
        sys.stdout.write(dumps(as_json(found), sys.stdout) + "\n")
    else:
        write_styled(sys.stdout, as_text(found))
    return 1 if found.remarks else 0


def inferred(pool: Pool, model: Model, readings: tuple[str, ...], options: Mapping[str, Any]) -> Inference:
    """Find out which readings the system follows."""
    from simsync.app import collector_paused
    from simsync.commands.signals import stopped_by_signals
    from simsync.questions.conform.campaign.inferring import WALKS, confirmed, infer
    from simsync.questions.conform.campaign.plan import Sources

    if unfit := _said(options, NOT_INFERRED):
        message = "--infer-readings chooses for itself what to ask, and asks one instance; leave this out"
        raise usage_error(unfit, message, code=Code.USAGE)
    if options["form"] not in ("text", "json"):
        message = "what was inferred can be printed as text or json"
        raise usage_error("--format", message, code=Code.USAGE)
    fixed = {name: model.readings[name] for name in (text.partition("=")[0].strip() for text in readings)}
    walks = WALKS if options["count"] is None else options["count"]
    with collector_paused(), stopped_by_signals(options["time"], options["requests"]) as stop, watching() as progress:
        found = infer(pool.first, model, fixed, progress, stop)
        return confirmed(pool, found, Sources(walks=walks, seed=options["seed"]), stop)


def print_inferred(found: Inference, options: Mapping[str, Any], again: str) -> int:
    """Print what was found out; gives the exit code."""
    from simsync.questions.conform.report import inference
    from simsync.report.as_json import dumps
    from simsync.report.terminal import write_styled

    if options["form"] == "json":
        sys.stdout.write(dumps(inference.as_json(found), sys.stdout) + "\n")
    else:
        write_styled(sys.stdout, inference.as_text(found, again))
    return EXIT[inference.verdict(found)]
