"""Texts that differ and look alike are told so that the eye can tell them apart."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsync.alike import apart, look_alike, quoted
from simsync.errors import listed, not_among
from simsync.report import phrases

PAIRS = [
    ("composed and decomposed", "cafe\u0301", "caf\u00e9", '"cafe\\u0301"', '"caf\\u00e9"'),
    ("a blank at the end", "a b ", "a b", '"a b "', '"a b"'),
    ("a blank at the start", " a", "a", '" a"', '"a"'),
    ("two blanks", "a  b", "a b", '"a  b"', '"a b"'),
    ("Cyrillic", "\u0430dmin", "admin", '"\\u0430dmin"', '"admin"'),
    ("all of it Cyrillic", "\u0441\u043e\u0441\u043e", "coco", '"\\u0441\\u043e\\u0441\\u043e"', '"coco"'),
    ("Greek", "C\u03bfmplete", "Complete", '"C\\u03bfmplete"', '"Complete"'),
    ("full width", "\uff46ull", "full", '"\\uff46ull"', '"full"'),
    ("a no-break space", "a\u00a0b", "a b", '"a\\u00a0b"', '"a b"'),
    ("no width", "a\u200bb", "ab", '"a\\u200bb"', '"ab"'),
    ("a soft hyphen", "a\u00adb", "ab", '"a\\u00adb"', '"ab"'),
    ("a tab", "a\tb", "a b", '"a\\tb"', '"a b"'),
    ("line breaks", "a\r\nb", "a\nb", '"a\\r\\nb"', '"a\\nb"'),
    ("another line break", "a\u2028b", "a\nb", '"a\\u2028b"', '"a\\nb"'),
    ("quotes", "don\u2019t", "don't", '"don\\u2019t"', '"don\'t"'),
    ("dashes", "a \u2013 b", "a - b", '"a \\u2013 b"', '"a - b"'),
    ("a variation selector", "\u2764\ufe0f", "\u2764", '"\u2764\\ufe0f"', '"\u2764"'),
]


@pytest.mark.parametrize(("one", "other", "said", "others"), [p[1:] for p in PAIRS], ids=[p[0] for p in PAIRS])
def test_what_differs_is_escaped(one: str, other: str, said: str, others: str) -> None:
    assert look_alike(one, other)
    assert apart(one, other) == (said, others)
    assert apart(other, one) == (others, said)


def test_texts_that_differ_plainly_stay_as_they_are() -> None:
    for one, other in [("admin", "guest"), ("кот", "cat"), ("café", "cafe"), ("m²", "m2"), ("Ab", "ab")]:
        assert not look_alike(one, other)
        assert apart(one, other) == (one, other)


def test_beside_what_differs_plainly_what_is_alike_is_escaped_too() -> None:
    assert apart("naïve cafe\u0301 broken", "naïve café mended") == (
        '"naïve cafe\\u0301 broken"',
        '"naïve caf\\u00e9 mended"',
    )


def test_a_letter_of_another_script_is_escaped_where_it_mixes_with_others() -> None:
    assert apart("\u13a0one", "Done") == ('"\\u13a0one"', '"Done"')


def test_long_texts_are_shown_from_where_they_differ() -> None:
    one, other = apart("x" * 40_000 + "a", "x" * 40_000 + "b")
    assert one == "..." + "x" * 40 + "a (40,001 characters, from character 39,961 on)"
    assert other == "..." + "x" * 40 + "b (40,001 characters, from character 39,961 on)"
    assert apart("x" * 400, "x" * 399) == (
        "..." + "x" * 41 + " (400 characters, from character 360 on)",
        "..." + "x" * 40 + " (399 characters, from character 360 on)",
    )


ODD = st.text(st.sampled_from('a bntuе\u0435e\u0301é \t\n\r\x0b\u00a0\u200b\u2028"\\ıi·•-–'), max_size=8)


@given(ODD, ODD)
def test_two_texts_that_differ_never_come_out_alike(one: str, other: str) -> None:
    said, others = apart(one, other)
    assert (said == others) is (one == other)
    assert not look_alike(said, others)
    if one != other:
        assert unicodedata.normalize("NFC", said).strip() != unicodedata.normalize("NFC", others).strip()


def test_a_name_that_looks_like_an_allowed_one_is_said_to() -> None:
    sentence = '"cafe\\u0301" is not an item; it looks like "caf\\u00e9", which is.'
    assert not_among("an item", "cafe\u0301", ["N1", "caf\u00e9"]) == sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\\\\server\\share\\log.txt", "\\\\server\\share\\log.txt"),
        ("C:\\data\\\\x", "C:\\data\\\\x"),
        ("C:\\temp", "C:\\\\temp"),
        ("\\\\temp", "\\\\\\\\temp"),
        ("\\\\\n", "\\\\\\\\\\n"),
    ],
)
def test_a_backslash_is_doubled_only_before_what_would_be_an_escape(text: str, said: str) -> None:
    assert quoted(text) == f'"{said}"'


def test_a_list_of_names_quotes_those_that_have_a_comma() -> None:
    assert listed(["owner", "the owner, told of x", " a"]) == 'owner, "the owner, told of x", " a"'


def test_values_inside_values_are_told_apart() -> None:
    one, other = phrases.apart({"kind": "note", "text": "a, b "}, {"kind": "note", "text": "a, b"})
    assert (one, other) == ('{kind: note, text: "a, b "}', '{kind: note, text: "a, b"}')
