"""``contains(x, part)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import BOOL, TEXT
from featdsl.types.signature import TEXTS, Parameter

FUNCTION = Function(
    name="contains",
    meaning=(
        "Whether the other text stands somewhere in x, by code points; the empty one stands in "
        "every text."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="part", accepts=TEXTS),
    ),
    returns=lambda _: BOOL,
    lower=lambda inputs: build.func("contains", inputs.cast_to(TEXT, 0), inputs.cast_to(TEXT, 1)),
    words="{0} contains {1}",
    examples=(
        Example(args=("abc", "b"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("abc", "B"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("abc", "a.c"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("abc", ""), result=True, dtypes=(TEXT, TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(TEXT, TEXT)),
        Example(args=("a", None), result=None, dtypes=(TEXT, TEXT)),
    ),
)
