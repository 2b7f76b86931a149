"""Rows of a result in memory: columns of known types, that no float has rounded.

Where pyarrow is installed they are an Arrow table, else numpy arrays; which of the two says
nothing about values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError, Trouble
from featdsl.runs.nested import arrow_value, as_text, narrowed, nested_type, python_value
from featdsl.sources.stored_types import convert
from featdsl.sql import build, statements
from featdsl.types.dtype import (
    BOOL,
    DATE,
    DURATION,
    FLOAT,
    INT,
    MAX_DIGITS,
    TEXT,
    TIMESTAMP,
    DType,
    Kind,
    decimal,
)

_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_ENGINE = {
    **dict.fromkeys(("TINYINT", "UTINYINT", "SMALLINT", "USMALLINT", "INTEGER", "UINTEGER"), INT),
    **dict.fromkeys(("BIGINT",), INT),
    **dict.fromkeys(("UBIGINT", "HUGEINT", "UHUGEINT"), decimal(MAX_DIGITS, 0)),
    **dict.fromkeys(("FLOAT", "DOUBLE"), FLOAT),
    **dict.fromkeys(("VARCHAR", "UUID", '"NULL"', "NULL"), TEXT),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), TIMESTAMP),
    **dict.fromkeys(("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), TIMESTAMP),
    **dict.fromkeys(("TIMESTAMPTZ_NS", "TIMESTAMP_NS WITH TIME ZONE"), TIMESTAMP),
    "BOOLEAN": BOOL,
    "DATE": DATE,
    "INTERVAL": DURATION,
}


@dataclass(frozen=True, slots=True)
class Array:
    """A column as numpy: what ``values`` hold where ``nulls`` is true means nothing.

    int64 for ints, float64, bool, datetime64[us], timedelta64[us]; Python objects for text,
    decimals, dates, lists and maps (a dict each).
    """

    values: Any
    nulls: Any


@dataclass(frozen=True, slots=True)
class Columns:
    """``rows`` rows of columns with ``types``: in ``arrow``, or in ``arrays`` by name."""

    types: Mapping[str, DType]
    rows: int
    arrow: Any = None
    arrays: Mapping[str, Array] = field(default_factory=dict)

    def array(self, name: str) -> Array:
        """A column as numpy arrays of the caller's own."""
        if self.arrow is None:
            kept = self.arrays[name]
            return Array(kept.values.copy(), kept.nulls.copy())
        return _from_arrow(self.arrow.column(name), self.types[name])


def fetch(session: Session, query: exp.Select, types: Mapping[str, DType] | None = None) -> Columns:
    """Run a query and keep its rows in their order.

    Args:
        session: Where to run it.
        query: What to run.
        types: Of columns by name; the others have the type that is nearest to the engine's.
            Ints have 64 bits, however many their type has digits.

    Raises:
        EngineError: the query fails.
        Failure: an int has more than 64 bits, or a column is of a type that no result has.
    """
    engine = session.columns(query)
    known = {name: (types or {}).get(name) or _type_of(name, kind) for name, kind in engine}
    shown = {n: narrowed(t) for n, t in known.items()}
    asked = statements.subquery(query.copy(), "result")
    as_arrow = find_spec("pyarrow") is not None
    write = _as_arrow if as_arrow else _as_numpy
    values = [write(n, k, shown[n]) for n, k in engine]
    rows = exp.Select(expressions=values).from_(asked)
    try:
        return (_arrow_columns if as_arrow else _numpy_columns)(session, rows, shown)
    except EngineError as error:
        cut = [n for n, k in engine if shown[n].holds(Kind.INT) and _is_wide(k, shown[n])]
        if error.trouble not in (Trouble.CONVERSION, Trouble.TOO_LARGE) or not cut:
            raise
        raise Failure(_too_long(cut)) from error


def _is_wide(engine: str, shown: DType) -> bool:
    stored = _type_of("", engine)
    return stored != shown if shown.is_nested else stored not in (INT, FLOAT)


def _too_long(names: Sequence[str]) -> Diagnostic:
    shown = ", ".join(f"`{n}`" for n in names)
    message = f"an int of the result has more than 64 bits, in {shown}"
    remedy = "declare the feature `decimal(38, 0)`"
    return catalog.NUMBER_TOO_LARGE.general(message).help(remedy)


def _arrow_columns(session: Session, query: exp.Select, types: Mapping[str, DType]) -> Columns:
    table = session.arrow(query, doing="computing").cast(_schema(types))
    return Columns(types, table.num_rows, arrow=table)


def _numpy_columns(session: Session, query: exp.Select, types: Mapping[str, DType]) -> Columns:
    found = session.arrays(query, doing="computing")
    arrays = {n: _from_engine(found[n], t) for n, t in types.items()}
    rows = len(next(iter(arrays.values())).nulls) if arrays else 0
    return Columns(types, rows, arrays=arrays)


def without_column(columns: Columns, name: str) -> Columns:
    """The same rows without one column."""
    types = {n: t for n, t in columns.types.items() if n != name}
    arrow = None if columns.arrow is None else columns.arrow.drop_columns([name])
    arrays = {n: a for n, a in columns.arrays.items() if n != name}
    return Columns(types, columns.rows, arrow, arrays)


def from_rows(types: Mapping[str, DType], rows: Sequence[Sequence[Any]]) -> Columns:
    """Columns of rows of Python values.

    Raises:
        Failure: an int has more than 64 bits.
    """
    shown = {n: narrowed(t) for n, t in types.items()}
    arrays = {
        name: from_values([row[i] for row in rows], dtype, name)
        for i, (name, dtype) in enumerate(shown.items())
    }
    return Columns(shown, len(rows), arrays=arrays)


def from_values(values: Sequence[Any], dtype: DType, name: str = "") -> Array:
    """One column of Python values; durations count microseconds.

    Raises:
        Failure: an int has more than 64 bits.
    """
    import numpy as np

    nulls = np.array([v is None for v in values], dtype=bool)
    kind = _NUMPY.get(dtype.kind)
    if kind is None:
        objects = np.empty(len(values), dtype=object)
        for i, value in enumerate(values):  # as a whole, lists would be taken for rows
            objects[i] = value
        return Array(objects, nulls)
    blank = "NaT" if kind.startswith(("datetime", "timedelta")) else 0
    try:
        return Array(np.array([blank if v is None else v for v in values], dtype=kind), nulls)
    except OverflowError as error:
        raise Failure(_too_long([name])) from error


_NUMPY = {
    Kind.INT: "int64",
    Kind.FLOAT: "float64",
    Kind.BOOL: "bool",
    Kind.TIMESTAMP: "datetime64[us]",
    Kind.DURATION: "timedelta64[us]",
}


def _type_of(name: str, engine: str) -> DType:
    if (match := _DECIMAL.fullmatch(engine)) is not None:
        return decimal(int(match[1]), int(match[2]))
    if engine.startswith("ENUM"):
        return TEXT
    nested = nested_type(engine, lambda item: _type_of(name, item))
    if nested is not None:
        return nested
    if engine in _ENGINE:
        return _ENGINE[engine]
    message = f"column `{name}` is of the type {engine.lower()}, which no result can have"
    remedy = "leave it out of the rows that are handed in"
    raise Failure(catalog.UNFIT_RESULT.general(message).help(remedy))


def plain_column(name: str, engine: str, dtype: DType) -> exp.Expr:
    """A column, stored as ``engine`` says, in the engine's type for `dtype`."""
    value: exp.Expr = build.col(name)
    if dtype.kind is Kind.DURATION and engine == "INTERVAL":
        return build.epoch_us(value)
    if dtype.is_nested and dtype.holds(Kind.DURATION) and "INTERVAL" in engine:
        found = convert(value, engine, dtype)
        value = value if isinstance(found, str) else found.value
    if "NS" in engine and dtype.kind is Kind.TIMESTAMP and engine != "TIMESTAMP_NS":
        # Nanoseconds with a zone are cast to the zoned type only.
        value = exp.cast(value, exp.DataType.Type.TIMESTAMPTZ)
    return build.cast(value, dtype)


def _as_arrow(name: str, engine: str, dtype: DType) -> exp.Expr:
    return statements.named(plain_column(name, engine, dtype), name)


def _as_numpy(name: str, engine: str, dtype: DType) -> exp.Expr:
    value = plain_column(name, engine, dtype)
    if dtype.kind is Kind.DECIMAL:  # the engine's own arrays of decimals are floats
        value = exp.cast(value, exp.DataType.Type.VARCHAR)
    return statements.named(as_text(value, dtype) if dtype.is_nested else value, name)


def _from_engine(found: Any, dtype: DType) -> Array:
    """A (masked) array as the engine gives it."""
    import numpy as np

    nulls = np.ma.getmaskarray(found)
    values = np.ma.getdata(found)
    match dtype.kind:
        case Kind.DECIMAL:
            from decimal import Decimal

            exact = [None if n else Decimal(v) for v, n in zip(values, nulls, strict=True)]
            return from_values(exact, dtype)
        case Kind.DATE:
            return Array(_objects(values.astype("datetime64[D]"), nulls), nulls)
        case Kind.DURATION:
            return Array(values.astype("timedelta64[us]"), nulls)
        case Kind.TIMESTAMP:
            return Array(values.astype("datetime64[us]"), nulls)
        case Kind.LIST | Kind.MAP:
            found = [
                None if n else python_value(v, dtype) for v, n in zip(values, nulls, strict=True)
            ]
            return from_values(found, dtype)
    return Array(_objects(values, nulls) if values.dtype.kind == "O" else values, nulls)


def _objects(values: Any, nulls: Any) -> Any:
    """Python objects, None where there is no value."""
    found = values.astype(object)
    found[nulls] = None
    return found


def _from_arrow(column: Any, dtype: DType) -> Array:
    import numpy as np

    nulls = column.is_null().to_numpy()
    match dtype.kind:
        case Kind.INT:
            values = column.fill_null(0).to_numpy()
        case Kind.FLOAT:
            values = column.fill_null(0.0).to_numpy()
        case Kind.BOOL:
            values = column.fill_null(False).to_numpy()
        case Kind.TIMESTAMP | Kind.DURATION:
            values = column.to_numpy()
        case Kind.TEXT:
            values = column.to_numpy()
        case _:
            return from_values([python_value(v, dtype) for v in column.to_pylist()], dtype)
    # What lies in an Arrow table is not written to.
    return Array(values if values.flags.writeable else np.array(values), nulls)


def arrow_type(dtype: DType) -> Any:
    """The Arrow type of a column."""
    import pyarrow as pa

    match dtype.kind:
        case Kind.DECIMAL:
            return pa.decimal128(dtype.precision, dtype.scale)
        case Kind.LIST:
            return pa.list_(arrow_type(dtype.items[0]))
        case Kind.MAP:
            return pa.map_(*map(arrow_type, dtype.items))
    return {
        Kind.BOOL: pa.bool_(),
        Kind.INT: pa.int64(),
        Kind.FLOAT: pa.float64(),
        Kind.TEXT: pa.string(),
        Kind.DATE: pa.date32(),
        Kind.TIMESTAMP: pa.timestamp("us"),
        Kind.DURATION: pa.duration("us"),
    }[dtype.kind]


def _schema(types: Mapping[str, DType]) -> Any:
    import pyarrow as pa

    return pa.schema([(name, arrow_type(dtype)) for name, dtype in types.items()])


def to_arrow(columns: Columns) -> Any:
    """An Arrow table; the one that is there already, where there is one.

    Raises:
        ImportError: pyarrow is not installed.
    """
    import pyarrow as pa

    if columns.arrow is not None:
        return columns.arrow
    arrays = [_to_arrow(columns.arrays[name], dtype) for name, dtype in columns.types.items()]
    return pa.Table.from_arrays(arrays, schema=_schema(columns.types))


def _to_arrow(array: Array, dtype: DType) -> Any:
    import pyarrow as pa

    if dtype.is_nested:
        return pa.array([arrow_value(v, dtype) for v in array.values], type=arrow_type(dtype))
    return pa.array(array.values, mask=array.nulls, type=arrow_type(dtype))
