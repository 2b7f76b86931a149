"""Rows that may be added to a source without any value changing: copies of its own, moved in time.

Half of the copies keep their values, so that conditions that hold go on to hold; the numbers and
conditions of the others change, so that extremes and shares would move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlglot import exp

from featdsl.ir.program import Program, Source
from featdsl.runs.needed import behind
from featdsl.sql import build, statements
from featdsl.sql.build import col
from featdsl.types.dtype import BOOL, FLOAT, INT, TEXT, TIMESTAMP, DType, Kind
from featdsl.types.duration import Duration

NUMBER = ".added"
"""The column that numbers the copies: no column of a source can be called so."""
MOST = 200
"""Copies of one source: enough to meet every kind of row, few enough to be looked at."""
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """Columns of a copy and what they become; ``fresh`` copies are of things not there before."""

    columns: Mapping[str, exp.Expr]
    fresh: bool = False


def copies(table: exp.Table, source: Source, program: Program, moved: Moved) -> exp.Select:
    """Copies of some rows of `table`, with the columns in `moved` replaced.

    Args:
        table: The stored rows of the source.
        source: Its declaration.
        program: The program: columns that joins compare keep their values.
        moved: What they become, over the columns of the row and `NUMBER`.
    """
    chosen = statements.star_from(table.copy())
    hashed = build.func("hash", *(col(c) for c in source.columns))
    chosen = chosen.order_by(hashed, copy=False).limit(MOST, copy=False)
    number = statements.named(exp.Window(this=exp.RowNumber()), NUMBER)
    numbered = exp.Select(expressions=[exp.Star(), number]).from_(statements.subquery(chosen, "s"))
    fixed = _identifying(source, program)
    unused = {*source.key, *(source.keep.per if source.keep is not None else ())}
    fixed -= unused if moved.fresh else set()
    values: list[exp.Expr] = [col(NUMBER)]
    for name, column in source.columns.items():
        value: exp.Expr = col(name)
        if name in moved.columns:
            value = build.cast(moved.columns[name].copy(), column.dtype)
        elif name in unused and name not in fixed:
            value = _unused(table, name, column.dtype)
        elif name not in fixed and name not in unused:
            value = _changed(name, column.dtype)
        values.append(statements.named(value, name))
    return exp.Select(expressions=values).from_(statements.subquery(numbered, "n"))


def _identifying(source: Source, program: Program) -> frozenset[str]:
    """Columns that say whose row it is, and which rows it belongs with."""
    found = {c for role in source.roles for c in role.columns}
    found |= set(source.keep.per if source.keep is not None else ())
    for view in program.views.values():
        for join in view.joins:
            if source in behind(program, join.source):
                found |= {c for _, c in join.on}
    if source.keep is not None or source.valid is not None or source.snapshot is not None:
        found |= set(source.key)
    return frozenset(found)


def _unused(table: exp.Table, name: str, dtype: DType) -> exp.Expr:
    """A value that no row has yet, for a column of the key."""
    if dtype.kind is Kind.INT:
        largest = exp.Select(expressions=[build.func("max", col(name))]).from_(table.copy())
        base = build.coalesce(exp.Subquery(this=largest), build.number(0))
        return build.cast(exp.Add(this=base, expression=col(NUMBER)), INT)
    if dtype.kind is Kind.TEXT:
        number = build.cast(col(NUMBER), TEXT)
        return exp.DPipe(this=build.text("added "), expression=number, safe=False)
    return col(name)


def _changed(name: str, dtype: DType) -> exp.Expr:
    """Another value for every second copy, within what the type holds."""
    value = col(name)
    match dtype.kind:
        case Kind.BOOL:
            other: exp.Expr = build.cast(exp.Not(this=build.paren(value.copy())), BOOL)
        case Kind.INT | Kind.FLOAT | Kind.DECIMAL:
            half = build.divide(build.cast(value.copy(), FLOAT), build.number(2))
            other = exp.Add(this=half, expression=build.number(1))
            other = build.cast(build.func("round", other), dtype, safe=True)
        case _:
            return value
    odd = exp.EQ(this=build.func("mod", col(NUMBER), build.number(2)), expression=build.number(1))
    return build.case(odd, other, value)


def future(source: Source, at: datetime, *, closed: bool) -> Moved | None:
    """Rows that lie after `at`; with `closed`, windows may take `at` itself in."""
    if source.snapshot is not None:
        return Moved(_after(source, source.snapshot.column, at))
    if source.valid is not None:
        return Moved({**_after(source, source.valid.start, at), source.valid.end: build.null()})
    if source.time is None:
        return None
    moved = dict(_after(source, source.time, at, itself=not closed))
    if source.available is not None and source.available.column is not None:
        # Known before, at and after the as-of time: what lies ahead counts in none of them.
        known = [at - timedelta(days=1), at, at + timedelta(days=1)]
        moved[source.available.column] = _one_of(known)
    return Moved(moved, fresh=source.keep is not None)


def _after(
    source: Source, column: str, at: datetime, *, itself: bool = False
) -> Mapping[str, exp.Expr]:
    """A column with times after `at`, or at it; days as their midnights."""
    if source.columns[column].dtype.kind is Kind.DATE:
        midnight = datetime(at.year, at.month, at.day)
        first = midnight if itself and midnight == at else midnight + timedelta(days=1)
        return {column: _one_of([first, first + timedelta(days=1)])}
    first = at if itself else at + _TICK
    return {column: _one_of([first, at + _TICK, at + timedelta(days=1)])}


def keys_at(copies: exp.Table, columns: tuple[str, ...], time: str, at: datetime) -> exp.Select:
    """Keys of the copies that lie at a time itself."""
    keys = exp.Select(expressions=[col(c) for c in columns]).from_(copies.copy())
    moment = build.cast(col(time), TIMESTAMP)
    return keys.where(exp.EQ(this=moment, expression=build.timestamp(at)), copy=False)


def late(source: Source, at: datetime) -> Moved | None:
    """Rows that lie before `at` and can be seen only after it."""
    available = source.available
    if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:
        return Moved(_after(source, source.keep.by[0], at))
    if available is not None and available.column is not None:
        return Moved(_after(source, available.column, at))
    if source.keep is not None or available is None or available.after is None:
        return None
    delay: Duration = available.after
    placed = _placed(source)
    if delay.is_calendar or delay.micros < 2 or placed is None:
        return None
    if source.columns[placed].dtype.kind is Kind.DATE:
        return None  # a day's midnight may lie before the delay
    moved = {placed: build.timestamp(at - timedelta(microseconds=delay.micros // 2))}
    if source.valid is not None:
        moved[source.valid.end] = build.null()
    return Moved(moved)


def _placed(source: Source) -> str | None:
    """The column from whose time a delay counts."""
    if source.snapshot is not None:
        return source.snapshot.column
    return source.time or (source.valid.start if source.valid is not None else None)


def old(source: Source, before: datetime) -> Moved | None:
    """Events that lie before `before`."""
    if source.time is None or source.valid is not None or source.snapshot is not None:
        return None
    times = [before - timedelta(days=d) for d in (1, 2, 400)]
    moved = {source.time: _one_of(times)}
    if source.available is not None and source.available.column is not None:
        moved[source.available.column] = moved[source.time].copy()
    if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:
        moved[source.keep.by[0]] = moved[source.time].copy()
    return Moved(moved, fresh=source.keep is not None)


def _one_of(times: list[datetime]) -> exp.Expr:
    """One of the times, in turn."""
    turn = build.func("mod", col(NUMBER), build.number(len(times)))
    branches = [
        exp.If(this=exp.EQ(this=turn.copy(), expression=build.number(i)), true=build.timestamp(t))
        for i, t in enumerate(times[:-1])
    ]
    return build.cast(exp.Case(ifs=branches, default=build.timestamp(times[-1])), TIMESTAMP)


def with_rows(
    table: exp.Table, source: Source, added: exp.Table, numbers: list[int] | None
) -> exp.Expr:
    """The source's rows and copies: all of them, or those of `numbers`."""
    names = [col(c) for c in source.columns]
    more = exp.Select(expressions=[n.copy() for n in names]).from_(added.copy())
    if numbers is not None:
        listed = exp.In(this=col(NUMBER), expressions=[build.number(n) for n in numbers])
        more = more.where(listed, copy=False)
    stored = exp.Select(expressions=names).from_(table.copy())
    return statements.union_all([stored, more])


def shuffled(table: exp.Table, source: Source, seed: int) -> exp.Select:
    """The source's rows in another order."""
    mixed = build.func("hash", build.number(seed), *(col(c) for c in source.columns))
    return statements.star_from(table.copy()).order_by(mixed, copy=False)


HALF = ".half"
"""The column that says to which half a key belongs."""


def halves(table: exp.Table, columns: tuple[str, ...]) -> exp.Select:
    """Each key once, and to which half it belongs: 0 or 1."""
    keys = exp.Select(expressions=[col(c) for c in columns]).distinct().from_(table.copy())
    keys = keys.where(build.all_of(build.is_null(col(c), negated=True) for c in columns))
    order = exp.Order(expressions=[exp.Ordered(this=col(c)) for c in columns])
    number = exp.Window(this=exp.RowNumber(), order=order)
    part = statements.named(build.func("mod", number, build.number(2)), HALF)
    listed = [exp.Star(), part]
    return exp.Select(expressions=listed).from_(statements.subquery(keys, "k"))


def half(table: exp.Table, keys: exp.Table, columns: tuple[str, ...], part: int) -> exp.Select:
    """The rows of the keys of one half."""
    mine = exp.Select(expressions=[col(c) for c in columns]).from_(keys.copy())
    mine = mine.where(exp.EQ(this=col(HALF), expression=build.number(part)))
    key = exp.Tuple(expressions=[col(c) for c in columns])
    among = exp.In(this=key, query=exp.Subquery(this=mine))
    return statements.star_from(table.copy()).where(among, copy=False)
