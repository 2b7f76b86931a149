"""``collect_distinct(x, last: n)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.collect import PARAMETERS
from featdsl.aggregates.entries import field, last_items, no_longer_than
from featdsl.aggregates.partials import EACH_VALUE
from featdsl.aggregates.spec import Aggregate, Example, Inputs
from featdsl.sql import build
from featdsl.types.dtype import BOOL, FLOAT, INT, TEXT, list_of


def _lower(inputs: Inputs) -> exp.Expr:
    """Rows of (value, order), sorted: of equal ones the last is the value's latest occurrence."""
    assert inputs.order is not None
    known = inputs.only(build.is_null(inputs.arg(), negated=True))
    sort = build.func("list_sort", known.filtered(build.func("list", _pair(inputs))))
    beside = build.func("list_zip", sort, build.func("list_slice", sort.copy(), *_FROM_SECOND))
    this, following = field(build.it("z"), 1), field(build.it("z"), 2)
    latest = exp.Or(
        this=build.is_null(following),
        expression=exp.NEQ(this=field(this.copy(), 1), expression=field(following.copy(), 1)),
    )
    kept = build.for_each("list_filter", beside, "z", latest)
    dated = build.func("row", field(this.copy(), 2), field(this.copy(), 1))
    in_order = build.func("list_sort", build.for_each("list_transform", kept, "z", dated))
    if len(inputs.args) > 1:
        in_order = last_items(in_order, inputs.arg(1))
    listed = build.for_each("list_transform", in_order, "r", field(build.it("r"), 2))
    # Of no list and no list the engine makes an empty list of pairs.
    some = exp.GT(this=exp.Count(this=inputs.counted()), expression=build.number(0))
    values = build.case(some, listed)
    if len(inputs.args) > 1:
        return values
    size = exp.Count(this=exp.Distinct(expressions=[inputs.counted()]))
    return no_longer_than(values, size, "collect_distinct")


_FROM_SECOND = (build.number(2), build.number(-1))


def _pair(inputs: Inputs) -> exp.Expr:
    assert inputs.order is not None
    return build.func("row", inputs.arg(), inputs.order.copy())


AGGREGATE = Aggregate(
    name="collect_distinct",
    meaning=(
        "List of the different non-null values in the order of their latest occurrences, oldest "
        "first, by time and then the source's tie-break; null for none. With `last: n` the newest "
        "n different values, oldest first; without, more than 1,000 values stop the run. 0.0 and "
        "-0.0 are one value, in the sign of its latest occurrence."
    ),
    parameters=PARAMETERS,
    returns=lambda dtypes: list_of(dtypes[0]),
    lower=_lower,
    ordered=True,
    stored=True,
    keeps_unit=True,
    partials=EACH_VALUE,
    words="list of the different values of {0}, oldest first[, the newest {1}]",
    examples=(
        Example(rows=((3,), (None,), (1,), (3,)), result=(1, 3), dtypes=(INT,)),
        Example(
            rows=(("a",), ("b",), ("c",), ("a",), ("c",)),
            constants=(2,),
            result=("a", "c"),
            dtypes=(TEXT, INT),
        ),
        Example(rows=(("a",), ("A",)), constants=(9,), result=("a", "A"), dtypes=(TEXT, INT)),
        Example(rows=((True,), (False,), (True,)), result=(False, True), dtypes=(BOOL,)),
        Example(rows=((0.5,), (0.0,), (-0.0,)), result=(0.5, -0.0), dtypes=(FLOAT,)),
        Example(rows=((None,),), result=None, dtypes=(TEXT,)),
        Example(rows=(), result=None, dtypes=(INT,)),
    ),
)
