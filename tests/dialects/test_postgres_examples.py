"""Every example of every aggregate and function, run on Postgres: the declared result, or refused.

What is refused must be among what the dialect says it lacks.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Inputs as AggregateInputs
from featdsl.dialects.registry import dialects
from featdsl.dialects.spec import Lacking, StoredTable
from featdsl.functions.registry import functions
from featdsl.functions.spec import Inputs as FunctionInputs
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.sql import build
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, INT, TIMESTAMP, DType, Kind
from featdsl.types.duration import Duration

pytestmark = pytest.mark.engine

AS_OF = datetime(2024, 3, 1, 12)
HOUR = timedelta(hours=1)
POSTGRES = dialects()["postgres"]
NOWHERE = Span("", 0, 0)
AGGREGATES = [
    pytest.param(a, e, id=f"{a.name}-{i}")
    for a in aggregates().values()
    for i, e in enumerate(a.examples)
]
FUNCTIONS = [
    pytest.param(f, e, id=f"{f.name}-{i}")
    for f in functions().values()
    for i, e in enumerate(f.examples)
]


@dataclass
class Rows:
    """A table of typed rows, as a source that is stored in Postgres."""

    columns: dict[str, DType]
    cells: list[tuple[Any, ...]]

    def ask(self, connection, value: exp.Expr, dtype: DType) -> Any:
        query = exp.select(build.aliased(value, "value")).from_(build.table("rows"))
        stored = StoredTable(name="rows", schema="pg_temp", columns=self.columns)
        finished = POSTGRES.finish(query, {"rows": stored}, {"value": dtype})
        self.load(connection)
        return connection.execute(finished.sql("postgres")).fetchall()[0][0]

    def load(self, connection) -> None:
        types = {n: build.sql_type(t).sql("postgres") for n, t in self.columns.items()}
        columns = ", ".join(f'"{n}" {t.replace("INT128", "numeric")}' for n, t in types.items())
        connection.execute(f"drop table if exists pg_temp.rows; create temp table rows ({columns})")
        marks = ", ".join(["%s"] * len(self.columns))
        with connection.cursor() as cursor:
            cursor.executemany(f"insert into rows values ({marks})", self.cells)


def plain(value):
    return value.micros if isinstance(value, Duration) else value


def same(actual, expected) -> bool:
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(actual, Decimal) and isinstance(expected, int) and actual == int(actual):
        actual = int(actual)  # an exact sum of ints has no places
    return type(actual) is type(expected) and actual == expected


def literal(value, dtype: DType) -> exp.Expr:
    if isinstance(value, tuple):
        return exp.Array(expressions=[build.literal(v, dtype.items[0]) for v in value])
    return build.literal(value, dtype)


@pytest.mark.parametrize("conditional", [False, True], ids=["all", "where"])
@pytest.mark.parametrize(("aggregate", "example"), AGGREGATES)
def test_an_aggregate_gives_its_result(postgres, aggregate, example, conditional):
    import psycopg

    given, args, known, columns = list(example.constants), [], [], {}
    for i, (p, d) in enumerate(zip(aggregate.parameters, example.dtypes, strict=False)):
        known.append(given.pop(0) if p.constant else None)
        # A length that depends on the calendar is no literal.
        calendar = getattr(known[-1], "is_calendar", False)
        constant = build.null() if calendar else build.literal(known[-1], d)
        args.append(constant if p.constant else build.col(f"a{i}"))
        columns |= {} if p.constant else {f"a{i}": d}
    cells = _at_hours(example)
    if conditional:
        cells += _others(aggregate, example)
    inputs = AggregateInputs(
        args=tuple(args),
        dtypes=example.dtypes,
        constants=tuple(known),
        condition=build.col("counts") if conditional else None,
        order=build.func("row", build.col("time"), build.col("tie")) if aggregate.ordered else None,
        time=build.col("time") if aggregate.timed else None,
        as_of=build.timestamp(AS_OF),
    )
    rows = Rows({"time": TIMESTAMP, "tie": INT, "counts": BOOL, **columns}, cells)
    lowered = aggregate.lower(inputs)
    if example.result is None and _huge(example.rows):
        # Postgres stops where a float leaves its range; null is as well.
        with suppress(psycopg.errors.NumericValueOutOfRange):
            assert rows.ask(postgres, lowered, aggregate.returns(example.dtypes)) is None
        return

    try:
        value = rows.ask(postgres, lowered, aggregate.returns(example.dtypes))
    except Lacking:
        called = ir.Aggregate(
            dtype=aggregate.returns(example.dtypes),
            span=NOWHERE,
            aggregate=aggregate.name,
            args=tuple(
                ir.Column(dtype=d, span=NOWHERE, name=f"a{i}") for i, d in enumerate(example.dtypes)
            ),
        )
        assert any(lack.used(called) for lack in POSTGRES.lacks)
        return

    assert same(value, plain(example.result)), (value, example.result)


def _huge(rows) -> bool:
    return any(isinstance(v, float) and abs(v) > 1e150 for row in rows for v in row)


def _at_hours(example) -> list[tuple]:
    n = len(example.rows)
    return [
        (AS_OF - (n - i) * HOUR, i, True, *map(plain, row)) for i, row in enumerate(example.rows)
    ]


def _others(aggregate, example) -> list[tuple]:
    """Rows that do not count."""
    others = {row for e in aggregate.examples if e.dtypes == example.dtypes for row in e.rows}
    found = []
    for i, row in enumerate(sorted(others, key=repr)):
        found.append((AS_OF - 40 * HOUR, -i, False, *map(plain, row)))
        found.append((AS_OF - timedelta(minutes=1), i, None, *map(plain, row)))
    return found


@pytest.mark.parametrize("columns", [False, True], ids=["literals", "columns"])
@pytest.mark.parametrize(("function", "example"), FUNCTIONS)
def test_a_function_gives_its_result_or_is_lacking(postgres, function, example, columns):
    def constant(i: int) -> bool:
        return function.parameters[min(i, len(function.parameters) - 1)].constant

    pairs = list(zip(example.args, example.dtypes, strict=True))
    held = {
        f"a{i}": (plain(value), dtype)
        for i, (value, dtype) in enumerate(pairs)
        if columns and not constant(i) and dtype.kind is not Kind.NULL
    }
    inputs = FunctionInputs(
        args=tuple(
            build.col(f"a{i}") if f"a{i}" in held else literal(value, dtype)
            for i, (value, dtype) in enumerate(pairs)
        ),
        dtypes=example.dtypes,
        as_of=build.timestamp(AS_OF),
        timezone=example.timezone,
    )
    rows = Rows(
        {"one": INT, **{n: t for n, (_, t) in held.items()}}, [(1, *(v for v, _ in held.values()))]
    )
    returned = function.returns(example.dtypes)
    if _is_lacking(function, example):
        with pytest.raises(Lacking):
            rows.ask(postgres, function.lower(inputs), returned)
        return

    value = rows.ask(postgres, function.lower(inputs), returned)

    assert same(value, plain(example.result)), (value, example.result)


def _is_lacking(function, example) -> bool:
    """Whether the dialect says that it lacks the call."""
    call = ir.Call(
        function=function.name,
        args=tuple(
            ir.ListOf(items=(), dtype=d, span=NOWHERE)
            if isinstance(v, tuple) and function.name == "bucket"
            else ir.Literal(value=v, dtype=d, span=NOWHERE)
            for v, d in zip(example.args, example.dtypes, strict=True)
        ),
        dtype=function.returns(example.dtypes),
        span=NOWHERE,
    )
    return any(lack.used(n) for n in walk(call) for lack in POSTGRES.lacks)
