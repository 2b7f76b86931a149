"""Data frames and Arrow tables as an engine takes them: every value kept, or its column refused.

What an engine guesses wrong is settled here: columns of Python objects are looked through whole,
and exact numbers travel as text, with the type that they are cast to.
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
from featdsl.runs.given import Given
from featdsl.sql import build, statements
from featdsl.types.dtype import MAX_DIGITS

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
    return Given(words=words, load=lambda session, name: _load(session, name, frame, words))


def _load(session: Session, name: str, frame: Frame, words: str) -> exp.Table:
    """A view of a session with the frame's columns under their names."""
    for column in frame.columns:
        if column.words:
            message = f"column `{column.name}` of {words} holds {column.words}"
            remedy = "convert it to a type that FEAT has: numbers, text, booleans, dates, times"
            raise Failure(catalog.DATA_COLUMN_TYPE.general(message).help(remedy))
    registered = session.register(f"{name} frame", frame.data)
    values = [statements.named(_value(column), column.name) for column in frame.columns]
    query = exp.Select(expressions=values or [build.null()]).from_(registered)
    return session.create_view(name, query)


def _value(column: FrameColumn) -> exp.Expr:
    if column.engine is None:
        return exp.cast(build.null(), exp.DataType.Type.INT)
    stored = build.col(column.engine)
    if column.cast is None:
        return stored
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
            return _of_objects(series.astype(object))
        return series.astype(dtype.categories.dtype), None
    if dtype.kind == "O" and not isinstance(dtype, pd.api.extensions.ExtensionDtype):
        return _of_objects(series)
    if dtype == "float16":
        return series.astype("float32"), None
    if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype | pd.SparseDtype):
        return str(dtype)
    return str(dtype) if getattr(dtype, "kind", "") in ("c", "V", "S") else (series, None)


def _of_objects(series: Any) -> tuple[Any, str | None] | str:
    """A column of Python objects by the types of all of its values."""
    present = series[series.notna()]
    kinds = {type(v) for v in present}
    for convert, names in _OBJECTS:
        if {_family(k) for k in kinds} <= names:
            return convert(series, present)
    return " and ".join(sorted({k.__name__ for k in kinds}))


def _family(kind: type) -> str:
    """The name of the Python type that a value's type is one of."""
    import numbers
    from datetime import date, datetime
    from decimal import Decimal

    import numpy as np

    if issubclass(kind, bool | np.bool_):
        return "bool"
    if issubclass(kind, numbers.Integral):
        return "int"
    for known in (Decimal, float, np.floating, str, datetime, np.datetime64, date):
        if issubclass(kind, known):
            return {"floating": "float", "datetime64": "datetime"}.get(
                known.__name__, known.__name__
            )
    return "UUID" if kind.__name__ == "UUID" else f"other {kind.__name__}"


def _texts(series: Any, present: Any, write: Callable[[Any], str] = str) -> Any:
    """The column as text, with its nulls where they were."""
    import numpy as np
    import pandas as pd

    found = np.full(len(series), None, dtype=object)
    found[series.notna().to_numpy()] = np.array([write(v) for v in present], dtype=object)
    return pd.Series(pd.array(found, dtype="string"))


def _strings(series: Any, present: Any) -> tuple[Any, str | None]:
    "".join(present).encode()  # halves of characters are in no engine's text
    return _texts(series, present), None


def _nothing(series: Any, present: Any) -> tuple[Any, str | None]:
    import pandas as pd

    return pd.Series([None] * len(series), dtype=object), None


def _ints(series: Any, present: Any) -> tuple[Any, str | None] | str:
    least, largest = int(min(present)), int(max(present))
    if least >= -(2**63) and largest < 2**63:
        return series.where(series.notna(), None).astype("Int64"), None
    if least >= -(2**127) and largest < 2**127:
        return _texts(series, present), "HUGEINT"
    return "ints of more than 128 bits"


def _decimals(series: Any, present: Any) -> tuple[Any, str | None] | str:
    from decimal import Decimal

    exact = [Decimal(v) if not isinstance(v, float) else None for v in present]
    finite = [d for d in exact if d is not None and d.is_finite()]
    parts = [d.as_tuple() for d in finite]
    scale = max([0, *(-int(p.exponent) for p in parts)])
    whole = max([0, *(len(p.digits) + int(p.exponent) for p in parts)])
    if scale + whole > MAX_DIGITS:
        return f"decimals of more than {MAX_DIGITS} digits"

    def write(value: Any) -> str:
        number = Decimal(value)
        # Not-a-number and infinity are null, as they are in floats.
        return format(number, "f") if number.is_finite() else ""

    text = _texts(series, present, write)
    return text.where(text != "", None), f"DECIMAL({max(1, scale + whole)}, {scale})"


def _times(series: Any, present: Any) -> tuple[Any, str | None] | str:
    import pandas as pd

    zoned = {getattr(v, "tzinfo", None) is not None for v in present}
    if len(zoned) > 1:
        return "times with and without a zone"
    stamps = [pd.Timestamp(v) for v in present]
    plain = [s.tz_convert("UTC").tz_localize(None) if s.tzinfo else s for s in stamps]
    return _texts(series, plain, lambda s: s.isoformat(sep=" ")), "TIMESTAMP_NS" if any(
        s.nanosecond for s in plain
    ) else "TIMESTAMP"


_OBJECTS: Sequence[tuple[Callable[[Any, Any], tuple[Any, str | None] | str], set[str]]] = (
    (_nothing, set()),
    (_strings, {"str"}),
    (lambda s, p: (_texts(s, p), "UUID"), {"UUID"}),
    (lambda s, p: (s.where(s.notna(), None).astype("boolean"), None), {"bool"}),
    (_ints, {"int"}),
    (lambda s, p: (s.where(s.notna(), None).astype("Float64"), None), {"int", "float"}),
    (_decimals, {"int", "Decimal"}),
    (lambda s, p: (_texts(s, p, lambda d: d.isoformat()), "DATE"), {"date"}),
    (_times, {"datetime"}),
)
"""What becomes of objects whose types are all of some: the first that fits."""
