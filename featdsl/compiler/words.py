"""Expressions, windows and conditions in plain English.

Names and code stand in backticks. What cannot be said in a few words without becoming
ambiguous is shown as canonical text: a phrase may be plain, never wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.across_words import Across, across_words
from featdsl.compiler.phrases import (
    Hold,
    Phrase,
    TooDeepError,
    duration_words,
    joined,
    literal_words,
    ticked,
)
from featdsl.compiler.window_words import AS_OF, over_words
from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.ir.refs import row_aggregates
from featdsl.ir.text import canonical
from featdsl.ir.visit import keys_written, walk
from featdsl.types.dtype import Kind

_DEEPEST: Final = 3
_LONGEST: Final = 6
_WHETHER: Final = "whether "
_OPTIONAL: Final = re.compile(r"\[([^\]]*)\]")
_COMPARES: Final = {
    ir.CompareOp.EQ: "is",
    ir.CompareOp.NE: "is not",
    ir.CompareOp.LT: "is less than",
    ir.CompareOp.LE: "is at most",
    ir.CompareOp.GT: "is more than",
    ir.CompareOp.GE: "is at least",
}
_COMPARES_TIMES: Final = {
    ir.CompareOp.EQ: "is",
    ir.CompareOp.NE: "is not",
    ir.CompareOp.LT: "is before",
    ir.CompareOp.LE: "is not after",
    ir.CompareOp.GT: "is after",
    ir.CompareOp.GE: "is not before",
}
_ARITHMETIC: Final = {
    ir.ArithmeticOp.ADD: "plus",
    ir.ArithmeticOp.SUBTRACT: "minus",
    ir.ArithmeticOp.MULTIPLY: "times",
    ir.ArithmeticOp.DIVIDE: "divided by",
    ir.ArithmeticOp.FLOOR_DIVIDE: "divided, rounding down, by",
}


def is_row_level(node: ir.Expr) -> bool:
    """Whether it speaks of one row only: no aggregate, no feature in it."""
    of_keys = ir.Aggregate | ir.FeatureRef | ir.InputRef | ir.Ago | ir.Among
    return not any(isinstance(n, of_keys) for n in walk(node))


def shared_window(node: ir.Expr) -> ir.AnyWindow | None:
    """The one window that all aggregates in an expression read; None where they differ."""
    windows = {n.window for n in row_aggregates(node)}
    return windows.pop() if len(windows) == 1 else None


def noun(node: ir.Expr, shared: ir.AnyWindow | None = None, depth: int = 0) -> Phrase:
    """What an expression is, as a noun phrase; the `shared` window is said elsewhere.

    Raises:
        TooDeepError: brackets within brackets within brackets.
    """
    match node:
        case ir.Literal(of=of) if of is not None:
            return Phrase(ticked(canonical(of)))
        case ir.Literal(value=value):
            return Phrase(literal_words(value))
        case ir.Previous(operand=operand, n=n, given=given):
            ago = "of the row before" if n == 1 else f"of the row {n} before"
            if given is not None:
                ago = f"of the row {ticked(canonical(given))} before"
            return Phrase(f"{noun(operand, shared, depth + 1).within()} {ago}")
        case ir.Session(gap=gap, given=given):
            pause = duration_words(gap) if given is None else ticked(canonical(given))
            return Phrase(f"the session (it ends with a pause of {pause} or more)")
        case ir.ListOf() | ir.Param() | ir.Column() | ir.InputRef() | ir.AsOf() | ir.FeatureRef():
            return Phrase(AS_OF if isinstance(node, ir.AsOf) else ticked(canonical(node)))
        case _ if depth > _DEEPEST:
            raise TooDeepError
        case ir.Aggregate():
            return _aggregate(node, shared, depth)
        case ir.Via() | ir.Ago() | ir.Among():
            return Phrase(_across(node, shared, depth), Hold.CLAUSE)
        case _ if is_row_level(node):
            return Phrase(ticked(canonical(node)))
        case ir.Call(dtype=dtype):
            call = _call(node, shared, depth)
            is_condition = dtype.kind is Kind.BOOL
            return Phrase(f"whether {call.text}", Hold.LOOSE) if is_condition else call
        case ir.SqlCall(written=written, names=names, args=args):
            named = [
                f"{ticked(n)} {noun(a, shared, depth + 1).within()}"
                for n, a in zip(names, args, strict=True)
            ]
            with_args = f" with {joined(named)}" if named else ""
            return Phrase(f"the SQL {ticked(written)}{with_args}", Hold.LOOSE)
        case ir.Arithmetic(op=op, left=left, right=right):
            a, b = noun(left, shared, depth + 1), noun(right, shared, depth + 1)
            comma = "," if a.hold is Hold.CLAUSE else ""
            said = f"{a.within(Hold.CLAUSE)}{comma} {_ARITHMETIC[op]} {b.within(Hold.CLAUSE)}"
            return Phrase(said, Hold.LOOSE)
        case ir.Negate(operand=operand):
            return Phrase(f"minus {noun(operand, shared, depth + 1).within()}", Hold.LOOSE)
        case ir.Cast(operand=operand, dtype=dtype):
            inner = noun(operand, shared, depth + 1)
            if depth == 0 and inner.hold is Hold.CLAUSE:
                return Phrase(f"{inner.text}, as {ticked(str(dtype))}", Hold.LOOSE)
            return Phrase(f"{inner.within()} as {ticked(str(dtype))}", Hold.LOOSE)
        case ir.Coalesce(operands=operands):
            parts = [noun(o, shared, depth + 1).within() for o in operands]
            return Phrase(" or, where that is null, ".join(parts), Hold.LOOSE)
        case ir.Conditional():
            return _conditional(node, shared, depth)
        case _:
            return Phrase(f"whether {condition(node, shared, depth + 1).text}", Hold.LOOSE)


def _conditional(node: ir.Conditional, shared: ir.AnyWindow | None, depth: int) -> Phrase:
    parts = [
        f"{noun(v, shared, depth + 1).within()} if {condition(c, shared, depth + 1).text}"
        for c, v in node.branches
    ]
    last = "null" if node.otherwise is None else noun(node.otherwise, shared, depth + 1).within()
    return Phrase(f"{'; '.join(parts)}; otherwise {last}", Hold.LOOSE)


def _across(node: Across, shared: ir.AnyWindow | None, depth: int) -> str:
    return across_words(
        node,
        AS_OF,
        duration=duration_words,
        said=lambda e: noun(e, shared, depth + 1).within(),
        measured=_measure,
        where=lambda e: condition(e).text,
    )


def _aggregate(node: ir.Aggregate, shared: ir.AnyWindow | None, depth: int) -> Phrase:
    node = keys_written(node)
    text = _measure(node)
    clauses = "" if node.by is None else f" for each {noun(node.by).within()}"
    clauses += _rows_clause(node, text) if node.groups is None else _groups_clause(node, depth)
    if node.window is not None and node.window != shared:
        clauses += f" {over_words(node.window)}"
    if node.default is not None:
        clauses += f" ({noun(node.default, shared, depth + 1).text} where null)"
    if text.startswith(_WHETHER):
        return Phrase(text + clauses, Hold.LOOSE)
    return Phrase(text + clauses, Hold.CLAUSE if clauses or " where " in text else Hold.FIRM)


def _rows_clause(node: ir.Aggregate, measure: str) -> str:
    """Which rows count."""
    # "share of rows where late among rows where rough"
    where = " among rows where" if " where " in measure else " where"
    clause = "" if node.where is None else f"{where} {condition(node.where).text}"
    if node.after is None:
        return clause
    then = f", and of these where {condition(node.after).text}"
    return clause + then if clause else f"{where} {condition(node.after).text}"


def _groups_clause(node: ir.Aggregate, depth: int) -> str:
    """Which groups count, and of which rows they are made."""
    assert node.groups is not None
    asked = node.groups.where
    which = "" if asked is None else f" where {condition(asked, None, depth + 1).text}"
    keys = joined(noun(k).within() for k in node.groups.keys)
    rows = _rows_clause(node, "")
    return f"{which} (rows{rows}{',' if rows else ''} grouped by {keys})"


def _measure(node: ir.Aggregate) -> str:
    """What an aggregate measures, without its clauses."""
    if node.aggregate == ir.ROW_VALUE:
        return noun(node.args[0]).text
    known = aggregates().get(node.aggregate)
    if known is not None and known.words is not None:
        words = known.words
        if node.groups is not None:
            words = words.replace("rows", "groups").replace("a row", "a group")
        said = _filled(words, [_argument(a, None, 0) for a in node.args])
        if said is not None:
            return said
    bare = replace(node, where=None, after=None, groups=None, window=None, default=None, by=None)
    return ticked(canonical(bare))


def _call(node: ir.Call, shared: ir.AnyWindow | None, depth: int) -> Phrase:
    known = functions().get(node.function)
    if known is None or known.words is None:
        raise TooDeepError
    said = _filled(known.words, [_argument(a, shared, depth) for a in node.args])
    if said is None:
        raise TooDeepError
    return Phrase(said)


def _argument(node: ir.Expr, shared: ir.AnyWindow | None, depth: int) -> str:
    if node.dtype.kind is Kind.BOOL and not isinstance(node, ir.Literal):
        return condition(node).text
    return noun(node, shared, depth + 1).within()


def _filled(template: str, args: list[str]) -> str | None:
    """Fill ``"number of rows[ with a known {0}]"``; brackets without their argument go away.

    None where the words do not speak of every argument: part of the truth would be wrong.
    """
    if {int(n) for n in re.findall(r"\{(\d+)\}", template)} < set(range(len(args))):
        return None

    def optional(part: re.Match[str]) -> str:
        missing = any(int(n) >= len(args) for n in re.findall(r"\{(\d+)\}", part[1]))
        return "" if missing else part[1]

    return _OPTIONAL.sub(optional, template).format(*args)


def condition(node: ir.Expr, shared: ir.AnyWindow | None = None, depth: int = 0) -> Phrase:
    """A condition as what follows "where" or "if".

    Raises:
        TooDeepError: of values of features, nested so deeply that words would confuse.
    """
    try:
        return _condition(node, shared, depth)
    except TooDeepError:
        if is_row_level(node):
            return Phrase(ticked(canonical(node)))
        raise


def _condition(node: ir.Expr, shared: ir.AnyWindow | None, depth: int) -> Phrase:
    if depth > _DEEPEST:
        raise TooDeepError

    def said(operand: ir.Expr) -> str:
        return noun(operand, shared, depth + 1).within()

    match node:
        case ir.Logical(op=op):
            return _logical(node, op, shared, depth)
        case ir.Not(operand=operand):
            return Phrase(f"not {_condition(operand, shared, depth + 1).within()}", Hold.LOOSE)
        case ir.Compare(op=op, left=left, right=right):
            words = _COMPARES_TIMES if left.dtype.is_temporal else _COMPARES
            return Phrase(f"{said(left)} {words[op]} {said(right)}", Hold.LOOSE)
        case ir.IsNull(operand=operand, negated=negated):
            return Phrase(f"{said(operand)} is {'not ' if negated else ''}missing", Hold.LOOSE)
        case ir.InList(operand=operand, items=items, negated=negated):
            if len(items) > _LONGEST:
                raise TooDeepError
            one = "none" if negated else "one"
            listed = joined(map(said, items), "or") if items else "no values"
            return Phrase(f"{said(operand)} is {one} of {listed}", Hold.LOOSE)
        case ir.Between(operand=operand, low=low, high=high, negated=negated):
            lies = "does not lie" if negated else "lies"
            ends = f"between {said(low)} and {said(high)} (both included)"
            return Phrase(f"{said(operand)} {lies} {ends}", Hold.LOOSE)
        case ir.Like(operand=operand, pattern=pattern, negated=negated):
            matches = "does not match" if negated else "matches"
            return Phrase(f"{said(operand)} {matches} the pattern {said(pattern)}", Hold.LOOSE)
        case ir.Call() if not is_row_level(node):
            return Phrase(_call(node, shared, depth + 1).text, Hold.LOOSE)
        case _:
            phrase = noun(node, shared, depth + 1)
            if phrase.text.startswith(_WHETHER):
                return Phrase(phrase.text.removeprefix(_WHETHER), Hold.LOOSE)
            return phrase


def _logical(node: ir.Logical, op: ir.LogicalOp, shared: ir.AnyWindow | None, depth: int) -> Phrase:
    parts = list(_operands(node, op))
    if len(parts) > _LONGEST:
        raise TooDeepError
    said = []
    for part in parts:
        phrase = _condition(part, shared, depth + 1)
        said.append(phrase.within() if isinstance(part, ir.Logical) else phrase.text)
    return Phrase(f" {op.value} ".join(said), Hold.LOOSE)


def _operands(node: ir.Expr, op: ir.LogicalOp) -> Iterable[ir.Expr]:
    if isinstance(node, ir.Logical) and node.op is op:
        yield from _operands(node.left, op)
        yield from _operands(node.right, op)
    else:
        yield node
