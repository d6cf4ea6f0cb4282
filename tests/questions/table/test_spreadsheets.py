"""Tables to CSV and XLSX and back: exactly, with every comment kept, or with a sentence for each wrong cell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, Run
from sampling import few
from sheets import Grid, comments, exported, faults, imported, line_of, saved
from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.questions.table.blocks import blocks
from simsync.questions.table.importing import Import
from simsync.questions.table.workbook import xlsx_bytes


@pytest.mark.parametrize("reading", few(["", "resume=discard", "made_internal=withdraw", "late_publish=never"], 4))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_was_not_edited_changes_nothing(cli: Run, policy: Path, tmp_path: Path, form: str, reading: str) -> None:
    before = {path.name: path.read_bytes() for path in policy.iterdir()}
    options = ["--machines", policy, *([f"--reading={reading}"] if reading else [])]
    out = tmp_path / f"rules.{form}"
    assert cli("table", "--format", form, "--out", out, *options)[:2] == (0, f"{out}\n")
    code, said, err = cli("import", out, "--machines", policy)
    assert (code, said, err) == (0, "0 changes\n", "")
    assert {path.name: path.read_bytes() for path in policy.iterdir()} == before


def test_an_edit_changes_its_row_only_and_back_again_is_exact(policy: Path) -> None:
    rules = policy / "sync_rules.yaml"
    before = rules.read_text()
    grid = exported(policy, "status change")
    link = grid[1].index("when: link")
    line_of(grid, "resume-keeps")[link] = "local, linked"
    line_of(grid, "resume-delivers")[grid[1].index("sources")] = "S21"
    assert imported(policy, grid) == ["status change: resume-delivers: sources: S21 G5 -> S21"]
    changed = [(a, b) for a, b in zip(before.splitlines(), rules.read_text().splitlines(), strict=True) if a != b]
    assert [b.replace("sources: [S21]", "sources: [S21, G5]") for _, b in changed] == [a for a, _ in changed]
    grid = exported(policy, "status change")
    line_of(grid, "resume-delivers")[grid[1].index("sources")] = "S21 G5"
    imported(policy, grid)
    assert rules.read_text() == before


def test_a_row_that_a_reading_replaces_stays(policy: Path) -> None:
    grid = exported(policy, "time entry notice", "shareable")
    line_of(grid, "time-entry-announced")[0] = "entry-announced"
    grid.remove(line_of(grid, "charge-shareable"))
    assert [fault.partition(": usage: ")[2] for fault in faults(policy, grid)] == [
        "row 'charge-shareable' cannot be taken away here: reading 'charges' replaces it; change that first",
        "row 'time-entry-announced' cannot be named 'entry-announced' here: reading 'time_entry_notice' replaces it;"
        " change that first",
    ]


def test_rows_come_and_go_with_comments_kept(policy: Path) -> None:
    rules = policy / "sync_rules.yaml"
    said = comments(rules)
    grid = exported(policy, "shareable")
    columns = grid[1]
    internal, kind = columns.index("when: internal"), columns.index("when: kind")
    row = line_of(grid, "internal-not-shareable")
    row[kind] = "note"
    extra = list(row)
    extra[0], extra[kind] = "internal-file-not-shareable", "attachment"
    grid.insert(grid.index(row) + 1, extra)
    assert row[internal] == "true"
    changes = imported(policy, grid)
    assert changes == [
        "shareable: internal-not-shareable: when: kind: - -> note",
        "shareable: internal-file-not-shareable is new",
    ]
    model = load_model(policy)
    assert [r.id for r in model.policy.tables["shareable"].rows][-2:] == [
        "internal-not-shareable",
        "internal-file-not-shareable",
    ]
    assert comments(rules) == said
    grid = exported(policy, "shareable")
    grid.remove(line_of(grid, "internal-file-not-shareable"))
    line_of(grid, "internal-not-shareable")[kind] = "-"
    imported(policy, grid)
    assert rules.read_text() == (ROOT / "machines" / "sync_rules.yaml").read_text()


def test_a_row_is_renamed_where_nothing_names_it(policy: Path) -> None:
    grid = exported(policy, "permission")
    line_of(grid, "may-create")[0] = "everyone-may-create"
    assert imported(policy, grid) == ["permission: may-create is named everyone-may-create"]
    assert load_model(policy).policy.tables["permission"].rows[2].id == "everyone-may-create"


def test_a_refusal_and_its_reason(policy: Path) -> None:
    grid = exported(policy, "permission")
    line_of(grid, "may-create")[grid[1].index("then: permission")] = 'refuse: no: "never", # {not} today'
    imported(policy, grid)
    row = next(r for r in load_model(policy).policy.tables["permission"].rows if r.id == "may-create")
    assert row.then.refuse == 'no: "never", # {not} today'


def test_a_row_of_a_reading_is_edited_where_it_stands(policy: Path) -> None:
    grid = exported(policy, "own change", reading="resume=discard")
    line_of(grid, "own-edit-discarded")[grid[1].index("sources")] = "S20"
    assert grid[0][5] == "resume=discard"
    assert imported(policy, grid) == ["own change: own-edit-discarded: sources: S20 G5 G7 -> S20"]
    option = load_model(policy).policy.readings["resume"].options["discard"]
    assert option.replace["own-edit-held"][0].sources == ("S20",)
    assert comments(policy / "readings.yaml") == comments(ROOT / "machines" / "readings.yaml")


def test_a_sheet_that_is_out_of_date_is_not_imported(policy: Path) -> None:
    grid, other = exported(policy, "copy"), exported(policy, "copy")
    line_of(other, "charge-copy")[grid[1].index("sources")] = "S3"
    imported(policy, other)
    line_of(grid, "lead-note-copy")[grid[1].index("sources")] = "S9"
    (fault,) = faults(policy, grid)
    assert fault.startswith("/sheet.csv: line 1, cell 4: usage: 'copy' has changed since this sheet was made")
    grid[0][3] = ""
    assert len(imported(policy, grid)) == 2


@pytest.mark.parametrize(
    ("table", "row", "column", "text", "sentence"),
    few(
        [
            (
                "own change",
                "own-edit",
                "when: phase",
                "actve",
                "'actve' is not a value of 'phase'; did you mean 'active'?",
            ),
            ("own change", "own-edit", "when: phase", 'active, "x', "quotes come in pairs"),
            ("own change", "own-edit", "when: phase", "active,", "a value too few"),
            ("own change", "own-edit", "then: effect", "delver", "did you mean 'deliver'?"),
            ("own change", "own-edit", "then: link", "share or hold", "these are 2 values where one is wanted"),
            ("own change", "own-edit", "then: link", "shre", "is not a trigger of the link machine"),
            ("own change", "own-edit", "sources", "S99", "'S99' is not a source; did you mean"),
            ("own change", "own-edit", "row", "", "this row has no id"),
            ("own change", "own-edit", "row", "own-create", "there is a row 'own-create' already"),
            ("own change", "own-edit", "row", "a b", "'a b' is no id"),
            ("permission", "may-create", "then: permission", "yes", "neither 'allow' nor 'refuse: '"),
            ("copy", "charge-copy", "then: kind", "-", "a value is missing here"),
            ("copy", "charge-copy", "then: kind", "note or charge", "these are 2 values where one is wanted"),
            ("shareable", "note-shareable", "then: shareable", "yes", "'yes' is not a value of 'shareable'"),
            ("sends", "sends-text", "then: sends", "txt", "'txt' is not a value of 'sends'; did you mean 'text'?"),
            ("own change", "own-edit", "sources", "", "a row has sources"),
            ("status email", "status-emails", "then: notification", "primary", "is not a recipient"),
            ("status email", "status-emails", "then: notification", "boss", "under 'recipients' in the machine files"),
            ("copy", "charge-copy", "when: kind", "expense", "A sheet adds none: that is done under 'kinds'"),
            ("shareable", "file-shareable", "when: type", "scan", "A sheet adds none: that is done under 'fields'"),
        ],
        4,
    ),
)
def test_each_wrong_cell_has_its_sentence(
    policy: Path, table: str, row: str, column: str, text: str, sentence: str
) -> None:
    grid = exported(policy, table)
    at = next(number for number, line in enumerate(grid) if line and line[0] == row)
    grid[at][grid[1].index(column)] = text
    found = faults(policy, grid)
    place = f"/sheet.csv: line {at + 1}, cell {grid[1].index(column) + 1}: "
    assert any(fault.startswith(place) and sentence in fault for fault in found), found


@pytest.mark.thorough
def test_wrong_headings_tables_and_lines(policy: Path) -> None:
    grid = exported(policy, "copy")
    grid[1][1] = "when: ownr"
    found = faults(policy, grid)
    assert any("'when: ownr' is not a column of 'copy'; did you mean 'when: owner'?" in fault for fault in found)
    assert any("the column 'when: owner' is missing" in fault for fault in found)
    grid = exported(policy, "copy")
    grid[1][1] = "row"
    assert any("there is a column 'row' already" in fault for fault in faults(policy, grid))
    grid = exported(policy, "copy")
    grid[0][1] = "copi"
    assert any("'copi' is not a table; did you mean 'copy'?" in fault for fault in faults(policy, grid))
    grid = exported(policy, "copy")
    grid[3].append("stray")
    assert any("this cell stands under no heading" in fault for fault in faults(policy, grid))
    (fault,) = faults(policy, [["hello"], ["there"], *exported(policy, "copy")])
    assert "line 1, cell 1: syntax: a table starts with a line of 'table'" in fault
    grid = exported(policy, "copy")
    del grid[1]
    (fault,) = faults(policy, grid)
    assert "this line must be the headings: row, when: owner" in fault
    assert any("no headings" in fault for fault in faults(policy, exported(policy, "copy")[:1]))
    grid = exported(policy, "copy")
    grid[0][5] = "resume=later"
    assert any("'later' is not an option of 'resume'" in fault for fault in faults(policy, grid))


def test_every_fault_of_a_sheet_is_told_at_once(policy: Path) -> None:
    grid = exported(policy, "own change")
    line_of(grid, "own-edit")[1] = "actve"
    line_of(grid, "own-create")[2] = "crate"
    other = exported(policy, "copy")
    line_of(other, "charge-copy")[other[1].index("sources")] = "S77"
    assert len(faults(policy, [*grid, [], *other])) == 3


def test_empty_lines_mean_nothing(policy: Path) -> None:
    grid = exported(policy, "copy")
    grid.insert(4, ["", ""])
    assert imported(policy, grid) == []


def test_a_sheet_made_under_a_reading_takes_no_new_row(policy: Path) -> None:
    grid = exported(policy, "own change", reading="resume=discard")
    row = list(line_of(grid, "own-edit-discarded"))
    row[0] = "own-edit-too"
    grid.append(row)
    (fault,) = faults(policy, grid)
    assert "this sheet shows the table as resume=discard has it" in fault


def test_transitions_are_edited_where_they_stand(policy: Path) -> None:
    machine = policy / "outsource_status.yaml"
    before, said = machine.read_text(), comments(machine)
    grid = exported(policy, "outsource status")
    assert grid[1] == ["transition", "actor", "trigger", "from", "when", "to", "sources"]
    cancels = line_of(grid, "lead-cancels")
    cancels[1], cancels[3] = "lead or service", "Assigned or Accepted"
    line_of(grid, "service-declines")[0] = "service-says-no"
    grid.remove(line_of(grid, "service-starts"))
    grid.append(["service-pauses", "service", "pause", "In Progress", "-", "Accepted", "S1"])
    assert imported(policy, grid) == [
        "outsource status: service-declines is named service-says-no",
        "outsource status: service-starts is taken away",
        "outsource status: lead-cancels: actor: lead -> lead or service",
        "outsource status: lead-cancels: from: Assigned -> Assigned or Accepted",
        "outsource status: service-pauses is new",
    ]
    assert comments(machine) == said
    now = {t.id: t for t in load_model(policy).policy.status.transitions}
    assert (now["lead-cancels"].actors, now["lead-cancels"].source) == (("lead", "service"), ("Assigned", "Accepted"))
    assert now["service-pauses"].dest == "Accepted"
    grid = exported(policy, "outsource status")
    line_of(grid, "lead-cancels")[1:4] = ["lead", "cancel", "Assigned"]
    imported(policy, grid)
    assert [line for line in before.splitlines() if "lead-cancels" in line] == [
        line for line in machine.read_text().splitlines() if "lead-cancels" in line
    ]


def test_a_condition_of_a_transition_is_edited(policy: Path) -> None:
    grid = exported(policy, "sync link")
    row = next(line for line in grid if line and line[1] == "release" and line[3] != "-")
    was, row[3] = row[3], "copy: present; kind: note or charge"
    (change,) = imported(policy, grid)
    assert change == f"sync link: {row[0]}: when: {was} -> copy: present; kind: note or charge"
    again = exported(policy, "sync link")
    line_of(again, row[0])[3] = was
    assert imported(policy, again) == [f"sync link: {row[0]}: when: copy: present; kind: note or charge -> {was}"]
    line_of(again, row[0])[3] = "copie: present; kind: noe"
    again[0] = exported(policy, "sync link")[0]
    found = faults(policy, again)
    assert any("'copie' is not a fact of this machine; did you mean 'copy'?" in fault for fault in found)
    assert any("'noe' is not a value of 'kind'; did you mean 'note'?" in fault for fault in found)


def test_a_transition_of_a_reading_is_edited_in_the_readings(policy: Path) -> None:
    grid = exported(policy, "outsource status", reading="submit_from_accepted=yes")
    (row,) = (line for line in grid[2:] if line and line[3] == "Accepted" and line[2] == "insource complete")
    row[-1] = "S1"
    (change,) = imported(policy, grid)
    assert change.startswith(f"outsource status: {row[0]}: sources: ")
    assert comments(policy / "readings.yaml") == comments(ROOT / "machines" / "readings.yaml")


def test_statements_are_said_otherwise(policy: Path) -> None:
    grid = exported(policy, "statements")
    grid[3][1:] = ["Something: else, #1", "page 2"]
    line_of(grid, "G1")[1] = "It has two names."
    assert imported(policy, grid) == [
        "statements: S2: says: The service partner works on a separate ticket of its own that is tied to the lead's."
        " -> Something: else, #1",
        "statements: S2: where: bullet 1 -> page 2",
        "statements: G1: says: The submitted status has two names on the page, Waiting Approval and Waiting Acceptance."
        " -> It has two names.",
    ]
    cited = load_model(policy).policy.citations
    assert (cited.statements["S2"], cited.places["S2"], cited.gaps["G1"]) == (
        "Something: else, #1",
        "page 2",
        "It has two names.",
    )


def test_statements_come_and_go(policy: Path) -> None:
    file = policy / "statements.yaml"
    before = file.read_text().splitlines()
    grid = exported(policy, "statements")
    grid.insert(4, ["S2a", "A third ticket: none.", "bullet 9; out of scope: nobody asked"])
    grid.append(["G99", "What a third partner would see.", line_of(grid, "G1")[2]])
    assert imported(policy, grid) == ["statements: S2a is new", "statements: G99 is new"]
    after = file.read_text().splitlines()
    new = [line for line in after if line not in before]
    assert new == [
        '  S2a: {text: "A third ticket: none.", place: bullet 9, out of scope: nobody asked}',
        "  G99: What a third partner would see.",
    ]
    assert [line for line in after if line not in new] == before
    cited = load_model(policy).policy.citations
    assert ([*cited.statements][1:3], [*cited.gaps][-1], cited.beyond["S2a"]) == (["S2", "S2a"], "G99", "nobody asked")
    grid = exported(policy, "statements")
    for name in ("S2a", "G99"):
        grid.remove(line_of(grid, name))
    assert imported(policy, grid) == ["statements: S2a is taken away", "statements: G99 is taken away"]
    assert file.read_text().splitlines() == before


def test_what_is_cited_stays_and_keeps_its_id(policy: Path) -> None:
    grid = exported(policy, "statements")
    grid.remove(line_of(grid, "S20"))
    (first, *_) = faults(policy, grid)
    assert "unknown-name: 'S20' is not " in first
    grid = exported(policy, "statements")
    grid[2][0] = "S99"
    assert [fault.partition(": usage: ")[2] for fault in faults(policy, grid)] == [
        "'S1' is what rules cite; simsync rename changes an id, and where it is cited with it"
    ]
    grid = exported(policy, "statements")
    grid.append(["S 100", "Something.", "bullet 1"])
    assert len(faults(policy, grid)) == 1


@pytest.mark.parametrize(
    ("column", "text", "sentence"),
    [
        (1, "laed", "'laed' is not a partner or an actor; did you mean 'lead'?"),
        (2, "", "a trigger is missing here"),
        (3, "Asigned", "'Asigned' is not a state of this machine; did you mean 'Assigned'?"),
        (3, "Paused", "A sheet adds none: that is done under 'states' in the machine files; then make it anew"),
        (3, "-", "a state is missing here"),
        (5, "Canceled or Declined", "these are 2 values where one is wanted"),
        (6, "S99", "'S99' is not a source; did you mean"),
    ],
)
def test_each_wrong_cell_of_a_machine_has_its_sentence(policy: Path, column: int, text: str, sentence: str) -> None:
    grid = exported(policy, "outsource status")
    at = grid.index(line_of(grid, "lead-cancels"))
    grid[at][column] = text
    (fault,) = faults(policy, grid)
    assert fault.startswith(f"/sheet.csv: line {at + 1}, cell {column + 1}: ")
    assert sentence in fault


@pytest.fixture
def bridge(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "tests" / "policies" / "bridge", tmp_path / "bridge"))


def test_each_of_several_status_machines_has_its_sheet(bridge: Path) -> None:
    grid = exported(bridge, "incident", "case", "case follows", "hold notice")
    line_of(grid, "incident-holds")[3] = "New or Work"
    line_of(grid, "case-waits")[2] = "wait"
    line_of(grid, "hold-pends")[2] = "{move: {there: Parts}}"
    line_of(grid, "manager-told")[2] = "Pending or Parts"
    line_of(grid, "manager-told")[1] = "Open"
    files = {path.name: path.read_text() for path in bridge.iterdir()}
    assert imported(bridge, grid) == [
        "case follows: hold-pends: then: status: {move: {there: Pending}} -> {move: {there: Parts}}",
        "hold notice: manager-told: when: provider.status: Open or Parts -> Open",
        "hold notice: manager-told: when: next provider.status: Pending -> Pending or Parts",
        "case: case-waits: trigger: wait for parts -> wait",
        "incident: incident-holds: from: Work -> New or Work",
    ]
    now = {path.name: path.read_text() for path in bridge.iterdir()}
    apart = {name for name, text in now.items() if text != files[name]}
    assert apart == {"incident.yaml", "case.yaml", "rules.yaml"}


def test_a_row_says_its_own_sources_where_it_inherited_them(bridge: Path) -> None:
    grid = exported(bridge, "access")
    line_of(grid, "may-write")[-1] = "B2 B3"
    assert imported(bridge, grid) == ["access: may-write: sources: B2 -> B2 B3"]
    assert "then: {allow: true}, sources: [B2, B3]}" in (bridge / "rules.yaml").read_text()


def test_the_last_row_and_comments_inside_are_left_to_hands(policy: Path) -> None:
    grid = exported(policy, "status email")
    assert any("last row where it stands" in fault for fault in faults(policy, grid[:2]))
    rules = policy / "sync_rules.yaml"
    rules.write_text(
        rules.read_text().replace(
            "  - {id: may-create, when: {ticket: present, change: create}, then: {allow: true}, sources: [S3]}\n",
            "  - id: may-create\n    when:\n      ticket: present  # one\n      # two\n      change: create\n"
            "    then: {allow: true}\n    sources:\n    - S3\n",
        )
    )
    grid = exported(policy, "permission")
    line_of(grid, "may-create")[grid[1].index("when: actor")] = "lead"
    assert any("has a comment inside what changes" in fault for fault in faults(policy, grid))
    grid = exported(policy, "permission")
    line_of(grid, "may-create")[grid[1].index("when: change")] = "create or edit"
    line_of(grid, "may-create")[grid[1].index("sources")] = "S3 S4"
    imported(policy, grid)
    assert "      ticket: present  # one\n      # two\n      change: [create, edit]\n" in rules.read_text()
    assert "    sources: [S3, S4]\n" in rules.read_text()
    assert "S4" in next(r for r in load_model(policy).policy.tables["permission"].rows if r.id == "may-create").sources


def by_heading(grid: Grid) -> list[dict[str, str]]:
    """The lines by heading: the order of columns is that in which the rows name their facts."""
    cells = [dict(zip(grid[1], line, strict=True)) for line in grid[2:]]
    return [{heading: text for heading, text in line.items() if text != "-"} for line in cells]


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_random_edit_and_its_undoing(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    policy = tmp_path_factory.mktemp("p") / "machines"
    shutil.copytree(ROOT / "machines", policy)
    before = (policy / "sync_rules.yaml").read_bytes()
    name = data.draw(st.sampled_from(["permission", "own change", "other's change", "status change", "shareable"]))
    grid = exported(policy, name)
    first = [list(line) for line in grid]
    kept = data.draw(st.lists(st.sampled_from(range(2, len(grid))), unique=True, min_size=1))
    column = data.draw(st.sampled_from([n for n, heading in enumerate(grid[1]) if heading.startswith("when: ")]))
    for number in kept:
        grid[number][column] = grid[2 + data.draw(st.integers(0, len(grid) - 3))][column]
    changes = imported(policy, grid)
    after = exported(policy, name)
    assert by_heading(after) == by_heading(grid)
    assert len(changes) == sum(one != other for one, other in zip(grid[2:], first[2:], strict=True))
    first[0][3] = ""
    imported(policy, first)
    assert by_heading(exported(policy, name)) == by_heading(first)
    assert [line for line in before.decode().splitlines() if "#" in line] == comments(policy / "sync_rules.yaml")


BLOCK = """\
  - id: not-on-this-ticket
    when: {ticket: present, change: [edit, delete], shown: false}
    sources: [S2, S6, S7]
    # why it is so
    then:
      refuse: >-
        the actor's ticket does not
        show this item now
"""


@pytest.fixture
def in_blocks(policy: Path) -> Path:
    """The shipped rules with one row's reason in lines of its own."""
    path = policy / "sync_rules.yaml"
    text = path.read_text()
    start, end = text.index("  - id: not-on-this-ticket"), text.index("  - {id: may-create")
    path.write_text(text[:start] + BLOCK + text[end:])
    return policy


@pytest.mark.thorough
def test_a_text_in_lines_of_its_own_ends_where_it_ends(in_blocks: Path) -> None:
    rules = in_blocks / "sync_rules.yaml"
    before = rules.read_text()
    grid = exported(in_blocks, "permission")
    new = list(line_of(grid, "not-on-this-ticket"))
    new[0], new[grid[1].index("when: actor")] = "lead-not-on-this-ticket", "lead"
    line_of(grid, "not-on-this-ticket")[grid[1].index("when: actor")] = "service"
    grid.insert(grid.index(line_of(grid, "may-create")), new)
    assert len(imported(in_blocks, grid)) == 2
    assert [row.id for row in load_model(in_blocks).policy.tables["permission"].rows][1:4] == [
        "not-on-this-ticket",
        "lead-not-on-this-ticket",
        "may-create",
    ]
    grid = exported(in_blocks, "permission")
    grid.remove(line_of(grid, "lead-not-on-this-ticket"))
    line_of(grid, "not-on-this-ticket")[grid[1].index("when: actor")] = "-"
    imported(in_blocks, grid)
    assert rules.read_text() == before
    grid = exported(in_blocks, "permission")
    grid.remove(line_of(grid, "not-on-this-ticket"))
    assert any("has a comment inside" in fault for fault in faults(in_blocks, grid))
    grid = exported(in_blocks, "permission")
    line_of(grid, "not-on-this-ticket")[grid[1].index("then: permission")] = "refuse: it is not shown"
    assert any("has a text in lines of its own" in fault for fault in faults(in_blocks, grid))


def test_a_row_that_is_not_edited_is_left_as_it_is(in_blocks: Path) -> None:
    rules = in_blocks / "sync_rules.yaml"
    rules.write_text(rules.read_text().replace("refuse: >-", "refuse: |"))
    grid = exported(in_blocks, "permission")
    line_of(grid, "may-create")[grid[1].index("sources")] = "S3 S4"
    assert imported(in_blocks, grid) == ["permission: may-create: sources: S3 -> S3 S4"]
    assert BLOCK.replace(">-", "|") in rules.read_text()


def test_a_table_that_stands_in_a_file_twice_is_not_imported(policy: Path) -> None:
    grid = exported(policy, "permission")
    grid.remove(line_of(grid, "may-create"))
    assert any("stands in this file twice" in fault for fault in faults(policy, [*grid, *grid]))


def test_a_file_that_was_changed_in_the_meantime_is_not_overwritten(policy: Path, tmp_path: Path) -> None:
    grid = exported(policy, "copy")
    line_of(grid, "charge-copy")[grid[1].index("sources")] = "S3"
    done = Import(load_model(policy), policy, str(saved(grid, tmp_path / "s.csv")))
    rules = policy / "sync_rules.yaml"
    rules.write_text(rules.read_text() + "# someone else was here\n")
    with pytest.raises(SimsyncError, match="was changed while the sheet was read"):
        done.write()
    assert rules.read_text().endswith("# someone else was here\n")


def test_a_text_too_long_for_a_workbook(policy: Path) -> None:
    rules = policy / "sync_rules.yaml"
    rules.write_text(rules.read_text().replace("the service partner has no ticket before it accepts", "x" * 40_000))
    model = load_model(policy)
    with pytest.raises(SimsyncError, match="too long for a cell"):
        xlsx_bytes(blocks(model))
    assert imported(policy, exported(policy, "permission")) == []


def test_names_that_would_not_be_told_apart(policy: Path) -> None:
    rules = policy / "sync_rules.yaml"
    text = rules.read_text()
    for name in ("sync link", "statements"):
        rules.write_text(text.replace("- table: copy\n", f"- table: {name}\n"))
        with pytest.raises(SimsyncError, match="is the name of a machine, or of the statements"):
            load_model(policy)
    rules.write_text(text.replace('"the service partner has no', '"the\\x01 service partner has no'))
    with pytest.raises(SimsyncError, match=r"the character U\+0001 cannot be shown"):
        load_model(policy)
