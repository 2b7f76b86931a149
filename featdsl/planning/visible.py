"""When rows of a source are seen: times that must have come, and conditions at a time."""

from __future__ import annotations

from collections.abc import Callable

from featdsl.ir import expr as ir
from featdsl.ir.plan import Snapshots
from featdsl.ir.program import Source
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, TIMESTAMP
from featdsl.types.dtype import DURATION as _DURATION
from featdsl.types.duration import Duration


def seen_from(source: Source) -> tuple[tuple[str, Duration | None], ...]:
    """Times, with their delays, that must have come for a stored row to be seen."""
    delay = None if source.available is None else source.available.after
    found: list[tuple[str, Duration | None]] = []
    if source.available is not None and source.available.column is not None:
        found.append((source.available.column, None))
    elif source.time is not None:
        found.append((source.time, delay))
    if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:
        found.append((source.keep.by[0], delay))
    if source.valid is not None:
        found.append((source.valid.start, None if source.time else delay))
    if source.snapshot is not None:
        found.append((source.snapshot.column, delay))
    return tuple(dict.fromkeys(found))


def snapshots_of(source: Source) -> Snapshots | None:
    """When a source's snapshots are seen; None where it has none."""
    if source.snapshot is None:
        return None
    own = own_starts(source)
    whole = tuple(s for s in seen_from(source) if s not in own)
    return Snapshots(column=source.snapshot.column, whole=whole)


def own_starts(source: Source) -> tuple[tuple[str, Duration | None], ...]:
    """Times that a row waits for by itself: in a snapshot its event's, where it has one."""
    starts = seen_from(source)
    if source.snapshot is None:
        return starts
    available = None if source.available is None else source.available.column
    shared = (source.snapshot.column, available)
    return tuple(s for s in starts if s[0] not in shared)


def kept(condition: ir.Expr) -> ir.Expr:
    """Not dropped: the condition is false or null."""
    false = ir.Literal(dtype=BOOL, span=condition.span, value=False)
    known = ir.Coalesce(dtype=BOOL, span=condition.span, operands=(condition, false))
    return ir.Not(dtype=BOOL, span=condition.span, operand=known)


def seen_conditions(source: Source, at: ir.Expr | None = None) -> list[ir.Expr]:
    """What must hold for a stored row to be seen at a time: the as-of time, or another."""
    span = source.name_span
    as_of = ir.AsOf(dtype=TIMESTAMP, span=span) if at is None else at
    found: list[ir.Expr] = []

    def not_after(column: str, delay: Duration | None = None) -> ir.Expr:
        return is_over(column, delay, as_of, span)

    delay = None if source.available is None else source.available.after
    if source.available is not None and source.available.column is not None:
        found.append(not_after(source.available.column))
    elif source.time is not None:
        found.append(not_after(source.time, delay))
    if source.keep is not None:
        found.append(_is_version(source, source.keep.by[0], not_after, delay))
    if source.snapshot is not None:
        found.append(not_after(source.snapshot.column, delay))
    if source.valid is not None:
        found.append(not_after(source.valid.start, None if source.time else delay))
        end = ir.Column(dtype=TIMESTAMP, span=span, name=source.valid.end)
        found.append(
            ir.Logical(
                dtype=BOOL,
                span=span,
                op=ir.LogicalOp.OR,
                left=ir.IsNull(dtype=BOOL, span=span, operand=end),
                right=ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LT, left=as_of, right=end),
            )
        )
    return found


def is_over(column: str, delay: Duration | None, at: ir.Expr, span: Span) -> ir.Expr:
    """A column's time, and its delay, are over at a time."""
    time: ir.Expr = ir.Column(dtype=TIMESTAMP, span=span, name=column)
    bound = at
    if delay is not None and delay.is_calendar:
        # A month after 31 January is not seen a month before: the column has to move.
        time = _moved(time, ir.ArithmeticOp.ADD, delay, span)
    elif delay is not None:
        bound = _moved(at, ir.ArithmeticOp.SUBTRACT, delay, span)
    return ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LE, left=time, right=bound)


def _is_version(
    source: Source,
    by: str,
    not_after: Callable[[str, Duration | None], ir.Expr],
    delay: Duration | None,
) -> ir.Expr:
    """A version is never seen before it was made, nor before its own delay is over.

    One that has no ``by`` is never seen: nothing says when it was made.
    """
    if source.columns[by].dtype.is_temporal:
        return not_after(by, delay)
    span = source.name_span
    number = ir.Column(dtype=source.columns[by].dtype, span=span, name=by)
    return ir.IsNull(dtype=BOOL, span=span, operand=number, negated=True)


def _moved(time: ir.Expr, op: ir.ArithmeticOp, delay: Duration, span: Span) -> ir.Expr:
    by = ir.Literal(dtype=_DURATION, span=span, value=delay)
    return ir.Arithmetic(dtype=TIMESTAMP, span=span, op=op, left=time, right=by)
