"""``extract(x, pattern)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.text.pattern import group_count, pattern_problem
from featdsl.types.dtype import TEXT
from featdsl.types.signature import TEXTS, Parameter


def _lower(inputs: Inputs) -> exp.Expr:
    group = 1 if group_count(inputs.text(1)) else 0
    found = build.func("regexp_extract", inputs.arg(0), inputs.arg(1), build.number(group))
    # The engine gives the empty text for no match.
    return build.case(build.func("regexp_matches", inputs.arg(0), inputs.arg(1)), found)


FUNCTION = Function(
    name="extract",
    meaning=(
        "What the regular expression (RE2 syntax, as of `matches`) matches first in x: the first "
        "group in parentheses where the pattern has one (the empty text where that took no part), "
        "else the whole match; null where there is no match."
    ),
    parameters=(
        Parameter(name="x", accepts=TEXTS),
        Parameter(name="pattern", accepts=TEXTS, constant=True, valid=pattern_problem),
    ),
    returns=lambda _: TEXT,
    lower=_lower,
    nullable=True,
    words="what {1} matches in {0}",
    examples=(
        Example(args=("order-123-45", "[0-9]+"), result="123", dtypes=(TEXT, TEXT)),
        Example(args=("order-123-45", "-([0-9]+)-([0-9]+)"), result="123", dtypes=(TEXT, TEXT)),
        Example(args=("abc", "z"), result=None, dtypes=(TEXT, TEXT)),
        Example(args=("ax", "(b)?x"), result="", dtypes=(TEXT, TEXT)),
        Example(args=("abc", "(?:a)(?P<rest>.*)"), result="bc", dtypes=(TEXT, TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(TEXT, TEXT)),
    ),
)
