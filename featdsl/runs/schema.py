"""Columns of data, read from the data: what featc.lock takes for sources that declare none."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError
from featdsl.ir.program import Source
from featdsl.ir.source import LockedColumns
from featdsl.runs.locked import keys_of
from featdsl.runs.shapes import Shape
from featdsl.runs.stored import Opened
from featdsl.sources.spec import Conversion, Read, SourceKind
from featdsl.sources.stored_dtype import dtype_of
from featdsl.sources.stored_types import type_words
from featdsl.sql import build, statements
from featdsl.types.dtype import TEXT, DType

_NULLS = frozenset({'"NULL"', "NULL"})
_AS_OF = "as_of"


def read_schema(session: Session, opened: Opened) -> LockedColumns:
    """The columns of a source's data, in their order, each with the type that holds its values.

    Raises:
        Failure: its files differ, or cannot be read.
    """
    source, kind = opened.source, opened.kind
    shapes = [fitted.shape for fitted in opened.fitted]
    told = kind.told is not None
    found = _told(session, source, kind, shapes) if told else _stored(source, shapes)
    columns: dict[str, DType | None] = {}
    folded: set[str] = set()
    for name, dtype in found.items():
        # A name of the language's own, or one that engines do not tell from another.
        unread = name.lower() == _AS_OF or name.lower() in folded
        columns[name] = None if unread else dtype
        folded.add(name.lower())
    if not any(columns.values()):
        message = f"the data of `{source.short}` have no column that can be read"
        raise Failure(_no_schema(source, message))
    return columns


def _no_schema(source: Source, message: str) -> Diagnostic:
    found = catalog.NO_SCHEMA.at(source.location.span, message)
    return found.help("list the columns that all files have: `columns { name: type }`")


def _names(source: Source, shapes: Sequence[Shape]) -> list[str]:
    """The columns that all files have.

    Raises:
        Failure: a file lacks one that another has.
    """
    names = list(dict.fromkeys(name for shape in shapes for name, _ in shape.stored))
    for shape in shapes:
        there = {name for name, _ in shape.stored}
        for name in names:
            if name not in there:
                other = next(s for s in shapes if name in dict(s.stored))
                message = f"`{_file(shape)}` has no column `{name}`, which `{_file(other)}` has"
                raise Failure(_no_schema(source, message))
    return names


def _file(shape: Shape) -> str:
    return shape.files[0].name


def _stored(source: Source, shapes: Sequence[Shape]) -> dict[str, DType | None]:
    """By the types that the data are stored with."""
    found: dict[str, DType | None] = {}
    for name in _names(source, shapes):
        types = {dict(s.stored)[name]: s for s in shapes if dict(s.stored)[name] not in _NULLS}
        known = {dtype_of(stored): (stored, shape) for stored, shape in types.items()}
        if len(known) > 1:
            (one, first), (other, second), *_ = known.values()
            message = (
                f"`{name}` holds {type_words(one)} in `{_file(first)}` "
                f"and {type_words(other)} in `{_file(second)}`"
            )
            raise Failure(_no_schema(source, message))
        found[name] = next(iter(known), None)
    return found


def _told(
    session: Session, source: Source, kind: SourceKind, shapes: Sequence[Shape]
) -> dict[str, DType | None]:
    """By the values: the first type that all of them have."""
    assert kind.told is not None, "only text is told by its values"
    if kind.names is not None:
        files = [file for shape in shapes for file in shape.files]
        names = keys_of(session, source, kind, files)
        stored = {name: kind.convert(build.col(name), "JSON", TEXT) for name in names}
        shapes = [Shape(tuple((name, "JSON") for name in stored), tuple(files))]
    names = _names(source, shapes)
    if not names:
        return {}
    rows = statements.union_all([_columns_of(source, kind, s, names) for s in shapes])
    measures: dict[str, exp.Expr] = {}
    for i, name in enumerate(names):
        column = build.col(name)
        measures[f"present {i}"] = exp.Count(this=column)
        for dtype, looks in kind.told(column).items():
            misfit = _misfit(kind, column, shapes[0], name, dtype, looks)
            measures[f"misfit {i} {dtype}"] = statements.count_where(misfit)
    query = exp.Select(
        expressions=[statements.named(value, key) for key, value in measures.items()]
    ).from_(statements.subquery(rows, "stored"))
    try:
        (counts,) = session.execute(query, doing=f"reading the columns of `{source.short}`")
    except EngineError as error:
        message = f"the files of `{source.short}` cannot be read as {kind.name}"
        refused = catalog.UNREADABLE_DATA.at(source.location.span, message)
        raise Failure(refused.note(f"the engine says: {error.detail}")) from error
    measured = dict(zip(measures, counts, strict=True))
    found: dict[str, DType | None] = {}
    for i, name in enumerate(names):
        types = [t for t in kind.told(build.col(name)) if not measured[f"misfit {i} {t}"]]
        empty = not measured[f"present {i}"]
        # A field without values is text still; a JSON value that is null is of no type.
        found[name] = (None if kind.names else TEXT) if empty else next(iter(types), None)
    return found


def _columns_of(source: Source, kind: SourceKind, shape: Shape, names: Sequence[str]) -> exp.Select:
    files = [str(file) for file in shape.files]
    rows = kind.read(Read(location=source.location, files=files, stored=shape.stored))
    return exp.Select(expressions=[build.col(name) for name in names]).from_(rows)


def _misfit(
    kind: SourceKind,
    column: exp.Expr,
    shape: Shape,
    name: str,
    dtype: DType,
    looks: exp.Expr | None,
) -> exp.Expr:
    """Whether a value is there that is not of the type, or does not look like it."""
    found = kind.convert(column, dict(shape.stored)[name], dtype)
    assert isinstance(found, Conversion), "types that are told can be held"
    unlike = exp.false() if looks is None else exp.Not(this=exp.Paren(this=looks))
    lost = exp.false() if found.misfit is None else exp.Paren(this=found.misfit)
    there = build.is_null(column.copy(), negated=True)
    return exp.And(this=there, expression=exp.Paren(this=exp.Or(this=unlike, expression=lost)))
