"""Parquet files: typed, read in place."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from featdsl.ir.program import Source
from featdsl.sources.locate import find_files
from featdsl.sources.spec import FILE, Read, SourceKind
from featdsl.sources.stored_types import HOLDS, convert
from featdsl.sql import build, statements
from featdsl.types.dtype import DType, Kind


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """Wanted columns in declared types, from files that nobody has looked into yet."""
    files = statements.table_function("read_parquet", build.text(source.location.argument), {})
    values = [
        statements.named(_unseen(build.col(name), source.columns[name].dtype), name)
        for name in columns
    ]
    query = exp.Select(expressions=values).from_(files)
    return exp.Subquery(this=query)


_LOOKED_AT = frozenset({Kind.TIMESTAMP, Kind.FLOAT})
_ENTRY = ("key", "value")
_ITEM = "v"


def _unseen(column: exp.Expr, dtype: DType) -> exp.Expr:
    """A cast that is right whatever time or number the file stores."""
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
            each = _unseen(build.it(_ITEM), item)
            return build.for_each("list_transform", column, _ITEM, each)
        case Kind.MAP:
            parts = (exp.Dot(this=build.it(_ITEM), expression=build.ident(n)) for n in _ENTRY)
            pair = [_unseen(p, t) for p, t in zip(parts, dtype.items, strict=True)]
            entries = build.for_each(
                "list_transform", build.func("map_entries", column), _ITEM, build.func("row", *pair)
            )
            return build.func("map_from_entries", build.func("list_sort", entries))
        case _:
            return build.cast(column, dtype)


def read(wanted: Read) -> exp.Expr:
    """Files of one shape, columns as stored."""
    argument = statements.texts(list(wanted.files))
    options = {"union_by_name": build.boolean(False)}
    if not wanted.numbered:
        return statements.table_function("read_parquet", argument, options)
    options |= {"filename": build.text(FILE), "file_row_number": build.boolean(True)}
    return statements.table_function("read_parquet", argument, options)


SOURCE = SourceKind(
    name="parquet",
    meaning="One Parquet file, or many of one shape.",
    argument="a path or a pattern, from the data folder on",
    holds=HOLDS,
    scan=scan,
    find=find_files,
    read=read,
    stored=None,
    convert=convert,
)
