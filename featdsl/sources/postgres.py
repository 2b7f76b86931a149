"""Tables of a Postgres server, read whole once a run; how it is reached is in the environment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.ir.program import Location, Source
from featdsl.sources.spec import Option, Read, SourceKind, option
from featdsl.sources.stored_types import convert
from featdsl.sql import build
from featdsl.types.dtype import Kind


def _name(value: Any) -> str | None:
    return None if value.strip() else "a name is needed"


OPTIONS = (
    Option(
        name="table",
        kind=Kind.TEXT,
        default=None,
        meaning="The table, or a view.",
        valid=_name,
    ),
    Option(
        name="schema",
        kind=Kind.TEXT,
        default="public",
        meaning="The schema that it is in.",
        valid=_name,
    ),
)


def table_of(location: Location) -> tuple[str, str]:
    """Schema and table."""
    schema, table = (str(option(OPTIONS, location, n)) for n in ("schema", "table"))
    return schema, table


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """A table of that name stands for the rows where SQL is only shown."""
    return build.table(f"postgres {'.'.join(table_of(source.location))}")


def find(location: Location, base: Path, roots: Sequence[Path]) -> list[Path]:
    """No file holds the rows."""
    return []


def read(wanted: Read) -> exp.Expr:
    """As `scan`: rows of a server are read from the session."""
    return build.table(f"postgres {'.'.join(table_of(wanted.location))}")


SOURCE = SourceKind(
    name="postgres",
    meaning="A table or view of a Postgres server.",
    argument='`env("NAME")`, a variable that says how the server is reached',
    options=OPTIONS,
    holds=frozenset(
        {Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP}
    ),
    scan=scan,
    find=find,
    read=read,
    stored=None,
    convert=convert,
    connected=True,
)
