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
from simsync.drawing.night import GROUND, NIGHT
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


def brightness(colour: str) -> float:
    parts = (part / 255 for part in bytes.fromhex(colour.removeprefix("#")))
    bent = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * bent[0] + 0.7152 * bent[1] + 0.0722 * bent[2]


@pytest.mark.parametrize("machine", ["outsource_status", "sync_link"])
def test_every_colour_of_a_machine_has_another_by_night(machine: str) -> None:
    drawn = (ROOT / "diagrams" / f"{machine}.svg").read_text(encoding="utf-8")
    used = set(re.findall(r'(?:fill|stroke)="([^"]+)"', drawn)) - {"none"}
    assert len(used) >= 6
    assert used <= NIGHT.keys()
    assert {*style.COLOURS.values(), *style.GROUNDS} <= NIGHT.keys()


def test_what_is_written_in_a_picture_can_be_read_by_night() -> None:
    inks = [NIGHT[ink] for ink in (*style.COLOURS.values(), style.INK, style.DIM)]
    grounds = [GROUND, *(NIGHT[one] for one in style.GROUNDS)]
    assert min((brightness(ink) + 0.05) / (brightness(ground) + 0.05) for ink in inks for ground in grounds) > 4.5
