"""CSV files: text, parsed once against the declared columns; nothing is guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.ir.program import Location, Source, SourceColumn
from featdsl.sources.csv_text import HOLDS, convert
from featdsl.sources.locate import find_files
from featdsl.sources.spec import FILE, Option, Read, SourceKind, option
from featdsl.sources.told import told_of_text
from featdsl.sql import build, statements
from featdsl.types.dtype import Kind

_TEXT = "VARCHAR"
_MAX_HEADER = 1 << 20
MAX_REJECTS = 100_000
"""Rows of broken shape that are kept for the report; a file with more is of another format."""


def _one_character(value: Any) -> str | None:
    if len(value) != 1 or value in "\r\n\0":
        return "one character is needed"
    return None


def _quote(value: Any) -> str | None:
    return None if value == "" else _one_character(value)


def _encoding(value: Any) -> str | None:
    if value.lower().replace("-", "") != "utf8":
        return "only `utf-8` is read: convert the file first"
    return None


OPTIONS = (
    Option(
        name="delimiter",
        kind=Kind.TEXT,
        default=",",
        meaning='What separates fields: `","`, `";"`, `"\\t"`.',
        valid=_one_character,
    ),
    Option(
        name="header",
        kind=Kind.BOOL,
        default=True,
        meaning="Whether the first row names the columns; without, they are the declared ones.",
    ),
    Option(
        name="quote",
        kind=Kind.TEXT,
        default='"',
        meaning='What surrounds a field that holds delimiters or line ends; `""` for nothing.',
        valid=_quote,
    ),
    Option(
        name="nullstr",
        kind=Kind.TEXT,
        default="",
        meaning="Text that stands for null, besides the empty field.",
    ),
    Option(
        name="encoding",
        kind=Kind.TEXT,
        default="utf-8",
        meaning="How text is encoded; only `utf-8`.",
        valid=_encoding,
    ),
)


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """Wanted columns in declared types, from a file that nobody has looked into yet."""
    location = source.location
    options = {**_dialect(location), "all_varchar": build.boolean(True)}
    if not _option(location, "header"):
        options["names"] = statements.texts(list(source.columns))
    files = statements.table_function("read_csv", build.text(location.argument), options)
    values = [_typed(name, source.columns[name]) for name in columns]
    return exp.Subquery(
        this=exp.Select(expressions=values or [build.number(1)]).from_(files, copy=False)
    )


def _typed(name: str, column: SourceColumn) -> exp.Expr:
    found = convert(build.col(name), _TEXT, column.dtype)
    assert not isinstance(found, str), "semantics checks what a kind of source can hold"
    return statements.named(found.value, name)


def _option(location: Location, name: str) -> Any:
    return option(OPTIONS, location, name)


def _dialect(location: Location) -> dict[str, exp.Expr]:
    """How the file is written, as options of the engine's reader."""
    quote = _option(location, "quote")
    nulls = dict.fromkeys(("", _option(location, "nullstr")))
    return {
        "header": build.boolean(_option(location, "header")),
        "delim": build.text(_option(location, "delimiter")),
        "quote": build.text(quote),
        "escape": build.text(quote),
        "nullstr": statements.texts(list(nulls)),
        "strict_mode": build.boolean(True),
    }


def stored_columns(
    location: Location, path: Path, declared: Mapping[str, SourceColumn]
) -> list[tuple[str, str]]:
    """Columns of a file in its order, all of them text.

    Raises:
        Failure: the file is empty, is no text in UTF-8, or its header names a column twice or
            leaves one without a name.
    """
    if not _option(location, "header"):
        return [(name, _TEXT) for name in declared]
    names = _header(location, path)
    _check_delimiter(location, path, names, declared)
    _check_named(location, path, names)
    # The engine takes names that differ in case for one.
    folded = [n.casefold() for n in names]
    twice = [n for n, f in zip(names, folded, strict=True) if folded.count(f) > 1]
    if twice:
        message = f"the header of `{path.name}` names `{twice[0]}` more than once"
        remedy = "give each column of the file a name of its own"
        raise Failure(catalog.DUPLICATE_HEADER.at(location.span, message).help(remedy))
    return [(name, _TEXT) for name in names]


def _check_delimiter(
    location: Location, path: Path, names: list[str], declared: Mapping[str, SourceColumn]
) -> None:
    """Tell another delimiter at once, in place of each column that is not found."""
    if len(names) != 1 or names[0] in declared:
        return
    for other, written in ((",", ","), (";", ";"), ("\t", "\\t"), ("|", "|")):
        if set(names[0].split(other)) & set(declared):
            message = f"the fields of `{path.name}` are separated by `{written}`"
            found = catalog.DATA_COLUMN_MISSING.at(location.span, message)
            raise Failure(found.help(f'add `(delimiter = "{written}")` after the path'))


def _check_named(location: Location, path: Path, names: list[str]) -> None:
    """Refuse a column without a name: the engine would give it one, or fail."""
    for number, name in enumerate(names, start=1):
        if not name.strip():
            message = f"column {number} of `{path.name}` has no name"
            remedy = "name it in the header, or leave it out: in pandas, `to_csv(…, index=False)`"
            raise Failure(catalog.UNREADABLE_DATA.at(location.span, message).help(remedy))


def _header(location: Location, path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            start = file.read(_MAX_HEADER)
    except OSError as error:
        message = f"`{path.name}` cannot be read: {error.strerror}"
        raise Failure(catalog.UNREADABLE_DATA.at(location.span, message)) from error
    if not start.strip():
        message = f"`{path.name}` is empty: it has no header"
        remedy = "write the header, also where there are no rows"
        raise Failure(catalog.EMPTY_DATA.at(location.span, message).help(remedy))
    if start.startswith(b"\x1f\x8b"):
        message = f"`{path.name}` is compressed"
        raise Failure(catalog.UNREADABLE_DATA.at(location.span, message).help("unpack it first"))
    if b"\0" in start:
        message = f"`{path.name}` is no CSV file: it holds bytes that no text holds"
        raise Failure(catalog.UNREADABLE_DATA.at(location.span, message).help(_utf8_remedy()))
    text = start.decode("utf-8-sig", errors="replace")
    try:
        names = next(records(location, io.StringIO(text, newline="")), (1, []))[1]
    except csv.Error as error:
        message = f"`{path.name}` has a header that cannot be read: {error}"
        raise Failure(
            catalog.UNREADABLE_DATA.at(location.span, message).help(
                "a CSV file begins with the names of its columns, each in one line"
            )
        ) from error
    if any("\ufffd" in name for name in names):
        message = f"`{path.name}` is not UTF-8"
        raise Failure(catalog.UNREADABLE_DATA.at(location.span, message).help(_utf8_remedy()))
    return names


def _utf8_remedy() -> str:
    return "save the file as UTF-8"


def records(location: Location, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Records of CSV text with the line that each begins on, from 1; blank lines are left out.

    Raises:
        csv.Error: the text is no CSV.
    """
    quote = _option(location, "quote")
    reader = csv.reader(
        lines,
        delimiter=_option(location, "delimiter"),
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    line = 1
    for record in reader:
        if record:
            yield line, record
        line = reader.line_num + 1


def read(wanted: Read) -> exp.Expr:
    """Files of one header; every column is text."""
    options = {
        **_dialect(wanted.location),
        "auto_detect": build.boolean(False),
        "columns": exp.Struct(
            expressions=[
                exp.PropertyEQ(this=build.ident(name), expression=build.text(_TEXT))
                for name, _ in wanted.stored
            ]
        ),
    }
    if wanted.rejects is not None:
        options |= {
            "store_rejects": build.boolean(True),
            "rejects_table": build.text(wanted.rejects),
            "rejects_scan": build.text(f"{wanted.rejects}_scans"),
            "rejects_limit": build.number(MAX_REJECTS),
        }
    if wanted.numbered:
        options["filename"] = build.text(FILE)
    return statements.table_function("read_csv", statements.texts(list(wanted.files)), options)


SOURCE = SourceKind(
    name="csv",
    meaning="CSV files: fields separated by a delimiter, one record a line.",
    argument="a path or a pattern, from the data folder on",
    options=OPTIONS,
    holds=HOLDS,
    scan=scan,
    find=find_files,
    read=read,
    stored=stored_columns,
    convert=convert,
    parsed=True,
    nameless=lambda location: not _option(location, "header"),
    told=told_of_text,
)
