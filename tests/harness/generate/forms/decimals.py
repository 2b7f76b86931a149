"""Forms that give a decimal."""

from __future__ import annotations

from tests.harness.generate.kinds import DECIMALS, NUMBERS

_WHOLE = ("dec", "int")

FORMS = {
    "dec": [
        lambda w, d: f"({w.of('dec', d)} {w.pick('+-')} {w.of(w.pick(_WHOLE), d)})",
        lambda w, d: f"({w.of('dec', 0)} * {w.of('dec', 0)})",
        lambda w, d: f"({w.of('int', 0)} * {w.of('dec', 0)})",
        lambda w, d: f"({w.of('dec', 0)} // {w.of('dec', 0)})",
        lambda w, d: f"mod({w.of('dec', 0)}, {w.of('dec', 0)})",
        lambda w, d: f"(-{w.of('dec', 0)})",
        lambda w, d: f"{w.pick(('abs', 'floor', 'ceil', 'round'))}({w.of('dec', d)})",
        lambda w, d: f"round({w.of('dec', d)}, {w.constant('-1', '0', '1', '3')})",
        lambda w, d: f"clip({w.of('dec', 0)}, {w.of('dec', 0)}, {w.of('int', 0)})",
        lambda w, d: f"cast({w.of(w.pick(NUMBERS), d)} as {w.pick(DECIMALS)})",
        lambda w, d: f"try_cast({w.of(w.pick(('text', *NUMBERS)), d)} as {w.pick(DECIMALS)})",
    ],
}
