"""``element(x, i)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import INT, NULL, TEXT, list_of
from featdsl.types.signature import INTS, LISTS, Parameter

FUNCTION = Function(
    name="element",
    meaning=(
        "Item of the list at position i: 1 is the first, 2 the second, -1 the last, -2 the one "
        "before; null where the list has no such position."
    ),
    parameters=(
        Parameter(name="x", accepts=LISTS),
        Parameter(name="i", accepts=INTS),
    ),
    returns=lambda dtypes: (dtypes[0].items or (NULL,))[0],
    lower=lambda inputs: build.func("list_extract", inputs.arg(0), inputs.cast_to(INT, 1)),
    nullable=True,
    keeps_unit=True,
    words="item {1} of {0}",
    examples=(
        Example(args=((5, 6, 7), 1), result=5, dtypes=(list_of(INT), INT)),
        Example(args=((5, 6, 7), -1), result=7, dtypes=(list_of(INT), INT)),
        Example(args=((5, 6, 7), 4), result=None, dtypes=(list_of(INT), INT)),
        Example(args=((5, 6, 7), -4), result=None, dtypes=(list_of(INT), INT)),
        Example(args=((5, 6, 7), 0), result=None, dtypes=(list_of(INT), INT)),
        Example(args=(("a", None), 2), result=None, dtypes=(list_of(TEXT), INT)),
        Example(args=((), 1), result=None, dtypes=(list_of(TEXT), INT)),
        Example(args=((5,), None), result=None, dtypes=(list_of(INT), INT)),
        Example(args=(None, 1), result=None, dtypes=(list_of(INT), INT)),
    ),
)
