"""The rulebook: complete, linked in every direction, harmless; in a real browser as far as there is one."""

from __future__ import annotations

import csv
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser_page import OVERFLOWING, Watched, violations
from conftest import ROOT, Run
from sampling import few
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model
from simsync.generated_marker import is_ours
from simsync.rulebook.traceability import elements, trace
from simsync.scenarios.simulate import run_scenario

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


class Anatomy(HTMLParser):
    """The ids and internal links of a page, and the text of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.outside: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("href", "src", "xlink:href", "action") and value:
                (self.links.add(value[1:]) if value.startswith("#") else self.outside.append(value))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def book_of(folder: Path, scenarios: Path) -> Path:
    from simsync.cli import main

    path = folder / "rulebook.html"
    assert main(["rulebook", str(scenarios), "--machines", str(ROOT / "machines"), "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book_of(tmp_path_factory.mktemp("book"), ROOT / "scenarios")


@pytest.fixture(scope="module")
def short_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book with one of everything that the whole one has more of."""
    return book_of(tmp_path_factory.mktemp("short"), ROOT / "scenarios" / "severing.yaml")


@pytest.mark.thorough
def test_every_id_is_there_once_and_every_link_leads_somewhere(book: Path, model: Model) -> None:
    page = Anatomy(book.read_text())
    assert len(page.ids) == len(set(page.ids))
    assert page.links - set(page.ids) == set()
    assert set(page.outside) == {"data:,"}
    for element in elements(model.policy):
        assert f"rule-{element.id}" in page.links, f"nothing leads to {element.id}"
    for statement in model.policy.citations.statements:
        assert f"cite-{statement}" in page.links


@pytest.mark.thorough
def test_it_is_self_contained_small_and_the_same_every_time(book: Path, cli: Run, tmp_path: Path) -> None:
    scenarios = load_scenarios(ROOT / "scenarios", model=load_model(ROOT / "machines"))
    assert book.stat().st_size < 10_500 * len(scenarios)
    assert not re.search(r"https?://(?!www\.w3\.org)[^\"]*\.(js|css|woff)", book.read_text())
    assert cli("rulebook", ROOT / "scenarios", "--machines", ROOT / "machines", "--out", tmp_path / "b.html")[0] == 0
    assert (tmp_path / "b.html").read_bytes() == book.read_bytes()


def test_made_scenarios_are_told_without_a_drawing_each(book: Path, model: Model) -> None:
    scenarios = load_scenarios(ROOT / "scenarios", model=model)
    written = [scenario for scenario in scenarios if not is_ours(scenario.file)]
    assert 0 < len(written) < len(scenarios)
    assert book.read_text().count('aria-label="sequence diagram"') == len(written)


def test_what_it_says(book: Path, model: Model) -> None:
    said = " ".join(" ".join(Anatomy(book.read_text()).words).split())
    for text in model.policy.citations.statements.values():
        assert text in said
    for reading in model.policy.readings.values():
        assert reading.question in said
        assert reading.evidence in said
    assert "# resume=discard: service's ticket shows no N1" in said
    assert "22 statements, 11 decision tables, 2 state machines, 14 readings" in said
    assert model.policy.digest in said


@pytest.mark.thorough
def test_it_tells_where_it_matters_that_both_act_at_once(book: Path) -> None:
    text = book.read_text()
    chapter = text[text.index('<h2 id="races">') : text.index('<h2 id="scenarios">')]
    assert chapter.index("<h4>lead: cancel and service: accept</h4>") < chapter.index("depends on the order")
    assert "<b>lead first</b> ✗ service: accept is refused · Assigned → Canceled" in chapter
    assert "It holds for any number of items" in chapter


def test_under_other_readings_every_link_leads_somewhere(cli: Run, tmp_path: Path) -> None:
    chosen = [f"--reading={r}" for r in ("made_internal=withdraw", "late_publish=never", "lead_completes=any_time")]
    code, _, _ = cli("rulebook", "scenarios/readings", "--out", tmp_path / "b.html", *chosen)
    page = Anatomy((tmp_path / "b.html").read_text())
    assert code in (0, 1)
    assert page.links - set(page.ids) == set()
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.thorough
def test_a_failing_scenario_is_shown_and_told(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "scenario: Wrong\nsteps:\n  - lead: create note N1\n    text: a\n    expect: {service: {text: b}}\n"
    )
    code, out, _ = cli("rulebook", tmp_path / "s.yaml", "--out", tmp_path / "b.html")
    assert code == 1
    assert "1 scenario, 1 failed" in out
    text = (tmp_path / "b.html").read_text()
    assert "1 of which fails" in text
    assert '<td data-label="expected">b</td><td data-label="found">a</td>' in text
    assert 'Failed: <a href="#scenario-s-1">s:1</a>' in text


@pytest.mark.thorough
def test_the_matrix(cli: Run, tmp_path: Path, model: Model) -> None:
    assert cli("rulebook", "--out", tmp_path / "b.html", "--csv", tmp_path / "m.csv")[0] == 0
    with open(tmp_path / "m.csv", newline="") as stream:
        lines = list(csv.DictReader(stream))
    traced = trace(model.policy, [run_scenario(model, s) for s in load_scenarios(ROOT / "scenarios", model=model)])
    assert {line["statement"] for line in lines} == set(model.policy.citations.statements)
    severing = [line for line in lines if (line["statement"], line["rule"]) == ("S16", "other-edit")]
    assert len(severing) == len(traced.users("other-edit"))
    assert all(line["table or machine"] == "other's change" for line in severing)
    assert all(line["declared at"].startswith("machines/sync_rules.yaml:") for line in severing)
    assert {line["transition"] for line in lines if line["statement"] == "S22"} >= {"lead-approves", "link-ends"}


def test_a_link_transition_counts_for_what_its_rows_cite(model: Model) -> None:
    scenarios = load_scenarios(ROOT / "scenarios" / "severing.yaml", model=model)
    first = run_scenario(model, scenarios[0])  # an edit by the other partner, no deletion
    traced = trace(model.policy, [first])
    assert traced.scenarios_of("S16") == [0]
    assert ("link-severs", "S16") in traced.pairs
    assert ("link-severs", "S18") not in traced.pairs
    assert traced.users("link-severs") == [0]


@pytest.mark.thorough
def test_what_no_scenario_exercises_and_what_nothing_rests_on(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    path = tmp_path / "machines" / "statements.yaml"
    path.write_text(path.read_text().replace("\ngaps:", "  S99: {text: '=2+2', place: nowhere}\n\ngaps:", 1))
    (tmp_path / "s.yaml").write_text("scenario: '=1+1'\nsteps:\n  - lead: create note N1\n")
    options = ["--machines", tmp_path / "machines", "--out", tmp_path / "b.html", "--csv", tmp_path / "m.csv"]
    assert cli("rulebook", tmp_path / "s.yaml", *options)[0] == 0
    assert "nothing rests on this" in (tmp_path / "b.html").read_text()
    with open(tmp_path / "m.csv", newline="") as stream:
        lines = list(csv.DictReader(stream))
    (orphan,) = [line for line in lines if line["statement"] == "S99"]
    assert (orphan["says"], orphan["rule"], orphan["scenario"]) == ("'=2+2", "", "")
    (unused,) = [line for line in lines if (line["statement"], line["rule"]) == ("S16", "other-edit")]
    assert unused["scenario"] == ""
    assert any(line["scenario"] == "'=1+1" for line in lines)


@pytest.mark.thorough
def test_odd_names_of_a_policy_survive_everywhere(cli: Run, tmp_path: Path) -> None:
    odd = '等待 "批准" <&>; x'
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    for name in ("outsource_status.yaml", "readings.yaml", "properties.yaml"):
        path = tmp_path / "machines" / name
        quoted = odd.replace('"', '\\"')
        path.write_text(re.sub(r"(?m)(?<=: |  |, )Waiting Approval(?=[:,\]}])", f'"{quoted}"', path.read_text()))
    (tmp_path / "s.yaml").write_text(
        "scenario: x\nsteps:\n  - service: insource complete\n  - lead: reject completion\n"
    )
    options = ["--machines", tmp_path / "machines"]
    assert cli("diagrams", "--out", tmp_path / "d", *options)[::2] == (0, "")
    assert cli("draw", tmp_path / "s.yaml", "--all", "--out", tmp_path / "d", *options)[::2] == (0, "")
    assert cli("rulebook", tmp_path / "s.yaml", "--out", tmp_path / "b.html", *options)[::2] == (0, "")
    for name in ("outsource_status", "s-1", "s-1-outsource_status"):
        picture = ET.fromstring((tmp_path / "d" / f"{name}.svg").read_text())
        assert any(odd in "".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")), name
    page = Anatomy((tmp_path / "b.html").read_text())
    assert page.links - set(page.ids) == set()
    assert odd in " ".join(page.words)


def test_bad_paths_write_nothing(cli: Run, tmp_path: Path) -> None:
    code, _, err = cli("rulebook", "nowhere", "--out", tmp_path / "b.html")
    assert (code, "not-found" in err) == (2, True)
    code, _, err = cli("rulebook", "--out", tmp_path / "b.yaml")
    assert (code, "may be a scenario file" in err) == (2, True)
    code, _, err = cli("rulebook", "--out", tmp_path / "b.html", "--csv", tmp_path / "." / "b.html")
    assert (code, "is the rulebook itself" in err) == (2, True)
    code, _, err = cli("rulebook", "--out", "/proc/nowhere/b.html")
    assert (code, "unwritable" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
def test_without_a_renderer_it_says_so(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsync.rulebook.make.renderer", lambda: None)
    assert cli("rulebook", "scenarios/severing.yaml", "--out", tmp_path / "b.html")[0] == 0
    assert "no renderer was installed" in (tmp_path / "b.html").read_text()


@pytest.mark.thorough
def test_an_interrupted_run_leaves_the_old_page(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    (tmp_path / "b.html").write_text("old")
    monkeypatch.setattr("simsync.rulebook.make.page", interrupted)
    assert cli("rulebook", "scenarios/severing.yaml", "--out", tmp_path / "b.html")[0] == 130
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("b.html", "old")]


def test_it_is_quiet_and_asks_for_nothing(browser: Browser, book: Path) -> None:
    watched = Watched(browser)
    page = watched.open(book)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.mouse.wheel(0, 20000)
    assert watched.noise == []
    assert watched.requests == [book.as_uri()]


@pytest.mark.parametrize("width", few([390, 1280], 2))
def test_nothing_overflows(browser: Browser, book: Path, width: int) -> None:
    page = Watched(browser, width).open(book)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.add_style_tag(content=".scenario { content-visibility: visible !important }")
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "query", few(["severed", "own-edit", "S16", "resume", "Waiting Approval", "primary contact"], 6)
)
def test_search_finds(browser: Browser, book: Path, query: str) -> None:
    page = Watched(browser).open(book)
    page.keyboard.press("/")
    page.keyboard.type(query)
    first = page.locator("#found a").first
    target = (first.get_attribute("href") or "").removeprefix("#")
    page.keyboard.press("Enter")
    page.wait_for_function("id => location.hash === '#' + id", arg=target)
    text = page.evaluate("id => document.getElementById(id).textContent.toLowerCase()", target)
    assert query.lower() in text
    page.wait_for_function(
        "id => { const b = document.getElementById(id).getBoundingClientRect(); "
        "return b.bottom > 0 && b.top < innerHeight }",
        arg=target,
    )


@pytest.mark.thorough
def test_search_says_when_there_is_nothing(browser: Browser, book: Path) -> None:
    page = Watched(browser).open(book)
    page.fill("#search", "xyzzy")
    assert "Nothing found" in page.inner_text("#found")
    page.keyboard.press("Escape")
    assert not page.is_visible("#found")


def test_an_arrow_tells_its_rules_by_keyboard(browser: Browser, book: Path) -> None:
    page = Watched(browser).open(book)
    edge = page.locator(".edge[data-refs~='rule-other-edit']").first
    edge.focus()
    said = page.inner_text("#panel")
    assert "linked → severed" in said
    assert "other-edit" in said
    assert "kind: time entry, note or attachment" in said
    assert "S16 Such a change also cuts the item's link" in said
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('#panel') !== null")
    page.keyboard.press("Escape")
    assert not page.is_visible("#panel")
    page.locator(".edge[data-refs~='rule-lead-approves'] text").first.hover()
    assert "approve completion" in page.inner_text("#panel")


@pytest.mark.thorough
def test_what_is_cited_says_itself_when_pointed_at(browser: Browser, book: Path, model: Model) -> None:
    page = Watched(browser).open(book)
    for point in ("hover", "focus"):
        cite = page.locator(f"a.cite >> nth={('hover', 'focus').index(point)}")
        assert cite.get_attribute("title") is None
        getattr(cite, point)()
        assert cite.get_attribute("title") == model.policy.citations.text(cite.inner_text())


@pytest.mark.thorough
def test_machines_fit_a_wide_page_from_their_beginning(browser: Browser, book: Path) -> None:
    page = Watched(browser).open(book)
    panes = page.locator("figure[data-zoom] .pan")
    assert panes.evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)") == [0, 0, 0]


@pytest.mark.thorough
def test_a_diagram_zooms(browser: Browser, book: Path) -> None:
    page = Watched(browser).open(book)
    wide = "document.querySelector('figure[data-zoom] svg').getBoundingClientRect().width"
    page.click("figure[data-zoom] button[data-by='0']")
    before = page.evaluate(wide)
    page.click("figure[data-zoom] button[aria-label='larger']")
    assert page.evaluate(wide) > 1.2 * before
    page.click("figure[data-zoom] button[data-by='0']")
    assert page.evaluate(wide) == before


@pytest.mark.thorough
def test_a_link_unfolds_what_it_leads_to(browser: Browser, book: Path) -> None:
    page = Watched(browser).open(book)
    page.evaluate("location.hash = '#scenario-severing-3'")
    page.wait_for_function("document.getElementById('scenario-severing-3').open")
    assert page.is_visible("#scenario-severing-3 svg.q")


@pytest.mark.thorough
def test_everything_is_on_paper(browser: Browser, book: Path) -> None:
    page = Watched(browser).open(book)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert [page.locator(one).first.is_visible() for one in ("header", "footer", "a.act")] == [False] * 3
    # in a grid, a heading that must not be left alone keeps all statements together, on a page of their own
    assert page.evaluate("getComputedStyle(document.querySelector('.statement')).display") == "flow-root"
    assert page.evaluate("document.querySelectorAll('details.scenario:not([open])').length") == 0
    wide = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(wide)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.querySelectorAll('details.scenario[open]').length") == 0


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.thorough
def test_holes_are_accessible(browser: Browser, cli: Run, tmp_path: Path, dark: bool) -> None:
    assert cli("rulebook", "scenarios/lifecycle.yaml", "--out", tmp_path / "b.html")[0] == 0
    page = Watched(browser, dark=dark).open(tmp_path / "b.html")
    dashes = "document.querySelector('.edge.hole path:not(.near)')"
    assert page.evaluate(f"getComputedStyle({dashes}).strokeDasharray").startswith("7")
    page.locator(".edge.hole").first.focus()
    assert "never used" in page.locator("#panel h2").inner_text()
    assert violations(page) == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.thorough
def test_it_is_accessible(browser: Browser, short_book: Path, dark: bool) -> None:
    page = Watched(browser, dark=dark).open(short_book)
    page.evaluate("location.hash = '#scenario-severing-3'")
    page.evaluate("document.querySelectorAll('.statement details').forEach(one => one.open = true)")
    page.locator(".edge[data-refs~='rule-other-edit']").first.focus()
    assert violations(page) == []


@pytest.mark.thorough
def test_many_scenarios_are_filled_in_when_unfolded(
    browser: Browser, cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simsync.rulebook.page.MANY", 3)
    assert cli("rulebook", "scenarios/severing.yaml", "--out", tmp_path / "b.html")[0] == 0
    watched = Watched(browser)
    page = watched.open(tmp_path / "b.html")
    assert page.locator("svg.q").count() == 0
    page.fill("#search", "warranty")
    page.keyboard.press("Enter")
    page.wait_for_selector("details[open] svg.q")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("svg.q").count() == 15
    assert watched.noise == []


@pytest.mark.thorough
def test_hostile_names_stay_text(browser: Browser, cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    path = tmp_path / "machines" / "statements.yaml"
    path.write_text(path.read_text().replace("Whatever is internal stays where it is.", HOSTILE))
    (tmp_path / "s.yaml").write_text(
        f"scenario: '{HOSTILE}'\nabout: '{HOSTILE}'\nsteps:\n  - lead: create note N1\n    text: '{HOSTILE}'\n"
    )
    out = tmp_path / "b.html"
    assert cli("rulebook", tmp_path / "s.yaml", "--machines", tmp_path / "machines", "--out", out)[0] == 0
    watched = Watched(browser)
    page = watched.open(out)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.fill("#search", "window.hacked")
    assert page.evaluate("window.hacked") is None
    assert watched.noise == []
    assert HOSTILE in page.inner_text("#statements ~ article >> nth=10")
