"""Snapshots: when all rows of each can be seen, and until when it is the latest."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from featdsl.ir.plan import Snapshots
from featdsl.sql import build
from featdsl.sql.build import aliased
from featdsl.types.duration import Duration

SNAPSHOTS = ".snapshots"
"""The alias of snapshots beside their rows; the others are its columns."""
TAKEN, SEEN, UNTIL = "taken", "seen", "until"


def moved(
    starts: Iterable[tuple[str, Duration | None]], table: str | None = None
) -> list[exp.Expr]:
    """Times, each with its delay."""
    return [build.plus(build.col(name, table), delay) for name, delay in starts]


def latest(times: list[exp.Expr]) -> exp.Expr:
    """The latest of times none of which is null."""
    return times[0] if len(times) == 1 else build.func("greatest", *times)


def others(*, above: bool) -> exp.WindowSpec:
    """The frame of all rows after the current one, or before it."""
    one, unbounded, side = build.number(1), "UNBOUNDED", "FOLLOWING" if above else "PRECEDING"
    return exp.WindowSpec(
        kind="ROWS",
        start=one if above else unbounded,
        start_side=side,
        end=unbounded if above else one,
        end_side=side,
    )


def in_newest(rows: str, snapshots: Snapshots, at: exp.Expr) -> exp.Expr:
    """Whether a row is of the latest snapshot that is seen at a time."""
    seen = exp.LTE(this=build.col(SEEN), expression=at)
    newest = exp.select(aliased(exp.Max(this=build.col(TAKEN)), TAKEN)).from_(
        _subquery(_whole(rows, snapshots)), copy=False
    )
    newest = newest.where(seen, copy=False)
    return exp.EQ(this=build.col(snapshots.column), expression=exp.Subquery(this=newest))


def with_snapshots(rows: str, snapshots: Snapshots) -> exp.Join:
    """A join of rows with their snapshots, of those that are ever seen.

    A snapshot is the latest until the first of those taken after it is seen, in whatever order
    they are.
    """
    until = exp.Window(
        this=exp.Min(this=build.col(SEEN)),
        order=exp.Order(expressions=[exp.Ordered(this=build.col(TAKEN))]),
        spec=others(above=True),
    )
    query = exp.select(build.col(TAKEN), build.col(SEEN), aliased(until, UNTIL))
    query = query.from_(_subquery(_whole(rows, snapshots)), copy=False)
    query = query.where(build.is_null(build.col(SEEN), negated=True), copy=False)
    same = exp.EQ(this=build.col(snapshots.column, rows), expression=build.col(TAKEN, SNAPSHOTS))
    return exp.Join(this=_subquery(query), on=same)


def _whole(rows: str, snapshots: Snapshots) -> exp.Select:
    """Each snapshot and when the last of its rows can be seen: null for never."""
    others = [(name, d) for name, d in snapshots.whole if name != snapshots.column]
    own = [d for name, d in snapshots.whole if name == snapshots.column]
    times = [build.plus(build.col(snapshots.column), delay) for delay in own]
    every = exp.Count(this=exp.Star())
    present: list[exp.Expr | None] = []
    for name, delay in others:
        times.append(build.plus(exp.Max(this=build.col(name)), delay))
        counted = exp.Count(this=build.col(name))
        present.append(exp.EQ(this=counted, expression=every.copy()))
    known, seen = build.all_of(present), latest(times)
    query = exp.select(
        aliased(build.col(snapshots.column), TAKEN),
        aliased(seen if known is None else build.case(known, seen), SEEN),
    ).from_(build.table(rows), copy=False)
    taken = build.is_null(build.col(snapshots.column), negated=True)
    return query.where(taken, copy=False).group_by(build.col(snapshots.column), copy=False)


def _subquery(query: exp.Select) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident(SNAPSHOTS)))
