"""Calls of aggregates over all rows of a set, as expectations may have them."""

from __future__ import annotations

from random import Random

from tests.harness.generate.writer import Writer

_STORED = ("int", "dec", "float", "text", "bool", "ts", "date")
_OF: dict[str, tuple[str, ...]] = {
    "int": ("count()", "count(any)", "count_distinct(any)", "sum(int)", "min(int)", "max(int)"),
    "dec": ("sum(dec)", "min(dec)", "max(dec)"),
    "float": ("avg(int)", "avg(dec)", "ratio(bool)", "min(float)", "max(float)"),
    "text": ("min(text)", "max(text)", "mode(text)"),
    "bool": ("any(bool)", "all(bool)", "exists()"),
    "ts": ("min(ts)", "max(ts)"),
    "date": ("min(date)", "max(date)"),
    "rough": ("stddev(int)", "median(dec)", "quantile(int, 0.25)", "variance_pop(float)"),
}
_DEFAULTS = {"int": "0", "dec": "0.5", "float": "0.25", "text": '"x"'}


def call(r: Random, rows: Writer, kind: str, depth: int) -> str | None:
    """A call that gives a value of a kind; None where there is none."""
    if kind not in _OF:
        return None
    name, _, inner = r.choice(_OF[kind]).removesuffix(")").partition("(")
    of, *constants = inner.split(", ")
    of = r.choice(_STORED) if of == "any" else of
    args = [rows.of(of, min(depth, 1)), *constants] if of else []
    text = ", ".join(args)
    if r.random() < 0.4:
        text += f" where {rows.of('bool', r.choice((0, 1, 2)))}"
    if kind in _DEFAULTS and not name.startswith(("count", "ratio")) and r.random() < 0.2:
        text += f" default {_DEFAULTS[kind]}"
    return f"{name}({text.strip()})"
