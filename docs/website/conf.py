"""How the documentation becomes a site: the pages of the repository as they are, by Sphinx, MyST and Furo."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Generic, Text
from sphinx.application import Sphinx

CHAPTERS = {
    "Begin": ["docs/install", "docs/questions", "docs/play", "docs/glossary"],
    "Ask": ["docs/analysts", "docs/races", "docs/suites"],
    "Hold against": ["docs/conformance", "docs/adapters", "docs/autotask", "docs/replay", "examples/two_desks/README"],
    "Write rules": [
        "docs/language",
        "docs/maintainers",
        "docs/exchange",
        "examples/policies/README",
        "examples/policies/minimal/README",
        "examples/policies/zendesk/README",
        "examples/policies/unison/README",
        "examples/policies/vdirsyncer/README",
        "examples/policies/vdirsyncer_readonly/README",
        "diagrams/README",
    ],
    "Build in": ["docs/engineers", "docs/pytest", "docs/ci"],
    "How it is made": [
        "ARCHITECTURE",
        "CONTRIBUTING",
        "docs/speed",
        "bench/results",
        "bench/exploring",
        "bench/statespace",
        "bench/suites",
        "bench/conforming",
        "bench/replaying",
        "bench/language",
        "CHANGELOG",
    ],
}
"""What is listed beside every page; the first page is the README."""
HERE = Path(__file__).parent

project = "simsync"
root_doc = "README"
extensions = ["myst_parser"]
include_patterns = [f"{page}.md" for page in (root_doc, *(page for pages in CHAPTERS.values() for page in pages))]
exclude_patterns = [".venv", "**/node_modules"]
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = "simsync"
html_static_path = [str(HERE / "static")]
html_favicon = str(HERE / "static" / "favicon.svg")
html_css_files = ["site.css"]
html_js_files = ["site.js"]
templates_path = [str(HERE / "templates")]
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "made.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_copy_source = False
html_show_copyright = False
html_use_index = False


class Console(RegexLexer):
    """Commands after a `$`, and what they print; a `#` begins no command, as it would for root."""

    tokens: ClassVar = {
        "root": [(r"^\$ ", Generic.Prompt, "command"), (r".*\n", Generic.Output)],
        "command": [(r".*\n", Text, "#pop")],
    }


def list_chapters(app: Sphinx, page: str, source: list[str]) -> None:
    """Add to the first page what is listed beside every page."""
    if page == app.config.root_doc:
        for chapter, pages in CHAPTERS.items():
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {chapter}\n\n" + "\n".join(pages) + "\n```\n"


def begin_with_the_readme(app: Sphinx, failure: Exception | None) -> None:
    """Have a browser that is shown the folder open the first page."""
    if failure is None:
        shutil.copyfile(app.outdir / f"{app.config.root_doc}.html", app.outdir / "index.html")


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.add_lexer("console", Console)
    app.connect("source-read", list_chapters)
    app.connect("build-finished", begin_with_the_readme)
