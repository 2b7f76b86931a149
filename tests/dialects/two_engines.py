"""One project's rows in DuckDB and in Postgres, and the same question asked of both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.embed import render_dataset, render_statement
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.statements import group_query
from featdsl.compiler.training import training_query
from featdsl.diagnostics.model import Problems
from featdsl.dialects.pg.typed import stored_type
from featdsl.engines.duckdb import Session
from featdsl.files.staging import staging
from featdsl.ir.program import Program
from featdsl.project.load import load_project
from featdsl.runs.execute import SPILL, make_folders, places_of, profile_of
from featdsl.runs.hashes import Hashes
from featdsl.runs.stage import open_sources, stage_sources
from featdsl.sql import build, statements

Row = tuple[Any, ...]


@dataclass
class Engines:
    """A project whose sources are views of a DuckDB session and tables of a Postgres schema."""

    program: Program
    compilation: Compilation
    session: Session
    scans: Mapping[str, exp.Table]
    postgres: Any
    schema: str

    def group(self, name: str, as_of: datetime) -> tuple[list[Row], list[Row]]:
        """Rows of a group in DuckDB, and of its compiled statement in Postgres."""
        query = group_query(self.program, name, as_of=as_of, scans=self.scans)
        text = render_statement(
            self.program, name, as_of=as_of, dialect="postgres", source_schema=self.schema
        )
        return self.session.execute(query), self.postgres.execute(text).fetchall()

    def dataset(self, name: str) -> tuple[list[Row], list[Row]]:
        """Rows of a training set in DuckDB, and of its compiled statement in Postgres."""
        query = training_query(self.program, name, scans=self.scans)
        text = render_dataset(self.program, name, dialect="postgres", source_schema=self.schema)
        return self.session.execute(query), self.postgres.execute(text).fetchall()


@contextmanager
def engines(folder: Path, postgres: Any, schema: str = "shop") -> Iterator[Engines]:
    """Stage the data of the project in a folder as runs do; copy them into Postgres."""
    project = load_project(folder)
    compilation = compile_project(project.texts, project.options)
    assert compilation.ok
    program = compilation.program
    places = places_of(project, program)
    make_folders(places)
    problems, hashes = Problems(), Hashes.load(places.cache)
    with ExitStack() as stack:
        staged = stack.enter_context(staging(places.target, "two_engines"))
        session = stack.enter_context(Session(profile_of(project, places, staged / SPILL)))
        opened = open_sources(
            session, program, program.sources, places=places, hashes=hashes, problems=problems
        )
        tables = stage_sources(
            session, opened, run="two_engines", staging=staged, places=places, problems=problems
        )
        assert not problems.has_errors
        for name, scan in tables.scans.items():
            rows = session.execute(statements.star_from(scan.copy()))
            store(postgres, program, name, rows, schema)
        yield Engines(program, compilation, session, tables.scans, postgres, schema)


def store(postgres: Any, program: Program, source: str, rows: Sequence[Row], schema: str) -> None:
    """Make a table of a source's rows, in the types that it declares.

    Lists and maps are left out: what reads them is refused for Postgres.
    """
    declared = program.sources[source]
    held = [i for i, c in enumerate(declared.columns.values()) if not c.dtype.is_nested]
    columns = [
        exp.ColumnDef(this=build.ident(c.name), kind=stored_type(c.dtype))
        for c in declared.columns.values()
        if not c.dtype.is_nested
    ]
    table = exp.Table(this=build.ident(declared.short), db=build.ident(schema))
    name = table.sql("postgres")
    created = exp.Create(this=exp.Schema(this=table, expressions=columns), kind="TABLE")
    made = build.ident(schema).sql("postgres")
    postgres.execute(f"CREATE SCHEMA IF NOT EXISTS {made}; DROP TABLE IF EXISTS {name}")
    postgres.execute(created.sql("postgres"))
    with postgres.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[i] for i in held])


DIGITS_OF_FLOATS = 1e-15
"""Relative distance of decimals that were cast from one float."""


def differing(here: Sequence[Row], there: Sequence[Row], *, decimals: float = 0.0) -> list[str]:
    """Cells that are not the same: floats to 1e-9, everything else exactly, types too.

    Decimals may differ by the share `decimals`.
    """
    if len(here) != len(there):
        return [f"{len(here)} rows and {len(there)}"]
    return [
        f"row {i}, column {j}: {a!r} and {b!r}"
        for i, (one, other) in enumerate(zip(here, there, strict=True))
        for j, (a, b) in enumerate(zip(one, other, strict=True))
        if not same(a, b, decimals)
    ]


def same(a: Any, b: Any, decimals: float = 0.0) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if decimals and isinstance(a, Decimal) and isinstance(b, Decimal):
        return abs(a - b) <= Decimal(decimals) * abs(a)
    if {type(a), type(b)} == {int, Decimal}:  # 128-bit ints are numerics in Postgres
        return bool(a == b)
    return type(a) is type(b) and bool(a == b)
