"""Forms that give a float, exact or rough."""

from __future__ import annotations

from tests.harness.generate.writer import Writer

_ONE = ("abs", "floor", "ceil", "round", "sqrt", "sqrt")


def beyond(w: Writer) -> str:
    """A product that may be infinite, of columns and the like."""
    x = w.of("float", 0)
    return f"({x} * {w.pick((x, w.of('float', 0)))})"


FORMS = {
    "float": [
        lambda w, d: f"({beyond(w)} ?? {w.of('float', 0)})",
        lambda w, d: f"coalesce({beyond(w)}, {w.number(0)} / {w.number(0)}, {w.leaf('float')})",
        lambda w, d: f"abs({beyond(w)} {w.pick('+-')} {beyond(w)})",
        lambda w, d: f"({w.of('float', d)} {w.pick('+-*')} {w.number(d)})",
        lambda w, d: f"({w.of('int', 0)} {w.pick('+-*')} {w.of('float', d)})",
        lambda w, d: f"({w.number(d)} / {w.number(d)})",
        lambda w, d: f"({w.of('dur', d)} / {w.of('dur', d)})",
        lambda w, d: f"({w.of('float', d)} // {w.number(d)})",
        lambda w, d: f"mod({w.of('float', d)}, {w.number(d)})",
        lambda w, d: f"(-{w.of('float', d)})",
        lambda w, d: f"{w.pick(_ONE)}({w.of('float', d)})",
        lambda w, d: f"round({w.of('float', d)}, {w.constant('-1', '0', '1', '2')})",
        lambda w, d: f"clip({w.of('float', d)}, {w.of('int', 0)}, {w.of('dec', 0)})",
        lambda w, d: f"cast({w.of(w.pick(('int', 'dec')), d)} as float)",
        lambda w, d: f"try_cast({w.of('text', d)} as float)",
    ],
    "rough": [
        lambda w, d: f"({w.leaf('rough', d)} * {w.pick(('2', '0.1', '-1'))})",
        lambda w, d: f"{w.pick(('ln', 'exp', 'log'))}({w.of('int', d)})",
        lambda w, d: f"log({w.of('int', d)}, {w.constant('2', '10', '3', '1', '0')})",
        lambda w, d: f"distance({', '.join(w.number(d) for _ in range(4))})",
        lambda w, d: f"power({w.of('float', d)}, {w.pick(('2', '0.5', '-1', '0'))})",
    ],
}
