"""Statements that dialects share: schemas, views, tables and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from featdsl.dialects.spec import Made
from featdsl.sql import build


def target(made: Made) -> exp.Table:
    """The name of what is made, with its schema."""
    named = build.table(made.name)
    if made.schema is not None:
        named.set("db", build.ident(made.schema))
    return named


def called(made: Made) -> exp.Table:
    """The macro or function as a relation, as of a day to be read as an example."""
    table = target(made)
    table.set("this", exp.Anonymous(this=table.this, expressions=[build.text("2026-10-01")]))
    return table


def schema(made: Made) -> list[exp.Expr]:
    """``CREATE SCHEMA IF NOT EXISTS`` where one is named."""
    if made.schema is None:
        return []
    named = exp.Table(db=build.ident(made.schema))
    return [exp.Create(this=named, kind="SCHEMA", exists=True)]


def create(made: Made, query: exp.Query, kind: str, *, replace: bool) -> exp.Expr:
    """``CREATE [OR REPLACE] VIEW|TABLE name AS query``."""
    return exp.Create(this=target(made), kind=kind, replace=replace, expression=query)


def comments(made: Made, kind: str, *, columns: bool = True) -> list[exp.Expr]:
    """``COMMENT ON`` the whole and each column of which something is said."""
    found: list[exp.Expr] = []
    if made.comment:
        found.append(comment(target(made), kind, made.comment))
    for name, text in (made.comments if columns else {}).items():
        column = exp.Column(this=build.ident(name), table=build.ident(made.name))
        if made.schema is not None:
            column.set("db", build.ident(made.schema))
        found.append(comment(column, "COLUMN", text))
    return found


def comment(on: exp.Expr, kind: str, text: str) -> exp.Expr:
    return exp.Comment(this=on, kind=kind, expression=build.text(text))


def spelled(statements: Iterable[exp.Expr], dialect: str) -> list[str]:
    """Each as text, laid out to be read; the trees are used up."""
    return [s.sql(dialect, pretty=True, copy=False) for s in statements]


def identifiers(tree: exp.Expr) -> set[str]:
    """Every name in a tree, in small letters."""
    return {i.name.lower() for i in tree.find_all(exp.Identifier)}


def renamed(tree: exp.Expr, names: Mapping[str, str]) -> None:
    """Change identifiers in place, wherever they stand."""
    for identifier in tree.find_all(exp.Identifier):
        if identifier.name in names:
            identifier.set("this", names[identifier.name])
