"""Expressions of the common vocabulary in Postgres, with their types."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from featdsl.dialects.pg.aggregates import AGGREGATES, Call, Order
from featdsl.dialects.pg.branches import failing, guarded_value, is_failure
from featdsl.dialects.pg.casts import cast_value
from featdsl.dialects.pg.functions import FUNCTIONS, finite
from featdsl.dialects.pg.typed import (
    LARGEST_INT,
    Type,
    Value,
    any_by_code_point,
    as_float,
    as_numeric,
    as_text,
    by_code_point,
    collated,
    family,
    first_type,
    named_type,
    numeric_type,
)
from featdsl.dialects.spec import Lacking
from featdsl.sql import build

Resolve = Callable[[exp.Column], Value]
Subselect = Callable[[exp.Query], tuple[exp.Query, Type]]

_WHOLE = re.compile(r"[0-9]+\Z")
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_OPERATIONS = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Is)
_ORDERINGS = (exp.LT, exp.LTE, exp.GT, exp.GTE)
_TAKE_NULLS = ("greatest", "least", "isfinite", "approx_count_distinct")


@dataclass(frozen=True, slots=True)
class Values:
    """Rewrites expressions over the columns that `resolve` knows."""

    resolve: Resolve
    subselect: Subselect

    def sql(self, node: exp.Expr) -> exp.Expr:
        return self.value(node).sql

    def value(self, node: exp.Expr) -> Value:
        """The same value in Postgres; in parentheses where it is an operation now.

        Raises:
            Lacking: there is none.
        """
        found = self._rewritten(node)
        if isinstance(node.parent, _OPERATIONS) and not isinstance(node, _OPERATIONS):
            return replace(found, sql=build.paren(found.sql))
        return found

    def _rewritten(self, node: exp.Expr) -> Value:
        match node:
            case exp.Column():
                return self.resolve(node)
            case exp.Literal():
                return _literal(node)
            case exp.Null():
                return Value(node.copy(), Type.NULL)
            case exp.Boolean():
                return Value(node.copy(), Type.BOOL)
            case exp.Paren():
                inner = self.value(node.this)
                return Value(exp.Paren(this=inner.sql), inner.type, inner.by_code_point)
            case exp.Placeholder():  # the as-of time, the only parameter
                return Value(exp.Parameter(this=build.number(1)), Type.NULL)
            case exp.Cast():  # TRY_CAST too
                return self._cast(node)
            case exp.Case():
                return self._case(node)
            case exp.Anonymous():
                return self._function(node, None)
            case exp.Filter():
                return self._filter(node)
            case exp.Count():
                return self._count(node)
            case exp.Sum() | exp.Min() | exp.Max():
                return self._aggregate(node, None)
            case exp.Window():
                return self._window(node)
            case exp.Subquery():
                query, found = self.subselect(node.this)
                return Value(exp.Subquery(this=query), found, by_code_point=True)
            case exp.Exists():
                return Value(exp.Exists(this=self.subselect(node.this)[0]), Type.BOOL)
            case _:
                return self._operator(node)

    def _operator(self, node: exp.Expr) -> Value:
        match node:
            case exp.And() | exp.Or():
                return self._both(node, Type.BOOL)
            case exp.Not():
                return Value(exp.Not(this=self.sql(node.this)), Type.BOOL)
            case exp.Is():
                test = exp.Is(this=self.sql(node.this), expression=node.expression.copy())
                return Value(test, Type.BOOL)
            case exp.In() | exp.Between() | exp.Like():
                return self._test(node)
            case exp.Coalesce() | exp.Nullif():
                return self._choice(node)
            case exp.Neg():
                operand = self.value(node.this)
                if operand.type is Type.NULL:
                    return _null()
                return Value(exp.Neg(this=operand.sql), operand.type)
            case exp.BitwiseNot():
                return self._turned(self.value(node.this))
            case exp.Interval():
                return Value(node.copy(), Type.INTERVAL)
            case exp.DPipe():
                return self._joined(node)
            case exp.Array():
                items = [self.sql(i) for i in node.expressions]
                return Value(exp.Array(expressions=items), Type.LIST)
            case exp.Star():
                return Value(node.copy(), Type.NULL)
            case exp.Add() | exp.Sub() | exp.Mul() | exp.Div() | exp.IntDiv() | exp.Mod():
                return self._arithmetic(node)
            case _ if isinstance(node, _COMPARISONS):
                return self._compare(node)
        raise Lacking(f"`{type(node).__name__}`")

    def _both(self, node: exp.Expr, found: Type) -> Value:
        sides = {"this": self.sql(node.this), "expression": self.sql(node.expression)}
        return Value(type(node)(**sides), found)

    def _compare(self, node: exp.Expr) -> Value:
        left, right = self.value(node.this), self.value(node.expression)
        first = left.sql
        texts = Type.TEXT in (left.type, right.type)
        if texts and isinstance(node, _ORDERINGS) and not any_by_code_point((left, right)):
            first = collated(first)
        return Value(type(node)(this=first, expression=right.sql), Type.BOOL)

    def _test(self, node: exp.Expr) -> Value:
        operand = self.value(node.this)
        match node:
            case exp.In():
                items = [self.sql(i) for i in node.expressions]
                if not items:
                    return Value(build.boolean(False), Type.BOOL)
                return Value(exp.In(this=operand.sql, expressions=items), Type.BOOL)
            case exp.Between():
                low, high = self.value(node.args["low"]), self.value(node.args["high"])
                first = operand.sql
                if operand.type is Type.TEXT and not any_by_code_point((operand, low, high)):
                    first = collated(first)
                return Value(exp.Between(this=first, low=low.sql, high=high.sql), Type.BOOL)
            case _:
                # Without this a backslash in the pattern would mean something.
                like = exp.Like(this=operand.sql, expression=self.sql(node.expression))
                return Value(exp.Escape(this=like, expression=build.text("")), Type.BOOL)

    def _choice(self, node: exp.Expr) -> Value:
        if isinstance(node, exp.Nullif):
            value = self.value(node.this)
            if value.type is Type.NULL:
                return _null()
            sql = exp.Nullif(this=value.sql, expression=self.sql(node.expression))
            return Value(sql, value.type, value.by_code_point, value.finite)
        values = [self.value(v) for v in (node.this, *node.expressions)]
        if all(v.type is Type.NULL for v in values):
            return _null()
        found = exp.Coalesce(this=values[0].sql, expressions=[v.sql for v in values[1:]])
        return Value(found, first_type(v.type for v in values), any_by_code_point(values))

    def _joined(self, node: exp.Expr) -> Value:
        sides = [self.value(node.this), self.value(node.expression)]
        if any(v.type is Type.NULL for v in sides):
            return _null()
        sql = exp.DPipe(this=sides[0].sql, expression=sides[1].sql, safe=False)
        return Value(sql, Type.TEXT, any_by_code_point(sides))

    def _turned(self, value: Value) -> Value:
        """``~x``, which turns the order of ints round; numerics have a sign for that."""
        if value.type is Type.NULL:
            return _null()
        if value.type is Type.NUMERIC:
            return Value(exp.Neg(this=value.sql), Type.NUMERIC)
        return Value(exp.BitwiseNot(this=value.sql), value.type)

    def _arithmetic(self, node: exp.Expr) -> Value:
        left, right = self.value(node.this), self.value(node.expression)
        types = (left.type, right.type)
        if Type.NULL in types:
            return _null()
        if Type.INTERVAL in types:
            return Value(type(node)(this=left.sql, expression=right.sql), Type.TIMESTAMP)
        found = numeric_type(types)
        match node:
            case exp.Div():
                return _divide(left, right)
            case exp.IntDiv():
                return _divide_whole(left, right, found)
            case exp.Mod() if found is Type.FLOAT:
                raise Lacking("the remainder of floats")
        return Value(type(node)(this=left.sql, expression=right.sql), found)

    def _case(self, node: exp.Case) -> Value:
        ifs, default = node.args["ifs"], node.args.get("default")
        guarded = guarded_value(ifs, default)
        if guarded is not None:
            return finite(self.value(guarded))
        branches = [self._branch(i) for i in ifs]
        values = [v for _, v in branches]
        otherwise = None if default is None else self.value(default)
        if otherwise is not None:
            values.append(otherwise)
        if all(v.type is Type.NULL for v in values):
            return _null()
        sql = exp.Case(
            ifs=[exp.If(this=condition, true=value.sql) for condition, value in branches],
            default=None if otherwise is None else otherwise.sql,
        )
        return Value(
            sql,
            first_type(v.type for v in values),
            any_by_code_point(values),
            all(v.finite for v in values),
        )

    def _branch(self, branch: exp.Expr) -> tuple[exp.Expr, Value]:
        condition, value = self.sql(branch.this), branch.args["true"]
        if is_failure(value):
            return failing(condition, value), _null()
        return condition, self.value(value)

    def _cast(self, node: exp.Cast) -> Value:
        to, safe = node.args["to"], isinstance(node, exp.TryCast)
        value = self.value(node.this)
        if value.type is Type.NULL and isinstance(value.sql, exp.Parameter):
            return Value(exp.Cast(this=value.sql, to=named_type(to)), family(to))
        return cast_value(value, to, safe=safe)

    def _function(self, node: exp.Anonymous, condition: exp.Expr | None) -> Value:
        name = node.name.lower()
        if name in AGGREGATES:
            return self._aggregate(node, condition)
        if name not in FUNCTIONS or condition is not None:
            raise Lacking(f"the function {name}")
        args = [self.value(a) for a in node.expressions]
        if name not in _TAKE_NULLS and any(a.type is Type.NULL for a in args):
            return _null()
        return FUNCTIONS[name](args)

    def _filter(self, node: exp.Filter) -> Value:
        condition = self.sql(node.expression.this)
        if isinstance(node.this, exp.Anonymous):
            return self._function(node.this, condition)
        return self._aggregate(node.this, condition)

    def _aggregate(self, node: exp.Expr, condition: exp.Expr | None) -> Value:
        if isinstance(node, exp.Sum):
            return _filtered(self._sum(node), condition)
        if isinstance(node, exp.Count):
            return _filtered(self._count(node), condition)
        name = node.name.lower() if isinstance(node, exp.Anonymous) else node.key
        if name not in AGGREGATES:
            raise Lacking(f"the aggregate {name}")
        args = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
        orders: list[Order] = []
        if name in ("arg_min", "arg_max"):
            orders = [Order(self.value(part)) for part in _parts(args[1])]
            args = args[:1]
        elif len(args) == 1 and isinstance(args[0], exp.Order):  # mode(x ORDER BY x)
            args = [args[0].this]
        values = [_typed(self.value(a)) for a in args]
        if name not in _TAKE_NULLS and any(v.type is Type.NULL for v in values):
            return _null()
        return AGGREGATES[name](Call(values, orders, condition))

    def _sum(self, node: exp.Sum) -> Value:
        value = self.value(node.this)
        if value.type is Type.NULL:
            return _null()
        exact = value.type in (Type.INT, Type.NUMERIC)
        return Value(exp.Sum(this=value.sql), Type.NUMERIC if exact else value.type)

    def _count(self, node: exp.Count) -> Value:
        counted = node.this
        if isinstance(counted, exp.Distinct):
            inner: exp.Expr = exp.Distinct(expressions=[self.sql(e) for e in counted.expressions])
        else:
            inner = self.sql(counted)
        return Value(exp.Count(this=inner), Type.INT)

    def _window(self, node: exp.Window) -> Value:
        if isinstance(node.this, exp.RowNumber):
            over = Value(exp.RowNumber(), Type.INT)
        elif isinstance(node.this, exp.PercentRank):
            over = Value(exp.PercentRank(), Type.FLOAT)
        elif isinstance(node.this, exp.Min | exp.Max | exp.Count):
            over = self.value(node.this)
        elif isinstance(node.this, exp.Lag):
            of = _typed(self.value(node.this.this))
            if of.type is Type.NULL:
                return _null()
            lag = exp.Lag(this=of.sql, offset=node.this.args["offset"].copy())
            over = Value(lag, of.type, of.by_code_point)
        else:
            raise Lacking(f"the window function {node.this.key}")
        order, spec = node.args.get("order"), node.args.get("spec")
        sql = exp.Window(
            this=over.sql,
            partition_by=[self.sql(e) for e in node.args.get("partition_by") or []],
            order=None if order is None else self.order(order),
            spec=None if spec is None else _frame(spec),
        )
        return Value(sql, over.type, over.by_code_point)

    def order(self, node: exp.Order) -> exp.Order:
        """``ORDER BY``, texts by code point."""
        return exp.Order(expressions=[self._ordered(e) for e in node.expressions])

    def _ordered(self, node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Ordered):
            return by_code_point(self.value(node))
        return exp.Ordered(
            this=by_code_point(self.value(node.this)),
            desc=node.args.get("desc"),
            nulls_first=node.args.get("nulls_first"),
        )


def _null() -> Value:
    """What has no type but null's would be taken for a text, or be ambiguous."""
    return Value(exp.Null(), Type.NULL)


def _typed(value: Value) -> Value:
    """A text literal as a text, where any type is taken."""
    if isinstance(value.sql, exp.Literal) and value.type is Type.TEXT:
        return Value(as_text(value.sql), Type.TEXT)
    return value


def _frame(spec: exp.WindowSpec) -> exp.Expr:
    """Frames are counted in rows, and mean the same everywhere."""
    if spec.args.get("kind") != "ROWS":
        raise Lacking("a window of a range")
    return spec.copy()


def _literal(node: exp.Literal) -> Value:
    if node.is_string:
        if "\0" in node.name:
            raise Lacking("the character with code 0")
        return Value(node.copy(), Type.TEXT)
    whole = _WHOLE.match(node.name) is not None and int(node.name) <= LARGEST_INT
    return Value(node.copy(), Type.INT if whole else Type.NUMERIC)


def _divide(left: Value, right: Value) -> Value:
    """As floats: the operands are cast where they are no floats."""
    first = left.sql
    if Type.FLOAT not in (left.type, right.type):
        first = as_float(first)
    return Value(exp.Div(this=first, expression=right.sql, typed=True, safe=False), Type.FLOAT)


def _divide_whole(left: Value, right: Value, found: Type) -> Value:
    """Towards zero."""
    if found is Type.FLOAT:
        raise Lacking("whole division of floats")
    if found is Type.INT:
        return Value(exp.Div(this=left.sql, expression=right.sql, typed=True, safe=False), Type.INT)
    sides = [v.sql if v.type is Type.NUMERIC else as_numeric(v.sql) for v in (left, right)]
    return Value(build.func("div", *sides), Type.NUMERIC)


def _parts(node: exp.Expr) -> list[exp.Expr]:
    """What a row holds, rows within rows too."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "row":
        return [part for item in node.expressions for part in _parts(item)]
    return [node]


def _filtered(value: Value, condition: exp.Expr | None) -> Value:
    if condition is None:
        return value
    where = exp.Where(this=condition)
    return Value(exp.Filter(this=value.sql, expression=where), value.type)
