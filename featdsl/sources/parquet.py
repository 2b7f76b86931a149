"""Parquet files: typed, read in place."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from featdsl.ir.program import Source
from featdsl.sources.locate import find_files
from featdsl.sources.spec import FILE, Read, SourceKind
from featdsl.sources.stored_types import HOLDS, convert
from featdsl.sources.unseen import scan_unseen
from featdsl.sql import build, statements


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """Wanted columns in declared types, from files that nobody has looked into yet."""
    files = statements.table_function("read_parquet", build.text(source.location.argument), {})
    return scan_unseen(source, columns, files)


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
