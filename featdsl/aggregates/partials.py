"""States that aggregates keep of parts of their rows, and how those are merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from featdsl.aggregates.spec import Inputs, Partials, States
from featdsl.sql import build
from featdsl.types.dtype import DURATION, FLOAT, INT, MAX_DIGITS, WIDE_INT, DType, Kind, decimal

EACH_VALUE = "it needs the rows of each value: a state would be as large as there are values"
OWN_MEANS = "it multiplies distances from the means of all rows, and parts have means of their own"

State = Callable[[Inputs], exp.Expr]


def summed(states: States) -> States:
    """Each state is the sum of the parts'."""
    return {name: exp.Sum(this=column.copy()) for name, column in states.items()}


def counts(finish: Callable[[States, Inputs], exp.Expr], **states: State) -> Partials:
    """States that are numbers of rows: sums of them, and differences."""
    return Partials(
        states=lambda inputs: {name: state(inputs) for name, state in states.items()},
        merge=summed,
        finish=finish,
        invertible=True,
    )


def known(inputs: Inputs) -> exp.Expr:
    """The number of rows whose first argument is known."""
    return exp.Count(this=inputs.counted())


def true(inputs: Inputs) -> exp.Expr:
    """The number of rows for which the first argument is true."""
    return exp.Count(this=inputs.only(build.paren(inputs.arg())).one())


def where_known(states: States, value: exp.Expr) -> exp.Expr:
    """A value, null where no row is known."""
    return build.case(exp.GT(this=states["n"].copy(), expression=build.number(0)), value)


def whole(value: exp.Expr) -> exp.Expr:
    """A number of rows, 0 where there is no part."""
    return build.cast(build.coalesce(value, build.number(0)), INT)


def total_type(dtypes: Sequence[DType]) -> DType:
    """In which a sum is kept: exact but of floats."""
    match dtypes[0].kind:
        case Kind.FLOAT:
            return FLOAT
        case Kind.DECIMAL:
            return decimal(MAX_DIGITS, dtypes[0].scale)
        case Kind.DURATION:
            return DURATION
        case _:
            return WIDE_INT


def some_true(states: States, _: Inputs) -> exp.Expr:
    """Whether there is a true one among the known."""
    return where_known(states, exp.GT(this=states["true"].copy(), expression=build.number(0)))


def all_true(states: States, _: Inputs) -> exp.Expr:
    """Whether all that are known are true."""
    return where_known(states, exp.EQ(this=states["true"].copy(), expression=states["n"].copy()))


def share_true(states: States, _: Inputs) -> exp.Expr:
    """The share of true ones among the known."""
    return build.divide(build.cast_float(states["true"].copy()), states["n"].copy())


def some(states: States, _: Inputs) -> exp.Expr:
    """Whether there is a row."""
    return exp.GT(this=whole(states["n"].copy()), expression=build.number(0))


def rows(inputs: Inputs) -> exp.Expr:
    """The number of rows that count."""
    return exp.Count(this=inputs.one())


def totals(finish: Callable[[States, Inputs], exp.Expr]) -> Partials:
    """A sum and a number of rows. Of floats a difference would cancel: it is not taken there."""
    return Partials(
        states=lambda inputs: {"total": exp.Sum(this=inputs.counted()), "n": known(inputs)},
        merge=summed,
        finish=finish,
        invertible=True,
        exact=False,
    )


def finish_sum(states: States, inputs: Inputs) -> exp.Expr:
    total = build.cast(states["total"].copy(), total_type(inputs.dtypes))
    if inputs.dtypes[0].kind is Kind.FLOAT:
        total = build.finite(total)
    return where_known(states, total)


def extreme(function: type[exp.Expr]) -> Partials:
    """The least, or the largest, of the parts'."""
    return Partials(
        states=lambda inputs: {"value": function(this=inputs.counted())},
        merge=lambda states: {"value": function(this=states["value"].copy())},
        finish=lambda states, _: states["value"].copy(),
    )


def order_of(inputs: Inputs) -> exp.Expr:
    """What orders rows totally."""
    assert inputs.order is not None
    return inputs.order.copy()


def picked(
    choose: str, function: type[exp.Expr], by: Callable[[Inputs], exp.Expr], arguments: int = 1
) -> Partials:
    """The value of the row whose `by` is least, or largest; `by` is kept beside it."""

    def states(inputs: Inputs) -> States:
        rows = inputs
        for i in range(arguments):
            rows = rows.only(build.is_null(inputs.arg(i), negated=True))
        return {
            "value": rows.filtered(build.func(choose, inputs.arg(), by(inputs))),
            "by": rows.filtered(function(this=by(inputs))),
        }

    def merge(states: States) -> States:
        value = build.func(choose, states["value"].copy(), states["by"].copy())
        return {"value": value, "by": function(this=states["by"].copy())}

    return Partials(states=states, merge=merge, finish=lambda states, _: states["value"].copy())


def spread(finish: Callable[[exp.Expr, exp.Expr], exp.Expr]) -> Partials:
    """Number, mean and sum of squared distances from it; merged without subtracting large sums.

    Source: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances", 1979.
    """

    def states(inputs: Inputs) -> States:
        value = inputs.as_float()
        n = exp.Count(this=value.copy())
        squares = exp.Mul(this=build.func("var_pop", value.copy()), expression=n.copy())
        return {"n": n, "mean": exp.Avg(this=value), "squares": squares}

    def merge(states: States) -> States:
        n, mean = states["n"], states["mean"]
        total = exp.Sum(this=exp.Mul(this=n.copy(), expression=mean.copy()))
        middle = build.divide(total, exp.Sum(this=n.copy()))
        part = build.it("r")
        away = exp.Paren(this=exp.Sub(this=_field(part, 2), expression=middle.copy()))
        shifted = exp.Mul(this=_field(part, 1), expression=build.func("pow", away, build.number(2)))
        known = exp.Filter(
            this=build.func("list", build.func("row", n.copy(), mean.copy())),
            expression=exp.Where(this=exp.GT(this=n.copy(), expression=build.number(0))),
        )
        between = build.func("list_sum", build.for_each("list_transform", known, "r", shifted))
        squares = exp.Add(this=exp.Sum(this=states["squares"].copy()), expression=between)
        return {"n": exp.Sum(this=n.copy()), "mean": middle, "squares": squares}

    return Partials(
        states=states,
        merge=merge,
        finish=lambda s, _: build.finite(finish(s["squares"].copy(), s["n"].copy())),
    )


def _field(row: exp.Expr, i: int) -> exp.Expr:
    return build.func("struct_extract_at", row.copy(), build.number(i))


def over_n(squares: exp.Expr, n: exp.Expr) -> exp.Expr:
    return build.divide(squares, n)


def over_n_less_one(squares: exp.Expr, n: exp.Expr) -> exp.Expr:
    less = exp.Sub(this=n.copy(), expression=build.number(1))
    return build.case(
        exp.GT(this=n, expression=build.number(1)), build.divide(squares, exp.Paren(this=less))
    )
