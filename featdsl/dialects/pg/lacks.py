"""What Postgres cannot compute with the values that the language promises, and why."""

from __future__ import annotations

from collections.abc import Callable

from featdsl.dialects.spec import Lack
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk
from featdsl.types.dtype import Kind


def _calls(*names: str) -> Callable[[ir.Expr], bool]:
    return lambda e: isinstance(e, ir.Call) and e.function in names


def _float_rest(e: ir.Expr) -> bool:
    """``mod`` or ``//`` of which an operand is a float."""
    if isinstance(e, ir.Call):
        return e.function == "mod" and any(a.dtype.kind is Kind.FLOAT for a in e.args)
    whole = isinstance(e, ir.Arithmetic) and e.op is ir.ArithmeticOp.FLOOR_DIVIDE
    return whole and e.dtype.kind is Kind.FLOAT


def _casts(source: Callable[[ir.Expr], bool], *, to_text: bool) -> Callable[[ir.Expr], bool]:
    def used(e: ir.Expr) -> bool:
        if not isinstance(e, ir.Cast) or (e.dtype.kind is Kind.TEXT) is not to_text:
            return False
        return e.operand.dtype.kind is not e.dtype.kind and source(e.operand)

    return used


def _list_of_constants(e: ir.Expr) -> bool:
    """An aggregate that goes over a list of values, of which no column has a say."""
    if not isinstance(e, ir.Aggregate) or e.aggregate not in ("entropy", "skewness", "kurtosis"):
        return False
    return not any(isinstance(node, ir.Column) for node in walk(e.args[0]))


def _streak(e: ir.Expr) -> bool:
    return isinstance(e, ir.Aggregate) and e.aggregate in ("streak", "longest_streak")


def _nested(e: ir.Expr) -> bool:
    """A list or a map, but for the list of constants that `bucket` is given."""
    return e.dtype.is_nested and not isinstance(e, ir.ListOf)


LACKS = (
    Lack(
        shown="`sql(…)`",
        used=lambda e: isinstance(e, ir.SqlCall),
        reason="its text is SQL of DuckDB, and may mean something else there",
        remedy="leave such features out of what is compiled for it",
    ),
    Lack(
        shown="lists and maps",
        used=_nested,
        reason="featc writes no SQL for them there: it has no maps, and other functions of lists",
        remedy="leave such features out of what is compiled for it",
    ),
    Lack(
        shown="`matches` and `extract`",
        used=_calls("matches", "extract"),
        reason="its regular expressions are not those of RE2, and match other text",
        remedy="`starts_with`, `contains` and `like` are the same on every engine",
    ),
    Lack(
        shown="`streak` and `longest_streak`",
        used=_streak,
        reason="featc writes no SQL for them there: they go over lists, whose functions are others",
        remedy="leave such features out of what is compiled for it",
    ),
    Lack(
        shown="`distance`",
        used=_calls("distance"),
        reason="featc writes no SQL of angles for it",
        remedy="leave such features out of what is compiled for it",
    ),
    Lack(
        shown="`mod` and `//` of floats",
        used=_float_rest,
        reason="it has no remainder of floats",
        remedy="cast both to a decimal: remainders of decimals are exact",
    ),
    Lack(
        shown="a cast from text to another type",
        used=_casts(lambda o: o.dtype.kind is Kind.TEXT, to_text=False),
        reason="it reads other text as numbers, dates and bools than DuckDB does",
        remedy="declare the column with its type in the source",
    ),
    Lack(
        shown="a cast from float to text",
        used=_casts(lambda o: o.dtype.kind is Kind.FLOAT, to_text=True),
        reason="it writes floats with other digits than DuckDB does",
        remedy="cast to a decimal first",
    ),
    Lack(
        shown="`entropy`, `skewness` and `kurtosis` of a constant",
        used=_list_of_constants,
        reason="an aggregate over no column belongs to another query there",
    ),
)
