"""Calls over groups of rows (`per`), and calls that look back at rows before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tests.harness.generate.caller import Call, Caller
from tests.harness.generate.clauses import WINDOW, over, where
from tests.harness.generate.kinds import KINDS, STORED
from tests.harness.generate.writer import Writer

_GAPS = ("90min", "30min", "1d", "500ms")
_KEYS = ("int", "text", "date", "ts", "bool")
_INNER = {
    "int": ("count", "sum", "count_distinct"),
    "dec": ("sum",),
    "bool": ("any", "all"),
    "dur": ("sum",),
}
_OF_INTS = ("sum", "count", "count_distinct", "stored")


def _session(c: Caller) -> str:
    return f"session({c.time}, gap: {c.pick(_GAPS)})"


def _looking(c: Caller) -> Writer:
    """Of values of rows, some of them of rows before."""

    def before(kind: str, depth: int) -> str | None:
        if kind == "ts" and c.r.random() < 0.3:
            return _session(c)
        if kind not in KINDS or c.r.random() < 0.5:
            return None
        return f"previous({c.rows.of(kind, c.r.choice((0, 1)))}{c.pick(('', '', ', 2', ', 7'))})"

    names = c.rows.names
    return Writer(c.r, replace(names, as_of=True, aggregate=before))


def _rows(c: Caller) -> Writer:
    return _looking(c) if c.ordered and c.r.random() < 0.5 else c.rows


def _inner(c: Caller, kind: str, rows: Writer) -> str | None:
    """An aggregate of the rows of a group."""
    if kind not in KINDS:
        return None
    stored = ("min", "max", "first", "last") if c.ordered else ("min", "max", "mode")
    name = c.pick((*_INNER.get(kind, ()), *stored))
    if name == "mode" and kind == "dur":
        name = "max"
    args = [rows.of(kind, 1)]
    if name == "count":
        args = []
    elif name == "count_distinct":
        args = [rows.of(c.pick(STORED), 1)]
    own = f" where {rows.of('bool', 1)}" if c.r.random() < 0.3 else ""
    default = " default 0" if kind == "int" and c.r.random() < 0.3 else ""
    return f"{name}({', '.join(args)}{own}{default})"


def _keys(c: Caller, rows: Writer) -> dict[str, str]:
    """What rows are grouped by, by kind: each reads a column."""
    if c.ordered and c.r.random() < 0.25:
        return {"ts": _session(c)}
    kinds = dict.fromkeys(c.pick(_KEYS) for _ in range(c.r.choice((1, 1, 2))))
    keys = {k: rows.of(k, c.r.choice((0, 1))) for k in kinds}
    columns = [re.escape(name) for listed in c.columns.values() for name in listed]
    reads = re.compile(rf"(?<![\w$`])({'|'.join(columns)})(?!\w)")
    return {k: text for k, text in keys.items() if reads.search(text) and "fn_" not in text}


def _finished(c: Caller, name: str, args: Sequence[str], condition: str, per: str) -> str:
    text = f"{', '.join(args)}{where(condition)}{per}"
    if c.timed:
        text += over(c.pick(c.windows)) if c.r.random() < 0.4 else WINDOW
    return f"{name}({text})"


def _arguments(c: Caller, kind: str, values: Writer) -> tuple[str, list[str]]:
    """An aggregate that gives a value of a kind, and its arguments."""
    stored = ("min", "max", "mode", *(("first", "last") if c.ordered else ()))
    match kind:
        case "int":
            name = c.pick(_OF_INTS)
            if name == "count":
                return name, []
            if name == "count_distinct":
                return name, [values.of(c.pick(STORED), 1)]
            return (name if name == "sum" else c.pick(stored)), [values.of("int", 1)]
        case "float":
            return "avg", [values.of(c.pick(("int", "dec")), 1)]
        case "rough":
            name = c.pick(("median", "stddev", *(("slope",) if c.timed else ())))
            return name, [values.of(c.pick(("int", "dec")), 1)]
        case "bool":
            return c.pick(("any", "all")), [values.of("bool", 1)]
        case "dur":
            return c.pick(("sum", "avg", "max")), [values.of("dur", 1)]
        case _:
            return c.pick(stored), [values.of(kind, 1)]


def grouped(kind: str) -> Call:
    def call(c: Caller, depth: int) -> str | None:
        rows = _rows(c)
        keys = _keys(c, rows)
        if not keys:
            return None

        def inner(wanted: str, depth: int) -> str | None:
            if wanted in keys and c.r.random() < 0.4:
                return keys[wanted]
            return _inner(c, wanted, rows)

        names = replace(c.rows.names, by_kind={}, as_of=True, functions={}, aggregate=inner)
        groups = Writer(c.r, names)
        name, args = _arguments(c, kind, groups)
        asked = c.pick((None, None, rows, c.rows))
        condition = "" if asked is None else asked.of("bool", 1)
        return _finished(c, name, args, condition, f" per {', '.join(keys.values())}")

    return call


def of_groups(c: Caller) -> str | None:
    """How many groups of rows pass a condition: it stands by itself, beside none of rows."""
    rows = _rows(c)
    keys = _keys(c, rows)
    if not keys:
        return None
    condition = f"{_inner(c, 'int', rows)} > {c.pick(('0', '1'))}"
    if c.r.random() < 0.5:
        condition += f" {c.pick(('and', 'or'))} {_inner(c, 'bool', rows)}"
    window = f" over {c.pick(c.windows)}" if c.timed and c.r.random() < 0.5 else ""
    return f"count(where {condition} per {', '.join(keys.values())}{window})"


def looking_back(kind: str) -> Call:
    def call(c: Caller, depth: int) -> str | None:
        if not c.ordered:
            return None
        values = _looking(c)
        name, args = _arguments(c, kind, values)
        condition = values.of("bool", 1) if c.r.random() < 0.4 else ""
        return _finished(c, name, args, condition, "")

    return call


def parted(c: Caller, depth: int) -> str | None:
    """A map: of groups by what each has one of, or of rows that look back."""
    if c.ordered and c.r.random() < 0.5:
        values = _looking(c)
        by, per = values, ""
    else:
        rows = _rows(c)
        keys = _keys(c, rows)
        if not keys:
            return None

        def inner(wanted: str, depth: int) -> str | None:
            if wanted in keys and c.r.random() < 0.4:
                return keys[wanted]
            return _inner(c, wanted, rows)

        names = replace(c.rows.names, by_kind={}, as_of=True, functions={}, aggregate=inner)
        values = by = Writer(c.r, names)
        per = f" per {', '.join(keys.values())}"
    name, args = _arguments(c, "int", values)
    condition = c.rows.of("bool", 1) if c.r.random() < 0.3 else ""
    key = by.of(c.pick(("int", "text", "bool", "date", "ts")), c.r.choice((0, 1)))
    return _finished(c, name, args, condition, f"{per} by {key}")


CALLS = {
    "map": [parted],
    **{kind: [grouped(kind), looking_back(kind)] for kind in (*KINDS, "rough")},
}
