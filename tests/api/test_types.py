"""Values through every kind of frame, in and out: nothing is rounded, nulls stay nulls."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from typed_events import BIG, COLUMNS, KINDS, ROWS, SCHEMA, arrow, nullable

import featdsl
from featdsl.engines.duckdb import Session
from featdsl.runs.as_pandas import pandas_frame
from featdsl.runs.columns import fetch, from_rows
from featdsl.runs.frames import given_frame
from featdsl.sql import statements
from featdsl.types import dtype as types

CENTS = Decimal("12345678901234567890123456789012345.67")


@pytest.mark.parametrize("kind", KINDS)
def test_values_come_out_of_a_frame_as_they_went_in(
    kind: str, shop: featdsl.Project, held: str
) -> None:
    result = shop.snapshot("newest", sources={"events": KINDS[kind](slice(None))})

    assert result.rows() == ROWS
    assert result.report.read == {"shop.events": 3}


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_frame_has_no_rows_and_all_types(
    kind: str, shop: featdsl.Project, held: str
) -> None:
    full = shop.snapshot("newest", sources={"events": arrow(slice(None))})

    result = shop.snapshot("newest", sources={"events": KINDS[kind](slice(0))})

    assert result.rows() == []
    assert result.types == full.types
    assert list(result.pandas().dtypes) == list(full.pandas().dtypes)
    assert [w.slug for w in result.report.warnings] == ["nothing-computed"]


def test_each_type_is_one_type_of_pandas(shop: featdsl.Project, held: str) -> None:
    frame = shop.snapshot("newest", sources={"events": arrow(slice(None))}).pandas()

    assert {n: str(t) for n, t in frame.dtypes.items()} == {
        "customer_id": "Int64",
        "number": "Int64",
        "amount": "object",
        "weight": "float64",
        "name": "str" if pd.__version__ >= "3" else "object",
        "big": "boolean",
        "day": "object",
        "seen": "datetime64[us]",
        "spent": "object",
        "numbers": "Int64",
        "events_30d": "Int64",
    }
    assert frame["amount"].tolist() == [Decimal("1234567890.12"), None]
    assert frame["day"].tolist() == [date(2026, 1, 5), None]
    assert frame["number"].tolist() == [BIG, 3]
    assert frame["big"].isna().tolist() == [False, True]
    assert frame["name"].isna().tolist() == [False, True]


def test_each_type_is_one_type_of_arrow_and_polars(shop: featdsl.Project, held: str) -> None:
    result = shop.snapshot("newest", sources={"events": arrow(slice(None))})

    table = result.arrow()

    assert {f.name: str(f.type) for f in table.schema} == {
        "customer_id": "int64",
        "number": "int64",
        "amount": "decimal128(12, 2)",
        "weight": "double",
        "name": "string",
        "big": "bool",
        "day": "date32[day]",
        "seen": "timestamp[us]",
        "spent": "decimal128(38, 2)",
        "numbers": "int64",
        "events_30d": "int64",
    }
    assert [tuple(r.values()) for r in table.to_pylist()] == ROWS
    assert list(result.polars().schema.values()) == [
        pl.Int64,
        pl.Int64,
        pl.Decimal(12, 2),
        pl.Float64,
        pl.String,
        pl.Boolean,
        pl.Date,
        pl.Datetime("us"),
        pl.Decimal(38, 2),
        pl.Int64,
        pl.Int64,
    ]
    assert result.polars().rows() == ROWS
    assert pl.DataFrame(result).rows() == ROWS
    assert pa.table(result).equals(table)


def test_numbers_as_floats_leave_keys_and_texts_alone(shop: featdsl.Project, held: str) -> None:
    result = shop.snapshot("newest", sources={"events": arrow(slice(None))})

    frame = result.pandas(floats=True)

    changed = {n for n in frame if str(frame[n].dtype) != str(result.pandas()[n].dtype)}
    assert changed == {"number", "amount", "big", "spent", "numbers", "events_30d"}
    assert {str(frame[n].dtype) for n in changed} == {"float64"}
    assert frame["amount"].isna().tolist() == [False, True]
    assert frame["big"].tolist()[0] == 0.0


def test_what_is_done_to_a_frame_does_not_reach_the_result(
    shop: featdsl.Project, held: str
) -> None:
    result = shop.snapshot("newest", sources={"events": arrow(slice(None))})
    frame = result.pandas()

    frame.loc[:, "number"] = 0
    frame.loc[0, "weight"] = 7.0
    frame.loc[1, "big"] = True

    assert result.rows() == ROWS


def test_an_int_beyond_64_bits_is_an_error_not_a_rounded_number(
    shop: featdsl.Project, held: str
) -> None:
    frame = arrow(slice(None)).to_pylist()
    frame[0]["event_id"] = 2**62
    frame[1]["event_id"] = 2**62 + 1
    rows = pa.Table.from_pylist(frame, schema=SCHEMA)

    with pytest.raises(featdsl.RunError) as failed:
        shop.snapshot("newest.numbers", sources={"events": rows})

    assert [d.code for d in failed.value.diagnostics] == ["FD0805"]


@pytest.mark.parametrize(
    ("values", "engine", "back"),
    [
        ([Decimal("1.5"), None, Decimal("-20.25")], "DECIMAL(4,2)", None),
        ([Decimal("NaN"), None, Decimal("1")], "DECIMAL(1,0)", [None, None, Decimal(1)]),
        ([Decimal("1E+3"), Decimal("0.001"), None], "DECIMAL(7,3)", None),
        ([1, Decimal("0.5")], "DECIMAL(2,1)", [Decimal(1), Decimal("0.5")]),
        ([2**100, None], "HUGEINT", None),
        ([2**62, None], "BIGINT", None),
        ([1, 2.5, None], "DOUBLE", None),
        ([True, None], "BOOLEAN", None),
        ([date(2020, 2, 29), None], "DATE", None),
        ([datetime(2020, 2, 29, 1), None], "TIMESTAMP", None),
        ([pd.Timestamp("2020-02-29T01:00:00.000000001"), None], "TIMESTAMP_NS", None),
        ([pd.Timestamp("2020-02-29T01:00", tz="Europe/Vienna"), None], "TIMESTAMP",
         [datetime(2020, 2, 29), None]),
        ([None, None], '"NULL"', None),
        (["x", None], "VARCHAR", None),
    ],
)  # fmt: skip
def test_objects_are_read_by_all_of_their_values(
    values: list[Any], engine: str, back: list[Any] | None
) -> None:
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)}).set_index(pd.Index(values))

    with Session() as session:
        rows = given_frame(frame, "given").load(session, "given")
        query = statements.star_from(rows)
        found = session.columns(query)
        read = [r[0] for r in session.execute(query)]

    assert found == [("x", engine)]
    expected = values if back is None else back
    assert read == (expected if engine != "TIMESTAMP_NS" else [datetime(2020, 2, 29, 1), None])


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pd.Series([1, "x"], dtype=object), "int and str"),
        (pd.Series([[1], [2j]], dtype=object), "lists of complex"),
        (pd.Series([date(2020, 1, 1), datetime(2020, 1, 1)], dtype=object), "date and datetime"),
        (pd.period_range("2020", periods=2), "period"),
        (pd.Series([1j, 2j]), "complex128"),
        (pd.Series(["\ud800", "x"], dtype=object), "no Unicode"),
        (pd.Series([Decimal("1E+30"), Decimal("1E-30")], dtype=object), "more than 38 digits"),
    ],
)
def test_a_column_that_has_no_type_here_is_refused_with_its_type(
    shop: featdsl.Project, column: Any, words: str
) -> None:
    frame = nullable(slice(2)).assign(amount=column)

    with pytest.raises(featdsl.RunError) as failed:
        shop.snapshot("newest", sources={"events": frame})

    (found,) = failed.value.diagnostics
    assert found.code == "FD0706"
    assert words in found.message
    assert 'sources["events"]' in found.message


def test_columns_that_are_not_declared_are_not_looked_at(shop: featdsl.Project) -> None:
    frame = nullable(slice(None)).assign(more=[[1], "x", None])

    assert shop.snapshot("newest", sources={"events": frame}).rows() == ROWS


def test_zoned_and_nanosecond_times_are_utc_and_microseconds(shop: featdsl.Project) -> None:
    utc = pd.to_datetime(pd.Series(COLUMNS["seen_at"])).dt.as_unit("ns").dt.tz_localize("UTC")
    frame = nullable(slice(None)).assign(seen_at=utc.dt.tz_convert("Asia/Kolkata"))

    assert shop.snapshot("newest", sources={"events": frame}).rows() == ROWS


def test_durations_and_dates_of_rows_become_those_of_frames() -> None:
    columns = from_rows(
        {"length": types.DURATION, "day": types.DATE, "list": types.list_of(types.INT)},
        [(timedelta(days=1), date(2020, 1, 1), [1, 2]), (None, None, None)],
    )

    frame = pandas_frame(columns)

    assert str(frame["length"].dtype) == "timedelta64[us]"
    assert frame["length"].isna().tolist() == [False, True]
    assert frame["list"].tolist() == [[1, 2], None]


def test_decimals_of_all_digits_stay_exact(held: str) -> None:
    with Session() as session:
        rows = given_frame(pa.table({"x": [CENTS, None]}), "given").load(session, "given")
        columns = fetch(session, statements.star_from(rows))

    assert pandas_frame(columns)["x"].tolist() == [CENTS, None]
