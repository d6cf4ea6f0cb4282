"""The documentation as a site: every link leads somewhere, nothing comes from elsewhere, and the search finds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest

from browser_page import Watched, chromium, violations
from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))

from website import build, conf

LOADS = {
    "img": "src",
    "script": "src",
    "iframe": "src",
    "link": "href",
    "source": "src",
    "image": "href",
    "use": "href",
}
"""What a browser fetches for a page by itself, by tag."""
STYLED = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
HISTORIES = {"play.html"}
"""Pages whose fragments are no anchors, but what is to be shown."""


class Page(HTMLParser):
    """What a page links to, what it loads, and the anchors in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.anchors |= {told[name] for name in ("id", "name") if name in told}
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag in LOADS and (found := told.get(LOADS[tag]) or told.get(f"xlink:{LOADS[tag]}")):
            self.loads.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def made(folder: Path, seed: str) -> Path:
    """The site, made as `make site` makes it."""
    command = [sys.executable, str(ROOT / "docs" / "website" / "build.py"), str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("made") / "site", "1")


def read(site: Path) -> dict[str, Page]:
    return {str(path.relative_to(site)): Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def dead(pages: dict[str, Page], site: Path) -> list[tuple[str, str]]:
    """Links and resources of this site that are not there, by page."""
    found = []
    for name, page in pages.items():
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = Path(os.path.normpath(Path(name).parent / unquote(parts.path))) if parts.path else Path(name)
            other = pages.get(str(target))
            anchored = other is None or not parts.fragment or unquote(parts.fragment) in other.anchors
            if not (site / target).is_file() or not (anchored or target.name in HISTORIES):
                found.append((name, link))
    return found


def elsewhere(loads: list[str]) -> list[str]:
    return [one for one in loads if urlsplit(one).scheme not in ("", "data") or one.startswith("//")]


@pytest.mark.thorough
def test_every_link_leads_somewhere_and_nothing_comes_from_elsewhere(site: Path) -> None:
    pages = read(site)
    assert {"index.html", "play.html", "rulebook.html", "search.html", "docs/glossary.html"} <= pages.keys()
    assert {f"{page}.html" for page in listed()} <= pages.keys()
    assert dead(pages, site) == []
    assert {name: found for name, page in pages.items() if (found := elsewhere(page.loads))} == {}
    styles = {path.name: path.read_text(encoding="utf-8") for path in site.rglob("*.css")}
    assert styles
    for name, text in styles.items():
        assert elsewhere([a or b for a, b in STYLED.findall(text)]) == [], name
    for name in ("index.html", "docs/ci.html"):
        assert {"play.html", "rulebook.html"} <= {Path(link).name for link in pages[name].links}


@pytest.mark.thorough
def test_the_same_pages_make_the_same_site(site: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again", "2")
    files = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert len(files) > 100
    assert {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()} == files


def test_what_is_dead_or_from_elsewhere_is_seen(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text('<h1 id="there"></h1><img src="https://example.org/a.png">')
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there"></a><a href="b.html#gone"></a><a href="c.html"></a><a href="#no"></a><img src="x.png"/>'
    )
    pages = read(tmp_path)
    gone = ["b.html#gone", "c.html", "#no", "x.png"]
    assert dead(pages, tmp_path) == [("a.html", link) for link in gone]
    assert elsewhere(pages["b.html"].loads) == ["https://example.org/a.png"]
    assert elsewhere(["//example.org/a.css", "data:image/png;base64,x", "a.css"]) == ["//example.org/a.css"]


def listed() -> list[str]:
    return [conf.root_doc, *(page for pages in conf.CHAPTERS.values() for page in pages)]


def test_every_page_of_the_repository_is_listed_once() -> None:
    folders = (ROOT.glob("*.md"), *((ROOT / name).glob("*.md") for name in ("docs", "bench", "diagrams")))
    found = [path for paths in (*folders, (ROOT / "examples").rglob("*.md")) for path in paths]
    assert sorted(listed()) == sorted(path.relative_to(ROOT).as_posix().removesuffix(".md") for path in found)


def test_a_folder_of_somebodys_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine")
    assert build.build(tmp_path) == 2
    assert capsys.readouterr().err == f"{tmp_path}: this is not a site that was made here, and is left as it is\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder on a server of this machine; gives its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.thorough
def test_in_a_browser_it_is_searched_and_asks_nobody(site: Path) -> None:
    with chromium() as browser, served(site) as address:
        for begin in (site.as_uri(), address):
            watched = Watched(browser)
            page = watched.page
            page.goto(f"{begin}/index.html")
            page.fill(".sidebar-search", "severed")
            page.press(".sidebar-search", "Enter")
            page.wait_for_selector("#search-results .search-summary:has-text('found')")
            excerpts = page.locator("#search-results p.context")
            if begin == address:
                excerpts.first.wait_for()
            else:
                assert excerpts.count() == 0
            page.click("#search-results a:has-text('Is my suite good enough?')")
            page.wait_for_load_state()
            assert "sever" in page.inner_text("article").lower()
            assert {url for url in watched.requests if not url.startswith((begin, "data:"))} == set()
            assert watched.noise == []
            page.close()


@pytest.mark.thorough
def test_every_page_asks_nobody_and_says_nothing_of_trouble(site: Path) -> None:
    with chromium() as browser:
        watched = Watched(browser)
        for name in sorted(read(site)):
            watched.open(site / name)
        own = (site.as_uri(), "data:", "blob:")
        assert {url for url in watched.requests if not url.startswith(own)} == set()
        assert watched.noise == []


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, False), (390, True)])
def test_it_can_be_read_by_everybody(width: int, dark: bool, site: Path) -> None:
    with chromium() as browser:
        for name in ("index.html", "docs/analysts.html", "diagrams/README.html", "docs/speed.html"):
            page = Watched(browser, width, dark=dark).open(site / name)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert violations(page) == [], name
            page.close()
