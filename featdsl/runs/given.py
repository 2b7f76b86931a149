"""Rows that are handed in, in place of files: a data frame, a table of the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Location, Source
from featdsl.runs.shapes import Shape, fit
from featdsl.runs.stored import Opened
from featdsl.sources.spec import FILE, ROW, Read, SourceKind
from featdsl.sources.stored_types import HOLDS, convert
from featdsl.sql import build, statements

NO_COLUMN = ".none"
"""A column of nulls that stands in where rows have no columns: an engine wants one."""
KIND = "frame"
"""In records, of a source whose rows are handed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Rows in an order of their own.

    ``words`` is how messages name them, without a slash: ``frame of transactions``. ``load``
    makes them a relation of a session under a name, with the columns that they have, in their
    order; it is called once a session. `Session.register` does so for pandas and polars frames
    and Arrow tables. ``index`` are the names of what a pandas frame has in its index, where that
    is more than row numbers; a level without a name is ``""``.
    """

    words: str
    load: Callable[[Session, str], exp.Table]
    index: tuple[str, ...] = ()


def open_given(
    session: Session,
    source: Source,
    given: Given,
    problems: Problems,
    *,
    check: Callable[[SourceKind, Shape], bool] | None = None,
) -> Opened | None:
    """Fit rows that are handed in to a source's declared columns, by the rules of Parquet files.

    What does not fit is reported, and gives None; so does what `check` finds wrong before.
    """
    loaded = given.load(session, f"given {source.name}")
    kind = kind_of(given, loaded)
    shape = shape_of(session, given, loaded)
    if check is not None and not check(kind, shape):
        return None
    fitted = fit(kind, source, shape, problems)
    if fitted is None:
        return None
    location = Location(
        kind=KIND, argument=given.words, written=given.words, span=source.location.span
    )
    return Opened(replace(source, location=location), kind, (), (), (fitted,))


def kind_of(given: Given, loaded: exp.Table) -> SourceKind:
    """How rows that are handed in are read: as Parquet files, from the session's relation."""

    def read(wanted: Read) -> exp.Expr:
        if not wanted.numbered:
            return loaded.copy()
        place = exp.Sub(this=exp.Window(this=build.func("row_number")), expression=build.number(1))
        values: list[exp.Expr] = [
            exp.Star(),
            statements.named(build.text(given.words), FILE),
            statements.named(place, ROW),
        ]
        query = exp.Select(expressions=values).from_(loaded.copy())
        return statements.subquery(query, "given")

    return SourceKind(
        name=KIND,
        meaning="Rows that are handed in.",
        argument="",
        holds=HOLDS,
        scan=lambda source, columns: loaded.copy(),
        find=lambda location, base, roots: [],
        read=read,
        stored=None,
        convert=convert,
    )


def shape_of(session: Session, given: Given, loaded: exp.Table) -> Shape:
    """The columns that rows have which are handed in."""
    stored = session.columns(statements.star_from(loaded.copy()))
    named = ((name, dtype) for name, dtype in stored if name != NO_COLUMN)
    return Shape(tuple(named), (Path(given.words),))
