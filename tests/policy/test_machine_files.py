"""Machine files with something wrong: each problem at its place, in words of what would be right."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import ROOT, Run
from sampling import few
from simsync.errors import Code, SimsyncError
from simsync.policy.loading.files import USUAL
from simsync.policy.loading.policy import load_policy

# (file, a piece of text that stands in it once, what to put there, code, a part of the sentence)
CASES = [
    ("outsource_status.yaml", "dest: Canceled", "dest: Cancelled", Code.UNKNOWN_NAME, "did you mean 'Canceled'?"),
    ("outsource_status.yaml", "initial: Unsent", "initial: Unset", Code.UNKNOWN_NAME, "did you mean 'Unsent'?"),
    ("outsource_status.yaml", "trigger: decline, actor: service", "trigger: decline, actor: servce", Code.UNKNOWN_NAME, "did you mean 'service'?"),
    ("outsource_status.yaml", "id: lead-cancels, ", "", Code.MISSING_KEY, "'id'"),
    ("outsource_status.yaml", "source: Assigned, dest: Canceled, sources: [CA]", "source: Assigned, dest: Canceled, sources: []", Code.WRONG_TYPE, "an empty list"),
    ("outsource_status.yaml", "source: Assigned, dest: Canceled", "source: Complete, dest: Canceled", Code.OVERLAP, "state Complete is final"),
    ("outsource_status.yaml", "trigger: accept, actor", "trigger: decline, actor", Code.OVERLAP, "'decline' in Assigned is decided by two transitions"),
    ("outsource_status.yaml", "Waiting Approval: {phase: suspended,", "Waiting Approval: {phase: paused,", Code.UNKNOWN_NAME, "none, active, suspended, ended"),
    ("sync_link.yaml", "dest: severed", "dest: serverd", Code.UNKNOWN_NAME, "did you mean 'severed'?"),
    ("sync_link.yaml", "when: {copy: present}", "when: {copy: here}", Code.UNKNOWN_NAME, "present, absent"),
    ("sync_link.yaml", "when: {copy: present}", "when: {link: held}", Code.OVERLAP, "'release' in held"),
    ("sync_rules.yaml", "id: own-create,", "id: own-edit,", Code.DUPLICATE_ID, "'own-edit' is taken already"),
    ("sync_rules.yaml", "then: {effect: deliver, link: share}, sources: [S4, S9]", "then: {effect: deliver, link: shared}, sources: [S4, S9]", Code.UNKNOWN_NAME, "did you mean 'share'?"),
    ("sync_rules.yaml", "then: {effect: deliver, link: share}, sources: [S4, S9]", "then: {effect: send, link: share}, sources: [S4, S9]", Code.UNKNOWN_NAME, "none, deliver, remove"),
    ("sync_rules.yaml", "when: {phase: none, change: delete}", "when: {fase: none, change: delete}", Code.UNKNOWN_KEY, "did you mean 'phase'?"),
    ("sync_rules.yaml", "when: {phase: none, change: delete}", "when: {phase: nowhere, change: delete}", Code.UNKNOWN_NAME, "a value of 'phase'"),
    ("sync_rules.yaml", "when: {phase: none, change: delete}", "when: {synced: true, change: delete}", Code.UNKNOWN_KEY, "'synced' is not a key of a condition"),
    ("sync_rules.yaml", "sources: [S4, S6]}\n  - {id: sends-nothing-unshared", "sources: [S4, S66]}\n  - {id: sends-nothing-unshared", Code.UNKNOWN_NAME, "did you mean 'S6'?"),
    ("sync_rules.yaml", "then: {kind: charge}", "then: {kind: charges}", Code.UNKNOWN_NAME, "did you mean 'charge'?"),
    ("sync_rules.yaml", "then: {notify: [primary contact]}", "then: {notify: primary contact}", Code.WRONG_TYPE, "a list"),
    ("sync_rules.yaml", "when: {kind: charge}, then: {shareable: true}", "when: {kind: charge, sends: text}, then: {shareable: true}", Code.INCOMPLETE, "rests on itself"),
    ("sync_rules.yaml", "when: {kind: charge}, then: {shareable: true}", "when: {kind: charge}, then: {sharable: true}", Code.INCOMPLETE, "gives the fact 'shareable', not 'sharable'"),
    ("sync_rules.yaml", "- table: sends\n", "- table: shareable\n", Code.DUPLICATE_ID, "a table 'shareable' already"),
    ("sync_rules.yaml", "- table: sends\n", "- table: sends\n  colour: blue\n", Code.UNKNOWN_KEY, "'colour' is not a key of a table"),
    ("sync_rules.yaml", "  decides: copy\n", "  decides: copies\n", Code.UNKNOWN_NAME, "did you mean 'copy'?"),
    ("readings.yaml", "        own-create-held:\n", "        own-create-hold:\n", Code.UNKNOWN_KEY, "did you mean 'own-create-held'?"),
    ("readings.yaml", "- reading: charges\n", "- reading: resume\n", Code.DUPLICATE_ID, "a reading 'resume' already"),
    ("readings.yaml", "        charge-shareable:\n", "        note-shareable:\n", Code.READING_CLASH, "replaced by two readings"),
    ("readings.yaml", "    as_items:\n      about: A charge is synchronized like any other item.\n", "", Code.INCOMPLETE, "at least two options"),
    ("readings.yaml", "    as_items:\n      about: A charge is synchronized like any other item.\n    unsynced:", "    unsynced:", Code.INCOMPLETE, "at least two options"),
    ("readings.yaml", "  gap: G5\n", "  gap: S5\n", Code.UNKNOWN_NAME, "is not a gap"),
    ("properties.yaml", "never: {link: severed, synced: true}", "never: {links: severed, synced: true}", Code.UNKNOWN_KEY, "did you mean 'link'?"),
    ("vocabulary.yaml", "default: file,", "default: folder,", Code.UNKNOWN_NAME, "none of its values"),
    ("vocabulary.yaml", "type: {field: type}", "type: {field: tpe}", Code.UNKNOWN_NAME, "did you mean 'type'?"),
    ("vocabulary.yaml", "charge: {fields: [text], sources: [S3, G11]", "charge: {fields: [txt], sources: [S3, G11]", Code.UNKNOWN_NAME, "did you mean 'text'?"),
    ("vocabulary.yaml", "partners:\n", "partners:\n  third: One too many.\n", Code.INCOMPLETE, "two partners"),
    ("readings.yaml", "when: {kind: charge}, then: {shareable: false}", "when: {kind: charge, sends: text}, then: {shareable: false}", Code.INCOMPLETE, "rests on itself, under some reading"),
    ("readings.yaml", "when: {kind: charge}, then: {shareable: false}", "when: {kind: charge}, then: {sends: nothing}", Code.INCOMPLETE, "gives the fact 'shareable', not 'sends'"),
    ("outsource_status.yaml", "trigger: start, actor", "trigger: edit, actor", Code.RESERVED, "read as an action on an item"),
    ("outsource_status.yaml", "  Waiting Acceptance: {state", "  Complete: {state", Code.RESERVED, "'Complete' is a state and an alias"),
    ("vocabulary.yaml", "history:\n", "history:\n  phase: {about: x, when: {copy: absent}, sources: [G8]}\n", Code.RESERVED, "'phase' is a fact already"),
    ("vocabulary.yaml", "internal_users_only: {field: internal}", "kind: {field: internal}", Code.RESERVED, "the kind is shown anyway"),
    ("vocabulary.yaml", "text: {field: text}", "text: {field: text, negated: true}", Code.WRONG_TYPE, "neither true nor false"),
    ("outsource_status.yaml", "  Declined: {phase", "  '': {phase", Code.BAD_NAME, "a status needs a name; this one is empty"),
    ("outsource_status.yaml", "  Declined: {phase", "  ' Declined ': {phase", Code.BAD_NAME, "write 'Declined'"),
    ("outsource_status.yaml", "  Declined: {phase", "  assigned: {phase", Code.BAD_NAME, "'assigned' and 'Assigned' differ in case only"),
    ("outsource_status.yaml", "  Declined: {phase", "  Ａssigned: {phase", Code.BAD_NAME, "look alike (FF21 and plain letters)"),
    ("outsource_status.yaml", "  Declined: {phase", '  "Declined\\nnow": {phase', Code.BAD_NAME, "write 'Declined now'"),
    ("outsource_status.yaml", "  Declined: {phase", "  In  Progress: {phase", Code.BAD_NAME, "look alike"),
    ("outsource_status.yaml", "  Waiting Acceptance: {state", "  waiting approval: {state", Code.BAD_NAME, "differ in case only"),
    ("outsource_status.yaml", "trigger: decline,", "trigger: Cancel,", Code.BAD_NAME, "'Cancel' and 'cancel' differ in case only"),
    ("outsource_status.yaml", "machine: outsource status", "machine: ' outsource status'", Code.BAD_NAME, "a machine's name has no blanks around it"),
    ("sync_link.yaml", "  severed: {", "  Linked: {", Code.BAD_NAME, "'Linked' and 'linked' differ in case only"),
    ("vocabulary.yaml", "  note: {fields", "  Charge: {fields", Code.BAD_NAME, "differ in case only"),
    ("vocabulary.yaml", "  charge: {fields", "  ' ': {fields", Code.BAD_NAME, "a kind needs a name; this one is blank"),
    ("vocabulary.yaml", "  text: {values", "  Kind: {values", Code.BAD_NAME, "'Kind' and 'kind' differ in case only"),
    ("vocabulary.yaml", "  service: Does", "  Lead: Does", Code.BAD_NAME, "'Lead' and 'lead' differ in case only"),
    ("vocabulary.yaml", "  primary contact: The", "  '': The", Code.BAD_NAME, "a recipient needs a name"),
    ("sync_rules.yaml", "id: own-create,", "id: OWN-edit,", Code.BAD_NAME, "'OWN-edit' differ in case only"),
    ("sync_rules.yaml", "- table: sends\n", "- table: Shareable\n", Code.BAD_NAME, "'Shareable' and 'shareable'"),
    ("readings.yaml", "- reading: charges\n", "- reading: Resume\n", Code.BAD_NAME, "'Resume' and 'resume'"),
    ("readings.yaml", "    unsynced:", "    AS_ITEMS:", Code.BAD_NAME, "'AS_ITEMS' and 'as_items'"),
    ("properties.yaml", "property: severed-is-final", "property: Ended-is-final", Code.BAD_NAME, "differ in case only"),
    ("statements.yaml", "  S2: {", "  s1: {", Code.BAD_NAME, "'s1' and 'S1' differ in case only"),
    ("statements.yaml", "gaps:\n", "gpas:\n", Code.UNKNOWN_KEY, "did you mean 'gaps'?"),
]  # fmt: skip


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    path = tmp_path / "machines" / file
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))
    return tmp_path / "machines"


@pytest.mark.parametrize(("file", "old", "new", "code", "phrase"), few(CASES, 3), ids=range(len(CASES)))
def test_a_wrong_machine_file_is_told(tmp_path: Path, file: str, old: str, new: str, code: Code, phrase: str) -> None:
    directory = changed(tmp_path, file, old, new)
    with pytest.raises(SimsyncError) as error:
        load_policy(directory)
    found = [d for d in error.value.diagnostics if d.code is code and phrase in d.message]
    assert found, str(error.value)
    assert {Path(d.file).name for d in error.value.diagnostics} <= set(USUAL.values())


def test_problems_of_several_files_are_told_at_once(cli: Run, tmp_path: Path) -> None:
    directory = changed(tmp_path, "sync_link.yaml", "dest: severed", "dest: serverd")
    properties = directory / "properties.yaml"
    properties.write_text(properties.read_text().replace("never: {by: other", "never: {bye: other"))
    code, out, err = cli("run", "--machines", directory)
    assert (code, out) == (2, "")
    assert "sync_link.yaml:21:69: unknown-name: 'serverd' is not a state of this machine" in err
    assert "unknown-key: 'bye' is not a key of a condition; did you mean 'by'?" in err
    assert "^^^^^^^" in err


@pytest.mark.parametrize("content", ["", "[]", "5", "a: [", "\x00", "---\na: 1\n---\nb: 2\n", "'"])
@pytest.mark.parametrize("file", few(USUAL.values(), 3))
def test_a_machine_file_that_is_something_else(tmp_path: Path, file: str, content: str) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    (tmp_path / "machines" / file).write_text(content)
    with pytest.raises(SimsyncError) as error:
        load_policy(tmp_path / "machines")
    assert file in {Path(d.file).name for d in error.value.diagnostics}


def test_a_missing_file_or_directory_is_told(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    (tmp_path / "machines" / "sync_rules.yaml").unlink()
    code, _, err = cli("table", "--machines", tmp_path / "machines")
    assert code == 2
    assert "sync_rules.yaml:1:1: not-found: no file of this directory declares the rules: the keys tables" in err
    code, _, err = cli("table", "--machines", tmp_path / "nowhere")
    assert code == 2
    assert "the machines directory does not exist; it needs YAML files that declare the vocabulary, rules" in err
    code, _, err = cli("table", "--machines", ROOT / "README.md")
    assert code == 2
    assert "is not a directory" in err


def test_aliases_do_not_multiply_in_machine_files_either(tmp_path: Path) -> None:
    row = "- &r {id: a, when: {kind: note}, then: {shareable: true}, sources: [S1]}\n"
    bombs = {
        "sync_rules.yaml": "tables:\n- table: x\n  question: y\n  decides: fact\n  hit policy: unique\n  rows:\n  "
        + row
        + "  - *r\n" * 30_000,
        "readings.yaml": "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d]\nreadings: [*e,*e,*e,*e,*e,*e,*e,*e]\n",
        "properties.yaml": "properties: &p [*p]\n",
    }
    for file, text in bombs.items():
        directory = tmp_path / file.removesuffix(".yaml")
        shutil.copytree(ROOT / "machines", directory)
        (directory / file).write_text(text)
        with pytest.raises(SimsyncError) as error:
            load_policy(directory)
        assert Code.TOO_LARGE in {d.code for d in error.value.diagnostics}


def test_problems_beyond_counting_are_not_all_told(tmp_path: Path) -> None:
    directory = changed(tmp_path, "statements.yaml", "gaps:\n", "gaps:\n" + "".join(f"  G1: {n}\n" for n in range(500)))
    with pytest.raises(SimsyncError) as error:
        load_policy(directory)
    assert len(error.value.diagnostics) == 201
    assert error.value.diagnostics[-1].code is Code.TOO_MANY


def test_a_trigger_may_have_any_name(tmp_path: Path) -> None:
    import simsync

    directory = changed(tmp_path, "outsource_status.yaml", "trigger: start, actor", "trigger: state, actor")
    simulation = simsync.Simulation(simsync.load_model(directory), "Accepted")
    assert simulation.do("service: state").after.status == "In Progress"


def test_a_reading_without_options_is_told(tmp_path: Path) -> None:
    text = "readings:\n- {reading: x, question: q, gap: G1, evidence: e, sources: [S1], options: {}}\n"
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    (tmp_path / "machines" / "readings.yaml").write_text(text)
    (tmp_path / "machines" / "properties.yaml").write_text("properties: []\n")
    with pytest.raises(SimsyncError, match="at least two options"):
        load_policy(tmp_path / "machines")


def test_a_reading_is_tested_by_rows_and_not_by_a_scope(cli: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "tests" / "policies" / "bridge", tmp_path / "machines")
    rules = (folder / "rules.yaml").read_text()
    (folder / "rules.yaml").write_text(rules.replace("delete], by: owner}", "delete], by: owner, missed: left}", 1))
    code, _, err = cli("run", "--machines", folder, tmp_path)
    assert code == 2
    assert "rules.yaml:16:54: " in err
    assert "'missed' is a reading, whose option rows and transitions test in 'when', not here" in err


def test_of_several_machines_the_file_is_named_that_has_the_trigger(cli: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "tests" / "policies" / "bridge", tmp_path / "machines")
    case = folder / "case.yaml"
    case.write_text(case.read_text().replace("trigger: wait for parts,", "trigger: create parts,"))
    code, _, err = cli("run", "--machines", folder, tmp_path)
    assert code == 2
    assert "case.yaml:6:5: reserved: 'create parts' would be read as an action on an item" in err


def test_a_derived_fact_is_not_tested_before_it_is_decided(cli: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "tests" / "policies" / "atelier", tmp_path / "machines")
    rules = (folder / "sync_rules.yaml").read_text()
    (folder / "sync_rules.yaml").write_text(rules.replace("when: {change: create}", "when: {mirrorable: true}", 1))
    code, _, err = cli("run", "--machines", folder, tmp_path)
    assert code == 2
    assert "sync_rules.yaml:8:27: unknown-key: 'mirrorable' is decided of each item once it is changed" in err
