"""``mode(x)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.partials import EACH_VALUE
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, INT, TEXT, decimal
from featdsl.types.signature import ORDERED, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    if inputs.arg().find(exp.Column) is None:  # one value, which no engine orders by
        return inputs.filtered(build.func("mode", inputs.arg()))
    # Of values counted alike the engine takes the one met first: in order, the smallest. Twice
    # to four times as fast as a histogram whose entries are compared.
    ordered = exp.Order(this=inputs.arg(), expressions=[exp.Ordered(this=inputs.arg())])
    return inputs.filtered(exp.Anonymous(this="mode", expressions=[ordered]))


AGGREGATE = Aggregate(
    name="mode",
    meaning=(
        "Most frequent non-null value; of values that are equally frequent the smallest (text by "
        "code point, false before true); null for none."
    ),
    parameters=(Parameter(name="x", accepts=ORDERED),),
    returns=lambda dtypes: dtypes[0],
    lower=_lower,
    stored=True,
    keeps_unit=True,
    partials=EACH_VALUE,
    words="most frequent {0}",
    examples=(
        Example(rows=((2,), (3,), (None,), (None,), (3,)), result=3, dtypes=(INT,)),
        Example(rows=((3,), (1,), (3,), (1,), (2,)), result=1, dtypes=(INT,)),
        Example(rows=(("b",), ("a",), ("B",)), result="B", dtypes=(TEXT,)),
        Example(rows=((True,), (False,)), result=False, dtypes=(BOOL,)),
        Example(
            rows=((Decimal("2.50"),), (Decimal("-1.00"),)),
            result=Decimal("-1.00"),
            dtypes=(decimal(12, 2),),
        ),
        Example(rows=((None,),), result=None, dtypes=(TEXT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
