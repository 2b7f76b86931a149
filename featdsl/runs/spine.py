"""Rows of a spine into a session, in their order: a source's, a file's, or those of a frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from sqlglot import exp

from featdsl.compiler.training import SpineTable, spine_query
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.engines.duckdb import Session
from featdsl.ir import expr as ir
from featdsl.ir.program import Dataset, Program, SpineRows
from featdsl.ir.refs import hidden_inputs
from featdsl.lowering.expectation import column_name
from featdsl.lowering.expression import lower_expression
from featdsl.runs.asked import input_columns
from featdsl.runs.contract import check_fit
from featdsl.runs.given import Given
from featdsl.runs.hashes import Hashes
from featdsl.runs.places import Places
from featdsl.runs.shapes import Fitted
from featdsl.runs.spine_columns import NAME, SpineNames, open_file, open_frame
from featdsl.runs.stored import StoredRows, stored_rows
from featdsl.sources.csv_text import length_text
from featdsl.sources.spec import Read
from featdsl.sql import build, statements
from featdsl.store.record import FileUse
from featdsl.text.amounts import count
from featdsl.text.names import short_name
from featdsl.types.dtype import TIMESTAMP, Kind

SpineInput: TypeAlias = Path | Given
"""A Parquet or CSV file, or rows that are handed in."""

SpineKind: TypeAlias = Literal["source", "file", "frame"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedSpine:
    """Rows of a spine as a table of a session.

    ``columns`` are those that come out, with the engine's types; ``name`` is the source's, the
    file's, or what a frame is called.
    """

    kind: SpineKind
    name: str
    table: SpineTable
    columns: Mapping[str, str]
    file: FileUse | None = None


def own_spine(
    session: Session, program: Program, dataset: Dataset, stored: exp.Expr
) -> StagedSpine:
    """The ``stored`` rows of a data set's source, less the dropped, in their order."""
    spine = dataset.spine
    assert isinstance(spine, SpineRows), "the data set has rows as spine"
    source = program.sources[spine.source]
    kept = {*spine.keys, spine.at}
    shown = [n for n, c in source.columns.items() if not c.pii or n in kept]
    hidden = hidden_inputs(program, dataset)
    values: dict[str, exp.Expr] = {n: build.col(n) for n in (*shown, *hidden)}
    time = spine.at
    if source.columns[time].dtype != TIMESTAMP:  # a day is its midnight
        time = _free("asked_at", source.columns)
        values[time] = build.cast(build.col(spine.at), TIMESTAMP)
    query = _select(values, statements.subquery(stored.copy(), "stored"))
    for drop in source.drops:
        query = query.where(_kept(drop.condition, program.timezone), copy=False)
    names = SpineNames(spine.keys, time)
    return _staged(session, query, names, shown, kind="source", name=source.name, hidden=hidden)


def view_spine(
    session: Session,
    program: Program,
    dataset: Dataset,
    scans: Mapping[str, exp.Table],
    *,
    unlisted: Iterable[str] = (),
) -> StagedSpine:
    """The rows of a data set's view, in the order of the stored rows that they are made of.

    ``unlisted`` are entities whose population does not say which keys exist.
    """
    spine = dataset.spine
    assert isinstance(spine, SpineRows), "the data set has rows as spine"
    query, shape = spine_query(program, dataset.name, scans=scans, unlisted=unlisted)
    table = session.create_table(f"{NAME} rows", query)
    types = dict(session.columns(statements.star_from(table.copy())))
    return StagedSpine(
        kind="source",
        name=spine.source,
        table=SpineTable(
            table=table,
            columns=shape.columns,
            keys=shape.keys,
            time=shape.time,
            row=shape.row,
            hidden=shape.hidden,
        ),
        columns={n: types[n] for n in shape.columns},
    )


def _kept(condition: ir.Expr, timezone: str) -> exp.Expr:
    """The condition of a ``drop`` is not true: false, or null."""
    dropped = lower_expression(
        condition, lambda e: build.col(column_name(e)), as_of=build.null(), timezone=timezone
    )
    return build.case(dropped, build.boolean(False), build.boolean(True))


def given_spine(
    session: Session,
    program: Program,
    dataset: Dataset,
    given: SpineInput,
    *,
    hashes: Hashes,
    run: str,
    staging: Path,
    places: Places,
    problems: Problems,
) -> StagedSpine | None:
    """Read a spine from a file, or from rows that are handed in, in their order.

    Keys, the time, and columns that the data set's source declares are read in their declared
    types, by the same rules as sources. All others come as they are stored: in CSV as text.
    What is wrong is reported, and gives None.

    Raises:
        Failure: the file cannot be found or read.
        FileError: the typed copy of a CSV file cannot be written.
    """
    told = Problems()
    try:
        return _read(session, program, dataset, given, hashes, run, staging, places, told)
    finally:
        problems.extend(_with_remedy(d, given) for d in told.items)


def _with_remedy(diagnostic: Diagnostic, given: SpineInput) -> Diagnostic:
    """In place of the remedy for sources, whose declarations can be changed, that for spines."""
    if isinstance(given, Given):
        remedies = {
            catalog.DATA_COLUMN_TYPE: "cast the column before it is handed in, in pandas with "
            "`astype` or `to_datetime`",
            catalog.UNFIT_VALUES: "correct the values before they are handed in",
        }
    else:
        remedies = {
            catalog.DATA_COLUMN_TYPE: "cast the column where the file is written",
            catalog.UNFIT_VALUES: "correct the file",
            catalog.REJECTED_ROWS: "correct the file",
        }
    remedy = remedies.get(diagnostic.code)
    if remedy is None:
        return diagnostic
    return replace(diagnostic, helps=(remedy, *diagnostic.helps[1:]))


def _read(
    session: Session,
    program: Program,
    dataset: Dataset,
    given: SpineInput,
    hashes: Hashes,
    run: str,
    staging: Path,
    places: Places,
    problems: Problems,
) -> StagedSpine | None:
    if isinstance(given, Given):
        found = open_frame(session, program, dataset, given, problems)
    else:
        found = open_file(session, program, dataset, given, hashes, problems)
    if found is None:
        return None
    opened, names = found
    rows = stored_rows(session, opened, run=run, staging=staging, places=places, problems=problems)
    if rows is None:
        return None
    check_fit(session, rows, problems)
    (fitted,) = opened.fitted
    sent = {
        name: f".sent {name}"
        for name, (_, column) in input_columns(program, dataset).items()
        if column.dtype.holds(Kind.DURATION)
    }
    found_rows = _staged(
        session,
        _readable(rows, fitted, sent),
        names,
        [n for n, _ in fitted.shape.stored],
        sent=sent,
        kind="frame" if isinstance(given, Given) else "file",
        name=given.words if isinstance(given, Given) else given.name,
        file=next(iter(opened.uses), None),
    )
    problems.extend(_nulls_in_inputs(session, program, dataset, found_rows))
    return found_rows


def _nulls_in_inputs(
    session: Session, program: Program, dataset: Dataset, spine: StagedSpine
) -> Iterator[Diagnostic]:
    """What required columns of inputs hold nulls, in rows that are handed in."""
    for name, (of, column) in input_columns(program, dataset).items():
        if not column.required:
            continue
        missing = build.is_null(build.col(spine.table.shape.input(name)))
        count_rows = exp.Select(expressions=[statements.count_where(missing)])
        rows = int(session.execute(count_rows.from_(spine.table.table.copy()))[0][0])
        if rows:
            message = f"`{name}` of {spine.name} is null in {count(rows, 'row')}"
            told = catalog.NULLS_IN_REQUIRED.at(column.span, message, "required")
            yield told.note(f"it is the input `{short_name(of)}.{name}` of `{dataset.short}`").help(
                "correct the rows, or take `required` away"
            )


def _readable(rows: StoredRows, fitted: Fitted, sent: Mapping[str, str]) -> exp.Select:
    """All columns of a file in its order, those that are declared in their types.

    Lengths of time, ``sent`` as inputs, stay intervals or text, and are beside them what is
    computed with.
    """
    opened, stored = rows.opened, fitted.shape.stored
    if opened.kind.parsed:
        plain = statements.subquery(rows.plain.copy(), "stored")
        values: dict[str, exp.Expr] = {
            n: length_text(build.col(n)) if n in sent else build.col(n) for n, _ in stored
        }
        return _select(values | {own: build.col(n) for n, own in sent.items()}, plain)
    converted = {n: c.value.copy() for n, c in fitted.conversions.items()}
    values = {
        n: converted[n] if n in converted and n not in sent else build.col(n) for n, _ in stored
    }
    values |= {own: converted[n] for n, own in sent.items()}
    files = [str(f) for f in opened.files]
    read = Read(location=opened.source.location, files=files, stored=stored)
    return _select(values, opened.kind.read(read))


def _select(values: Mapping[str, exp.Expr], relation: exp.Expr) -> exp.Select:
    named: list[exp.Expr] = [statements.named(value, name) for name, value in values.items()]
    return exp.Select(expressions=named).from_(relation, copy=False)


def _staged(
    session: Session,
    query: exp.Select,
    names: SpineNames,
    shown: Sequence[str],
    *,
    kind: SpineKind,
    name: str,
    file: FileUse | None = None,
    hidden: tuple[str, ...] = (),
    sent: Mapping[str, str] | None = None,
) -> StagedSpine:
    """Number the rows as they arrive: the engine keeps the order of what it reads."""
    row = _free("row", query.named_selects)
    number = statements.named(exp.Window(this=build.func("row_number")), row)
    arriving = statements.subquery(query, "arriving")
    numbered = exp.Select(expressions=[exp.Star(), number]).from_(arriving, copy=False)
    table = session.create_table(f"{NAME} rows", numbered)
    types = dict(session.columns(statements.star_from(table.copy())))
    return StagedSpine(
        kind=kind,
        name=name,
        table=SpineTable(
            table=table,
            columns=tuple(shown),
            keys=names.keys,
            time=names.time,
            row=row,
            hidden=(*hidden, *(sent or {}).values()),
            sent=sent or {},
        ),
        columns={n: types[n] for n in shown},
        file=file,
    )


def _free(stem: str, taken: Iterable[str]) -> str:
    """A name that no column has: the engine does not tell capitals from small letters."""
    known, name, n = {t.lower() for t in taken}, stem, 2
    while name.lower() in known:
        name, n = f"{stem}_{n}", n + 1
    return name
