"""``matches(x, pattern)`` and ``x matches pattern``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.text.pattern import pattern_problem
from featdsl.types.dtype import BOOL, TEXT
from featdsl.types.signature import TEXTS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    return build.func("regexp_matches", inputs.arg(0), inputs.arg(1))


FUNCTION = Function(
    name="matches",
    meaning=(
        "Whether the regular expression (RE2 syntax) matches somewhere in x: `^` and `$` tie it "
        "to the ends. Case counts, `.` is no line feed, `^` and `$` are the ends of x and not of "
        "its lines, unless the pattern says otherwise with flags: `(?i)`, `(?s)`, `(?m)`."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="pattern", accepts=TEXTS, constant=True, valid=pattern_problem),
    ),
    returns=lambda _: BOOL,
    lower=_lower,
    words="{0} matches the pattern {1}",
    examples=(
        Example(args=("xay", "a"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("xay", "^a$"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("A", "a"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("A", "(?i)a"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("a\nb", "a.b"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("a\nb", "^b"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("b\n", "b$"), result=False, dtypes=(TEXT, TEXT)),
        Example(args=("é", "^.$"), result=True, dtypes=(TEXT, TEXT)),
        Example(args=("", ""), result=True, dtypes=(TEXT, TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(TEXT, TEXT)),
    ),
)
