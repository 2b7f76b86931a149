"""Forms that give a text."""

from __future__ import annotations

PATTERNS = ("^x", "[a-y]+", "(x|é)$", "^$", "x.y", "(?i)b", "([0-9]+)")
_CAST = ("int", "dec", "bool", "ts", "date")
_START, _LENGTH = ("1", "2", "3"), ("0", "1", "2")

FORMS = {
    "text": [
        lambda w, d: f"{w.pick(('lower', 'upper', 'trim', 'hash'))}({w.of('text', d)})",
        lambda w, d: f"hash({w.of('int', d)})",
        lambda w, d: f"concat({w.of('text', d)}, {w.of('text', d)})",
        lambda w, d: f"substring({w.of('text', d)}, {w.constant(*_START)}, {w.constant(*_LENGTH)})",
        lambda w, d: f"substring({w.of('text', d)}, {w.constant(*_START)})",
        lambda w, d: f"replace({w.of('text', d)}, {w.of('text', 0)}, {w.of('text', 0)})",
        lambda w, d: f'extract({w.of("text", d)}, "{w.pick(PATTERNS)}")',
        lambda w, d: f"cast({w.of(w.pick(_CAST), d)} as text)",
    ],
}
