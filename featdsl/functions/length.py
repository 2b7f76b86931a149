"""``length(x)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT
from featdsl.types.signature import TEXTS, Parameter

FUNCTION = Function(
    name="length",
    meaning="Number of code points (not of bytes, not of glyphs).",
    parameters=(Parameter(name="x", accepts=TEXTS),),
    returns=lambda _: INT,
    lower=lambda inputs: build.func("length", inputs.arg()),
    words="length of {0}",
    examples=(
        Example(args=("héllo",), result=5, dtypes=(TEXT,)),
        Example(args=("e\u0301",), result=2, dtypes=(TEXT,)),
        Example(args=("🦆",), result=1, dtypes=(TEXT,)),
        Example(args=("",), result=0, dtypes=(TEXT,)),
        Example(args=(None,), result=None, dtypes=(TEXT,)),
    ),
)
