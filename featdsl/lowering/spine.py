"""Spines, points and what is assembled on them; when rows are seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlglot import exp

from featdsl.ir.plan import Assemble, Grid, LastSeen, Points, Population, Seen, Spine, Split
from featdsl.lowering.snapshots import (
    SEEN,
    SNAPSHOTS,
    UNTIL,
    latest,
    moved,
    others,
    with_snapshots,
)
from featdsl.sql import build
from featdsl.sql.build import aliased
from featdsl.types.dtype import TEXT, DType, Kind

_HEX_DIGITS = 8


def spine_rows(spine: Spine, table: exp.Expr | None) -> exp.Select:
    """The spine's rows with their number; `table` where they are handed in."""
    if table is not None:
        names = dict.fromkeys((spine.row, *spine.columns))
        return exp.select(*(build.col(c) for c in names)).from_(table, copy=False)
    assert spine.input is not None
    number = aliased(_numbered(spine.order), spine.row)
    types = dict(spine.types)
    columns = (
        aliased(stored(build.col(c), types[c]), c) if c in types else build.col(c)
        for c in spine.columns
    )
    return exp.select(number, *columns).from_(build.table(spine.input), copy=False)


def grid(operation: Grid) -> exp.Select:
    """Keys that exist at each instant."""
    rows, times = "p", "g"
    keys = [aliased(build.col(column, rows), key) for key, column in operation.keys]
    moments = exp.Values(
        expressions=[exp.Tuple(expressions=[build.timestamp(t)]) for t in operation.instants],
        alias=exp.TableAlias(this=build.ident(times), columns=[build.ident(operation.as_of)]),
    )
    at = build.col(operation.as_of, times)
    conditions: list[exp.Expr | None] = [
        build.is_null(build.col(column, rows), negated=True) for _, column in operation.keys
    ]
    if operation.sample is not None:
        drawn = [build.col(column, rows) for _, column in operation.keys]
        conditions.append(_sampled(drawn, at, operation.sample))
    joined = exp.Join(this=moments, on=_seen(operation.start, operation.end, rows, at))
    query = exp.select(*keys, at.copy()).distinct(copy=False)
    query = query.from_(build.table(operation.input, rows), copy=False).join(joined, copy=False)
    return query.where(build.all_of(conditions), copy=False)


def points(operation: Points) -> exp.Select:
    """Distinct keys and times, numbered in the order of the key."""
    asked = "asked"
    keys = [aliased(build.col(column), key) for key, column in operation.keys]
    time = aliased(build.col(operation.time), operation.as_of)
    given = [column for _, column in operation.keys] + [operation.time]
    known = build.all_of(build.is_null(build.col(c), negated=True) for c in given)
    distinct = exp.select(*keys, time).distinct(copy=False)
    distinct = distinct.from_(build.table(operation.input), copy=False).where(known, copy=False)
    names = [key for key, _ in operation.keys]
    query = exp.select(
        aliased(_numbered((*names, operation.as_of)), operation.point),
        *(build.col(name) for name in (*names, operation.as_of)),
    ).from_(exp.Subquery(this=distinct, alias=exp.TableAlias(this=build.ident(asked))), copy=False)
    if operation.population is not None:
        query = query.where(_exists(operation.population, asked, operation.as_of), copy=False)
    return query


def _exists(population: Population, asked: str, as_of: str) -> exp.Expr:
    """Whether a key is in the population at its time."""
    rows = "p"
    conditions: list[exp.Expr | None] = [
        exp.EQ(this=build.col(column, rows), expression=build.col(key, asked))
        for key, column in population.keys
    ]
    at = build.col(as_of, asked)
    conditions.append(_seen(population.start, population.end, rows, at))
    found = exp.select(build.number(1)).from_(build.table(population.step, rows), copy=False)
    return exp.Exists(this=found.where(build.all_of(conditions), copy=False))


def seen(operation: Seen) -> exp.Select:
    """Rows with the times between which they are seen."""
    table = None
    moments = moved(operation.starts)
    if operation.snapshots is not None:
        # Columns of rows and of snapshots must not be mixed up.
        table = operation.input
        moments = [build.col(SEEN, SNAPSHOTS), *moved(operation.starts, table)]
    start = latest(moments)
    query = exp.select(*(build.col(c, table) for c in operation.columns))
    query = query.select(aliased(start, operation.start_name), copy=False)
    if operation.end_name is not None:
        query = query.select(aliased(_end(operation, start), operation.end_name), copy=False)
    dated = [name for name, _ in operation.starts]
    # A version without a place in the order is never seen either.
    needed = dict.fromkeys([*dated, *operation.by[:1]])
    known = build.all_of(build.is_null(build.col(c, table), negated=True) for c in needed)
    query = query.from_(build.table(operation.input), copy=False)
    if operation.snapshots is not None:
        query = query.join(with_snapshots(operation.input, operation.snapshots), copy=False)
    return query if known is None else query.where(known, copy=False)


def _end(operation: Seen, start: exp.Expr) -> exp.Expr:
    if operation.end is not None:
        return build.col(operation.end)
    if operation.snapshots is not None:
        return build.col(UNTIL, SNAPSHOTS)
    # A version holds until the first of the versions above it is seen, in whatever order they are.
    order = [exp.Ordered(this=build.col(c), nulls_first=False) for c in operation.by]
    frame = others(above=not operation.first)
    return exp.Window(
        this=exp.Min(this=start.copy()),
        partition_by=[build.col(c) for c in operation.per],
        order=exp.Order(expressions=order),
        spec=frame,
    )


def last_seen(operation: LastSeen) -> exp.Select:
    """The largest time at which a row can be seen."""
    value = exp.Max(this=latest(moved(operation.starts))) if operation.starts else build.null()
    known = build.all_of(build.is_null(build.col(c), negated=True) for c in operation.known)
    query = exp.select(aliased(value, operation.name)).from_(
        build.table(operation.input), copy=False
    )
    return query if known is None else query.where(known, copy=False)


def _seen(start: str | None, end: str | None, table: str, at: exp.Expr) -> exp.Expr:
    """Whether a row is seen at a time; always, without limits."""
    return build.all_of(seen_at(start, end, table, at)) or build.boolean(True)


def seen_at(start: str | None, end: str | None, table: str, at: exp.Expr) -> list[exp.Expr]:
    """Conditions for a row of `table` to be seen: its start has come and its end has not."""
    found: list[exp.Expr] = []
    if start is not None:
        found.append(exp.LTE(this=build.col(start, table), expression=at.copy()))
    if end is not None:
        stop = build.col(end, table)
        before = exp.LT(this=at.copy(), expression=stop.copy())
        found.append(exp.Paren(this=exp.Or(this=build.is_null(stop), expression=before)))
    return found


def _numbered(order: Sequence[str]) -> exp.Expr:
    if not order:
        return exp.Window(this=exp.RowNumber())
    ordered = exp.Order(expressions=[exp.Ordered(this=build.col(c)) for c in order])
    return exp.Window(this=exp.RowNumber(), order=ordered)


def _sampled(keys: Sequence[exp.Expr], at: exp.Expr, share: Decimal) -> exp.Expr:
    """Whether a hash of key and time is below the share: the same rows on every engine."""
    if share >= 1:
        return build.boolean(True)
    parts: list[exp.Expr] = []
    for key in keys:
        parts += [build.cast(key.copy(), TEXT), build.text("|")]
    parts.append(build.cast(build.epoch_us(at.copy()), TEXT))
    written = parts[0]
    for part in parts[1:]:
        written = exp.DPipe(this=written, expression=part, safe=False)
    return exp.LT(this=_drawn(written), expression=_bound(share))


def _drawn(written: exp.Expr) -> exp.Expr:
    """The first digits of a text's hash, the same on every engine."""
    return build.func("left", build.func("sha256", written), build.number(_HEX_DIGITS))


def _bound(share: Decimal) -> exp.Expr:
    """What the digits of a share of all texts are below."""
    below = math.ceil(share * 16**_HEX_DIGITS)
    every = "g"  # comes after all digits
    return build.text(every if below >= 16**_HEX_DIGITS else f"{below:0{_HEX_DIGITS}x}")


def assemble(
    operation: Assemble, values: Iterable[exp.Expr], mature: exp.Expr | None
) -> exp.Select:
    """The spine's rows with the ``values`` of their points; `mature`: whether labels are known."""
    spine, where = operation.spine, operation.points
    of_spine = (build.col(c, spine) for c in operation.spine_columns)
    computed = (
        aliased(stored(value, dtype), name)
        for (name, _, dtype), value in zip(operation.values, values, strict=True)
    )
    query = exp.select(*of_spine, *computed)
    time = build.col(operation.time, spine)
    if operation.split is not None:
        part = _part(operation.split, time, spine)
        query = query.select(aliased(part, operation.split.name), copy=False)
    if operation.audit is not None:
        row, status, known = operation.audit
        of_row = [
            aliased(build.col(operation.row, spine), row),
            aliased(_status(operation), status),
            aliased(build.boolean(True) if mature is None else mature, known),
        ]
        query = query.select(*of_row, copy=False)
    query = query.from_(build.table(spine), copy=False)
    same = [
        exp.EQ(this=build.col(column, spine), expression=build.col(key, where))
        for key, column in operation.keys
    ]
    same.append(exp.EQ(this=time.copy(), expression=build.col(operation.as_of, where)))
    query = query.join(
        exp.Join(this=build.table(where), side="LEFT", on=build.all_of(same)), copy=False
    )
    for step in operation.steps:
        own = (
            build.col(operation.row, spine)
            if step in operation.by_row
            else build.col(operation.point, where)
        )
        on = exp.EQ(this=own, expression=build.col(operation.point, step))
        query = query.join(exp.Join(this=build.table(step), side="LEFT", on=on), copy=False)
    return query.order_by(build.col(operation.row, spine), copy=False)


def _part(split: Split, time: exp.Expr, spine: str) -> exp.Expr:
    """The first part whose end is later; the last for the rest of what is known."""
    if split.key is None:
        value, bounds = time, [build.timestamp(at) for at in split.at]
    else:
        key = build.col(split.key, spine)
        value = _drawn(build.cast(key, TEXT))
        bounds = [_bound(share) for share in split.shares]
    branches = [
        exp.If(this=exp.LT(this=value.copy(), expression=bound), true=build.text(name))
        for bound, name in zip(bounds, split.parts, strict=False)
    ]
    known = build.is_null(value.copy(), negated=True)
    branches.append(exp.If(this=known, true=build.text(split.parts[-1])))
    return exp.Case(ifs=branches)


def _status(operation: Assemble) -> exp.Expr:
    spine = operation.spine
    keyless = [build.is_null(build.col(column, spine)) for _, column in operation.keys]
    timeless = build.is_null(build.col(operation.time, spine))
    unknown = build.is_null(build.col(operation.point, operation.points))
    branches = [
        *(
            [exp.If(this=exp.or_(*keyless, copy=False), true=build.text("no key"))]
            if keyless
            else []
        ),
        exp.If(this=timeless, true=build.text("no time")),
        exp.If(this=unknown, true=build.text("unknown key")),
    ]
    return exp.Case(ifs=branches, default=build.text("known"))


def stored(value: exp.Expr, dtype: DType) -> exp.Expr:
    """A value as it is stored: what may be a 128-bit int as a decimal without places."""
    return build.cast(value, dtype) if _was_wide(dtype) else value


def _was_wide(dtype: DType) -> bool:
    if dtype.is_nested:
        return any(map(_was_wide, dtype.items))
    return dtype.kind is Kind.DECIMAL and dtype.scale == 0
