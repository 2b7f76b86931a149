"""From columns that nobody has looked into yet to their declared types, for compiled SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from featdsl.ir.program import Source
from featdsl.sql import build, statements
from featdsl.types.dtype import DType, Kind


def scan_unseen(source: Source, columns: Sequence[str], rows: exp.Expr) -> exp.Expr:
    """Wanted columns of a FROM item in declared types."""
    values = [
        statements.named(unseen(build.col(name), source.columns[name].dtype), name)
        for name in columns
    ]
    return exp.Subquery(
        this=exp.Select(expressions=values or [build.number(1)]).from_(rows, copy=False)
    )


_LOOKED_AT = frozenset({Kind.TIMESTAMP, Kind.FLOAT})
_ENTRY = ("key", "value")
_ITEM = "v"


def unseen(column: exp.Expr, dtype: DType) -> exp.Expr:
    """A cast that is right whatever time or number is stored."""
    match dtype.kind:
        case Kind.TIMESTAMP:
            # By way of the zoned type: nanoseconds with a zone have no other cast.
            zoned = exp.cast(column, exp.DataType.Type.TIMESTAMPTZ)
            return exp.cast(zoned, exp.DataType.Type.TIMESTAMP)
        case Kind.FLOAT:
            return build.finite(build.cast(column, dtype))
        case Kind.LIST:
            item = dtype.items[0]
            if not item.is_nested and item.kind not in _LOOKED_AT:
                return build.cast(column, dtype)
            each = unseen(build.it(_ITEM), item)
            return build.for_each("list_transform", column, _ITEM, each)
        case Kind.MAP:
            parts = (exp.Dot(this=build.it(_ITEM), expression=build.ident(n)) for n in _ENTRY)
            pair = [unseen(p, t) for p, t in zip(parts, dtype.items, strict=True)]
            entries = build.for_each(
                "list_transform", build.func("map_entries", column), _ITEM, build.func("row", *pair)
            )
            return build.func("map_from_entries", build.func("list_sort", entries))
        case _:
            return build.cast(column, dtype)
