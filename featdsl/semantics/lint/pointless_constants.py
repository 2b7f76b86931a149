"""Constants that leave nothing: a divisor of 0, bounds of which the lower is above the upper."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.ir.visit import walk
from featdsl.semantics.constants import fold
from featdsl.semantics.lint.subject import Subject
from featdsl.text.span import Span
from featdsl.types.duration import Duration

_DIVIDES = frozenset({ir.ArithmeticOp.DIVIDE, ir.ArithmeticOp.FLOOR_DIVIDE})


def zero_divisor(subject: Subject) -> None:
    """What is divided by 0 is null in every row, whatever the data hold."""
    for expression in subject.expressions():
        for at in walk(expression):
            match at:
                case ir.Arithmetic(op=op, right=right) if op in _DIVIDES and _is_zero(right):
                    _report_zero(f"`{op}`", right, at.span, subject)
                case ir.Call(function="mod", args=(_, right)) if _is_zero(right):
                    _report_zero("`mod`", right, at.span, subject)


def crossed_bounds(subject: Subject) -> None:
    """Nothing lies between 5 and 1, and what is kept between them is 1 always."""
    for expression in subject.expressions():
        for at in walk(expression):
            match at:
                case ir.Between(low=low, high=high, negated=negated) if _crossed(low, high):
                    outcome = "everything lies outside" if negated else "nothing lies between"
                    _report_crossed(low, high, outcome, at.span, subject)
                case ir.Call(function="clip", args=(_, low, high)) if _crossed(low, high):
                    _report_crossed(low, high, "every value becomes the upper", at.span, subject)


def _is_zero(divisor: ir.Expr) -> bool:
    known = fold(divisor)
    value = None if known is None else known.value
    if isinstance(value, Duration):
        return value.amount == 0
    return value is not None and not isinstance(value, bool) and value == 0


def _crossed(low: ir.Expr, high: ir.Expr) -> bool:
    a, b = (_comparable(fold(end)) for end in (low, high))
    return a is not None and b is not None and bool(a > b)


def _comparable(constant: ir.Literal | None) -> Any:
    """What a constant is compared by; None where only a run tells."""
    match constant:
        case None | ir.Literal(value=tuple()):
            return None
        case ir.Literal(value=Duration() as length):
            return None if length.is_calendar else length.micros
        case ir.Literal(value=date() as day) if not isinstance(day, datetime):
            return datetime(day.year, day.month, day.day)
    return constant.value


def _report_zero(what: str, divisor: ir.Expr, span: Span, subject: Subject) -> None:
    found = catalog.ZERO_DIVISOR.at(span, f"{what} by 0 is null, always")
    remedy = "divide by what was meant: a column, or another number"
    subject.report(found.because(divisor.span, "this is 0").help(remedy))


def _report_crossed(
    low: ir.Expr, high: ir.Expr, outcome: str, span: Span, subject: Subject
) -> None:
    first, second = canonical(low), canonical(high)
    message = f"the lower bound {first} is above the upper {second}: {outcome}"
    found = catalog.CROSSED_BOUNDS.at(span, message)
    subject.report(found.help(f"the lower comes first: {second}, then {first}"))
