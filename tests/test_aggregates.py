"""Every example of every aggregate, executed on DuckDB: alone, and among rows that do not count."""

from __future__ import annotations

import math
import string
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import duckdb
import pytest
from sqlglot import exp

from featdsl.aggregates.registry import aggregates
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.sql.one_order import in_one_order, mark_rounded
from featdsl.types.dtype import BOOL, DATE, INT, NULL, TEXT, TIMESTAMP, DType, Kind, decimal
from featdsl.types.duration import Duration
from featdsl.types.value import MapValue

AS_OF = datetime(2024, 3, 1, 12)
HOUR = timedelta(hours=1)
CASES = [
    pytest.param(a, e, id=f"{a.name}-{i}")
    for a in aggregates().values()
    for i, e in enumerate(a.examples)
]
ALL = [pytest.param(a, id=name) for name, a in aggregates().items()]
ORDERED = [pytest.param(a, id=name) for name, a in aggregates().items() if a.ordered]


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        yield connection


def row_types(aggregate: Aggregate, dtypes) -> list[DType]:
    """The types of the arguments that rows hold."""
    parameters = aggregate.parameters[: len(dtypes)]
    return [d for p, d in zip(parameters, dtypes, strict=True) if not p.constant]


def inputs(aggregate: Aggregate, dtypes, constants=(), *, condition: bool = False) -> Inputs:
    given, args, known = list(constants), [], []
    for i, (p, d) in enumerate(zip(aggregate.parameters, dtypes, strict=False)):
        known.append(given.pop(0) if p.constant else None)
        args.append(constant(known[-1], d) if p.constant else build.col(f"a{i}"))
    return Inputs(
        args=tuple(args),
        dtypes=tuple(dtypes),
        constants=tuple(known),
        condition=build.col("counts") if condition else None,
        order=build.func("row", build.col("time"), build.col("tie")) if aggregate.ordered else None,
        time=build.col("time") if aggregate.timed else None,
        as_of=build.timestamp(AS_OF),
    )


def constant(value, dtype: DType) -> exp.Expr:
    """A literal; a length that depends on the calendar is none."""
    return build.null() if getattr(value, "is_calendar", False) else build.literal(value, dtype)


def load(engine, types, rows) -> None:
    """Rows of time, tie-break, whether they count, arguments."""
    columns = "".join(f", a{i} {build.sql_type(t).sql('duckdb')}" for i, t in enumerate(types))
    engine.execute(
        f"create or replace table rows (time timestamp, tie bigint, counts boolean{columns})"
    )
    marks = ", ".join("?" * (3 + len(types)))
    if rows:
        engine.executemany(
            f"insert into rows values ({marks})", [tuple(map(plain, r)) for r in rows]
        )


def plain(value):
    """As the engine gives it."""
    match value:
        case Duration():
            return value.micros
        case tuple():
            return [plain(v) for v in value]
        case MapValue():
            return {plain(k): plain(v) for k, v in value}
        case _:
            return value


def ask(engine, value: exp.Expr):
    query = exp.select(value, build.func("typeof", value.copy())).from_("rows")
    return engine.execute(query.sql("duckdb")).fetchall()[0]


def same(actual, expected) -> bool:
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(actual, expected, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(expected, list) and isinstance(actual, list):
        pairs = zip(actual, expected, strict=False)
        return len(actual) == len(expected) and all(same(a, e) for a, e in pairs)
    if isinstance(expected, dict) and isinstance(actual, dict):
        # Maps are written in the order of their keys.
        return list(actual) == list(expected) and same([*actual.values()], [*expected.values()])
    return type(actual) is type(expected) and actual == expected


def at_hours(example: Example) -> list[tuple]:
    """The example's rows with their times, the last an hour before the as-of time."""
    n = len(example.rows)
    return [(AS_OF - (n - i) * HOUR, i, True, *row) for i, row in enumerate(example.rows)]


@pytest.mark.parametrize(("aggregate", "example"), CASES)
def test_an_example_gives_its_result(engine, aggregate: Aggregate, example: Example):
    load(engine, row_types(aggregate, example.dtypes), at_hours(example))

    value, _ = ask(engine, aggregate.lower(inputs(aggregate, example.dtypes, example.constants)))

    assert same(value, plain(example.result)), (value, example.result)


@pytest.mark.parametrize(("aggregate", "example"), CASES)
def test_rows_for_which_the_condition_is_not_true_do_not_count(engine, aggregate, example):
    types = row_types(aggregate, example.dtypes)
    others = {row for e in aggregate.examples if e.dtypes == example.dtypes for row in e.rows}
    rows = at_hours(example)
    for i, row in enumerate(sorted(others, key=repr)):
        rows.append((AS_OF - 40 * HOUR, -i, False, *row))
        rows.append((AS_OF - timedelta(minutes=1), i, None, *row))
    load(engine, types, rows)

    lowered = aggregate.lower(inputs(aggregate, example.dtypes, example.constants, condition=True))
    value, _ = ask(engine, lowered)

    assert same(value, plain(example.result)), (value, example.result)


@pytest.mark.parametrize(("aggregate", "example"), CASES)
def test_rows_in_one_order_give_the_same_result_and_the_same_bits(engine, aggregate, example):
    """As `reproducible = true` has it: rows come as they like, but for their order in time."""
    floats = any(t.kind is Kind.FLOAT for t in example.dtypes)
    lowered = aggregate.lower(inputs(aggregate, example.dtypes, example.constants, condition=True))
    marked = mark_rounded(lowered, floats=floats, ordered=aggregate.ordered)
    found = []
    for rows in (at_hours(example), at_hours(example)[::-1]):
        load(engine, row_types(aggregate, example.dtypes), rows)
        found.append(ask(engine, in_one_order(marked)))

    assert same(found[0][0], plain(example.result)), (found, example.result)
    assert found[0][1] == ask(engine, lowered)[1]
    assert repr(found[0]) == repr(found[1])


@pytest.mark.parametrize(("aggregate", "example"), CASES)
def test_the_engine_gives_the_declared_type(engine, aggregate: Aggregate, example: Example):
    load(engine, row_types(aggregate, example.dtypes), [])

    _, engine_type = ask(
        engine, aggregate.lower(inputs(aggregate, example.dtypes, example.constants))
    )

    declared = build.sql_type(aggregate.returns(example.dtypes)).sql("duckdb")
    assert engine_type.replace("HUGEINT", "INT128").replace(", ", ",") == declared.replace(
        ", ", ","
    ).replace("TEXT", "VARCHAR")


@pytest.mark.parametrize("aggregate", ALL)
def test_an_aggregate_shows_that_no_rows_and_only_nulls_are_alike(aggregate: Aggregate):
    empty = [e.result for e in aggregate.examples if not e.rows]
    nulls = [
        e.result
        for e in aggregate.examples
        if e.rows and any(e.rows) and all(v is None for row in e.rows for v in row)
    ]

    assert empty == [aggregate.empty]
    assert nulls == ([aggregate.empty] if aggregate.parameters else [])


@pytest.mark.parametrize("aggregate", ALL)
def test_a_bare_null_is_taken_for_every_argument(engine, aggregate: Aggregate):
    example = aggregate.examples[0]
    load(engine, row_types(aggregate, example.dtypes), at_hours(example))
    for i in range(len(row_types(aggregate, example.dtypes))):
        given = inputs(aggregate, example.dtypes, example.constants, condition=True)
        args, dtypes = list(given.args), list(given.dtypes)
        args[i], dtypes[i] = build.null(), NULL

        value, _ = ask(
            engine, aggregate.lower(replace(given, args=tuple(args), dtypes=tuple(dtypes)))
        )

        assert value == aggregate.empty


@pytest.mark.parametrize("aggregate", ALL)
def test_words_fill_only_the_parameters_there_are(aggregate: Aggregate):
    assert aggregate.words is not None

    fields = {int(f) for _, f, _, _ in string.Formatter().parse(aggregate.words) if f is not None}

    assert fields == set(range(len(aggregate.parameters)))


@pytest.mark.parametrize("aggregate", ORDERED)
def test_rows_of_one_time_are_ordered_by_the_tie_break(engine, aggregate: Aggregate):
    n = sum(1 for p in aggregate.parameters if not p.constant)
    dtype = INT if INT.kind in aggregate.parameters[0].accepts else BOOL
    # Of conditions: false, true, true, false in their order, which is that of the numbers.
    value_of = (lambda tie: tie) if dtype == INT else (lambda tie: 2 < tie < 9)
    rows = [(AS_OF - HOUR, tie, True, *(value_of(tie), 0)[:n]) for tie in (5, 9, 2, 7)]
    load(engine, [dtype] * n, rows)

    value, _ = ask(engine, aggregate.lower(inputs(aggregate, [dtype] * n)))

    expected = {name: [2, 5, 7, 9] for name in ("collect", "collect_distinct")}
    expected |= {"last": 9, "streak": 0, "longest_streak": 2}
    assert value == expected.get(aggregate.name, 2)


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        (INT, [-(2**63), -1, 0, 2**63 - 1]),
        (decimal(38, 2), [Decimal("-9" * 1 + "9" * 35 + ".99"), Decimal("0.00"), Decimal("0.01")]),
        (TEXT, ["", "A", "AB", "B", "a", "é", "ア", "🦆", "🦆a"]),
        (DATE, [datetime(1969, 12, 31).date(), datetime(1970, 1, 1).date()]),
        (TIMESTAMP, [datetime(1, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 999999), AS_OF]),
    ],
    ids=lambda p: str(p) if isinstance(p, DType) else "",
)
def test_max_by_agrees_with_the_order_of_max(engine, dtype, values):
    rows = [(AS_OF - HOUR, i, True, i, v) for i, v in enumerate(values)]
    for end in range(1, len(rows) + 1):
        load(engine, [INT, dtype], rows[:end])

        value, _ = ask(
            engine, aggregates()["max_by"].lower(inputs(aggregates()["max_by"], [INT, dtype]))
        )

        assert value == end - 1


def test_the_estimate_of_different_values_keeps_its_tolerance(engine):
    estimate = aggregates()["approx_count_distinct"]
    lowered = estimate.lower(Inputs(args=(build.col("i"),), dtypes=(INT,))).sql("duckdb")
    errors = []
    for k in range(60):
        n = 2_000 + 97 * k
        query = f"select {lowered} from (select (range * 7919 + {k}) as i from range({n}))"
        errors.append(engine.execute(query).fetchall()[0][0] / n - 1)

    error = math.sqrt(sum(e * e for e in errors) / len(errors))

    assert estimate.tolerance is not None and error <= estimate.tolerance


def test_every_aggregate_of_numbers_takes_each_kind_of_number(engine):
    for aggregate in aggregates().values():
        if not any(p.accepts >= {Kind.INT, Kind.DECIMAL} for p in aggregate.parameters[:1]):
            continue
        for dtype in (INT, decimal(12, 2), decimal(38, 6)):
            example = aggregate.examples[0]
            dtypes = [
                d if p.constant else dtype
                for p, d in zip(aggregate.parameters, example.dtypes, strict=False)
            ]
            n = len(row_types(aggregate, dtypes))
            rows = [(AS_OF - i * HOUR, i, True, *[i * i + 1] * n) for i in range(1, 6)]
            load(engine, row_types(aggregate, dtypes), rows)

            value, _ = ask(engine, aggregate.lower(inputs(aggregate, dtypes, example.constants)))

            assert value is not None
