"""When something happened, in the usual ways of writing it.

What `datetime.fromisoformat` does not read is tried form by form. `email.utils` reads some of that, but passes over AM
and PM, and over words that it does not know.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from simsync.questions.replay.log.columns import Moment

EXAMPLE = "2024-03-01T10:05:00Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"([-+]?)(\d{1,19})(?:[.,](\d{0,18}))?\Z", re.ASCII)
_COMPACT = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d(?:[0-2]\d[0-5]\d[0-5]\d)?\Z", re.ASCII)
_FRACTION = re.compile(r"(?<=:\d\d)[.,](\d{1,6})\d*", re.ASCII)
_NOON = re.compile(r"(?<=\d) ?([AaPp])\.?[Mm]\.?(?=\s|\Z)", re.ASCII)
_ZONE = re.compile(r"(?<=\d) ?(?:UTC|GMT|Z)\Z", re.IGNORECASE)
_OFFSET = re.compile(r"(?<=:\d\d) ?([-+]\d\d:?\d\d)\Z|(?<=\.\d{6}) ?([-+]\d\d:?\d\d)\Z", re.ASCII)
_LEAP = re.compile(r"(?<=\d\d:\d\d):60(?!\d)", re.ASCII)
_AMBIGUOUS = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b", re.ASCII)
_DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d %Y", "%B %d %Y",
    "%a %d %b %Y", "%a %b %d %Y",
)  # fmt: skip
_TIMES = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M:%S.%f %p")
_FORMS = tuple(f"{day} {time}{zone}" for day in _DAYS for time in _TIMES for zone in ("", " %z"))
_FORMS += (*_DAYS, "%a %b %d %H:%M:%S %Y")
_UNITS = ((10**11, 10**6), (10**14, 10**3), (10**17, 1))
"""Up to which size a number counts seconds, thousandths and millionths, and the millionths in one."""


class NoMomentError(ValueError):
    """A text or number that says no moment; the message is a sentence."""


class Clock:
    """Reads moments: ISO 8601, numbers of seconds (or parts of one) since 1970, and other usual ways of writing them.

    ``form`` is the only one to be read, as ``strptime`` has it.

    >>> [Clock().read(one).micros for one in ("1970-01-01T00:00:01Z", 1, "1 Jan 1970, 01:00:01 +0100")]
    [1000000, 1000000, 1000000]
    """

    def __init__(self, form: str | None = None) -> None:
        self._form = form
        self._last = _FORMS[0]

    def read(self, value: object) -> Moment:
        """What a value says; raises :class:`NoMomentError`."""
        if type(value) is str and value[4:5] == "-" and self._form is None:
            try:
                return _moment(datetime.fromisoformat(value))
            except ValueError:
                pass
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise NoMomentError("it is a text or a number")
        text = str(value).strip()
        try:
            return _moment(datetime.strptime(text, self._form)) if self._form is not None else self._usual(text)
        except (ValueError, OverflowError):
            raise NoMomentError(_why_not(text if len(text) <= 60 else f"{text[:57]}...", self._form)) from None

    def _usual(self, text: str) -> Moment:
        if _COMPACT.match(text):
            return _moment(datetime.strptime(text, "%Y%m%d%H%M%S" if len(text) > 8 else "%Y%m%d"))
        if (number := _NUMBER.match(text)) is not None:
            return _counted(*number.groups(""))
        try:
            return _moment(datetime.fromisoformat(text))
        except ValueError:
            pass
        if (
            leap := _LEAP.search(text)
        ) is not None:  # it is the first one of the next minute, as clocks without it have
            micros, zoned = self._usual(f"{text[: leap.start()]}:59{text[leap.end() :]}")
            return Moment(micros + 1_000_000, zoned)
        plain = _plain(text)
        for form in (self._last, *_FORMS):
            try:
                found = _moment(datetime.strptime(plain, form))
            except ValueError:
                continue
            self._last = form
            return found
        raise ValueError(text)


def _plain(text: str) -> str:
    """A moment with one way of writing fractions, halves of the day and zones, and without commas."""
    plain = re.sub(r"(?<=\d)[Tt](?=\d)", " ", text)
    plain = _ZONE.sub("+0000", plain)
    plain = _FRACTION.sub(lambda part: f".{part[1]:0<6}", plain)
    plain = _OFFSET.sub(lambda offset: f" {offset[1] or offset[2]}", plain)
    plain = _NOON.sub(lambda half: f" {half[1].upper()}M", plain)
    return " ".join(plain.replace(",", " ").split())


def _counted(sign: str, whole: str, part: str) -> Moment:
    number = int(whole)
    unit = next((unit for most, unit in _UNITS if number < most), 0)
    micros = number * unit + int(f"{part[:6]:0<6}") * unit // 10**6 if unit else number // 1000
    return Moment(-micros if sign == "-" else micros, True)


def _moment(when: datetime) -> Moment:
    zoned = when.tzinfo is not None
    since = when - _EPOCH if zoned else when.replace(tzinfo=UTC) - _EPOCH
    return Moment((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds, zoned)


def _why_not(shown: str, form: str | None) -> str:
    if form is not None:
        return f"'{shown}' is not written as '{form}'"
    if _AMBIGUOUS.match(shown):
        return (
            f"'{shown}' can be read with the day or the month first; --map says which: "
            "time format: '%d/%m/%Y %H:%M:%S', or '%m/%d/%Y %H:%M:%S'"
        )
    return f"'{shown}' is no time that is known here, such as {EXAMPLE} or seconds since 1970"
