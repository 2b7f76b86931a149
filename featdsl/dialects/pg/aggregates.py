"""Aggregates of the common vocabulary in Postgres: a closed table.

A builder gets the arguments and the condition of a ``FILTER``, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from featdsl.dialects.pg.typed import Type, Value, as_float, by_code_point
from featdsl.dialects.spec import Lacking
from featdsl.sql import build


@dataclass(frozen=True, slots=True)
class Order:
    """A value that rows are ordered by."""

    value: Value
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An aggregate to build. ``orders`` are those of ``arg_min`` and of ``mode(x ORDER BY x)``."""

    args: list[Value]
    orders: Sequence[Order] = ()
    condition: exp.Expr | None = None

    def filtered(self, aggregate: exp.Expr, *more: exp.Expr) -> exp.Expr:
        """``aggregate FILTER (WHERE condition AND more)``."""
        given = None if self.condition is None else build.paren(self.condition.copy())
        condition = build.all_of([given, *more])
        if condition is None:
            return aggregate
        return exp.Filter(this=aggregate, expression=exp.Where(this=condition))


Builder = Callable[[Call], Value]
Formula = Callable[[exp.Expr, list[exp.Expr]], exp.Expr]
"""From the number of values and the mean powers 2, 3, 4 of their distances from the mean."""


def _plain(name: str, result: Type | None = None) -> Builder:
    def builder(call: Call) -> Value:
        sql = call.filtered(build.func(name, *(a.sql for a in call.args)))
        found = call.args[0].type if result is None else result
        return Value(sql, found, by_code_point=call.args[0].by_code_point)

    return builder


def _extreme(name: str, of_bools: str) -> Builder:
    """``min`` and ``max``: bools have none in Postgres, and texts that of their collation."""

    def builder(call: Call) -> Value:
        (value,) = call.args
        called = of_bools if value.type is Type.BOOL else name
        sql = call.filtered(build.func(called, by_code_point(value)))
        return Value(sql, value.type, by_code_point=True)

    return builder


def _arg(descending: bool) -> Builder:
    """``arg_min`` and ``arg_max``: the first of the values that are known, in order."""

    def builder(call: Call) -> Value:
        value = call.args[0]
        ordered = [
            exp.Ordered(
                this=by_code_point(o.value),
                desc=descending,
                nulls_first=descending,
            )
            for o in call.orders
        ]
        order = exp.Order(this=value.sql, expressions=ordered)
        known = build.is_null(value.sql.copy(), negated=True)
        listed = call.filtered(exp.Anonymous(this="array_agg", expressions=[order]), known)
        first = exp.Bracket(this=exp.Paren(this=listed), expressions=[build.number(1)], offset=1)
        return Value(first, value.type, by_code_point=value.by_code_point)

    return builder


def _mode(call: Call) -> Value:
    """Of values counted alike the first in order: `mode` of Postgres goes through them sorted."""
    (value,) = call.args
    order = exp.Order(expressions=[exp.Ordered(this=by_code_point(value))])
    sql = call.filtered(exp.WithinGroup(this=build.func("mode"), expression=order))
    return Value(sql, value.type, by_code_point=True)


def _quantile(call: Call) -> Value:
    value, share = call.args
    order = exp.Order(expressions=[exp.Ordered(this=value.sql)])
    found = exp.WithinGroup(this=build.func("percentile_cont", share.sql), expression=order)
    # The distance of two large floats is infinite.
    return Value(call.filtered(found), Type.FLOAT, finite=False)


def _count_distinct(call: Call) -> Value:
    distinct = exp.Count(this=exp.Distinct(expressions=[call.args[0].sql]))
    return Value(call.filtered(distinct), Type.INT)


def _deviation(name: str, least: int) -> Builder:
    """A variance or its root: 0 where nothing varies, where Postgres may leave a last digit."""

    def builder(call: Call) -> Value:
        if call.condition is not None:
            raise Lacking(f"a FILTER of {name}")
        value = call.args[0].sql
        enough = exp.GTE(this=exp.Count(this=value.copy()), expression=build.number(least))
        ifs = [
            exp.If(this=_varies(value), true=build.func(name, value.copy())),
            exp.If(this=enough, true=as_float(build.number(0))),
        ]
        return Value(exp.Case(ifs=ifs), Type.FLOAT)

    return builder


def _varies(value: exp.Expr) -> exp.Expr:
    return exp.LT(this=build.func("min", value.copy()), expression=build.func("max", value.copy()))


def _pairs(call: Call, name: str) -> tuple[exp.Expr, exp.Expr]:
    """Both arguments over rows where both are known."""
    if call.condition is not None:
        raise Lacking(f"a FILTER of {name}")
    a, b = (v.sql for v in call.args)
    return (
        build.case(build.is_null(b.copy(), negated=True), a.copy()),
        build.case(build.is_null(a.copy(), negated=True), b.copy()),
    )


def _corr(call: Call) -> Value:
    """Null where one side does not vary, where Postgres may leave a last digit."""
    varies = build.all_of(_varies(v) for v in _pairs(call, "corr"))
    assert varies is not None
    sql = build.func("corr", *(v.sql for v in call.args))
    return Value(build.case(varies, sql), Type.FLOAT)


def _covar(call: Call) -> Value:
    varies = build.all_of(_varies(v) for v in _pairs(call, "covar_samp"))
    assert varies is not None
    args = [v.sql for v in call.args]
    n = build.func("regr_count", *(a.copy() for a in args))
    ifs = [
        exp.If(this=varies, true=build.func("covar_samp", *args)),
        exp.If(this=exp.GT(this=n, expression=build.number(1)), true=as_float(build.number(0))),
    ]
    return Value(exp.Case(ifs=ifs), Type.FLOAT)


def _slope(call: Call) -> Value:
    """``regr_slope(y, x)``: null where x does not vary, 0 where only y does not."""
    y, x = _pairs(call, "regr_slope")
    args = [as_float(v.sql) if v.type is not Type.FLOAT else v.sql for v in call.args]
    slope = build.case(_varies(y), build.func("regr_slope", *args), as_float(build.number(0)))
    return Value(build.case(_varies(x), slope), Type.FLOAT)


def _over_values(call: Call, name: str, query: Callable[[exp.Expr], exp.Select]) -> Value:
    """A scalar subquery over the known values of the group, which it has as a list."""
    value = call.args[0].sql
    if call.condition is not None:
        raise Lacking(f"a FILTER of {name}")
    if value.find(exp.Column) is None:  # it would be an aggregate of the subquery
        raise Lacking(f"{name} of a constant")
    rows = exp.Table(
        this=build.func("unnest", build.func("array_agg", value)),
        alias=exp.TableAlias(this=build.ident("of"), columns=[build.ident("v")]),
    )
    return Value(exp.Subquery(this=query(rows)), Type.FLOAT)


_V = build.col("v")
_KNOWN = build.is_null(_V, negated=True)


def _entropy(call: Call) -> Value:
    """In bits, null of no values: as sum(c * log2(n / c)) / n over the counts c of values."""

    def query(rows: exp.Expr) -> exp.Select:
        counts = (
            exp.select(build.aliased(as_float(exp.Count(this=exp.Star())), "c"))
            .from_(rows)
            .where(_KNOWN.copy())
            .group_by(_V.copy())
        )
        total = exp.Window(this=exp.Sum(this=build.col("c")))
        shares = exp.select(
            build.aliased(exp.Div(this=build.col("c"), expression=total, typed=True), "p")
        ).from_(_named(counts, "counts"))
        p = build.col("p")
        log = build.func("ln", p.copy())
        nats = exp.Sum(this=exp.Mul(this=p, expression=exp.Neg(this=log)))
        bit = build.func("ln", as_float(build.number(2)))
        return exp.select(exp.Div(this=nats, expression=bit, typed=True)).from_(
            _named(shares, "shares")
        )

    return _over_values(call, "entropy", query)


def _moment(name: str, least: int, formula: Formula) -> Builder:
    def builder(call: Call) -> Value:
        return _over_values(call, name, lambda rows: _moments(rows, least, formula))

    return builder


def _moments(rows: exp.Expr, least: int, formula: Formula) -> exp.Select:
    """A formula of the mean powers 2 to 4 of the distances from the mean."""
    mean = exp.Window(this=exp.Avg(this=_V.copy()))
    distance = exp.Sub(this=_V.copy(), expression=mean)
    distances = exp.select(_V.copy(), build.aliased(distance, "d")).from_(rows).where(_KNOWN.copy())
    # Powers of what is next to nothing would underflow, and Postgres stop.
    d = build.col("d")
    tiny = exp.LT(this=build.func("abs", d.copy()), expression=as_float(build.text("1e-70")))
    cut = exp.select(
        _V.copy(), build.aliased(build.case(tiny, as_float(build.number(0)), d.copy()), "d")
    ).from_(_named(distances, "distances"))
    means = [build.aliased(exp.Avg(this=_product([d] * k)), f"m{k}") for k in (2, 3, 4)]
    of_all = exp.select(
        build.aliased(as_float(exp.Count(this=exp.Star())), "n"),
        *means,
        build.aliased(_varies(_V), "varies"),
    ).from_(_named(cut, "distances"))
    enough = exp.GTE(this=build.col("n"), expression=build.number(least))
    holds = build.all_of([build.col("varies"), enough])
    assert holds is not None
    value = formula(build.col("n"), [build.col(f"m{k}") for k in (2, 3, 4)])
    return exp.select(build.case(holds, value)).from_(_named(of_all, "moments"))


def _skewness(n: exp.Expr, m: list[exp.Expr]) -> exp.Expr:
    """``sqrt(n * (n - 1)) / (n - 2) * m3 / m2 ** 1.5``."""
    root = build.func("sqrt", _product([n, _less(n, 1)]))
    ratio = exp.Div(this=root, expression=_less(n, 2), typed=True)
    power = _product([m[0], build.func("sqrt", m[0].copy())])
    moment = exp.Div(this=m[1], expression=exp.Paren(this=power), typed=True)
    return exp.Mul(this=exp.Paren(this=ratio), expression=exp.Paren(this=moment))


def _kurtosis(n: exp.Expr, m: list[exp.Expr]) -> exp.Expr:
    """``(n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2 ** 2 - 3) + 6)``."""
    ratio = exp.Div(
        this=_less(n, 1),
        expression=exp.Paren(this=_product([_less(n, 2), _less(n, 3)])),
        typed=True,
    )
    square = exp.Paren(this=_product([m[0], m[0]]))
    excess = exp.Sub(
        this=exp.Div(this=m[2], expression=square, typed=True), expression=build.number(3)
    )
    more = exp.Paren(this=exp.Add(this=n.copy(), expression=build.number(1)))
    inner = exp.Add(
        this=exp.Mul(this=more, expression=exp.Paren(this=excess)), expression=build.number(6)
    )
    return exp.Mul(this=exp.Paren(this=ratio), expression=exp.Paren(this=inner))


def _less(n: exp.Expr, by: int) -> exp.Expr:
    return exp.Paren(this=exp.Sub(this=n.copy(), expression=build.number(by)))


def _product(factors: Sequence[exp.Expr]) -> exp.Expr:
    product = factors[0].copy()
    for factor in factors[1:]:
        product = exp.Mul(this=product, expression=factor.copy())
    return product


def _named(query: exp.Select, name: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident(name)))


AGGREGATES: Mapping[str, Builder] = {
    "any_value": _plain("any_value"),
    "approx_count_distinct": _count_distinct,
    "arg_max": _arg(descending=True),
    "arg_min": _arg(descending=False),
    "bool_and": _plain("bool_and"),
    "bool_or": _plain("bool_or"),
    "corr": _corr,
    "covar_samp": _covar,
    "entropy": _entropy,
    "kurtosis": _moment("kurtosis", 4, _kurtosis),
    "max": _extreme("max", "bool_or"),
    "min": _extreme("min", "bool_and"),
    "mode": _mode,
    "quantile_cont": _quantile,
    "regr_slope": _slope,
    "skewness": _moment("skewness", 3, _skewness),
    "stddev_pop": _deviation("stddev_pop", 1),
    "stddev_samp": _deviation("stddev_samp", 2),
    "var_pop": _deviation("var_pop", 1),
    "var_samp": _deviation("var_samp", 2),
}
