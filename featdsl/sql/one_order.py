"""Aggregates whose value is the same bits in whatever order rows come.

A sum of floats is rounded at each step: its last bits depend on the order, which threads and files
decide. Given its rows in the order of their values it is a function of the values alone. That takes
several times as long, so that the lowering only marks such aggregates, and who runs a
statement asks for it.
"""

from __future__ import annotations

from sqlglot import exp

from featdsl.sql import build

_MARK = "one order"
_ROUNDED = frozenset(
    {
        "approx_quantile",
        "corr",
        "covar_pop",
        "covar_samp",
        "entropy",
        "kurtosis",
        "list",
        "regr_slope",
        "skewness",
        "stddev_pop",
        "stddev_samp",
        "var_pop",
        "var_samp",
    }
)
"""Aggregates of the engine that round as they go, or keep what comes first."""
_CHOOSING = frozenset({"max", "min", "mode", "quantile_cont"})
"""Those that take one of several equal values: 0.0 or -0.0."""


def mark_rounded(lowered: exp.Expr, *, floats: bool, ordered: bool) -> exp.Expr:
    """Mark what of a lowered aggregate depends on the order of rows.

    Args:
        lowered: Its tree; marked in place.
        floats: Whether an argument is a float.
        ordered: Whether it is given rows in their total order already.
    """
    for node in () if ordered else lowered.find_all(exp.Func):
        if isinstance(node, exp.Sum | exp.Avg):
            if floats or _is_float(node.this):
                node.meta[_MARK] = "by value"
        elif _name(node) in _ROUNDED:
            node.meta[_MARK] = "by value"
        elif floats and _name(node) in _CHOOSING:
            node.meta[_MARK] = "one zero"
    return lowered


def in_one_order(statement: exp.Expr) -> exp.Expr:
    """The statement with marked aggregates over rows in the order of their values."""
    found = statement.copy()
    # From within outwards: an argument may hold another.
    for node in reversed(list(found.find_all(exp.Func))):
        match node.meta.get(_MARK):
            case "by value":
                _order(node)
            case "one zero":
                _unsign(node)
    return found


def _is_float(value: exp.Expr) -> bool:
    """Whether a value is made a float where it is summed."""
    double = exp.DataType.Type.DOUBLE
    return any(c.to.this is double for c in value.find_all(exp.Cast))


def _name(node: exp.Func) -> str:
    return str(node.this).lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()


def _arguments(node: exp.Func) -> list[exp.Expr]:
    if isinstance(node, exp.Anonymous):
        return list(node.expressions)
    return [a for a in node.args.values() if isinstance(a, exp.Expr)]


def _order(node: exp.Func) -> None:
    arguments = _arguments(node)
    by = [a for a in arguments if a.find(exp.Column) is not None]
    if not by or any(isinstance(a, exp.Order) for a in arguments):
        return  # all rows have one value, which no engine orders by
    if _name(node) == "entropy":
        node.replace(_entropy(arguments[0]))
        return
    last = arguments[-1]
    keys = [exp.Ordered(this=a.copy()) for a in by]
    last.replace(exp.Order(this=last.copy(), expressions=keys))


def _entropy(value: exp.Expr) -> exp.Expr:
    """``entropy(value)``: the engine's adds up what its hash table has, in the table's order."""
    counts = build.func("map_values", build.func("histogram", value.copy()))
    counts = build.func("list_sort", counts)
    double = exp.DataType.Type.DOUBLE
    share = build.divide(exp.cast(build.it("c"), double), build.func("list_sum", counts.copy()))
    bits = exp.Mul(this=share, expression=build.func("log2", share.copy()))
    return build.paren(
        exp.Neg(this=build.func("list_sum", build.for_each("list_transform", counts, "c", bits)))
    )


def _unsign(node: exp.Func) -> None:
    value = _arguments(node)[0]
    if isinstance(value, exp.Order):
        value = value.this
    zero = exp.EQ(this=build.paren(value.copy()), expression=build.number(0))
    plain = exp.cast(build.number(0), exp.DataType.Type.DOUBLE)
    value.replace(build.case(zero, plain, value.copy()))
