"""Stored tables in Postgres as rows of the declared types."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from featdsl.dialects.pg.typed import collated, stored_type
from featdsl.dialects.spec import Lacking, StoredTable
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind

_T = exp.DataType.Type


def scan(table: StoredTable, columns: Sequence[str]) -> exp.Select:
    """The wanted columns; times in UTC, texts ordered by code point, null for NaN and infinity."""
    stored = build.table(table.name)
    if table.schema is not None:
        stored.set("db", build.ident(table.schema))
    typed = [
        exp.Alias(this=_typed(build.col(name), table.columns[name]), alias=build.ident(name))
        for name in columns
    ]
    return exp.Select(expressions=typed or [build.number(1)]).from_(stored, copy=False)


def _typed(column: exp.Expr, dtype: DType) -> exp.Expr:
    if dtype.is_nested:
        raise Lacking("lists and maps")
    value: exp.Expr = exp.Cast(this=column.copy(), to=stored_type(dtype))
    match dtype.kind:
        case Kind.TEXT:
            return collated(value)
        case Kind.FLOAT:
            for strange in ("NaN", "Infinity", "-Infinity"):
                value = exp.Nullif(this=value, expression=build.text(strange))
            return value
        case Kind.DECIMAL:
            return exp.Nullif(this=value, expression=build.text("NaN"))
        case Kind.TIMESTAMP:
            return _utc(column, value)
        case _:
            return value


def _utc(column: exp.Expr, plain: exp.Expr) -> exp.Expr:
    """A timestamp as it is, one with a zone in UTC whatever the session's zone is."""
    zoned = exp.DataType(this=_T.TIMESTAMPTZ)
    kind = exp.Cast(
        this=build.text("timestamptz"),
        to=exp.DataType(this=_T.USERDEFINED, kind="regtype"),
    )
    is_zoned = exp.EQ(this=build.func("pg_typeof", column.copy()), expression=kind)
    utc = build.func("timezone", build.text("UTC"), exp.Cast(this=column.copy(), to=zoned))
    return build.case(is_zoned, utc, plain)
