"""Names of a statement's steps, which hide tables of the same name from the steps below them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from featdsl.dialects.spec import StoredTable
from featdsl.sql import build


def unhide(query: exp.Query, tables: Mapping[str, StoredTable]) -> None:
    """Give steps other names where a later one reads a stored table called alike.

    Args:
        query: Changed in place; its stored tables still have the names of `tables`.
        tables: Stored tables by their name in the tree. Those with a schema cannot be hidden.
    """
    with_ = query.args.get("with_")
    if with_ is None:
        return
    steps = list(with_.expressions)
    taken = {cte.alias.lower() for cte in steps}
    last_read = {
        tables[node.name].name.lower(): i
        for i, part in enumerate([*(cte.this for cte in steps), _body(query)])
        for node in _tables(part)
        if node.name in tables and tables[node.name].schema is None
    }
    for i, cte in enumerate(steps):
        name = cte.alias
        if last_read.get(name.lower(), -1) > i:
            free = _free(name, taken | set(last_read))
            taken.add(free.lower())
            _rename(query, cte, name, free)


def _body(query: exp.Query) -> exp.Expr:
    body = query.copy()
    body.set("with_", None)
    return body


def _tables(part: exp.Expr) -> list[exp.Table]:
    return [t for t in part.find_all(exp.Table) if isinstance(t.this, exp.Identifier)]


def _free(name: str, taken: set[str]) -> str:
    n = 2
    while f"{name}_{n}".lower() in taken:
        n += 1
    return f"{name}_{n}"


def _rename(query: exp.Query, cte: exp.CTE, name: str, free: str) -> None:
    cte.set("alias", exp.TableAlias(this=build.ident(free)))
    for table in _tables(query):
        if table.name == name and not table.db:
            table.set("this", build.ident(free))
    for column in query.find_all(exp.Column):
        if column.table == name:
            column.set("table", build.ident(free))
