"""Rows in memory to a file of one's own choice, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.files.atomic import make_folder, sync_file, sync_folder
from featdsl.files.errors import explained
from featdsl.runs.as_pandas import pandas_frame
from featdsl.runs.columns import Columns, plain_column
from featdsl.runs.frames import given_frame
from featdsl.runs.guard import guarded_sql
from featdsl.runs.outputs import FILE_OPTIONS, Format
from featdsl.sql import build, statements
from featdsl.types.dtype import Kind

_ENDINGS: dict[str, Format] = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl"}


def format_of(path: Path) -> Format | None:
    """The format that a file's name stands for."""
    return _ENDINGS.get(path.suffix.lower())


def write_columns(
    columns: Columns, path: Path, format: Format, *, guard_formulas: bool = True
) -> None:
    """Write rows in their order to a file, which replaces one that is there.

    Raises:
        Failure: the engine cannot write it.
        FileError: the folder cannot be made, or the file cannot be put into its place.
    """
    with explained(path):
        make_folder(path.parent)
    staged = path.with_name(f".{path.name}.{token_hex(4)}.featc-tmp")
    try:
        with Session(Profile(writable=path.parent)) as session:
            query = _query(session, columns, format, guard_formulas=guard_formulas)
            session.copy(query, staged, FILE_OPTIONS[format], doing=f"writing `{path.name}`")
        with explained(path):
            sync_file(staged)
            staged.replace(path)
            sync_folder(path.parent)
    finally:
        staged.unlink(missing_ok=True)


def _query(
    session: Session, columns: Columns, format: Format, *, guard_formulas: bool
) -> exp.Select:
    rows = given_frame(_frame(columns), "the result").load(session, "result")
    engine = dict(session.columns(statements.star_from(rows.copy())))
    values: list[exp.Expr] = []
    for name, dtype in columns.types.items():
        value = plain_column(name, engine[name], dtype)
        if format == "csv" and dtype.kind is Kind.TEXT and guard_formulas:
            value = guarded_sql(value)
        elif format == "csv" and dtype.items:
            value = build.func("to_json", value)
        values.append(statements.named(value, name))
    return exp.Select(expressions=values).from_(rows)


def _frame(columns: Columns) -> object:
    """What a session can register."""
    return pandas_frame(columns) if columns.arrow is None else columns.arrow
