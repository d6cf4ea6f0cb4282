"""The documentation shows what simsync does."""

from __future__ import annotations

import doctest
import re
import shlex
import sys
from pathlib import Path

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))

import refresh
from simsync.app import load_model
from simsync.report import glossary
from simsync.scenarios.asked import asked
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import NO_FILE

PAGES = [
    *refresh.PAGES,
    *(ROOT / name for name in ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "diagrams/README.md")),
    *sorted((ROOT / "bench").glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]


BLOCKS = [(page.name, block) for page in refresh.PAGES for block in refresh.BLOCK.findall(page.read_text())]
DEAR = (
    "check", "compare", "coverage", "--questions", "--infer-readings", "reference:system", "--simsync-sut", 'S17"',
    "--cluster local:2", "simsync races",
)  # fmt: skip
"""What commands that take seconds have in them."""
SHOWN = [
    pytest.param(*shown, id=f"{page}: {shown[0]}", marks=pytest.mark.thorough if dear else ())
    for page, block in BLOCKS
    for shown in refresh.commands(block)
    for dear in [any(shown[0].endswith(one) or f"{one} " in shown[0] for one in DEAR)]
]


def kind(command: str) -> str:
    """What is run: pytest, or a command of simsync's."""
    return " ".join(command.split()[: 1 + command.startswith("simsync")])


FIRST = {kind(str(one.values[0])): one for one in reversed(SHOWN) if not one.marks}
"""Of each command the first that is shown and takes no seconds."""


@pytest.mark.parametrize(("command", "text"), [one for one in SHOWN if one not in FIRST.values()])
def test_what_a_page_shows_is_what_the_command_prints(command: str, text: str) -> None:
    assert refresh.printed(command) == text, "the page is stale; run: make docs"


@pytest.mark.parametrize(("command", "text"), FIRST.values())
def test_it_is_what_a_process_prints_as_well(command: str, text: str) -> None:
    """Where nothing was imported before, and the streams are real ones."""
    assert refresh.printed_by_a_process(command) == text, "the page is stale; run: make docs"


def test_a_block_with_a_command_shows_nothing_else() -> None:
    assert len(SHOWN) > 30
    for page, block in BLOCKS:
        if shown := refresh.commands(block):
            assert "".join(f"$ {command}\n{text}" for command, text in shown) == block, page


def test_the_picture_is_what_a_terminal_shows() -> None:
    assert refresh.PICTURE.read_text() == refresh.picture(), "severed.svg is stale; run: make docs"


def test_the_readmes_drawing_is_what_draw_draws() -> None:
    assert refresh.DRAWN.read_text() == refresh.drawn(), "drawn.svg is stale; run: make docs"


@pytest.mark.thorough
def test_the_painted_diagrams_are_those_of_the_suite_on_the_page() -> None:
    jobs = refresh.painted()
    for name, path in refresh.PAINTED.items():
        assert path.read_text().endswith(refresh.signed(jobs[name])), f"{path.name} is stale; run: make docs"
    assert [job.dot.count("\u00d70") for job in jobs.values()] == [3 + 1, 0]  # with the legend's


def test_the_python_examples_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    results = doctest.testfile(str(ROOT / "docs" / "engineers.md"), module_relative=False)
    assert results.attempted > 10
    assert results.failed == 0


def anchors(page: Path) -> set[str]:
    """What a link into a page can lead to, as hosts of repositories and the site name headings alike."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    slugs: list[str] = []
    for heading in re.findall(r"^#+ (.+)", text, re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        slugs.append(f"{slug}-{slugs.count(slug)}" if slug in slugs else slug)
    return set(slugs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text()):
        there = page.parent / target if target else page
        assert there.is_file(), target
        assert not anchor or anchor in anchors(there), f"{target}#{anchor}"


def test_the_readmes_scenario_holds(tmp_path: Path) -> None:
    import simsync

    (block,) = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    (tmp_path / "a.yaml").write_text(block)
    model = simsync.load_model(ROOT / "machines")
    (scenario,) = simsync.load_scenarios(tmp_path / "a.yaml", model=model)
    assert simsync.run_scenario(model, scenario).passed


def test_the_questions_are_those_of_the_files() -> None:
    page = (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")
    files = sorted((ROOT / "docs" / "examples" / "questions").glob("*.yaml"))
    assert re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S) == [file.read_text() for file in files]


def test_the_glossary_has_every_term() -> None:
    told = refresh.GLOSSARY.read_text(encoding="utf-8")
    assert told == glossary.page(load_model(ROOT / "machines").vocabulary), "glossary.md is stale; run: make docs"
    needed = ("hit policy", "mutant", "cell", "pair", "effect", "phase", "as read", "gap", "statement")
    assert [term for term in needed if f"**{term}**" not in told] == []


def test_the_readme_counts_the_scenarios_right() -> None:
    import simsync

    count = len(list(simsync.load_scenarios(ROOT / "scenarios")))
    assert f"run the {count} shipped scenarios" in (ROOT / "README.md").read_text()


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    reasons = (ROOT / "ARCHITECTURE.md").read_text()
    for dependency in wanted:
        name = re.split(r"[<>=~\[]", dependency)[0]
        assert name == "simsync" or name.startswith("types-") or f"`{name}`" in reasons, name


ANSWERS = {
    "1-made-public": "N1 local → linked",
    "2-both-edit": "In Progress │ N1 severed",
    "3-dispatcher": "assigned resource once (step 3)",
    "4-uploaded-again": "A1 deleted │ A2 linked",
    "5-work-pending": "Complete │ N1 ended",
    "6-time-entry": "not said: of a time entry (T1) the page does not say what the client sees",
    "7-charges": "C1 linked │ C2 severed",
}
"""What the README's table says of each question, in the words of the command beside it."""


def test_each_question_of_the_readme_is_answered_by_the_command_beside_it() -> None:
    readme = (ROOT / "README.md").read_text()
    commands = re.findall(r"\| `(simsync run --do [^`]+)` \|", readme)
    assert len(commands) == len(ANSWERS)
    for command, name in zip(commands, ANSWERS, strict=True):
        assert ANSWERS[name] in refresh.printed(command)


def test_the_questions_of_the_readme_are_those_that_are_worked_in_full() -> None:
    loader = ScenarioLoader(load_model(ROOT / "machines").factory)
    commands = re.findall(r"\| `(simsync run --do [^`]+)` \|", (ROOT / "README.md").read_text())
    told = [asked(loader, shlex.split(one)[3::2], None, NO_FILE)[0].scenarios[0].trace for one in commands]
    files = sorted((ROOT / "docs" / "examples" / "questions").glob("*.yaml"))
    assert [path.stem for path in files] == [*ANSWERS]
    assert told == [loader.load_file(str(path)).scenarios[0].trace for path in files]
