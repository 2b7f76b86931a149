"""Tables of DuckDB database files: typed, read in place, never written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Location, Source
from featdsl.sources.locate import find_files
from featdsl.sources.spec import FILE, ROW, Option, Read, SourceKind, option
from featdsl.sources.stored_types import HOLDS, convert
from featdsl.sources.unseen import scan_unseen
from featdsl.sql import build, statements
from featdsl.types.dtype import Kind

_NO_TABLE = "does not have any tables matching"
_LOG = ".wal"


def _name(value: Any) -> str | None:
    return None if value.strip() else "a name is needed"


OPTIONS = (
    Option(
        name="table",
        kind=Kind.TEXT,
        default=None,
        meaning="The table; a view is none.",
        valid=_name,
    ),
    Option(
        name="schema",
        kind=Kind.TEXT,
        default="main",
        meaning="The schema that the table is in.",
        valid=_name,
    ),
)


def find(location: Location, base: Path, roots: Sequence[Path]) -> list[Path]:
    """The files of `find_files`, each of them whole.

    Raises:
        Failure: as `find_files`; or changes of a file are in a log beside it: its hash would not
            tell what is read.
    """
    files = find_files(location, base, roots)
    for file in files:
        if file.with_name(f"{file.name}{_LOG}").exists():
            message = f"`{file.name}` is not whole: changes are in `{file.name}{_LOG}` beside it"
            found = catalog.UNREADABLE_DATA.at(location.span, message)
            remedy = "end what writes to it, or let it run `CHECKPOINT`: that puts them in the file"
            raise Failure(found.help(remedy))
    return files


def _relation(location: Location, argument: exp.Expr, *, named: bool = False) -> exp.Expr:
    options: dict[str, exp.Expr] = {
        "schema_name": build.text(str(option(OPTIONS, location, "schema"))),
        "table_name": build.text(str(option(OPTIONS, location, "table"))),
        "union_by_name": build.boolean(False),
        "hive_partitioning": build.boolean(False),
    }
    if named:
        options["filename"] = build.text(FILE)
    return statements.table_function("read_duckdb", argument, options)


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """Wanted columns in declared types, from a table that nobody has looked into yet."""
    location = source.location
    return scan_unseen(source, columns, _relation(location, build.text(location.argument)))


def read(wanted: Read) -> exp.Expr:
    """Tables of one shape, columns as stored."""
    files = statements.texts(list(wanted.files))
    if not wanted.numbered:
        return _relation(wanted.location, files)
    relation = _relation(wanted.location, files, named=True)
    number = statements.named(exp.Window(this=build.func("row_number")), ROW)
    numbered = exp.Select(expressions=[exp.Star(), number]).from_(relation, copy=False)
    first = exp.Window(this=exp.Min(this=build.col(ROW)), partition_by=[build.col(FILE)])
    place = statements.named(exp.Sub(this=build.col(ROW), expression=first), ROW)
    values = [build.col(name) for name in (*(n for n, _ in wanted.stored), FILE)]
    query = exp.Select(expressions=[*values, place]).from_(
        statements.subquery(numbered, "stored"), copy=False
    )
    return statements.subquery(query, "rows")


def explain(location: Location, path: Path, said: str) -> tuple[str, str | None] | None:
    """A table that is not there, in words, with the nearest of those that are."""
    if _NO_TABLE not in said:
        return None
    table, schema = (str(option(OPTIONS, location, n)) for n in ("table", "schema"))
    whole = table if schema == "main" else f"{schema}.{table}"
    there = re.findall(r'"([^"]+)"', said.partition("Candidates:")[2])
    remedy = did_you_mean(table, there, what="tables")
    return f"`{path.name}` has no table `{whole}`: views are not read", remedy


SOURCE = SourceKind(
    name="duckdb",
    meaning="A table of a DuckDB database file, or of many with a table of one shape.",
    argument="a path or a pattern, from the data folder on",
    options=OPTIONS,
    holds=HOLDS,
    scan=scan,
    find=find,
    read=read,
    stored=None,
    convert=convert,
    explain=explain,
)
