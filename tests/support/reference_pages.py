"""Tables of `docs/language/aggregates.md` and `functions.md`, made from the registries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Aggregate
from featdsl.functions.registry import functions
from featdsl.functions.spec import Function
from featdsl.ir.text import scalar_text
from featdsl.types.dtype import (
    BOOL,
    DATE,
    DURATION,
    FLOAT,
    INT,
    TEXT,
    TIMESTAMP,
    WIDE_INT,
    DType,
    decimal,
    list_of,
)
from featdsl.types.signature import Parameter

_SHOWN = (INT, decimal(12, 2), FLOAT, DURATION, TEXT, BOOL, TIMESTAMP, DATE)
BEGIN, END = "<!-- generated -->", "<!-- end -->"


def aggregate_table() -> str:
    """One row for each aggregate: call, arguments, result, meaning, an example."""
    rows = [
        (
            f"`{_call(a.name, a.parameters)}`",
            _arguments(a.parameters),
            _result(a),
            a.meaning + _order(a),
            _aggregate_example(a),
        )
        for a in aggregates().values()
    ]
    return _table(("call", "takes", "gives", "meaning", "values, oldest first → result"), rows)


def function_table() -> str:
    """One row for each function: call, arguments, result, meaning, an example."""
    rows = [
        (
            f"`{_call(f.name, f.parameters)}`",
            _arguments(f.parameters),
            _result(f),
            f.meaning + (" Not in sources and views." if f.reads_as_of else ""),
            _function_example(f),
        )
        for f in functions().values()
    ]
    return _table(("call", "takes", "gives", "meaning", "example"), rows)


def with_table(page: str, table: str) -> str:
    """The page with the table between its marks."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *([c.replace("|", "\\|") for c in r] for r in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _call(name: str, parameters: Sequence[Parameter]) -> str:
    names = []
    for p in parameters:
        shown = f"[{p.name}]" if p.optional else p.name
        names.append(f"{shown}, …" if p.repeated else shown)
    return f"{name}({', '.join(names)})"


def _arguments(parameters: Sequence[Parameter]) -> str:
    return "; ".join(f"`{p.name}`: {'constant, ' * p.constant}{p.words}" for p in parameters)


def _result(spec: Aggregate | Function) -> str:
    """The type of the result: one, that of the first value, or one for each type of it."""
    values = [p for p in spec.parameters if not p.constant]
    if not values:
        return str(spec.returns([]))
    pairs = []
    for dtype in _SHOWN:
        if values[0].takes(dtype):
            given = [_other(p, dtype) for p in spec.parameters]
            pairs.append((dtype, spec.returns(given)))
    results = list(dict.fromkeys(result for _, result in pairs))
    if len(results) == 1:
        return _type(results[0])
    if all(first == result for first, result in pairs):
        return f"as `{values[0].name}`"
    grouped = {r: ", ".join(str(a) for a, b in pairs if b == r) for r in results}
    return "; ".join(f"{_type(result)} of {given}" for result, given in grouped.items())


def _other(parameter: Parameter, dtype: DType) -> DType:
    """The probed type where a parameter takes it, else the first that it does."""
    if parameter.takes(dtype):
        return dtype
    return next(d for d in (*_SHOWN, list_of(dtype)) if parameter.takes(d))


def _type(dtype: DType) -> str:
    return "int (38 digits)" if dtype == WIDE_INT else str(dtype)


def _order(aggregate: Aggregate) -> str:
    if aggregate.ordered:
        return " Needs an order among rows of one time."
    return " Needs rows with a time." if aggregate.timed else ""


def _aggregate_example(aggregate: Aggregate) -> str:
    example = next((e for e in aggregate.examples if e.result is not None and e.rows), None)
    if example is None:
        return ""
    rows = ", ".join(
        _value(r[0]) if len(r) == 1 else f"({', '.join(map(_value, r))})" for r in example.rows
    )
    if not example.rows[0]:
        rows = "a row" if len(example.rows) == 1 else f"{len(example.rows)} rows"
    constants = f" with {', '.join(map(_value, example.constants))}" if example.constants else ""
    return f"{rows}{constants} → {_value(example.result)}"


def _function_example(function: Function) -> str:
    known = (e for e in function.examples if e.result is not None and e.timezone == "UTC")
    example = next(known, None)
    if example is None:
        return ""
    arguments = ", ".join(map(_value, example.args))
    return f"`{function.name}({arguments})` is {_value(example.result)}"


def _value(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, float) and value == int(value):
        return f"{value:.1f}"
    if isinstance(value, bool | int | float | Decimal | str | date | datetime) or value is None:
        return scalar_text(value)
    return str(value)
