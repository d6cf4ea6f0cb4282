"""The lines of a log: whatever a file holds, a bad line is told with its number and spoils no other."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.questions.replay.log.columns import Logged, LogNames, Unreadable
from simsync.questions.replay.log.lines import MOST_LINES
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.log.text import LONGEST

READER = LogReader(load_model(ROOT / "machines"), LogNames())
HEADER = "ticket,actor,action,item,kind,text,internal\n"
GOOD = "T1,lead,outsource,,,,\n"


def read(text: str | bytes, *, is_csv: bool) -> tuple[list[tuple[int, str]], list[int]]:
    """The bad lines with what is said of them, and the numbers of the others."""
    raw = text.encode() if isinstance(text, str) else text
    found = list(READER.read(BytesIO(raw), "csv" if is_csv else "jsonl"))
    bad = [(one.line, one.why) for one in found if isinstance(one, Unreadable)]
    return bad, [one.line for one in found if isinstance(one, Logged)]


STRAY = [
    ('T2,lead,create,N1,note,"a,\n', 1),
    ('T2,lead,create,N1,note,"a\n', 1),
    ('T2,lead,create,N1,note,"a,true\nmore,"x"y\n', 2),
    ('"T2,lead,outsource,,,,\n', 1),
    ('T2,lead,create,N1,note,"' + "a\n" * (MOST_LINES + 3), MOST_LINES + 3),
    ('T2,lead,create,N1,note,"' + ("a" * (LONGEST // 4) + "\n") * 5, 5),
]


TRAILING = (
    "illegal trailing comma before end of object at character 16"
    if sys.version_info >= (3, 13)
    else "expecting property name enclosed in double quotes at character 17"
)
"""What Python says of a comma at the end of an object."""


@pytest.mark.parametrize(("stray", "count"), STRAY, ids=range(len(STRAY)))
@pytest.mark.parametrize("after", [GOOD, 'T3,lead,create,N2,note,"b, c",\n', 'T3,lead,create,N2,note,b"\'"",\n'])
def test_a_stray_quote_spoils_no_other_line(stray: str, count: int, after: str) -> None:
    bad, good = read(HEADER + GOOD + stray + after * 3, is_csv=True)
    assert [line for line, _ in bad] == list(range(3, 3 + count))
    assert bad[0][1].startswith("this is no CSV: ")
    assert good == [2, *range(3 + count, 6 + count)]


def test_a_stray_quote_in_the_last_line() -> None:
    bad, good = read(HEADER + GOOD + 'T2,lead,create,N1,note,"a', is_csv=True)
    assert (bad, good) == (
        [(3, "this is no CSV: a quote opens a cell in it and is not closed where the event ends")],
        [2],
    )


def test_a_quoted_text_may_have_lines() -> None:
    text = 'T1,lead,create,N1,note,"first, second\r\n\r\n""quoted"", third\nfourth",true\r\n'
    assert read(HEADER + text + GOOD, is_csv=True) == ([], [2, 6])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEADER.encode("utf-32"), "it is UTF-32 text; save it as UTF-8"),
        (HEADER.encode("utf-16")[:-3] + b"\x00\xd8\n\x00", "it is UTF-16 text that is damaged"),
        (b"\x1f\x8b\x08\x00", "it is compressed; unpack it first"),
        (b"PK\x03\x04...", "a ZIP archive or a spreadsheet"),
        (
            b"ticket,actor,action,fields\n1,2,3,4\n",
            "the header has the column 'fields'; in CSV each field has a column of its own: text, internal, type; "
            "if it is something else: ignored: [fields] in --map",
        ),
        (b"ticket\n1\n", "the header has no 'actor'. It has: ticket; columns in --map says what it is called"),
        (b"ticket,ticket,actor,action\n1,2,3\n", "the header has the column 'ticket' twice"),
        (b"tikcet;actor\n1;2\n", "the header has no 'ticket'; is it 'tikcet'? It has: tikcet"),
        (b"ticket,actor,actoin\n1,2,3\n", "the header has no 'action'; is it 'actoin'?"),
        (b"ticket,actor,action,statsu\n1,2,3,4\n", "'statsu' is not a key of a line; did you mean 'status'?"),
        (b"\xffticket,actor\n1,2\n", "the header cannot be read: it is not UTF-8 text"),
        (b"x" * (LONGEST + 5) + b"\n1,2\n", "the header cannot be read: it has more than"),
        (b"ticket,actor\r1,2\r", "the header cannot be read: this is no CSV: it has a carriage return"),
    ],
)
def test_a_file_that_is_no_log_is_told_once(text: bytes, told: str) -> None:
    ((line, why),), good = read(text, is_csv=True)
    assert (line, good) == (1, [])
    assert told in why


def test_a_mark_at_the_beginning_and_windows_line_ends_are_no_trouble() -> None:
    line = b'{"ticket": 1, "actor": "lead", "action": "outsource", "fields": null, "item": null}\r\n'
    assert read(b"\xef\xbb\xbf" + line + b"\r\n" + line, is_csv=False) == ([], [1, 3])
    assert read(b"\xef\xbb\xbf" + (HEADER + GOOD).replace("\n", "\r\n").encode(), is_csv=True) == ([], [2])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"ticket": "T1", "ticket": "T2"}', "it has the key 'ticket' twice in one object"),
        ('{"ticket": "T1", "fields": {"text": "a", "text": "b"}}', "it has the key 'text' twice"),
        ('{"ticket": "T1", "text": "a", "fields": {"text": "b"}}', "'text' stands beside 'fields' and in it"),
        ('{"ticket": NaN}', "NaN is no number in JSON"),
        ('{"ticket": ' + "1" * 5000 + "}", "a number in it is too long"),
        ('{"ticket": "T1",}', f"this is no JSON: {TRAILING}"),
        ('{"ticket": "T1", "actor": ["lead"], "action": "outsource"}', "'actor' is a partner by its name"),
        ('{"ticket": "T1", "actor": "lead", "action": {}}', "'action' is an action by its name"),
        ('{"ticket": "T1", "actor": "lead", "action": "outsource", "refused": []}', "'refused' is true, false"),
        ('{"ticket": "T1", "actor": "lead", "action": "outsource", "notified": {}}', "'notified' is a list of names"),
        ('{"ticket": "T1", "actor": "lead", "action": "outsource", "notified": [[]]}', "'notified' is a list of names"),
        ('{"ticket": "T1"}\r{"ticket": "T2"}', "it has a carriage return inside; lines end with LF or CR LF"),
        ("\0", "this is no JSON"),
    ],
)
def test_what_could_be_read_in_two_ways_or_is_of_another_type(line: str, told: str) -> None:
    good = '{"ticket": "T1", "actor": "lead", "action": "outsource"}\n'
    ((number, why),), others = read(good + line + "\n" + good, is_csv=False)
    assert (number, others) == (2, [1, 3])
    assert told in why


def test_a_bad_character_is_told_with_its_column(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"ticket": oops}\n')
    code, _, err = cli("replay", path)
    assert (code, f"{path}:1:12: syntax: this is no JSON: expecting value at character 12" in err) == (2, True)


def test_a_log_that_breaks_off_is_told() -> None:
    class Broken(BytesIO):
        name = "log.jsonl"

        def read1(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(SimsyncError, match=r"log.jsonl: unreadable: it cannot be read: Input/output error"):
        list(READER.read(Broken()))


LINE = '{"ticket": "T1", "actor": "lead", "action": "outsource"}'
CUT = '{"ticket": "T1", "actor": "lead",'
TABLE = HEADER + GOOD * 2


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (f"[{LINE}, {LINE}]", [1, 1]),
        (f"[\n  {LINE},\n\n  {LINE}\n]\n", [2, 4]),
        (f"[{LINE}]\n[{LINE}]\n", [1, 2]),
        (f"{LINE}\n".replace("{", "{\n").replace(",", ",\n") * 2, [1, 5]),
        (f"{LINE}\n\n \n\ufeff{LINE}", [1, 4]),
        (TABLE, [2, 3]),
        (TABLE.replace(",", ";"), [2, 3]),
        (TABLE.replace(",", "\t"), [2, 3]),
        (TABLE.replace(",", "|"), [2, 3]),
        ("sep=;\r\n" + TABLE.replace(",", ";").replace("\n", "\r\n"), [3, 4]),
        ("sep=\t\n" + TABLE.replace(",", "\t"), [3, 4]),
        (TABLE + TABLE, [2, 3, 5, 6]),
        (TABLE + "action,ticket,actor\n" + "outsource,T1,lead\n", [2, 3, 5]),
        ("\n\n" + TABLE + ",,,,,,\n\n" + GOOD, [4, 5, 8]),
        (TABLE.replace("internal", "x,x").replace("\nT1", "\nT1").replace(",,,,\n", ",,,,,\n"), [2, 3]),
        ("ticket , actor, action\nT1 , lead, outsource \n", [2]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_log_is_understood_however_it_was_saved(text: str, good: list[int], encoding: str) -> None:
    found = list(READER.read(BytesIO(text.encode(encoding))))
    assert [(one.line, one) for one in found if isinstance(one, Unreadable)] == []
    assert [one.line for one in found] == good
    assert {one.ticket for one in found} == {"T1"}


@pytest.mark.parametrize(
    ("text", "bad", "good"),
    [
        (f"[{LINE}, 3, {LINE}]", {1: "a JSON object is wanted"}, [1, 1]),
        (f"[\n{LINE},\n{CUT}\n{LINE}]", {3: "this is no JSON"}, [2, 4]),
        (f"[\n{LINE},\n", {2: "the log breaks off after this"}, [2]),
        (f"[\n{LINE},\n{CUT}", {3: "this is no JSON"}, [2]),
        (f"[\n{LINE}\n]]\n", {3: "this is no JSON"}, [2]),
        ("{\n" + '"ticket": "' + "x" * LONGEST + '"\n}\n' + LINE, {2: "more than"}, [4]),
    ],
)
def test_what_is_wrong_in_an_array_of_objects(text: str, bad: dict[int, str], good: list[int]) -> None:
    found = list(READER.read(BytesIO(text.encode())))
    assert [one.line for one in found if isinstance(one, Logged)] == good
    for line, told in bad.items():
        assert any(isinstance(one, Unreadable) and one.line == line and told in one.why for one in found)


@pytest.mark.parametrize(
    ("key", "meant"),
    [("statsu", "status"), ("Status", "status"), ("befor", "before"), ("notifed", "notified"), ("feilds", "fields"),
     ("tickts", "tickets"), ("item_id", "item"), ("txet", "text"), ("times", "time"), ("refuse", "refused")],
)  # fmt: skip
def test_a_misspelt_key_is_an_error_with_the_nearest_spelling(key: str, meant: str) -> None:
    line = f'{{"ticket": "T1", "actor": "lead", "action": "outsource", "{key}": "x"}}'
    ((_, why),), good = read(line, is_csv=False)
    assert good == []
    assert f"'{key}' is not a key of a line; did you mean '{meant}'?" in why
    assert why.endswith(f"if it is something else: ignored: [{key}] in --map")
    reader = LogReader(load_model(ROOT / "machines"), LogNames(ignored=(key,)))
    assert isinstance(next(reader.read(BytesIO(line.encode()))), Logged)


def test_keys_that_say_nothing_here_are_named_at_the_end() -> None:
    reader = LogReader(load_model(ROOT / "machines"), LogNames())
    line = LINE[:-1] + ', "ip": 1, "id": 7, "status": "Assigned", "state": 3, "tickets": {"lead": {"N1": {"by": 1}}}}'
    assert [type(one) for one in reader.read(BytesIO(line.encode()))] == [Logged]
    assert reader.unread == ["ip", "id", "state", "by (of what tickets show)"]
    misspelt = LINE[:-1] + ', "tickets": {"lead": {"N1": {"txet": "a"}}}}'
    (bad,) = reader.read(BytesIO(misspelt.encode()))
    assert isinstance(bad, Unreadable)
    assert "'txet' is not shown of an item; did you mean 'text'?" in bad.why
    assert bad.ticket == "T1"
