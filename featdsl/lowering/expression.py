"""Typed expressions to SQL over the rows of one relation.

Aggregates and references to features are not lowered here: the planner replaces them by columns
of the passes that compute them, and `resolve` finds those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from featdsl.functions.registry import functions
from featdsl.functions.spec import Inputs
from featdsl.ir import expr as ir
from featdsl.lowering.comparison import between, cast_to, compared, in_list
from featdsl.lowering.texts import as_time, readable
from featdsl.sql import build, escape
from featdsl.types.dtype import (
    DURATION,
    FLOAT,
    INT,
    MAX_DIGITS,
    TEXT,
    DType,
    Kind,
    as_decimal,
    common,
    decimal,
)
from featdsl.types.duration import Duration

Resolve = Callable[[ir.Expr], exp.Expr]

# Decimals of so many digits are held in 64 bits by the engine.
_DIGITS_64 = 18
_ENTRY = ("key", "value")
"""What the engine calls the parts of an entry of a map."""


def lower_expression(
    expr: ir.Expr, resolve: Resolve, *, as_of: exp.Expr, timezone: str
) -> exp.Expr:
    """SQL of an expression; where it would be NaN or infinite it is null.

    Args:
        expr: What to lower.
        resolve: Gives the SQL of columns, of references to features and of aggregates.
        as_of: The as-of time, a timestamp without zone in UTC.
        timezone: The project's zone name, for days and longer units.
    """
    return _Lowering(resolve, as_of, timezone).known(expr)


@dataclass(frozen=True, slots=True)
class _Lowering:
    resolve: Resolve
    as_of: exp.Expr
    timezone: str

    def known(self, e: ir.Expr) -> exp.Expr:
        """What reads an operand: a comparison, a function, `??` sees null where it overflowed."""
        value = self.value(e)
        return build.finite(value) if _may_overflow(e) else value

    def value(self, e: ir.Expr) -> exp.Expr:
        """As IEEE 754 computes it, which sums and products of sums and products go on with."""
        match e:
            case ir.Literal():
                return build.literal(e.value, e.dtype)
            case ir.ListOf():
                return exp.Array(expressions=[self._as(i, e.dtype.items[0]) for i in e.items])
            case ir.Param():
                assert not isinstance(e.value, tuple), "list parameters stand in `in` only"
                return build.literal(e.value, e.dtype)
            case ir.Column() | ir.FeatureRef() | ir.Aggregate() | ir.Until():
                return self.resolve(e)
            case ir.InputRef() | ir.Via() | ir.Ago() | ir.Among() | ir.NextIn():
                raise AssertionError("the plan has columns in place of values of other rows")
            case ir.Previous() | ir.Session() | ir.GroupKey():
                raise AssertionError("the planner puts columns of steps in place of these")
            case ir.AsOf():
                return self.as_of.copy()
            case ir.Arithmetic():
                return self._arithmetic(e)
            case ir.Negate():
                return exp.Neg(this=build.paren(self._whole(e.operand)))
            case ir.Compare(op=op, left=left, right=right):
                return compared(op, left, right, self.known)
            case ir.Logical():
                join = exp.And if e.op is ir.LogicalOp.AND else exp.Or
                return join(this=self._side(e.left, join), expression=self._side(e.right, join))
            case ir.Not():
                return exp.Not(this=build.paren(self.known(e.operand)))
            case ir.IsNull():
                return build.is_null(build.paren(self.known(e.operand)), negated=e.negated)
            case ir.InList():
                return in_list(e, self.known)
            case ir.Between():
                return between(e, self.known)
            case ir.Like():
                like = exp.Like(
                    this=build.paren(self.known(e.operand)), expression=self.known(e.pattern)
                )
                return exp.Not(this=exp.Paren(this=like)) if e.negated else like
            case ir.Conditional():
                return self._conditional(e)
            case ir.Coalesce():
                return build.coalesce(*(self._as(o, e.dtype) for o in e.operands))
            case ir.Cast():
                return self._cast(e)
            case ir.Call():
                return self._call(e)
            case ir.SqlCall():
                return self._sql(e)

    def _side(self, e: ir.Expr, join: type[exp.Expr]) -> exp.Expr:
        """An operand of AND or OR; a chain of one kind needs no parentheses."""
        value = self.known(e)
        if isinstance(value, exp.And | exp.Or) and not isinstance(value, join):
            return exp.Paren(this=value)
        return value

    def _as(self, e: ir.Expr, dtype: DType) -> exp.Expr:
        """The value, cast where its type is another."""
        return cast_to(self.known(e), e.dtype, dtype)

    def _conditional(self, e: ir.Conditional) -> exp.Expr:
        branches = [
            exp.If(this=self.known(condition), true=self._as(value, e.dtype))
            for condition, value in e.branches
        ]
        otherwise = None if e.otherwise is None else self._as(e.otherwise, e.dtype)
        return exp.Case(ifs=branches, default=otherwise)

    def _cast(self, e: ir.Cast) -> exp.Expr:
        return self._turned(self.known(e.operand), e.operand.dtype, e.dtype, safe=e.safe)

    def _turned(self, value: exp.Expr, source: DType, target: DType, *, safe: bool) -> exp.Expr:
        """A value of one type as one of another."""
        if source == target:
            return value
        if source.is_nested and target.is_nested:
            return self._each_turned(value, source, target, safe=safe)
        if source.kind is Kind.TEXT:
            value = readable(value, target)
        if source.kind is Kind.TEXT and target.is_temporal:
            value = as_time(value, safe=safe)
            return value if target.kind is Kind.TIMESTAMP else build.cast(value, target)
        if target.is_exact and source.is_numeric and _digits_lost(source, target):
            # Half away from zero, on every engine: a cast of its own would round its own way.
            if source.kind is Kind.FLOAT:
                value = build.round_float(value, target.scale)
            else:
                value = build.func("round", value, build.number(target.scale))
        if target.kind is Kind.TEXT:
            return self._text(value, source)
        return build.cast(value, target, safe=safe)

    def _each_turned(
        self, value: exp.Expr, source: DType, target: DType, *, safe: bool
    ) -> exp.Expr:
        """Each item of a list, or each key and value of a map."""

        def turned(item: exp.Expr, i: int) -> exp.Expr:
            return self._turned(item, source.items[i], target.items[i], safe=safe)

        if source.kind is Kind.LIST:
            item = build.it("v")
            return build.for_each("list_transform", value, "v", turned(item, 0))
        key, held = (exp.Dot(this=build.it("e"), expression=build.ident(n)) for n in _ENTRY)
        entry = build.func("row", turned(key, 0), turned(held, 1))
        entries = build.func("map_entries", value)
        return build.func("map_from_entries", build.for_each("list_transform", entries, "e", entry))

    def _text(self, value: exp.Expr, source: DType) -> exp.Expr:
        """A value as text; every decimal has a digit before its point."""
        if source.kind is Kind.DECIMAL and source.precision == source.scale < MAX_DIGITS:
            value = build.cast(value, decimal(source.precision + 1, source.scale))
        return build.cast(value, TEXT)

    def _call(self, e: ir.Call) -> exp.Expr:
        inputs = Inputs(
            args=tuple(self._argument(a) for a in e.args),
            dtypes=tuple(a.dtype for a in e.args),
            as_of=self.as_of,
            timezone=self.timezone,
        )
        return functions()[e.function].lower(inputs)

    def _sql(self, e: ir.SqlCall) -> exp.Expr:
        value = escape.fill(e.template, tuple(self._argument(a) for a in e.args))
        return build.cast(value, e.dtype)

    def _argument(self, e: ir.Expr) -> exp.Expr:
        """An argument of a function; literals stay literals, which functions read."""
        if isinstance(e, ir.Literal | ir.Param) or not may_be_small(e):
            return self.known(e)
        return build.cast(self.known(e), e.dtype)

    def _whole(self, e: ir.Expr) -> exp.Expr:
        """An operand of arithmetic, of 64 bits where it is a whole number."""
        return build.cast(self.value(e), e.dtype) if may_be_small(e) else self.value(e)

    def _arithmetic(self, e: ir.Arithmetic) -> exp.Expr:
        left, right = e.left.dtype.kind, e.right.dtype.kind
        if e.op is ir.ArithmeticOp.DIVIDE:
            return self._divide(e)
        if Kind.TIMESTAMP in (left, right) or Kind.DATE in (left, right):
            return self._time_arithmetic(e)
        if e.op is ir.ArithmeticOp.FLOOR_DIVIDE:
            both = common(e.left.dtype, e.right.dtype)
            assert both is not None, "semantics checks that operands are numbers"
            return build.floor_divide(*self._numbers(e), both)
        sides = [build.paren(side) for side in self._numbers(e)]
        match e.op:
            case ir.ArithmeticOp.ADD:
                return exp.Add(this=sides[0], expression=sides[1])
            case ir.ArithmeticOp.SUBTRACT:
                return exp.Sub(this=sides[0], expression=sides[1])
            case _:
                return exp.Mul(this=sides[0], expression=sides[1])

    def _divide(self, e: ir.Arithmetic) -> exp.Expr:
        """Each side is exact, or a float, first; then one float division."""
        return build.divide(
            build.cast(self.value(e.left), FLOAT), build.cast(self.value(e.right), FLOAT)
        )

    def _numbers(self, e: ir.Arithmetic) -> tuple[exp.Expr, exp.Expr]:
        """Both sides in the type that the result is computed in."""
        if e.op is ir.ArithmeticOp.FLOOR_DIVIDE and e.dtype.kind is Kind.FLOAT:
            return self._as(e.left, FLOAT), self._as(e.right, FLOAT)
        if e.dtype.kind is Kind.FLOAT:
            left, right = (cast_to(self.value(s), s.dtype, FLOAT) for s in (e.left, e.right))
            return left, right
        if e.dtype.kind is Kind.DECIMAL and e.op in (
            ir.ArithmeticOp.ADD,
            ir.ArithmeticOp.SUBTRACT,
        ):
            return self._as(e.left, e.dtype), self._as(e.right, e.dtype)
        if e.dtype.kind is Kind.DECIMAL:
            a, b = as_decimal(e.left.dtype), as_decimal(e.right.dtype)
            if e.dtype.precision > _DIGITS_64 >= max(a.precision, b.precision):
                # Or the engine would keep to 64 bits, and stop where they do not hold the product.
                a = decimal(_DIGITS_64 + 1, a.scale)
            return self._as(e.left, a), self._as(e.right, b)
        # Of two literals the engine would make 32 bits.
        left = self._whole(e.left) if may_be_small(e.right) else self.value(e.left)
        return left, self.value(e.right)

    def _time_arithmetic(self, e: ir.Arithmetic) -> exp.Expr:
        """Differences in microseconds; a moved time by an interval, or by microseconds."""
        if e.dtype.kind is Kind.DURATION:
            left, right = (
                build.epoch_us(exp.cast(self.known(s), exp.DataType.Type.TIMESTAMP))
                for s in (e.left, e.right)
            )
            return exp.Sub(this=left, expression=right)
        time, moved = (e.left, e.right) if e.left.dtype.is_temporal else (e.right, e.left)
        start = exp.cast(self.known(time), exp.DataType.Type.TIMESTAMP)
        add = e.op is ir.ArithmeticOp.ADD
        if isinstance(moved, ir.Literal) and isinstance(moved.value, Duration):
            return (build.plus if add else build.minus)(start, moved.value)
        step = build.paren(self.value(moved))
        shifted = (exp.Add if add else exp.Sub)(this=build.epoch_us(start), expression=step)
        return build.func("make_timestamp", shifted)


def _digits_lost(source: DType, target: DType) -> bool:
    if source.kind is Kind.FLOAT:
        return True
    return source.scale > target.scale


def _may_overflow(e: ir.Expr) -> bool:
    """Whether the engine's value can be NaN or infinite.

    That of a sum, product or quotient of floats, of a float read from text or from SQL; aggregates,
    functions and ``//`` guard their own results, everything else what it reads.
    """
    match e:
        case ir.Arithmetic(op=ir.ArithmeticOp.FLOOR_DIVIDE):
            return False
        case ir.Arithmetic(op=ir.ArithmeticOp.DIVIDE, left=left, right=right):
            return Kind.FLOAT in (left.dtype.kind, right.dtype.kind)
        case ir.Arithmetic():
            return e.dtype.kind is Kind.FLOAT
        case ir.Negate(operand=operand):
            return _may_overflow(operand)
        case ir.Cast(operand=operand):
            return e.dtype.kind is Kind.FLOAT and operand.dtype.kind is Kind.TEXT
        case ir.SqlCall():
            return e.dtype.kind is Kind.FLOAT
        case _:
            return False


def may_be_small(e: ir.Expr) -> bool:
    """Whether the engine may hold a whole number of 64 bits in fewer: it does with literals."""
    if e.dtype not in (INT, DURATION):
        return False
    match e:
        case ir.Literal() | ir.Param():
            return True
        case ir.Call(args=args):
            whole = [a for a in args if a.dtype in (INT, DURATION)]
            return bool(whole) and all(may_be_small(a) for a in whole)
        case ir.Conditional(branches=branches, otherwise=otherwise):
            values = [v for _, v in branches] + ([] if otherwise is None else [otherwise])
            return all(may_be_small(v) for v in values)
        case ir.Coalesce(operands=operands):
            return all(may_be_small(o) for o in operands)
        case _:
            return False
