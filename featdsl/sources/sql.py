"""What one SELECT makes of Parquet files; nothing but what is listed here may stand in it.

A query gives the same rows whenever it is asked: so no limit, no order of rows, no window, no
clock, no chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from featdsl.ir.program import Location, Source
from featdsl.sources.locate import find_files
from featdsl.sources.spec import Read, SourceKind
from featdsl.sources.stored_types import HOLDS, convert
from featdsl.sources.unseen import scan_unseen
from featdsl.sql import build, statements

_DIALECT = "duckdb"
_FILE = ".parquet"
_LONGEST = 20_000
# Columns that the engine makes up: they differ from place to place.
_MADE_UP = frozenset({"filename", "file_index", "file_row_number", "rowid"})
_CLAUSES = {
    *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Distinct),
    *(exp.Union, exp.Except, exp.Intersect, exp.With, exp.CTE, exp.Subquery),
    *(exp.Table, exp.TableAlias, exp.Identifier, exp.Column, exp.Star, exp.Alias),
}
_VALUES = {
    *(exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.Neg),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ),
    *(exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Exists),
    *(exp.Case, exp.If, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam),
    *(exp.Coalesce, exp.Nullif, exp.Lower, exp.Upper, exp.Abs, exp.Floor, exp.Ceil),
    *(exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg),
}
_ALLOWED = frozenset(_CLAUSES | _VALUES)


def wrong(argument: str) -> str | None:
    """What is wrong with a query, in words."""
    if len(argument) > _LONGEST:
        return f"it has {len(argument):,} characters, and {_LONGEST:,} are read at most"
    try:
        found = [s for s in sqlglot.parse(argument, read=_DIALECT) if s is not None]
    except (SqlglotError, RecursionError) as error:
        return f"this is no SQL: {str(error).splitlines()[0]}"
    if len(found) != 1 or not isinstance(found[0], exp.Select | exp.SetOperation):
        return "one SELECT is needed, and nothing besides"
    return _wrong_in(found[0])


def _wrong_in(query: exp.Expr) -> str | None:
    named = {cte.alias.casefold() for cte in query.find_all(exp.CTE)}
    for node in query.walk():
        if type(node) not in _ALLOWED or _is_unsure(node):
            shown = node.sql(dialect=_DIALECT)
            shown = shown if len(shown) <= 40 else f"{shown[:40]} …"
            return f"`{' '.join(shown.split())}` may not stand in it"
        if isinstance(node, exp.With) and node.args.get("recursive"):
            return "it may not be recursive"
        if isinstance(node, exp.CTE) and node.alias.endswith(_FILE):
            return f"`{node.alias}` is the name of a file"
        if isinstance(node, exp.Table):
            if not isinstance(node.this, exp.Identifier) or node.args.get("db"):
                return f"`{node.sql(dialect=_DIALECT)}` is no file: write `'sales{_FILE}'`"
            name = node.name
            if name.casefold() not in named and not name.endswith(_FILE):
                return f"`{name}` is no Parquet file: write `'sales{_FILE}'`; views join sources"
    return None


def _is_unsure(node: exp.Expr) -> bool:
    """Whether its rows may differ from time to time, or from place to place."""
    match node:
        case exp.Distinct():
            return node.args.get("on") is not None
        case exp.Join():
            return bool(node.args.get("method"))
        case exp.Column():
            return node.name.casefold() in _MADE_UP
    return False


def query_of(location: Location, read: Callable[[str], exp.Expr]) -> exp.Query:
    """The query, with what reads them in place of the names of files."""
    query = sqlglot.parse_one(location.argument, read=_DIALECT)
    assert isinstance(query, exp.Query), "semantics checks it"
    for table in list(query.find_all(exp.Table)):
        if isinstance(table.this, exp.Identifier) and table.name.endswith(_FILE):
            table.set("this", read(table.name))
    return query


def files_of(location: Location, base: Path, roots: Sequence[Path]) -> dict[str, list[Path]]:
    """The files by the path or pattern that the query names.

    Raises:
        Failure: as `find_files`.
    """
    names: dict[str, None] = {}
    query_of(location, lambda name: names.setdefault(name) or build.text(name))
    return {name: find_files(replace(location, argument=name), base, roots) for name in names}


def read_parquet(argument: exp.Expr) -> exp.Expr:
    """What reads a file, or several of one shape, in a query."""
    options = {"union_by_name": build.boolean(False), "hive_partitioning": build.boolean(False)}
    found = statements.table_function("read_parquet", argument, options).this
    assert isinstance(found, exp.Expr)
    return found


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """Wanted columns in declared types, of rows that nobody has looked into yet."""
    query = query_of(source.location, lambda name: read_parquet(build.text(name)))
    return scan_unseen(source, columns, statements.subquery(query, "query"))


def find(location: Location, base: Path, roots: Sequence[Path]) -> list[Path]:
    """All files that the query reads."""
    found = files_of(location, base, roots)
    return sorted({file for files in found.values() for file in files})


def read(wanted: Read) -> exp.Expr:
    """The query from the data folder on; runs put the files that they found into it."""
    query = query_of(wanted.location, lambda name: read_parquet(build.text(name)))
    return statements.subquery(query, "query")


SOURCE = SourceKind(
    name="sql",
    meaning="What one SELECT makes of Parquet files.",
    argument="a SELECT of DuckDB over `'a path or a pattern.parquet'`, from the data folder on",
    holds=HOLDS,
    scan=scan,
    find=find,
    read=read,
    stored=None,
    convert=convert,
    wrong=wrong,
    query=True,
)
