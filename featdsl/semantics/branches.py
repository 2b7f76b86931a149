"""`if`, `case`, `??`: values of which one is taken, so that they need one type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics.conditions import condition
from featdsl.semantics.environment import Env, error
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.casts import castable
from featdsl.types.dtype import (
    ERROR,
    MAX_DIGITS,
    NULL,
    TEXT,
    DType,
    Kind,
    common,
    decimal,
    may_take,
)


def one_type(values: Sequence[ir.Expr], span: Span, what: str, env: Env) -> DType:
    """The type that holds all values; reports where there is none."""
    dtype = NULL
    decimals = any(v.dtype.kind is Kind.DECIMAL for v in values)
    for value in values:
        both = common(dtype, _narrow(value) if decimals else value.dtype)
        if both is None:
            env.report(
                catalog.DIFFERENT_TYPES.at(
                    span, f"{what} gives {dtype} in one case and {value.dtype} in another"
                )
                .because(value.span, f"this is {value.dtype}")
                .help(f"make them one type, as with `cast(x as {_widest(dtype, value.dtype)})`")
            )
            return ERROR
        dtype = both
    return dtype if has_room(values, dtype, span, what, env) else ERROR


def _widest(first: DType, other: DType) -> DType:
    """The type that values of both can be turned into: text, where neither can into the other."""
    return first if castable(other, first) else other if castable(first, other) else TEXT


def room_made(dtype: DType, places: int) -> str:
    """The remedy where an exact number leaves no room for so many places."""
    scale = dtype.scale
    fewer = decimal(MAX_DIGITS - places + scale, scale)
    return f"{MAX_DIGITS} digits are the most: cast it to fewer, `cast(… as {fewer})`"


def has_room(values: Sequence[ir.Expr], dtype: DType, span: Span, what: str, env: Env) -> bool:
    """Whether the digits of values fit the decimal that they have in common, as types show."""
    wide = [v for v in values if dtype.kind is Kind.DECIMAL and v.dtype.is_exact]
    wide = [v for v in wide if not may_take(_narrow(v), dtype.scale)]
    for value in wide[:1]:
        env.report(
            catalog.TOO_MANY_DIGITS.at(
                span,
                f"{what} has {dtype.scale} places, and {value.dtype} leaves no room for them",
            )
            .because(value.span, f"this is {value.dtype}")
            .help(room_made(_narrow(value), dtype.scale))
        )
    return not wide


def _narrow(value: ir.Expr) -> DType:
    """The type of a value beside decimals: a literal int has the digits that are written."""
    if isinstance(value, ir.Literal) and type(value.value) is int:
        return decimal(len(str(abs(value.value))), 0)
    return value.dtype


def _if(node: nodes.If, env: Env) -> ir.Expr:
    return _conditional(node.span, [(node.condition, node.then)], node.otherwise, "`if`", env)


def _case(node: nodes.Case, env: Env) -> ir.Expr:
    branches = [(b.condition, b.value) for b in node.branches]
    return _conditional(node.span, branches, node.otherwise, "`case`", env)


def _conditional(
    span: Span,
    branches: Sequence[tuple[nodes.Expr, nodes.Expr]],
    otherwise: nodes.Expr | None,
    what: str,
    env: Env,
) -> ir.Expr:
    clause = "`if`" if what == "`if`" else "`when`"
    pairs = [(condition(c, env, clause), env.resolve(v)) for c, v in branches]
    last = None if otherwise is None else env.resolve(otherwise)
    values = [v for _, v in pairs] + ([] if last is None else [last])
    dtype = one_type(values, span, what, env)
    if dtype.is_error or any(c.dtype.is_error for c, _ in pairs):
        return error(span)
    return ir.Conditional(
        dtype=dtype,
        nullable=last is None or any(v.nullable for v in values),
        span=span,
        branches=tuple(pairs),
        otherwise=last,
    )


def coalesce(values: Sequence[ir.Expr], span: Span, what: str, env: Env) -> ir.Expr:
    """The first value that is not null."""
    dtype = one_type(values, span, what, env)
    if dtype.is_error:
        return error(span)
    return ir.Coalesce(
        dtype=dtype,
        nullable=all(v.nullable for v in values),
        span=span,
        operands=tuple(values),
    )


def double_question(node: nodes.Binary, env: Env) -> ir.Expr:
    return coalesce([env.resolve(node.left), env.resolve(node.right)], node.span, "`??`", env)


def cast(value: ir.Expr, dtype: DType, span: Span | None = None, *, safe: bool = False) -> ir.Expr:
    """The value in a type; itself where it has it."""
    if value.dtype == dtype or value.dtype.is_error or dtype.is_error:
        return value
    if isinstance(value, ir.Literal) and value.value is None:
        return ir.Literal(dtype=dtype, nullable=True, span=value.span, value=None)
    return ir.Cast(
        dtype=dtype,
        nullable=value.nullable or safe,
        span=value.span if span is None else span,
        operand=value,
        safe=safe,
    )


RESOLVERS: dict[type, Callable[[Any, Env], ir.Expr]] = {nodes.If: _if, nodes.Case: _case}
