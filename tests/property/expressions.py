"""The value of a typed expression, from `docs/language/semantics.md`: slow and obvious."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from featdsl.ir import expr as ir
from featdsl.types.dtype import FLOAT, DType, Kind, common
from featdsl.types.duration import Duration
from tests.property import functions
from tests.property.scalars import (
    Stops,
    Value,
    cast,
    finite,
    floored,
    held,
    length,
    micros,
    midnight,
    moved,
    turned,
)

Op = ir.ArithmeticOp


@dataclass(frozen=True)
class Scope:
    """``leaf`` gives the values of columns, features and aggregates."""

    leaf: Callable[[ir.Expr], Value]
    as_of: datetime
    zone: str

    def value(self, e: ir.Expr) -> Value:
        """The value that is read: null in place of NaN and infinity."""
        return finite(self.raw(e))

    def true(self, e: ir.Expr | None) -> bool:
        """Whether a condition holds; none always does."""
        return e is None or self.value(e) is True

    def raw(self, e: ir.Expr) -> Value:
        """As IEEE 754 computes it where sums and products stand in each other."""
        match e:
            case ir.Literal(value=value):
                return _literal(value, e.dtype)
            case ir.Param(value=value):
                assert not isinstance(value, tuple)
                return _literal(value, e.dtype)
            case ir.ListOf(items=items):
                return [self.value(i) for i in items]
            case ir.Column() | ir.FeatureRef() | ir.Aggregate():
                return self.leaf(e)
            case ir.AsOf():
                return self.as_of
            case ir.Arithmetic():
                return self.arithmetic(e)
            case ir.Negate(operand=operand):
                x = self.raw(operand)
                return None if x is None else held(-x, e.dtype)
            case ir.Conditional():
                return self.conditional(e)
            case ir.Coalesce(operands=operands):
                found = ((o, self.value(o)) for o in operands)
                return next((turned(v, o.dtype, e.dtype) for o, v in found if v is not None), None)
            case ir.Cast():
                return self.cast(e)
            case ir.Call():
                return functions.call(
                    e.function,
                    functions.Call(
                        [self.value(a) for a in e.args],
                        [a.dtype for a in e.args],
                        e.dtype,
                        self.as_of,
                        self.zone,
                    ),
                )
            case _:
                return self.condition(e)

    def conditional(self, e: ir.Conditional) -> Value:
        for condition, value in e.branches:
            if self.true(condition):
                return turned(self.value(value), value.dtype, e.dtype)
        if e.otherwise is None:
            return None
        return turned(self.value(e.otherwise), e.otherwise.dtype, e.dtype)

    def cast(self, e: ir.Cast) -> Value:
        value = self.value(e.operand)
        try:
            return cast(value, e.operand.dtype, e.dtype)
        except Stops:
            if e.safe:
                return None
            raise

    def condition(self, e: ir.Expr) -> Value:
        match e:
            case ir.Compare(op=op, left=left, right=right):
                return self.compared(op, left, right)
            case ir.Logical(op=op):
                sides = [self.value(e.left), self.value(e.right)]
                decisive = op is ir.LogicalOp.OR
                if decisive in sides:
                    return decisive
                return None if None in sides else not decisive
            case ir.Not(operand=operand):
                return negated(self.value(operand), True)
            case ir.IsNull(operand=operand, negated=no):
                return (self.value(operand) is None) != no
            case ir.InList(operand=operand, items=items, negated=no):
                found = [self.compared(ir.CompareOp.EQ, operand, i) for i in items]
                within = True if True in found else None if None in found else False
                return negated(within, no)
            case ir.Between(operand=operand, low=low, high=high, negated=no):
                ends = [
                    self.compared(ir.CompareOp.GE, operand, low),
                    self.compared(ir.CompareOp.LE, operand, high),
                ]
                within = False if False in ends else None if None in ends else True
                return negated(within, no)
            case ir.Like(operand=operand, pattern=pattern, negated=no):
                text, form = self.value(operand), self.value(pattern)
                if text is None or form is None:
                    return None
                return negated(_like(text, form), no)
        raise AssertionError(f"no meaning for {e}")

    def compared(self, op: ir.CompareOp, left: ir.Expr, right: ir.Expr) -> Value:
        a, b = self.value(left), self.value(right)
        if a is None or b is None:
            return None
        both = common(left.dtype, right.dtype)
        assert both is not None
        if both.kind is Kind.FLOAT:
            a, b = float(a), float(b)
        elif both.is_temporal:
            a, b = midnight(a), midnight(b)
        return {
            ir.CompareOp.EQ: a == b,
            ir.CompareOp.NE: a != b,
            ir.CompareOp.LT: a < b,
            ir.CompareOp.LE: a <= b,
            ir.CompareOp.GT: a > b,
            ir.CompareOp.GE: a >= b,
        }[op]

    def arithmetic(self, e: ir.Arithmetic) -> Value:
        left, right = e.left.dtype, e.right.dtype
        if left.is_temporal or right.is_temporal:
            return self.time(e)
        if e.op is Op.FLOOR_DIVIDE:
            both = common(left, right)
            assert both is not None
            a = turned(self.value(e.left), left, both)
            b = turned(self.value(e.right), right, both)
            return held(floored(a, b, both.kind), e.dtype)
        a, b = self.raw(e.left), self.raw(e.right)
        if a is None or b is None:
            return None
        if e.op is Op.DIVIDE:
            return None if b == 0 else _quotient(float(a), float(b))
        if e.dtype.kind is Kind.FLOAT:
            return _ieee(e.op, float(a), float(b))
        return _exact(e.op, a, b, e.dtype)

    def time(self, e: ir.Arithmetic) -> Value:
        a, b = self.moment(e.left), self.moment(e.right)
        if a is None or b is None:
            return None
        if e.dtype.kind is Kind.DURATION:
            return micros(a) - micros(b)
        start, by = (a, b) if e.left.dtype.is_temporal else (b, a)
        return moved(start, by, 1 if e.op is Op.ADD else -1)

    def moment(self, e: ir.Expr) -> Value:
        """An operand beside a time; a literal length keeps its unit, months have no other."""
        if isinstance(e, ir.Literal) and isinstance(e.value, Duration):
            return e.value
        return self.value(e)


def negated(value: bool | None, no: bool) -> bool | None:
    return None if value is None else value != no


def _literal(value: ir.Scalar, dtype: DType) -> Value:
    if isinstance(value, Duration):
        return length(value)
    if isinstance(value, int) and not isinstance(value, bool) and dtype == FLOAT:
        return float(value)
    return value


def _quotient(a: float, b: float) -> float:
    return a / b


def _ieee(op: Op, a: float, b: float) -> float:
    match op:
        case Op.ADD:
            return a + b
        case Op.SUBTRACT:
            return a - b
        case _:
            return a * b


def _exact(op: Op, a: int | Decimal, b: int | Decimal, dtype: DType) -> Value:
    with localcontext() as context:
        context.prec = 200
        match op:
            case Op.ADD:
                return held(a + b, dtype)
            case Op.SUBTRACT:
                return held(a - b, dtype)
            case _:
                return held(a * b, dtype)


def _like(text: str, form: str) -> bool:
    """`%` is any text, `_` one code point; nothing takes their meaning away."""
    parts = {"%": ".*", "_": "."}
    pattern = "".join(parts.get(c) or re.escape(c) for c in form)
    return re.fullmatch(pattern, text, flags=re.DOTALL) is not None
