"""What can be a name, and which two are too much alike: the sentences, whole."""

from __future__ import annotations

import pytest

from simsync.policy.names import folded, too_alike, wrong_with


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("N1", "n1"),
        ("a  b", "a b"),
        (" a b ", "a b"),
        ("Stra\u00dfe  1", "strasse 1"),
        ("e\u0301", "\u00e9"),
        ("\uff21", "a"),
        ("\u00c9  x", "\u00e9 x"),
        ("\u1e9e", "ss"),
        ("\u0390", "\u03b9\u0308\u0301"),
        ("\u03d3", "\u038e"),
        ("\u1d2e", "b"),
    ],
)
def test_names_that_readers_take_for_one(name: str, same: str) -> None:
    assert folded(name) == folded(same)


@pytest.mark.parametrize(("name", "other"), [("n1", "n2"), ("ab", "a b"), ("\u00e9", "e"), ("\u0430", "a")])
def test_names_that_readers_tell_apart(name: str, other: str) -> None:
    assert folded(name) != folded(other)


def test_what_is_left_of_a_name() -> None:
    assert (folded(" N1  X "), folded("\u00c9  X"), folded("\uff21")) == ("n1 x", "\u00e9 x", "a")


@pytest.mark.parametrize(
    ("name", "other", "sentence"),
    [
        ("n1", "N1", "'n1' and 'N1' differ in case only; name one of them otherwise"),
        (
            "e\u0301",
            "\u00e9",
            "'e\u0301' and '\u00e9' look alike (0301 and 00E9); name one of them otherwise",
        ),
        ("a b", "a  b", "'a b' and 'a  b' look alike (plain letters and plain letters); name one of them otherwise"),
        (
            "e\u0301\u0301",
            "ae",
            "'e\u0301\u0301' and 'ae' look alike (0301+0301 and plain letters); name one of them otherwise",
        ),
    ],
)
def test_names_too_much_alike_are_told_by_what_differs(name: str, other: str, sentence: str) -> None:
    assert too_alike(name, other) == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "a state needs a name; this one is empty"),
        (" ", "a state needs a name; this one is blank"),
        ("\n", "a state needs a name; this one is blank"),
        ("a\nb\t c", "a state's name is one line of printable characters: write 'a b c'"),
        (" Open", "a state's name has no blanks around it: write 'Open', not ' Open'"),
        ("Open  ", "a state's name has no blanks around it: write 'Open', not 'Open  '"),
        ("In Progress", None),
    ],
)
def test_why_a_text_is_no_name(name: str, sentence: str | None) -> None:
    assert wrong_with("a state", name) == sentence
