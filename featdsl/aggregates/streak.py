"""``streak(p)``, ``streak(time, step: 1d)``, and what `longest_streak` shares with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlglot import exp

from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build, zone
from featdsl.types.dtype import BOOL, DATE, DURATION, INT, TIMESTAMP, DType, Kind
from featdsl.types.duration import Duration
from featdsl.types.signature import BOOLS, DURATIONS, TIMES, Parameter
from featdsl.types.step import wrong_step

Lower = Callable[[Inputs], exp.Expr]

PARAMETERS = (
    Parameter(name="x", accepts=BOOLS | TIMES),
    Parameter(
        name="step",
        accepts=DURATIONS,
        constant=True,
        calendar=True,
        optional=True,
        valid=wrong_step,
    ),
)


def wrong_together(dtypes: Sequence[DType]) -> str | None:
    """What is wrong with a condition that has a step, or a time that has none."""
    if dtypes[0].is_temporal and len(dtypes) == 1:
        return "of a time it needs a step, such as `step: 1d`"
    if dtypes[0].kind is Kind.BOOL and len(dtypes) > 1:
        return "of a condition it counts rows, and takes no step"
    return None


def known(inputs: Inputs) -> Inputs:
    """The rows that count, of which the first argument is not null."""
    return inputs.only(build.is_null(inputs.arg(), negated=True))


def numbers(inputs: Inputs) -> exp.Expr:
    """The number of the step that each time lies in."""
    return zone.step_number(_step(inputs), inputs.arg(), inputs.dtypes[0], inputs.timezone)


def _step(inputs: Inputs) -> Duration:
    step = inputs.constants[1]
    assert isinstance(step, Duration), "a constant has its value"
    return step


def of_either(of_rows: Lower, of_steps: Lower) -> Lower:
    """SQL of a condition's rows, or of a time's steps where there is a step."""

    def lower(inputs: Inputs) -> exp.Expr:
        return build.cast((of_steps if len(inputs.args) > 1 else of_rows)(inputs), INT)

    return lower


def _of_rows(inputs: Inputs) -> exp.Expr:
    """Rows, newest first, before the first for which the condition is false."""
    assert inputs.order is not None
    condition = exp.cast(inputs.arg(), exp.DataType.Type.BOOLEAN)
    newest = exp.Ordered(this=inputs.order.copy(), desc=True)
    ordered = exp.Order(this=condition, expressions=[newest])
    rows = known(inputs).filtered(build.func("list", ordered))
    first_false = build.func("list_position", rows, build.boolean(False))
    return build.coalesce(
        exp.Sub(this=first_false, expression=build.number(1)), build.func("len", rows.copy())
    )


def _of_steps(inputs: Inputs) -> exp.Expr:
    """Different numbers of steps, newest first: the i-th goes on while it is i - 1 less."""
    assert inputs.as_of is not None
    now = zone.step_number(_step(inputs), inputs.as_of.copy(), TIMESTAMP, inputs.timezone)
    number = numbers(inputs)
    counted = known(inputs).only(exp.LTE(this=build.paren(number), expression=build.paren(now)))
    listed = build.func("list_distinct", counted.filtered(build.func("list", number.copy())))
    newest = counted.filtered(exp.Max(this=number.copy()))
    in_a_row = exp.EQ(
        this=exp.Add(this=build.it("v"), expression=build.it("i")),
        expression=exp.Add(this=newest, expression=build.number(1)),
    )
    steps = build.for_each(
        "list_filter", build.func("list_reverse_sort", listed), "v", in_a_row, index="i"
    )
    # Of the as-of time's own step or the one before; an aggregate has to hold it, for each key.
    gap = counted.filtered(
        exp.Max(this=exp.Sub(this=build.paren(number.copy()), expression=build.paren(now.copy())))
    )
    some = build.case(build.is_null(newest.copy(), negated=True), build.number(0))
    return build.case(
        exp.GTE(this=gap, expression=build.number(-1)), build.func("len", steps), some
    )


AGGREGATE = Aggregate(
    name="streak",
    meaning=(
        "Of a condition: how many rows in a row, ending with the newest one, it is true for, by "
        "time and then the source's tie-break; rows where it is null are left out; 0 where it is "
        "false for the newest, null for none. Of a time with a step (1d, 1w, 1month, 1quarter or "
        "1year in the project's time zone, or a part of a day in UTC): how many steps in a row "
        "hold a time, back from the step that holds the as-of time, or from the one before where "
        "that one holds none; times in later steps are left out; 0 where both hold none, null "
        "for no time."
    ),
    parameters=PARAMETERS,
    returns=lambda _: INT,
    lower=of_either(_of_rows, _of_steps),
    wrong=wrong_together,
    ordered=True,
    partials="rows of one part may stand between those of another",
    words="length of the current streak of {0}[, in steps of {1}]",
    examples=(
        Example(rows=((True,), (False,), (True,), (None,), (True,)), result=2, dtypes=(BOOL,)),
        Example(rows=((True,), (True,)), result=2, dtypes=(BOOL,)),
        Example(rows=((True,), (False,)), result=0, dtypes=(BOOL,)),
        Example(
            rows=(
                (datetime(2024, 2, 27, 23, 59),),
                (datetime(2024, 2, 29),),
                (datetime(2024, 3, 1, 11),),
                (datetime(2024, 3, 1, 2),),
            ),
            constants=(Duration(1, "d"),),
            result=2,
            dtypes=(TIMESTAMP, DURATION),
        ),
        Example(
            rows=((date(2024, 2, 28),), (None,), (date(2024, 2, 29),)),
            constants=(Duration(1, "d"),),
            result=2,
            dtypes=(DATE, DURATION),
        ),
        Example(
            rows=((date(2024, 2, 28),),),
            constants=(Duration(1, "d"),),
            result=0,
            dtypes=(DATE, DURATION),
        ),
        Example(
            rows=((date(2023, 12, 31),), (date(2024, 1, 1),), (date(2024, 2, 29),)),
            constants=(Duration(1, "month"),),
            result=3,
            dtypes=(DATE, DURATION),
        ),
        Example(
            rows=((datetime(2024, 3, 1, 11, 44, 59),), (datetime(2024, 3, 1, 11, 45),)),
            constants=(Duration(15, "min"),),
            result=2,
            dtypes=(TIMESTAMP, DURATION),
        ),
        Example(rows=((None,),), result=None, dtypes=(BOOL,)),
        Example(rows=(), result=None, dtypes=(BOOL,)),
    ),
)
