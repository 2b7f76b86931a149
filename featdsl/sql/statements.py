"""Statements and relations round a query: table functions, views, tables, files, rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from featdsl.ir.expr import Value
from featdsl.sql import build
from featdsl.types.dtype import DType


def table_function(name: str, argument: exp.Expr, options: Mapping[str, exp.Expr]) -> exp.Table:
    """``name(argument, option = value, …)`` as a relation; names are constants of ours."""
    named = [exp.EQ(this=exp.column(key), expression=value) for key, value in options.items()]
    return exp.Table(this=build.func(name, argument, *named))


def texts(values: Sequence[str]) -> exp.Expr:
    """A list of texts."""
    return exp.Array(expressions=[build.text(v) for v in values])


def star_from(relation: exp.Expr) -> exp.Select:
    """``SELECT * FROM relation``."""
    return exp.Select(expressions=[exp.Star()]).from_(relation, copy=False)


def subquery(query: exp.Expr, alias: str) -> exp.Subquery:
    """``(query) AS alias``."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident(alias)))


def named(value: exp.Expr, name: str) -> exp.Alias:
    """``value AS "name"``."""
    return exp.Alias(this=value, alias=build.ident(name))


def count_where(condition: exp.Expr) -> exp.Expr:
    """How many rows fulfil a condition; 0 of none, where DuckDB's ``count_if`` is null."""
    return exp.Count(this=build.case(condition, build.boolean(True)))


def union_all(queries: Sequence[exp.Expr]) -> exp.Expr:
    """All rows of all queries, which have the same columns."""
    found = queries[0]
    for query in queries[1:]:
        found = exp.Union(this=found, expression=query, distinct=False)
    return found


def create_view(name: str, query: exp.Expr) -> exp.Create:
    """A view for the session."""
    return _create("VIEW", name, query)


def create_table(name: str, query: exp.Expr) -> exp.Create:
    """A table for the session, filled from a query."""
    return _create("TABLE", name, query)


def _create(kind: str, name: str, query: exp.Expr) -> exp.Create:
    temporary = exp.Properties(expressions=[exp.TemporaryProperty()])
    return exp.Create(this=build.table(name), kind=kind, expression=query, properties=temporary)


def drop(kind: str, name: str) -> exp.Drop:
    """``DROP VIEW|TABLE IF EXISTS name``."""
    return exp.Drop(tables=[build.table(name)], kind=kind, exists=True)


def copy_to(
    query: exp.Expr, path: str, options: Mapping[str, Value | Mapping[str, str]]
) -> exp.Copy:
    """``COPY (query) TO 'path' WITH (option value, …)``; names are constants of ours.

    An option that is a mapping is written as a struct of texts.
    """
    return exp.Copy(
        this=exp.Subquery(this=query),
        kind=False,
        files=[build.text(path)],
        params=[
            exp.CopyParameter(this=exp.Var(this=key.upper()), expression=_option(value))
            for key, value in options.items()
        ],
    )


def _option(value: Value | Mapping[str, str]) -> exp.Expr:
    match value:
        case Mapping():
            items = [
                exp.PropertyEQ(this=build.ident(k), expression=build.text(v))
                for k, v in value.items()
            ]
            return exp.Struct(expressions=items)
        case bool():
            return build.boolean(value)
        case int():
            return build.number(value)
        case str():
            return build.text(value)
    raise AssertionError(f"no option of a statement: {value!r}")


def rows(columns: Mapping[str, DType], cells: Sequence[Sequence[Value]]) -> exp.Expr:
    """A typed query of literal rows, in their order; without rows, an empty relation."""
    types = list(columns.values())
    typed = [
        named(build.cast(build.col(name, "given"), dtype), name) for name, dtype in columns.items()
    ]
    listed = cells or [[None] * len(types)]
    tuples = [
        exp.Tuple(expressions=[build.literal(v, t) for v, t in zip(row, types, strict=True)])
        for row in listed
    ]
    alias = exp.TableAlias(
        this=build.ident("given"), columns=[build.ident(name) for name in columns]
    )
    query = exp.Select(expressions=typed).from_(
        exp.Values(expressions=tuples, alias=alias), copy=False
    )
    return query if cells else query.where(build.boolean(False), copy=False)
