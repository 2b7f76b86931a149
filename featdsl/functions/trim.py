"""``trim(x)``."""

from __future__ import annotations

from functools import reduce

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import TEXT
from featdsl.types.signature import TEXTS, Parameter

_CODES = (9, 10, 11, 12, 13)


def _lower(inputs: Inputs) -> exp.Expr:
    # By their codes: raw line ends in a literal would tear the statement's text apart.
    codes = [build.func("chr", build.number(c)) for c in _CODES]
    space: exp.Expr = build.text(" ")
    white = reduce(lambda a, b: exp.DPipe(this=a, expression=b, safe=False), codes, space)
    return build.func("trim", inputs.arg(), white)


FUNCTION = Function(
    name="trim",
    meaning=(
        "Text without the white space of ASCII at both ends: spaces, tabs, line feeds, vertical "
        "tabs, form feeds and carriage returns. Other white space stays."
    ),
    parameters=(Parameter(name="x", accepts=TEXTS),),
    returns=lambda _: TEXT,
    lower=_lower,
    words="{0} without white space at its ends",
    examples=(
        Example(args=("  a b\t\r\n",), result="a b", dtypes=(TEXT,)),
        Example(args=("\u00a0a\u00a0",), result="\u00a0a\u00a0", dtypes=(TEXT,)),
        Example(args=(" \n ",), result="", dtypes=(TEXT,)),
        Example(args=(None,), result=None, dtypes=(TEXT,)),
    ),
)
