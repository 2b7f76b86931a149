"""Typed expressions of written ones: the table of what resolves each class of the tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from featdsl.ir import expr as ir
from featdsl.semantics import across, branches, calls, conditions, literals, operators, sql_escape
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import Env, error
from featdsl.semantics.name_patterns import pattern_text
from featdsl.syntax import nodes

_BINARY: Mapping[nodes.BinaryOp, Callable[[nodes.Binary, Env], ir.Expr]] = {
    nodes.BinaryOp.AND: conditions.logical_and,
    nodes.BinaryOp.OR: conditions.logical_or,
    nodes.BinaryOp.COALESCE: branches.double_question,
}


def _binary(node: nodes.Binary, env: Env) -> ir.Expr:
    return _BINARY.get(node.op, operators.arithmetic)(node, env)


def _pattern(node: nodes.Pattern, env: Env) -> ir.Expr:
    """``spend_{c}``: the name that the loop makes of it."""
    assert isinstance(env.dollars, DollarNames)
    text = pattern_text(node, env.dollars.loops, env)
    if text is None:
        return error(node.span)
    last = nodes.Ident(span=node.span, text=text)
    return env.resolve(nodes.Name(span=node.span, parts=(*node.prefix, last)))


RESOLVERS: Mapping[type, Callable[[Any, Env], ir.Expr]] = {
    **literals.RESOLVERS,
    **conditions.RESOLVERS,
    **branches.RESOLVERS,
    **calls.RESOLVERS,
    nodes.Binary: _binary,
    nodes.Pattern: _pattern,
    nodes.Via: across.via,
    nodes.Ago: across.ago,
    **sql_escape.RESOLVERS,
}
