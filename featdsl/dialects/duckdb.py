"""DuckDB: statements are built in its vocabulary, so little is left to do."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from featdsl.dialects import ddl
from featdsl.dialects.spec import Dialect, Made, Shape, StoredTable
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind

_NAME = "duckdb"
_AS_OF = "as_of"


def finish(
    query: exp.Query, tables: Mapping[str, StoredTable], columns: Mapping[str, DType]
) -> exp.Query:
    """The query, with stored tables in the place of sources."""
    for node in list(query.find_all(exp.Table)):
        if node.name in tables and isinstance(node.this, exp.Identifier):
            stored = tables[node.name]
            alias = exp.TableAlias(this=build.ident(node.alias or stored.name))
            node.replace(exp.Subquery(this=_scan(stored), alias=alias))
    return query


def _scan(table: StoredTable) -> exp.Select:
    """All columns in the declared types."""
    stored = build.table(table.name)
    if table.schema is not None:
        stored.set("db", build.ident(table.schema))
    typed = [
        exp.Alias(this=_typed(name, dtype), alias=build.ident(name))
        for name, dtype in table.columns.items()
    ]
    return exp.Select(expressions=typed).from_(stored, copy=False)


def _typed(name: str, dtype: DType) -> exp.Expr:
    value = build.cast(build.col(name), dtype)
    return build.finite(value) if dtype.kind is Kind.FLOAT else value


def statements(query: exp.Query, made: Made) -> list[str]:
    """What makes a view, a table or a macro of a query; the query itself for a SELECT."""
    match made.shape:
        case Shape.SELECT:
            found: list[exp.Expr] = [query]
        case Shape.MACRO:
            macro = _macro(query, made)
            found = [*ddl.schema(made), macro, *ddl.comments(made, "MACRO TABLE", columns=False)]
        case shape:
            kind = shape.value.upper()
            created = ddl.create(made, query, kind, replace=True)
            found = [*ddl.schema(made), created, *ddl.comments(made, kind)]
    return ddl.spelled(found, _NAME)


def _macro(query: exp.Query, made: Made) -> exp.Expr:
    """``CREATE OR REPLACE MACRO name(as_of) AS TABLE query``."""
    name = _AS_OF
    while name in ddl.identifiers(query):  # a macro's parameter hides columns of its name
        name += "_"
    for node in list(query.find_all(exp.Placeholder)):
        node.replace(build.col(name))
    signature = exp.UserDefinedFunction(
        this=ddl.target(made), expressions=[build.ident(name)], wrapped=True
    )
    table = exp.ReturnsProperty(this=exp.Schema(this=exp.Var(this="TABLE")), is_table=True)
    return exp.Create(
        this=signature,
        kind="MACRO",
        replace=True,
        expression=query,
        properties=exp.Properties(expressions=[table]),
    )


def howto(made: Made, parameter: bool) -> list[str]:
    """How the statements are run."""
    lines = ["times are UTC: run it after SET TimeZone = 'UTC'"]
    if made.shape is Shape.MACRO:
        call = exp.select(exp.Star()).from_(ddl.called(made), copy=False)
        lines.append(f"call it: {call.sql(_NAME, normalize_functions=False)}")
    return lines


DIALECT = Dialect(
    name=_NAME,
    title="DuckDB 2",
    finish=finish,
    statements=statements,
    parameter="$as_of",
    howto=howto,
)
