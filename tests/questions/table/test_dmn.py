"""Tables to DMN and back: tools that are not ours read, decide, draw and edit them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_page import Watched, chromium
from conftest import ROOT, Run
from exchange_tools import MODULES, need, node
from sampling import few
from simsync.app import load_model
from simsync.engine.decision import Hit
from simsync.engine.decision_table import DecisionTable
from simsync.engine.model import Model
from simsync.policy.facts import row_domain_of
from simsync.policy.policy import Decides, Value
from simsync.questions.table.blocks import NOBODY, THEN, table_block
from simsync.questions.table.cells import cell_values
from simsync.questions.table.dmn_writing import columns_of, dmn_text, identifier, is_text
from simsync.questions.table.importing import Import

POLICIES = (
    "tests/policies/bridge",
    "machines",
    "examples/policies/zendesk/machines",
    "examples/policies/vdirsyncer/machines",
    "examples/policies/vdirsyncer_readonly/machines",
    "examples/policies/unison/machines",
    "examples/policies/minimal/machines",
    *(f"tests/policies/{name}" for name in ("atelier", "bare", "charter", "exchange", "relay", "trackers", "wire")),
)
policies = pytest.mark.parametrize("policy", few(POLICIES, len(POLICIES)))


def with_each_option(model: Model) -> Iterator[Model]:
    yield model
    for reading in model.policy.readings.values():
        yield from (model.under({reading.name: option}) for option in list(reading.options)[1:])


def saved(text: str, path: Path) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def changes(machines: Path, path: Path) -> list[str]:
    return Import(load_model(machines), machines, str(path)).changes


def faults(cli: Run, machines: Path, text: str) -> list[str]:
    path = saved(text, machines.parent / "tables.dmn")
    code, out, err = cli("import", path, "--machines", machines)
    assert (code, out) == (2, "")
    return [line.replace(str(machines.parent), "") for line in err.splitlines()]


@policies
def test_what_was_not_edited_changes_nothing(policy: str, tmp_path: Path) -> None:
    machines = ROOT / policy
    for model in with_each_option(load_model(machines)):
        done = Import(model, machines, str(saved(dmn_text(model), tmp_path / "tables.dmn")))
        assert done.changes == []
        assert {str(machines / p.name): p.read_bytes() for p in machines.glob("*.yaml")} | {
            file.path: file.edited() for file in done.files.values()
        } == {str(machines / p.name): p.read_bytes() for p in machines.glob("*.yaml")}


@policies
def test_another_library_reads_every_table_and_writes_it_back(policy: str, tmp_path: Path) -> None:
    model = load_model(ROOT / policy)
    saved(dmn_text(model), tmp_path / "tables.dmn")
    read = node(tmp_path, "moddle.mjs", "tables.dmn", "again.dmn")
    assert read["warnings"] == []
    assert [one["name"] for one in read["tables"]] == list(model.tables)
    for one in read["tables"]:
        table = model.tables[one["name"]].table
        assert (one["question"], one["hitPolicy"]) == (table.question, "UNIQUE")
        assert [rule.partition(":")[0] for rule in one["rules"]] == [row.id for row in table.rows]
    assert changes(ROOT / policy, tmp_path / "again.dmn") == []


def said(lookup: DecisionTable, model: Model, row: str) -> list[Any]:
    """What a row decides, as JSON has FEEL's values."""
    block = table_block(model, lookup.table)
    cells = dict(zip(block.headings, next(line for line in block.rows if line[0] == row), strict=True))

    def value(name: str, cell: str) -> Any:
        if is_text(lookup.table.decides, name):
            return cell
        values = [] if cell == NOBODY else list(cell_values(cell))
        return values if lookup.table.decides is Decides.NOTIFICATION else values[0] if values else None

    return [value(name.removeprefix(THEN), cell) for name, cell in cells.items() if name.startswith(THEN)]


@policies
def test_feel_decides_as_the_engine_does(policy: str, tmp_path: Path) -> None:
    model, chance = load_model(ROOT / policy), random.Random(1)
    saved(dmn_text(model), tmp_path / "tables.dmn")
    domain = row_domain_of(model.policy)
    gives = {lookup.table.gives: name for name, lookup in model.tables.items() if lookup.table.gives}
    asked: list[Any] = []
    expected: list[Any] = []
    for name, lookup in model.tables.items():
        for _ in range(60):
            scope = dict(lookup.table.scope) if chance.random() < 0.8 else {}
            facts: dict[str, Value | None] = {
                f: chance.choice(scope.get(f, domain[f])) for f in columns_of(lookup.table)
            }
            asked.append([name, {identifier(gives.get(fact, fact)): value for fact, value in facts.items()}])
            hit = lookup.decide(facts) if lookup.applies(facts) else None
            expected.append([[hit.row.id, said(lookup, model, hit.row.id)]] if isinstance(hit, Hit) else None)
            if lookup.applies(facts) and hit is not None and not isinstance(hit, Hit):
                expected[-1] = hit.rows
    found = node(tmp_path, "decide.mjs", "tables.dmn", told=asked)
    for situation, wanted, told in zip(asked, expected, found, strict=True):
        if isinstance(wanted, tuple):  # what cannot come about may be decided by no row, or by two
            assert tuple(row for row, _ in told) == wanted, situation
        else:
            assert told == (wanted or []), situation


PAGE = """<!doctype html><meta charset="utf-8">{styles}<div id="c" style="height: 800px"></div>
<script src="{folder}/dmn-modeler.development.js"></script>
<script>
  window.editor = new DmnJS({{ container: "#c" }});
  window.done = editor.importXML({text}).then((read) => read.warnings.map((one) => one.message));
  window.show = async (name) => {{
    const read = await editor.open(editor.getViews().find((one) => one.name === name));
    return read.warnings.map((one) => one.message);
  }};
</script>"""
STYLES = ("diagram-js", "dmn-js-shared", "dmn-js-drd", "dmn-js-decision-table", "dmn-js-decision-table-controls")


def editor(text: str, folder: Path) -> Path:
    """A page with an editor of DMN in which the tables are open."""
    dist = (MODULES / "dmn-js" / "dist").resolve().as_uri()
    styles = "".join(f'<link rel="stylesheet" href="{dist}/assets/{name}.css">' for name in STYLES)
    return saved(PAGE.format(styles=styles, folder=dist, text=json.dumps(text)), folder / "page.html")


def required(model: Model) -> int:
    """How many tables ask another one for a fact that it gives."""
    gives = {lookup.table.gives for lookup in model.tables.values() if lookup.table.gives}
    return sum(len(gives & set(columns_of(lookup.table))) for lookup in model.tables.values())


@pytest.mark.thorough
def test_an_editor_draws_every_table_of_every_policy(tmp_path: Path) -> None:
    need()
    with chromium() as browser:
        for number, policy in enumerate(POLICIES):
            model = load_model(ROOT / policy)
            folder = tmp_path / str(number)
            folder.mkdir()
            watched = Watched(browser)
            page = watched.open(editor(dmn_text(model), folder))
            assert page.evaluate("done") == [], policy
            drawn = [text.strip() for text in page.locator(".djs-shape .djs-label").all_text_contents()]
            assert sorted("".join(name.split()) for name in drawn) == sorted(
                "".join(name.split()) for name in model.tables
            )
            assert page.locator(".djs-connection").count() == required(model)
            for name, lookup in model.tables.items():
                assert page.evaluate("(name) => show(name)", name) == []
                assert page.locator("tbody tr .rule-index").count() == len(lookup.table.rows), (policy, name)
                assert page.locator(".hit-policy-edit-policy-select").inner_text().strip() == "Unique"
            assert [one for one in watched.noise if "Inferno" not in one] == []
            page.close()


@pytest.mark.thorough
def test_what_is_changed_in_an_editor_comes_back(policy: Path, tmp_path: Path) -> None:
    need()
    with chromium() as browser:
        watched = Watched(browser)
        page = watched.open(editor(dmn_text(load_model(policy)), tmp_path))
        assert page.evaluate("done") == []
        page.evaluate("show('own change')")
        page.get_by_text('"deliver"').first.click()
        page.keyboard.press("Control+A")
        page.keyboard.type('"nothing"')
        page.keyboard.press("Enter")
        text = page.evaluate("editor.saveXML({ format: true }).then((made) => made.xml)")
        assert [one for one in watched.noise if "Inferno" not in one] == []
    assert changes(policy, saved(text, tmp_path / "edited.dmn")) == [
        "own change: own-create: then: effect: deliver -> nothing"
    ]


def test_edits_come_back_with_comments_kept(policy: Path, cli: Run, tmp_path: Path) -> None:
    rules = policy / "sync_rules.yaml"
    before = rules.read_text()
    text = dmn_text(load_model(policy))
    text = text.replace("<description>may-create: S3</description>", "<description>may-make: S3</description>")
    text = text.replace("oh no", "").replace("does not show this item now", "has no such item, alas")
    path = saved(text, tmp_path / "edited.xml")
    code, out, err = cli("import", "--from", "dmn", path, "--machines", policy)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "permission: may-create is named may-make",
        "permission: not-on-this-ticket: then: permission: refuse: the actor's ticket does not show this item now"
        " -> refuse: the actor's ticket has no such item, alas",
        f"2 changes; simsync import --undo --machines {policy} takes it back",
        *out.splitlines()[3:-1],
        "where a scenario expects a rule by its old name, change that too",
    ]
    assert re.fullmatch(
        r"Scenarios that come out otherwise: \d+ of \d+; \d+ fail that passed before", out.splitlines()[3]
    )
    after = rules.read_text().replace("may-make", "may-create")
    assert after.replace("has no such item, alas", "does not show this item now") == before


def test_every_wrong_place_is_told(policy: Path, cli: Run) -> None:
    text = dmn_text(load_model(policy))
    for old, new in (
        ('<text>"active"</text>', "<text>active</text>"),
        ('<text>"linked","held"</text>', '<text>"linkd","held"</text>'),
        ("S2 G18", "S222"),
        ('<decision id="decision_3" name="sends">', '<decision id="decision_3" name="sendz">'),
        ('id="decision_4_t" hitPolicy="UNIQUE"', 'id="decision_4_t" hitPolicy="FIRST"'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    told = [fault.partition(": ")[2] for fault in faults(cli, policy, text)]
    assert [fault.split(";")[0] for fault in told] == [
        "wrong-type: the hit policy is FIRST",
        'syntax: \'active\' is not a list of values, such as: "one","two"',
        "unknown-name: 'sendz' is not a table",
        "unknown-name: 'S222' is not a source",
        "unknown-name: 'linkd' is not a value of 'link'",
    ]


def test_a_place_is_a_line_and_a_column(policy: Path, cli: Run) -> None:
    text = dmn_text(load_model(policy)).replace("may-create: S3", "may-create: S333")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "S333" in one)
    assert faults(cli, policy, text)[0].startswith(f"/tables.dmn:{line}:9: unknown-name: 'S333' is not a source")


def test_a_scope_is_changed_in_the_rules(policy: Path, cli: Run) -> None:
    text = dmn_text(load_model(policy)).replace('<text>"other"</text>', '<text>"owner"</text>')
    told = {fault.partition(": ")[2] for fault in faults(cli, policy, text)}
    assert "wrong-type: this table is asked only where 'by' is other; that is changed in the rules" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<definitions>", "/tables.dmn:1:14: syntax: this is not well-formed XML: no element found"),
        ("<definitions/>", "/tables.dmn:1:1: syntax: this is no DMN document with decision tables"),
        (
            '<!DOCTYPE a [<!ENTITY b "c">]><definitions>&b;</definitions>',
            "/tables.dmn:1:13: syntax: it declares a document type; DMN has none",
        ),
        ("", "/tables.dmn:1:1: syntax: this is not well-formed XML: no element found"),
    ],
)
def test_what_is_no_dmn_is_told(policy: Path, cli: Run, text: str, told: str) -> None:
    assert faults(cli, policy, text) == [told]


def _first(text: str, pattern: str) -> str:
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None
    return found[0]


def with_test(text: str, test: str) -> str:
    """A document whose first test of an input says something else."""
    return text.replace('<text>"absent"</text>', f"<text>{test}</text>", 1)


def as_others_write_it(text: str) -> dict[str, str]:
    """The same document as other editors, and later versions of DMN, have it."""
    ours = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    first = _first(text, r"<rule .*?</rule>")
    noted = re.sub(r"<description>(.*?)</description>(.*)</rule>", _NOTED, first, flags=re.DOTALL)
    prefixed = re.sub(r"<(/?)(?!/|dmndi|dc:|di:|[?])", r"<\1dmn:", text).replace("xmlns=", "xmlns:dmn=")
    spaced = '<input xmlns:camunda="http://camunda.org/schema/1.0/dmn" camunda:width="200" '
    return {
        "DMN 1.2": text.replace(ours, "http://www.omg.org/spec/DMN/20180521/MODEL/"),
        "DMN 1.5": text.replace(ours, "https://www.omg.org/spec/DMN/20230324/MODEL/"),
        "prefixes": prefixed,
        "attributes": text.replace("<input ", spaced),
        "BOM and CRLF": "\ufeff" + text.replace("\n", "\r\n"),
        "no hit policy": text.replace(' hitPolicy="UNIQUE"', ""),
        "labels": text.replace(
            'label="ticket">\n        <inputExpression', 'label="The ticket">\n        <inputExpression'
        ),
        "annotations": text.replace(first, noted, 1),
        "not": with_test(text, 'not("present")'),
    }


_NOTED = r"\2<annotationEntry><text>\1</text></annotationEntry></rule>"
HOWS = ("DMN 1.2", "DMN 1.5", "prefixes", "attributes", "BOM and CRLF", "no hit policy", "labels", "annotations", "not")


@pytest.mark.parametrize("how", HOWS)
def test_what_other_editors_write_is_read(policy: Path, tmp_path: Path, how: str) -> None:
    text = dmn_text(load_model(policy))
    written = as_others_write_it(text)[how]
    assert written != text
    assert changes(policy, saved(written, tmp_path / "theirs.dmn")) == []


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("null", "'null' is no value that anything has; a dash stands for any"),
        ('not("absnt")', '\'not("absnt")\' excludes "absnt", which is no value here; there are "present","absent"'),
        ("not()", "'not()' excludes nothing; a dash stands for any"),
        ('not("absent", "present")', '\'not("absent", "present")\' excludes every value; a dash stands for any'),
    ],
)
def test_a_test_that_says_nothing_is_told_in_its_place(policy: Path, cli: Run, test: str, told: str) -> None:
    (fault,) = faults(cli, policy, with_test(dmn_text(load_model(policy)), test))
    assert re.fullmatch(rf"/tables\.dmn:\d+:11: syntax: {re.escape(told)}", fault)


def test_a_rule_without_a_name_or_an_entry_is_one_fault(policy: Path, cli: Run) -> None:
    text = dmn_text(load_model(policy))
    nameless = re.sub(r"<description>no-ticket-yet.*?</description>", "<description />", text)
    (fault,) = faults(cli, policy, nameless)
    assert fault.endswith("its description is a name and its sources, such as: a-name: S1 S2")
    entry = _first(text, r"<inputEntry.*?</inputEntry>")
    (fault,) = faults(cli, policy, text.replace(entry, "", 1))
    assert fault.endswith("incomplete: this rule has 4 entries of kind inputEntry in 5 columns")


def test_where_there_are_no_rules_to_change_it_is_told(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = cli("import", "tables.dmn")
    assert (code, out) == (2, "")
    assert err.startswith("FILE: usage: there are no rules here to import into; simsync init DIR")
