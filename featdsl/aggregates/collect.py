"""``collect(x, last: n)``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.entries import no_longer_than, oldest_first, valid_size
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, INT, TEXT, TIMESTAMP, decimal, list_of
from featdsl.types.signature import INTS, ORDERED, Parameter

PARAMETERS = (
    Parameter(name="x", accepts=ORDERED),
    Parameter(name="last", accepts=INTS, constant=True, optional=True, valid=valid_size),
)


def _lower(inputs: Inputs) -> exp.Expr:
    assert inputs.order is not None
    known = inputs.only(build.is_null(inputs.arg(), negated=True))
    if len(inputs.args) == 1:
        size = exp.Count(this=inputs.counted())
        return no_longer_than(oldest_first(inputs, inputs.arg(), known), size, "collect")
    # The engine keeps no more than the newest n of a key.
    newest = build.func("arg_max", inputs.arg(), inputs.order.copy(), inputs.arg(1))
    return build.func("list_reverse", known.filtered(newest))


AGGREGATE = Aggregate(
    name="collect",
    meaning=(
        "List of the non-null values, oldest first, by time and then the source's tie-break; null "
        "for none. With `last: n` the newest n of them, oldest first; without, more than 1,000 "
        "values stop the run."
    ),
    parameters=PARAMETERS,
    returns=lambda dtypes: list_of(dtypes[0]),
    lower=_lower,
    ordered=True,
    stored=True,
    keeps_unit=True,
    partials="a state would hold the list itself, with the order of each row beside it",
    words="list of {0}, oldest first[, the newest {1}]",
    examples=(
        Example(rows=((3,), (None,), (1,), (3,)), result=(3, 1, 3), dtypes=(INT,)),
        Example(rows=((3,), (1,), (None,), (2,)), constants=(2,), result=(1, 2), dtypes=(INT, INT)),
        Example(rows=(("b",), ("a",)), constants=(10,), result=("b", "a"), dtypes=(TEXT, INT)),
        Example(
            rows=((Decimal("2.50"),), (Decimal("-1.00"),)),
            result=(Decimal("2.50"), Decimal("-1.00")),
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=((True,), (False,)), constants=(1,), result=(False,), dtypes=(BOOL, INT)),
        Example(
            rows=((datetime(1969, 12, 31),),),
            result=(datetime(1969, 12, 31),),
            dtypes=(TIMESTAMP,),
        ),
        Example(rows=((None,),), result=None, dtypes=(TEXT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
