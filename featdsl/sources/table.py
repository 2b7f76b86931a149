"""Tables of the engine that the SQL runs in, by their name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlglot import exp

from featdsl.ir.program import Location, Source
from featdsl.sources.spec import Read, SourceKind
from featdsl.sources.stored_types import HOLDS, convert
from featdsl.sources.unseen import scan_unseen
from featdsl.sql import build


def wrong(argument: str) -> str | None:
    """What is wrong with a table's name."""
    parts = argument.split(".")
    if len(parts) > 2 or not all(p.strip() == p and p for p in parts):
        return 'the name of a table is needed, `"sales"` or with its schema `"shop.sales"`'
    return None


def table_of(location: Location) -> tuple[str | None, str]:
    """The schema, where it is written, and the table."""
    schema, _, name = location.argument.rpartition(".")
    return schema or None, name


def _table(location: Location) -> exp.Table:
    schema, name = table_of(location)
    table = build.table(name)
    if schema is not None:
        table.set("db", build.ident(schema))
    return table


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """Wanted columns in declared types, from the table that has the name."""
    return scan_unseen(source, columns, _table(source.location))


def find(location: Location, base: Path, roots: Sequence[Path]) -> list[Path]:
    """No file by itself: runs look in the database of their target."""
    return []


def read(wanted: Read) -> exp.Expr:
    """The table, columns as stored."""
    return _table(wanted.location)


SOURCE = SourceKind(
    name="table",
    meaning="A table of the engine that the SQL runs in.",
    argument="a table's name, `shop.sales` with its schema",
    holds=HOLDS,
    scan=scan,
    find=find,
    read=read,
    stored=None,
    convert=convert,
    wrong=wrong,
    named=True,
)
