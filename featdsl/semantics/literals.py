"""Literals, signs before them, and what stands for a value known at compile time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics.branches import cast, one_type
from featdsl.semantics.constants import fold, negated, reads_parameter
from featdsl.semantics.environment import Env, ListValue, Place, error, literal
from featdsl.semantics.input_names import input_value
from featdsl.semantics.remedies import LISTED
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import (
    BOOL,
    DATE,
    DURATION,
    INT,
    MAX_DIGITS,
    NULL,
    TEXT,
    TIMESTAMP,
    WIDE_INT,
    DType,
    decimal,
)
from featdsl.types.duration import Duration

_INT64 = 2**63


def int_type(value: int) -> DType | None:
    """The int type of a value; None where it has too many digits."""
    if -_INT64 <= value < _INT64:
        return INT
    return WIDE_INT if abs(value) < 10**MAX_DIGITS else None


def decimal_type(value: Decimal) -> DType | None:
    """The narrowest decimal type of a value with its digits as written."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "literals are finite"
    scale = max(0, -exponent)
    precision = max(len(digits) + max(0, exponent), scale, 1)
    return decimal(precision, scale) if precision <= MAX_DIGITS else None


def _int(node: nodes.IntLit, env: Env, *, sign: int = 1) -> ir.Expr:
    dtype = int_type(sign * node.value)
    if dtype != INT:
        return _too_large(node.span, "an int", "64 bits", env)
    return literal(sign * node.value, dtype, node.span)


def _decimal(node: nodes.DecimalLit | nodes.PercentLit, env: Env) -> ir.Expr:
    dtype = decimal_type(node.value)
    if dtype is None:
        return _too_large(node.span, "a decimal", f"{MAX_DIGITS} digits", env)
    return literal(node.value, dtype, node.span)


def _too_large(span: Span, what: str, limit: str, env: Env) -> ir.Expr:
    env.report(
        catalog.TOO_MANY_DIGITS.at(span, f"the number is too large: {what} holds {limit}").help(
            'a code that is not calculated with is text: `"…"`'
        )
    )
    return error(span)


def _instant(node: nodes.InstantLit, _: Env) -> ir.Expr:
    if node.date_only:
        return literal(node.value.date(), DATE, node.span)
    return literal(node.value.replace(tzinfo=None), TIMESTAMP, node.span)


def _unary(node: nodes.Unary, env: Env) -> ir.Expr:
    if node.op is nodes.UnaryOp.NEG and isinstance(node.operand, nodes.IntLit):
        value = _int(node.operand, env, sign=-1)
        return ir.Literal(
            dtype=value.dtype, nullable=False, span=node.span, value=getattr(value, "value", None)
        )
    operand = env.resolve(node.operand)
    if operand.dtype.is_error:
        return error(node.span)
    if not operand.dtype.is_numeric and operand.dtype != DURATION:
        env.report(
            catalog.OPERAND_TYPE.at(
                node.span, f"`{node.op}` needs a number, this is {operand.dtype}"
            )
        )
        return error(node.span)
    if node.op is nodes.UnaryOp.POS:
        return operand
    if isinstance(operand, ir.Literal) and isinstance(operand.value, int | Decimal):
        if operand.dtype == INT and operand.value == -_INT64:
            return _too_large(node.span, "an int", "64 bits", env)
        return literal(negated(operand.value), operand.dtype, node.span)
    return ir.Negate(
        dtype=operand.dtype, nullable=operand.nullable, span=node.span, operand=operand
    )


def _duration(node: nodes.DurationLit, env: Env) -> ir.Expr:
    return _fixed(literal(node.value, DURATION, node.span), env)


def is_calendar(e: ir.Expr) -> bool:
    """Whether a value is a length that the calendar decides: months, quarters, years."""
    return isinstance(e, ir.Literal) and isinstance(e.value, Duration) and e.value.is_calendar


def _fixed(value: ir.Expr, env: Env) -> ir.Expr:
    """A length of time that is calculated with must be the same everywhere."""
    if env.place is Place.CONSTANT or not is_calendar(value):
        return value
    report_calendar(value, env)
    return error(value.span)


def report_calendar(value: ir.Expr, env: Env) -> None:
    assert isinstance(value, ir.Literal)
    env.report(
        catalog.CALENDAR_LENGTH.at(
            value.span, f"`{value.value}` has no fixed length: months and years differ"
        )
        .help("write days: `30d`, `365d`")
        .help("calendar lengths are windows, and move a time: `t - 1month`")
    )


def moving(node: nodes.Expr, env: Env) -> ir.Expr:
    """A side of a sum, where a calendar length may stand beside a time."""
    match node:
        case nodes.DurationLit():
            return literal(node.value, DURATION, node.span)
        case nodes.ParamRef():
            return _value(node, env)
    return env.resolve(node)


def _param(node: nodes.ParamRef, env: Env) -> ir.Expr:
    return _fixed(_value(node, env), env)


def _value(node: nodes.ParamRef, env: Env) -> ir.Expr:
    value = env.dollars.resolve(node.name, node.span, env)
    if value is None:
        return error(node.span)
    if isinstance(value, ListValue):
        env.report(
            catalog.NOT_A_LIST_PLACE.at(
                node.span, f"`${node.name}` is a list, and one value is needed here"
            ).help(f"lists stand after `in`: `x in ${node.name}`, or in `for … in ${node.name}`")
        )
        return error(node.span)
    return value


def _list(node: nodes.ListExpr, env: Env) -> ir.Expr:
    env.report(
        catalog.NOT_A_LIST_PLACE.at(node.span, "a list is written where one value is needed").help(
            "lists stand after `in`, in `const`, `for`, and where a function asks for one"
        )
    )
    return error(node.span)


LIST_ITEMS = 10_000
"""Items that a list in a text may have."""


def list_items(node: nodes.ListExpr, env: Env) -> ListValue | None:
    """A list of constants of one type; None where it was reported."""
    if len(node.items) > LIST_ITEMS:
        env.report(
            catalog.TOO_LONG.at(
                node.items[LIST_ITEMS].span,
                f"a list has {len(node.items):,} items, {LIST_ITEMS:,} are the most",
            ).help("what is longer is data: a source, joined in a view")
        )
        return None
    items = [env.resolve(i) for i in node.items]
    if any(i.dtype.is_error for i in items):
        return None
    if not items:
        env.report(catalog.EMPTY_LIST.at(node.span, "the list is empty").help(LISTED))
        return None
    known = [fold(i) for i in items]
    dtype = one_type(items, node.span, "the list", env)
    if dtype.is_error:
        return None
    typed: list[ir.Literal | ir.Param] = []
    for item, value in zip(items, known, strict=True):
        if value is None:
            env.report(
                catalog.NOT_CONSTANT.at(item.span, "the items of this list must be constants")
            )
            return None
        wide = fold(cast(value, dtype)) if dtype.is_numeric else value
        held = value if wide is None else wide
        if isinstance(item, ir.Param):
            # It keeps its name: a run may give it another value.
            typed.append(replace(item, dtype=held.dtype, value=held.value))
        else:
            typed.append(replace(held, of=item) if reads_parameter(item) else held)
    return ListValue(tuple(typed), node.span)


RESOLVERS: dict[type, Callable[[Any, Env], ir.Expr]] = {
    nodes.IntLit: _int,
    nodes.DecimalLit: _decimal,
    nodes.PercentLit: _decimal,
    nodes.StringLit: lambda n, _: literal(n.value, TEXT, n.span),
    nodes.BoolLit: lambda n, _: literal(n.value, BOOL, n.span),
    nodes.NullLit: lambda n, _: literal(None, NULL, n.span),
    nodes.DurationLit: _duration,
    nodes.InstantLit: _instant,
    nodes.Unary: _unary,
    nodes.ParamRef: _param,
    nodes.ListExpr: _list,
    nodes.Name: lambda n, env: input_value(n, env) or env.names.resolve(n, env),
}
