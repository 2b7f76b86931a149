"""Rows with a column of each type, as every kind of frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa

BIG = 2**53 + 1
AT = datetime(2026, 1, 5, 10, 30, 0, 123457)
COLUMNS: dict[str, list[Any]] = {
    "event_id": [1, BIG, 3],
    "customer_id": [1, 1, 2],
    "seen_at": [datetime(2026, 1, 5), AT, datetime(2026, 1, 6)],
    "amount": [Decimal("0.10"), Decimal("1234567890.12"), None],
    "weight": [0.1, 0.30000000000000004, None],
    "name": ["a", "ä'\";--", None],
    "big": [True, False, None],
    "day": [date(1999, 12, 31), date(2026, 1, 5), None],
}
ROWS = [
    (1, BIG, Decimal("1234567890.12"), 0.30000000000000004, "ä'\";--", False, date(2026, 1, 5), AT,
     Decimal("1234567890.22"), BIG + 1, 2),
    (2, 3, None, None, None, None, None, datetime(2026, 1, 6), None, 3, 1),
]  # fmt: skip
SCHEMA = pa.schema(
    {
        "event_id": pa.int64(),
        "customer_id": pa.int64(),
        "seen_at": pa.timestamp("us"),
        "amount": pa.decimal128(12, 2),
        "weight": pa.float64(),
        "name": pa.string(),
        "big": pa.bool_(),
        "day": pa.date32(),
    }
)


def arrow(rows: slice) -> pa.Table:
    cut = {name: values[rows] for name, values in COLUMNS.items()}
    return pa.table(cut, schema=SCHEMA)


def objects(rows: slice) -> pd.DataFrame:
    """Everything as Python objects, as a frame that was made by hand."""
    return pd.DataFrame({n: pd.Series(v[rows], dtype=object) for n, v in COLUMNS.items()})


def nullable(rows: slice) -> pd.DataFrame:
    frame = objects(rows)
    return frame.astype(
        {
            "event_id": "Int64",
            "customer_id": "int64",
            "seen_at": "datetime64[us]",
            "weight": "float64",
            "name": "string",
            "big": "boolean",
        }
    )


KINDS: dict[str, Callable[[slice], Any]] = {
    "pandas objects": objects,
    "pandas nullable": nullable,
    "pandas arrow": lambda rows: arrow(rows).to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda rows: pl.from_arrow(arrow(rows)),
    "arrow": arrow,
    "arrow reader": lambda rows: arrow(rows).to_reader(),
    "arrow dictionary": lambda rows: arrow(rows).set_column(
        5, "name", arrow(rows).column("name").dictionary_encode()
    ),
}
