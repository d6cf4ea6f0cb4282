"""What needs an extra that is not installed names it, and how to have it from where this simsync came."""

from __future__ import annotations

import importlib
import json
import os
import re
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from conftest import ROOT, Run
from examples.two_desks import serving
from simsync.extras import how_to_have

ATELIER, SCENARIOS = ROOT / "tests" / "policies" / "atelier", ROOT / "tests" / "policies" / "atelier_scenarios"
AGAIN = "install simsync again, from where you got it, with the extra 'render'"
URL = "https://example.org/simsync"


class Installed:
    def __init__(self, **texts: str) -> None:
        self.texts = texts

    def read_text(self, name: str) -> str | None:
        return self.texts.get(name.removesuffix(".json"))


@pytest.mark.parametrize(
    ("came", "words"),
    [
        ({"url": "file://HERE", "dir_info": {"editable": True}}, "-e 'HERE[render]'"),
        ({"url": "file://HERE", "dir_info": {}}, "'HERE[render]'"),
        ({"url": "file://HERE/a%20b.whl", "archive_info": {}}, "'HERE/a b.whl[render]'"),
        ({"url": "file://HERE/it%27s.whl", "archive_info": {}}, """'HERE/it'"'"'s.whl[render]'"""),
        ({"url": f"{URL}.whl", "archive_info": {}}, f"'simsync[render] @ {URL}.whl'"),
        ({"url": URL, "vcs_info": {"vcs": "git", "commit_id": "e6f"}}, f"'simsync[render] @ git+{URL}@e6f'"),
        (
            {"url": "file:///srv/s", "vcs_info": {"vcs": "git", "commit_id": "1"}, "subdirectory": "a"},
            "'simsync[render] @ git+file:///srv/s@1#subdirectory=a'",
        ),
        ({"url": "file://HERE/gone.whl", "archive_info": {}}, None),
        ({"url": 3}, None),
        ({"url": URL, "vcs_info": {}}, None),
        ([], None),
        (None, None),
    ],
)
def test_an_extra_comes_from_where_simsync_came(
    came: object, words: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a b.whl", "it's.whl"):
        (tmp_path / name).touch()
    texts = {} if came is None else {"direct_url": json.dumps(came).replace("HERE", str(tmp_path))}
    monkeypatch.setattr("simsync.extras.distribution", lambda _: Installed(**texts))
    right = AGAIN if words is None else f"to have it: pip install {words.replace('HERE', str(tmp_path))}"
    assert how_to_have("render") == right
    monkeypatch.setattr("simsync.extras.distribution", lambda _: Installed(INSTALLER="uv\n", **texts))
    assert how_to_have("render") == right.replace(": pip", ": uv pip")
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    for note, command in (
        ("uv-receipt.toml", "uv tool install --force"),
        ("pipx_metadata.json", "pipx install --force"),
    ):
        (tmp_path / note).touch()
        assert how_to_have("render") == right.replace(": pip install", f": {command}")


def test_simsync_that_was_not_installed_knows_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: str) -> None:
        raise PackageNotFoundError

    monkeypatch.setattr("simsync.extras.distribution", none)
    assert how_to_have("render") == AGAIN


def test_what_needs_an_extra_names_it(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("openpyxl", "resvg_py"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr("simsync.extras.how_to_have", "to have {}".format)
    monkeypatch.setattr("simsync.drawing.render.renderer", lambda: None)
    (tmp_path / "machines").symlink_to(ATELIER)
    monkeypatch.chdir(tmp_path)
    workbook = cli("table", "--format", "xlsx", "--out", tmp_path / "y.xlsx")
    picture = cli("compare", "machines", "quotes=kept", "--picture", tmp_path / "x.png")
    drawn = cli("draw", SCENARIOS / "mirrors.yaml:1", "--all", "--out", tmp_path / "drawn")
    assert [code for code, _, _ in (workbook, picture, drawn)] == [2, 2, 0]
    lack = "needs simsync's extra '{0}', which is not installed; to have {0}"
    assert f"a workbook, unlike CSV, {lack.format('xlsx')}" in workbook[2]
    assert f"a picture as PNG, unlike SVG, {lack.format('render')}" in picture[2]
    assert f"there is no `dot` on PATH; one without Graphviz {lack.format('render')}" in drawn[2]
    assert f"only SVG: one as PNG, unlike SVG, {lack.format('render')}" in drawn[2]
    assert not (tmp_path / "x.png").exists()
    assert not (tmp_path / "y.xlsx").exists()


def test_a_state_machine_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "simsync.state_machine", raising=False)
    with pytest.raises(ImportError, match=r"^a state machine needs simsync.s extra .hypothesis., which is not"):
        importlib.import_module("simsync.state_machine")


def test_the_two_desks_name_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(SystemExit, match=re.escape(f"pip install '.[examples]' in {ROOT} brings it")):
        serving.system_of(serving.parser("").parse_args([]))


def test_nobody_is_sent_to_an_index_for_simsync() -> None:
    texts = [ROOT / "README.md", ROOT / "ARCHITECTURE.md"]
    for place, _, names in (*os.walk(ROOT / "src"), *os.walk(ROOT / "docs"), *os.walk(ROOT / "examples")):
        texts += [Path(place, name) for name in names if name.endswith((".py", ".md", ".html", ".j2"))]
    sent = re.compile(r"pip3? install ['\"]?simsync")
    assert len(texts) > 200
    assert [str(path) for path in texts if sent.search(path.read_text(encoding="utf-8"))] == []
