"""Postgres, from version 17 on; its tests run on 18."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlglot import exp

from featdsl.dialects import ddl
from featdsl.dialects.pg.lacks import LACKS
from featdsl.dialects.pg.query import Queries
from featdsl.dialects.pg.typed import stored_type
from featdsl.dialects.spec import Dialect, Made, Shape, StoredTable
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind

_NAME = "postgres"
_LONGEST_NAME = 63
_TIMESTAMP = exp.DataType(this=exp.DataType.Type.TIMESTAMP)
_AS_THEY_ARE = frozenset({Kind.BOOL, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.FLOAT})


def finish(
    query: exp.Query, tables: Mapping[str, StoredTable], columns: Mapping[str, DType]
) -> exp.Query:
    """The query in Postgres, its columns in the types given.

    Raises:
        Lacking: a part of it has no equal in Postgres.
    """
    found, _ = Queries(tables).query(query, {})
    assert isinstance(found, exp.Select)
    found.set("expressions", [_output(e, columns) for e in found.expressions])
    _shorten(found)
    return found


def _output(item: exp.Expr, columns: Mapping[str, DType]) -> exp.Expr:
    """A column in its type: an engine's own may have fewer digits, or more."""
    name = item.alias_or_name
    if name not in columns or columns[name].kind in _AS_THEY_ARE:
        return item
    value = item.this if isinstance(item, exp.Alias) else item
    return exp.Alias(
        this=exp.Cast(this=value, to=stored_type(columns[name])), alias=build.ident(name)
    )


def _shorten(query: exp.Query) -> None:
    """Give names within the statement that are too long shorter ones, always the same."""
    long = {i.name for i in query.find_all(exp.Identifier) if _is_long(i.name)}
    ddl.renamed(query, {name: _short(name) for name in long})


def _is_long(name: str) -> bool:
    return len(name.encode()) > _LONGEST_NAME


def _short(name: str) -> str:
    start = name.encode()[: _LONGEST_NAME - 10].decode(errors="ignore")
    return f"{start}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def statements(query: exp.Query, made: Made) -> list[str]:
    """What makes a view, a table or a function of a query; the query itself for a SELECT."""
    match made.shape:
        case Shape.SELECT:
            found: list[exp.Expr] = [query]
        case Shape.VIEW:
            created = ddl.create(made, query, "VIEW", replace=True)
            found = [*ddl.schema(made), created, *ddl.comments(made, "VIEW")]
        case Shape.TABLE:
            gone = exp.Drop(tables=[ddl.target(made)], kind="TABLE", exists=True)
            created = ddl.create(made, query, "TABLE", replace=False)
            found = [*ddl.schema(made), gone, created, *ddl.comments(made, "TABLE")]
        case Shape.MACRO:
            found = [*ddl.schema(made), _function(query, made)]
            if made.comment:
                signature = _signature(made, [exp.Var(this="TIMESTAMP")])
                found.append(ddl.comment(signature, "FUNCTION", made.comment))
    return ddl.spelled(found, _NAME)


def _function(query: exp.Query, made: Made) -> exp.Expr:
    """``CREATE OR REPLACE FUNCTION name(as_of timestamp) RETURNS TABLE (…)``, in plain SQL."""
    returned = exp.Schema(
        this=exp.Var(this="TABLE"),
        expressions=[
            exp.ColumnDef(this=build.ident(name), kind=stored_type(dtype))
            for name, dtype in made.columns.items()
        ],
    )
    properties = [
        exp.ReturnsProperty(this=returned, is_table=True),
        exp.LanguageProperty(this=exp.Var(this="sql")),
        exp.StabilityProperty(this=build.text("STABLE")),
    ]
    argument = exp.ColumnDef(this=build.ident(_argument(made)), kind=_TIMESTAMP.copy())
    return exp.Create(
        this=_signature(made, [argument]),
        kind="FUNCTION",
        replace=True,
        expression=_quoted(query.sql(_NAME, pretty=True)),
        properties=exp.Properties(expressions=properties),
    )


def _argument(made: Made) -> str:
    """A name that no column of the result has; the body says $1."""
    name = "as_of"
    while name in made.columns:
        name += "_"
    return name


def _quoted(body: str) -> exp.Expr:
    """The body between dollar quotes that do not occur in it."""
    tag = "sql"
    while f"${tag}$" in body:
        tag += "_"
    return exp.Heredoc(this=f"\n{body}\n", tag=tag)


def _signature(made: Made, arguments: list[exp.Expr]) -> exp.Expr:
    return exp.UserDefinedFunction(this=ddl.target(made), expressions=arguments, wrapped=True)


def howto(made: Made, parameter: bool) -> list[str]:
    """How the statements are run."""
    lines = ["for Postgres 17 and later, in a database with the encoding UTF8"]
    match made.shape:
        case Shape.SELECT if parameter:
            lines.append("drivers: run it with a timestamp for $1")
            lines.append("psql: write PREPARE q AS before it, then EXECUTE q('2026-10-01');")
        case Shape.SELECT:
            lines.append("run it: psql -v ON_ERROR_STOP=1 -f <this file>")
        case shape:
            lines.append("run it: psql -v ON_ERROR_STOP=1 --single-transaction -f <this file>")
            if shape is Shape.MACRO:
                call = exp.select(exp.Star()).from_(ddl.called(made))
                lines.append(f"call it: {call.sql(_NAME, normalize_functions=False)}")
    return lines


DIALECT = Dialect(
    name=_NAME,
    title="Postgres 17 and later",
    lacks=LACKS,
    finish=finish,
    statements=statements,
    parameter="$1",
    howto=howto,
    longest_name=_LONGEST_NAME,
    reads_files=False,
)
