"""Comparisons, `and or not`, `in`, `between`, `like`, `matches`, `is null`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.semantics.environment import Env, ListValue, error
from featdsl.semantics.names import called, declared
from featdsl.semantics.remedies import LISTED
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, TEXT, DType, Kind, common

_UNORDERED = frozenset({Kind.LIST, Kind.MAP})


def condition(node: nodes.Expr, env: Env, clause: str) -> ir.Expr:
    """An expression that must be a condition; `clause` names it in the message."""
    value = env.resolve(node)
    if value.dtype.kind in (Kind.BOOL, Kind.NULL, Kind.ERROR):
        return value
    found = catalog.NOT_A_CONDITION.at(
        node.span, f"{clause} needs a condition, {called(value)} is {value.dtype}"
    ).because(declared(value, env), "declared here")
    found = found.help("compare it: `x = …`, `x > 0`, `x is not null`")
    if clause == "`or`":
        found = found.help("for a value in place of null, write `x ?? 0`")
    env.report(found)
    return error(node.span)


def _compare(node: nodes.Compare, env: Env) -> ir.Expr:
    left, right = env.resolve(node.left), env.resolve(node.right)
    if not alike([left, right], node.span, f"`{node.op}`", env):
        return error(node.span)
    return ir.Compare(
        dtype=BOOL,
        nullable=left.nullable or right.nullable,
        span=node.span,
        op=ir.CompareOp(node.op.value),
        left=left,
        right=right,
    )


def alike(values: Sequence[ir.Expr], span: Span, what: str, env: Env) -> bool:
    """Whether values can be compared with the first; reports the first that cannot."""
    if any(v.dtype.is_error for v in values):
        return False
    first = values[0].dtype
    for other in values[1:]:
        both = common(first, other.dtype)
        if both is None or both.kind in _UNORDERED:
            env.report(_incomparable(first, other.dtype, span, what))
            return False
    return True


def _incomparable(a: DType, b: DType, span: Span, what: str) -> Any:
    found = catalog.INCOMPARABLE.at(span, f"{what} cannot compare {a} with {b}")
    kinds = {a.kind, b.kind}
    if Kind.TEXT in kinds and (a.is_temporal or b.is_temporal):
        return found.help("an instant is written `@2024-01-03` or `@2024-01-03T10:00:00`")
    if Kind.TEXT in kinds and (a.is_numeric or b.is_numeric):
        return found.help("numbers have no quotes; a text is turned with `cast(x as int)`")
    if Kind.BOOL in kinds and (a.is_numeric or b.is_numeric or Kind.TEXT in kinds):
        return found.help(
            "a condition is `true` or `false`, and stands alone: `where premium`, "
            "`where not premium`"
        )
    if (a.is_temporal or b.is_temporal) and (a.is_numeric or b.is_numeric):
        return found.help("an instant is written `@2024-01-03` or `@2024-01-03T10:00:00`")
    if Kind.DURATION in kinds and (a.is_temporal or b.is_temporal):
        return found.help(
            "rows of the last days are a window, `over 7d`; a length of time is compared with a "
            "difference: `as_of - x < 7d`"
        )
    if Kind.DURATION in kinds and (a.is_numeric or b.is_numeric):
        return found.help("a length of time has a unit: `30d`, `2h`")
    return found


def _logic(op: ir.LogicalOp) -> Callable[[nodes.Binary, Env], ir.Expr]:
    def resolve(node: nodes.Binary, env: Env) -> ir.Expr:
        left = condition(node.left, env, f"`{op}`")
        right = condition(node.right, env, f"`{op}`")
        if left.dtype.is_error or right.dtype.is_error:
            return error(node.span)
        return ir.Logical(
            dtype=BOOL,
            nullable=left.nullable or right.nullable,
            span=node.span,
            op=op,
            left=left,
            right=right,
        )

    return resolve


logical_and = _logic(ir.LogicalOp.AND)
logical_or = _logic(ir.LogicalOp.OR)


def both(*conditions: ir.Expr | None) -> ir.Expr | None:
    """All of them, as one; None of none."""
    present = [c for c in conditions if c is not None]
    if len(present) < 2:
        return present[0] if present else None
    # Halves, so that a hundred conditions are no hundred levels.
    middle = (len(present) + 1) // 2
    left, right = both(*present[:middle]), both(*present[middle:])
    assert left is not None and right is not None
    return ir.Logical(
        dtype=BOOL,
        nullable=left.nullable or right.nullable,
        span=right.span,
        op=ir.LogicalOp.AND,
        left=left,
        right=right,
    )


def _not(node: nodes.Not, env: Env) -> ir.Expr:
    operand = condition(node.operand, env, "`not`")
    if operand.dtype.is_error:
        return error(node.span)
    return negated(operand, node.span)


def negated(operand: ir.Expr, span: Span) -> ir.Expr:
    return ir.Not(dtype=BOOL, nullable=operand.nullable, span=span, operand=operand)


def _is_null(node: nodes.IsNull, env: Env) -> ir.Expr:
    operand = env.resolve(node.operand)
    if operand.dtype.is_error:
        return error(node.span)
    return ir.IsNull(
        dtype=BOOL, nullable=False, span=node.span, operand=operand, negated=node.negated
    )


def _in(node: nodes.In, env: Env) -> ir.Expr:
    if not isinstance(node.options, nodes.ListExpr | nodes.ParamRef):
        return _in_value(node, env)
    operand = env.resolve(node.operand)
    items = _options(node, env)
    if items is None or not alike([operand, *items], node.span, "`in`", env):
        return error(node.span)
    return ir.InList(
        dtype=BOOL,
        nullable=operand.nullable or any(i.nullable for i in items),
        span=node.span,
        operand=operand,
        items=tuple(items),
        negated=node.negated,
    )


def _in_value(node: nodes.In, env: Env) -> ir.Expr:
    """``x in tags`` is ``contains(tags, x)``."""
    held = env.resolve(node.options)
    if held.dtype.is_error:
        return error(node.span)
    if held.dtype.kind is not Kind.LIST:
        env.report(_no_list(node.options, held, env))
        return error(node.span)
    operand = env.resolve(node.operand)
    if not alike([operand, _item(held)], node.span, "`in`", env):
        return error(node.span)
    value = ir.Call(
        dtype=BOOL,
        nullable=operand.nullable or held.nullable,
        span=node.span,
        function="contains",
        args=(held, operand),
    )
    return negated(value, node.span) if node.negated else value


def _no_list(options: nodes.Expr, held: ir.Expr, env: Env) -> Diagnostic:
    text = env.texts.slice(options.span)
    if held.dtype.kind is Kind.NULL:
        found = catalog.NOT_A_LIST.at(options.span, "`in` needs a list, this is null")
        return found.help("ask for null with `is null`")
    if isinstance(held, ir.Literal):
        value = text.strip("() ")
        found = catalog.ROUND_LIST.at(options.span, "a list stands in square brackets")
        return found.help(f"write `in [{value}]`, or `= {value}`")
    found = catalog.NOT_A_LIST.at(
        options.span, f"`in` needs a list, {called(held)} is {held.dtype}"
    ).because(declared(held, env), "declared here")
    return found.help(f"compare with one value: `= {text}`")


def _item(held: ir.Expr) -> ir.Expr:
    """Stands for an item of a list."""
    return ir.Literal(dtype=held.dtype.items[0], nullable=True, span=held.span, value=None)


def _options(node: nodes.In, env: Env) -> list[ir.Expr] | None:
    options = node.options
    if isinstance(options, nodes.ListExpr):
        if not options.items:
            env.report(
                catalog.EMPTY_LIST.at(options.span, "the list after `in` is empty").help(LISTED)
            )
            return None
        return [env.resolve(i) for i in options.items]
    assert isinstance(options, nodes.ParamRef), "names are columns or features"
    value = env.dollars.resolve(options.name, options.span, env)
    if value is None:
        return None
    if not isinstance(value, ListValue):
        env.report(
            catalog.NOT_A_LIST.at(
                options.span, f"`in` needs a list, `${options.name}` is {value.dtype}"
            ).help(f"compare with one value: `= ${options.name}`")
        )
        return None
    if not value.items:
        env.report(
            catalog.EMPTY_LIST.at(options.span, f"the list `${options.name}` is empty").help(LISTED)
        )
        return None
    return list(value.items)


def _between(node: nodes.Between, env: Env) -> ir.Expr:
    operand, low, high = (env.resolve(n) for n in (node.operand, node.low, node.high))
    if not alike([operand, low, high], node.span, "`between`", env):
        return error(node.span)
    return ir.Between(
        dtype=BOOL,
        nullable=operand.nullable or low.nullable or high.nullable,
        span=node.span,
        operand=operand,
        low=low,
        high=high,
        negated=node.negated,
    )


def _texts(node: nodes.Like | nodes.Matches, word: str, env: Env) -> list[ir.Expr] | None:
    sides = [env.resolve(node.operand), env.resolve(node.pattern)]
    for side in sides:
        if side.dtype.is_error:
            return None
        if side.dtype != TEXT:
            env.report(
                catalog.OPERAND_TYPE.at(side.span, f"`{word}` needs text, this is {side.dtype}")
            )
            return None
    return sides


def _like(node: nodes.Like, env: Env) -> ir.Expr:
    sides = _texts(node, "like", env)
    if sides is None:
        return error(node.span)
    return ir.Like(
        dtype=BOOL,
        nullable=any(s.nullable for s in sides),
        span=node.span,
        operand=sides[0],
        pattern=sides[1],
        negated=node.negated,
    )


def _matches(node: nodes.Matches, env: Env) -> ir.Expr:
    if "matches" not in functions():
        env.report.unsupported(node.span, "`matches`", "use `like`, with `%` for any text")
        return error(node.span)
    arguments = tuple(nodes.Arg(span=a.span, value=a) for a in (node.operand, node.pattern))
    word = nodes.Name(span=node.span, parts=(nodes.Ident(span=node.span, text="matches"),))
    found = env.resolve(nodes.Call(span=node.span, func=word, args=arguments))
    return negated(found, node.span) if node.negated and not found.dtype.is_error else found


RESOLVERS: dict[type, Callable[[Any, Env], ir.Expr]] = {
    nodes.Compare: _compare,
    nodes.IsNull: _is_null,
    nodes.In: _in,
    nodes.Between: _between,
    nodes.Like: _like,
    nodes.Matches: _matches,
    nodes.Not: _not,
}
