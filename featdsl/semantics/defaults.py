"""The default of an aggregate's call: a constant that takes the place of its null."""

from __future__ import annotations

from featdsl.aggregates.spec import Aggregate
from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics.branches import cast, one_type
from featdsl.semantics.constants import fold, reads_parameter
from featdsl.semantics.environment import Env, Place
from featdsl.semantics.names import NoNames
from featdsl.syntax import nodes
from featdsl.types.dtype import DType


def default_of(
    node: nodes.Call, dtype: DType, spec: Aggregate, env: Env
) -> tuple[ir.Expr | None, DType]:
    """The default, in the type of the call; a wider default widens it."""
    if node.default is None:
        return None, dtype
    at = env.moved(place=Place.CONSTANT, names=NoNames(), aggregates=None, as_of=False)
    value = at.resolve(node.default)
    if value.dtype.is_error:
        return None, value.dtype
    known = fold(value)
    if known is None:
        env.report(
            catalog.NOT_CONSTANT.at(
                node.default.span, f"the default of `{spec.name}` must be a constant"
            ).help("after the feature, `default` may be any value: `x = sum(y) default z`")
        )
        return None, value.dtype
    result = one_type(
        [_typed(dtype, node), known], node.span, f"`{spec.name}` with its default", env
    )
    if reads_parameter(value):
        return cast(value, result), result
    typed = cast(known, result)
    return fold(typed) or typed, result


def _typed(dtype: DType, node: nodes.Call) -> ir.Expr:
    return ir.Literal(dtype=dtype, nullable=True, span=node.span, value=None)
