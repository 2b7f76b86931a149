"""``substring(x, start, length)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT
from featdsl.types.signature import INTS, TEXTS, Parameter

_MOST = 2**31 - 1


def _lower(inputs: Inputs) -> exp.Expr:
    return build.func("substring", *(a.copy() for a in inputs.args))


def _wrong_start(start: int) -> str | None:
    return None if 1 <= start <= _MOST else f"{start} is no position, the first is 1"


def _wrong_length(length: int) -> str | None:
    return None if 0 <= length <= _MOST else f"{length} is no length"


FUNCTION = Function(
    name="substring",
    meaning=(
        "Code points of x from position `start` on (the first is 1), `length` of them, or to the "
        "end without; fewer, down to none, where x ends before."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="start", accepts=INTS, constant=True, valid=_wrong_start),
        Parameter(name="length", accepts=INTS, constant=True, optional=True, valid=_wrong_length),
    ),
    returns=lambda _: TEXT,
    lower=_lower,
    words="{0} from character {1} on[, {2} characters]",
    examples=(
        Example(args=("héllo", 2, 3), result="éll", dtypes=(TEXT, INT, INT)),
        Example(args=("hello", 4), result="lo", dtypes=(TEXT, INT)),
        Example(args=("hello", 4, 9), result="lo", dtypes=(TEXT, INT, INT)),
        Example(args=("hello", 6, 1), result="", dtypes=(TEXT, INT, INT)),
        Example(args=("hello", 1, 0), result="", dtypes=(TEXT, INT, INT)),
        Example(args=(None, 1, 1), result=None, dtypes=(TEXT, INT, INT)),
    ),
)
