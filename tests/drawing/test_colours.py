"""Only what failed is red: neither who acts, nor how a link goes on, nor what no scenario uses looks like a failure."""

from __future__ import annotations

import re
from colorsys import rgb_to_hls
from importlib import resources
from pathlib import Path

import pytest

from conftest import ROOT
from simsync.drawing import style
from simsync.drawing.inline import page_style
from simsync.drawing.sequence_svg import MARKS, PARTNERS

HEX = re.compile(r"#[0-9a-f]{6}\b")
CALM = [
    *style.COLOURS.values(), *style.GROUNDS, *style.LINKS, *MARKS.values(), *PARTNERS.values(), style.INK, style.DIM,
    style.EDGE, style.FADED, style.PASSED, style.APART, style.APART_GROUND, style.RIGHT,
    *(colour for paint in style.PAINTS.values() for colour in (paint.ink, paint.ground)),
]  # fmt: skip


def red(colour: str) -> bool:
    hue, light, full = rgb_to_hls(*(int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)))
    return full > 0.3 and 0.1 < light < 0.97 and not 20 <= hue * 360 <= 340


def test_what_is_red() -> None:
    assert [colour for colour in CALM if red(colour)] == []
    assert red(style.WRONG)
    assert red(style.WRONG_GROUND)


@pytest.mark.parametrize("path", sorted((ROOT / "diagrams").glob("*.svg")), ids=lambda path: path.stem)
def test_nothing_is_red_in_a_diagram_of_the_rules(path: Path) -> None:
    assert [colour for colour in HEX.findall(path.read_text(encoding="utf-8")) if red(colour)] == []


def test_pages_are_red_only_where_something_is_bad() -> None:
    sheets = {"drawing": page_style()}
    sheets |= {
        room: resources.files(f"simsync.{room}").joinpath("style.css").read_text() for room in ("play", "rulebook")
    }
    found = {(room, line) for room, text in sheets.items() for line in re.findall(r"[^{};]*#[0-9a-f]{6}", text)}
    named = {line.split(":")[0].strip() for _, line in found if red(HEX.findall(line)[-1])}
    assert named == {"--bad"}


def test_who_acts_is_told_by_form_as_well() -> None:
    assert len({*style.SIGNS.values()}) == len(style.SIGNS)
    assert len({paint.dash for paint in style.PAINTS.values()}) == len(style.PAINTS)
    assert len({(style.DASHES[actor], style.SIGNS[actor]) for actor in style.COLOURS}) == len(style.COLOURS)
