"""JSON files: objects one a line, or a list of objects; each is a row.

Each column is read as the JSON value that it is, and fitted to its declared type: text is text,
`true` and `false` are bools, times and dates are text, decimals numbers or text. A key that an
object lacks is null. Numbers with a point are float64 to the engine: with more than 15 digits they
are no decimals, since digits may have been lost; such are written as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlglot import exp

from featdsl.ir.program import Location, Source, SourceColumn
from featdsl.sources import csv_text
from featdsl.sources.locate import find_files
from featdsl.sources.spec import FILE, ROW, Conversion, Read, SourceKind
from featdsl.sources.told import told_of_json
from featdsl.sql import build, statements
from featdsl.types.dtype import DType, Kind

_JSON = "JSON"
_DIGITS = 15
_NUMBERS = ("BIGINT", "UBIGINT", "DOUBLE")
_HELD = {
    Kind.BOOL: ("BOOLEAN",),
    Kind.INT: ("BIGINT", "UBIGINT"),
    Kind.FLOAT: _NUMBERS,
    Kind.DECIMAL: (*_NUMBERS, "VARCHAR"),
    Kind.TEXT: ("VARCHAR",),
    Kind.DATE: ("VARCHAR",),
    Kind.TIMESTAMP: ("VARCHAR",),
}
"""JSON types, as the engine calls them, that a value of each declared type may be written in."""
HOLDS = frozenset(_HELD)


def stored_columns(
    location: Location, path: Path, columns: Mapping[str, SourceColumn]
) -> list[tuple[str, str]]:
    """Objects have whichever keys they have: the declared ones are read."""
    return [(name, _JSON) for name in columns]


def convert(column: exp.Expr, stored: str, dtype: DType) -> Conversion | str:
    """SQL that reads a JSON value as `dtype`; or, in words, why there is none."""
    if dtype.kind not in HOLDS:
        return "it holds a JSON value"
    held = build.func("json_type", column.copy())
    text = build.func("json_extract_string", column.copy(), build.text("$"))
    fits: exp.Expr = exp.In(this=held, expressions=[build.text(t) for t in _HELD[dtype.kind]])
    if dtype.kind is Kind.DECIMAL:
        fits = exp.And(this=fits, expression=exp.Paren(this=_exact(held, text)))
    found = csv_text.convert(build.case(fits.copy(), text), "VARCHAR", dtype)
    assert isinstance(found, Conversion), "what is held can be read from text"
    # A missing key has no type at all.
    known = exp.NEQ(
        this=build.coalesce(held.copy(), build.text("NULL")), expression=build.text("NULL")
    )
    other = exp.Not(this=exp.Paren(this=fits))
    wrong = other if found.misfit is None else exp.Or(this=other, expression=found.misfit)
    return Conversion(
        value=found.value, misfit=exp.And(this=known, expression=exp.Paren(this=wrong))
    )


def _exact(held: exp.Expr, text: exp.Expr) -> exp.Expr:
    """A number that the engine holds exactly: no float, or one of few digits."""
    digits = build.func(
        "regexp_replace", text.copy(), build.text("[^0-9]"), build.text(""), build.text("g")
    )
    whole = build.func("ltrim", digits, build.text("0"))
    few = exp.LTE(this=build.func("length", whole), expression=build.number(_DIGITS))
    return exp.Or(this=exp.NEQ(this=held.copy(), expression=build.text("DOUBLE")), expression=few)


def _relation(argument: exp.Expr, columns: Sequence[str], *, named: bool = False) -> exp.Expr:
    options: dict[str, exp.Expr] = {
        "auto_detect": build.boolean(False),
        "format": build.text("auto"),
        "records": build.boolean(True),
        "columns": exp.Struct(
            expressions=[
                exp.PropertyEQ(this=build.ident(name), expression=build.text(_JSON))
                for name in columns
            ]
        ),
    }
    if named:
        options["filename"] = build.text(FILE)
    return statements.table_function("read_json", argument, options)


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """Wanted columns in declared types, from files that nobody has looked into yet."""
    read_columns = list(columns) or list(source.columns)[:1]
    relation = _relation(build.text(source.location.argument), read_columns)
    values = [_typed(name, source.columns[name]) for name in columns]
    return exp.Subquery(
        this=exp.Select(expressions=values or [build.number(1)]).from_(relation, copy=False)
    )


def _typed(name: str, column: SourceColumn) -> exp.Expr:
    found = convert(build.col(name), _JSON, column.dtype)
    assert not isinstance(found, str), "semantics checks what a kind of source can hold"
    return statements.named(found.value, name)


def read(wanted: Read) -> exp.Expr:
    """Files of objects; every column is a JSON value."""
    files = statements.texts(list(wanted.files))
    names = [name for name, _ in wanted.stored]
    if not wanted.numbered:
        return _relation(files, names)
    relation = _relation(files, names, named=True)
    number = statements.named(exp.Window(this=build.func("row_number")), ROW)
    numbered = exp.Select(expressions=[exp.Star(), number]).from_(relation, copy=False)
    first = exp.Window(this=exp.Min(this=build.col(ROW)), partition_by=[build.col(FILE)])
    place = statements.named(exp.Sub(this=build.col(ROW), expression=first), ROW)
    values = [build.col(name) for name in (*names, FILE)]
    query = exp.Select(expressions=[*values, place]).from_(
        statements.subquery(numbered, "objects"), copy=False
    )
    return statements.subquery(query, "rows")


def names_of(files: Sequence[str]) -> exp.Query:
    """The keys that objects have, in the order of the alphabet."""
    options = {"format": build.text("auto")}
    objects = statements.table_function("read_json_objects", statements.texts(list(files)), options)
    keys = build.func("unnest", build.func("json_keys", build.col("json")))
    named = exp.Select(expressions=[statements.named(keys, "name")]).from_(objects, copy=False)
    name = build.col("name")
    names = exp.Select(expressions=[name]).from_(statements.subquery(named, "keys"), copy=False)
    return names.distinct().order_by(name.copy())


SOURCE = SourceKind(
    name="json",
    meaning="JSON files: one object a line, or a list of objects.",
    argument="a path or a pattern, from the data folder on",
    holds=HOLDS,
    scan=scan,
    find=find_files,
    read=read,
    stored=stored_columns,
    convert=convert,
    told=told_of_json,
    names=names_of,
)
