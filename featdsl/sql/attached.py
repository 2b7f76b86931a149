"""Statements that fill a database file: schemas, views, macros and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import TEXT, DType

_BLOCK = 16_384
"""Bytes: the least that DuckDB takes; a file of views would be half a megabyte else."""


def attach(path: str, name: str) -> exp.Attach:
    """``ATTACH 'path' AS name``: the file is made where there is none, of small blocks."""
    return exp.Attach(
        this=exp.Alias(this=build.text(path), alias=build.ident(name)),
        expressions=[
            exp.AttachOption(this=exp.Var(this="BLOCK_SIZE"), expression=build.number(_BLOCK))
        ],
    )


def detach(name: str) -> exp.Detach:
    """``DETACH name``: all of it is in the file then."""
    return exp.Detach(this=build.ident(name))


def within(database: str, schema: str, name: str) -> exp.Table:
    """A relation of a schema of an attached database."""
    return exp.Table(this=build.ident(name), db=build.ident(schema), catalog=build.ident(database))


def create_schema(database: str, schema: str) -> exp.Create:
    """``CREATE SCHEMA IF NOT EXISTS database.schema``."""
    place = exp.Table(db=build.ident(schema), catalog=build.ident(database))
    return exp.Create(this=place, kind="SCHEMA", exists=True)


def create(kind: str, place: exp.Table, query: exp.Expr) -> exp.Create:
    """``CREATE VIEW|TABLE place AS query``."""
    return exp.Create(this=place.copy(), kind=kind, expression=query)


def create_macro(place: exp.Table, arguments: Sequence[str], query: exp.Select) -> exp.Create:
    """``CREATE MACRO place(argument, …) AS TABLE query``."""
    named = [build.ident(a) for a in arguments]
    called = exp.UserDefinedFunction(this=place.copy(), expressions=named, wrapped=True)
    table = exp.ReturnsProperty(this=exp.Schema(this=exp.Var(this="TABLE")), is_table=True)
    returns = exp.Properties(expressions=[table])
    return exp.Create(this=called, kind="MACRO", expression=query, properties=returns)


def comment(kind: str, place: exp.Table, said: str) -> exp.Comment:
    """``COMMENT ON VIEW|TABLE place IS 'said'``."""
    return exp.Comment(this=place.copy(), kind=kind, expression=build.text(said))


def comment_column(place: exp.Table, column: str, said: str) -> exp.Comment:
    """``COMMENT ON COLUMN place.column IS 'said'``."""
    named = exp.Column(
        this=build.ident(column),
        table=place.this.copy(),
        db=place.args["db"].copy(),
        catalog=place.args["catalog"].copy(),
    )
    return exp.Comment(this=named, kind="COLUMN", expression=build.text(said))


def table_with_comments(
    schema: str,
    name: str,
    columns: Sequence[tuple[str, DType | None, bool]],
    said: Mapping[str, str],
    whole: str,
) -> list[str]:
    """A table's statements in DuckDB's SQL.

    Args:
        schema: Where it is made; empty for where the session is.
        name: Of the table.
        columns: Name, type and whether it may be null; where there is no type, text.
        said: Of columns; empty of those of which nothing is said.
        whole: What is said of the table.
    """
    place = exp.Table(this=build.ident(name), db=build.ident(schema) if schema else None)
    defined = [_column(*column) for column in columns]
    create_ = exp.Create(this=exp.Schema(this=place.copy(), expressions=defined), kind="TABLE")
    found: list[exp.Expr] = [create_, comment("TABLE", place, whole)]
    if schema:
        made = exp.Table(db=build.ident(schema))
        found.insert(0, exp.Create(this=made, kind="SCHEMA", exists=True))
    for column, text in said.items():
        if text:
            named = exp.Column(
                this=build.ident(column),
                table=build.ident(name),
                db=build.ident(schema) if schema else None,
            )
            found.append(exp.Comment(this=named, kind="COLUMN", expression=build.text(text)))
    return [s.sql(dialect="duckdb", pretty=True) for s in found]


def _column(name: str, dtype: DType | None, nullable: bool) -> exp.ColumnDef:
    never = [exp.ColumnConstraint(kind=exp.NotNullColumnConstraint())]
    return exp.ColumnDef(
        this=build.ident(name),
        kind=build.sql_type(TEXT if dtype is None else dtype),
        constraints=[] if nullable else never,
    )
