"""The words of actions: what each text means or why it means nothing, and which fields may be set where."""

from __future__ import annotations

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.actions import Action, ActionError, Created, Grammar, Misuse
from simsync.engine.model import Model
from simsync.errors import Code
from systems.desks import MODEL
from systems.wire import WIRE

ALLOWED = "create KIND NAME, edit NAME, delete NAME, open, freeze, thaw, gone"
PRINTABLE = "an action, and so an item's name, has printable characters only, not"

MEANT = {
    "open": Action("open"),
    "  thaw ": Action("thaw"),
    "edit N1": Action("edit", None, "N1"),
    " delete   N1 ": Action("delete", None, "N1"),
    "create tip N1": Action("create", "tip", "N1"),
    "create  story   tip": Action("create", "story", "tip"),
}
MEANT_NOTHING = {
    "": f"an action is wanted here. Allowed: {ALLOWED}",
    "create": "a creation names a kind and the new item, as in 'create story N1'",
    "create T1": "a creation names a kind and the new item, as in 'create story N1'",
    "create tip": "'create tip' needs a name for the new item, as in 'create tip N1'",
    "create tip A B": "a name has no blanks in it; write: create tip A_B",
    "create tip A B C": "a name has no blanks in it; write: create tip A_B_C",
    "create tp A": "'tp' is not a kind of item; did you mean 'tip'? Allowed: story, tip",
    "create a b c": "'a b' is not a kind of item. Allowed: story, tip",
    "edit": "'edit' takes the name of one item, as in 'edit N1'",
    "edit A B": "'edit' takes the name of one item; a name has no blanks in it, as in 'edit A_B'",
    "delete a b c": "'delete' takes the name of one item; a name has no blanks in it, as in 'delete a_b_c'",
    "opne": f"'opne' is not an action; did you mean 'open'? Allowed: {ALLOWED}",
    "make": f"'make' is not an action. Allowed: {ALLOWED}",
    "EDIT A": "'EDIT' is not an action; did you mean: edit A",
    "modify N1": "'modify' is not an action; did you mean: edit N1",
    "drop a b": "'drop' is not an action; did you mean: delete a b",
    "add Tip N": "'add' is not an action; did you mean: create tip N",
    "new TIP TIP": "'new' is not an action; did you mean: create tip TIP",
    "log other thing X": "'log' is not an action; did you mean: create other thing X",
    "tip N1": "'tip N1' is not an action; did you mean: create tip N1",
    "tip": f"'tip' is not an action. Allowed: {ALLOWED}",
    "eidt N1": "'eidt' is not an action; did you mean: edit N1",
    "crate tip N1": "'crate' is not an action; did you mean: create tip N1",
    "opne it": f"'opne it' is not an action; did you mean 'open'? Allowed: {ALLOWED}",
    "a\tb": f"{PRINTABLE} U+0009; write: a b",
    "\t": f"{PRINTABLE} U+0009",
    "edit\u00a0T1": f"{PRINTABLE} U+00A0; write: edit T1",
    "edit\tN\x071": f"{PRINTABLE} U+0009; write: edit N 1",
    "edit \x07": f"{PRINTABLE} U+0007",
}


@pytest.mark.parametrize("text", MEANT)
def test_what_words_mean(text: str) -> None:
    assert Grammar(WIRE.factory).parse(text) == MEANT[text]


@pytest.mark.parametrize("text", MEANT_NOTHING, ids=ascii)
def test_what_means_nothing_is_told_with_what_would(text: str) -> None:
    with pytest.raises(ActionError) as error:
        Grammar(WIRE.factory).parse(text)
    assert str(error.value) == MEANT_NOTHING[text]


MEANT_BY = {
    ("submit for approval", "service"): "did you mean 'insource complete', which leads to Waiting Approval? Allowed: ",
    ("assigning", "lead"): "did you mean 'outsource', which leads to Assigned? Allowed: ",
    ("submits", "lead"): "did you mean 'insource complete', which is for service? Allowed: ",
    ("submits", None): "did you mean 'insource complete', which leads to Waiting Approval? Allowed: ",
}


@pytest.mark.parametrize(("text", "actor"), MEANT_BY)
def test_a_status_action_is_meant_by_what_it_is_called_or_leads_to(text: str, actor: str | None) -> None:
    own = {
        "lead": "outsource, cancel, approve completion, reject completion, complete",
        "service": "accept, decline, start, insource complete",
        None: "outsource, cancel, accept, decline, start, insource complete, approve completion, reject completion, "
        "complete",
    }
    with pytest.raises(ActionError) as error:
        Grammar(MODEL.factory).parse(text, actor)
    allowed = f"create KIND NAME, edit NAME, delete NAME, {own[actor]}"
    assert str(error.value) == f"'{text}' is not an action; {MEANT_BY[text, actor]}{allowed}"


@pytest.mark.parametrize("text", ["serve", "sub", "service", "so"])
def test_what_is_like_nothing_is_not_guessed(text: str) -> None:
    with pytest.raises(ActionError) as error:
        Grammar(MODEL.factory).parse(text, "service")
    assert "did you mean" not in str(error.value)


def test_who_has_no_ticket_is_told_only_of_status_actions() -> None:
    policy = load_model(ROOT / "examples" / "policies" / "vdirsyncer" / "machines")
    with pytest.raises(ActionError, match=r"^'shrug' is not an action\. Allowed: sync$"):
        Grammar(policy.factory).parse("shrug", "timer")


def test_a_kind_of_several_words_is_one_kind() -> None:
    grammar = Grammar(MODEL.factory)
    assert grammar.parse("create time entry T1") == Action("create", "time entry", "T1")
    assert grammar.parse(" insource   complete ") == Action("insource complete")
    with pytest.raises(ActionError, match=r"^'create time entry' needs a name for the new item, as in 'create time"):
        grammar.parse("create time entry")
    with pytest.raises(ActionError, match=r"^a name has no blanks in it; write: create time entry A_B$"):
        grammar.parse("create time entry A B")
    with pytest.raises(ActionError, match=r"^'log' is not an action; did you mean: create time entry T1$"):
        grammar.parse("log Time Entry T1")


TEXT, FLAG, ALL = ("text",), ("text", "internal"), ("text", "internal", "type")
BODY, TIP = ("body",), ("body", "credit", "embargoed")
FIELDS: list[tuple[Model, dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str, ...]]]]]] = [
    (
        MODEL,
        {
            "time entry": (TEXT, TEXT, {"lead": FLAG, "service": TEXT}),
            "note": (FLAG, FLAG, {"lead": FLAG, "service": FLAG}),
            "charge": (TEXT, TEXT, {"lead": TEXT, "service": TEXT}),
            "attachment": (ALL, FLAG, {"lead": FLAG, "service": FLAG}),
        },
    ),
    (WIRE, {"story": (BODY, BODY, {"desk": TIP, "stringer": TIP}), "tip": (TIP, TIP, {"desk": TIP, "stringer": TIP})}),
]


@pytest.mark.parametrize(("model", "fields"), FIELDS, ids=["shipped", "wire"])
def test_the_fields_that_may_be_set_on_ones_own_and_on_what_a_copy_is(
    model: Model, fields: dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str, ...]]]]
) -> None:
    grammar, other = Grammar(model.factory), model.vocabulary.other
    assert list(fields) == list(model.vocabulary.kinds)
    for kind, (created, edited, copies) in fields.items():
        for owner, copied in copies.items():
            assert grammar.fields(Action("create", kind, "N1"), kind, owner, owner) == created
            assert grammar.fields(Action("edit", None, "N1"), kind, owner, owner) == edited
            assert grammar.fields(Action("edit", None, "N1"), kind, owner, other(owner)) == copied
            assert grammar.fields(Action("delete", None, "N1"), kind, owner, owner) == ()
            assert grammar.fields(Action("thaw"), kind, owner, other(owner)) == ()


CREATED = {"S1": ("stringer", "story"), "T1": ("desk", "tip"), "X": ("desk", None)}
UNKNOWN = Misuse(Code.UNKNOWN_ITEM, "'Y' is not an item that was created before. Allowed: S1, T1, X")


def misplaced(field: str, words: str, what: str) -> Misuse:
    return Misuse(Code.MISPLACED_FIELD, f"the field '{field}' does not belong to '{words}'; {what}", field)


MISUSES: list[tuple[Action, list[str], list[Misuse]]] = [
    (Action("create", "tip", "N1"), ["body", "credit"], []),
    (
        Action("create", "tip", "T1"),
        [],
        [
            Misuse(
                Code.DUPLICATE_ITEM,
                "'T1' was created already; a name is the handle of one item for good, and no ticket"
                " shows it: give the new one another; what it is called is said with 'body'",
            )
        ],
    ),
    (
        Action("create", "tip", "t1"),
        ["place", "body", "day"],
        [
            Misuse(Code.BAD_NAME, "'t1' and 'T1' differ in case only; name one of them otherwise"),
            misplaced("place", "create tip t1", "allowed here: body, credit, embargoed"),
            misplaced("day", "create tip t1", "allowed here: body, credit, embargoed"),
        ],
    ),
    (Action("create", None, "N1"), ["place"], []),
    (Action("edit", None, "Y"), ["place"], [UNKNOWN]),
    (Action("edit", None, "Y"), [], [UNKNOWN, Misuse(Code.EMPTY_EDIT, "an edit changes at least one field")]),
    (Action("edit", None, "X"), ["place"], []),
    (
        Action("edit", None, "S1"),
        [],
        [Misuse(Code.EMPTY_EDIT, "an edit changes at least one field: body or credit or embargoed")],
    ),
    (
        Action("edit", None, "S1"),
        ["embargoed", "kind"],
        [misplaced("kind", "edit S1", "allowed here: body, credit, embargoed")],
    ),
    (Action("delete", None, "T1"), [], []),
    (Action("delete", None, "T1"), ["body"], [misplaced("body", "delete T1", "'delete' takes no fields")]),
    (Action("open"), [], []),
    (Action("open"), ["body"], [misplaced("body", "open", "'open' takes no fields")]),
]


@pytest.mark.parametrize(("action", "fields", "misuses"), MISUSES)
def test_what_is_wrong_with_an_action_where_it_stands(action: Action, fields: list[str], misuses: list[Misuse]) -> None:
    assert list(Grammar(WIRE.factory).misuses(action, "desk", Created(CREATED), fields)) == misuses


def test_names_that_are_alike_are_found_whenever_they_were_created() -> None:
    created = Created()
    assert created.alike("n1") is None
    created["N1"] = ("desk", "tip")
    assert (created.alike("n1"), created.alike("n2")) == ("N1", None)
    created["n2"] = ("desk", "tip")
    created["\uff2e2"] = ("desk", "tip")
    assert (created.alike("N2"), created.alike("n1"), created.alike("n3")) == ("n2", "N1", None)
    assert Created(CREATED).alike("s1") == "S1"


def test_names_of_a_systems_own_may_differ_in_case_only() -> None:
    created = Created(CREATED, exact=True)
    assert (created.alike("s1"), dict(created)) == (None, CREATED)
