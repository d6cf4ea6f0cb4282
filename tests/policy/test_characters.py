"""What characters a file may have: only YAML 1.2's line breaks break lines, and UTF-16 is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.scenarios.loading import ScenarioFile, ScenarioLoader

ODD = ["\u2028", "\u2029", "\x85"]


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(ROOT / "machines")


def loaded(model: Model, text: str | bytes) -> ScenarioFile:
    data = text if isinstance(text, bytes) else text.encode()
    return ScenarioLoader(model.factory).load_bytes(data, "a.yaml")


HEAD = "scenario: x\nsteps:\n  - service: create note N1\n"


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "text",
    [
        "    text: a{}b\n",
        '    text: "a{}b"\n',
        "    text: 'a{}b'\n",
        "    text: |-\n      a{}b\n",
        "    text: >-\n      a{}b\n",
        '    text: "a{}b" # and {} in a comment\n',
        '    text: "a{}\\\n      b"\n',
    ],
)
def test_what_only_yaml_1_1_takes_for_a_line_break_is_a_character(model: Model, odd: str, text: str) -> None:
    file = loaded(model, HEAD + text.replace("{}", odd))
    assert not file.diagnostics
    assert file.scenarios[0].steps[0].event.fields == {"text": f"a{odd}b"}


@pytest.mark.parametrize("odd", ODD)
def test_places_after_it_are_right(model: Model, odd: str) -> None:
    text = f"# a{odd}b\nscenario: x{odd}y\nabout: |\n  one{odd}two\nsteps:\n  - service: create note N1\n    txt: a\n"
    (found,) = loaded(model, text).diagnostics
    assert (found.line, found.col, found.excerpt) == (7, 5, "    txt: a")
    (found,) = loaded(model, f"scenario: x{odd}{odd}y: z\n").diagnostics
    assert (found.line, found.col, found.code) == (1, 15, "syntax")
    (found,) = loaded(model, f'scenario: "x{odd}y"\nsteps: ["{odd}", \x07]\n').diagnostics
    assert (found.line, found.col, found.code) == (2, 14, "encoding")


def test_a_character_that_stands_in_is_one_that_is_not_there(model: Model) -> None:
    text = "".join(map(chr, range(0xE000, 0xF900))) + "\u2028\U000f0000\u2029\x85"
    file = loaded(model, f"{HEAD}    text: '{text}'\n")
    assert file.scenarios[0].steps[0].event.fields == {"text": text}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(model: Model, newline: str) -> None:
    text = f"# \u2028{newline}scenario: x{newline}steps: \x07{newline}"
    (found,) = loaded(model, text).diagnostics
    assert (found.line, found.col, found.excerpt) == (3, 8, "steps: \x07")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_utf_16_is_read(model: Model, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes((HEAD + "    text: café\n    txt: a\n").encode(encoding))
    (found,) = ScenarioLoader(model.factory).load_file(str(path)).diagnostics
    assert (found.line, found.col, found.excerpt) == (5, 5, "    txt: a")


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (HEAD.encode("utf-16")[:-1], "the file is UTF-16 text that is damaged; save it as UTF-8"),
        (HEAD.encode("utf-32"), "the file is UTF-32 text; save it as UTF-8"),
        ("scenario: café\n".encode("cp1252"), "the file is not UTF-8 text here; save it as UTF-8"),
        (b"\xff\xfe", "the file has no scenario; one starts with 'scenario: what it shows'"),
    ],
)
def test_what_cannot_be_read_is_named(model: Model, tmp_path: Path, data: bytes, named: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    (found,) = ScenarioLoader(model.factory).load_file(str(path)).diagnostics
    assert found.message == named


def test_suffixes_are_known_however_they_are_written(model: Model, tmp_path: Path) -> None:
    for name in ("a.yaml", "b.YAML", "c.yml", "d.YML", "e.Yaml", "f.txt"):
        (tmp_path / name).write_text(HEAD)
    files = [Path(file.path).name for file in ScenarioLoader(model.factory).load([str(tmp_path)])]
    assert files == ["a.yaml", "b.YAML", "c.yml", "d.YML", "e.Yaml"]
