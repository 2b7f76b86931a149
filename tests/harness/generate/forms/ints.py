"""Forms that give an int."""

from __future__ import annotations

from tests.harness.generate.forms.floats import beyond
from tests.harness.generate.writer import Writer


def since(w: Writer, d: int) -> str | None:
    if not w.names.as_of:
        return None
    return f"{w.pick(('days_since', 'hours_since', 'age', 'days_until'))}({w.of('ts', d)})"


FORMS = {
    "int": [
        lambda w, d: f"({w.of('int', d)} {w.pick('+-')} {w.of('int', d)})",
        lambda w, d: f"({w.of('int', d)} * {w.pick(('2', '-1', '10'))})",
        lambda w, d: f"({w.of('int', d)} // {w.of('int', d)})",
        lambda w, d: f"({w.of('dur', d)} // {w.pick(('1h', '1d', '7min'))})",
        lambda w, d: f"mod({w.of('int', d)}, {w.of('int', d)})",
        lambda w, d: f"(-{w.of('int', 0)})",
        lambda w, d: f"{w.pick(('abs', 'sign', 'floor', 'ceil', 'round'))}({w.of('int', d)})",
        lambda w, d: f"sign({w.of(w.pick(('dec', 'float', 'dur')), d)})",
        lambda w, d: f"sign({beyond(w)})",
        lambda w, d: f"round({w.of('int', d)}, {w.constant('-1', '-2', '0', '1')})",
        lambda w, d: f"clip({w.of('int', d)}, {w.of('int', 0)}, {w.of('int', 0)})",
        lambda w, d: f"length({w.of('text', d)})",
        lambda w, d: f"bucket({w.number(d)}, [-1, 0, {w.constant('3')}, 100])",
        lambda w, d: f"days_between({w.time(d)}, {w.time(d)})",
        lambda w, d: f"calendar_days({w.time(d)}, {w.time(d)})",
        lambda w, d: f"{w.pick(('day_of_week', 'month_of_year'))}({w.time(d)})",
        lambda w, d: f"hour_of_day({w.of('ts', d)})",
        lambda w, d: f"cast({w.of(w.pick(('dec', 'float', 'bool')), d)} as int)",
        lambda w, d: f"try_cast({w.of(w.pick(('text', 'float', 'dec')), d)} as int)",
        since,
    ],
}
