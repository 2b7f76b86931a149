"""As-of joins: each left row with the right row that was seen at the left row's time."""

from __future__ import annotations

from sqlglot import exp

from featdsl.ir import expr as ir
from featdsl.ir.plan import AsOfJoin, Match
from featdsl.ir.visit import column_name
from featdsl.lowering.expression import lower_expression
from featdsl.sql import build

# Aliases, so that columns of the two sides cannot be mixed up.
_LEFT, _RIGHT = "l", "r"
_ROW = ".row"
"""Numbers the left rows, where several right rows match one."""


def as_of_join(
    join: AsOfJoin, *, as_of: exp.Expr, cap: exp.Expr | None, timezone: str
) -> exp.Select:
    """The left rows with the carried columns of their right row, or nulls.

    Args:
        join: What is joined.
        as_of: The as-of time.
        cap: The SQL of the join's ``cap``.
        timezone: The project's zone name.
    """

    def resolve(leaf: ir.Expr) -> exp.Expr:
        assert isinstance(leaf, ir.Column)
        if leaf.qualifier == join.alias:
            return build.col(leaf.name, _RIGHT)
        return build.col(column_name(leaf), _LEFT)

    def value(e: ir.Expr) -> exp.Expr:
        return lower_expression(e, resolve, as_of=as_of, timezone=timezone)

    conditions: list[exp.Expr] = [
        exp.EQ(this=build.paren(value(e)), expression=build.col(c, _RIGHT)) for e, c in join.on
    ]
    match join.match:
        case Match.VALID:
            conditions += _valid(join, cap)
        case Match.NEWEST:
            conditions.append(_not_later(join, cap))
        case Match.SEEN:
            conditions += _seen(join, cap)
        case Match.ALWAYS:
            pass
    if join.residual is not None:
        conditions.append(build.paren(value(join.residual)))
    carried = (build.aliased(build.col(c, _RIGHT), f"{join.alias}.{c}") for c in join.carried)
    query = exp.select(*(build.col(c, _LEFT) for c in join.columns), *carried)
    joined = exp.Join(
        this=build.table(join.right, _RIGHT),
        side="LEFT",
        method="ASOF" if join.match is Match.NEWEST else None,
        on=build.all_of(conditions),
    )
    if not join.latest:
        return query.from_(build.table(join.left, _LEFT), copy=False).join(joined, copy=False)
    query = query.from_(_numbered(join.left), copy=False).join(joined, copy=False)
    query.set("qualify", exp.Qualify(this=_is_latest(join.latest)))
    return query


def _numbered(left: str) -> exp.Subquery:
    """The left rows, told apart."""
    number = build.aliased(exp.Window(this=exp.RowNumber()), _ROW)
    query = exp.Select(expressions=[exp.Star(), number]).from_(build.table(left), copy=False)
    return exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident(_LEFT)))


def _is_latest(order: tuple[str, ...]) -> exp.Expr:
    """Whether a pair holds the last right row of all that match the left one."""
    last = [exp.Ordered(this=build.col(c, _RIGHT), desc=True, nulls_first=True) for c in order]
    position = exp.Window(
        this=exp.RowNumber(),
        partition_by=[build.col(_ROW, _LEFT)],
        order=exp.Order(expressions=last),
    )
    return exp.EQ(this=position, expression=build.number(1))


def _left_time(join: AsOfJoin, cap: exp.Expr | None) -> exp.Expr:
    """When the left row looks: at its time, and never after the cap. Null stays null."""
    assert join.left_time is not None
    time = build.col(join.left_time, _LEFT)
    if cap is None:
        return time
    return build.case(exp.GT(this=time, expression=cap.copy()), cap.copy(), time.copy())


def _not_later(join: AsOfJoin, cap: exp.Expr | None) -> exp.Expr:
    """The right row's time, and its delay, are over at the left row's time."""
    assert join.start is not None
    seen = build.plus(build.col(join.start, _RIGHT), join.delay)
    return exp.GTE(this=_left_time(join, cap), expression=seen)


def _seen(join: AsOfJoin, cap: exp.Expr | None) -> list[exp.Expr]:
    """The right row is seen at the left row's time, and has happened by then."""
    time = _left_time(join, cap)
    begun = dict.fromkeys(c for c in (join.start, join.time) if c is not None)
    found: list[exp.Expr] = [
        exp.LTE(this=build.col(c, _RIGHT), expression=time.copy()) for c in begun
    ]
    if join.end is not None:
        end = build.col(join.end, _RIGHT)
        before = exp.LT(this=time.copy(), expression=end.copy())
        found.append(exp.Paren(this=exp.Or(this=build.is_null(end), expression=before)))
    return found


def _valid(join: AsOfJoin, cap: exp.Expr | None) -> list[exp.Expr]:
    """``from <= time < to`` and, where right rows are known later, known at that time."""
    assert join.start is not None and join.end is not None
    time = _left_time(join, cap)
    end = build.col(join.end, _RIGHT)
    open_ended = exp.Or(
        this=build.is_null(end),
        expression=exp.LT(this=time.copy(), expression=end.copy()),
    )
    start = build.col(join.start, _RIGHT)
    found: list[exp.Expr] = [exp.LTE(this=start, expression=time), exp.Paren(this=open_ended)]
    if join.delay is not None:
        known = build.plus(start.copy(), join.delay)
        found.append(exp.LTE(this=known, expression=time.copy()))
    if join.available is not None:
        known = build.col(join.available, _RIGHT)
        found.append(exp.LTE(this=known, expression=time.copy()))
    return found
