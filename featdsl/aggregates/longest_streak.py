"""``longest_streak(p)``, ``longest_streak(time, step: 1d)``."""

from __future__ import annotations

from datetime import date

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.aggregates.streak import PARAMETERS, known, numbers, of_either, wrong_together
from featdsl.sql import build
from featdsl.types.dtype import BOOL, DATE, DURATION, INT
from featdsl.types.duration import Duration


def _of_rows(inputs: Inputs) -> exp.Expr:
    """A digit a row, 1 where the condition is true: the longest piece between zeros."""
    assert inputs.order is not None
    condition = exp.cast(inputs.arg(), exp.DataType.Type.BOOLEAN)
    digit = build.case(condition, build.text("1"), build.text("0"))
    ordered = exp.Order(this=build.text(""), expressions=[exp.Ordered(this=inputs.order.copy())])
    digits = known(inputs).filtered(build.func("string_agg", digit, ordered))
    pieces = build.func("string_split", digits, build.text("0"))
    lengths = build.for_each("list_transform", pieces, "v", build.func("len", build.it("v")))
    return build.func("list_max", lengths)


def _of_steps(inputs: Inputs) -> exp.Expr:
    """Numbers in order less their places: as long as one follows the other, the same."""
    listed = known(inputs).filtered(build.func("list", numbers(inputs)))
    in_order = build.func("list_sort", build.func("list_distinct", listed))
    run = exp.Sub(this=build.it("v"), expression=build.it("i"))
    runs = build.for_each("list_transform", in_order, "v", run, index="i")
    sizes = build.func("list_aggregate", runs, build.text("histogram"))
    return build.func("list_max", build.func("map_values", sizes))


AGGREGATE = Aggregate(
    name="longest_streak",
    meaning=(
        "Of a condition: the most rows in a row that it is true for, by time and then the "
        "source's tie-break; rows where it is null are left out; 0 where it is never true, null "
        "for none. Of a time with a step (as of `streak`): the most steps in a row that hold a "
        "time each; null for no time."
    ),
    parameters=PARAMETERS,
    returns=lambda _: INT,
    lower=of_either(_of_rows, _of_steps),
    wrong=wrong_together,
    ordered=True,
    partials="rows of one part may stand between those of another",
    words="length of the longest streak of {0}[, in steps of {1}]",
    examples=(
        Example(
            rows=((True,), (None,), (True,), (False,), (True,)),
            result=2,
            dtypes=(BOOL,),
        ),
        Example(rows=((True,), (True,), (True,)), result=3, dtypes=(BOOL,)),
        Example(rows=((False,), (False,)), result=0, dtypes=(BOOL,)),
        Example(
            rows=(
                (date(2024, 1, 1),),
                (date(2024, 1, 5),),
                (date(2024, 1, 4),),
                (date(2024, 1, 5),),
                (None,),
                (date(2024, 1, 3),),
            ),
            constants=(Duration(1, "d"),),
            result=3,
            dtypes=(DATE, DURATION),
        ),
        Example(
            rows=((date(2024, 1, 7),), (date(2024, 1, 8),), (date(2024, 1, 21),)),
            constants=(Duration(1, "w"),),
            result=3,
            dtypes=(DATE, DURATION),
        ),
        Example(
            rows=((date(1969, 12, 31),), (date(1970, 3, 31),), (date(1971, 1, 1),)),
            constants=(Duration(1, "quarter"),),
            result=2,
            dtypes=(DATE, DURATION),
        ),
        Example(rows=((None,),), result=None, dtypes=(BOOL,)),
        Example(rows=(), result=None, dtypes=(BOOL,)),
    ),
)
