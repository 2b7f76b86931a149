"""``max_by(x, y)``."""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from featdsl.aggregates.min_by import PARAMETERS, lower_least
from featdsl.aggregates.partials import order_of, picked
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.sql.order import descending
from featdsl.types.dtype import BOOL, FLOAT, INT, TEXT, TIMESTAMP


def _lower(inputs: Inputs) -> exp.Expr:
    return lower_least(inputs, descending(inputs.arg(1), inputs.dtypes[1]))


def _by(inputs: Inputs) -> exp.Expr:
    return build.func("row", descending(inputs.arg(1), inputs.dtypes[1]), order_of(inputs))


AGGREGATE = Aggregate(
    name="max_by",
    meaning=(
        "x of the row with the largest y; of rows with that y the earliest, by time and then the "
        "source's tie-break. Rows where x or y is null are left out; null for none."
    ),
    parameters=PARAMETERS,
    returns=lambda dtypes: dtypes[0],
    lower=_lower,
    ordered=True,
    stored=True,
    keeps_unit=True,
    partials=picked("arg_min", exp.Min, _by, arguments=2),
    words="{0} at the largest {1}",
    examples=(
        Example(rows=(("a", 2), ("b", 3), ("c", 3), ("d", 1)), result="b", dtypes=(TEXT, INT)),
        Example(rows=((None, 3), (5, 2), (6, None)), result=5, dtypes=(INT, INT)),
        Example(rows=((1, -0.5), (2, 1.5)), result=2, dtypes=(INT, FLOAT)),
        Example(rows=((1, "b"), (2, "ba"), (3, "B")), result=2, dtypes=(INT, TEXT)),
        Example(rows=((1, False), (2, True)), result=2, dtypes=(INT, BOOL)),
        Example(
            rows=((1, datetime(1970, 1, 1)), (2, datetime(1970, 1, 2))),
            result=2,
            dtypes=(INT, TIMESTAMP),
        ),
        Example(rows=((1, None),), result=None, dtypes=(INT, INT)),
        Example(rows=((None, None),), result=None, dtypes=(INT, INT)),
        Example(rows=(), result=None, dtypes=(INT, INT)),
    ),
)
