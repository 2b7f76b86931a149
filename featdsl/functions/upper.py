"""``upper(x)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import TEXT
from featdsl.types.signature import TEXTS, Parameter

FUNCTION = Function(
    name="upper",
    meaning=(
        "Text in upper case: each code point by its simple (one to one) mapping of Unicode, "
        "whatever the language; those without one stay (`ﬁ`), but `ß` becomes `ẞ`."
    ),
    parameters=(Parameter(name="x", accepts=TEXTS),),
    returns=lambda _: TEXT,
    lower=lambda inputs: build.func("upper", inputs.arg()),
    words="{0} in upper case",
    examples=(
        Example(args=("àbc-1",), result="ÀBC-1", dtypes=(TEXT,)),
        Example(args=("straße ﬁ",), result="STRAẞE ﬁ", dtypes=(TEXT,)),
        Example(args=("",), result="", dtypes=(TEXT,)),
        Example(args=(None,), result=None, dtypes=(TEXT,)),
    ),
)
