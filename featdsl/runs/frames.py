"""Data frames and Arrow tables as an engine takes them: every value kept, or its column refused.

Columns that an engine would guess wrong travel as text, with the type that they are cast to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.engines.duckdb import Session
from featdsl.runs.given import NO_COLUMN, Given
from featdsl.runs.objects import read_objects
from featdsl.sql import build, statements

if TYPE_CHECKING:
    import pandas as pd

_KINDS = "a data frame of pandas or polars, an Arrow table, or a path"


@dataclass(frozen=True, slots=True)
class FrameColumn:
    """A column: ``engine`` is what `Frame.data` calls it, None where it is not there.

    ``cast`` is the type that its text stands for. ``words`` is the type of a needed column that
    no engine can read.
    """

    name: str
    engine: str | None
    cast: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """``data`` is registered in a session; ``index`` is the index of a pandas frame."""

    data: Any
    columns: tuple[FrameColumn, ...]
    rows: int
    index: Any = None


def given_frame(value: object, words: str, columns: Iterable[str] | None = None) -> Given:
    """Rows of a frame in place of files.

    Args:
        value: A pandas or polars data frame, or anything that gives an Arrow stream.
        words: What messages call it; without a slash.
        columns: Names of the columns that are needed; None for all. Others are listed only.

    Raises:
        TypeError, ValueError, ImportError: as `read_frame`.
    """
    frame = read_frame(value, words, columns)
    return Given(
        words=words,
        load=lambda session, name: _load(session, name, frame, words),
        index=_index_names(frame.index),
    )


def _index_names(index: Any) -> tuple[str, ...]:
    """Names of the levels of a pandas index; nothing where it is one without a name."""
    names = () if index is None else tuple(index.names)
    if len(names) == 1 and names[0] is None:
        return ()
    return tuple("" if n is None else str(n) for n in names)


def _load(session: Session, name: str, frame: Frame, words: str) -> exp.Table:
    """A view of a session with the frame's columns under their names."""
    for column in frame.columns:
        if column.words:
            message = f"column `{column.name}` of {words} holds {column.words}"
            remedy = "convert it to a type that FEAT has: numbers, text, booleans, dates, times"
            raise Failure(catalog.DATA_COLUMN_TYPE.general(message).help(remedy))
    registered = session.register(f"{name} frame", frame.data)
    values = [statements.named(_value(column), column.name) for column in frame.columns]
    query = exp.Select(expressions=values or [statements.named(build.null(), NO_COLUMN)]).from_(
        registered
    )
    return session.create_view(name, query)


def _value(column: FrameColumn) -> exp.Expr:
    if column.engine is None:
        return exp.cast(build.null(), exp.DataType.Type.INT)
    stored: exp.Expr = build.col(column.engine)
    if column.cast is None:
        return stored
    if column.cast.endswith("[]") or column.cast.startswith("MAP("):
        stored = exp.cast(stored, exp.DataType.Type.JSON)
    return exp.Cast(this=stored, to=exp.DataType.build(column.cast, dialect="duckdb"))


def read_frame(value: object, name: str, columns: Iterable[str] | None = None) -> Frame:
    """Prepare a frame for a session, without a copy where its columns can be read in place.

    Args:
        value: A pandas or polars data frame, or anything that gives an Arrow stream.
        name: What it is called in messages.
        columns: Names of the columns that are needed; None for all. Others are listed only.

    Raises:
        TypeError: it is something else.
        ValueError: two columns share a name, or differ in their letters' case only.
        ImportError: Arrow data, and pyarrow is not installed.
    """
    if _is_pandas(value):
        return _of_pandas(value, name, columns)
    lazy = getattr(sys.modules.get("polars"), "LazyFrame", None)
    if lazy is not None and isinstance(value, lazy):
        raise TypeError(f"{name} is a lazy frame of polars: call `.collect()` first")
    if hasattr(value, "__arrow_c_stream__"):
        return _of_arrow(value, name, columns)
    raise TypeError(f"{name} must be {_KINDS}, not {type(value).__name__}")


def _is_pandas(value: object) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def _names(given: Iterable[object], name: str) -> list[str]:
    names = [str(n) for n in given]
    seen: dict[str, str] = {}
    for column in names:
        other = seen.setdefault(column.lower(), column)
        if other is not column or names.count(column) > 1:
            raise ValueError(f"{name} has the columns `{other}` and `{column}`: rename one")
    return names


def _of_arrow(value: object, name: str, wanted: Iterable[str] | None) -> Frame:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ImportError(f"{name} is Arrow data: install `featdsl[arrow]`") from error
    table = value if isinstance(value, pa.Table) else _arrow_table(value, name)
    names = _names(table.column_names, name)
    needed = set(names if wanted is None else wanted)
    taken = [i for i, n in enumerate(names) if n in needed and _is_readable(table.field(i).type)]
    columns = [
        FrameColumn(n, f"c{i}")
        if i in taken
        else FrameColumn(n, None, words=str(table.field(i).type) if n in needed else "")
        for i, n in enumerate(names)
    ]
    data = table.select(taken).rename_columns([f"c{i}" for i in taken])
    return Frame(data, tuple(columns), table.num_rows)


def _arrow_table(value: Any, name: str) -> Any:
    import pyarrow as pa

    polars = sys.modules.get("polars")
    try:
        if polars is not None and isinstance(value, polars.DataFrame):
            # polars keeps its layout of texts only when it is asked to; the old one is a copy.
            return value.to_arrow(compat_level=polars.CompatLevel.newest())
        return pa.table(value)
    except pa.ArrowException as error:
        raise TypeError(f"{name} cannot be read as an Arrow table: {error}") from None


def _is_readable(dtype: Any) -> bool:
    """Whether DuckDB has a type for it."""
    import pyarrow.types as t

    unknown: Sequence[Callable[[Any], bool]] = (t.is_float16, t.is_decimal256, t.is_run_end_encoded)
    return not any(test(dtype) for test in unknown)


def _of_pandas(frame: Any, name: str, wanted: Iterable[str] | None) -> Frame:
    names = _names(frame.columns, name)
    needed = set(names if wanted is None else wanted)
    columns: list[FrameColumn] = []
    data: dict[str, Any] = {}
    for i, column in enumerate(names):
        if column not in needed:
            columns.append(FrameColumn(column, None))
            continue
        try:
            found = _pandas_column(frame.iloc[:, i])
        except UnicodeError:
            found = "text that is no Unicode: halves of characters"
        if isinstance(found, str):
            columns.append(FrameColumn(column, None, words=found))
            continue
        data[f"c{i}"] = found[0]
        columns.append(FrameColumn(column, f"c{i}", cast=found[1]))
    return Frame(_assembled(data, len(frame)), tuple(columns), len(frame), frame.index)


def _assembled(data: dict[str, Any], rows: int) -> pd.DataFrame:
    import pandas as pd

    # Without a column of its own an engine would not know how many rows there are.
    series = data or {"rows": pd.Series(range(rows), dtype="int64")}
    plain = {n: s.set_axis(pd.RangeIndex(rows)) for n, s in series.items()}
    return pd.DataFrame(plain, index=pd.RangeIndex(rows), copy=False)


def _pandas_column(series: Any) -> tuple[Any, str | None] | str:
    """A column that an engine reads right, with the type to cast to; or its type in words."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        if not isinstance(dtype.categories.dtype, pd.StringDtype):
            return read_objects(series.astype(object))
        return series.astype(dtype.categories.dtype), None
    if dtype.kind == "O" and not isinstance(dtype, pd.api.extensions.ExtensionDtype):
        return read_objects(series)
    if dtype == "float16":
        return series.astype("float32"), None
    if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype | pd.SparseDtype):
        return str(dtype)
    return str(dtype) if getattr(dtype, "kind", "") in ("c", "V", "S") else (series, None)
