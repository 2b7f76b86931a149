"""Forms that are true, false or null."""

from __future__ import annotations

from tests.harness.generate.forms.floats import beyond
from tests.harness.generate.forms.texts import PATTERNS
from tests.harness.generate.kinds import KINDS, NUMBERS
from tests.harness.generate.writer import Writer

_LIKES = ('"x%"', '"%"', '"_"', '"%y"', '"x\\\\_%"', '""')
_WORDS = ("contains", "starts_with", "ends_with")


def comparison(w: Writer, d: int) -> str:
    kind = other = w.pick(KINDS)
    if kind in NUMBERS:
        other = w.pick(NUMBERS)
    elif kind in ("ts", "date"):
        other = w.pick(("ts", "date"))
    op = w.pick(("=", "!=", "<", "<=", ">", ">="))
    return f"({w.of(kind, d)} {op} {w.of(other, d)})"


def membership(w: Writer, d: int) -> str:
    kind, no = w.pick(("int", "dec", "text", "date", "float")), w.pick(("", "not "))
    known = w.names.lists.get(kind, [])
    if known and w.chance(0.4):
        return f"({w.of(kind, d)} {no}in {w.pick(known)})"
    items = [w.leaf(kind) for _ in range(w.pick((1, 2, 3)))]
    if w.chance(0.15):
        items.append("null")
    return f"({w.of(kind, d)} {no}in [{', '.join(items)}])"


def between(w: Writer, d: int) -> str:
    kind = w.pick(("int", "dec", "float", "text", "ts", "date", "dur"))
    low, high = w.of(kind, 0), w.of(kind, 0)
    return f"({w.of(kind, d)} {w.pick(('', 'not '))}between {low} and {high})"


FORMS = {
    "bool": [
        comparison,
        comparison,
        lambda w, d: f"({w.of('bool', d)} {w.pick(('and', 'or'))} {w.of('bool', d)})",
        lambda w, d: f"(not {w.of('bool', d)})",
        lambda w, d: f"({w.of(w.pick((*KINDS, 'texts')), d)} is {w.pick(('', 'not '))}null)",
        lambda w, d: f"({beyond(w)} {w.pick(('<', '>', '>=', '!='))} {w.number(0)})",
        lambda w, d: f"({beyond(w)} is {w.pick(('', 'not '))}null)",
        membership,
        between,
        lambda w, d: f"({w.of('text', d)} {w.pick(('', 'not '))}like {w.pick(_LIKES)})",
        lambda w, d: f'({w.of("text", d)} matches "{w.pick(PATTERNS)}")',
        lambda w, d: f"{w.pick(_WORDS)}({w.of('text', d)}, {w.of('text', 0)})",
        lambda w, d: f"is_weekend({w.time(d)})",
        lambda w, d: f"cast({w.of('int', d)} as bool)",
        lambda w, d: f"try_cast({w.of('text', d)} as bool)",
    ],
}
