"""``lower(x)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import TEXT
from featdsl.types.signature import TEXTS, Parameter

FUNCTION = Function(
    name="lower",
    meaning=(
        "Text in lower case: each code point by its simple (one to one) mapping of Unicode, "
        "whatever the language; those without one stay."
    ),
    parameters=(Parameter(name="x", accepts=TEXTS),),
    returns=lambda _: TEXT,
    lower=lambda inputs: build.func("lower", inputs.arg()),
    words="{0} in lower case",
    examples=(
        Example(args=("ÀBC-1",), result="àbc-1", dtypes=(TEXT,)),
        Example(args=("ΟΔΟΣ",), result="οδοσ", dtypes=(TEXT,)),
        Example(args=("",), result="", dtypes=(TEXT,)),
        Example(args=(None,), result=None, dtypes=(TEXT,)),
    ),
)
