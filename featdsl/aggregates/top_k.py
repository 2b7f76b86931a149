"""``top_k(x, k)``."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from featdsl.aggregates.entries import entries_sorted, field, valid_size
from featdsl.aggregates.partials import EACH_VALUE
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, INT, TEXT, decimal, list_of
from featdsl.types.signature import INTS, ORDERED, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    counts = build.func("histogram", inputs.counted())
    ranked = entries_sorted(counts, lambda key, n: build.func("row", exp.Neg(this=n), key))
    first = build.func("list_slice", ranked, build.number(1), inputs.arg(1))
    return build.for_each("list_transform", first, "r", field(build.it("r"), 2))


AGGREGATE = Aggregate(
    name="top_k",
    meaning=(
        "List of the k most frequent non-null values, most frequent first, of equally frequent "
        "ones the smaller first (text by code point, false before true); all values where there "
        "are fewer than k; null for none."
    ),
    parameters=(
        Parameter(name="x", accepts=ORDERED),
        Parameter(name="k", accepts=INTS, constant=True, valid=valid_size),
    ),
    returns=lambda dtypes: list_of(dtypes[0]),
    lower=_lower,
    stored=True,
    keeps_unit=True,
    partials=EACH_VALUE,
    words="{1} most frequent values of {0}",
    examples=(
        Example(
            rows=(("c",), ("b",), ("a",), ("b",), ("c",), (None,), (None,), (None,)),
            constants=(2,),
            result=("b", "c"),
            dtypes=(TEXT, INT),
        ),
        Example(rows=((3,), (1,)), constants=(5,), result=(1, 3), dtypes=(INT, INT)),
        Example(rows=((True,), (False,)), constants=(1,), result=(False,), dtypes=(BOOL, INT)),
        Example(
            rows=((Decimal("2.50"),), (Decimal("-1.00"),), (Decimal("2.50"),)),
            constants=(2,),
            result=(Decimal("2.50"), Decimal("-1.00")),
            dtypes=(decimal(12, 2), INT),
        ),
        Example(rows=((None,),), constants=(3,), result=None, dtypes=(TEXT, INT)),
        Example(rows=(), constants=(3,), result=None, dtypes=(INT, INT)),
    ),
)
