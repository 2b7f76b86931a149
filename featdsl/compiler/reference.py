"""What the registries say, for people: a page for each aggregate and function, tables of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Aggregate
from featdsl.aggregates.spec import Example as RowExample
from featdsl.aggregates.spec import Inputs as RowInputs
from featdsl.functions.registry import functions
from featdsl.functions.spec import Function
from featdsl.functions.spec import Inputs as ValueInputs
from featdsl.ir.text import value_text
from featdsl.sql import build
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
from featdsl.types.value import MapValue

_SHOWN = (INT, decimal(12, 2), FLOAT, DURATION, TEXT, BOOL, TIMESTAMP, DATE)
_ENGINE = "duckdb"
_PLAIN = 1e15
BEGIN, END = "<!-- generated -->", "<!-- end -->"


def aggregate_table() -> str:
    """One row for each aggregate: call, arguments, result, meaning, an example."""
    rows = [
        (
            f"[`{_call(a.name, a.parameters)}`](aggregates/{a.name}.md)",
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
            f"[`{_call(f.name, f.parameters)}`](functions/{f.name}.md)",
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
    if isinstance(value, MapValue):
        return f"{{{', '.join(f'{_value(k)}: {_value(v)}' for k, v in value)}}}"
    if isinstance(value, float) and value == int(value):
        return f"{value:.1f}" if abs(value) < _PLAIN else repr(value)
    return value_text(value)


_ROWS_ABOUT = "Rows are an hour apart, the last of them an hour before the as-of time."

# --- A page for each -----------------------------------------------------------------------------


def aggregate_page(aggregate: Aggregate) -> str:
    """The page of an aggregate, in Markdown."""
    facts = [
        ("takes", _arguments(aggregate.parameters) or "nothing: it reads rows"),
        ("gives", _result(aggregate)),
        ("of no rows", "null" if aggregate.empty is None else _value(aggregate.empty)),
        ("order of rows", _needs(aggregate)),
        ("personal data", _personal(aggregate)),
    ]
    if aggregate.tolerance is not None:
        kind = (
            "error of the rank"
            if aggregate.name.endswith("quantile")
            else "relative standard error"
        )
        facts.append(("approximate", f"{kind} {aggregate.tolerance:.1%}"))
    facts.append(("of parts of the rows", _of_parts(aggregate)))
    call = _call(aggregate.name, aggregate.parameters)
    constants = any(e.constants for e in aggregate.examples)
    shown = [_row_example(e) for e in aggregate.examples]
    header = ("values, oldest first", *(["constants"] if constants else []), "result")
    examples = [(r, *([c] if constants else []), v) for r, c, v in shown]
    return _page(
        aggregate.name,
        f"`{call}`: {aggregate.meaning}",
        facts,
        (_ROWS_ABOUT if aggregate.timed else "", header, examples),
        _row_sql(aggregate),
    )


def _of_parts(aggregate: Aggregate) -> str:
    """Whether values of parts of the rows can be merged, and parts taken away."""
    partials = aggregate.partials
    if isinstance(partials, str):
        return f"not merged: {partials}"
    column = build.col("x")
    given = tuple(build.col(p.name) for p in aggregate.parameters)
    inputs = RowInputs(
        args=given or (column,),
        dtypes=tuple(_probe(p) for p in aggregate.parameters) or (INT,),
        order=build.col("time"),
    )
    kept = ", ".join(f"`{name}`" for name in partials.states(inputs))
    taken = "; a part can be taken away" + (", but of floats" * (not partials.exact))
    return f"merged from {kept}{taken * partials.invertible}"


def _probe(parameter: Parameter) -> DType:
    return next(d for d in _SHOWN if parameter.takes(d))


def function_page(function: Function) -> str:
    """The page of a function, in Markdown."""
    facts = [
        ("takes", _arguments(function.parameters) or "nothing"),
        ("gives", _result(function)),
        ("of null", _of_null(function)),
        ("may stand", _places(function)),
    ]
    zoned = any(e.timezone != "UTC" for e in function.examples)
    header = ("call", "time zone", "result") if zoned else ("call", "result")
    examples = []
    for e in function.examples:
        call = f"`{function.name}({', '.join(map(_value, e.args))})`"
        examples.append((call, *([e.timezone] if zoned else []), _value(e.result)))
    about = "The as-of time is 2024-03-01T12:00." if function.reads_as_of else ""
    return _page(
        function.name,
        f"`{_call(function.name, function.parameters)}`: {function.meaning}",
        facts,
        (about, header, examples),
        _value_sql(function),
    )


def _page(
    name: str,
    lead: str,
    facts: Sequence[tuple[str, str]],
    examples: tuple[str, Sequence[str], Sequence[Sequence[str]]],
    sql: str | None,
) -> str:
    about, header, rows = examples
    parts = [f"# {name}", lead, _table(("", ""), facts), "## Examples"]
    parts += [about] if about else []
    parts.append(_table(header, rows))
    if sql is not None:
        parts += ["## SQL", f"On DuckDB, of columns:\n\n```sql\n{sql}\n```"]
    return "\n\n".join(parts) + "\n"


def _needs(aggregate: Aggregate) -> str:
    if aggregate.ordered:
        return "needed, also among rows of one time: `then` columns or the source's key"
    return "none; rows must have a time" if aggregate.timed else "none"


def _personal(aggregate: Aggregate) -> str:
    if aggregate.stored:
        return "stays personal: the result is a value of the column"
    return "the result is none: no value of the column comes out"


def _of_null(function: Function) -> str:
    return "what the meaning says" if function.null_safe else "null"


def _places(function: Function) -> str:
    if function.reads_as_of:
        return "in features and in conditions of aggregates: it reads the as-of time"
    return "wherever a value stands"


def _row_example(example: RowExample) -> tuple[str, str, str]:
    rows = ", ".join(
        _value(r[0]) if len(r) == 1 else f"({', '.join(map(_value, r))})" for r in example.rows
    )
    if example.rows and not example.rows[0]:
        rows = f"rows: {len(example.rows)}"
    constants = ", ".join(map(_value, example.constants))
    return rows or "none", constants, _value(example.result)


def _row_sql(aggregate: Aggregate) -> str | None:
    """The SQL of the first example's types: values are columns, constants are theirs."""
    if not aggregate.examples:
        return None
    example, given = aggregate.examples[0], list(aggregate.examples[0].constants)
    args = []
    for parameter, dtype in zip(aggregate.parameters, example.dtypes, strict=False):
        constant = parameter.constant
        value = build.literal(given.pop(0), dtype) if constant else build.col(parameter.name)
        args.append(value)
    inputs = RowInputs(
        args=tuple(args),
        dtypes=tuple(example.dtypes),
        order=build.func("row", build.col("time"), build.col("key")) if aggregate.ordered else None,
        time=build.col("time") if aggregate.timed else None,
        as_of=build.col("as_of"),
    )
    return aggregate.lower(inputs).sql(_ENGINE, pretty=True)


def _value_sql(function: Function) -> str | None:
    if not function.examples:
        return None
    example = function.examples[0]
    args = []
    for i, (value, dtype) in enumerate(zip(example.args, example.dtypes, strict=True)):
        parameter = function.parameters[min(i, len(function.parameters) - 1)]
        name = parameter.name if not parameter.repeated else f"{parameter.name}{i + 1}"
        args.append(_constant(value, dtype) if parameter.constant else build.col(name))
    inputs = ValueInputs(
        args=tuple(args),
        dtypes=tuple(example.dtypes),
        as_of=build.col("as_of"),
        timezone="UTC",
    )
    return function.lower(inputs).sql(_ENGINE, pretty=True)


def _constant(value: Any, dtype: DType) -> exp.Expr:
    if isinstance(value, tuple):
        return exp.Array(expressions=[build.literal(v, dtype.items[0]) for v in value])
    return build.literal(value, dtype)
