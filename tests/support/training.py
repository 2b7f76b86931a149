"""Training sets of a few rows: a text, its sources' rows, and what comes out on DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.training import training_query
from featdsl.diagnostics.render.text import render_text
from featdsl.sql import build
from featdsl.text.sources import SourceSet

OPTIONS = Options(project="p", lint={"missing-description": "off", "missing-owner": "off"})
Rows = Sequence[Sequence[Any]]


def training_set(
    text: str,
    rows: Mapping[str, Rows],
    dataset: str,
    *,
    until: Mapping[str, datetime] | None = None,
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names and rows of a data set over its own spine.

    Args:
        text: The project.
        rows: By short name of a source, its rows with a cell for each declared column; a text
            is read as what the column holds.
        dataset: Its short name.
        until: Up to when labels are known, by short name of their source.
    """
    compilation = compile_project(SourceSet.of({"p.feat": text}), OPTIONS)
    assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
    program = compilation.program
    with duckdb.connect(config={"threads": 1}) as connection:
        scans = {}
        for name, source in program.sources.items():
            types = {n: build.sql_type(c.dtype).sql("duckdb") for n, c in source.columns.items()}
            listed = ", ".join(f"{build.ident(n).sql('duckdb')} {t}" for n, t in types.items())
            connection.execute(f'create table "{source.short}" ({listed})')
            marks = ", ".join("?" * len(types))
            for row in rows[source.short]:
                connection.execute(f'insert into "{source.short}" values ({marks})', list(row))
            scans[name] = build.table(source.short)
        query = training_query(
            program,
            f"p.{dataset}",
            scans=scans,
            until={f"p.{short}": time for short, time in (until or {}).items()},
        )
        result = connection.execute(query.sql("duckdb"))
        return [c[0] for c in result.description or ()], result.fetchall()
