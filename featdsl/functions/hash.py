"""``hash(x)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT
from featdsl.types.signature import INTS, TEXTS, Parameter

_DIGITS = 16


def _lower(inputs: Inputs) -> exp.Expr:
    digest = build.func("sha256", inputs.cast_to(TEXT))
    return build.func("left", digest, build.number(_DIGITS))


FUNCTION = Function(
    name="hash",
    meaning=(
        "First 16 hexadecimal digits, in lower case, of SHA-256 of the UTF-8 bytes of x; of an "
        "int, of its decimal digits, with `-` before them where it is negative."
    ),
    parameters=(Parameter(name="x", accepts=TEXTS | INTS),),
    returns=lambda _: TEXT,
    lower=_lower,
    words="hash of {0}",
    examples=(
        Example(args=("a",), result="ca978112ca1bbdca", dtypes=(TEXT,)),
        Example(args=("é",), result="4a99557e4033c353", dtypes=(TEXT,)),
        Example(args=("",), result="e3b0c44298fc1c14", dtypes=(TEXT,)),
        Example(args=(-12,), result="7ed00270e394c3e1", dtypes=(INT,)),
        Example(args=(None,), result=None, dtypes=(TEXT,)),
    ),
)
