"""Forms that give a timestamp, a date or a duration."""

from __future__ import annotations

UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year")
_BY, _DAYS = ("7d", "90min", "1month"), ("1d", "1year", "1quarter")
_STARTS = ("start_of", "date_trunc")

FORMS = {
    "ts": [
        lambda w, d: f"({w.of('ts', d)} {w.pick('+-')} {w.pick(_BY)})",
        lambda w, d: f"({w.of('date', d)} {w.pick('+-')} {w.pick(_DAYS)})",
        lambda w, d: f"({w.of('ts', 0)} {w.pick('+-')} {w.of('dur', d)})",
        lambda w, d: f'{w.pick(_STARTS)}("{w.pick(UNITS)}", {w.of("ts", d)})',
        lambda w, d: f"cast({w.of('date', d)} as timestamp)",
        lambda w, d: f"try_cast({w.of('text', d)} as timestamp)",
    ],
    "date": [
        lambda w, d: f'start_of("{w.pick(UNITS)}", {w.of("date", d)})',
        lambda w, d: f"cast({w.of('ts', d)} as date)",
        lambda w, d: f"try_cast({w.of('text', d)} as date)",
    ],
    "dur": [
        lambda w, d: f"({w.time(d)} - {w.time(d)})",
        lambda w, d: f"({w.of('dur', d)} {w.pick('+-')} {w.of('dur', d)})",
        lambda w, d: f"({w.of('dur', 0)} * {w.pick(('2', '-1', '3'))})",
        lambda w, d: f"abs({w.of('dur', d)})",
        lambda w, d: f"(-{w.of('dur', 0)})",
    ],
}
