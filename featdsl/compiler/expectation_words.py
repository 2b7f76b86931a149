"""Expectations in plain English."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from featdsl.compiler.phrases import TooDeepError, joined, literal_words, percent, sentence, ticked
from featdsl.compiler.window_words import AS_OF
from featdsl.compiler.words import condition
from featdsl.ir import expr as ir
from featdsl.ir.program import CheckKind, Expectation
from featdsl.ir.text import canonical, name_text

_BOUNDS: Final = {
    "=": "exactly",
    "!=": "anything but",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}


def expectation_words(expectation: Expectation) -> str:
    """What an expectation asks for, in a sentence."""
    return sentence(_expected(expectation) + (" (a warning only)" if expectation.warn else ""))


def _expected(e: Expectation) -> str:
    columns = joined([ticked(name_text(c)) for c in e.columns]) if e.columns else ""
    bound = f"{_BOUNDS.get(e.op or '', e.op)} {_bound_words(e.bound)}"
    if e.op == "not between":
        bound = f"not from {_bound_words(e.bound)} to {_bound_words(e.high)}"
    match e.kind:
        case CheckKind.ROWS:
            return _row_words(e)
        case CheckKind.UNIQUE:
            return f"no two rows have the same {columns}"
        case CheckKind.ROW_COUNT:
            return f"the number of rows is {bound}"
        case CheckKind.NULL_RATE:
            return f"the share of rows without {columns} is {bound}"
        case CheckKind.FRESHNESS:
            return f"the newest visible row is {bound} older than {AS_OF}"
        case CheckKind.DISTINCT:
            return f"the number of different values of {columns} is {bound}"
        case CheckKind.AGGREGATE:
            return f"over all rows, {_condition_words(e)}{_passing(e)}"
        case CheckKind.CHANGES:
            assert e.condition is not None, "a change is one of a number"
            number = ticked(canonical(e.condition))
            return f"{number} changes, since the last published run, by {bound}"
        case CheckKind.DRIFT:
            least = bound.replace(_bound_words(e.bound), literal_words(e.bound), 1)
            return (
                f"the distribution of {columns} has moved, since the last published run, by a "
                f"population stability index of {least}"
            )
        case CheckKind.KS:
            return (
                f"the largest distance of the distribution of {columns} from that of the last "
                f"published run, of the shares of values up to any number, is {bound}"
            )


def _bound_words(value: ir.Scalar) -> str:
    return percent(value) if isinstance(value, Decimal) else literal_words(value)


def _row_words(e: Expectation) -> str:
    share = "every row" if e.allow == 0 else f"all but {percent(e.allow)} of the rows"
    return f"in {share}, {_condition_words(e)}{_passing(e)}"


def _condition_words(e: Expectation) -> str:
    try:
        return condition(e.condition).text if e.condition is not None else ticked(e.text)
    except TooDeepError:
        return ticked(e.text)


def _passing(e: Expectation) -> str:
    return "; null passes" if e.condition is None or _may_be_null(e.condition) else ""


def _may_be_null(node: ir.Expr) -> bool:
    match node:
        case ir.IsNull():
            return False
        case ir.Logical(left=left, right=right):
            return _may_be_null(left) or _may_be_null(right)
        case ir.Not(operand=operand):
            return _may_be_null(operand)
        case _:
            return node.nullable
