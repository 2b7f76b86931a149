"""What a kind of expectation is: what it measures, and when it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from featdsl.ir.program import CheckKind, Expectation
from featdsl.text.amounts import count

ROWS = "rows"
"""The measure that every set has: how many rows it holds."""

BEFORE = "before"
"""The measure of sets that are compared with the last published run: what that run kept."""

Measured = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a run keeps of a set for the next one.

    ``value`` is a number as text, or null. ``edges`` and ``counts`` are a distribution: of
    numbers the upper ends of bins, of texts and truths the values that have a bin of their own;
    then the rows of each bin, those above or other, and those without a value.
    """

    value: str | None = None
    edges: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a check is lowered from: SQL over the rows of the set.

    ``column`` gives a column of the set. ``condition`` is the expectation's own, lowered.
    ``time`` is the time of a row that is visible at the as-of time, else null; None where the
    set has no time. ``rows`` is true for the rows of the set; None where all are. ``parts`` are
    the aggregates of the condition by their text, of rows of the set. ``before`` is what the last
    published run kept, if one did.
    """

    column: Callable[[str], exp.Expr]
    as_of: exp.Expr
    condition: exp.Expr | None = None
    time: exp.Expr | None = None
    rows: exp.Expr | None = None
    parts: Mapping[str, exp.Expr] = field(default_factory=dict)
    before: Kept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an expectation holds; ``measured`` says in words what was found.

    ``failing`` counts the rows that fail, where rows can.
    """

    passed: bool
    measured: str
    failing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One kind.

    ``measures`` are aggregates over the set, by name. ``distinct`` names columns that must tell
    rows apart: the engine counts the rows that share theirs with another, ``duplicates``.
    ``failing`` is true for the rows to show as samples. ``judge`` gets the measures, `ROWS` and
    ``duplicates`` among them, `BEFORE` where the kind compares with the last published run:
    ``compares``. Measures are taken over the rows of the set by whoever asks for them, but those
    of kinds that are ``whole``: they hold aggregates that are already.
    """

    name: CheckKind
    meaning: str
    judge: Callable[[Expectation, Measured], Verdict]
    measures: Callable[[Expectation, Inputs], Mapping[str, exp.Expr]] = lambda e, i: {}
    distinct: Callable[[Expectation], tuple[str, ...]] = lambda e: ()
    failing: Callable[[Expectation, Inputs], exp.Expr | None] = lambda e, i: None
    compares: bool = False
    whole: bool = False


def holds(value: Any, e: Expectation, to: Callable[[Any], Any] = lambda bound: bound) -> bool:
    """Whether a measure is what an expectation asks for; ``to`` makes bounds comparable."""
    if e.op == "not between":
        return not to(e.bound) <= value <= to(e.high)
    return compare(value, e.op, to(e.bound))


def show(value: Any) -> str:
    """A measured value in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.6g}"
        case _:
            return str(value)


def compare(left: Any, op: str | None, right: Any) -> bool:
    """``left op right`` for the comparison operators of the language."""
    match op:
        case "=":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case ">=":
            return bool(left >= right)
    raise AssertionError(f"no comparison: {op}")


def share(part: int, whole: int) -> str:
    """``3 of 1,000 rows (0.3%)``."""
    rows = f"{part:,} of {count(whole, 'row')}"
    if not whole:
        return rows
    percent = 100 * part / whole
    shown = f"{percent:.3g}" if part in (0, whole) or percent >= 0.001 else "<0.001"
    return f"{rows} ({shown}%)"
