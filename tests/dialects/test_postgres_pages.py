"""Programs of the pages, of the projects and of `tests/reference/programs`, on rows made by chance.

What a program asks for has the same values on Postgres as on DuckDB, group by group and data set by
data set: populations, unions, inputs, `next_in`, whatever a page shows. What the dialect refuses is
left out, and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from time import process_time
from typing import Any

import duckdb
import pytest

from featdsl.compiler.embed import render_dataset, render_statement
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.failure import Failure
from featdsl.ir.program import Program
from featdsl.sql import build
from featdsl.text.sources import SourceSet
from tests.dialects.two_engines import DIGITS_OF_FLOATS, Row, differing, store
from tests.reference.made import Maker
from tests.reference.test_pages import texts
from tests.support.seeds import first_seed

pytestmark = pytest.mark.engine

SECONDS = 60
SHOWN = ("populations", "unions", "inputs", "next_in", "across", "snapshots", "validity")
"""Pages and programs of which something has to be compared."""


def programs() -> Iterator[tuple[str, Program]]:
    """Those whose sources Postgres has tables for."""
    for name, files, options in texts():
        compiled = compile_project(SourceSet.of(files), options)
        if not compiled.ok or not compiled.program.sources:
            continue
        sources = compiled.program.sources.values()
        columns = [c for s in sources for c in s.columns.values()]
        apart = len({s.short for s in sources}) == len(sources)
        if apart and not any(c.dtype.is_nested for c in columns):
            yield name, compiled.program


class Both:
    """The rows of a program in a schema of both engines, and a question to both."""

    def __init__(self, postgres: Any, program: Program, maker: Maker) -> None:
        self.postgres = postgres
        self.program = program
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'; CREATE SCHEMA raw")
        for name, rows in maker.stored(maker.r.choice((2, 8, 20))).items():
            source = program.sources[name]
            stored = [tuple(row[c] for c in source.columns) for row in rows]
            store(postgres, program, name, stored, "raw")
            table = f"raw.{build.ident(source.short).sql('duckdb')}"
            types = ", ".join(
                f"{build.ident(c.name).sql('duckdb')} {build.sql_type(c.dtype).sql('duckdb')}"
                for c in source.columns.values()
            )
            self.connection.execute(f"CREATE TABLE {table} ({types})")
            if stored:
                marks = ", ".join("?" * len(source.columns))
                self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", stored)

    def ask(self, render: Callable[[str], str]) -> tuple[list[Row], list[Row]] | None:
        """Rows of both engines; None where the dialect refuses it, or rows stop both."""
        import psycopg

        try:
            here, there = render("duckdb"), render("postgres")
        except Failure:
            return None
        try:
            expected = self.connection.execute(here).fetchall()
        except duckdb.Error:
            with pytest.raises(psycopg.Error):
                self.postgres.execute(there)
            return None
        return expected, self.postgres.execute(there).fetchall()


def trial(postgres: Any, name: str, program: Program, seed: int, tally: Counter[str]) -> list[str]:
    """One program with one set of rows: what differs."""
    maker = Maker(Random(seed), program)
    both = Both(postgres, program, maker)
    page = name.partition(":")[0].partition(" in ")[0]
    found: list[str] = []

    def compare(what: str, render: Callable[[str], str]) -> None:
        rows = both.ask(render)
        tally["left out" if rows is None else "asked"] += 1
        if rows is not None:
            tally[page] += sum(map(len, rows[0]))
            found.extend(f"{what}: {cell}" for cell in differing(*rows, decimals=DIGITS_OF_FLOATS))

    for group, declared in program.groups.items():
        if declared.features:
            at = maker.base + maker.r.choice((timedelta(0), timedelta(days=1)))
            compare(
                f"{group} at {at}",
                lambda d, g=group, t=at: render_statement(
                    program, g, as_of=t, dialect=d, source_schema="raw"
                ),
            )
    for dataset, declared in program.datasets.items():
        if declared.spine is not None:
            compare(
                dataset,
                lambda d, s=dataset: render_dataset(program, s, dialect=d, source_schema="raw"),
            )
    return found


def test_every_program_has_the_same_values(postgres) -> None:
    seed, tally, until = first_seed(), Counter[str](), process_time() + SECONDS
    listed = list(programs())
    while True:  # all of them once, however long that takes
        for i, (name, program) in enumerate(listed):
            found = trial(postgres, name, program, seed * 1000 + i, tally)
            assert not found, "\n".join([f"seed {seed * 1000 + i}, {name}", *found])
        if process_time() >= until:
            break
        seed += 1

    print(tally)
    assert [page for page in SHOWN if not tally[page]] == []
    assert tally["asked"] > tally["left out"]
