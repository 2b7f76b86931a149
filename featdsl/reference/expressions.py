"""Scalar expressions: what is computed of the values of one row, or of one key."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from featdsl.ir import expr as ir
from featdsl.reference import arithmetic
from featdsl.reference.casts import cast
from featdsl.reference.functions.registry import functions
from featdsl.reference.functions.spec import Given
from featdsl.reference.patterns import like
from featdsl.reference.scope import Scope
from featdsl.reference.stop import Stopped, Unanswered
from featdsl.reference.values import Value, equal, given, less, negative, settled
from featdsl.types.dtype import Kind

_NATIVE: Final = (
    ir.ArithmeticOp.ADD,
    ir.ArithmeticOp.SUBTRACT,
    ir.ArithmeticOp.MULTIPLY,
    ir.ArithmeticOp.DIVIDE,
)


def evaluate(node: ir.Expr, scope: Scope) -> Value:
    """The value of an expression, never NaN or infinite.

    Raises:
        Stopped: it does not fit its type.
    """
    match node:
        case ir.Literal(value=value) | ir.Param(value=value):
            return given(value, node.dtype)
        case ir.ListOf(items=items):
            return tuple(evaluate(i, scope) for i in items)
        case ir.AsOf():
            return scope.as_of
        case ir.Arithmetic():
            return settled(_unsettled(node, scope), node.dtype)
        case ir.Negate(operand=operand):
            value = evaluate(operand, scope)
            return None if value is None else settled(negative(value), node.dtype)
        case ir.Conditional(branches=branches, otherwise=otherwise):
            for condition, branch in branches:
                if evaluate(condition, scope) is True:
                    return settled(evaluate(branch, scope), node.dtype)
            return None if otherwise is None else settled(evaluate(otherwise, scope), node.dtype)
        case ir.Coalesce(operands=operands):
            return settled(_first(evaluate(o, scope) for o in operands), node.dtype)
        case ir.Cast():
            return _cast(node, scope)
        case ir.Call():
            return _call(node, scope)
        case ir.SqlCall():
            raise Unanswered("`sql(…)` is left to the engine")
        case (
            ir.Compare()
            | ir.Logical()
            | ir.Not()
            | ir.IsNull()
            | ir.InList()
            | ir.Between()
            | ir.Like()
        ):
            return _condition(node, scope)
        case _:
            return scope.read(node)


def is_true(condition: ir.Expr | None, scope: Scope) -> bool:
    """Whether a condition holds: null does not, no condition does."""
    return condition is None or evaluate(condition, scope) is True


def _first(values: Iterable[Value]) -> Value:
    return next((v for v in values if v is not None), None)


def _unsettled(node: ir.Expr, scope: Scope) -> Value:
    """A value that may be NaN or infinite where floats are calculated with directly.

    ``+ - * /`` of floats that stand in each other are computed as IEEE 754 does.
    """
    if not isinstance(node, ir.Arithmetic) or node.op not in _NATIVE:
        if isinstance(node, ir.Arithmetic):
            return _operate(node, evaluate(node.left, scope), evaluate(node.right, scope))
        return evaluate(node, scope)
    if node.dtype.kind is not Kind.FLOAT:
        return _operate(node, evaluate(node.left, scope), evaluate(node.right, scope))
    return _operate(node, _unsettled_float(node.left, scope), _unsettled_float(node.right, scope))


def _unsettled_float(node: ir.Expr, scope: Scope) -> Value:
    return _unsettled(node, scope) if node.dtype.kind is Kind.FLOAT else evaluate(node, scope)


def _operate(node: ir.Arithmetic, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    return arithmetic.operate(node.op, left, right, node.dtype)


def _cast(node: ir.Cast, scope: Scope) -> Value:
    value = evaluate(node.operand, scope)
    try:
        return cast(value, node.dtype)
    except Stopped:
        if node.safe:
            return None
        raise


def _call(node: ir.Call, scope: Scope) -> Value:
    twin = functions()[node.function]
    args = tuple(evaluate(a, scope) for a in node.args)
    if not twin.null_safe and any(a is None for a in args):
        return None
    dtypes = tuple(a.dtype for a in node.args)
    called = Given(args=args, dtypes=dtypes, as_of=scope.as_of, timezone=scope.timezone)
    value = twin.compute(called)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return settled(value, node.dtype)


Condition = ir.Compare | ir.Logical | ir.Not | ir.IsNull | ir.InList | ir.Between | ir.Like


def _condition(node: Condition, scope: Scope) -> bool | None:
    match node:
        case ir.Logical(op=op, left=left, right=right):
            both = _and if op is ir.LogicalOp.AND else _or
            return both(evaluate(left, scope), evaluate(right, scope))
        case ir.Not(operand=operand):
            return _not(evaluate(operand, scope))
        case ir.IsNull(operand=operand, negated=negated):
            return (evaluate(operand, scope) is None) != negated
        case ir.Compare(op=op, left=left, right=right):
            return compare(op, evaluate(left, scope), evaluate(right, scope))
        case ir.InList(operand=operand, items=items, negated=negated):
            found = _contains(evaluate(operand, scope), [evaluate(i, scope) for i in items])
            return _not(found) if negated else found
        case ir.Between(operand=operand, low=low, high=high, negated=negated):
            x = evaluate(operand, scope)
            above = _not(less(x, evaluate(low, scope)))
            below = _not(less(evaluate(high, scope), x))
            inside = _and(above, below)
            return _not(inside) if negated else inside
        case ir.Like(operand=operand, pattern=pattern, negated=negated):
            x, p = evaluate(operand, scope), evaluate(pattern, scope)
            found = None if x is None or p is None else like(x, p)
            return _not(found) if negated else found


def compare(op: ir.CompareOp, a: Value, b: Value) -> bool | None:
    """A comparison; with null it is null."""
    match op:
        case ir.CompareOp.EQ:
            return equal(a, b)
        case ir.CompareOp.NE:
            return _not(equal(a, b))
        case ir.CompareOp.LT:
            return less(a, b)
        case ir.CompareOp.GE:
            return _not(less(a, b))
        case ir.CompareOp.GT:
            return less(b, a)
        case ir.CompareOp.LE:
            return _not(less(b, a))


def _contains(x: Value, items: list[Value]) -> bool | None:
    found: bool | None = False
    for item in items:
        found = _or(found, equal(x, item))
    return found


def _not(p: bool | None) -> bool | None:
    return None if p is None else not p


def _and(p: bool | None, q: bool | None) -> bool | None:
    if p is False or q is False:
        return False
    return None if p is None or q is None else True


def _or(p: bool | None, q: bool | None) -> bool | None:
    return _not(_and(_not(p), _not(q)))
