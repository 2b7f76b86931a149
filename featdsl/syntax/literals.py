"""Values of literals as written; what cannot be read is reported and gives None."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import nearest
from featdsl.syntax.limits import DURATION_YEARS, NUMBER_DIGITS, TEXT_BYTES
from featdsl.text.span import Span
from featdsl.types.duration import FIXED_MICROS, UNITS, Duration

Report = Callable[[Diagnostic], None]

_ESCAPE = re.compile(r"\\(u\{([0-9A-Fa-f]{1,6})\}|.)|''")
_ESCAPED = {"n": "\n", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_INSTANT = re.compile(
    r"@(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:\d\d)?)?\Z"
)
# What people write for the units.
_MEANT = {
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "minute": "min",
    "minutes": "min",
    "mins": "min",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
    "wk": "w",
    "mo": "month",
    "mon": "month",
    "mth": "month",
    "months": "month",
    "q": "quarter",
    "quarters": "quarter",
    "y": "year",
    "yr": "year",
    "years": "year",
    "millis": "ms",
    "milliseconds": "ms",
}
_KNOWN_UNITS = "units: " + ", ".join(f"`{u}`" for u in UNITS)


def string_value(raw: str, span: Span, report: Report) -> str:
    """Value of a quoted text; triple quotes hold their text as it is, without escapes."""
    if raw.startswith('"""'):
        return _limited(raw[3:-3], span, report)
    body = raw[1:-1]
    if "\\" not in body and raw[0] == '"':
        return _limited(body, span, report)

    def replace(match: re.Match[str]) -> str:
        if match[1] is None:  # SQL's way to put a quote between single quotes
            return "'" if raw[0] == "'" else "''"
        if match[2] is not None:
            number = int(match[2], 16)
            if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
                return chr(number)
        elif match[1] in _ESCAPED:
            return _ESCAPED[match[1]]
        start = span.start + 1 + match.start()
        place = Span(span.source, start, start + len(match[0]))
        report(
            catalog.BAD_ESCAPE.at(place, f"`{match[0]}` is no escape that texts know")
            .note('escapes: `\\n`, `\\t`, `\\"`, `\\\\`, `\\u{1F600}`')
            .help('a backslash is written `\\\\`; between `"""` and `"""` nothing is an escape')
        )
        return ""

    return _limited(_ESCAPE.sub(replace, body), span, report)


def _limited(value: str, span: Span, report: Report) -> str:
    if len(value.encode("utf-8", "surrogatepass")) > TEXT_BYTES:
        report(
            catalog.TOO_LONG.at(span, f"text is longer than {TEXT_BYTES >> 10} KiB").help(
                "keep long texts in a file of their own"
            )
        )
    return value


def integer(raw: str, span: Span, report: Report) -> int:
    digits = raw.replace("_", "")
    return int(digits) if _few_digits(digits, raw, span, report) else 0


def decimal(raw: str, span: Span, report: Report) -> Decimal:
    """An exact decimal number with the digits as written."""
    digits = raw.replace("_", "")
    mantissa, _, exponent = digits.lower().partition("e")
    if not _few_digits(mantissa, raw, span, report):
        return Decimal(0)
    if len(exponent) > 4 or abs(Decimal(digits).adjusted()) > NUMBER_DIGITS:
        report(catalog.BAD_NUMBER.at(span, f"a number needs more than {NUMBER_DIGITS} digits"))
        return Decimal(0)
    return Decimal(digits)


def percent(raw: str, span: Span, report: Report) -> Decimal:
    """``15%`` as the share 0.15."""
    digits = raw[:-1].replace("_", "")
    if not _few_digits(digits, raw, span, report):
        return Decimal(0)
    return Decimal(f"{digits}E-2")


def _few_digits(digits: str, raw: str, span: Span, report: Report) -> bool:
    if len(digits.replace(".", "").lstrip("0")) > NUMBER_DIGITS or len(digits) > 1000:
        shown = raw if len(raw) <= 24 else f"{raw[:20]}…"
        report(
            catalog.BAD_NUMBER.at(span, f"`{shown}` has more than {NUMBER_DIGITS} digits").help(
                f"numbers have at most {NUMBER_DIGITS} digits"
            )
        )
        return False
    return True


def duration(raw: str, span: Span, report: Report) -> Duration:
    """``30d``; the unit is checked here, so that ``30dayz`` is one mistake with one place."""
    amount, unit = _split(raw)
    if unit in UNITS and len(amount) <= NUMBER_DIGITS:
        value = Duration(int(amount), unit)
        if _years(value) <= DURATION_YEARS:
            return value
        message = f"`{raw}` is longer than {DURATION_YEARS:,} years"
        report(catalog.BAD_DURATION.at(span, message).help("use `lifetime` for all rows"))
    elif unit in UNITS:
        report(catalog.BAD_DURATION.at(span, "a duration has too many digits"))
    else:
        report(bad_duration(raw, span))
    return Duration(1, "d")


def _split(raw: str) -> tuple[str, str]:
    letters = re.search("[A-Za-z]", raw)
    at = letters.start() if letters else len(raw)
    return raw[:at].replace("_", ""), raw[at:]


def _years(value: Duration) -> float:
    return value.months / 12 if value.is_calendar else value.micros / FIXED_MICROS["d"] / 365.25


def bad_duration(raw: str, span: Span) -> Diagnostic:
    """What is wrong with a number that letters follow."""
    amount, unit = _split(raw)
    if unit == "m":
        return catalog.BAD_DURATION.at(
            span, f"`{raw}` may mean minutes or months", "which of the two?"
        ).help(f"write `{amount}min` or `{amount}month`")
    if re.fullmatch(r"[eE]\d*", unit):
        return catalog.BAD_NUMBER.at(
            span, f"`{raw}` is no number: an exponent follows a number with a point"
        ).help(f"write `{amount}.0{unit}`, or all the digits")
    if re.fullmatch(r"([a-z]+\d+)+[a-z]+", unit):
        return catalog.BAD_DURATION.at(span, f"`{raw}` has several units").help(
            "a duration is one number and one unit: `90min` for 1 hour 30 minutes"
        )
    meant = unit_meant(unit)
    headline = f"unknown time unit `{unit}` in `{raw}`"
    if meant is None:
        return catalog.BAD_DURATION.at(span, headline).help(_KNOWN_UNITS)
    return catalog.BAD_DURATION.at(span, f"{headline}: did you mean `{amount}{meant}`?").note(
        _KNOWN_UNITS
    )


def unit_meant(word: str) -> str | None:
    """The unit that a word probably means; empty where it may be minutes or months."""
    lower = word.lower()
    if lower == "m":
        return ""
    if lower in UNITS:
        return lower
    found = _MEANT.get(lower) or (nearest(lower, [*UNITS, *_MEANT]) if len(lower) > 2 else None)
    return _MEANT.get(found or "", found)


def instant(raw: str, span: Span, report: Report) -> tuple[datetime, bool]:
    """The moment in UTC of ``@2024-01-03…``, and whether only a date was written."""
    match = _INSTANT.match(raw)
    if match is None:
        report(
            catalog.BAD_INSTANT.at(span, f"`{raw}` is no instant").help(
                "write `@2024-01-03` or `@2024-01-03T10:00:00`, at most 6 digits of a second"
            )
        )
        return datetime(1970, 1, 1, tzinfo=UTC), True
    date, time, zone = match.groups()
    try:
        value = datetime.fromisoformat(f"{date}T{time or '00:00'}{zone or 'Z'}")
        return value.astimezone(UTC), time is None
    except (ValueError, OverflowError) as error:
        reason = str(error)
        report(
            catalog.BAD_INSTANT.at(span, f"`{raw}` is no moment of the calendar", reason).help(
                "an instant is year, month 01-12, day, hour 00-23, minute, second, in UTC"
            )
        )
        return datetime(1970, 1, 1, tzinfo=UTC), True
