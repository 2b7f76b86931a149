"""Arithmetic: which types go together, and what they give."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir import expr as ir
from featdsl.semantics.branches import room_made
from featdsl.semantics.environment import Env, error
from featdsl.semantics.literals import is_calendar, moving, report_calendar
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import (
    DURATION,
    FLOAT,
    INT,
    MAX_DIGITS,
    TIMESTAMP,
    WIDE_INT,
    DType,
    Kind,
    decimal,
    may_take,
)
from featdsl.types.duration import Duration

Op = ir.ArithmeticOp

_OPS = {
    nodes.BinaryOp.ADD: Op.ADD,
    nodes.BinaryOp.SUB: Op.SUBTRACT,
    nodes.BinaryOp.MUL: Op.MULTIPLY,
    nodes.BinaryOp.DIV: Op.DIVIDE,
    nodes.BinaryOp.FLOORDIV: Op.FLOOR_DIVIDE,
}


def arithmetic(node: nodes.Binary, env: Env) -> ir.Expr:
    """``a op b`` of a binary node whose operator calculates."""
    op = _OPS[node.op]
    left, right = moving(node.left, env), moving(node.right, env)
    if left.dtype.is_error or right.dtype.is_error or _calendar_wrong(op, left, right, env):
        return error(node.span)
    dtype = result_type(op, left, right)
    if isinstance(dtype, DType):
        return ir.Arithmetic(
            dtype=dtype,
            nullable=_nullable(op, dtype, left, right),
            span=node.span,
            op=op,
            left=left,
            right=right,
        )
    env.report(dtype(node.span))
    return error(node.span)


def _calendar_wrong(op: Op, left: ir.Expr, right: ir.Expr, env: Env) -> bool:
    """A month moves a time; it has no length that could be divided or compared."""
    moves = op in (Op.ADD, Op.SUBTRACT) and (left.dtype.is_temporal or right.dtype.is_temporal)
    for side in (left, right):
        if is_calendar(side) and not moves:
            report_calendar(side, env)
            return True
    return False


def _nullable(op: Op, dtype: DType, left: ir.Expr, right: ir.Expr) -> bool:
    if left.nullable or right.nullable:
        return True
    if op in (Op.DIVIDE, Op.FLOOR_DIVIDE):
        # A divisor that is zero gives null; a literal tells. By one below 1 a float may grow.
        match right:
            case ir.Literal(value=int() | float() | Decimal() as value) if value != 0:
                return left.dtype == FLOAT and -1 < value < 1
            case ir.Literal(value=Duration() as length):
                return not length.amount
        return True
    # A float may grow to infinity, which is null.
    return dtype == FLOAT


Wrong = Callable[[Span], Diagnostic]


def result_type(op: Op, left: ir.Expr, right: ir.Expr) -> DType | Wrong:
    """The type of ``left op right``, or what is wrong with it."""
    a, b = left.dtype, right.dtype
    if Kind.NULL in (a.kind, b.kind):
        return lambda span: catalog.OPERAND_TYPE.at(span, f"`{op}` with `null` is always null")
    if a.is_numeric and b.is_numeric:
        return _number_type(op, left, right)
    if a.is_temporal or b.is_temporal:
        return _time_type(op, a, b)
    if Kind.DURATION in (a.kind, b.kind):
        return _duration_type(op, a, b)
    return _mismatch(op, a, b)


def _number_type(op: Op, left: ir.Expr, right: ir.Expr) -> DType | Wrong:
    a, b = left.dtype, right.dtype
    if op is Op.DIVIDE or Kind.FLOAT in (a.kind, b.kind):
        return FLOAT
    if a.kind is b.kind is Kind.INT:
        wide = MAX_DIGITS in (a.precision, b.precision)
        return WIDE_INT if wide else INT
    (p, s), (q, r) = _digits(left), _digits(right)
    scale = s + r if op is Op.MULTIPLY else max(s, r)
    # An operand of 38 digits is a sum, whose values use far less: the engine checks those.
    shown = MAX_DIGITS not in (p, q)
    if op is Op.MULTIPLY:
        precision, full = p + q, None
        shown = shown and precision > MAX_DIGITS
    else:
        # Sides are brought to the same places first.
        full = next((t for t in (decimal(p, s), decimal(q, r)) if not may_take(t, scale)), None)
        precision = max(p - s, q - r) + scale + 1
        shown = shown and precision > MAX_DIGITS + 1 and op is not Op.FLOOR_DIVIDE
    if shown or full is not None or scale > MAX_DIGITS:
        cast = f"cast one side: `cast(x as decimal({MAX_DIGITS // 2}, {s}))`, or `as float`"
        return lambda span: catalog.TOO_MANY_DIGITS.at(
            span, f"`{op}` of {a} and {b} needs {precision} digits, {MAX_DIGITS} are the most"
        ).help(cast if full is None else room_made(full, scale))
    if op is Op.FLOOR_DIVIDE:
        # As many digits as the dividend with the divisor's scale may take, and no point.
        return decimal(p - s + r + 1, 0)
    return decimal(precision, scale)


def _digits(e: ir.Expr) -> tuple[int, int]:
    """Precision and scale of an exact number; of a literal int, its own digits."""
    if isinstance(e, ir.Literal) and isinstance(e.value, int):
        return len(str(abs(e.value))), 0
    return e.dtype.precision, e.dtype.scale


def _time_type(op: Op, a: DType, b: DType) -> DType | Wrong:
    if a.is_temporal and b.is_temporal:
        if op is Op.SUBTRACT:
            return DURATION
        return lambda span: catalog.OPERAND_TYPE.at(
            span, f"`{op}` of two times has no meaning"
        ).help("the time between them is `a - b`")
    if a.is_temporal and b.kind is Kind.DURATION and op in (Op.ADD, Op.SUBTRACT):
        return TIMESTAMP
    if a.kind is Kind.DURATION and b.is_temporal and op is Op.ADD:
        return TIMESTAMP
    if a.is_numeric or b.is_numeric:
        time = a if a.is_temporal else b
        return lambda span: catalog.OPERAND_TYPE.at(
            span, f"`{op}` of a {time} and a number: a length of time has a unit"
        ).help("write `1d` for a day, `1h` for an hour")
    return _mismatch(op, a, b)


def _duration_type(op: Op, a: DType, b: DType) -> DType | Wrong:
    if a.kind is b.kind is Kind.DURATION:
        if op in (Op.ADD, Op.SUBTRACT):
            return DURATION
        if op is Op.DIVIDE:
            return FLOAT
        if op is Op.FLOOR_DIVIDE:
            return INT
        return _mismatch(op, a, b)
    number = b if a.kind is Kind.DURATION else a
    if op is Op.MULTIPLY and number.kind is Kind.INT:
        return DURATION
    if op is Op.DIVIDE and a.kind is Kind.DURATION and number.is_numeric:
        return lambda span: catalog.OPERAND_TYPE.at(
            span, "a length of time is divided by a length of time"
        ).help("write `x / 1d` for a number of days")
    return _mismatch(op, a, b)


def _mismatch(op: Op, a: DType, b: DType) -> Wrong:
    def diagnostic(span: Span) -> Diagnostic:
        found = catalog.OPERAND_TYPE.at(span, f"`{op}` needs numbers, these are {a} and {b}")
        if Kind.TEXT in (a.kind, b.kind) and op is Op.ADD:
            return found.help("texts are joined with `concat(a, b)`")
        if Kind.BOOL in (a.kind, b.kind):
            return found.help(
                "a condition is counted with `count(where …)` or `if c then 1 else 0`"
            )
        return found

    return diagnostic
