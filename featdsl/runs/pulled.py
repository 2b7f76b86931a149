"""Rows of a Postgres table into a session: fetched once, as text, and typed there.

How the server is reached is known here only, for as long as it takes; nothing that is told or
recorded holds it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError, Trouble
from featdsl.files.atomic import make_folder
from featdsl.files.errors import explained
from featdsl.ir.program import Source
from featdsl.runs.given import Given, open_given
from featdsl.runs.locked import check_locked
from featdsl.runs.places import Places
from featdsl.runs.secrets import hidden
from featdsl.runs.shapes import Shape
from featdsl.runs.stored import Opened
from featdsl.sources.postgres import table_of
from featdsl.sources.spec import SourceKind
from featdsl.sql import build, statements

_NULL = "\\N"
_WAIT = 20
"""Seconds that a server has to answer in."""
_PLAIN = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "boolean": "BOOLEAN",
    "text": "VARCHAR",
    "uuid": "VARCHAR",
    "date": "DATE",
}
_OTHERS = (
    (re.compile(r"character( varying)?(\(\d+\))?"), "VARCHAR"),
    (re.compile(r"timestamp(\(\d\))? without time zone"), "TIMESTAMP"),
    (re.compile(r"timestamp(\(\d\))? with time zone"), "TIMESTAMPTZ"),
)
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
_OF_THE_ROWS = frozenset({Trouble.OTHER, Trouble.INPUT, Trouble.CONVERSION, Trouble.TOO_LARGE})
_LINE = 1 << 28
"""Bytes that a row may have."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the server's table; ``stored`` is the engine's type, None where it has none."""

    name: str
    words: str
    stored: str | None


def open_pulled(
    session: Session, source: Source, places: Places, problems: Problems
) -> Opened | None:
    """Fetch a table's rows, and fit them by the rules of Parquet files.

    What is wrong is reported, and gives None.
    """

    def check(kind: SourceKind, shape: Shape) -> bool:
        return check_locked(session, kind, source, [shape], problems, typed=False)

    try:
        given = _fetched(source, places)
        opened = open_given(session, source, given, problems, check=check)
    except EngineError as error:
        if error.trouble not in _OF_THE_ROWS:
            raise
        refused = catalog.UNREADABLE_DATA.at(
            source.location.span, f"rows of `{'.'.join(table_of(source.location))}` cannot be read"
        )
        problems.report(refused.note(f"the engine says: {' '.join(error.detail.split())}"))
        return None
    except Failure as failure:
        problems.extend(_placed(d, source) for d in failure.diagnostics)
        return None
    return None if opened is None else replace(opened, source=source)


def _placed(found: Diagnostic, source: Source) -> Diagnostic:
    if found.primary is not None:
        return found
    return replace(found, primary=found.code.at(source.location.span, "").primary)


def _fetched(source: Source, places: Places) -> Given:
    location = source.location
    schema, table = table_of(location)

    def load(session: Session, name: str) -> exp.Table:
        make_folder(places.cache)
        with tempfile.TemporaryDirectory(prefix=".fetched-", dir=places.cache) as folder:
            path = Path(folder) / "rows.csv"
            columns = _fetch(source, places, path)
            return session.create_table(name, _typed(path, columns, source))

    return Given(words=f"table {schema}.{table}", load=load)


def _fetch(source: Source, places: Places, path: Path) -> list[_Column]:
    """Write the needed columns to a file; return all that the table has.

    Raises:
        Failure: the server, the table or a column's type.
    """
    span = source.location.span
    variable = source.location.argument
    address = places.environment.get(variable)
    if address is None:
        found = catalog.NO_CONNECTION.at(span, f"the environment has no variable `{variable}`")
        remedy = f"set `{variable}` to how the server is reached: `postgresql://user@host/database`"
        raise Failure(found.help(remedy))
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        found = catalog.NO_CONNECTION.at(span, "a Postgres server is reached by psycopg")
        raise Failure(found.help('install it: `pip install "featdsl[postgres]"`')) from error
    try:
        known = conninfo_to_dict(address)
    except psycopg.Error:
        # Its message would repeat the text.
        found = catalog.NO_CONNECTION.at(span, f"`{variable}` does not say how a server is reached")
        remedy = "write `postgresql://user@host/database`, or `host=… dbname=…`"
        raise Failure(found.help(remedy)) from None
    secrets = (
        tuple(str(v) for v in (address, known.get("password"), known.get("passfile")) if v)
        + places.secrets
    )
    try:
        connection = psycopg.connect(address, connect_timeout=_WAIT, client_encoding="utf8")
    except psycopg.Error as error:
        message = f"the server that `{variable}` names cannot be reached"
        found = catalog.NO_CONNECTION.at(span, message)
        raise Failure(found.note(f"it says: {_said(error, secrets)}")) from None
    try:
        with connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return _copied(connection, source, path)
    except psycopg.Error as error:
        schema, table = table_of(source.location)
        refused = catalog.UNREADABLE_DATA.at(span, f"`{schema}.{table}` cannot be read")
        raise Failure(refused.note(f"the server says: {_said(error, secrets)}")) from None


def _said(error: Exception, secrets: tuple[str, ...]) -> str:
    return hidden(" ".join(str(error).split()), secrets)


def _copied(connection: Any, source: Source, path: Path) -> list[_Column]:
    for setting in ("timezone = 'UTC'", "datestyle = 'ISO, YMD'", "extra_float_digits = 3"):
        connection.execute(f"SET LOCAL {setting}")
    columns = _columns(connection, source)
    needed = _needed(columns, source)
    columns = [_measured(connection, source, c) if c in needed else c for c in columns]
    needed = _needed(columns, source)
    values = [exp.cast(build.col(c.name), exp.DataType.Type.TEXT) for c in needed]
    query = exp.Select(expressions=values or [build.number(1)]).from_(_relation(source))
    options = f"FORMAT csv, NULL '{_NULL}', FORCE_QUOTE *, ENCODING 'UTF8'"
    text = f"COPY ({query.sql(dialect='postgres')}) TO STDOUT ({options})"
    with (
        explained(path),
        path.open("wb") as file,
        connection.cursor() as cursor,
        cursor.copy(text) as copy,
    ):
        for block in copy:
            file.write(block)
    return columns


def _relation(source: Source) -> exp.Table:
    schema, table = table_of(source.location)
    return exp.Table(this=build.ident(table), db=build.ident(schema))


def _columns(connection: Any, source: Source) -> list[_Column]:
    """What the table has, in order.

    Raises:
        Failure: there is none.
    """
    schema, table = table_of(source.location)
    rows = connection.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typtype = 'e' "
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid "
        "WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped "
        "AND c.relkind IN ('r', 'v', 'm', 'p', 'f') ORDER BY a.attnum",
        (schema, table),
    ).fetchall()
    if not rows:
        there = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind IN ('r', 'v', 'm', 'p', 'f')",
            (schema,),
        ).fetchall()
        message = f"the server has no table `{schema}.{table}`"
        found = catalog.UNREADABLE_DATA.at(source.location.span, message)
        raise Failure(found.help(did_you_mean(table, [n for (n,) in there], what="tables")))
    return [
        _Column(name, words, "VARCHAR" if enum else _stored(words)) for name, words, enum in rows
    ]


def _stored(words: str) -> str | None:
    if words in _PLAIN:
        return _PLAIN[words]
    if (found := _NUMERIC.fullmatch(words)) is not None:
        precision, scale = int(found[1]), int(found[2])
        return f"DECIMAL({precision}, {scale})" if precision <= 38 >= scale else None
    return next((stored for pattern, stored in _OTHERS if pattern.fullmatch(words)), None)


def _needed(columns: Sequence[_Column], source: Source) -> list[_Column]:
    """Columns to fetch: the declared ones; where none are known, all that can be read."""
    return [
        c
        for c in columns
        if (c.name in source.columns if source.columns else c.stored or c.words == "numeric")
    ]


def _measured(connection: Any, source: Source, column: _Column) -> _Column:
    """A numeric without a size as the decimal that holds all of its values.

    Raises:
        Failure: no decimal does, or the language has no type for the column.
    """
    if column.stored is not None:
        return column
    schema, table = table_of(source.location)
    declared = source.columns.get(column.name)
    span = source.location.span if declared is None else declared.span
    if column.words != "numeric":
        message = f"`{column.name}` of `{schema}.{table}` is {column.words}, which is not read"
        found = catalog.DATA_COLUMN_TYPE.at(span, message)
        raise Failure(found.help("leave it out, or make a view that casts it"))
    value = build.col(column.name).sql(dialect="postgres")
    place = _relation(source).sql(dialect="postgres")
    whole, scale = connection.execute(
        f"SELECT max(length(trunc(abs({value}))::text)), max(scale({value})) FROM {place} "
        f"WHERE {value} NOT IN ('NaN', 'Infinity', '-Infinity')"
    ).fetchone()
    if (whole or 1) + (scale or 0) > 38:
        message = f"`{column.name}` of `{schema}.{table}` holds numbers of more than 38 digits"
        raise Failure(catalog.DATA_COLUMN_TYPE.at(span, message).help("cast it in a view"))
    return replace(column, stored=f"DECIMAL(38, {scale or 0})")


def _typed(path: Path, columns: Sequence[_Column], source: Source) -> exp.Select:
    """The file's text in the types of the table; columns that were not fetched are null."""
    needed = _needed(columns, source)
    names = {c.name: f"c{i}" for i, c in enumerate(needed)}
    read = statements.table_function("read_csv", build.text(str(path)), _options(names))
    values = [
        statements.named(_value(build.col(names[c.name]), c.stored or "BLOB"), c.name)
        if c.name in names
        else statements.named(exp.cast(build.null(), exp.DataType.build(_absent(c))), c.name)
        for c in columns
    ]
    return exp.Select(expressions=values).from_(read)


def _absent(column: _Column) -> str:
    return "BLOB" if column.stored is None else "INT"


def _options(names: Mapping[str, str]) -> dict[str, exp.Expr]:
    columns = list(names.values()) or ["c0"]
    return {
        "auto_detect": build.boolean(False),
        "header": build.boolean(False),
        "delim": build.text(","),
        "quote": build.text('"'),
        "escape": build.text('"'),
        "nullstr": build.text(_NULL),
        "allow_quoted_nulls": build.boolean(False),
        # Told, or the first line end within a text would count as that of rows.
        "new_line": build.text("\\n"),
        "parallel": build.boolean(False),
        "max_line_size": build.number(_LINE),
        "columns": exp.Struct(
            expressions=[
                exp.PropertyEQ(this=build.ident(name), expression=build.text("VARCHAR"))
                for name in columns
            ]
        ),
    }


def _value(text: exp.Expr, stored: str) -> exp.Expr:
    if stored.startswith("DECIMAL"):
        no_number = exp.In(this=text.copy(), expressions=[build.text(t) for t in _NO_NUMBERS])
        text = build.case(exp.Not(this=no_number), text)
    return exp.Cast(this=text, to=exp.DataType.build(stored, dialect="duckdb"))
