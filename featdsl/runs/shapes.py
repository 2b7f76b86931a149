"""What columns the files of a source hold, and how they become the declared ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError
from featdsl.ir.program import Source, SourceColumn
from featdsl.sources.spec import FILE, ROW, Conversion, Read, SourceKind
from featdsl.sql import build, statements
from featdsl.text.amounts import count

_PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Shape:
    """Files that hold the same columns: names and types as the engine spells them, in order."""

    stored: tuple[tuple[str, str], ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A shape with a conversion for each declared column."""

    shape: Shape
    conversions: dict[str, Conversion]


def shapes_of(session: Session, kind: SourceKind, source: Source, files: list[Path]) -> list[Shape]:
    """Group files by the columns they hold, in the order of the files.

    Raises:
        Failure: a file is empty, or is not of the kind.
    """
    by_columns: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for file, stored in zip(files, _stored(session, kind, source, files), strict=True):
        by_columns.setdefault(tuple(stored), []).append(file)
    return [Shape(stored, tuple(found)) for stored, found in by_columns.items()]


def _stored(
    session: Session, kind: SourceKind, source: Source, files: list[Path]
) -> list[list[tuple[str, str]]]:
    for file in files:
        if file.stat().st_size == 0:
            message = f"`{file.name}` is empty"
            remedy = "remove the file, or write it again"
            raise Failure(catalog.EMPTY_DATA.at(source.location.span, message).help(remedy))
    if kind.stored is not None:
        return [kind.stored(source.location, file, source.columns) for file in files]
    if len(files) == 1 or kind.name != _PARQUET:
        return [_described(session, kind, source, file) for file in files]
    known: dict[str, list[tuple[str, str]]] = {}
    signatures = _signatures(session, kind, source, files)
    for file in files:
        signature = signatures[str(file)]
        if signature not in known:
            known[signature] = _described(session, kind, source, file)
    return [known[signatures[str(file)]] for file in files]


def _signatures(
    session: Session, kind: SourceKind, source: Source, files: list[Path]
) -> dict[str, str]:
    """Names and types of each Parquet file as text, all files in one statement."""
    schema = statements.table_function(
        "parquet_schema", statements.texts([str(f) for f in files]), {}
    )
    parts = [
        build.coalesce(exp.cast(build.col(name), exp.DataType.Type.VARCHAR), build.text(""))
        for name in ("name", "type", "duckdb_type", "logical_type", "num_children")
    ]
    text = build.func("concat_ws", build.text("\x1f"), *parts)
    by_place = exp.Order(
        this=build.text("\x1e"), expressions=[exp.Ordered(this=build.col("column_id"))]
    )
    query = (
        exp.Select(
            expressions=[
                build.col("file_name"),
                build.func("string_agg", text, by_place),
            ]
        )
        .from_(schema)
        .group_by(build.col("file_name"))
    )
    try:
        return dict(session.execute(query))
    except EngineError:
        # One of them is no Parquet; asked one by one, the file at fault is named.
        for file in files:
            _described(session, kind, source, file)
        raise


def _described(
    session: Session, kind: SourceKind, source: Source, file: Path
) -> list[tuple[str, str]]:
    relation = kind.read(Read(location=source.location, files=[str(file)]))
    try:
        return session.columns(statements.star_from(relation))
    except EngineError as error:
        known = None if kind.explain is None else kind.explain(source.location, file, error.detail)
        if known is not None:
            refused = catalog.UNREADABLE_DATA.at(source.location.span, known[0])
            raise Failure(refused.help(known[1])) from error
        message = f"`{file.name}` cannot be read as {kind.name}"
        found = catalog.UNREADABLE_DATA.at(source.location.span, message)
        raise Failure(
            found.note(f"the engine says: {error.detail}").help(
                "check that the file is whole and of that kind"
            )
        ) from error


def fit(kind: SourceKind, source: Source, shape: Shape, problems: Problems) -> Fitted | None:
    """Find a conversion for each declared column; report those that have none."""
    stored = dict(shape.stored)
    conversions: dict[str, Conversion] = {}
    for name, column in source.columns.items():
        if name not in stored:
            problems.report(_missing(source, column, shape))
            continue
        found = kind.convert(build.col(name), stored[name], column.dtype)
        if isinstance(found, Conversion):
            conversions[name] = found
            continue
        message = f"`{name}` of `{source.short}` is {_as(source)} {column.dtype}, but {found}"
        problems.report(
            catalog.DATA_COLUMN_TYPE.at(column.span, message)
            .because(source.location.span, f"in `{shape.files[0].name}`")
            .help(_remedy(source))
        )
    return Fitted(shape, conversions) if len(conversions) == len(source.columns) else None


def _as(source: Source) -> str:
    return "declared" if source.locked is None else "locked as"


def _remedy(source: Source) -> str:
    if source.locked is not None:
        return "`featc lock` reads the types again, or write the data with the one it had"
    return "declare the type that the data have, or write the data with the declared one"


def _missing(source: Source, column: SourceColumn, shape: Shape) -> Diagnostic:
    file = shape.files[0].name
    message = f"the data of `{source.short}` have no column `{column.name}`"
    return (
        catalog.DATA_COLUMN_MISSING.at(column.span, message)
        .because(source.location.span, _columns(file, shape))
        .help(did_you_mean(column.name, [n for n, _ in shape.stored], what="columns of the data"))
    )


def _columns(file: str, shape: Shape) -> str:
    return f"`{file}` has {count(len(shape.stored), 'column')}"


def normalised(kind: SourceKind, source: Source, fitted: Sequence[Fitted]) -> exp.Expr:
    """The declared columns in their declared types, over all files."""
    return statements.union_all([_select(kind, source, f) for f in fitted])


def numbered(kind: SourceKind, source: Source, fitted: Sequence[Fitted]) -> exp.Expr:
    """As `normalised`, with the file and row of each row, and where values do not fit."""
    return statements.union_all([_select(kind, source, f, more=True, misfits=True) for f in fitted])


def flagged(kind: SourceKind, source: Source, fitted: Sequence[Fitted]) -> exp.Expr:
    """As `normalised`, with a condition for each column whose values may not fit."""
    return statements.union_all([_select(kind, source, f, misfits=True) for f in fitted])


def misfit_columns(source: Source, fitted: Sequence[Fitted]) -> list[str]:
    """Declared columns whose values may not fit their type, in some file."""
    return [n for n in source.columns if any(f.conversions[n].misfit is not None for f in fitted)]


def misfit_name(source: Source, column: str) -> str:
    """The name of a column's misfit condition."""
    return f"featc_misfit_{list(source.columns).index(column)}"


def _select(
    kind: SourceKind,
    source: Source,
    fitted: Fitted,
    *,
    more: bool = False,
    misfits: bool = False,
) -> exp.Select:
    files = [str(f) for f in fitted.shape.files]
    relation = kind.read(
        Read(location=source.location, files=files, stored=fitted.shape.stored, numbered=more)
    )
    values: list[exp.Expr] = [
        statements.named(c.value.copy(), name) for name, c in fitted.conversions.items()
    ]
    if misfits:
        for name, conversion in fitted.conversions.items():
            condition = conversion.misfit
            flag = build.boolean(False) if condition is None else condition.copy()
            values.append(statements.named(flag, misfit_name(source, name)))
    if more:
        values += [build.col(FILE), build.col(ROW)]
    return exp.Select(expressions=values).from_(relation)
