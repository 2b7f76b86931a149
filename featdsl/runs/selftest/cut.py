"""A source's rows as its SQL makes them of files that end at a time: nothing later is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Source
from featdsl.runs.given import Given, open_given
from featdsl.runs.places import Places
from featdsl.runs.shapes import normalised
from featdsl.sources.registry import sources
from featdsl.sources.sql import files_of, query_of, read_parquet
from featdsl.sql import build, statements
from featdsl.types.dtype import TIMESTAMP


def cut(
    session: Session, source: Source, places: Places, at: datetime, name: str
) -> exp.Expr | None:
    """The rows of a source whose files hold nothing of after `at`.

    None where no SQL makes them, or none of its files has the column that says when a row is
    known: its availability, when a version was written, or else its time. `name` is one of the
    session that no table has.
    """
    known = _known(source)
    if known is None or not sources()[source.location.kind].query:
        return None
    names = _written(source, known)
    found = files_of(source.location, places.data, places.roots)
    ends = {name: _end(session, files, names) for name, files in found.items()}
    if not any(ends.values()):
        return None

    def read(name: str) -> exp.Expr:
        rows = read_parquet(statements.texts([str(f) for f in found[name]]))
        column = ends[name]
        if column is None:
            return rows
        time = build.cast(build.col(column), TIMESTAMP)
        before = exp.LTE(this=time, expression=build.timestamp(at))
        # A row without a time was there before, for all that is known.
        kept = exp.Or(this=before, expression=build.is_null(build.col(column)))
        whole = statements.star_from(exp.Table(this=rows)).where(kept, copy=False)
        return exp.Subquery(this=whole)

    def load(session: Session, _: str) -> exp.Table:
        return session.create_table(name, query_of(source.location, read))

    opened = open_given(session, source, Given(words=source.short, load=load), Problems())
    assert opened is not None, "it is fitted as all of its rows were"
    return normalised(opened.kind, opened.source, opened.fitted)


def _known(source: Source) -> str | None:
    """The column that says when a row was known at the earliest."""
    if source.available is not None and source.available.column is not None:
        return source.available.column
    if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:
        return source.keep.by[0]
    if source.snapshot is not None:
        return source.snapshot.column
    return source.time or (source.valid.start if source.valid is not None else None)


def _written(source: Source, column: str) -> frozenset[str]:
    """Names that a column of the rows has in the files, or what it is computed of."""
    query = query_of(source.location, build.text)
    found = {column}
    for select in query.find_all(exp.Select):
        for value in select.expressions:
            if isinstance(value, exp.Alias) and value.alias.casefold() == column.casefold():
                of = {c.name for c in value.this.find_all(exp.Column)}
                found |= of if len(of) == 1 else set()
    return frozenset(n.casefold() for n in found)


def _end(session: Session, files: Sequence[Path], names: frozenset[str]) -> str | None:
    rows = exp.Table(this=read_parquet(statements.texts([str(f) for f in files])))
    stored: Mapping[str, str] = dict(session.columns(statements.star_from(rows)))
    timed = [n for n, t in stored.items() if n.casefold() in names and t[:4] in ("DATE", "TIME")]
    return timed[0] if timed else None


def otherwise(table: exp.Table, whole: exp.Table, source: Source, at: datetime) -> exp.Expr:
    """Rows of a source that are known at `at`, and are not so where the files end there."""
    known = _known(source)
    assert known is not None, "rows without a time are not cut"
    columns: list[exp.Expr] = [build.col(c) for c in source.columns]
    before = exp.LTE(this=build.cast(build.col(known), TIMESTAMP), expression=build.timestamp(at))
    mine = exp.Select(expressions=columns).from_(whole.copy()).where(before, copy=False)
    theirs = exp.Select(expressions=[c.copy() for c in columns]).from_(table.copy())
    return exp.Except(this=mine, expression=theirs, distinct=True)
