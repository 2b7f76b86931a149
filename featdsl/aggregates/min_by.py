"""``min_by(x, y)``."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from featdsl.aggregates.partials import order_of, picked
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, FLOAT, INT, TEXT, TIMESTAMP
from featdsl.types.signature import ORDERED, Parameter

PARAMETERS = (Parameter(name="x", accepts=ORDERED), Parameter(name="y", accepts=ORDERED))


def lower_least(inputs: Inputs, y: exp.Expr) -> exp.Expr:
    """The first argument where `y`, the second or what is made of it, is least."""
    assert inputs.order is not None
    # The order comes second, so that of equal y the earliest row is taken.
    by = build.func("row", y, inputs.order.copy())
    known = inputs.only(build.is_null(inputs.arg(1), negated=True))
    return known.filtered(build.func("arg_min", inputs.arg(), by))


AGGREGATE = Aggregate(
    name="min_by",
    meaning=(
        "x of the row with the smallest y; of rows with that y the earliest, by time and then the "
        "source's tie-break. Rows where x or y is null are left out; null for none."
    ),
    parameters=PARAMETERS,
    returns=lambda dtypes: dtypes[0],
    lower=lambda inputs: lower_least(inputs, inputs.arg(1)),
    ordered=True,
    stored=True,
    keeps_unit=True,
    partials=picked("arg_min", exp.Min, lambda i: build.func("row", i.arg(1), order_of(i)), 2),
    words="{0} at the smallest {1}",
    examples=(
        Example(rows=(("a", 2), ("b", 1), ("c", 1), ("d", 3)), result="b", dtypes=(TEXT, INT)),
        Example(rows=((None, 1), (5, 2), (6, None)), result=5, dtypes=(INT, INT)),
        Example(rows=((1, -0.5), (2, -1.5)), result=2, dtypes=(INT, FLOAT)),
        Example(rows=((1, "b"), (2, "a"), (3, "ab")), result=2, dtypes=(INT, TEXT)),
        Example(rows=((1, True), (2, False)), result=2, dtypes=(INT, BOOL)),
        Example(
            rows=((1, datetime(1970, 1, 1)), (2, datetime(1969, 12, 31))),
            result=2,
            dtypes=(INT, TIMESTAMP),
        ),
        Example(rows=((1, None),), result=None, dtypes=(INT, INT)),
        Example(rows=((None, None),), result=None, dtypes=(INT, INT)),
        Example(rows=(), result=None, dtypes=(INT, INT)),
    ),
)
