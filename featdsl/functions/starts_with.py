"""``starts_with(x, start)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import BOOL, TEXT
from featdsl.types.signature import TEXTS, Parameter

FUNCTION = Function(
    name="starts_with",
    meaning=(
        "Whether x begins with the other text, by code points; every text begins with the empty "
        "one."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="start", accepts=TEXTS),
    ),
    returns=lambda _: BOOL,
    lower=lambda inputs: build.func("starts_with", inputs.arg(0), inputs.arg(1)),
    words="{0} begins with {1}",
    examples=(
        Example(args=("abc", "ab"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("abc", "AB"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("abc", "abcd"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("a%c", "a%"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("abc", ""), result=True, dtypes=(TEXT, TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(TEXT, TEXT)),
        Example(args=("a", None), result=None, dtypes=(TEXT, TEXT)),
    ),
)
