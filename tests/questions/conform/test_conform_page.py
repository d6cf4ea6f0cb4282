"""The page of a campaign: the finding as tickets, its history, how to see it again, what was tried, what was not."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from browser_page import MODULES, Watched, chromium
from campaigns import judged
from conftest import ROOT, Run
from simsync.app import load_model, load_scenarios
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.report.page import as_page
from simsync.questions.conform.report.seen_tickets import SeenItem, SeenLine, both_sides
from simsync.reference import ReferenceSystem
from systems import desks

FEW = Sources(scenarios=load_scenarios(ROOT / "scenarios" / "severing.yaml"))
WRONG = ("conform", "--sut-python", "simsync.reference:system", "--reading", "resume=discard")
SUSPENSION = str(ROOT / "scenarios" / "suspension.yaml")


def page(cli: Run, *more: str) -> str:
    return cli(*WRONG, SUSPENSION, "--format", "html", *more)[1]


def text_of(part: str) -> str:
    """What a part of a page says, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def sections(told: str) -> dict[str, str]:
    """What stands under each heading that is always the same."""
    parts = re.split(r"<h(?:3|2 class=\"plain\")>(.*?)</h[23]>", told)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_a_finding_is_four_tickets_with_what_differs_marked(cli: Run) -> None:
    seen = sections(page(cli))["After that"]
    rules, here = (text_of(one) for one in seen.split('<section class="side">')[1:])
    assert rules == (
        "By the rules lead's ticket Status: In Progress N1 not there service's ticket Status: In Progress N1 note "
        "text: nothing internal users only: no Told: primary contact"
    )
    assert here.startswith(
        "On simsync 0.1.0 lead's ticket Status: In Progress N1 note text: nothing internal users only: yes"
    )
    assert [text_of(one) for one in re.findall(r'<div class="item apart">(.*?)</div>', seen, re.S)] == [
        "N1 not there",
        "N1 note text: nothing internal users only: yes customer visible: no",
    ]


def test_it_says_what_was_not_tried_beside_what_was(cli: Run) -> None:
    told = sections(page(cli))
    assert text_of(told["What was tried"]).startswith("12 sequences, 46 steps judged, with seed 0 6 of them go as")
    assert "resume=discard" in told["What was tried"]
    assert "No two actions overlapped: each was settled before the next" in text_of(told["What was not"])
    assert "Nothing was cut off, stopped or started again" in text_of(told["What was not"])
    assert "rules that nothing judged rests on" in told["What was not"]


def test_the_command_to_see_it_again_shows_it_again(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"<pre>(.*?)</pre>", sections(page(cli))["See it again"].partition("<details>")[0], re.S)
    head, scenario, command = re.fullmatch(
        r"cat > (\S+) <<'END-OF-SCENARIO'\n(.*)END-OF-SCENARIO\nsimsync (.*)", html.unescape(block), re.S
    ).groups()  # type: ignore[union-attr] # it has matched
    monkeypatch.chdir(tmp_path)
    (tmp_path / head).write_text(scenario)
    code, out, _ = cli(*command.split())
    assert (code, "1. another reading: resume=deliver [G5]" in out) == (1, True)
    out_folder = str(tmp_path / "found")
    again = text_of(sections(page(cli, "--out", out_folder))["See it again"])
    assert again.startswith(f"{' '.join(('simsync', *WRONG))} {out_folder}/resume-keeps.yaml ")


def test_the_history_is_drawn_whole_and_says_where_it_differs(cli: Run) -> None:
    picture = sections(page(cli))["How it came to that"]
    width = int(re.findall(r'<svg [^>]*width="(\d+)"', picture)[0])
    assert width <= 1152
    assert "not as the rules say: lead&#x27;s N1" in picture
    assert "on the left the step;" in picture


def test_several_findings_are_listed_first_by_their_statements() -> None:
    report = judged(desks.changed("other-edit", "did not fire 'sever'"), sources=FEW)
    (finding,) = report.findings
    told = as_page(replace(report, findings=(finding, finding)), {})
    rows = [text_of(row) for row in re.findall(r"<tr>(.*?)</tr>", told, re.S)]
    sequences = f"{len(finding.seen_in)} sequence{'s' if len(finding.seen_in) > 1 else ''}"
    assert rows[0] == "finding what is otherwise how often"
    assert all("other-edit" in row and row.endswith(sequences) for row in rows[1:3])
    assert "<table>" not in as_page(report, {})
    assert "See it again" in told
    assert "END-OF-SCENARIO" not in told


@pytest.mark.parametrize("policy", ["trackers", pytest.param("bridge", marks=pytest.mark.thorough)])
def test_the_tickets_of_any_policy_are_told(policy: str) -> None:
    model = load_model(ROOT / "tests" / "policies" / policy)

    class Forgetful(ReferenceSystem):
        def observe(self) -> dict[str, object]:
            shown = super().observe()
            first = next(iter(shown["tickets"]))
            return {**shown, "tickets": {**shown["tickets"], first: {}}}

    report = judged(lambda: Forgetful(model), model=model, sources=Sources(walks=3))
    rules, here = both_sides(report.findings[0], "it")
    assert [one.partner for one in rules.tickets] == [*model.vocabulary.partners]
    assert [one.status for one in rules.tickets] == [one.status for one in here.tickets]
    assert any(item.apart and item.kind == "not there" for item in here.tickets[0].items)
    assert any(isinstance(item, SeenItem) and item.lines for item in rules.tickets[0].items)
    assert all(isinstance(line, SeenLine) for item in rules.tickets[0].items for line in item.lines)


@pytest.mark.thorough
def test_the_page_is_whole_at_any_width_and_can_be_read_by_all(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(cli), encoding="utf-8")
    with chromium() as browser:
        for width, dark in ((1280, False), (1280, True), (390, False)):
            watched = Watched(browser, width, dark=dark)
            opened = watched.open(path)
            assert opened.evaluate("document.documentElement.scrollWidth") <= width
            if width == 1280:
                boxes = "[...document.querySelectorAll('figure')].every(one => one.scrollWidth <= one.clientWidth)"
                assert opened.evaluate(boxes)
            opened.add_script_tag(path=MODULES / "axe-core" / "axe.min.js")
            assert opened.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []
            assert watched.noise == []
