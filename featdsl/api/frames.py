"""Results as Arrow tables, polars frames and rows of Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from featdsl.runs.columns import Columns, to_arrow

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa


def arrow_table(columns: Columns) -> pa.Table:
    """Columns as an Arrow table.

    Raises:
        ImportError: pyarrow is not installed.
    """
    try:
        return to_arrow(columns)
    except ImportError:
        raise ImportError(_install("pyarrow", "arrow")) from None


def polars_frame(columns: Columns) -> pl.DataFrame:
    """Columns as a polars frame.

    Raises:
        ImportError: polars or pyarrow is not installed.
    """
    try:
        import polars as pl
    except ImportError:
        raise ImportError(_install("polars", "polars")) from None
    found = pl.from_arrow(arrow_table(columns))
    assert isinstance(found, pl.DataFrame), "a table becomes a frame"
    return found


def _install(package: str, extra: str) -> str:
    return f"{package} is not installed: pip install 'featdsl[{extra}]'"


def python_rows(columns: Columns, most: int | None = None) -> list[tuple[Any, ...]]:
    """Rows of Python values; a null is None."""
    head = slice(most)
    found = []
    for name in columns.types:
        array = columns.array(name)
        values = array.values[head].tolist()
        nulls = array.nulls[head].tolist()
        found.append([None if n else v for v, n in zip(values, nulls, strict=True)])
    rows = columns.rows if most is None else min(most, columns.rows)
    return list(zip(*found, strict=True)) if found else [()] * rows
