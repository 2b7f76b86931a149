"""``ends_with(x, end)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import BOOL, TEXT
from featdsl.types.signature import TEXTS, Parameter

FUNCTION = Function(
    name="ends_with",
    meaning=(
        "Whether x ends with the other text, by code points; every text ends with the empty one."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="end", accepts=TEXTS),
    ),
    returns=lambda _: BOOL,
    lower=lambda inputs: build.func("ends_with", inputs.arg(0), inputs.arg(1)),
    words="{0} ends with {1}",
    examples=(
        Example(args=("abc", "bc"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("abc", "BC"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("abc", ""), result=True, dtypes=(TEXT, TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(TEXT, TEXT)),
        Example(args=("a", None), result=None, dtypes=(TEXT, TEXT)),
    ),
)
