"""The page to act in, as one self-contained HTML file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simsync.drawing.dot import looks
from simsync.drawing.inline import page_style
from simsync.drawing.night import night_style
from simsync.drawing.style import SIGNS, legend
from simsync.engine.model import Model
from simsync.files import whole_file
from simsync.play.links import rounds_said
from simsync.play.pictures import Drawn, machine_pictures
from simsync.play.rules import rules_of
from simsync.report.phrases import printable
from simsync.scenarios.scenario import Scenario
from simsync.version import __version__

SCRIPTS = (
    *("engine", "step", "overlap", "why", "files", "history", "story"),
    *("dom", "tickets", "rounds", "readings", "instead", "panels", "dialogs", "page"),
)
"""The page's own scripts, each after those that it needs."""


def write_page(model: Model, scenarios: Sequence[Scenario], out: str, *, first: int | None = None) -> None:
    """Write the page, with scenarios to open; it begins with the one at a position, or with empty tickets.

    Raises :class:`RenderError` where the renderer of pictures fails; where there is none, the page says so.
    """
    with whole_file(out) as stream:
        stream.write(page(model, scenarios, machine_pictures(model), first=first))


def page(model: Model, scenarios: Sequence[Scenario], pictures: Drawn, *, first: int | None = None) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("simsync.play", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    data = {
        "rules": rules_of(model.factory),
        "readings": model.chosen,
        "scenarios": [_scenario(model, one, name) for one, name in zip(scenarios, _names(scenarios), strict=True)],
        "first": first,
    }
    policy = model.policy
    return environment.get_template("page.html").render(
        version=__version__,
        digest=policy.digest,
        words=model.words,
        partners=tuple(model.vocabulary.partners),
        readings=len(policy.readings),
        statuses=len(policy.status.states),
        scenarios=len(scenarios),
        machines=[_machine(model, name, pictures) for name in pictures],
        style=Markup(page_style() + night_style() + _own("style.css")),
        script=Markup("\n".join([_own("js-yaml.min.js"), *(_own(f"{name}.js") for name in SCRIPTS), _START])),
        data=_as_json(data),
    )


_START = 'play(JSON.parse(document.getElementById("data").textContent));'


def _own(name: str) -> str:
    return resources.files("simsync.play").joinpath(name).read_text(encoding="utf-8")


def _as_json(data: Mapping[str, Any]) -> Markup:
    """Data as a script element may hold it: nothing in it ends the element."""
    return Markup(json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _names(scenarios: Sequence[Scenario]) -> list[str]:
    """The files of scenarios as a page names them, which is sent to others: from the folder on that they share."""
    away = [os.path.dirname(one.file) for one in scenarios if os.path.isabs(one.file)]
    root = os.path.dirname(os.path.commonpath(away)) if away else ""
    return [os.path.relpath(one.file, root) if os.path.isabs(one.file) else one.file for one in scenarios]


def _scenario(model: Model, scenario: Scenario, file: str) -> dict[str, Any]:
    """A scenario without what it expects: that is worked out anew. ``file`` is what its file is called."""
    return {
        "title": printable(scenario.name),
        "file": printable(file),
        "status": scenario.status,
        "readings": {**model.chosen, **scenario.readings},
        "stages": rounds_said(scenario.overlapping),
    }


def _machine(model: Model, name: str, pictures: Drawn) -> dict[str, Any]:
    graph, svg = pictures[name]
    return {
        "name": name,
        "title": graph.title,
        "svg": Markup(svg),
        "link": name == model.link_spec.name,
        "nodes": graph.nodes,
        "legend": [(actor, SIGNS[actor], text) for actor, text in legend(graph.legend).items()],
        "looks": [*looks(graph)],
    }
