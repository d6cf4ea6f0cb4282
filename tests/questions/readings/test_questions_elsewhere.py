"""Questions about other policies than the shipped one: no readings, hidden ones, and four options."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.questions.readings import question_sheet
from simsync.questions.readings.questions import sheet

ATELIER = ROOT / "tests" / "policies" / "atelier"


def edited(tmp_path: Path, *edits: tuple[str, str, str]) -> Path:
    target = tmp_path / "atelier"
    shutil.copytree(ATELIER, target)
    for file, old, new in edits:
        text = (target / file).read_text()
        assert text.count(old) == 1
        (target / file).write_text(text.replace(old, new))
    return target


def test_a_policy_with_one_reading(cli: Run) -> None:
    code, out, _ = cli("readings", "--questions", "--machines", ATELIER)
    assert code == 0
    assert "# 2 combinations of readings, all of them truly different" in out
    assert "  - shop: create price quote P1\n" in out
    assert "#   no P1: quotes=kept" in out


def test_a_policy_without_readings(cli: Run, tmp_path: Path) -> None:
    target = edited(tmp_path)
    (target / "readings.yaml").write_text("readings: []\n")
    code, out, _ = cli("readings", "--questions", "--machines", target)
    assert (code, "there is nothing to ask" in out) == (0, True)
    code, out, _ = cli("readings", "--questions", "--machines", target, "--format", "markdown")
    assert (code, "there is nothing to ask" in out) == (0, True)
    told = json.loads(cli("readings", "--questions", "--machines", target, "--format", "json")[1])
    assert (told["combinations"], told["different"], told["questions"], told["weights"]) == (1, 1, [], {})
    assert json.loads(cli("readings", "--consequences", "--machines", target, "--format", "json")[1]) == {
        "consequences": []
    }


HIDDEN = """
- reading: closing
  question: Does closing cut?
  gap: Q1
  evidence: None.
  sources: [A3]
  options:
    cuts: {about: It does.}
    waits:
      about: The next change does.
      replace:
        closing-cuts:
        - {id: closing-waits, when: {change: none, next phase: over, link: mirrored}, then: {effect: none}, sources: [A3]}
        - {id: closing-leaves, when: {change: none, next phase: over, link: solo}, then: {effect: none}, sources: [A3]}
"""  # noqa: E501 - rows stand on a line each


def test_options_that_nobody_can_tell_apart_are_proven_so(tmp_path: Path) -> None:
    target = edited(tmp_path)
    with (target / "readings.yaml").open("a") as stream:
        stream.write(HIDDEN)
    made = sheet(load_model(target))
    assert (made.combinations, made.different, len(made.questions)) == (4, 2, 1)
    assert [(need.reading, where) for need, where in made.silent] == [("closing", ({},))]
    assert made.weights.over_all["closing"].at_all > made.weights.over_all["closing"].at_once == 0


THIRD = """
    late:
      about: They stay too.
      replace:
        quote:
        - {id: quote-late, when: {kind: price quote}, then: {mirrorable: false}, sources: [A1]}
    undecided:
      about: Nobody said who hears of it.
      replace:
        quote:
        - {id: quote-untold, when: {kind: price quote}, then: {mirrorable: true}, sources: [A1]}
        news-of-everything: []
"""


def test_a_reading_with_four_options(tmp_path: Path) -> None:
    target = edited(tmp_path)
    with (target / "readings.yaml").open("a") as stream:
        stream.write(THIRD.lstrip("\n"))
    made = sheet(load_model(target))
    assert (made.combinations, made.different) == (4, 3)
    assert [(n.first, n.second, where) for n, where in made.silent] == [("kept", "late", ({},))]
    text = "\n".join(question_sheet.as_text(load_model(target), made))
    assert "# Do the rules say what step 1 (shop: create price quote P1) does?\n" in text
    assert "#   no: quotes=undecided" in text
    assert "#   P1: quotes=mirrored" in text
    assert "Whether quotes is kept or late cannot be seen, nor does it matter, whatever else is chosen" in text
