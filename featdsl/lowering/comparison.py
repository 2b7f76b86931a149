"""Comparisons: of exact numbers exactly, whatever their digits; of an int and a float as floats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce

from sqlglot import exp

from featdsl.ir import expr as ir
from featdsl.sql import build
from featdsl.types.dtype import MAX_DIGITS, DType, Kind, as_decimal, common, decimal

Known = Callable[[ir.Expr], exp.Expr]
"""SQL of an operand, null where it is NaN or infinite."""

_COMPARISONS: dict[ir.CompareOp, type[exp.Expr]] = {
    ir.CompareOp.EQ: exp.EQ,
    ir.CompareOp.NE: exp.NEQ,
    ir.CompareOp.LT: exp.LT,
    ir.CompareOp.LE: exp.LTE,
    ir.CompareOp.GT: exp.GT,
    ir.CompareOp.GE: exp.GTE,
}


def compared(op: ir.CompareOp, a: ir.Expr, b: ir.Expr, known: Known) -> exp.Expr:
    """``a op b``, null where a side is.

    The engine compares in one type, and a number with more digits than it has stops the engine.
    Such a number lies beyond all that the other side can be: where it lies of 0 decides.
    """
    sides = [build.paren(side) for side in _alike([a, b], known)]
    compare = _COMPARISONS[op]
    wide = _beyond(a, b)
    if wide is None:
        return compare(this=sides[0], expression=sides[1])
    side, digits = wide
    may, other = sides[side], sides[1 - side]
    limit = build.number(10**digits)
    within = exp.And(
        this=exp.GT(this=may.copy(), expression=exp.Neg(this=limit)),
        expression=exp.LT(this=may.copy(), expression=limit.copy()),
    )
    zero: list[exp.Expr] = [build.number(0), build.number(0)]
    zero[side] = may.copy()
    return exp.Case(
        ifs=[
            exp.If(this=within, true=compare(this=sides[0], expression=sides[1])),
            exp.If(
                this=build.is_null(other.copy(), negated=True),
                true=compare(this=zero[0], expression=zero[1]),
            ),
        ]
    )


def in_list(e: ir.InList, known: Known) -> exp.Expr:
    if _apart(e.operand, e.items):
        each = (compared(ir.CompareOp.EQ, e.operand, item, known) for item in e.items)
        found: exp.Expr = exp.Paren(this=reduce(lambda p, q: exp.Or(this=p, expression=q), each))
    else:
        operand, *items = _alike([e.operand, *e.items], known)
        found = exp.In(this=build.paren(operand), expressions=items)
    return exp.Not(this=found) if e.negated else found


def between(e: ir.Between, known: Known) -> exp.Expr:
    if _apart(e.operand, (e.low, e.high)):
        within: exp.Expr = exp.And(
            this=compared(ir.CompareOp.GE, e.operand, e.low, known),
            expression=compared(ir.CompareOp.LE, e.operand, e.high, known),
        )
    else:
        value, low, high = _alike([e.operand, e.low, e.high], known)
        within = exp.Between(this=build.paren(value), low=low, high=high)
    return exp.Not(this=exp.Paren(this=within)) if e.negated else within


def cast_to(value: exp.Expr, source: DType, target: DType) -> exp.Expr:
    """The value, cast where its type is another."""
    if source == target or source.is_error or target.kind is Kind.NULL:
        return value
    return build.cast(value, target)


def _alike(operands: Iterable[ir.Expr], known: Known) -> list[exp.Expr]:
    """Operands in the type that they are compared in."""
    listed = list(operands)
    dtype = listed[0].dtype
    for other in listed[1:]:
        both = common(dtype, other.dtype)
        assert both is not None, "semantics checks that operands compare"
        dtype = both
    if dtype.is_exact:
        return [known(o) for o in listed]
    return [cast_to(known(o), o.dtype, dtype) for o in listed]


def _apart(first: ir.Expr, others: Sequence[ir.Expr]) -> bool:
    """Whether the first is compared with the others in more than one way."""
    exact = {o.dtype.is_exact for o in others if o.dtype.is_numeric}
    mixed = first.dtype.is_exact and len(exact) > 1
    return mixed or any(_beyond(first, o) is not None for o in others)


def _beyond(a: ir.Expr, b: ir.Expr) -> tuple[int, int] | None:
    """Which side may exceed the type that both are compared in, and the digits of that.

    Digits before the point; None where every value of both sides fits.
    """
    if not a.dtype.is_exact or not b.dtype.is_exact:
        return None
    sides = [_as_written(e) for e in (a, b)]
    digits = MAX_DIGITS - max(side.scale for side in sides)
    return next(((i, digits) for i, s in enumerate(sides) if s.precision - s.scale > digits), None)


def _as_written(e: ir.Expr) -> DType:
    """The decimal that holds an exact number; of a literal int, its own digits."""
    if isinstance(e, ir.Literal) and isinstance(e.value, int):
        return decimal(len(str(abs(e.value))), 0)
    return as_decimal(e.dtype)
